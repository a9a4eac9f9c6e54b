//! How are thousands of clients stepped, when a scenario has room for eight? Through a window.
//!
//! A window is a scenario of the few clients that a step concerns. What everybody else does
//! reaches it in two ways only: as [`Outside`], which the tables ask together with the state, and
//! as the [`People`] a driver seats in it. Without such a driver nobody is outside.

use crate::ids::{
    CLIENTS, ClientId, LOGONS, LogonId, PROFILES, PROVIDERS, ProfileId, ProviderId, SessionId,
    SessionSet,
};
use crate::model::Model;
use crate::policy::Mutex;
use crate::state::{ClientState, Session, State};

/// What the clients do that stand outside the window.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Outside {
    /// One of them holds the logon mutex.
    pub mutex_held: bool,
    /// One of them has initialised MAPI.
    pub initialized: bool,
    /// Open sessions without a slot in the window.
    pub sessions: u32,
    /// How many sessions without a slot in the window use each profile.
    pub uses: [u32; PROFILES],
    /// How many logons each provider carries in sessions without a slot in the window.
    pub logons: [u32; PROVIDERS],
    /// Sessions of the window that one of them holds.
    pub held: SessionSet,
    /// Sessions of the window inside whose calls one of them is.
    pub busy: SessionSet,
}

impl Outside {
    /// A session that holds this has no slot in the window any more.
    pub fn add(&mut self, session: &Session) {
        if let Some(profile) = session.profile {
            self.uses[profile.index()] += 1;
        }
        for provider in session.running {
            self.logons[provider.index()] += 1;
        }
    }

    /// A session that holds this has a slot in the window from here on.
    pub fn remove(&mut self, session: &Session) {
        if let Some(profile) = session.profile {
            self.uses[profile.index()] -= 1;
        }
        for provider in session.running {
            self.logons[provider.index()] -= 1;
        }
    }
}

/// The part of a state that belongs to single clients; the rest is everybody's.
#[derive(Clone, Debug)]
pub struct People {
    /// The clients of the window.
    pub clients: [ClientState; CLIENTS],
    /// For every logon call of the window the session its client holds by it.
    pub attached: [Option<SessionId>; LOGONS],
    /// For every logon call of the window the session it established.
    pub sessions: [Session; LOGONS],
    /// The session that calls without `MAPI_NEW_SESSION` join.
    pub current: Option<SessionId>,
}

impl State {
    /// Seats other people in the same world, where as many faults may strike as `budget` says.
    pub const fn seat(&mut self, people: &People, budget: u8) {
        self.clients = people.clients;
        self.attached = people.attached;
        self.sessions = people.sessions;
        self.current = people.current;
        self.budget = budget;
    }

    /// The people in this state.
    #[must_use]
    pub const fn people(&self) -> People {
        People {
            clients: self.clients,
            attached: self.attached,
            sessions: self.sessions,
            current: self.current,
        }
    }
}

impl Model {
    /// Whether some call holds the logon mutex.
    #[inline]
    #[must_use]
    pub fn mutex_held(&self, state: &State) -> bool {
        self.scenario().policy.mutex == Mutex::On
            && (self.outside().mutex_held || self.mutex_holder(state).is_some())
    }

    /// How many sessions are open.
    #[must_use]
    pub fn open_sessions(&self, state: &State) -> u32 {
        let slots = (0..self.scenario().logons.len()).map(LogonId::from);
        slots.fold(self.outside().sessions, |count, session| {
            count + u32::from(self.is_open(state, session))
        })
    }

    /// Does any client hold the session?
    #[inline]
    #[must_use]
    pub fn is_open(&self, state: &State, session: SessionId) -> bool {
        self.outside().held.contains(session) || state.is_open(session)
    }

    /// How many sessions use the profile, those in the making included.
    #[must_use]
    pub fn uses(&self, state: &State, profile: ProfileId) -> usize {
        state.uses(profile) + self.outside().uses[profile.index()] as usize
    }

    /// How many logons the provider carries, all sessions together (LIM-5).
    #[must_use]
    pub fn live_logons(&self, state: &State, provider: ProviderId) -> u32 {
        state.live_logons(provider) + self.outside().logons[provider.index()]
    }

    /// Has any client initialised MAPI?
    #[must_use]
    pub(crate) fn anybody_initialized(&self, state: &State) -> bool {
        let mut clients = (0..self.scenario().clients.len()).map(ClientId::from);
        self.outside().initialized || clients.any(|client| state.client(client).initialized > 0)
    }
}
