//! Where can a transition be seen, and which test keeps it to its row?

use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::transition::Transition;

use crate::builtin::SCENARIOS;
use crate::survey::taken_in;

/// The test that holds every transition to the states of its row, in random runs.
pub const ROW_TEST: &str =
    "tests/it/machine.rs: every_transition_runs_between_the_states_of_its_row";

/// The test that wants every transition taken in a built-in scenario.
pub const TAKEN_TEST: &str =
    "tests/it/traceability.rs: every_transition_is_taken_in_some_built_in_scenario";

/// The first built-in scenario of which some run takes the transition.
#[must_use]
pub fn scenario_that_takes(id: &str) -> Option<&'static str> {
    let wanted = Transition::named(id)?;
    // To keep waiting is the absence of a step.
    if wanted == Transition::T8 {
        return None;
    }
    let takes = |text: &str| {
        let taken = Scenario::parse(text).ok().map(taken_in);
        taken.is_some_and(|taken| taken.is_ok_and(|t| t.iter().any(|t| t.transition == wanted)))
    };
    let found = SCENARIOS.iter().find(|(_, text)| takes(text));
    found.map(|(name, _)| *name)
}
