//! What one step shows: one look at its effects, before any property is asked.

use crate::machine::Step;
use crate::observe::{Passed, Progress, Recall, Trial, is_strict, service_of, succeeds};
use crate::protocol::{Call, Choice, Effect, Logon, Method, Phase, ProviderCall, Task};
use crate::scenario::{Client, EntryPoint, Scenario};
use crate::world::{Attachment, Changes, Session, Sight};
use std::cell::RefCell;

use crate::ids::{ClientId, ClientSet, ProviderId, ServiceId, SessionId, SessionSet, SlotSet};
use crate::mapi::{Code, LogonFlags, ProviderKind};
use crate::property::moment::Moment;
use crate::property::shown::*;
use crate::property::tries::{Granted, Loss};

/// A step, looked at.
pub(super) struct Seen<'a> {
    pub(super) moment: &'a Moment<'a>,
    /// What it shows, by the constants of [`crate::property::shown`].
    pub(super) shows: u64,
    pub(super) client: ClientId,
    pub(super) call: Option<Call>,
    pub(super) session: Option<SessionId>,
    /// The code and session it returns.
    pub(super) returned: Option<(Code, Option<SessionId>)>,
    pub(super) touched: SessionSet,
    /// The clients whose own state changes.
    pub(super) changed: ClientSet,
    /// The slots whose attachment changes.
    pub(super) moved: SlotSet,
    closed: SessionSet,
    /// The sessions in which a provider or an entry point is called.
    named: SessionSet,
    /// A step to fill when it is asked what can be done next.
    pub(super) spare: &'a RefCell<Step>,
    pub(super) lost: Option<Loss>,
    pub(super) failed: Option<(Task, Code)>,
    /// It is a logon, and fails or is about to.
    fails: bool,
}

impl<'a> Seen<'a> {
    pub(super) fn of(moment: &'a Moment<'a>, changes: &Changes, spare: &'a RefCell<Step>) -> Self {
        let client = moment.action.client;
        let before = moment.model.sight(&moment.before.state);
        let call = before.call_of(moment.action);
        let session = call.and_then(|call| before.session_of(client, call));
        let mut seen = Self {
            moment,
            shows: EVERY,
            client,
            call,
            session,
            returned: None,
            touched: changes.sessions,
            moved: changes.attachments,
            changed: changes.clients,
            closed: SessionSet::EMPTY,
            named: SessionSet::EMPTY,
            spare,
            lost: None,
            failed: None,
            fails: false,
        };
        let phase = seen.after().client(client).phase();
        seen.fails = seen.logon().is_some() && (matches!(phase, Phase::Undoing(_)) || seen.errs());
        seen.compares(changes);
        seen.looks(phase);
        if matches!(before.client(client).phase(), Phase::Choosing) {
            seen.shows |= CHOSEN;
        }
        if matches!(phase, Phase::Waiting) {
            seen.shows |= WAITS;
        } else if matches!(phase, Phase::Ready) {
            seen.shows |= ENDED;
        } else if phase.row().dialog.is_some() || matches!(phase, Phase::Opening { .. }) {
            seen.shows |= ASKS;
        }
        if seen.logon().is_some() {
            seen.shows |= LOGON;
        }
        seen
    }

    /// Does the call return an error?
    fn errs(&self) -> bool {
        let last = self.moment.step.effects.last();
        matches!(last, Some(Effect::Returned { result, .. }) if !result.is_success())
    }

