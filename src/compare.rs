//! Comparison of two machines: outcomes, verdicts and states, and where their runs part.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;
use mapi_logon_checker::{End, Limits, Options, Paths, Pulse};
use mapi_logon_model::machine::Model;
use mapi_logon_model::property::PropertySet;
use mapi_logon_model::scenario::Scenario;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cached::check_cached;
use crate::explorable::{Counts, Explorable};
use crate::outcomes::{CallRecord, shortest_until};
use crate::progress::ProgressLine;
use crate::render::text::count;
use crate::run::{Told, tell};
use crate::verdict::{Defaults, Row, Verdict};

mod parting;
mod saved;

pub use parting::{Followed, Instead, Parting, follow};
pub use saved::read;

/// States visited between two updates of the progress line.
const REPORT_EVERY: usize = 1 << 14;

/// One of the two that are compared: a scenario, and what it comes to under its readings.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// The scenario's name.
    pub scenario: String,
    /// The scenario file with every reading that is not the documented one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// States that `check` explores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub states: Option<u64>,
    /// What clients and users see, sorted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcomes: Option<Vec<Outcome>>,
    /// What is known of each property.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub properties: Option<Vec<Judged>>,
}

/// Something that can be seen from outside, and a shortest run that leads to it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// What the calls came to.
    pub calls: Vec<CallRecord>,
    /// The run, without what changes inside the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<Vec<Told>>,
}

/// A property with its verdict.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Judged {
    /// The id of the specification.
    pub id: String,
    /// What is known of it.
    pub verdict: Verdict,
    /// The readings that give it up, or why there is nothing to decide; empty otherwise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// How a side is explored.
#[derive(Clone, Copy, Debug)]
pub struct CompareMeans<'a> {
    /// Most states of each search.
    pub max_states: u64,
    /// Most bytes of each search.
    pub max_bytes: Option<u64>,
    /// Most time of all searches together.
    pub max_time: Option<Duration>,
    /// Are outcomes distinguished by dialogs?
    pub dialogs: bool,
    /// Set on interrupt.
    pub interrupt: &'a AtomicBool,
    /// Where progress is shown, and the clock.
    pub progress: ProgressLine,
}

impl CompareMeans<'_> {
    /// The time that is left.
    fn left(&self) -> Option<Duration> {
        self.max_time.map(|most| most.saturating_sub(self.progress.elapsed()))
    }
}

/// Two sides compared.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Comparison {
    /// Does anything differ: an outcome, a verdict or the number of states?
    pub differs: bool,
    /// The first; its outcomes are without runs.
    pub left: Side,
    /// The other; its outcomes are without runs.
    pub right: Side,
    /// Outcomes of both; none where the outcomes of a side are not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub common: Option<usize>,
    /// Outcomes of the first alone, shortest runs first.
    pub only_left: Vec<Difference>,
    /// Outcomes of the other alone, shortest runs first.
    pub only_right: Vec<Difference>,
    /// Properties whose verdicts differ, in the order of the specification.
    pub properties: Vec<Changed>,
}

/// An outcome of one side alone.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Difference {
    /// The outcome, and the shortest run that leads to it if that is known.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Where the other machine parts from that run, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parting: Option<Parting>,
}

/// A property whose verdicts on the two sides differ.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Changed {
    /// The id of the specification.
    pub id: String,
    /// What is known of it on the left.
    pub left: Verdict,
    /// What is known of it on the right.
    pub right: Verdict,
    /// The readings that give it up, on either side; empty where none does.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub given_up_by: String,
}

impl Side {
    /// Explores a scenario, the `number`th of both; nothing if a limit or an interrupt ends that.
    /// If it ends the search for outcomes, there are none.
    ///
    /// # Errors
    /// When it cannot be explored.
    pub fn explore(
        name: &str,
        number: u8,
        scenario: Scenario,
        means: &CompareMeans<'_>,
    ) -> Result<Option<Self>> {
        let source = scenario.to_toml();
        let model = Model::new(scenario);
        let world = Explorable::new(model.clone().forgetting(), PropertySet::ALL);
        let world = world.counting(Counts::Nothing);
        let phase = format!("side {number} of 2, verdicts");
        let watch = |pulse: &Pulse| means.progress.search_of(&phase, pulse);
        let limits =
            Limits { states: Some(means.max_states), bytes: means.max_bytes, time: means.left() };
        let options = Options {
            paths: Paths::None,
            limits,
            interrupt: Some(means.interrupt),
            watch: Some(&watch),
            ..Options::default()
        };
        let report = check_cached(&world, &options)?;
        if report.end != End::Complete {
            return Ok(None);
        }
        let defaults = Defaults::of(model.scenario(), means.interrupt);
        let rows = Row::all(&world, &report, &[], true, &defaults).into_iter();
        let judged = rows.map(|row| Judged {
            id: row.id.to_owned(),
            verdict: row.verdict,
            reason: row.reason,
        });
        Ok(Some(Self {
            scenario: name.to_owned(),
            source: Some(source),
            states: Some(report.states),
            outcomes: outcomes(&model, number, means),
            properties: Some(judged.collect()),
        }))
    }

    /// Does it tell outcomes apart by dialogs?
    #[must_use]
    pub fn has_dialogs(&self) -> bool {
        let mut calls = self.outcomes.iter().flatten().flat_map(|outcome| &outcome.calls);
        calls.next().is_none_or(|record| record.dialogs.is_some())
    }

