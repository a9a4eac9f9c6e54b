//! What did one step show? One look at its effects, before any property is asked.

use std::cell::RefCell;

use crate::effect::{Effect, ProviderCall};
use crate::ids::{ClientId, LogonId, ProviderId, ServiceId, SessionId, SessionSet};
use crate::mapi::{Code, LogonFlags, ProviderKind};
use crate::model::Permissions;
use crate::observer::{Progress, Trial, succeeds};
use crate::property::Moment;
use crate::property::shown::*;
use crate::property::tries::Granted;
use crate::scenario::{Call, Client};
use crate::state::{Changes, Phase, State, Task};
use crate::step::Step;

/// A step, looked at.
pub(super) struct Seen<'a> {
    pub(super) moment: &'a Moment<'a>,
    /// What it shows, by the constants of [`crate::property::shown`].
    pub(super) shows: u64,
    pub(super) client: ClientId,
    /// The call the step belongs to.
    pub(super) call: Option<Call>,
    /// The session the call makes or acts on.
    pub(super) session: Option<SessionId>,
    /// The code and session it returns.
    pub(super) returned: Option<(Code, Option<SessionId>)>,
    /// The session slots that change.
    pub(super) touched: SessionSet,
    /// The sessions that end.
    closed: SessionSet,
    /// A step to fill when it is asked what can be done next.
    pub(super) spare: &'a RefCell<Step>,
    pub(super) lost: Option<Loss>,
}

/// A service is disabled.
#[derive(Clone, Copy)]
pub(super) struct Loss {
    pub(super) session: SessionId,
    pub(super) service: ServiceId,
    /// The task at hand then.
    pub(super) trial: Trial,
}

impl<'a> Seen<'a> {
    pub(super) fn of(moment: &'a Moment<'a>, changes: &Changes, spare: &'a RefCell<Step>) -> Self {
        let client = moment.action.client;
        let call = moment.model.next_call(moment.before, client);
        let session = match call {
            Some(Call::LogonEx(logon)) => Some(logon),
            Some(_) | None => moment.model.session_held(moment.before, client),
        };
        let (touched, closed) = (changes.sessions, SessionSet::EMPTY);
        let (shows, returned, lost) = (EVERY, None, None);
        let mut seen =
            Self { moment, shows, client, call, session, returned, touched, closed, spare, lost };
        seen.compares(changes);
        seen.looks();
        if moment.before.client(client).phase() == Phase::Choosing {
            seen.shows |= CHOSEN;
        }
        if moment.step.state.client(client).phase() == Phase::Waiting {
            seen.shows |= WAITS;
        }
        seen
    }

