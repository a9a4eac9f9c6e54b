//! Is every service configured? The forced round and `cfg(s)`: T-25 to T-34.

use super::{Disabled, Turn, Verdict};
use crate::action::{Answer, Choice};
use crate::effect::{Dialog, Effect};
use crate::ids::{ServiceId, ServiceSet};
use crate::mapi::Code;
use crate::mutant::Mutant;
use crate::scenario::EntryPoint;
use crate::state::{Attempt, Phase, Task};
use crate::transition::Place::{Q10, Q11, Q12, Q18};
use crate::transition::Transition::{T25, T26, T27, T28, T29, T30, T31, T32, T33, T34};

impl Turn<'_> {
    /// Q18, phase (a): the next forced dialog after that of `done` (FLG-12, SVC-25).
    pub(super) fn force_configuration(&mut self, done: Option<ServiceId>) -> Verdict {
        let session = self.own_logon()?;
        let services = &self.model.scenario().services;
        let mut left = self.services_after(self.state.session(session).services, done);
        // A service without entry point has no forced dialog (SVC-20).
        let next = left.find(|s| services[s.index()].entry_point != EntryPoint::None);
        match next {
            Some(service) if self.model.permissions(self.client).forced => {
                self.takes(T25, Q10);
                self.displays(Dialog::Configure(service));
                self.rests(Phase::Forced(service));
                Ok(())
            }
            Some(_) | None => self.configure_next(None),
        }
    }

    /// Q10: any answer ends the dialog; only data that is supplied changes anything (AMB-51).
    pub(super) fn forced(&mut self, service: ServiceId, choice: Choice) -> Verdict {
        let (answer, code) = supply_answer(choice)?;
        self.answers(answer)?;
        if code == Code::Ok {
            self.configures(service);
        }
        let session = self.own_logon()?;
        self.shows(Effect::EntryPoint { session, service, forced: true, code });
        self.takes(T26, Q18);
        self.force_configuration(Some(service))
    }

    /// Q18, phase (b): the next service after `done` (SES-6, SVC-1).
    pub(super) fn configure_next(&mut self, done: Option<ServiceId>) -> Verdict {
        let session = self.own_logon()?;
        let next = self.services_after(self.state.session(session).services, done).first();
        match next {
            Some(_) if done.is_some() && self.model.is(Mutant::ConfigurationSkipped) => {
                self.start_next(None)
            }
            Some(service) => {
                self.takes(T27, Q11);
                self.configure(service, Attempt::First)
            }
            None => self.start_next(None),
        }
    }

    fn services_after(&self, services: ServiceSet, done: Option<ServiceId>) -> ServiceSet {
        done.map_or(services, |done| services.after(done))
    }

    /// Q11: the profile first, the user second (SVC-2, SVC-3).
    pub(super) fn configure(&mut self, service: ServiceId, attempt: Attempt) -> Verdict {
        let session = self.own_logon()?;
        let found =
            self.state.configured.contains(service) && !self.model.is(Mutant::PromptsUnsought);
        let ui = self.model.permissions(self.client).ui_cfg;
        self.shows(Effect::Sought { session, service, found });
        match (found, ui) {
            // T-28: all data is in the profile.
            (true, _) => {
                self.takes(T28, Q18);
                self.configure_next(Some(service))
            }
            // T-29: the user is prompted (RTY-4).
            (false, true) => {
                self.takes(T29, Q12);
                self.displays(Dialog::Configure(service));
                self.rests(Phase::Prompting(service, attempt));
                Ok(())
            }
            // T-30, T-31: no dialog is allowed (SVC-5).
            (false, false) => {
                self.fails(Task::Configure(service), attempt, Code::Unconfigured, [T30, T31])
            }
        }
    }

    /// Q12. A prompt fails for one of two reasons (SVC-4): there may be none (SVC-5), or the user
    /// leaves it (SVC-6).
    pub(super) fn prompting(
        &mut self,
        service: ServiceId,
        attempt: Attempt,
        choice: Choice,
    ) -> Verdict {
        let (answer, code) = supply_answer(choice)?;
        self.answers(answer)?;
        if code == Code::Ok {
            // T-32: the profile has it now.
            self.configures(service);
            self.takes(T32, Q18);
            return self.configure_next(Some(service));
        }
        // T-33, T-34: cancelled or still incomplete (SVC-6).
        self.fails(Task::Configure(service), attempt, code, [T33, T34])
    }

    /// The service's data is complete in the profile from here on (SVC-22).
    pub(super) fn configures(&mut self, service: ServiceId) {
        if !self.state.configured.contains(service) {
            self.state.configured.insert(service);
            self.shows(Effect::ServiceConfigured(service));
        }
    }
}

/// The answers to a dialog that asks for data, and the code each comes to.
pub(super) fn supply_answer(choice: Choice) -> Result<(Answer, Code), Disabled> {
    match choice {
        Choice::Answer(Answer::Supply) => Ok((Answer::Supply, Code::Ok)),
        Choice::Answer(Answer::SupplyIncomplete) => {
            Ok((Answer::SupplyIncomplete, Code::Unconfigured))
        }
        Choice::Answer(Answer::Cancel) => Ok((Answer::Cancel, Code::UserCancel)),
        Choice::Answer(
            Answer::Pick(_)
            | Answer::Retry
            | Answer::Correct { .. }
            | Answer::Decline
            | Answer::Confirm
            | Answer::Refuse,
        )
        | Choice::Begin
        | Choice::Proceed
        | Choice::TimeOut
        | Choice::Try(_)
        | Choice::Postpone
        | Choice::Refuse(_)
        | Choice::Configure { .. } => Err(Disabled),
    }
}
