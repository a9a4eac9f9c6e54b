//! The verdict on a recording: the result for programs, and a run that explains it.

use std::collections::BTreeMap;

use mapi_logon_model::machine::Model;
use mapi_logon_model::protocol::{Action, Effect};
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::world::Slots;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::beam::{End, Outcome};
use super::history::History;
use super::plan::{Plan, Point};
use super::witness;
use crate::lines::FileError;
use crate::names::Names;
use crate::recording::{ProviderEvent, Recording};
use crate::tracer::any_calls;
use crate::write::Trace;

/// Is the recording explained?
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExplainVerdict {
    /// Some run shows exactly this recording.
    Explained,
    /// No run does.
    Unexplained,
    /// A limit stopped the search.
    Inconclusive,
}

/// The result of `mapi-logon validate`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// Is the recording explained?
    pub verdict: ExplainVerdict,
    /// How many events it has.
    pub events: usize,
    /// How many of them, from the first on, some run shows.
    pub explained: usize,
    /// How many faults that run needs.
    pub faults: u32,
    /// Is it certain that no run needs fewer?
    pub fewest: bool,
    /// The faults, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub struck: Vec<Struck>,
    /// The event that no run shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unexplained: Option<Unexplained>,
    /// The limit that stopped the search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// How the call could have returned instead.
    pub possible: Vec<Possible>,
    /// Readings that would explain the recording, cheapest first.
    pub hypotheses: Vec<Hypothesis>,
}

/// A fault that struck, hidden from the recording.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Struck {
    /// During the call of which event, from 1.
    pub event: usize,
    /// The line of that event.
    pub line: u64,
    /// Whom.
    pub provider: String,
    /// What.
    pub fault: String,
}

/// An event that no run shows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unexplained {
    /// Which, from 1.
    pub event: usize,
    /// Its line.
    pub line: u64,
    /// Who called.
    pub client: String,
    /// What.
    pub call: String,
    /// With what result.
    pub result: serde_json::Value,
}

/// A way in which a call could have returned, as far as the event says how it did.
#[derive(
    Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Possible {
    /// The result.
    pub result: String,
    /// Was an existing session joined?
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<bool>,
    /// The profile of the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The provider calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_events: Option<Vec<ProviderEvent>>,
    /// The dialogs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialogs: Option<Vec<String>>,
}

/// Readings under which the recording is explained, or more of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hypothesis {
    /// The preset with exactly these readings, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// The switches to set.
    pub set: BTreeMap<String, String>,
    /// How many events are explained then.
    pub explained: usize,
    /// With how many faults.
    pub faults: u32,
}

/// The result with the runs that show what is explained.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The result.
    pub explanation: Explanation,
    /// How many steps were tried.
    pub work: u64,
    history: History,
    /// Where the runs with the fewest faults end.
    ends: Vec<u32>,
    world: World,
}

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

    /// How many faults a run may have.
    pub(super) fn most_faults(&self) -> u32 {
        let budget = self.scenario.faults.budget;
        self.faults.unwrap_or_else(|| budget.limit().map_or(u32::MAX, u32::from))
    }
}

impl Explained {
    /// A run that shows every explained event, as a trace that can be replayed.
    ///
    /// # Errors
    /// Where the recording is not the one that was explained.
    pub fn witness(&self, recording: &Recording) -> Result<Trace, FileError> {
        let witness = self.witnesses(recording, 1)?.into_iter().next();
        witness.ok_or_else(|| FileError::at(0, "nothing was explained"))
    }

    /// All such runs with the fewest faults, at most `most` of them, that of [`Explained::witness`]
    /// first. Runs that the search did not tell apart, because independent calls come in any order,
    /// are one.
    ///
    /// # Errors
    /// Where the recording is not the one that was explained.
    pub fn witnesses(&self, recording: &Recording, most: usize) -> Result<Vec<Trace>, FileError> {
        let model = self.world.model();
        let plan = Plan::of(recording, &model)?;
        let runs = self.ends.iter().flat_map(|end| self.history.runs(*end, most));
        let faults = self.explanation.faults;
        let trace = |run: Vec<Action>| witness::trace(&plan, &self.world, &model, &run, faults);
        Ok(runs.take(most).map(trace).collect())
    }
}

/// The report on a search that has come to its end.
pub(super) fn report(
    recording: &Recording,
    plan: &Plan,
    world: World,
    mut outcome: Outcome<'_>,
) -> Explained {
    let (verdict, at, limit) = match (outcome.end, outcome.exact) {
        (End::Reached, _) => (ExplainVerdict::Explained, plan.points.len(), None),
        (End::Stuck(at), true) => (ExplainVerdict::Unexplained, at, None),
        (End::Stuck(at), false) => (ExplainVerdict::Inconclusive, at, Some("steps")),
        (End::Limit(at, what), _) => (ExplainVerdict::Inconclusive, at, Some(what)),
    };
    let stuck = matches!(outcome.end, End::Stuck(_));
    let possible = match plan.points.get(at) {
        Some(Point::End(number)) if stuck => {
            let client = plan.events[*number as usize].client;
            let (engine, belief) = (&mut outcome.engine, &outcome.belief);
            engine.ways(belief, client, world.most_faults())
        }
        Some(Point::Begin(_) | Point::End(_)) | None => Vec::new(),
    };
    let (mut ends, faults) = (outcome.cheapest(), outcome.belief.fewest());
    let mut history = outcome.engine.history;
    history.keep(ends.iter_mut());
    let given_up = outcome.belief.given_up;
    let explanation = Explanation {
        verdict,
        events: recording.events.len(),
        explained: explained_before(plan, at) + unreturned(plan, at),
        faults,
        fewest: outcome.exact || given_up.is_none_or(|least| faults <= least),
        struck: if faults == 0 {
            Vec::new()
        } else {
            let run = ends.first().map_or_else(Vec::new, |end| history.run(*end));
            strokes(recording, plan, outcome.engine.model, &run)
        },
        unexplained: stuck.then(|| event_at(recording, plan, at)),
        limit: limit.map(str::to_owned),
        possible,
        hypotheses: Vec::new(),
    };
    Explained { explanation, work: outcome.engine.work, history, ends, world }
}

/// How many events have been explained before a point.
fn explained_before(plan: &Plan, at: usize) -> usize {
    let points = plan.points[..at].iter();
    points.filter(|point| matches!(point, Point::End(_))).count()
}

/// Calls that never returned are explained when everything else is.
fn unreturned(plan: &Plan, at: usize) -> usize {
    let never = plan.events.len() - explained_before(plan, plan.points.len());
    if at == plan.points.len() { never } else { 0 }
}

fn event_at(recording: &Recording, plan: &Plan, at: usize) -> Unexplained {
    let (Point::Begin(number) | Point::End(number)) = plan.points[at];
    let event = &recording.events[number as usize];
    Unexplained {
        event: number as usize + 1,
        line: event.line,
        client: event.client.clone(),
        call: event.written(),
        result: event.seen.result.clone(),
    }
}

/// The faults of a run, each with the event in whose call it struck.
fn strokes(recording: &Recording, plan: &Plan, model: &Model, actions: &[Action]) -> Vec<Struck> {
    let mut struck = Vec::new();
    witness::walk(plan, model, actions, |event, effects| {
        for effect in effects {
            if let Effect::Struck { provider, fault } = *effect {
                struck.push(Struck {
                    event: event as usize + 1,
                    line: recording.events[event as usize].line,
                    provider: Names::of(model).provider(provider),
                    fault: fault.name().to_owned(),
                });
            }
        }
    });
    struck
}
