//! Configuration of services: the forced round and `cfg(s)`, T-25 to T-34.

use crate::ids::{ServiceId, ServiceSet};
use crate::machine::step::{Entered, Next, Stage, Turn};
use crate::machine::variant::{Guard, Variant};
use crate::mapi::Code;
use crate::protocol::Transition::{T25, T26, T27, T28, T29, T32};
use crate::protocol::{Attempt, Choice, Dialog, Effect, Phase, Task};
use crate::scenario::EntryPoint;
use crate::world::Store;

impl<S: Store, V: Variant> Turn<'_, S, V> {
    /// Q18, phase (a): the next forced dialog after that of `done` (FLG-12, SVC-25).
    pub(crate) fn force_after(&mut self, done: Option<ServiceId>) -> Next {
        let services = &self.model.scenario().services;
        // A service without entry point has no forced dialog (SVC-20).
        let next =
            self.services_after(done).find(|s| services[s.index()].entry_point != EntryPoint::None);
        match next {
            Some(service) if self.holds(Guard::ForcedRound, self.may().forced) => {
                self.takes(T25);
                self.displays(Dialog::Configure(service));
                Next::Rest(Phase::Forced(service))
            }
            Some(_) | None => Next::Go(Stage::ConfigureAfter(None)),
        }
    }

    /// Q10: any answer ends the dialog; only data that is supplied changes anything (AMB-51).
    pub(crate) fn forced(&mut self, service: ServiceId, choice: Choice) -> Entered {
        let code = self.supplied(choice)?;
        if code == Code::Ok {
            self.configures(service);
        }
        self.shows(Effect::EntryPoint {
            session: self.session,
            service,
            forced: true,
            result: code,
        });
        self.takes(T26);
        Ok(Next::Go(Stage::ForceAfter(Some(service))))
    }

    /// Q18, phase (b): the next service after `done` (SES-6, SVC-1).
    pub(crate) fn configure_after(&mut self, done: Option<ServiceId>) -> Next {
        let next = self.services_after(done).first();
        match next {
            Some(service) if done.is_none() || self.holds(Guard::MoreToConfigure, true) => {
                self.takes(T27);
                Next::Go(Stage::Configure(service, Attempt::FIRST))
            }
            Some(_) | None => Next::Go(Stage::StartAfter(None)),
        }
    }

    /// The services of the session after one of them.
    fn services_after(&self, done: Option<ServiceId>) -> ServiceSet {
        let services = self.slot().services;
        done.map_or(services, |done| services.after(done))
    }

    /// Q11: a try of the configuration; where a fault can strike it, that is decided first.
    pub(crate) fn configure(&mut self, service: ServiceId, attempt: Attempt) -> Next {
        let scenario = self.model.scenario();
        let faults = scenario.services[service.index()].faults;
        let shared = self.world.shared();
        let may_strike = !faults.is_empty() && !shared.budget().is_spent();
        if may_strike || shared.fault_of(Task::Configure(service)).is_some() {
            Next::Rest(Phase::Checking(service, attempt))
        } else {
            Next::Go(Stage::Check(service, attempt))
        }
    }

    /// Q11: one try, from its fault decision to its result or first dialog.
    pub(crate) fn checking(
        &mut self,
        service: ServiceId,
        attempt: Attempt,
        choice: Choice,
    ) -> Entered {
        let task = Task::Configure(service);
        Ok(match self.befalls(task, attempt, choice)? {
            // T-30, T-31: a fault fails the try before any prompt (FLT-11).
            Some(fault) => Next::Go(Stage::Fail(task, attempt, fault.code())),
            None => Next::Go(Stage::Check(service, attempt)),
        })
    }

    /// Q11: the profile first, the user second (SVC-2, SVC-3).
    pub(crate) fn check(&mut self, service: ServiceId, attempt: Attempt) -> Next {
        let found = self.world.shared().configured().contains(service);
        let found = self.holds(Guard::Configured, found);
        self.shows(Effect::Sought { session: self.session, service, found });
        match (found, self.may_show()) {
            // T-28: all data is in the profile.
            (true, _) => {
                self.takes(T28);
                Next::Go(Stage::ConfigureAfter(Some(service)))
            }
            // T-29: the user is prompted (RTY-4).
            (false, true) => {
                self.takes(T29);
                self.displays(Dialog::Configure(service));
                Next::Rest(Phase::Prompting(service, attempt))
            }
            // T-30, T-31: no dialog is allowed (SVC-5).
            (false, false) => {
                let task = Task::Configure(service);
                Next::Go(Stage::Fail(task, attempt, Code::Unconfigured))
            }
        }
    }

    /// Q12. A prompt fails for one of two reasons (SVC-4): there may be none (SVC-5), or the user
    /// leaves it (SVC-6).
    pub(crate) fn prompting(
        &mut self,
        service: ServiceId,
        attempt: Attempt,
        choice: Choice,
    ) -> Entered {
        let code = self.supplied(choice)?;
        if code == Code::Ok {
            // T-32: the profile has it now.
            self.configures(service);
            self.takes(T32);
            return Ok(Next::Go(Stage::ConfigureAfter(Some(service))));
        }
        // T-33, T-34: cancelled or still incomplete (SVC-6).
        Ok(Next::Go(Stage::Fail(Task::Configure(service), attempt, code)))
    }

    /// The service's data is complete in the profile from here on (SVC-22).
    pub(crate) fn configures(&mut self, service: ServiceId) {
        if !self.world.shared().configured().contains(service) {
            self.world.shared_mut().configure(service);
            self.shows(Effect::ServiceConfigured { service });
        }
    }

    /// May this call show configuration and failure dialogs? In a session call as when established.
    pub(crate) fn may_show(&self) -> bool {
        self.holds(Guard::ConfigurationDialogAllowed, self.may().ui_cfg)
    }
}
