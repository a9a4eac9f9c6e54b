//! How is the machine driven by calls that no scenario lists? Through a window that moves on.
//!
//! A recording names a client's calls one after the other, far more of them than a scenario may
//! list and each with parameters of its own. The window is a scenario in which every client has
//! made exactly the logons whose sessions live, and makes one more call. When the next call is
//! known, the window moves on: what nobody needs any more is forgotten, slots are numbered anew,
//! and states are carried over by the same numbering.

use crate::ids::{CLIENTS, ClientId, LOGONS, LogonId, PROVIDERS, SessionId, SessionSet};
use crate::mapi::{Fault, LogonFlags};
use crate::model::{Model, Permissions};
use crate::scenario::{Call, Logon, Scenario};
use crate::state::{Phase, Session, State};

/// A model whose clients are told their calls one by one.
#[derive(Clone, Debug)]
pub struct Window {
    model: Model,
    slots: Vec<Slot>,
    calls: [Option<Current>; CLIENTS],
    stamp: u64,
    /// How many logons every client has made.
    made: [u64; CLIENTS],
}

/// The parameters of one `MAPILogonEx` call.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Parameters {
    /// The profile name; absent for NULL.
    pub profile: Option<String>,
    /// A password is passed.
    pub password: bool,
    /// The flags, undefined bits included.
    pub flags: LogonFlags,
}

/// The call a client makes next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asked {
    /// `MAPILogonEx`.
    Logon(Parameters),
    /// A call other than `MAPILogonEx`; as scenarios write it.
    Other(Call, String),
}

/// What the states that a window shows need of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Needs {
    /// Slots whose client still holds a session by them.
    held: SessionSet,
    /// Slots of sessions that only others hold, of one state, for each kind of establisher.
    orphans: Vec<(Kind, Vec<LogonId>)>,
}

/// Who established a session, and what that permits: all that counts of an establisher.
type Kind = (ClientId, Permissions);

/// How states are carried over when the window moves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shift {
    /// The new number of every slot that is kept as it is.
    numbers: [Option<LogonId>; LOGONS],
    /// What every slot was established by.
    kinds: Vec<Kind>,
    /// Slots for sessions whose establisher does not hold them any more.
    orphans: Vec<(Kind, Vec<LogonId>)>,
    /// The position behind every client's calls, before.
    ends: [u8; CLIENTS],
    /// The same, after.
    new_ends: [u8; CLIENTS],
    /// Who makes the next call.
    client: ClientId,
    /// It acts on a session.
    needs_session: bool,
}

/// More logons live at once than the machine has slots for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("more than {LOGONS} logons live at once (limit LOGONS)")]
pub struct WindowFull;

/// A logon that is kept in mind.
#[derive(Clone, Debug)]
struct Slot {
    client: ClientId,
    permissions: Permissions,
    /// When it was made, relative to the others.
    stamp: u64,
    /// Which of its client's logons it is, from 1.
    ordinal: u64,
}

/// The call a client is in, or makes next.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Current {
    /// The logon in the slot with this stamp.
    Logon(u64),
    Other(Call, String),
}

impl Window {
    /// The world of a scenario, its clients without any call.
    #[must_use]
    pub fn new(mut scenario: Scenario) -> Self {
        for client in &mut scenario.clients {
            client.calls.clear();
            client.written.clear();
        }
        scenario.logons.clear();
        Self {
            model: Model::of_any_calls(scenario),
            slots: Vec::new(),
            calls: [const { None }; CLIENTS],
            stamp: 0,
            made: [0; CLIENTS],
        }
    }

    /// The machine as the window shows it now.
    #[must_use]
    pub const fn model(&self) -> &Model {
        &self.model
    }

    /// Adds what a state needs.
    pub fn need(&self, state: &State, needs: &mut Needs) {
        let mut orphans: Vec<(Kind, Vec<LogonId>)> = Vec::new();
        for (index, slot) in self.slots.iter().enumerate() {
            let id = LogonId::from(index);
            if state.attachment(id).is_some() {
                needs.held.insert(id);
            } else if *state.session(id) != Session::NONE && !self.is_busy(slot) {
                of_kind(&mut orphans, slot.kind()).push(id);
            }
        }
        for (kind, slots) in orphans {
            let most = of_kind(&mut needs.orphans, kind);
            if most.len() < slots.len() {
                *most = slots;
            }
        }
    }

