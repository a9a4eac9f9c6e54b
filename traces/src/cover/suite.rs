//! Suites, their criteria and what they cover.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::write::Trace;

/// What the traces of a suite cover together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// Every state of SPEC 7.1.
    States,
    /// Every transition of SPEC 7.2 and 7.3.
    Transitions,
    /// Every two transitions that a client's calls take one after the other.
    Pairs,
    /// Every clause of the documentation on which a transition rests.
    Clauses,
    /// Every outcome of the scenario.
    Outcomes,
    /// Every outcome; those with different dialogs in a call count as different.
    OutcomesWithDialogs,
}

impl Criterion {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::States => "states",
            Self::Transitions => "transitions",
            Self::Pairs => "pairs",
            Self::Clauses => "clauses",
            Self::Outcomes => "outcomes",
            Self::OutcomesWithDialogs => "outcomes-with-dialogs",
        }
    }
}

/// A suite of regression traces, and its coverage.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suite {
    /// The traces.
    pub traces: Vec<Trace>,
    /// Their coverage.
    pub coverage: Coverage,
}

/// The coverage of a suite.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// The criterion.
    pub criterion: Criterion,
    /// How many goals are shown.
    pub covered: usize,
    /// How many goals some run shows.
    pub reachable: usize,
    /// Was the whole graph explored?
    pub complete: bool,
    /// How many states were explored.
    pub states: usize,
    /// How many traces, and steps of all traces together.
    pub size: Size,
    /// Clauses of the documentation on which the transitions that are taken rest, whatever the
    /// criterion.
    pub clauses: Clauses,
    /// Lower bounds: no suite with the same coverage has fewer traces, or fewer steps.
    pub at_least: Size,
    /// What no run of the scenario shows, and what that would take.
    pub uncovered: Vec<Uncovered>,
}

/// How many clauses of the documentation a suite covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clauses {
    /// Clauses on which a transition rests that some trace takes.
    pub covered: usize,
    /// Clauses on which any transition rests.
    pub of: usize,
}

/// The size of a suite.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// Traces.
    pub traces: usize,
    /// Steps of all traces together.
    pub steps: usize,
}

/// A goal that no run of the scenario reaches.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Uncovered {
    /// Its id.
    pub id: String,
    /// What it would take.
    pub why: String,
}
