//! The scenario that takes a transition, and the tests that compare it with its row.

use mapi_logon_model::machine::Model;
use mapi_logon_model::protocol::Transition;
use mapi_logon_model::scenario::Scenario;

use crate::builtin::SCENARIOS;
use crate::survey::taken_in;

/// The test that compares every transition with the states of its row, in random runs.
pub const ROW_TEST: &str =
    "tests/it/machine.rs: every_transition_runs_between_the_states_of_its_row";

/// The test that requires every transition to be taken in a built-in scenario.
pub const TAKEN_TEST: &str =
    "tests/it/traceability.rs: every_transition_is_taken_in_some_built_in_scenario";

/// The first built-in scenario with a run that takes the transition.
#[must_use]
pub fn scenario_that_takes(id: &str) -> Option<&'static str> {
    let wanted = Transition::named(id)?;
    // To keep waiting is the absence of a step.
    if wanted == Transition::T8 {
        return None;
    }
    let takes = |text: &str| {
        let model = Scenario::parse(text).ok().map(|one| Model::new(one).forgetting());
        let taken = model.map(|model| taken_in(&model, None).0);
        taken.is_some_and(|taken| taken.iter().any(|one| one.transition == wanted))
    };
    let found = SCENARIOS.iter().find(|(_, text)| takes(text));
    found.map(|(name, _)| *name)
}
