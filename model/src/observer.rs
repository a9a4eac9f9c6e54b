//! What must be remembered of a run to judge its next step? As little as the properties need.
//!
//! The observer sees effects, never the machine's own bookkeeping, so that a machine that keeps
//! wrong books is caught. Its memory is part of an explored state; what no property will ask for
//! again is forgotten at once, so that it tells few states apart that the machine does not.

use crate::action::{Action, Answer};
use crate::effect::{Effect, ProviderCall};
use crate::ids::{CLIENTS, ClientId, ProviderSet, ServiceId, ServiceSet, SessionId, SessionSet};
use crate::mapi::{Code, LogoffFlags, LogonFlags};
use crate::model::Model;
use crate::policy::{FailureCodes, Logoff, SharedClash};
use crate::scenario::{Call, Logon, Named, Scenario};
use crate::state::{Phase, State, Task};
use crate::step::Step;

mod pack;
mod trial;

pub(crate) use pack::Widths;
pub use trial::Trial;
pub(crate) use trial::succeeds;

/// What the properties need to know of the past.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Memory {
    /// Who has taken the logon mutex and not released it.
    pub(crate) mutex: Option<ClientId>,
    /// How far each client's logon has come; without a mutex, several may be under way.
    pub(crate) logons: [Progress; CLIENTS],
    /// The session others may join (SHR-12).
    pub(crate) joinable: Option<SessionId>,
    /// The task each client's call is about.
    pub(crate) trials: [Trial; CLIENTS],
    /// Sessions whose members were told of a shared logoff (RCH-18).
    pub(crate) leaving: SessionSet,
    /// Sessions that have lost a service after their logon (RCH-11).
    pub(crate) late: SessionSet,
    /// Services that were lost in a session that has ended (RCH-17).
    pub(crate) lost: ServiceSet,
}

/// What a logon has done so far.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Progress {
    /// The session it establishes.
    pub(crate) making: Option<SessionId>,
    /// The dialog whose cancel ends it.
    pub(crate) cancelled: Cancelled,
    /// Services whose forced round is over (SVC-25).
    pub(crate) forced: ServiceSet,
    /// Services whose configuration is over, those lost left out.
    pub(crate) settled: ServiceSet,
    /// Providers that have had their turn, those of lost services left out.
    pub(crate) turned: ProviderSet,
    /// A service was lost because its prompt was cancelled twice (RCH-6).
    pub(crate) spurned: bool,
}

/// The dialog of a logon whose cancel is a cancel of the logon (RES-4).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Cancelled {
    /// None was cancelled.
    #[default]
    Nothing,
    /// The profile dialog.
    Profile,
    /// The password dialog of the profile.
    Password,
}

/// Facts that stay in memory beyond their call, and whether the scenario has a use for them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Tracks {
    pub(crate) spurned: bool,
    pub(crate) leaving: bool,
    pub(crate) late: bool,
    pub(crate) lost: ServiceSet,
}

impl Tracks {
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let calls = |wanted: fn(&Call) -> bool| {
            scenario.clients.iter().any(|client| client.calls.iter().any(wanted))
        };
        let flag = |flag| scenario.clients.iter().any(|client| client.flags.contains(flag));
        let joins =
            scenario.clients.iter().any(|c| !c.flags.contains(LogonFlags::MAPI_NEW_SESSION))
                && flag(LogonFlags::MAPI_ALLOW_OTHERS);
        let starts = calls(|call| {
            matches!(call, Call::OpenMsgStore(_) | Call::OpenAddressBook | Call::GetStatusTable)
        });
        let ends =
            calls(|call| matches!(call, Call::Logoff(_) | Call::Release | Call::Uninitialize));
        let shared = |call: &Call| {
            let Call::Logoff(flags) = call else {
                return false;
            };
            flags.contains(LogoffFlags::MAPI_LOGOFF_SHARED)
        };
        Self {
            spurned: scenario.services.iter().any(|service| !service.complete)
                && scenario.answers.0 >> Answer::Cancel.bit() & 1 == 1,
            leaving: joins && calls(shared),
            late: joins && starts,
            lost: if ends { reopened(scenario) } else { ServiceSet::EMPTY },
        }
    }
}