    pub(super) fn before(&self) -> Sight<'a> {
        self.moment.model.sight(&self.moment.before.state)
    }
    pub(super) fn after(&self) -> Sight<'a> {
        self.moment.model.sight(&self.moment.step.state)
    }
    pub(super) fn scenario(&self) -> &'a Scenario {
        self.moment.model.scenario()
    }
    pub(super) fn effects(&self) -> impl Iterator<Item = Effect> + 'a {
        self.moment.step.effects.iter().copied()
    }
    pub(super) const fn shown(&self, any_of: u64) -> bool {
        self.shows & any_of != 0
    }
    pub(super) fn memory(&self) -> Recall<'a> {
        self.moment.recall(self.moment.memory)
    }
    pub(super) fn remembered(&self) -> Recall<'a> {
        self.moment.recall(self.moment.remembered)
    }
    /// How far the client's logon had come.
    pub(super) fn progress(&self) -> &'a Progress {
        self.memory().logon(self.client)
    }
    /// The client whose step it is.
    pub(super) fn me(&self) -> &'a Client {
        &self.scenario().clients[self.client.index()]
    }
    /// The parameters of the logon, if it is one.
    pub(super) const fn logon(&self) -> Option<Logon> {
        match self.call {
            Some(call) => call.logon(),
            None => None,
        }
    }
    /// The session that the logon makes, if it is one.
    pub(super) const fn making(&self) -> Option<SessionId> {
        if self.logon().is_some() { self.session } else { None }
    }
    /// The attachment of the client that the step's call makes or acts through.
    pub(super) fn own(&self, sight: Sight<'_>) -> Option<Attachment> {
        match self.call? {
            Call::LogonEx(logon) => sight.attachment(self.client, Some(logon.slot)),
            Call::OnSession(number, _) => sight.attachment(self.client, number),
            Call::Initialize | Call::Uninitialize | Call::DeleteProfile(_) => None,
        }
    }
    /// The method called on a session, if it is such a call.
    pub(super) fn method(&self) -> Option<Method> {
        self.call.and_then(Call::method)
    }
    /// Is the flag set in the logon?
    pub(super) fn flag(&self, flag: LogonFlags) -> bool {
        self.logon().is_some_and(|logon| logon.flags.contains(flag))
    }
    /// The flags of the logon that established the session, open or in the making.
    pub(super) fn established(&self, session: SessionId) -> Passed {
        let flags = match (self.before().session(session), self.after().session(session)) {
            (&Session::NONE, after) => after.flags(),
            (before, _) => before.flags(),
        };
        Passed(flags)
    }
    /// The flags by which the call shows dialogs: a logon by its own, others by those of the logon
    /// that established the session.
    pub(super) fn passed(&self) -> Passed {
        match (self.logon(), self.session) {
            (Some(logon), _) => Passed(logon.flags),
            (None, Some(session)) => self.established(session),
            (None, None) => Passed(LogonFlags::empty()),
        }
    }
    /// The flags of the logon itself, or of that which made the attachment used.
    pub(super) fn own_passed(&self) -> Passed {
        let held = self.own(self.before()).map(|held| held.flags);
        let flags = self.logon().map_or(held, |logon| Some(logon.flags));
        Passed(flags.unwrap_or_default())
    }
    /// Does the call begin in this step?
    pub(super) const fn begins(&self) -> bool {
        matches!(self.moment.action.choice, Choice::Begin(_))
    }
    /// The code of the call, if it is this method on a session held, and returns.
    pub(super) fn reply(&self, is: impl Fn(Method) -> bool) -> Option<(SessionId, Code)> {
        let session = self.session.filter(|_| self.method().is_some_and(is))?;
        self.returned.map(|(code, _)| (session, code))
    }
    /// Does the logon fail if the service of the task is lost?
    pub(super) fn is_critical(&self, task: Task) -> bool {
        self.scenario().services[self.service_of(task).index()].critical
    }
    /// The service of a task.
    pub(super) fn service_of(&self, task: Task) -> ServiceId {
        service_of(task, self.scenario())
    }
    /// The sessions that the step can have changed: its own, those that differ and those in which
    /// something is called.
    pub(super) fn concerned(&self) -> SessionSet {
        let mut all = self.touched.or(self.named);
        if let Some(own) = self.session {
            all.insert(own);
        }
        all
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
        let count = |sight: Sight<'_>, client| sight.client(client).initialized();
        if changes.clients.into_iter().any(|one| count(before, one) != count(after, one)) {
            self.shows |= COUNTED;
        }
        if !changes.attachments.is_empty() {
            self.shows |= ATTACHED;
        }
        if !changes.shared {
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
        if before.libraries() != after.libraries() {
            self.shows |= LIBRARY;
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
                let trial = *self.memory().trial(self.client);
                self.lost = Some(Loss { session, service, trial });
                self.shows |= LOST;
            }
        }
    }

    /// The effects, one after the other, with the task at hand.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "only what some property waits for is looked at"
    )]
    fn looks(&mut self, rests: Phase) {
        let mut trial = *self.memory().trial(self.client);
        let forced = self.progress().forced;
        let mut granted = Granted { forced, sought: None, called: None };
        for effect in &self.moment.step.effects {
            self.shows |= bit_of(effect);
            if granted.is_exceeded(&trial, effect) {
                self.shows |= OVER_BOUND;
            }
            if let Effect::Provider { session, provider, result, .. } = *effect {
                self.named.insert(session);
                self.calls(provider, result);
            } else if let Effect::EntryPoint { session, .. } = *effect {
                self.named.insert(session);
            }
            match *effect {
                Effect::Provider { call: ProviderCall::Logon, result: code, .. } => {
                    self.shows |= LOGON_METHOD;
                    if succeeds(code, is_strict(self.scenario())) {
                        self.shows |= LOGGED_ON;
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
                    trial.sees(effect, self.scenario());
                }
                Effect::SessionClosed { session } => self.closed.insert(session),
                Effect::Returned { result: code, session, .. } => {
                    if self.returned.is_some() {
                        self.shows |= RETURNED_TWICE;
                    }
                    self.returned = Some((code, session));
                    if self.logon().is_some() {
                        let success = succeeds(code, is_strict(self.scenario()));
                        self.shows |= if success { LOGON_OK } else { LOGON_FAILED };
                    }
                }
                _ => {}
            }
        }
        if trial.task.is_some() && rests.task() != trial.task {
            self.leaves(&trial);
        }
        if let (Phase::Trying(provider, attempt), true) = (rests, trial.conf) {
            let task = Task::Run(provider);
            let entry_point = self.scenario().service_of(provider).entry_point;
            let has_one = entry_point != EntryPoint::None;
            if attempt.k > 1 && trial.task == Some(task) && has_one {
                self.shows |= ENTRY_PASSED;
            }
        }
    }

    fn calls(&mut self, provider: ProviderId, code: Code) {
        if code == Code::SessionLimit {
            self.shows |= LIMIT;
        } else if code == Code::ErrorsReturned {
            self.shows |= WARNED;
        } else if code == Code::FailOneProvider {
            self.shows |= SKIPPED;
        }
        if self.moment.model.kind(ProviderKind::Transport).contains(provider) {
            self.shows |= TRANSPORT;
        }
    }

    /// What an effect means for the task at hand.
    fn tries(&mut self, trial: &mut Trial, effect: &Effect) {
        let was = *trial;
        if let Some(left) = trial.sees(effect, self.scenario()) {
            self.leaves(&left);
        }
        let same = was.task == trial.task;
        let begun = trial.tries > 0 && (!same || trial.tries != was.tries);
        let starts = trial.open && !(same && was.open);
        let entry = matches!(effect, Effect::EntryPoint { forced: false, .. });
        let mut fails = false;
        if let Effect::Failed { task, result, .. } = *effect {
            fails = true;
            self.failed = Some((task, result));
            if result.is_success() {
                self.shows |= FAILED_SUCCESS;
            }
        }
        if begun && (trial.tries > 2 || self.is_over(trial.task)) {
            self.shows |= THIRD_TRY;
        }
        if entry && !(was.conf && matches!(was.task, Some(Task::Run(_)))) {
            self.shows |= ENTRY_UNASKED;
        }
        let further = same && was.failures > 0 && (starts || fails) || entry;
        if further && self.passed().ui_cfg() {
            self.shows |= if was.informed { FURTHER } else { FURTHER | UNINFORMED };
        }
        if same && was.failures == 1 && trial.failures == 2 {
            self.shows |= SECOND_FAILURE | FINAL;
        }
        if trial.declined && !was.declined {
            self.shows |= FINAL;
        }
        if trial.won && !was.won && trial.failures == 1 {
            self.shows |= SECOND_SUCCESS;
        }
    }

    /// The call goes on, or returns, without the task it was about.
    fn leaves(&mut self, left: &Trial) {
        let settled = left.disabled || self.fails;
        if left.open && !settled {
            self.shows |= LEFT_OPEN;
        }
        let critical = left.task.is_some_and(|task| self.is_critical(task));
        let crippled = self.logon().is_some() && left.is_unsuccessful() && critical;
        for (shows, bit) in [
            (left.failures > 0, LEFT_FAILED),
            (left.is_unanswered() && !settled, PASSED_OVER),
            (left.is_lost() && !settled, UNSETTLED),
            (crippled, CRIPPLED),
        ] {
            self.shows |= if shows { bit } else { 0 };
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
