//! What can differ between two moments? This, and nothing else.
//!
//! Whatever follows from the rest is derived, not stored: who holds the mutex, whether a session is
//! open, who its members are, how often a profile is in use, how many logons a provider carries.

use crate::ids::{
    CLIENTS, ClientId, LOGONS, LogonId, PROVIDERS, ProfileId, ProfileSet, ProviderId, ProviderSet,
    ServiceId, ServiceSet, SessionId,
};
use crate::mapi::{Code, Fault};
use crate::scenario::Scenario;

mod changes;
mod session;

pub use changes::Changes;
pub use session::{RunState, Session};

/// One moment of the world.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct State {
    pub(crate) clients: [ClientState; CLIENTS],
    /// For every logon call of the scenario the session it gave its client, while the client
    /// holds it.
    pub(crate) attached: [Option<SessionId>; LOGONS],
    /// Slot by slot the session that logon call established, if it is in the making or open.
    pub(crate) sessions: [Session; LOGONS],
    /// The session a call without `MAPI_NEW_SESSION` joins (SHR-12).
    pub(crate) current: Option<SessionId>,
    /// Profiles marked for deletion (PRF-12); gone when no session uses them.
    pub(crate) marked: ProfileSet,
    /// Services taken out of their profiles (T-74).
    pub(crate) removed: ServiceSet,
    /// Services whose configuration is complete in the profile.
    pub(crate) configured: ServiceSet,
    /// Providers whose own data is complete.
    pub(crate) supplied: ProviderSet,
    /// Providers whose password is stored.
    pub(crate) passwords: ProviderSet,
    /// Providers that have answered `MAPI_E_FAILONEPROVIDER` for want of a password since.
    pub(crate) refused: ProviderSet,
    /// The fault each provider suffers from.
    pub(crate) faults: [Option<Fault>; PROVIDERS],
    /// How many faults may still strike.
    pub(crate) budget: u8,
    /// Providers whose library is loaded; kept only where a client uninitialises (OFF-14).
    pub(crate) libraries: ProviderSet,
}

/// What a client is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ClientState {
    /// The call in progress, or the next one; its position in the client's list.
    pub(crate) call: u8,
    /// Where that call stands.
    pub(crate) phase: Phase,
    /// Services that have used up their second try in this call (`RETRY_UNIT = "service"` only).
    pub(crate) retried: ServiceSet,
    /// Has it ever obtained a session?
    pub(crate) obtained: bool,
    /// How often it has initialised MAPI (INI-2).
    pub(crate) initialized: u8,
}

/// A unit that can be tried twice (SPEC 0.2, there called step).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Task {
    /// `cfg(s)`: the configuration of a service.
    Configure(ServiceId),
    /// `run(p)`: load, entry point and logon method of a provider.
    Run(ProviderId),
}

/// Which try of a task.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Attempt {
    /// k = 1.
    First,
    /// k = 2 (RTY-8).
    Second {
        /// The user answered `correct` (RTY-7).
        corrected: bool,
        /// The provider object exists: the try resumes in the logon method (T-48, T-52).
        loaded: bool,
    },
}

impl Attempt {
    /// k.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::First => 1,
            Self::Second { .. } => 2,
        }
    }
}

/// What a provider's own dialog asks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Asked {
    /// Configuration data of the provider (PRV-24).
    Data,
    /// Its password (PRV-28).
    Password,
}

/// How a logon came by its profile name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Origin {
    /// The name parameter (T-11).
    Given,
    /// The default profile (T-12).
    Default,
    /// The profile dialog (T-15).
    Picked,
}

/// Where a client's call rests between two steps.
///
/// Only points at which something else may happen are phases; the states of SPEC 7.1 that a step
/// passes through are in [`crate::transition::Taken`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Phase {
    /// Q0, Q1, W0 or W4: no call in progress.
    Ready,
    /// Q3: waiting for the mutex.
    Waiting,
    /// Q4: join or establish?
    Choosing,
    /// Q6: profile dialog open.
    PickingProfile,
    /// Q7: a profile is about to be opened; `None` names no profile of the scenario.
    Opening {
        /// Which.
        profile: Option<ProfileId>,
        /// How the name was found.
        origin: Origin,
    },
    /// Q9: password dialog of the profile open.
    GivingPassword,
    /// Q10: forced configuration dialog open.
    Forced(ServiceId),
    /// Q12: configuration prompt open.
    Prompting(ServiceId, Attempt),
    /// Q13, Q14: a provider is about to be tried.
    Trying(ProviderId, Attempt),
    /// Q14: the provider's own dialog open.
    Asking(ProviderId, Attempt, Asked),
    /// Q15: first failure shown, answer awaited.
    Informing(Task, Code),
    /// Q16: entry point called after `MAPI_E_UNCONFIGURED`, with a dialog iff configuration UI is
    /// allowed.
    Reconfiguring {
        /// The provider to be tried again.
        provider: ProviderId,
        /// The user answered `correct`.
        corrected: bool,
    },
    /// Q17: the service of a task that failed for good is about to be disabled; the code is kept
    /// where the call will return it.
    Disabling(Task, Option<Code>),
    /// Q19: every task done.
    Finishing,
    /// Q21: the logon has failed and is undone.
    Undoing(Code),
    /// W2: logoff dialog open.
    Confirming,
}

