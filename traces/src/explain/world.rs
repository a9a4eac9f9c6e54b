//! The world in which a recording is explained.

use mapi_logon_model::machine::Model;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::world::Slots;

use crate::tracer::any_calls;

/// The world in which a recording was explained.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct World {
    pub(super) scenario: Scenario,
    pub(super) slots: Slots,
    /// How many faults may strike, where that is not what the scenario says.
    pub(super) faults: Option<u32>,
}

impl World {
    pub(super) fn model(&self) -> Model {
        any_calls(self.scenario.clone(), self.slots.clone(), self.faults)
    }

    /// The same with as many faults as there may be, and gone at any try: what is impossible there
    /// is impossible here.
    pub(super) fn faultiest(&self) -> Model {
        let mut scenario = self.scenario.clone();
        scenario.faults.repair_by_environment = true;
        any_calls(scenario, self.slots.clone(), Some(u32::MAX))
    }

    /// How many faults a run may have.
    pub(super) fn most_faults(&self) -> u32 {
        let budget = self.scenario.faults.budget;
        self.faults.unwrap_or_else(|| budget.limit().map_or(u32::MAX, u32::from))
    }
}
