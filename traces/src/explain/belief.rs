//! The belief state: every state the machine may be in, with the fewest faults that lead there.
//!
//! Of candidates that differ in faults alone an antichain is kept. Where a healthy provider would
//! have to fail as the ailing one does, a fault can strike it then, and not before; where faults
//! may be gone at any try, an ailing provider can do what a healthy one does.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use indexmap::IndexMap;
use mapi_logon_model::ids::{CLIENTS, ClientId, ClientSet, ServiceId, SessionId, SlotId};
use mapi_logon_model::machine::Model;
use mapi_logon_model::observe::Record;
use mapi_logon_model::policy::Deferred;
use mapi_logon_model::protocol::{Call, Choice, Task};
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::world::State;
use rustc_hash::FxBuildHasher;

use super::expected::Expected;
use super::pointers::{Begun, Labels};
use crate::tracer::strikes;

/// The states the machine may be in, and what is known of the calls in progress.
#[derive(Clone, Debug)]
pub(super) struct Belief {
    pub(super) candidates: Vec<Candidate>,
    /// For each client the call it is in.
    pub(super) open: Vec<Option<Open>>,
    /// The fewest faults of a run that was given up although it fitted so far.
    pub(super) given_up: Option<u32>,
}

/// A call in progress.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) begun: Begun,
    pub(super) expected: Rc<Expected>,
}

/// A state the machine may be in.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) state: State,
    pub(super) progress: Progress,
    pub(super) faults: FaultMask,
    /// How many faults have struck on the way.
    pub(super) cost: u32,
    /// The last step of the way, in the history.
    pub(super) node: u32,
}

/// How far the calls in progress have come, and what they have shown.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Progress {
    /// Clients whose call has returned, though that is not yet seen.
    pub(super) returned: ClientSet,
    /// How such calls came back, where that is to be seen yet.
    pub(super) unseen: Vec<Unseen>,
    pub(super) labels: Labels,
    /// How many provider calls each client's call has made.
    pub(super) calls: [u8; CLIENTS],
    /// How many dialogs it has displayed.
    pub(super) dialogs: [u8; CLIENTS],
}

/// How a call came back, and where a session pointer that it obtained is kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Unseen {
    pub(super) record: Record,
    pub(super) slot: Option<SlotId>,
}

impl Progress {
    /// Has the client's call come back, though that is not yet seen?
    pub(super) fn is_unseen(&self, client: ClientId) -> bool {
        self.unseen.iter().any(|one| one.record.client == client)
    }

    /// The client's call is seen to be over.
    pub(super) fn clear(&mut self, client: ClientId) {
        self.returned.remove(client);
        self.unseen.retain(|one| one.record.client != client);
        (self.calls[client.index()], self.dialogs[client.index()]) = (0, 0);
    }
}

impl Belief {
    /// The fewest faults with which the machine can be where it is.
    pub(super) fn fewest(&self) -> u32 {
        let costs = self.candidates.iter().map(|one| one.cost);
        costs.min().unwrap_or(0)
    }

    /// Keeps only the candidates with the fewest faults.
    pub(super) fn narrow(&mut self) {
        let fewest = self.fewest();
        let costs = self.candidates.iter().map(|one| one.cost);
        self.give_up(costs.filter(|cost| *cost > fewest).min());
        self.candidates.retain(|one| one.cost == fewest);
    }

    /// A run with this many faults is not followed.
    pub(super) fn give_up(&mut self, cost: Option<u32>) {
        self.given_up = self.given_up.into_iter().chain(cost).min();
    }
}

/// The fault every provider suffers from, four bits each.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct FaultMask(u128);

impl FaultMask {
    /// What the providers of a state suffer from.
    fn of(model: &Model, state: &State) -> Self {
        let sight = model.sight(state);
        let ailing = (0..model.scenario().providers.len()).filter_map(|index| {
            let fault = sight.fault(index.into())?;
            Some((fault as u128 + 1) << (4 * index))
        });
        Self(ailing.fold(0, |all, one| all | one))
    }
}

/// One bit for each provider whose four bits are not all zero.
const fn ailing(mask: u128) -> u128 {
    let any = mask | mask >> 2;
    (any | any >> 1) & (u128::MAX / 15)
}

