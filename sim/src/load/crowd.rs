//! How are a hundred thousand clients kept? Each as what a window needs to seat it again.
//!
//! A crowd makes the same steps as a scenario of that many clients would, through the same
//! transition function: a step seats its client in a window together with the sessions it is
//! concerned with, tells the model what everybody else does, and puts back what comes out.

use mapi_logon_model::action::{Action, Choice};
use mapi_logon_model::ids::{ClientId, LogonId, ProviderId};
use mapi_logon_model::mapi::Fault;
use mapi_logon_model::model::Model;
use mapi_logon_model::outside::Outside;
use mapi_logon_model::policy::Mutex;
use mapi_logon_model::scenario::{Call, Scenario};
use mapi_logon_model::state::{ClientState, Phase, Session, State};
use mapi_logon_model::step::{Disabled, Step};

use super::seating::Seating;
use super::window::{Founders, MOST_LOGONS, Windows, leaving, logons};

/// The client of a window whose step it is.
pub(super) const ME: ClientId = ClientId(0);

/// A client of the crowd: its place, and how many have had that place before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct MemberId {
    pub(super) place: u32,
    pub(super) life: u32,
}

impl MemberId {
    /// No client.
    pub(super) const NOBODY: Self = Self { place: u32::MAX, life: 0 };
}

/// A session of the crowd, likewise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct SessionKey {
    place: u32,
    life: u32,
}

#[derive(Debug)]
pub(super) struct Member {
    life: u32,
    pub(super) kind: u8,
    pub(super) state: ClientState,
    pub(super) attached: [Option<SessionKey>; MOST_LOGONS],
    /// The logon call past Q3, and what it has made so far.
    pub(super) making: Option<(LogonId, Session)>,
}

/// A session that is open, or a place for one.
#[derive(Debug)]
pub(super) struct Open {
    life: u32,
    pub(super) founder: MemberId,
    pub(super) kind: u8,
    pub(super) logon: u8,
    /// Attachments that live.
    pub(super) held: u32,
    /// Who is inside a call on the session.
    pub(super) busy: Option<MemberId>,
    pub(super) content: Session,
}

/// Any number of clients in one world.
#[derive(Debug)]
pub(super) struct Crowd {
    pub(super) windows: Windows,
    /// Every kind of client as it arrives, and how often it logs on.
    kinds: Vec<(ClientState, usize)>,
    members: Vec<Member>,
    free_members: Vec<u32>,
    sessions: Vec<Open>,
    free_sessions: Vec<u32>,
    pub(super) current: Option<SessionKey>,
    /// Whose call holds the logon mutex.
    pub(super) mutex: Option<MemberId>,
    pub(super) initialized: u32,
    /// What all sessions together hold; those of an open window are taken out of it.
    pub(super) all: Outside,
    /// The world; who sits in it changes with every step.
    pub(super) world: State,
    pub(super) seating: Seating,
    pub(super) step: Step,
}

impl Crowd {
    /// Nobody, in the world of a scenario whose clients log on no more than [`MOST_LOGONS`] times.
    pub(super) fn new(scenario: &Scenario) -> Self {
        let mut windows = Windows::new(scenario.clone());
        let mut kinds = Vec::new();
        for (kind, client) in (0..).zip(&scenario.clients) {
            let window = windows.find(kind, &Founders::NONE);
            kinds.push((*windows.model(window).initial().client(ME), logons(client)));
        }
        let empty = Scenario { clients: Vec::new(), logons: Vec::new(), ..scenario.clone() };
        let world = Model::new(empty).initial();
        Self {
            windows,
            kinds,
            members: Vec::new(),
            free_members: Vec::new(),
            sessions: Vec::new(),
            free_sessions: Vec::new(),
            current: None,
            mutex: None,
            initialized: 0,
            all: Outside::default(),
            world,
            seating: Seating::new(&world),
            step: Step::at(world),
        }
    }

    /// A client of that kind arrives.
    pub(super) fn arrive(&mut self, kind: u8) -> MemberId {
        let state = self.kinds[usize::from(kind)].0;
        let attached = [None; MOST_LOGONS];
        let making = None;
        if let Some(place) = self.free_members.pop() {
            let member = &mut self.members[place as usize];
            let life = member.life.wrapping_add(1);
            *member = Member { life, kind, state, attached, making };
            return MemberId { place, life };
        }
        let place = u32::try_from(self.members.len()).unwrap_or(u32::MAX);
        self.members.push(Member { life: 0, kind, state, attached, making });
        MemberId { place, life: 0 }
    }