    /// Is some client in this logon, or about to make it?
    fn is_busy(&self, slot: &Slot) -> bool {
        self.calls.contains(&Some(Current::Logon(slot.stamp)))
    }

    /// Which of its client's logons a slot holds, from 1.
    #[must_use]
    pub fn ordinal(&self, slot: LogonId) -> u64 {
        self.slots.get(slot.index()).map_or(0, |slot| slot.ordinal)
    }

    /// A number of the logon that it keeps when slots are numbered anew.
    #[must_use]
    pub fn stamp(&self, slot: LogonId) -> u64 {
        self.slots.get(slot.index()).map_or(0, |slot| slot.stamp)
    }

    /// The slot of the logon with this stamp, while the window shows it.
    #[must_use]
    pub fn slot(&self, stamp: u64) -> Option<LogonId> {
        self.slots.iter().position(|slot| slot.stamp == stamp).map(LogonId::from)
    }

    /// The client's logons that the window shows, in the order in which they were made; one that
    /// the client's call acts on stands last.
    pub fn logons_of(&self, client: ClientId) -> impl DoubleEndedIterator<Item = LogonId> + '_ {
        let own = self.slots.iter().enumerate().filter(move |(_, slot)| slot.client == client);
        own.map(|(index, _)| LogonId::from(index))
    }

    /// The logon the client is in or has made last, while the window still shows it.
    #[must_use]
    pub fn current_logon(&self, client: ClientId) -> Option<LogonId> {
        match self.calls[client.index()] {
            Some(Current::Logon(stamp)) => self.slot(stamp),
            Some(Current::Other(..)) | None => None,
        }
    }

    /// Moves on to the next call of a client whose last one has ended.
    ///
    /// Only what the states need is kept, and what other clients' calls do. A call on a session
    /// acts on the one obtained by the logon `on`, or else obtained last.
    ///
    /// # Errors
    /// [`WindowFull`] where there is no slot for a further logon.
    pub fn next(
        &mut self,
        client: ClientId,
        asked: Asked,
        on: Option<LogonId>,
        needs: &Needs,
    ) -> Result<Shift, WindowFull> {
        let ends = self.ends();
        self.calls[client.index()] = None;
        let old = self.slots.clone();
        let busy = |id: &LogonId| self.is_busy(&old[id.index()]);
        let ids = (0..old.len()).map(LogonId::from);
        let mut kept: Vec<_> = ids.filter(|id| needs.held.contains(*id) || busy(id)).collect();
        kept.sort_by_key(|id| (Some(*id) == on, old[id.index()].stamp));
        let orphans = needs.orphans.iter().map(|(_, slots)| slots.len()).sum::<usize>();
        if orphans + kept.len() + usize::from(matches!(asked, Asked::Logon(_))) > LOGONS {
            return Err(WindowFull);
        }
        self.slots.clear();
        let homes = needs.orphans.iter().map(|(kind, slots)| {
            let homes = slots.iter().map(|id| self.keep(&old[id.index()], kept.contains(id)));
            (*kind, homes.collect())
        });
        let orphans = homes.collect();
        let mut numbers = [None; LOGONS];
        for id in kept {
            numbers[id.index()] = Some(self.keep(&old[id.index()], false));
        }
        let needs_session = self.ask(client, asked);
        self.list_calls();
        let kinds = old.iter().map(Slot::kind).collect();
        let new_ends = self.ends();
        Ok(Shift { numbers, kinds, orphans, ends, new_ends, client, needs_session })
    }

    /// A slot like an old one; under a stamp of its own where the old one is kept as well.
    fn keep(&mut self, old: &Slot, again: bool) -> LogonId {
        let mut slot = old.clone();
        if again {
            self.stamp += 1;
            slot.stamp = self.stamp;
        }
        self.slots.push(slot);
        LogonId::from(self.slots.len() - 1)
    }

    /// Notes the call; does it act on a session?
    fn ask(&mut self, client: ClientId, asked: Asked) -> bool {
        match asked {
            Asked::Logon(parameters) => {
                let permissions = self.model.set_parameters(client, parameters);
                self.stamp += 1;
                let made = &mut self.made[client.index()];
                *made += 1;
                let slot = Slot { client, permissions, stamp: self.stamp, ordinal: *made };
                self.slots.push(slot);
                self.calls[client.index()] = Some(Current::Logon(self.stamp));
                false
            }
            Asked::Other(call, written) => {
                if let Some(slot) = self.slots.iter().rev().find(|slot| slot.client == client) {
                    self.model.set_permissions(client, slot.permissions);
                }
                self.calls[client.index()] = Some(Current::Other(call, written));
                call.is_on_session()
            }
        }
    }

    /// Writes the lists of calls that make up the scenario.
    fn list_calls(&mut self) {
        let clients = self.model.scenario().clients.len();
        let mut calls = vec![(Vec::new(), Vec::new()); clients];
        let mut logons = Vec::with_capacity(self.slots.len());
        for (index, slot) in self.slots.iter().enumerate() {
            let list: &mut (Vec<Call>, Vec<String>) = &mut calls[slot.client.index()];
            logons.push(Logon { client: slot.client, call: ClientId::from(list.0.len()).0 });
            list.0.push(Call::LogonEx(LogonId::from(index)));
            list.1.push("MAPILogonEx".to_owned());
        }
        for (list, current) in calls.iter_mut().zip(&self.calls) {
            if let Some(Current::Other(call, written)) = current {
                list.0.push(*call);
                list.1.push(written.clone());
            }
        }
        let permissions = self.slots.iter().map(|slot| slot.permissions).collect();
        self.model.list_calls(calls, logons, permissions);
    }

    fn ends(&self) -> [u8; CLIENTS] {
        let mut ends = [0; CLIENTS];
        for (end, client) in ends.iter_mut().zip(&self.model.scenario().clients) {
            *end = ClientId::from(client.calls.len()).0;
        }
        ends
    }
}

