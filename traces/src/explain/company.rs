//! Whose steps can matter to a call that is followed to its end? The others' can wait.
//!
//! Two calls that touch nothing in common may be told one after the other: whatever the one does
//! can as well be done after the other has returned. What a call may touch is judged by its kind
//! and parameters alone, and rather too much than too little.

use mapi_logon_model::ids::{CLIENTS, ClientId, ClientSet, LOGONS, LogonId, ProviderSet};
use mapi_logon_model::mapi::{Code, LogonFlags, ProviderKind};
use mapi_logon_model::model::Model;
use mapi_logon_model::policy::{Dialogs, SharedClash, TimeoutMode};
use mapi_logon_model::scenario::{Call, Named, Scenario};
use mapi_logon_model::state::{Phase, State, Task};
use mapi_logon_model::window::Asked;

use super::plan::{Planned, Snapshot};
use crate::recording::Returned;

/// What a call may read and change of what is not its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Touch {
    /// Which session is shared, who is in it, how many are open; and all of administration.
    reads: u16,
    writes: u16,
    /// Sessions it works on.
    sessions: u16,
    /// Providers it may start, whose faults and data it sees.
    providers: ProviderSet,
    /// Providers whose faults and data it may change.
    changes: ProviderSet,
    /// It may hold the mutex.
    holds: bool,
    /// It is seen to have timed out, so that somebody else held the mutex.
    waits: bool,
}

const SHARED: u16 = 1;
const COUNT: u16 = 2;
const CAPS: u16 = 4;
const EVERYTHING: u16 = u16::MAX;

impl Touch {
    const fn clashes(&self, other: &Self) -> bool {
        self.writes & (other.reads | other.writes) != 0
            || other.writes & self.reads != 0
            || self.sessions & other.sessions != 0
            || !self.changes.and(other.providers).is_empty()
            || !other.changes.and(self.providers).is_empty()
            || self.holds && other.waits
            || self.waits && other.holds
    }

    const fn or(self, other: Self) -> Self {
        Self {
            reads: self.reads | other.reads,
            writes: self.writes | other.writes,
            sessions: self.sessions | other.sessions,
            providers: self.providers.or(other.providers),
            changes: self.changes.or(other.changes),
            holds: self.holds || other.holds,
            waits: self.waits || other.waits,
        }
    }
}

/// Whose calls are looked at together.
#[derive(Clone, Debug)]
pub(super) struct Company<'a> {
    model: &'a Model,
    calls: [Option<&'a Planned>; CLIENTS],
    touches: [Touch; CLIENTS],
    /// Faults may strike or be gone, so that what a try meets depends on other tries.
    fickle: bool,
}

