//! Recovery from a failed try: the offer, the second try, the entry point, the loss of the
//! service, T-43 to T-55.

use crate::ids::{ProviderId, ServiceId};
use crate::machine::step::{Corrected, Disabled, Entered, Next, Stage, Turn};
use crate::machine::variant::{Guard, Variant};
use crate::mapi::{Class, Code};
use crate::policy::{
    CancelEffect, DeclineEffect, Disable, EntryError, EntryPointRetry, LimitEffect, MissingCfgNoUi,
    NoUiSecondTry, RetryCodes, RetryUnit, Siblings, UnconfiguredTwice,
};
use crate::protocol::Place::{self, Q11, Q12, Q13, Q14, Q15, Q16, Q17, Q18, Q21};
use crate::protocol::Transition::{
    self, T30, T31, T33, T34, T43, T44, T45, T46, T47, T48, T49, T50, T51, T52, T53, T54, T55,
};
use crate::protocol::{Answer, Attempt, Call, Choice, Dialog, Effect, Method, Phase, Task};
use crate::scenario::EntryPoint;
use crate::world::Store;

/// The transitions by which a try fails that is not the last, and one that is, by where it does.
const FAILURES: [(Place, Transition, Transition); 5] =
    [(Q11, T30, T31), (Q12, T33, T34), (Q13, T43, T44), (Q14, T43, T44), (Q16, T53, T53)];

/// The result of a failed try.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Consequence {
    /// The user is informed, or the second try follows by itself.
    Offer,
    /// The service is disabled.
    Disable,
    /// The provider stays down, its service enabled (AMB-4).
    Keep,
    /// The logon fails.
    Abort(Code),
}

