//! The state: everything that can differ between two moments, and nothing else.
//!
//! What follows from the rest is derived, not stored: who holds the mutex, whether a session is
//! open, who its members are, how often a profile is in use, how many logons a provider carries.
//! The fields are private to [`crate::world`]: the machine reads and writes them as a
//! [`Store`](super::Store), everybody else reads them through a [`Sight`](super::Sight).

use crate::ids::{
    ClientId, PROVIDERS, ProfileSet, ProviderSet, SERVICES, ServiceId, ServiceSet, SessionId,
    SlotId,
};
use crate::mapi::{Fault, LogonFlags};
use crate::protocol::{Call, Dialog, Logon, OpenDialog, Phase, Task};
use crate::scenario::{Budget, Client, Password, Scenario};
use crate::world::session::Session;

/// One moment of the world.
#[derive(PartialEq, Eq, Hash, Debug)]
pub struct State {
    pub(super) clients: Vec<ClientState>,
    /// Those of one client stand together, clients in order, oldest first.
    pub(super) attachments: Vec<Attachment>,
    /// Slot by slot the session that a logon made, if it is in the making or open.
    pub(super) sessions: Vec<Session>,
    pub(super) shared: Shared,
}

/// The parts of a state, to be changed behind the machine's back.
pub(crate) struct Parts<'a> {
    pub(crate) clients: &'a mut [ClientState],
    pub(crate) attachments: &'a mut Vec<Attachment>,
    pub(crate) sessions: &'a mut [Session],
    pub(crate) shared: &'a mut Shared,
}

/// One client's progress through its calls.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ClientState {
    /// The call in progress; absent between two calls.
    pub(crate) call: Option<Call>,
    /// Where that call rests.
    pub(crate) phase: Phase,
    /// The further tries that this call has spent, where not each step has its own.
    pub(crate) spent: Spent,
    /// It has obtained a session before.
    pub(crate) obtained: bool,
    /// How often it has initialised MAPI (INI-2).
    pub(crate) initialized: u8,
}

/// Further tries spent by units of a call (RTY-13): two bits a service, or the first two for all.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Spent(pub(crate) u32);

impl Spent {
    /// None.
    pub const NONE: Self = Self(0);

    /// How many the unit has spent.
    #[must_use]
    pub const fn by(self, unit: ServiceId) -> u8 {
        (self.0 >> (2 * unit.0) & 3) as u8
    }
    /// The unit spends one more; the count stops at three, the most there can be.
    pub(crate) const fn spend(&mut self, unit: ServiceId) {
        if self.by(unit) < 3 {
            self.0 += 1 << (2 * unit.0);
        }
    }
}

/// A client's hold on a session, made by a logon that succeeded (SPEC 0.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Attachment {
    /// Who holds it.
    pub client: ClientId,
    /// Where the client keeps the session pointer.
    pub slot: SlotId,
    /// The session.
    pub session: SessionId,
    /// The flags of the logon that obtained it.
    pub flags: LogonFlags,
}

/// What belongs to no client and to no session.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Shared {
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
    /// Providers whose password is stored and right.
    pub(crate) passwords: ProviderSet,
    /// Providers that have refused a logon since because of their password.
    pub(crate) refused: ProviderSet,
    /// The fault each provider suffers from.
    pub(crate) faults: [Option<Fault>; PROVIDERS],
    /// The fault the configuration of each service suffers from.
    pub(crate) service_faults: [Option<Fault>; SERVICES],
    /// Profiles that data corruption has struck.
    pub(crate) damaged: ProfileSet,
    /// How many faults may still strike.
    pub(crate) budget: Budget,
    /// Providers whose library is loaded; kept only where a client uninitialises (OFF-14).
    pub(crate) libraries: ProviderSet,
}

impl Clone for State {
    fn clone(&self) -> Self {
        Self {
            clients: self.clients.clone(),
            attachments: self.attachments.clone(),
            sessions: self.sessions.clone(),
            shared: self.shared,
        }
    }

    /// Reuses the memory of `self`: searches do this for every step.
    #[inline]
    fn clone_from(&mut self, source: &Self) {
        self.clients.clone_from(&source.clients);
        self.attachments.clone_from(&source.attachments);
        self.sessions.clone_from(&source.sessions);
        self.shared = source.shared;
    }
}

impl State {
    /// The moment before anything has happened, with room for `slots` sessions.
    pub(crate) fn before_all(scenario: &Scenario, slots: usize) -> Self {
        Self {
            clients: scenario.clients.iter().map(ClientState::first).collect(),
            attachments: Vec::with_capacity(slots),
            sessions: vec![Session::NONE; slots],
            shared: Shared::before_all(scenario),
        }
    }