/// When one candidate can do whatever another can, with no more faults.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Dominance {
    /// Faults may be gone at any try, without cost.
    heals_at_any_try: bool,
    /// Only what is equal is left out: every minimal explanation is kept.
    pub(super) thorough: bool,
    /// Faults are not counted: any number of them may strike.
    pub(super) uncounted: bool,
}

impl Dominance {
    pub(super) fn of(scenario: &Scenario) -> Self {
        // AMB-47: what cannot be loaded reports no early success, and what is healthy may.
        let early = scenario.policy.deferred == Deferred::On;
        let heals_at_any_try = scenario.faults.repair_by_environment && !early;
        Self { heals_at_any_try, thorough: false, uncounted: false }
    }

    /// How many faults have to strike for one to do what the other does; nothing where none help.
    const fn lacks(self, one: FaultMask, other: FaultMask) -> Option<u32> {
        let differ = ailing(one.0 ^ other.0);
        if self.thorough && differ != 0 {
            return None;
        }
        if differ & ailing(one.0) != 0 && !self.heals_at_any_try {
            return None;
        }
        Some((differ & ailing(other.0)).count_ones())
    }

    /// Does one dominate the other?
    pub(super) fn dominates(
        self,
        (one, cost): (FaultMask, u32),
        (other, most): (FaultMask, u32),
    ) -> bool {
        let lacks = self.lacks(one, other);
        lacks.is_some_and(|lacks| self.uncounted || cost.saturating_add(lacks) <= most)
    }

    /// Does it make no difference from what a provider suffers? Where faults are not counted and
    /// may be gone at any try, every try can come to what any other can.
    pub(super) const fn ignores_health(self) -> bool {
        self.uncounted && self.heals_at_any_try
    }

    /// What the providers of a state suffer from, as far as that makes a difference.
    pub(super) fn mask(self, model: &Model, state: &State) -> FaultMask {
        if self.ignores_health() { FaultMask::default() } else { FaultMask::of(model, state) }
    }

    /// What a choice adds to the number of faults.
    pub(super) fn price(self, choice: Choice) -> u32 {
        u32::from(!self.uncounted && strikes(choice))
    }
}

/// Everything of a candidate but its faults, as bytes: two candidates with equal bytes differ in
/// faults alone, or in the slots in which their clients keep session pointers.
#[derive(Debug, Default)]
struct Likeness {
    bytes: Vec<u8>,
    /// Its sessions in the order of their first mention, which does not depend on slots.
    sessions: Vec<SessionId>,
}

impl Hasher for Likeness {
    /// Never asked for: what is written is kept.
    fn finish(&self) -> u64 {
        0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }
    fn write_u8(&mut self, byte: u8) {
        self.bytes.push(byte);
    }
    /// The number of a variant, of which no type has more than 256.
    fn write_isize(&mut self, number: isize) {
        self.bytes.push(number.to_le_bytes()[0]);
    }
}

impl Likeness {
    /// The number of a session, and that it is mentioned.
    fn mention(&mut self, session: SessionId) {
        let known = self.sessions.iter().position(|one| *one == session);
        let number = known.unwrap_or(self.sessions.len());
        if known.is_none() {
            self.sessions.push(session);
        }
        self.write_u8(number.to_le_bytes()[0]);
    }

    fn set(&mut self, model: &Model, at: (&State, &Progress), dominance: Dominance) {
        let (state, progress) = at;
        self.bytes.clear();
        self.sessions.clear();
        let sight = model.sight(state);
        for held in sight.attachments() {
            self.mention(held.session);
            (held.client, held.flags.bits(), progress.labels.of(held.slot)).hash(self);
        }
        match sight.current() {
            Some(session) => self.mention(session),
            None => self.write_u8(u8::MAX),
        }
        for client in sight.clients() {
            let me = sight.client(client);
            (me.phase(), me.spent(), me.obtained(), me.initialized()).hash(self);
            let (calls, dialogs) = (progress.calls, progress.dialogs);
            (calls[client.index()], dialogs[client.index()]).hash(self);
            let logon = me.call().and_then(Call::logon);
            let slot = logon.and_then(|logon| model.slots().of_client(client, logon.slot));
            if let Some(slot) = slot {
                // The session that it makes.
                self.mention(slot.session());
            }
        }
        let sessions = std::mem::take(&mut self.sessions);
        for session in &sessions {
            (sight.creator(*session), sight.session(*session)).hash(self);
        }
        self.sessions = sessions;
        let sets = (sight.marked(), sight.removed(), sight.configured());
        let providers = (sight.supplied(), sight.passwords(), sight.refused());
        (sets, providers, sight.libraries(), sight.damaged()).hash(self);
        if !dominance.ignores_health() {
            let services = (0..model.scenario().services.len()).map(ServiceId::from);
            services.for_each(|one| sight.fault_of(Task::Configure(one)).hash(self));
        }
        (progress.returned, &progress.unseen).hash(self);
    }
}

