//! What is said of a recording? The verdict, a run that explains it, what was possible instead.

use std::collections::BTreeMap;

use mapi_logon_model::effect::Effect;
use mapi_logon_model::ids::{CLIENTS, ClientSet};
use mapi_logon_model::scenario::Scenario;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::plan::{Plan, Point};
use super::search::Reach;
use super::states::AT_HAND;
use super::track::{End, after_logoff};
use super::{Limits, Outcome, cheapest, explained_before, most_faults, witness};
use crate::names::{Names, fault_name};
use crate::recording::{ProviderEvent, Recording};
use crate::write::Trace;

/// Is the recording explained?
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Some run shows exactly the same.
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
    pub verdict: Verdict,
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

/// The event that no run shows.
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

/// A way in which a call could have returned; only what the event tells of is told.
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

/// The result with a run that shows what is explained.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// The result.
    pub explanation: Explanation,
    /// How many steps were tried.
    pub work: u64,
    run: Vec<mapi_logon_model::action::Action>,
    gone: Vec<u32>,
    scenario: Scenario,
}

impl Report {
    /// A run that shows every explained event, as a trace that can be replayed.
    ///
    /// # Errors
    /// Where the recording is not the one that was explained.
    pub fn witness(&self, recording: &Recording) -> Result<Trace, crate::lines::FileError> {
        let model = mapi_logon_model::model::Model::new(self.scenario.clone());
        let plan = Plan::of(recording, &model)?;
        let faults = self.explanation.faults;
        Ok(witness::trace(&plan, &self.gone, &self.scenario, &self.run, faults))
    }
}

pub(super) fn of(
    recording: &Recording,
    plan: &Plan,
    scenario: &Scenario,
    limits: &Limits<'_>,
    mut outcome: Outcome<'_>,
) -> Report {
    let (verdict, at, limit) = match (outcome.end, outcome.exact) {
        (End::Reached, _) => (Verdict::Explained, plan.points.len(), None),
        (End::Stuck(at), true) => (Verdict::Unexplained, at, None),
        (End::Stuck(at), false) => (Verdict::Inconclusive, at, Some("steps")),
        (End::Limit(at, what), _) => (Verdict::Inconclusive, at, Some(what)),
    };
    let possible = match outcome.end {
        End::Stuck(at) => ways(plan, scenario, limits, at, &mut outcome),
        End::Reached | End::Limit(..) => Vec::new(),
    };
    let run = cheapest(&outcome.track, &outcome.arena);
    let faults = outcome.track.fewest();
    let mut scenario = scenario.clone();
    if most_faults(&scenario, limits) > u32::from(scenario.faults.budget) {
        scenario.faults.budget = u8::try_from(faults).unwrap_or(AT_HAND).min(AT_HAND);
    }
    let struck = if faults == 0 {
        Vec::new()
    } else {
        strokes(recording, plan, &outcome.track.gone, &scenario, &run)
    };
    let explanation = Explanation {
        verdict,
        events: recording.events.len(),
        explained: explained_before(plan, at) + unreturned(plan, at),
        faults,
        fewest: outcome.exact || outcome.track.given_up.is_none_or(|least| faults <= least),
        struck,
        unexplained: matches!(outcome.end, End::Stuck(_)).then(|| event_at(recording, plan, at)),
        limit: limit.map(str::to_owned),
        possible,
        hypotheses: Vec::new(),
    };
    Report { explanation, work: outcome.work, run, gone: outcome.track.gone, scenario }
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

fn ways(
    plan: &Plan,
    scenario: &Scenario,
    limits: &Limits<'_>,
    at: usize,
    outcome: &mut Outcome<'_>,
) -> Vec<Possible> {
    let Point::End(number) = plan.points[at] else {
        return Vec::new();
    };
    let event = &plan.events[number as usize];
    if outcome.track.gone.contains(&number) {
        let result = after_logoff(&event.asked).name().to_owned();
        return vec![Possible { result, ..Possible::default() }];
    }
    let set = outcome.track.set.clone();
    let faults = most_faults(scenario, limits);
    let strikers = ClientSet::first_n(CLIENTS);
    let (states, steps) = (limits.states, u64::MAX);
    let reach = Reach { faults, width: u32::MAX, states, steps, stop: None, strikers };
    let mut search = outcome.track.search(&mut outcome.arena, reach, &mut outcome.work);
    search.ways(&set, event.client)
}

/// The faults of a run, each with the event in whose call it struck.
fn strokes(
    recording: &Recording,
    plan: &Plan,
    gone: &[u32],
    scenario: &Scenario,
    run: &[mapi_logon_model::action::Action],
) -> Vec<Struck> {
    let mut struck = Vec::new();
    witness::walk(plan, gone, scenario, run, |event, window, step| {
        for effect in &step.effects {
            if let Effect::Struck(provider, fault) = *effect {
                struck.push(Struck {
                    event: event as usize + 1,
                    line: recording.events[event as usize].line,
                    provider: Names::within(window).provider(provider),
                    fault: fault_name(fault).to_owned(),
                });
            }
        }
    });
    struck
}