impl Slot {
    const fn kind(&self) -> Kind {
        (self.client, self.permissions)
    }
}

impl State {
    /// Sets what every provider suffers from; for drivers that keep account of faults themselves.
    pub const fn suffer(&mut self, faults: [Option<Fault>; PROVIDERS]) {
        self.faults = faults;
    }
}

/// The slots of one kind, none as yet if there is no entry.
fn of_kind(lists: &mut Vec<(Kind, Vec<LogonId>)>, kind: Kind) -> &mut Vec<LogonId> {
    let at = lists.iter().position(|(one, _)| *one == kind).unwrap_or_else(|| {
        lists.push((kind, Vec::new()));
        lists.len() - 1
    });
    &mut lists[at].1
}

impl Shift {
    /// The state as the moved window shows it; nothing where the client cannot make the call: it is
    /// in another one, or needs a session and has never had one.
    #[must_use]
    pub fn carry(&self, state: &State) -> Option<State> {
        let me = state.client(self.client);
        if me.phase() != Phase::Ready || self.needs_session && !me.obtained() {
            return None;
        }
        let numbers = self.numbers_in(state);
        let renumber = |session: SessionId| numbers[session.index()];
        let mut new = *state;
        new.attached = [None; LOGONS];
        new.sessions = [Session::NONE; LOGONS];
        for (slot, number) in numbers.iter().enumerate() {
            let Some(number) = number else { continue };
            new.attached[number.index()] = state.attached[slot].and_then(renumber);
            new.sessions[number.index()] = state.sessions[slot];
        }
        new.current = state.current.and_then(renumber);
        for (index, client) in new.clients.iter_mut().enumerate() {
            let returned = client.call >= self.ends[index];
            client.call = self.new_ends[index].saturating_sub(u8::from(!returned));
        }
        let me = &mut new.clients[self.client.index()];
        me.call = self.new_ends[self.client.index()].saturating_sub(1);
        Some(new)
    }

    /// The number that each slot of this state has from here on.
    fn numbers_in(&self, state: &State) -> [Option<LogonId>; LOGONS] {
        let mut numbers = [None; LOGONS];
        let mut homes: Vec<_> = self.orphans.iter().map(|(_, slots)| slots.iter()).collect();
        for (index, kind) in self.kinds.iter().enumerate() {
            let orphan = state.attached[index].is_none() && state.sessions[index] != Session::NONE;
            let kept = self.numbers[index].filter(|_| !orphan || self.is_making(state, index));
            numbers[index] = kept.or_else(|| {
                let place = self.orphans.iter().position(|(one, _)| one == kind);
                let home = place.filter(|_| orphan).and_then(|place| homes[place].next());
                home.copied()
            });
        }
        numbers
    }

    /// Is the session in this slot in the making?
    fn is_making(&self, state: &State, slot: usize) -> bool {
        !state.attached.contains(&Some(LogonId::from(slot)))
    }
}