/// The candidates met in a search, but for those that others dominate.
#[derive(Debug, Default)]
pub(super) struct Antichain {
    pub(super) met: Vec<Candidate>,
    dominated: Vec<bool>,
    /// Candidates that differ in faults alone.
    groups: IndexMap<Box<[u8]>, Vec<Member>, FxBuildHasher>,
    alive: usize,
    /// The candidate that was looked at last, and its group if there is one.
    looked_at: (Likeness, Option<usize>),
}

/// What is compared of a candidate, and its number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) rank: (FaultMask, u32),
    pub(super) number: u32,
}

/// How a candidate stands to those that were met.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    /// It is new.
    New,
    /// The one with this number is equal.
    Equal(u32),
    /// Another one dominates it.
    Dominated,
}

impl Antichain {
    /// How many candidates there are.
    pub(super) const fn len(&self) -> usize {
        self.alive
    }

    /// Is this one not dominated by another?
    pub(super) fn keeps(&self, number: u32) -> bool {
        !self.dominated[number as usize]
    }

    /// The candidates, none of them dominated, that differ from this one in faults alone.
    pub(super) fn like(
        &mut self,
        model: &Model,
        at: (&State, &Progress),
        dominance: Dominance,
    ) -> &[Member] {
        let (likeness, group) = &mut self.looked_at;
        likeness.set(model, at, dominance);
        *group = self.groups.get_index_of(likeness.bytes.as_slice());
        group.map_or(&[], |group| self.groups[group].as_slice())
    }

    /// How a candidate stands to those that were met; where it is new, those that it dominates are
    /// given up, and [`Antichain::insert`] is to follow.
    pub(super) fn compare(
        &mut self,
        model: &Model,
        dominance: Dominance,
        at: (&State, &Progress),
        rank: (FaultMask, u32),
    ) -> Standing {
        let mut wins = false;
        for one in self.like(model, at, dominance) {
            if one.rank == rank {
                return Standing::Equal(one.number);
            }
            if dominance.dominates(one.rank, rank) {
                return Standing::Dominated;
            }
            wins |= dominance.dominates(rank, one.rank);
        }
        if let Some(group) = self.looked_at.1.filter(|_| wins) {
            let group = &mut self.groups[group];
            let before = group.len();
            group.retain(|one| {
                let loses = dominance.dominates(rank, one.rank);
                self.dominated[one.number as usize] |= loses;
                !loses
            });
            self.alive -= before - group.len();
        }
        Standing::New
    }

    /// Takes in the candidate that was looked at last, and numbers it.
    pub(super) fn insert(&mut self, candidate: Candidate) -> u32 {
        let number = u32::try_from(self.met.len()).unwrap_or(u32::MAX);
        let rank = (candidate.faults, candidate.cost);
        let member = Member { rank, number };
        let (likeness, group) = &self.looked_at;
        match group {
            Some(group) => self.groups[*group].push(member),
            None => {
                let key = likeness.bytes.as_slice().into();
                self.groups.insert(key, vec![member]);
            }
        }
        self.met.push(candidate);
        self.dominated.push(false);
        self.alive += 1;
        number
    }

    /// Forgets all candidates, and hands over those of these numbers, in that order; the states of
    /// the others go to `spare`.
    pub(super) fn take(&mut self, numbers: &[u32], spare: &mut Vec<State>) -> Vec<Candidate> {
        let mut places = vec![None; self.met.len()];
        for (place, number) in numbers.iter().enumerate() {
            places[*number as usize] = Some(place);
        }
        let mut taken: Vec<Option<Candidate>> = vec![None; numbers.len()];
        for (candidate, place) in self.met.drain(..).zip(places) {
            match place {
                Some(place) => taken[place] = Some(candidate),
                None => spare.push(candidate.state),
            }
        }
        self.groups.clear();
        self.dominated.clear();
        self.alive = 0;
        taken.into_iter().flatten().collect()
    }
}