    pub(super) const fn before(&self) -> &'a State {
        self.moment.before
    }
    pub(super) const fn after(&self) -> &'a State {
        &self.moment.step.state
    }
    pub(super) fn effects(&self) -> impl Iterator<Item = Effect> + 'a {
        self.moment.step.effects.iter().copied()
    }
    pub(super) const fn shown(&self, any_of: u64) -> bool {
        self.shows & any_of != 0
    }
    /// How far the client's logon had come.
    pub(super) const fn progress(&self) -> &'a Progress {
        &self.moment.memory.logons[self.moment.action.client.index()]
    }
    /// The client whose step it is.
    pub(super) fn me(&self) -> &'a Client {
        &self.moment.model.scenario().clients[self.client.index()]
    }
    pub(super) fn flag(&self, flag: LogonFlags) -> bool {
        self.me().flags.contains(flag)
    }
    /// The logon call, if it is one.
    pub(super) const fn logon(&self) -> Option<LogonId> {
        match self.call {
            Some(Call::LogonEx(logon)) => Some(logon),
            Some(_) | None => None,
        }
    }
    /// What dialogs the call may show: a logon by its own flags, others by those of the logon that
    /// established the session.
    pub(super) fn permissions(&self) -> Permissions {
        let model = self.moment.model;
        match (self.logon(), self.session) {
            (None, Some(session)) => model.establishing(session),
            (Some(_), _) | (None, None) => model.permissions(self.client),
        }
    }
    /// The service of a task.
    pub(super) fn service_of(&self, task: Task) -> ServiceId {
        match task {
            Task::Configure(service) => service,
            Task::Run(provider) => self.moment.model.scenario().providers[provider.index()].service,
        }
    }
    /// The slots of the scenario.
    pub(super) fn slots(&self) -> SessionSet {
        SessionSet::first_n(self.moment.model.scenario().logons.len())
    }
    /// Does the session end in this step?
    pub(super) fn closes(&self, session: SessionId) -> bool {
        self.closed.contains(session)
    }

    /// The two states, side by side.
    fn compares(&mut self, changes: &Changes) {
        let (before, after) = (self.before(), self.after());
        for session in changes.sessions {
            self.touches(session);
        }
        if !changes.attached.is_empty() {
            self.shows |= ATTACHED;
        }
        if !changes.world {
            return;
        }
        if before.current() != after.current() {
            self.shows |= CURRENT;
        }
        let store = before.configured() != after.configured()
            || before.supplied() != after.supplied()
            || before.passwords() != after.passwords()
            || before.removed() != after.removed()
            || before.marked() != after.marked();
        if store {
            self.shows |= STORE;
        }
    }

    fn touches(&mut self, session: SessionId) {
        let (before, after) = (self.before().session(session), self.after().session(session));
        if before.profile() != after.profile() || before.services() != after.services() {
            self.shows |= PROFILES;
        }
        if before.running() != after.running() {
            self.shows |= RUNNING;
        }
        if before.disabled() != after.disabled() {
            self.shows |= DISABLED;
            let fresh = after.disabled().without(before.disabled());
            if let (Some(service), None) = (fresh.first(), self.lost) {
                let trial = self.moment.memory.trials[self.client.index()];
                self.lost = Some(Loss { session, service, trial });
                self.shows |= LOST;
            }
        }
    }

    /// The effects, one after the other, with the task at hand.
    fn looks(&mut self) {
        let mut trial = self.moment.memory.trials[self.client.index()];
        let mut granted = Granted { forced: self.progress().forced, sought: None };
        for effect in &self.moment.step.effects {
            self.shows |= bit_of(effect);
            if granted.is_exceeded(&trial, effect) {
                self.shows |= OVER_BOUND;
            }
            if let Effect::Provider { provider, code, .. } = *effect {
                self.calls(provider, code);
            }
            match *effect {
                Effect::Provider { call: ProviderCall::Logon, code, .. } => {
                    self.shows |= LOGON_METHOD;
                    if succeeds(code, self.moment.model.is_strict()) {
                        self.shows |= LOGGED_ON;
                    }
                    if code.is_success() && code != Code::Ok {
                        self.shows |= WARNED;
                    }
                    self.tries(&mut trial, effect);
                }
                Effect::Provider { call: ProviderCall::Load | ProviderCall::Init, .. }
                | Effect::Displayed { .. }
                | Effect::Answered { .. }
                | Effect::Sought { .. }
                | Effect::EntryPoint { .. }
                | Effect::Failed { .. } => self.tries(&mut trial, effect),
                Effect::ServiceDisabled { session, service } => {
                    self.lost = Some(Loss { session, service, trial });
                }
                Effect::SessionClosed(session) => self.closed.insert(session),
                Effect::Returned { code, session, .. } => {
                    self.returned = Some((code, session));
                    if self.logon().is_some() {
                        let success = succeeds(code, self.moment.model.is_strict());
                        self.shows |= if success { LOGON_OK } else { LOGON_FAILED };
                    }
                }
                Effect::Provider { .. }
                | Effect::Initialized { .. }
                | Effect::Called { .. }
                | Effect::MutexTaken(_)
                | Effect::MutexReleased(_)
                | Effect::Joined { .. }
                | Effect::Establishing(_)
                | Effect::Resolved { .. }
                | Effect::ProfileOpened { .. }
                | Effect::ServiceConfigured(_)
                | Effect::ProviderConfigured(_)
                | Effect::PasswordStored(_)
                | Effect::Struck(..)
                | Effect::Repaired(_)
                | Effect::LibraryLoaded(_)
                | Effect::LibraryFreed(_)
                | Effect::Registered { .. }
                | Effect::Spooler { .. }
                | Effect::SessionOpened(_)
                | Effect::ProfileMarked(_)
                | Effect::ProfileRemoved(_)
                | Effect::ServiceRemoved(_)
                | Effect::Notified { .. }
                | Effect::StatusRow { .. }
                | Effect::Identity { .. } => {}
            }
        }
    }

    fn calls(&mut self, provider: ProviderId, code: Code) {
        if code == Code::SessionLimit {
            self.shows |= LIMIT;
        }
        if self.moment.model.kind(ProviderKind::Transport).contains(provider) {
            self.shows |= TRANSPORT;
        }
    }

    /// What an effect means for the task at hand.
    fn tries(&mut self, trial: &mut Trial, effect: &Effect) {
        let was = *trial;
        trial.sees(effect, self.moment.model.is_strict());
        let same = was.task == trial.task;
        let begun = trial.tries > 0 && (!same || trial.tries != was.tries);
        let again = begun && (trial.tries > 2 || self.is_over(trial.task));
        let second = same
            && (was.tries == 1 && trial.tries == 2 || was.failures == 1 && trial.failures == 2);
        let entry = matches!(effect, Effect::EntryPoint { forced: false, .. });
        if again {
            self.shows |= THIRD_TRY;
        }
        if entry && !(was.conf && matches!(was.task, Some(Task::Run(_)))) {
            self.shows |= ENTRY_UNASKED;
        }
        if (second || entry) && !trial.informed && self.permissions().ui_cfg {
            self.shows |= UNINFORMED;
        }
        if same && was.failures == 1 && trial.failures == 2 {
            self.shows |= SECOND_FAILURE;
        }
        if trial.won && !was.won && trial.failures == 1 {
            self.shows |= SECOND_SUCCESS;
        }
        if let Effect::Failed { code, .. } = effect
            && code.is_success()
        {
            self.shows |= FAILED_SUCCESS;
        }
    }

    /// Has the task already had its end in this logon (RTY-9)?
    fn is_over(&self, task: Option<Task>) -> bool {
        match task {
            Some(Task::Configure(service)) => self.progress().settled.contains(service),
            Some(Task::Run(provider)) => self.progress().turned.contains(provider),
            None => false,
        }
    }
}

