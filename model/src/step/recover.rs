//! What follows a failure? Inform, retry, reconfigure, disable: T-43 to T-55.

use super::configure::supply_answer;
use super::{Disabled, Turn, Verdict};
use crate::action::{Answer, Choice};
use crate::effect::{Dialog, Effect};
use crate::ids::{ProviderId, ServiceId};
use crate::mapi::{Class, Code};
use crate::mutant::Mutant;
use crate::policy::{
    CancelEffect, DeclineEffect, Disable, EntryError, EntryPointRetry, LimitEffect, MissingCfgNoUi,
    NoUiSecondTry, RetryCodes, RetryUnit, Siblings, UnconfiguredTwice,
};
use crate::scenario::{Call, EntryPoint};
use crate::state::{Attempt, Phase, Task};
use crate::transition::Place::{Q11, Q13, Q14, Q15, Q16, Q17, Q18, Q21};
use crate::transition::Transition::{
    self, T43, T45, T46, T47, T48, T49, T50, T51, T52, T53, T54, T55,
};

/// What a failed try leads to.
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

impl Turn<'_> {
    /// A try has failed; `by` is the transition of a first and of a second failure. The first is
    /// reported (RTY-1), the second final: there is no third try (RTY-5).
    pub(super) fn fails(
        &mut self,
        task: Task,
        attempt: Attempt,
        code: Code,
        by: [Transition; 2],
    ) -> Verdict {
        let session = self.session_of_call()?;
        let k = attempt.number();
        self.shows(Effect::Failed { session, task, k, code });
        let transition = by[usize::from(k) - 1];
        let consequence = match attempt {
            Attempt::First => self.first_failure(task, code),
            Attempt::Second { .. } => self.second_failure(task, code),
        };
        let ends = !matches!(consequence, Consequence::Offer);
        self.drops_object(task, attempt, ends || self.loads_again(task, code));
        match consequence {
            Consequence::Offer => {
                self.takes(transition, Q15);
                self.offer(task, code)
            }
            Consequence::Disable => self.lose(task, code, transition),
            Consequence::Keep => self.keep(task, code, transition),
            Consequence::Abort(code) => {
                self.takes(transition, Q21);
                self.undo(code)
            }
        }
    }

    /// A task has failed for good and its service is lost; without disabling only the task is.
    fn lose(&mut self, task: Task, code: Code, by: Transition) -> Verdict {
        match (self.model.scenario().policy.disable, self.own_logon()) {
            (Disable::On, _) => {
                self.takes(by, Q17);
                self.disable(task, code)
            }
            (Disable::Off, Ok(_)) => {
                self.takes(by, Q21);
                self.undo(code)
            }
            (Disable::Off, Err(Disabled)) => self.keep(task, code, by),
        }
    }

    /// The provider stays down, its service enabled.
    fn keep(&mut self, task: Task, code: Code, by: Transition) -> Verdict {
        self.takes(by, Q18);
        if let Task::Run(provider) = task {
            let session = self.session_of_call()?;
            self.state.sessions[session.index()].deferred.remove(provider);
        }
        self.task_over(task, code)
    }

    /// AMB-1 to AMB-3, AMB-6, AMB-8. Inside a session call there is no logon to abort.
    fn first_failure(&self, task: Task, code: Code) -> Consequence {
        let policy = &self.model.scenario().policy;
        let in_logon = self.own_logon().is_ok();
        let cancelled = code.class() == Class::Canc;
        let conf = code.class() == Class::Conf;
        let service = self.service_of(task);
        let ui = self.ui_allowed();
        let retried = self.state.client(self.client).retried.contains(service);
        if cancelled && in_logon && policy.cancel_effect == CancelEffect::AbortLogon {
            Consequence::Abort(Code::UserCancel)
        } else if matches!(task, Task::Configure(_))
            && !ui
            && policy.missing_cfg_noui == MissingCfgNoUi::FailLogon
        {
            Consequence::Abort(Code::LogonFailed)
        } else if (cancelled && policy.cancel_effect == CancelEffect::Disable)
            || (!conf && policy.retry_codes == RetryCodes::UnconfiguredOnly)
            || (conf && policy.entry_point_retry == EntryPointRetry::Off)
            || (!ui && policy.noui_second_try == NoUiSecondTry::No)
            || (retried && policy.retry_unit == RetryUnit::Service)
        {
            Consequence::Disable
        } else {
            Consequence::Offer
        }
    }

    /// AMB-4, AMB-6, AMB-11.
    fn second_failure(&self, task: Task, code: Code) -> Consequence {
        let policy = &self.model.scenario().policy;
        let in_logon = self.own_logon().is_ok();
        if self.model.is(Mutant::ThirdTry) && matches!(task, Task::Run(_)) {
            return Consequence::Offer;
        }
        match (code.class(), task) {
            (Class::Canc, _) if in_logon && policy.cancel_effect == CancelEffect::AbortLogon => {
                Consequence::Abort(Code::UserCancel)
            }
            (Class::Conf, Task::Run(_)) if policy.unconfigured_twice == UnconfiguredTwice::Keep => {
                Consequence::Keep
            }
            (Class::Fail, _) if in_logon && code == Code::SessionLimit => {
                match policy.limit_effect {
                    LimitEffect::Disable => Consequence::Disable,
                    LimitEffect::Propagate => Consequence::Abort(Code::SessionLimit),
                    LimitEffect::LogonFailed => Consequence::Abort(Code::LogonFailed),
                }
            }
            (Class::Succ | Class::Skip | Class::Conf | Class::Canc | Class::Fail, _) => {
                Consequence::Disable
            }
        }
    }

    /// Q15: T-45 with UI, T-50 without (RTY-6).
    fn offer(&mut self, task: Task, code: Code) -> Verdict {
        if self.ui_allowed() {
            self.takes(T45, Q15);
            self.displays(Dialog::Failure(task));
            self.rests(Phase::Informing(task, code));
            return Ok(());
        }
        self.retry(task, code, false, [T50; 3])
    }

    /// Q15: the answer to the offer (RTY-2, RTY-7).
    pub(super) fn informing(&mut self, task: Task, code: Code, choice: Choice) -> Verdict {
        let by = [T46, T47, T48];
        match (choice, task) {
            (Choice::Answer(Answer::Retry), _) => {
                self.answers(Answer::Retry)?;
                self.retry(task, code, false, by)
            }
            (Choice::Answer(answer @ Answer::Correct { completed }), Task::Configure(service)) => {
                self.answers(answer)?;
                if completed {
                    self.configures(service);
                }
                self.retry(task, code, true, by)
            }
            (Choice::Answer(answer @ Answer::Correct { completed: false }), Task::Run(_)) => {
                self.answers(answer)?;
                self.retry(task, code, true, by)
            }
            (Choice::Answer(Answer::Decline), _) => {
                self.answers(Answer::Decline)?;
                if !self.loads_again(task, code) {
                    self.lets_go(task);
                }
                let aborts = self.own_logon().is_ok()
                    && self.model.scenario().policy.decline_effect == DeclineEffect::AbortLogon;
                if aborts {
                    self.takes(T49, Q21);
                    return self.undo(Code::UserCancel);
                }
                // T-49: no second call; the offer declined is the second failure (AMB-7).
                self.lose(task, code, T49)
            }
            (
                Choice::Answer(
                    Answer::Correct { completed: true }
                    | Answer::Pick(_)
                    | Answer::Supply
                    | Answer::SupplyIncomplete
                    | Answer::Cancel
                    | Answer::Confirm
                    | Answer::Refuse,
                )
                | Choice::Begin
                | Choice::Proceed
                | Choice::TimeOut
                | Choice::Try(_)
                | Choice::Postpone
                | Choice::Refuse(_)
                | Choice::Configure { .. },
                _,
            ) => Err(Disabled),
        }
    }

    /// RTY-8: the second try, with dialogs if and only if the client allows them (RTY-3). `by`: of
    /// a configuration, of CONF, of any other class.
    fn retry(&mut self, task: Task, code: Code, corrected: bool, by: [Transition; 3]) -> Verdict {
        if self.model.scenario().policy.retry_unit == RetryUnit::Service {
            let service = self.service_of(task);
            self.state.clients[self.client.index()].retried.insert(service);
        }
        match task {
            Task::Configure(service) => {
                self.takes(by[0], Q11);
                self.configure(service, Attempt::Second { corrected, loaded: false })
            }
            Task::Run(provider) if code.class() == Class::Conf => {
                self.takes(by[1], Q16);
                self.reconfigure(provider, corrected)
            }
            Task::Run(provider) => {
                let loaded = !self.loads_again(task, code);
                self.takes(by[2], if loaded { Q14 } else { Q13 });
                self.rests(Phase::Trying(provider, Attempt::Second { corrected, loaded }));
                Ok(())
            }
        }
    }

    /// Q16: the service's entry point is called (SVC-12, SVC-17, SVC-23); T-51, T-52.
    fn reconfigure(&mut self, provider: ProviderId, corrected: bool) -> Verdict {
        let definition = self.model.scenario().service_of(provider);
        let service = self.model.scenario().providers[provider.index()].service;
        match (definition.entry_point, self.ui_allowed()) {
            (EntryPoint::None, _) => self.try_again(provider, corrected),
            (EntryPoint::Dialog, false) => {
                self.takes(T51, Q16);
                self.entry_point_ends(provider, corrected, Code::Unconfigured)
            }
            (EntryPoint::Dialog | EntryPoint::Programmatic, true) => {
                self.takes(T51, Q16);
                self.displays(Dialog::Configure(service));
                self.rests(Phase::Reconfiguring { provider, corrected });
                Ok(())
            }
            (EntryPoint::Programmatic, false) => {
                self.takes(T51, Q16);
                self.rests(Phase::Reconfiguring { provider, corrected });
                Ok(())
            }
        }
    }

    /// Q16: the entry point at work, with a dialog or silently.
    pub(super) fn reconfiguring(
        &mut self,
        provider: ProviderId,
        corrected: bool,
        choice: Choice,
    ) -> Verdict {
        let code = match (choice, self.ui_allowed()) {
            (Choice::Configure { completed }, false) => {
                if completed {
                    Code::Ok
                } else {
                    Code::Unconfigured
                }
            }
            (Choice::Configure { .. }, true) => return Err(Disabled),
            (_, true) => {
                let (answer, code) = supply_answer(choice)?;
                self.answers(answer)?;
                code
            }
            (_, false) => return Err(Disabled),
        };
        if code == Code::Ok {
            self.supply(provider);
        }
        self.entry_point_ends(provider, corrected, code)
    }

    fn entry_point_ends(&mut self, provider: ProviderId, corrected: bool, code: Code) -> Verdict {
        let session = self.session_of_call()?;
        let service = self.model.scenario().providers[provider.index()].service;
        self.shows(Effect::EntryPoint { session, service, forced: false, code });
        // T-53: cancelled, the failed second try (RTY-8); by AMB-34 perhaps also if unconfigured.
        let errs = self.model.scenario().policy.entry_error == EntryError::Fail;
        if code.class() == Class::Canc || errs && code.class() == Class::Conf {
            let loaded = !self.loads_again(Task::Run(provider), Code::Unconfigured);
            let attempt = Attempt::Second { corrected, loaded };
            return self.fails(Task::Run(provider), attempt, code, [T43, T53]);
        }
        self.try_again(provider, corrected)
    }

    /// T-52: when the entry point has finished, the logon is tried again (SVC-19, SVC-20).
    fn try_again(&mut self, provider: ProviderId, corrected: bool) -> Verdict {
        self.takes(T52, Q14);
        // [DER] a provider's own entry point that was unconfigured has made no object yet.
        let loaded = !self.loads_again(Task::Run(provider), Code::Unconfigured);
        self.rests(Phase::Trying(provider, Attempt::Second { corrected, loaded }));
        Ok(())
    }

    /// To Q17; only `OpenMsgStore` returns the code.
    fn disable(&mut self, task: Task, code: Code) -> Verdict {
        let call = self.model.next_call(self.state, self.client);
        let kept = matches!(call, Some(Call::OpenMsgStore(_))).then_some(code);
        self.rests(Phase::Disabling(task, kept));
        Ok(())
    }

    /// Q17.
    pub(super) fn disabling(&mut self, task: Task, code: Option<Code>, choice: Choice) -> Verdict {
        if choice != Choice::Proceed {
            return Err(Disabled);
        }
        let service = self.service_of(task);
        let definition = &self.model.scenario().services[service.index()];
        if definition.critical && self.own_logon().is_ok() {
            // T-55: the logon fails with its service (SVC-24, AMB-9).
            self.takes(T55, Q21);
            return self.undo(Code::LogonFailed);
        }
        // T-54: out of use until the session ends, healthy siblings included (DIS-1 to DIS-8).
        self.takes(T54, Q18);
        let session = self.session_of_call()?;
        let slot = &mut self.state.sessions[session.index()];
        slot.disabled.insert(service);
        slot.deferred = slot.deferred.without(definition.providers);
        slot.promised = slot.promised.without(definition.providers);
        self.shows(Effect::ServiceDisabled { session, service });
        if self.model.scenario().policy.siblings == Siblings::LogoffNow {
            let running = self.state.session(session).running.and(definition.providers);
            self.log_off_providers(session, running);
        }
        self.task_over(task, code.unwrap_or(Code::LogonFailed))
    }

    /// May this call show configuration and failure dialogs? In a session call as when established.
    fn ui_allowed(&self) -> bool {
        self.session_of_call().is_ok_and(|session| self.model.establishing(session).ui_cfg)
    }

    fn service_of(&self, task: Task) -> ServiceId {
        match task {
            Task::Configure(service) => service,
            Task::Run(provider) => self.model.scenario().providers[provider.index()].service,
        }
    }
}