impl State {
    /// The moment before anything has happened.
    pub(crate) fn before_all(scenario: &Scenario) -> Self {
        let ready = ClientState {
            call: 0,
            phase: Phase::Ready,
            retried: ServiceSet::EMPTY,
            obtained: false,
            initialized: 0,
        };
        let mut state = Self {
            clients: [ready; CLIENTS],
            attached: [None; LOGONS],
            sessions: [Session::NONE; LOGONS],
            current: None,
            marked: ProfileSet::EMPTY,
            removed: ServiceSet::EMPTY,
            configured: ServiceSet::EMPTY,
            supplied: ProviderSet::EMPTY,
            passwords: ProviderSet::EMPTY,
            refused: ProviderSet::EMPTY,
            faults: [None; PROVIDERS],
            budget: scenario.faults.budget,
            libraries: ProviderSet::EMPTY,
        };
        for (index, service) in scenario.services.iter().enumerate() {
            if service.complete {
                state.configured.insert(index.into());
            }
        }
        for (index, provider) in scenario.providers.iter().enumerate() {
            if provider.complete {
                state.supplied.insert(index.into());
            }
            if provider.password_stored {
                state.passwords.insert(index.into());
            }
        }
        state
    }

    /// The client.
    #[inline]
    #[must_use]
    pub fn client(&self, client: ClientId) -> &ClientState {
        &self.clients[client.index()]
    }
    /// The session slot.
    #[inline]
    #[must_use]
    pub fn session(&self, session: SessionId) -> &Session {
        &self.sessions[session.index()]
    }
    /// The session that calls without `MAPI_NEW_SESSION` join.
    #[must_use]
    pub const fn current(&self) -> Option<SessionId> {
        self.current
    }
    /// Does any client hold the session?
    #[inline]
    #[must_use]
    pub fn is_open(&self, session: SessionId) -> bool {
        self.attached.contains(&Some(session))
    }
    /// The sessions that are open.
    pub fn open_sessions(&self) -> impl Iterator<Item = SessionId> + '_ {
        (0..LOGONS).map(LogonId::from).filter(|session| self.is_open(*session))
    }
    /// The logon calls whose attachment to the session lives, in file order.
    pub fn attachments(&self, session: SessionId) -> impl Iterator<Item = LogonId> + '_ {
        (0..LOGONS).filter(move |slot| self.attached[*slot] == Some(session)).map(LogonId::from)
    }
    /// The session a logon call's attachment leads to, while it lives.
    #[must_use]
    pub fn attachment(&self, logon: LogonId) -> Option<SessionId> {
        self.attached[logon.index()]
    }
    /// How many sessions use the profile, those in the making included.
    #[must_use]
    pub fn uses(&self, profile: ProfileId) -> usize {
        self.sessions.iter().filter(|session| session.profile == Some(profile)).count()
    }
    /// How many logons the provider carries, all sessions together (LIM-5).
    #[must_use]
    pub fn live_logons(&self, provider: ProviderId) -> u32 {
        let carried = self.sessions.iter().filter(|session| session.running.contains(provider));
        carried.fold(0, |count, _| count + 1)
    }
    /// The fault the provider suffers from.
    #[must_use]
    pub fn fault(&self, provider: ProviderId) -> Option<Fault> {
        self.faults[provider.index()]
    }
    /// How many faults may still strike.
    #[must_use]
    pub const fn budget(&self) -> u8 {
        self.budget
    }
    /// Profiles marked for deletion.
    #[must_use]
    pub const fn marked(&self) -> ProfileSet {
        self.marked
    }
    /// Services removed from their profiles.
    #[must_use]
    pub const fn removed(&self) -> ServiceSet {
        self.removed
    }
    /// Services whose configuration is complete in the profile.
    #[must_use]
    pub const fn configured(&self) -> ServiceSet {
        self.configured
    }
    /// Providers whose own data is complete.
    #[must_use]
    pub const fn supplied(&self) -> ProviderSet {
        self.supplied
    }
    /// Providers whose password is stored.
    #[must_use]
    pub const fn passwords(&self) -> ProviderSet {
        self.passwords
    }
    /// Providers whose library is loaded.
    #[must_use]
    pub const fn libraries(&self) -> ProviderSet {
        self.libraries
    }
}

impl ClientState {
    /// The position of the call in progress or next.
    #[must_use]
    pub const fn call(&self) -> u8 {
        self.call
    }
    /// Where that call stands.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.phase
    }
    /// Has it ever obtained a session?
    #[must_use]
    pub const fn obtained(&self) -> bool {
        self.obtained
    }
    /// How often it has initialised MAPI.
    #[must_use]
    pub const fn initialized(&self) -> u8 {
        self.initialized
    }
}