/// Services of profiles that can be opened again, but not by a second client side by side with the
/// first: what was lost in a session that is still open need not be remembered.
fn reopened(scenario: &Scenario) -> ServiceSet {
    let services = |profile: usize| scenario.profiles[profile].services;
    let mut set = ServiceSet::EMPTY;
    for profile in 0..scenario.profiles.len() {
        let mut logons = 0;
        let mut apart = 0;
        for client in &scenario.clients {
            let calls = client.calls.iter().filter(|call| matches!(call, Call::LogonEx(_))).count();
            let may = match client.named {
                Named::Profile(named) => named.index() == profile,
                Named::Unknown => false,
                Named::Nothing => true,
            };
            let apart_too = client.flags.contains(LogonFlags::MAPI_NEW_SESSION);
            logons += if may { calls } else { 0 };
            apart += usize::from(may && calls > 0 && apart_too);
        }
        let side_by_side = apart > 1 && scenario.max_sessions.is_none();
        if logons > 1 && !side_by_side {
            set = set.or(services(profile));
        }
    }
    set
}

impl Model {
    pub(crate) const fn tracks(&self) -> Tracks {
        self.watch().tracks
    }

    /// Is S_OK the only success of a provider?
    pub(crate) fn is_strict(&self) -> bool {
        self.scenario().policy.failure_codes == FailureCodes::Mapi4linux
    }

    pub(crate) const fn widths(&self) -> &Widths {
        &self.watch().widths
    }

    /// What is remembered after a step.
    #[must_use]
    pub fn remember(&self, before: &State, memory: &Memory, action: Action, step: &Step) -> Memory {
        let client = action.client;
        let mut observer = Observer {
            model: self,
            before,
            after: &step.state,
            client,
            call: self.next_call(before, client),
            memory: *memory,
        };
        for effect in &step.effects {
            observer.sees(effect);
        }
        observer.forgets();
        observer.memory
    }
}

struct Observer<'a> {
    model: &'a Model,
    before: &'a State,
    after: &'a State,
    client: ClientId,
    call: Option<Call>,
    memory: Memory,
}