impl<S: Store, V: Variant> Turn<'_, S, V> {
    /// A try has failed. What is not final is reported (RTY-1); by default there is no third try
    /// (RTY-5, RTY-13).
    pub(crate) fn fail(&mut self, task: Task, attempt: Attempt, code: Code) -> Next {
        self.shows(Effect::Failed { session: self.session, task, k: attempt.k, result: code });
        let is_final = self.holds(Guard::Final, self.is_final(task, attempt));
        let consequence = self.consequence(task, code, is_final);
        let by = self.failure(is_final);
        let ends = consequence != Consequence::Offer;
        let made = self.has_object(attempt);
        if made && ends {
            self.releases_object(task);
        }
        match consequence {
            Consequence::Offer => {
                self.takes_to(by, Q15);
                Next::Go(Stage::Offer(task, Attempt { loaded: made, ..attempt }, code))
            }
            Consequence::Disable => self.lose(task, code, by),
            Consequence::Keep => self.keep(task, code, by),
            Consequence::Abort(code) => {
                self.takes_to(by, Q21);
                Next::Rest(Phase::Undoing(code))
            }
        }
    }

    /// RTY-13: has the unit spent all its further tries?
    fn is_final(&self, task: Task, attempt: Attempt) -> bool {
        let further = self.model.scenario().policy.tries.count() - 1;
        match self.unit(task) {
            None => attempt.k > further,
            Some(unit) => self.world.client(self.client).spent.by(unit) >= further,
        }
    }

    /// The unit that has the further tries, unless each step has its own (AMB-1).
    fn unit(&self, task: Task) -> Option<ServiceId> {
        match self.model.scenario().policy.retry_unit {
            RetryUnit::Step => None,
            RetryUnit::Service => Some(self.service_of(task)),
            RetryUnit::Logon => Some(ServiceId(0)),
        }
    }

    /// By which transition a try fails here.
    fn failure(&self, is_final: bool) -> Transition {
        let row = FAILURES.iter().find(|(place, ..)| *place == self.at);
        let (_, offered, last) = row.copied().unwrap_or(FAILURES[FAILURES.len() - 1]);
        if is_final { last } else { offered }
    }

    /// A task has failed for good and its service is lost; without disabling only the task is.
    fn lose(&mut self, task: Task, code: Code, by: Transition) -> Next {
        match (self.model.scenario().policy.disable, self.call) {
            (Disable::On, call) => {
                self.takes_to(by, Q17);
                // Only OpenMsgStore returns the code.
                let store = matches!(call.method(), Some(Method::OpenMsgStore(_)));
                Next::Rest(Phase::Disabling(task, store.then_some(code)))
            }
            (Disable::Off, Call::LogonEx(_)) => {
                self.takes_to(by, Q21);
                Next::Rest(Phase::Undoing(code))
            }
            (Disable::Off, _) => self.keep(task, code, by),
        }
    }

    /// The provider stays down, its service enabled.
    fn keep(&mut self, task: Task, code: Code, by: Transition) -> Next {
        self.takes_to(by, Q18);
        if let Task::Run(provider) = task {
            self.slot_mut().deferred.remove(provider);
        }
        Next::Go(Stage::Finish(task, code))
    }

    /// SCENARIO, "Failed tries, in order": the first that applies. Inside a session call there is
    /// no logon to abort.
    fn consequence(&self, task: Task, code: Code, is_final: bool) -> Consequence {
        let policy = &self.model.scenario().policy;
        let in_logon = self.logon().is_some();
        let class = code.class();
        let conf = class == Class::Conf;
        let silent = !self.may_show();
        let configures = matches!(task, Task::Configure(_));
        if class == Class::Canc && policy.cancel_effect == CancelEffect::Disable {
            Consequence::Disable
        } else if class == Class::Canc
            && in_logon
            && policy.cancel_effect == CancelEffect::AbortLogon
        {
            Consequence::Abort(Code::UserCancel)
        } else if configures
            && conf
            && silent
            && policy.missing_cfg_noui == MissingCfgNoUi::FailLogon
        {
            Consequence::Abort(Code::LogonFailed)
        } else if is_final {
            self.last_failure(task, code)
        } else if (!conf && policy.retry_codes == RetryCodes::UnconfiguredOnly)
            || (conf && policy.entry_point_retry == EntryPointRetry::Off)
            || (silent && policy.noui_second_try == NoUiSecondTry::No)
        {
            Consequence::Disable
        } else {
            Consequence::Offer
        }
    }

    /// AMB-4, AMB-11: a final failure.
    fn last_failure(&self, task: Task, code: Code) -> Consequence {
        let policy = &self.model.scenario().policy;
        let runs = matches!(task, Task::Run(_));
        let keeps = policy.unconfigured_twice == UnconfiguredTwice::Keep;
        if code.class() == Class::Conf && runs && keeps {
            return Consequence::Keep;
        }
        if code != Code::SessionLimit || self.logon().is_none() {
            return Consequence::Disable;
        }
        match policy.limit_effect {
            LimitEffect::Disable => Consequence::Disable,
            LimitEffect::Propagate => Consequence::Abort(Code::SessionLimit),
            LimitEffect::LogonFailed => Consequence::Abort(Code::LogonFailed),
        }
    }

    /// Q15: T-45 with UI, T-50 without (RTY-6).
    pub(crate) fn offer(&mut self, task: Task, attempt: Attempt, code: Code) -> Next {
        let attempt = Attempt { corrected: false, ..attempt };
        if !self.may_show() {
            return Next::Go(Stage::Retry(task, attempt, code, None));
        }
        self.takes(T45);
        self.displays(Dialog::Failure(task, code));
        Next::Rest(Phase::Informing(task, attempt, code))
    }

    /// Q15: the answer to the offer (RTY-2, RTY-7).
    pub(crate) fn informing(
        &mut self,
        task: Task,
        (attempt, code): (Attempt, Code),
        choice: Choice,
    ) -> Entered {
        let Choice::Answer(answer) = choice else {
            return Err(Disabled);
        };
        match (answer, task) {
            (Answer::Retry, _) => {
                self.answers(answer)?;
                Ok(Next::Go(Stage::Retry(task, attempt, code, Some(Corrected(false)))))
            }
            (Answer::Correct { completed }, Task::Configure(service)) => {
                self.answers(answer)?;
                if completed {
                    self.configures(service);
                }
                Ok(Next::Go(Stage::Retry(task, attempt, code, Some(Corrected(true)))))
            }
            (Answer::Correct { completed: false }, Task::Run(_)) => {
                self.answers(answer)?;
                Ok(Next::Go(Stage::Retry(task, attempt, code, Some(Corrected(true)))))
            }
            (Answer::Decline, _) => {
                self.answers(answer)?;
                Ok(self.decline(task, attempt, code))
            }
            (
                Answer::Correct { completed: true }
                | Answer::Pick(_)
                | Answer::Supply
                | Answer::SupplyIncomplete
                | Answer::Cancel
                | Answer::Confirm
                | Answer::Refuse,
                _,
            ) => Err(Disabled),
        }
    }

    /// T-49: no second call; the offer declined is the second failure (AMB-7).
    fn decline(&mut self, task: Task, attempt: Attempt, code: Code) -> Next {
        if attempt.loaded {
            self.releases_object(task);
        }
        let aborts = self.model.scenario().policy.decline_effect == DeclineEffect::AbortLogon;
        if aborts && self.logon().is_some() {
            self.takes_to(T49, Q21);
            return Next::Rest(Phase::Undoing(Code::UserCancel));
        }
        self.lose(task, code, T49)
    }

    /// RTY-8: the further try, with dialogs if and only if the client allows them (RTY-3); T-46 to
    /// T-48 after an answer of the user, else T-50. Its unit spends it now (RTY-13).
    pub(crate) fn retry(
        &mut self,
        task: Task,
        failed: Attempt,
        code: Code,
        answer: Option<Corrected>,
    ) -> Next {
        if let Some(unit) = self.unit(task) {
            self.world.client_mut(self.client).spent.spend(unit);
        }
        // A mutated machine may never give up; it counts no further than this.
        let most = self.model.scenario().policy.tries.count() + 1;
        let attempt = Attempt {
            k: most.min(failed.k + 1),
            corrected: answer == Some(Corrected(true)),
            loaded: failed.loaded,
        };
        let by = |answered: Transition| answer.map_or(T50, |_| answered);
        match task {
            Task::Configure(service) => {
                self.takes_to(by(T46), Q11);
                Next::Go(Stage::Configure(service, attempt))
            }
            Task::Run(provider) if code.class() == Class::Conf => {
                self.takes_to(by(T47), Q16);
                Next::Go(Stage::Reconfigure(provider, attempt))
            }
            Task::Run(provider) => {
                self.takes_to(by(T48), if attempt.loaded { Q14 } else { Q13 });
                Next::Rest(Phase::Trying(provider, attempt))
            }
        }
    }

    /// Q16: the service's entry point is called (SVC-12, SVC-17, SVC-23); T-51, T-52.
    pub(crate) fn reconfigure(&mut self, provider: ProviderId, attempt: Attempt) -> Next {
        let service = self.service_of(Task::Run(provider));
        let entry_point = self.model.scenario().services[service.index()].entry_point;
        if entry_point == EntryPoint::None {
            return self.try_again(provider, attempt);
        }
        self.takes(T51);
        let at_work = Phase::Reconfiguring(provider, attempt);
        match (entry_point, self.may_show()) {
            (EntryPoint::None | EntryPoint::Dialog, false) => {
                Next::Go(Stage::EndEntryPoint(provider, attempt, Code::Unconfigured))
            }
            (EntryPoint::None | EntryPoint::Dialog | EntryPoint::Programmatic, true) => {
                self.displays(Dialog::Configure(service));
                Next::Rest(at_work)
            }
            (EntryPoint::Programmatic, false) => Next::Rest(at_work),
        }
    }

    /// Q16: the entry point at work, with a dialog or silently.
    pub(crate) fn reconfiguring(
        &mut self,
        provider: ProviderId,
        attempt: Attempt,
        choice: Choice,
    ) -> Entered {
        let code = match (choice, self.may_show()) {
            (_, true) => self.supplied(choice)?,
            (Choice::Configure { completed: true }, false) => Code::Ok,
            (Choice::Configure { completed: false }, false) => Code::Unconfigured,
            (_, false) => return Err(Disabled),
        };
        if code == Code::Ok {
            self.supply(provider);
        }
        Ok(Next::Go(Stage::EndEntryPoint(provider, attempt, code)))
    }

    /// Q16: the entry point has answered.
    pub(crate) fn end_entry_point(
        &mut self,
        provider: ProviderId,
        attempt: Attempt,
        code: Code,
    ) -> Next {
        self.shows(Effect::EntryPoint {
            session: self.session,
            service: self.service_of(Task::Run(provider)),
            forced: false,
            result: code,
        });
        // T-53: cancelled, the failure of the try that began so (RTY-8); by AMB-34 perhaps also if
        // unconfigured.
        let errs = self.model.scenario().policy.entry_error == EntryError::Fail;
        if code.class() == Class::Canc || errs && code.class() == Class::Conf {
            return Next::Go(Stage::Fail(Task::Run(provider), attempt, code));
        }
        self.try_again(provider, attempt)
    }

    /// T-52: when the entry point has finished, the logon is tried again (SVC-19, SVC-20).
    fn try_again(&mut self, provider: ProviderId, attempt: Attempt) -> Next {
        self.takes(T52);
        // [DER] a provider whose own entry point was unconfigured has made no object yet, and is
        // loaded again.
        Next::Rest(Phase::Trying(provider, attempt))
    }

    /// Q17.
    pub(crate) fn disabling(&mut self, task: Task, code: Option<Code>, choice: Choice) -> Entered {
        if choice != Choice::Proceed {
            return Err(Disabled);
        }
        let service = self.service_of(task);
        let definition = &self.model.scenario().services[service.index()];
        if self.holds(Guard::Critical, definition.critical) && self.logon().is_some() {
            // T-55: the logon fails with its service (SVC-24, AMB-9).
            self.takes(T55);
            return Ok(Next::Rest(Phase::Undoing(Code::LogonFailed)));
        }
        // T-54: out of use until the session ends, healthy siblings included (DIS-1 to DIS-8).
        self.takes(T54);
        let session = self.session;
        let slot = self.slot_mut();
        slot.disabled.insert(service);
        slot.deferred = slot.deferred.without(definition.providers);
        slot.promised = slot.promised.without(definition.providers);
        let running = slot.running.and(definition.providers);
        self.shows(Effect::ServiceDisabled { session, service });
        if self.model.scenario().policy.siblings == Siblings::LogoffNow {
            self.log_off_providers(session, running);
        }
        Ok(Next::Go(Stage::Finish(task, code.unwrap_or(Code::LogonFailed))))
    }

    pub(crate) fn service_of(&self, task: Task) -> ServiceId {
        match task {
            Task::Configure(service) => service,
            Task::Run(provider) => self.model.scenario().providers[provider.index()].service,
        }
    }
}