    /// The parts of the state, for renamings.
    pub(crate) fn parts(&self) -> (&[ClientState], &[Attachment], &[Session], &Shared) {
        (&self.clients, &self.attachments, &self.sessions, &self.shared)
    }

    /// The parts of the state, for renamings and for machines that are wrong on purpose.
    pub(crate) fn parts_mut(&mut self) -> Parts<'_> {
        Parts {
            clients: &mut self.clients,
            attachments: &mut self.attachments,
            sessions: &mut self.sessions,
            shared: &mut self.shared,
        }
    }

    /// The place of a client's newest attachment in the list, and of the next client's first.
    pub(super) fn end_of(&self, client: ClientId) -> usize {
        self.attachments.iter().rposition(|one| one.client <= client).map_or(0, |last| last + 1)
    }
}

impl ClientState {
    /// A client that has done nothing yet.
    pub const IDLE: Self = Self {
        call: None,
        phase: Phase::Ready,
        spent: Spent::NONE,
        obtained: false,
        initialized: 0,
    };

    /// The client before its first call.
    fn first(client: &Client) -> Self {
        Self { initialized: u8::from(client.initialized), ..Self::IDLE }
    }

    /// The call in progress.
    #[inline]
    #[must_use]
    pub const fn call(&self) -> Option<Call> {
        self.call
    }
    /// Where that call rests.
    #[inline]
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.phase
    }
    /// Whether it has obtained a session before.
    #[must_use]
    pub const fn obtained(&self) -> bool {
        self.obtained
    }
    /// How often it has initialised MAPI.
    #[must_use]
    pub const fn initialized(&self) -> u8 {
        self.initialized
    }
    /// The further tries that its call has spent, where not each step has its own.
    #[inline]
    #[must_use]
    pub const fn spent(&self) -> Spent {
        self.spent
    }
    /// Whether it is inside a logon that holds the mutex: one past Q3 (MTX-5).
    #[inline]
    #[must_use]
    pub const fn is_past_q3(&self) -> bool {
        matches!(self.call, Some(Call::LogonEx(_))) && !matches!(self.phase, Phase::Waiting)
    }
    /// Whether it is inside a logon.
    #[must_use]
    pub const fn is_logging_on(&self) -> bool {
        matches!(self.call, Some(Call::LogonEx(_)))
    }
    /// Whether it waits for the mutex with a short time-out.
    #[must_use]
    pub fn waits_shortly(&self) -> bool {
        let short = |logon: Logon| logon.flags.contains(LogonFlags::MAPI_TIMEOUT_SHORT);
        self.phase == Phase::Waiting && self.call.and_then(Call::logon).is_some_and(short)
    }
    /// Whether its call stands at a dialog of a logon: at an entry point, by which flags it shows
    /// one.
    #[must_use]
    pub fn prompt(&self) -> Option<Option<LogonFlags>> {
        match self.phase.row().dialog? {
            OpenDialog::Dialog(Dialog::Logoff) => None,
            OpenDialog::Dialog(_) => Some(None),
            OpenDialog::EntryPointOf(_) => {
                Some(Some(self.call.and_then(Call::logon).unwrap_or_default().flags))
            }
        }
    }
    /// Whether it is inside a call on a session.
    #[inline]
    #[must_use]
    pub const fn is_on_session(&self) -> bool {
        matches!(self.call, Some(Call::OnSession(..)))
    }
}

impl Shared {
    /// What the scenario says of its profiles.
    #[must_use]
    pub fn before_all(scenario: &Scenario) -> Self {
        Self {
            current: None,
            marked: ProfileSet::EMPTY,
            removed: ServiceSet::EMPTY,
            configured: ServiceSet::of(&scenario.services, |service| service.complete),
            supplied: ProviderSet::of(&scenario.providers, |provider| provider.complete),
            passwords: ProviderSet::of(&scenario.providers, |provider| {
                provider.password == Password::Stored
            }),
            refused: ProviderSet::EMPTY,
            faults: [None; PROVIDERS],
            service_faults: [None; SERVICES],
            damaged: ProfileSet::EMPTY,
            budget: scenario.faults.budget,
            libraries: ProviderSet::EMPTY,
        }
    }

    pub(super) const fn fault_slot(&self, task: Task) -> &Option<Fault> {
        match task {
            Task::Configure(service) => &self.service_faults[service.index()],
            Task::Run(provider) => &self.faults[provider.index()],
        }
    }
    pub(super) const fn fault_slot_mut(&mut self, task: Task) -> &mut Option<Fault> {
        match task {
            Task::Configure(service) => &mut self.service_faults[service.index()],
            Task::Run(provider) => &mut self.faults[provider.index()],
        }
    }
}