impl<'a> Company<'a> {
    /// The calls in progress; `faults` says whether faults are to be reckoned with.
    pub(super) fn new(
        model: &'a Model,
        calls: [Option<&'a Planned>; CLIENTS],
        faults: bool,
    ) -> Self {
        let scenario = model.scenario();
        let complete = scenario.services.iter().all(|service| service.complete)
            && scenario.providers.iter().all(|one| one.complete && one.password_stored);
        let fickle = faults || !complete;
        Self { model, calls, touches: [Touch::default(); CLIENTS], fickle }
    }

    /// Reckons with a state in which the calls may be.
    pub(super) fn meet(&mut self, state: &State) {
        for (index, call) in self.calls.iter().enumerate() {
            let Some(event) = call else { continue };
            let touch = self.touch(event, state);
            self.touches[index] = self.touches[index].or(touch);
        }
    }

    /// Whose steps are to be taken from here for this client's call to return, one that comes to
    /// nothing giving way to all of `company`; nobody where it cannot be said.
    ///
    /// A step that touches nothing of the others may be told before whatever they do: alone the
    /// client's own, or alone those of the holder of the mutex that it waits for. That a logon
    /// begins to wait is told at once.
    pub(super) fn next(
        &self,
        state: &State,
        client: ClientId,
        company: ClientSet,
    ) -> Option<ClientId> {
        let event = self.calls[client.index()]?;
        let waits = state.client(client).phase() == Phase::Waiting && self.model.mutex_held(state);
        // Who times out may as well do so before the mutex is handed on.
        if waits && event.result == Returned::With(Code::Timeout)
            || self.keeps_to_itself(state, client)
        {
            return Some(client);
        }
        let holder = self.model.mutex_holder(state).filter(|_| waits);
        let alone = holder.filter(|holder| self.keeps_to_itself(state, *holder));
        alone.or_else(|| {
            company.into_iter().find(|one| {
                state.client(*one).phase() == Phase::Ready && self.keeps_to_itself(state, *one)
            })
        })
    }

    /// Does the next step of the client's call touch nothing that another's may touch?
    fn keeps_to_itself(&self, state: &State, client: ClientId) -> bool {
        let Some(event) = self.calls[client.index()] else {
            return false;
        };
        let others = (0..CLIENTS).filter(|other| *other != client.index());
        let theirs = others.fold(Touch::default(), |all, other| all.or(self.touches[other]));
        let mut own = self.touches[client.index()];
        let contended = own.changes.and(theirs.providers);
        let contended = contended.or(own.providers.and(theirs.changes));
        if matches!(event.asked, Asked::Logon(_)) {
            // The session in the making is nobody else's yet.
            own.reads &= !(SHARED | COUNT);
            own.writes &= !(SHARED | COUNT);
        }
        if own.writes & (theirs.reads | theirs.writes) != 0 || theirs.writes & own.reads != 0 {
            return false;
        }
        match state.client(client).phase() {
            Phase::Trying(provider, _)
            | Phase::Asking(provider, ..)
            | Phase::Reconfiguring { provider, .. } => !contended.contains(provider),
            Phase::Forced(_) | Phase::Prompting(..) | Phase::Informing(Task::Configure(_), _) => {
                contended.is_empty()
            }
            Phase::PickingProfile
            | Phase::Opening { .. }
            | Phase::GivingPassword
            | Phase::Informing(Task::Run(_), _)
            | Phase::Disabling(..) => true,
            Phase::Ready => {
                self.model.next_call(state, client).is_some() && self.begins_alone(event)
            }
            // The mutex, or who is in the session, is everybody's.
            Phase::Waiting
            | Phase::Choosing
            | Phase::Finishing
            | Phase::Undoing(_)
            | Phase::Confirming => false,
        }
    }

    /// Does the call begin without looking at what others do?
    fn begins_alone(&self, event: &Planned) -> bool {
        let Asked::Logon(parameters) = &event.asked else {
            return false;
        };
        let tries = self.model.scenario().policy.timeout_mode == TimeoutMode::TryLock;
        !(tries && parameters.flags.contains(LogonFlags::MAPI_TIMEOUT_SHORT))
    }

    /// The clients whose steps can matter to this client's call, its own included.
    pub(super) fn of(&self, client: ClientId) -> ClientSet {
        let all = (0..CLIENTS).filter(|index| self.calls[*index].is_some()).map(ClientId::from);
        let mut company = ClientSet::only(client);
        loop {
            let before = company;
            for other in all.clone().filter(|other| !before.contains(*other)) {
                let own = &self.touches[other.index()];
                let mut members = company;
                if members.any(|one| self.touches[one.index()].clashes(own)) {
                    company.insert(other);
                }
            }
            if company == before {
                return company;
            }
        }
    }

    fn touch(&self, event: &Planned, state: &State) -> Touch {
        match &event.asked {
            Asked::Logon(parameters) => Touch {
                waits: event.result == Returned::With(Code::Timeout),
                ..self.logon(parameters.flags, parameters.profile.as_deref())
            },
            Asked::Other(call, _) => self.other(*call, event.client, state),
        }
    }

    fn logon(&self, flags: LogonFlags, name: Option<&str>) -> Touch {
        let scenario = self.model.scenario();
        let providers = profile_providers(scenario, flags, name);
        let mut touch = Touch { providers, holds: true, ..Touch::default() };
        let shares = flags.contains(LogonFlags::MAPI_ALLOW_OTHERS);
        if !flags.contains(LogonFlags::MAPI_NEW_SESSION)
            || shares && scenario.policy.shared_clash != SharedClash::Newest
        {
            touch.reads |= SHARED;
        }
        if !flags.contains(LogonFlags::MAPI_NEW_SESSION) || shares {
            touch.writes |= SHARED;
        }
        self.bounds(&mut touch);
        touch
    }

    fn other(&self, call: Call, client: ClientId, state: &State) -> Touch {
        let mut touch = Touch::default();
        let own = self.model.scenario().logons.iter().enumerate();
        for (slot, logon) in own.take(LOGONS) {
            let Some(session) = state.attachment(LogonId::from(slot)) else {
                continue;
            };
            if logon.client == client {
                touch.sessions |= 1 << session.0;
                let services = state.session(session).services();
                let started = self.model.providers_of(services).and(self.started(call));
                touch.providers = touch.providers.or(started);
                if self.model.establishing(session).shareable {
                    touch.writes |= SHARED;
                }
            }
        }
        match call {
            Call::Logoff(_) | Call::Release => self.bounds(&mut touch),
            Call::OpenMsgStore(_) | Call::OpenAddressBook | Call::GetStatusTable => {
                if !self.told() {
                    touch.writes &= !SHARED;
                }
                self.bounds(&mut touch);
            }
            Call::QueryIdentity => touch.writes &= !SHARED,
            Call::Initialize
            | Call::Uninitialize
            | Call::LogonEx(_)
            | Call::DeleteProfile(_)
            | Call::RemoveService(_) => {
                (touch.reads, touch.writes) = (EVERYTHING, EVERYTHING);
            }
        }
        touch
    }

    /// The providers that a call may start.
    fn started(&self, call: Call) -> ProviderSet {
        match call {
            Call::OpenMsgStore(store) => ProviderSet::only(store),
            Call::OpenAddressBook => self.model.kind(ProviderKind::AddressBook),
            Call::GetStatusTable => self.model.kind(ProviderKind::Transport),
            Call::Logoff(_) | Call::Release | Call::QueryIdentity => ProviderSet::EMPTY,
            Call::Initialize
            | Call::Uninitialize
            | Call::LogonEx(_)
            | Call::DeleteProfile(_)
            | Call::RemoveService(_) => ProviderSet::first_n(self.model.scenario().providers.len()),
        }
    }

    /// Is it told of some call how the session stands that it obtains?
    fn told(&self) -> bool {
        let mut calls = self.calls.iter().flatten();
        calls.any(|call| call.snapshot != Snapshot::default())
    }

    /// Limits make every call that comes under them matter to the others.
    fn bounds(&self, touch: &mut Touch) {
        let scenario = self.model.scenario();
        touch.reads |= EVERYTHING & !(SHARED | COUNT | CAPS);
        if scenario.max_sessions.is_some() {
            touch.reads |= COUNT;
            touch.writes |= COUNT;
        }
        if scenario.providers.iter().any(|provider| provider.session_cap.is_some()) {
            touch.reads |= CAPS;
            touch.writes |= CAPS;
        }
        if self.fickle {
            touch.changes = touch.providers;
        }
    }
}

/// The providers that a logon may start.
fn profile_providers(scenario: &Scenario, flags: LogonFlags, name: Option<&str>) -> ProviderSet {
    let asks = flags.contains(LogonFlags::MAPI_LOGON_UI) && scenario.policy.dialogs == Dialogs::On;
    let named = scenario.resolve(name.unwrap_or_default());
    match (named, scenario.default_profile) {
        (Named::Profile(profile), _) | (Named::Nothing, Named::Profile(profile))
            if !asks && !flags.contains(LogonFlags::MAPI_USE_DEFAULT) =>
        {
            scenario.profiles[profile.index()].providers
        }
        (Named::Profile(_) | Named::Nothing | Named::Unknown, _) => {
            ProviderSet::first_n(scenario.providers.len())
        }
    }
}
