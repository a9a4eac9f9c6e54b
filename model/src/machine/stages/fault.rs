//! The fault decision with which a try begins: SCENARIO rules 2 and 3.

use crate::machine::step::{Disabled, Turn};
use crate::machine::variant::{Guard, Variant};
use crate::mapi::{Fault, FaultSet};
use crate::protocol::{Attempt, Choice, Effect, Fate, Task};
use crate::world::Store;

impl<S: Store, V: Variant> Turn<'_, S, V> {
    /// Decides which fault fails the try, if one does: one that stays, or one that strikes now.
    pub(crate) fn befalls(
        &mut self,
        task: Task,
        attempt: Attempt,
        choice: Choice,
    ) -> Result<Option<Fault>, Disabled> {
        let Choice::Try(fate) = choice else {
            return Err(Disabled);
        };
        let had = self.world.shared().fault_of(task);
        if !self.may_befall(task, attempt, fate, had) {
            return Err(Disabled);
        }
        if let (Some(fault), false) = (had, fate.repaired) {
            return Ok(Some(fault));
        }
        if fate.repaired {
            self.world.shared_mut().set_fault(task, None);
            self.shows(match task {
                Task::Configure(service) => Effect::ServiceRepaired { service },
                Task::Run(provider) => Effect::Repaired { provider },
            });
        }
        if let Some(fault) = fate.struck {
            self.world.shared_mut().spend();
            self.world.shared_mut().set_fault(task, Some(fault));
            self.shows(match task {
                Task::Configure(service) => Effect::ServiceStruck { service, fault },
                Task::Run(provider) => Effect::Struck { provider, fault },
            });
        }
        Ok(fate.struck)
    }

    /// Can this happen to a try of a task that suffers from that fault?
    fn may_befall(&self, task: Task, attempt: Attempt, fate: Fate, had: Option<Fault>) -> bool {
        let rules = self.model.scenario().faults;
        let health = match (had, fate.repaired) {
            (None, repaired) => !repaired,
            (Some(fault), true) => {
                // FLT-10: Correct repairs paths and servers, and never the other two.
                let user = rules.repair_by_user && attempt.corrected;
                let correctable = self.holds(Guard::Correctable, fault.is_correctable());
                rules.repair_by_environment || user && correctable
            }
            (Some(_), false) => fate == Fate::default(),
        };
        let allowed = self.faults_of(task);
        let spent = self.world.shared().budget().is_spent();
        let strikes = fate.struck.is_none_or(|fault| !spent && allowed.contains(fault));
        health && strikes
    }

    fn faults_of(&self, task: Task) -> FaultSet {
        match task {
            Task::Configure(service) => self.model.scenario().services[service.index()].faults,
            Task::Run(provider) => self.model.scenario().providers[provider.index()].faults,
        }
    }
}
