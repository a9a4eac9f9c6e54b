//! Explaining recordings: the search for a run that shows exactly what a recording shows.
//!
//! Everything that is not recorded is searched for. The search keeps a belief state, every
//! candidate the machine may be in, and carries all of them from event to event, hidden steps
//! included, fewest faults first. Dominated candidates, independent calls and steps that can come
//! later as well are left out (`belief`, `reduction`, `search`); where too much is left, the search
//! becomes a beam with backtracking (`beam`). A recording is *explained* if some candidate is left
//! at its end, *unexplained at event n* if none is left there, *inconclusive* if a limit stopped
//! the search.
//!
//! The same core follows a running system event by event: [`Follower`].

use mapi_logon_model::ids::LOGONS;
use mapi_logon_model::machine::Model;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::world::Slots;

use crate::lines::FileError;
use crate::recording::Recording;

mod beam;
mod belief;
mod derive;
mod expand;
mod expected;
mod follower;
mod history;
mod hypotheses;
mod initialization;
mod limits;
mod plan;
mod pointers;
mod postpone;
mod reduction;
mod search;
mod sweep;
mod verdict;
mod witness;

use beam::End;
use plan::Plan;
use search::{Engine, FULL};
use verdict::World;

pub use derive::derive;
pub use expected::{DialogName, Mismatch};
pub use follower::{Came, Deviation, Follower, Impossible, Known};
pub use hypotheses::hypotheses;
pub use limits::ExplainLimits;
pub use pointers::Begun;
pub use sweep::Waiting;
pub use verdict::{
    ExplainVerdict, Explained, Explanation, Hypothesis, Possible, Struck, Unexplained,
};

/// Searches for a run of the scenario's world that shows the recording.
///
/// # Errors
/// [`FileError`] where the recording names what the scenario does not have.
pub fn explain(
    recording: &Recording,
    scenario: &Scenario,
    limits: &ExplainLimits<'_>,
) -> Result<Explained, FileError> {
    let (worlds, complete) = initialization::worlds(scenario, recording);
    let (mut best, mut work) = (None, 0);
    for scenario in worlds {
        let left = ExplainLimits { steps: limits.steps.saturating_sub(work), ..*limits };
        let report = explain_in(recording, scenario, &left)?;
        work += report.work;
        let ends = report.explanation.verdict == ExplainVerdict::Explained;
        if best.as_ref().is_none_or(|best| rank(&report) > rank(best)) {
            best = Some(report);
        }
        if ends {
            break;
        }
    }
    let mut best = best.ok_or_else(|| FileError::at(0, "the scenario has no client"))?;
    best.work = work;
    let explanation = &mut best.explanation;
    if !complete && explanation.verdict == ExplainVerdict::Unexplained {
        explanation.verdict = ExplainVerdict::Inconclusive;
        explanation.limit = Some("clients initialised before the recording".to_owned());
    }
    Ok(best)
}

/// What a report on one world is worth: what is not decided in one world is not unexplained.
const fn rank(report: &Explained) -> (u8, usize) {
    let verdict = match report.explanation.verdict {
        ExplainVerdict::Unexplained => 0,
        ExplainVerdict::Inconclusive => 1,
        ExplainVerdict::Explained => 2,
    };
    (verdict, report.explanation.explained)
}

/// Searches for a run of one world, its clients initialised or not when the recording begins.
fn explain_in(
    recording: &Recording,
    scenario: Scenario,
    limits: &ExplainLimits<'_>,
) -> Result<Explained, FileError> {
    let clients = scenario.clients.len();
    let plan = Plan::of(recording, &Model::new(scenario.clone()))?;
    let budget = scenario.faults.budget.limit().map(u32::from);
    let faults = limits.faults.filter(|most| Some(*most) != budget);
    let most = LOGONS / clients.max(1);
    let mut room = 2.min(most);
    loop {
        let world =
            World { scenario: scenario.clone(), slots: Slots::of(vec![room; clients]), faults };
        let model = world.model();
        let outcome = beam::search(&plan, Engine::new(&model), world.most_faults(), limits);
        // Clients that hold more sessions at once need more room for their pointers.
        if !matches!(outcome.end, End::Limit(_, FULL)) || room == most {
            return Ok(verdict::report(recording, &plan, world, outcome));
        }
        room = most.min(room * 2);
    }
}