    /// The same with outcomes that differ in dialogs taken for one, by the shortest of their runs.
    #[must_use]
    pub fn without_dialogs(mut self) -> Self {
        let mut kept: BTreeMap<String, Outcome> = BTreeMap::new();
        for mut outcome in self.outcomes.iter().flatten().cloned() {
            outcome.calls.iter_mut().for_each(|record| record.dialogs = None);
            let text = text(&outcome.calls);
            if kept.get(&text).is_none_or(|known| length(&outcome) < length(known)) {
                kept.insert(text, outcome);
            }
        }
        self.outcomes = self.outcomes.map(|_| kept.into_values().collect());
        self
    }

    /// The machine of the scenario, if it is known and can still be read.
    #[must_use]
    pub fn model(&self) -> Option<Model> {
        let scenario = Scenario::parse(self.source.as_ref()?);
        scenario.ok().map(Model::new)
    }

    /// The same with outcomes alone, without their runs.
    fn without_runs(&self) -> Self {
        let calls = |outcome: &Outcome| Outcome { calls: outcome.calls.clone(), run: None };
        let outcomes = self.outcomes.as_ref();
        let outcomes = outcomes.map(|outcomes| outcomes.iter().map(calls).collect());
        Self {
            scenario: self.scenario.clone(),
            source: self.source.clone(),
            states: self.states,
            outcomes,
            properties: self.properties.clone(),
        }
    }
}

/// Every outcome with a shortest run; nothing if the search ended early.
fn outcomes(model: &Model, number: u8, means: &CompareMeans<'_>) -> Option<Vec<Outcome>> {
    let (mut next_report, mut late) = (REPORT_EVERY, false);
    let (found, runs) = shortest_until(model, means.dialogs, &mut |nodes, bytes| {
        if nodes >= next_report {
            let known = count(nodes as u64, "state");
            means.progress.say(&format!("side {number} of 2, outcomes: {known} with their past"));
            late = means.left().is_some_and(|left| left.is_zero());
            next_report = nodes + REPORT_EVERY;
        }
        late || nodes as u64 > means.max_states
            || means.max_bytes.is_some_and(|most| bytes > most)
            || means.interrupt.load(Ordering::Relaxed)
    });
    let start = model.start();
    let tell = |actions: &Vec<_>| {
        let told = tell(model, &start, actions, 1).into_iter();
        told.map(Told::from_outside).collect()
    };
    let pairs = found.outcomes.into_iter().zip(&runs);
    let outcomes = pairs.map(|(calls, run)| Outcome { calls, run: Some(tell(run)) });
    found.complete.then(|| outcomes.collect())
}

impl Comparison {
    /// Compares two sides.
    #[must_use]
    pub fn of(left: &Side, right: &Side) -> Self {
        let (only_left, only_right) = (only(left, right), only(right, left));
        let properties = changed(left, right);
        let states = left.states.zip(right.states);
        let common = left.outcomes.as_ref().zip(right.outcomes.as_ref());
        Self {
            differs: !(only_left.is_empty() && only_right.is_empty() && properties.is_empty())
                || states.is_some_and(|(left, right)| left != right),
            common: common.map(|(left, _)| left.len() - only_left.len()),
            left: left.without_runs(),
            right: right.without_runs(),
            only_left,
            only_right,
            properties,
        }
    }
}

/// The outcomes of one side that the other does not have, shortest runs first.
fn only(one: &Side, other: &Side) -> Vec<Difference> {
    let (Some(own), Some(others)) = (&one.outcomes, &other.outcomes) else {
        return Vec::new();
    };
    let known: std::collections::BTreeSet<_> =
        others.iter().map(|outcome| text(&outcome.calls)).collect();
    let mut alone: Vec<_> =
        own.iter().filter(|outcome| !known.contains(&text(&outcome.calls))).collect();
    alone.sort_by_key(|outcome| length(outcome));
    let model = other.model();
    let difference = |outcome: &Outcome| {
        let run = model.as_ref().zip(outcome.run.as_ref());
        let parting = run.and_then(|(model, run)| follow(model, run, &outcome.calls).parting);
        Difference { outcome: outcome.clone(), parting }
    };
    alone.into_iter().map(difference).collect()
}

/// The properties whose verdicts differ.
fn changed(left: &Side, right: &Side) -> Vec<Changed> {
    let others = right.properties.iter().flatten();
    let others: BTreeMap<_, _> = others.map(|judged| (judged.id.as_str(), judged)).collect();
    let pairs = left.properties.iter().flatten();
    let pairs = pairs.filter_map(|own| Some((own, *others.get(own.id.as_str())?)));
    let differ = pairs.filter(|(own, other)| own.verdict != other.verdict);
    let differ = differ.map(|(own, other)| {
        let by = [own, other].into_iter().find(|one| one.verdict == Verdict::GivenUp);
        Changed {
            id: own.id.clone(),
            left: own.verdict,
            right: other.verdict,
            given_up_by: by.map(|one| one.reason.clone()).unwrap_or_default(),
        }
    });
    differ.collect()
}

/// An outcome as it is compared.
fn text(calls: &[CallRecord]) -> String {
    serde_json::to_string(calls).unwrap_or_default()
}

/// How many steps lead to an outcome.
fn length(outcome: &Outcome) -> usize {
    outcome.run.as_ref().map_or(usize::MAX, Vec::len)
}
