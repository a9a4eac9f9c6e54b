//! The verdict of a check for programs.

use std::collections::BTreeMap;

use anyhow::Result;
use mapi_logon_checker::{End, Reduction, SweepLine};
use mapi_logon_model::policy::Policy;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Checked, ended};
use crate::render::classes::Classes;
use crate::render::json::{policy, pretty};
use crate::verdict::{Overall, Row};

/// The result of `mapi-logon check`.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct CheckResult<'a> {
    /// The verdict on all properties.
    verdict: Overall,
    /// The scenario.
    scenario: &'a str,
    /// What may be a mistake in the scenario.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    warnings: &'a [String],
    /// Every switch with its value.
    #[serde(serialize_with = "policy")]
    #[schemars(with = "BTreeMap<String, String>")]
    policy: &'a Policy,
    /// What explored the states: `timely` or `stateright`.
    engine: &'static str,
    /// What is interchangeable, if symmetry reduction was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    symmetry: Option<&'a Classes>,
    /// What became of `--sweep-line`: `used`, or why states were kept: `descended` where a step
    /// does not ascend, `unmeasured` where the ranks of states are not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    sweep_line: Option<&'static str>,
    /// Asked for partial-order reduction: was it used? Then all counts are of the states left.
    #[serde(skip_serializing_if = "Option::is_none")]
    reduced: Option<bool>,
    /// Why it could not be used, so that every state was explored.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_reduced_because: Option<&'static str>,
    /// The probability that a state was missed, with stateright, which stores 64-bit hashes.
    #[serde(skip_serializing_if = "Option::is_none")]
    missed: Option<f64>,
    /// The number of states.
    states: u64,
    /// The number of steps from one to another.
    transitions: u64,
    /// How many steps the furthest state is away.
    depth: u32,
    /// Why the search ended: `complete`, `max-states`, `max-memory`, `max-time` or `interrupted`.
    ended: &'static str,
    /// If it is not complete: all runs of at most this many steps were checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    checked: Option<u32>,
    /// The properties.
    properties: &'a [Row],
}

impl Checked<'_> {
    /// The verdict for programs.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn json(&self) -> Result<String> {
        let report = self.report;
        let (reduced, not_reduced_because) = match report.reduction {
            Reduction::Unasked => (None, None),
            Reduction::Done => (Some(true), None),
            Reduction::Impossible(reason) => (Some(false), Some(reason)),
        };
        pretty(&CheckResult {
            verdict: self.verdict,
            scenario: self.name,
            warnings: self.warnings,
            policy: self.policy,
            engine: self.engine,
            symmetry: self.symmetry.as_ref(),
            sweep_line: report.sweep_line.map(|outcome| match outcome {
                SweepLine::Used => "used",
                SweepLine::Unmeasured => "unmeasured",
                SweepLine::Descended => "descended",
            }),
            reduced,
            not_reduced_because,
            missed: report.missed,
            states: report.states,
            transitions: report.transitions,
            depth: report.depth,
            ended: ended(report.end).0,
            checked: (report.end != End::Complete).then_some(report.checked),
            properties: &self.rows,
        })
    }
}