    /// A client that holds no session goes; its place is free.
    pub(super) fn depart(&mut self, who: MemberId) {
        self.members[who.place as usize].life = who.life.wrapping_add(1);
        self.initialized -= u32::from(self.member(who).state.initialized() > 0);
        self.free_members.push(who.place);
    }

    /// Is it still there?
    pub(super) fn is_present(&self, who: MemberId) -> bool {
        self.members[who.place as usize].life == who.life
    }

    /// How many are there?
    pub(super) const fn len(&self) -> usize {
        self.members.len() - self.free_members.len()
    }

    pub(super) fn member(&self, who: MemberId) -> &Member {
        &self.members[who.place as usize]
    }

    pub(super) fn member_mut(&mut self, who: MemberId) -> &mut Member {
        &mut self.members[who.place as usize]
    }

    /// Where the client's call rests.
    pub(super) fn phase(&self, who: MemberId) -> Phase {
        self.member(who).state.phase()
    }

    /// How often the client logs on in all.
    pub(super) fn logons(&self, kind: u8) -> usize {
        self.kinds[usize::from(kind)].1
    }

    /// The call the client makes next, and whether the scenario lists it.
    pub(super) fn next_call(&self, who: MemberId) -> Option<(Call, bool)> {
        let member = self.member(who);
        let place = usize::from(member.state.call());
        let listed = &self.windows.scenario().clients[usize::from(member.kind)].calls;
        if let Some(call) = listed.get(place) {
            return Some((*call, true));
        }
        let left = place - listed.len() < self.logons(member.kind);
        left.then_some((leaving(self.windows.scenario()), false))
    }

    /// The session the client obtained last and still holds.
    pub(super) fn session_held(&self, who: MemberId) -> Option<SessionKey> {
        let attached = self.member(who).attached.iter().rev().copied().flatten();
        attached.into_iter().find(|key| self.is_open(*key))
    }

    pub(super) fn is_open(&self, key: SessionKey) -> bool {
        self.sessions[key.place as usize].life == key.life
    }

    pub(super) fn session(&self, key: SessionKey) -> &Open {
        &self.sessions[key.place as usize]
    }

    pub(super) fn session_mut(&mut self, key: SessionKey) -> &mut Open {
        &mut self.sessions[key.place as usize]
    }

    /// A session is open from here on.
    pub(super) fn register(
        &mut self,
        founder: MemberId,
        logon: LogonId,
        content: Session,
    ) -> SessionKey {
        let kind = self.member(founder).kind;
        let open = Open { life: 0, founder, kind, logon: logon.0, held: 0, busy: None, content };
        if let Some(place) = self.free_sessions.pop() {
            let life = self.sessions[place as usize].life;
            self.sessions[place as usize] = Open { life, ..open };
            return SessionKey { place, life };
        }
        let place = u32::try_from(self.sessions.len()).unwrap_or(u32::MAX);
        self.sessions.push(open);
        SessionKey { place, life: 0 }
    }

    /// A session is closed: nothing leads to it any more.
    pub(super) fn close(&mut self, key: SessionKey) {
        let session = self.session_mut(key);
        session.life = key.life.wrapping_add(1);
        self.free_sessions.push(key.place);
    }

    /// Does a logon need the mutex?
    pub(super) fn has_mutex(&self) -> bool {
        self.windows.scenario().policy.mutex == Mutex::On
    }

    /// Is the provider's password stored?
    pub(super) const fn has_password(&self, provider: ProviderId) -> bool {
        self.world.passwords().contains(provider)
    }

    /// Does no call hold the mutex?
    pub(super) const fn mutex_free(&self) -> bool {
        self.mutex.is_none()
    }

    /// How many sessions are open.
    pub(super) const fn open_sessions(&self) -> u32 {
        self.all.sessions
    }

    /// The fault a provider was last seen to suffer from.
    pub(super) fn fault(&self, provider: ProviderId) -> Option<Fault> {
        self.world.fault(provider)
    }

    /// Makes a step of one client.
    ///
    /// # Errors
    /// [`Disabled`] where the client cannot make that choice.
    pub(super) fn step(&mut self, who: MemberId, choice: Choice) -> Result<&Step, Disabled> {
        let window = self.seat(who);
        let action = Action { client: ME, choice };
        let done = self.windows.model(window).step_into(&self.world, action, &mut self.step);
        if done.is_ok() {
            std::mem::swap(&mut self.world, &mut self.step.state);
        }
        self.unseat(window);
        done.map(|()| &self.step)
    }

    /// Calls `each` with whatever might happen to the client next.
    pub(super) fn candidates(&mut self, who: MemberId, each: &mut impl FnMut(Choice)) {
        let window = self.seat(who);
        self.windows.model(window).candidates(&self.world, ME, each);
        self.unseat(window);
    }
}