impl Observer<'_> {
    fn sees(&mut self, effect: &Effect) {
        let trial = &mut self.memory.trials[self.client.index()];
        trial.sees(effect, self.model.is_strict());
        let trial = *trial;
        match *effect {
            Effect::MutexTaken(client) => self.memory.mutex = Some(client),
            Effect::MutexReleased(client) if self.memory.mutex == Some(client) => {
                self.memory.mutex = None;
            }
            Effect::Establishing(session) => self.logon().making = Some(session),
            Effect::Answered { answer: Answer::Cancel, .. } => self.cancelled(),
            Effect::EntryPoint { service, forced: true, .. } => self.logon().forced.insert(service),
            Effect::Sought { .. }
            | Effect::Answered { .. }
            | Effect::Provider { call: ProviderCall::Init | ProviderCall::Logon, .. }
            | Effect::Failed { .. } => self.progresses(trial),
            Effect::ServiceDisabled { session, service } => self.loses(session, service, trial),
            Effect::SessionOpened(session) => self.opened(session),
            Effect::SessionClosed(session) => self.closed(session),
            Effect::Returned { code, session, .. } => self.returned(code, session),
            Effect::MutexReleased(_)
            | Effect::EntryPoint { .. }
            | Effect::Provider { .. }
            | Effect::Initialized { .. }
            | Effect::Called { .. }
            | Effect::Joined { .. }
            | Effect::Resolved { .. }
            | Effect::ProfileOpened { .. }
            | Effect::Displayed { .. }
            | Effect::ServiceConfigured(_)
            | Effect::ProviderConfigured(_)
            | Effect::PasswordStored(_)
            | Effect::Struck(..)
            | Effect::Repaired(_)
            | Effect::LibraryLoaded(_)
            | Effect::LibraryFreed(_)
            | Effect::Registered { .. }
            | Effect::Spooler { .. }
            | Effect::ProfileMarked(_)
            | Effect::ProfileRemoved(_)
            | Effect::ServiceRemoved(_)
            | Effect::Notified { .. }
            | Effect::StatusRow { .. }
            | Effect::Identity { .. } => {}
        }
    }

    /// How far the client's logon has come.
    const fn logon(&mut self) -> &mut Progress {
        &mut self.memory.logons[self.client.index()]
    }

    /// Which dialog was on the screen is seen, not believed.
    fn cancelled(&mut self) {
        let phase = self.before.client(self.client).phase();
        if phase == Phase::PickingProfile {
            self.logon().cancelled = Cancelled::Profile;
        } else if phase == Phase::GivingPassword {
            self.logon().cancelled = Cancelled::Password;
        }
    }

    /// A task of the logon may have come to its end.
    fn progresses(&mut self, trial: Trial) {
        if !matches!(self.call, Some(Call::LogonEx(_))) {
            return;
        }
        let over = trial.won || trial.skipped || trial.failures > 1;
        match trial.task {
            Some(Task::Configure(service)) if over => {
                self.logon().settled.insert(service);
            }
            Some(Task::Run(provider)) if over => {
                self.logon().turned.insert(provider);
            }
            Some(_) | None => {}
        }
    }

    fn loses(&mut self, session: SessionId, service: ServiceId, trial: Trial) {
        let providers = self.model.scenario().services[service.index()].providers;
        let spurned = trial.cancels > 1 && self.model.tracks().spurned;
        let logon = self.logon();
        if logon.making == Some(session) {
            logon.settled.remove(service);
            logon.turned = logon.turned.without(providers);
            logon.spurned |= spurned;
        } else if self.model.tracks().late {
            self.memory.late.insert(session);
        }
    }

    fn opened(&mut self, session: SessionId) {
        let policy = &self.model.scenario().policy;
        let stays = policy.shared_clash == SharedClash::Oldest && self.memory.joinable.is_some();
        if self.model.establishing(session).shareable && !stays {
            self.memory.joinable = Some(session);
        }
        // What is lost and found again has been witnessed.
        let slot = self.after.session(session);
        self.memory.lost = self.memory.lost.without(slot.services().without(slot.disabled()));
    }

    fn closed(&mut self, session: SessionId) {
        if self.memory.joinable == Some(session) {
            self.memory.joinable = None;
        }
        self.memory.leaving.remove(session);
        self.memory.late.remove(session);
        if self.before.is_open(session) {
            let lost = self.before.session(session).disabled().and(self.model.tracks().lost);
            self.memory.lost = self.memory.lost.or(lost);
        }
    }

    fn returned(&mut self, code: Code, session: Option<SessionId>) {
        *self.logon() = Progress::default();
        if let (Some(Call::Logoff(flags)), Code::Ok, Some(session)) = (self.call, code, session)
            && flags.contains(LogoffFlags::MAPI_LOGOFF_SHARED)
            && self.model.establishing(session).shareable
            && self.model.scenario().policy.logoff == Logoff::On
        {
            if self.memory.joinable == Some(session) {
                self.memory.joinable = None;
            }
            if self.model.tracks().leaving && self.after.is_open(session) {
                self.memory.leaving.insert(session);
            }
        }
        let scenario = self.model.scenario();
        let more = |slot: &Logon| slot.call >= self.after.client(slot.client).call;
        if !self.memory.lost.is_empty() && !scenario.logons.iter().any(more) {
            self.memory.lost = ServiceSet::EMPTY;
        }
    }

    /// Whatever no property can ask for any more.
    fn forgets(&mut self) {
        let phase = self.after.client(self.client).phase();
        let trial = &mut self.memory.trials[self.client.index()];
        trial.rests(phase, self.model.tracks().spurned);
        if matches!(phase, Phase::Undoing(_)) {
            // A logon given up asks for nothing but what it may return.
            *self.logon() = Progress { cancelled: self.logon().cancelled, ..Progress::default() };
        }
    }
}