const fn bit_of(effect: &Effect) -> u64 {
    match effect {
        Effect::Initialized { .. } => INITIALIZED,
        Effect::MutexTaken(_) => MUTEX_TAKEN,
        Effect::MutexReleased(_) => MUTEX_RELEASED,
        Effect::Joined { .. } => JOINED,
        Effect::Establishing(_) => ESTABLISHING,
        Effect::Resolved { .. } => RESOLVED,
        Effect::ProfileOpened { .. } => PROFILE_OPENED,
        Effect::Displayed { .. } => DISPLAYED,
        Effect::Sought { .. } => SOUGHT,
        Effect::Repaired(_) => REPAIRED,
        Effect::LibraryLoaded(_) | Effect::LibraryFreed(_) => LIBRARY,
        Effect::Provider { call, .. } => match call {
            ProviderCall::Load
            | ProviderCall::Init
            | ProviderCall::Logon
            | ProviderCall::AddressTypes
            | ProviderCall::Notify => PROVIDER_CALLED,
            ProviderCall::Logoff
            | ProviderCall::ReleaseLogon
            | ProviderCall::Shutdown
            | ProviderCall::Release => PROVIDER_STOPPED,
        },
        Effect::EntryPoint { .. } => ENTRY_POINT,
        Effect::Failed { .. } => FAILED,
        Effect::ServiceDisabled { .. } => LOST,
        Effect::SessionOpened(_) => SESSION_OPENED,
        Effect::SessionClosed(_) => SESSION_CLOSED,
        Effect::ProfileMarked(_) => PROFILE_MARKED,
        Effect::ProfileRemoved(_) => PROFILE_REMOVED,
        Effect::Notified { .. } => NOTIFIED,
        Effect::Returned { .. } => RETURNED,
        Effect::Called { .. }
        | Effect::Answered { .. }
        | Effect::ServiceConfigured(_)
        | Effect::ProviderConfigured(_)
        | Effect::PasswordStored(_)
        | Effect::Struck(..)
        | Effect::Registered { .. }
        | Effect::Spooler { .. }
        | Effect::ServiceRemoved(_)
        | Effect::Identity { .. } => 0,
        Effect::StatusRow { .. } => STATUS_ROW,
    }
}
