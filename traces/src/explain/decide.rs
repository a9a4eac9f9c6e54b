//! The decision: a run of the scenario's world that shows the recording is searched for, in every
//! way in which its clients may begin.

use mapi_logon_model::ids::LOGONS;
use mapi_logon_model::machine::Model;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::world::Slots;

use super::beam::{self, End};
use super::initialization;
use super::limits::ExplainLimits;
use super::plan::Plan;
use super::report::{Explained, report};
use super::search::{Engine, FULL};
use super::verdict::ExplainVerdict;
use super::world::World;
use crate::lines::FileError;
use crate::recording::Recording;

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
        let (model, faultiest) = (world.model(), world.faultiest());
        let engine = Engine::new(&model);
        let outcome = beam::search(&plan, engine, Some(&faultiest), world.most_faults(), limits);
        // Clients that hold more sessions at once need more room for their pointers.
        if !matches!(outcome.end, End::Limit(_, FULL)) || room == most {
            return Ok(report(recording, &plan, world, outcome, limits.details));
        }
        room = most.min(room * 2);
    }
}
