//! Which runs are worth keeping? Few and short ones that together show all there is to see.
//!
//! What there is to see is a criterion: every state of SPEC 7.1, every transition of SPEC 7.2 and
//! 7.3, every pair of them that a client's calls take one after the other, or every outcome. The
//! graph of all states is explored (`graph`), tours through it are drawn greedily (`tours`),
//! and what no run shows is told with what it would take (`needs`).

use mapi_logon_model::model::Model;
use mapi_logon_model::transition::{Place, Transition};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::trace::Expect;
use crate::write::Trace;

mod goals;
mod graph;
#[cfg(feature = "mutants")]
pub mod mutants;
mod needs;
mod outcomes;
mod pairs;
mod tours;

use goals::Goals;
use graph::Graph;

/// What the traces of a suite are to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// Every state of SPEC 7.1.
    States,
    /// Every transition of SPEC 7.2 and 7.3.
    Transitions,
    /// Every two transitions that a client's calls take one after the other.
    Pairs,
    /// Every outcome of the scenario.
    Outcomes,
}

impl Criterion {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::States => "states",
            Self::Transitions => "transitions",
            Self::Pairs => "pairs",
            Self::Outcomes => "outcomes",
        }
    }
}

/// A suite of regression traces, and how good it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suite {
    /// The traces.
    pub traces: Vec<Trace>,
    /// How much of what some run shows they show.
    pub coverage: Coverage,
}

/// How good a suite is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// What was to be shown.
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
    /// No suite that shows as much has fewer traces, or fewer steps.
    pub at_least: Size,
    /// What no run of the scenario shows, and what that would take.
    pub uncovered: Vec<Uncovered>,
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

/// Makes a suite; gives up exploring after `most` states.
#[must_use]
pub fn cover(model: &Model, criterion: Criterion, most: usize) -> Suite {
    cover_while(model, criterion, &mut |known| known < most)
}

/// As [`cover`]; explores as long as `goes_on` says so, which is told how many states are known.
#[must_use]
pub fn cover_while(
    model: &Model,
    criterion: Criterion,
    goes_on: &mut dyn FnMut(usize) -> bool,
) -> Suite {
    if criterion == Criterion::Outcomes {
        return outcomes::cover(model, goes_on);
    }
    let goals = Goals::new(criterion);
    let graph = Graph::explore(model, goals, goes_on);
    let tours = tours::tours(&graph);
    let bound = tours::at_least(&graph);
    let mut shown = vec![false; graph.goals.len()];
    let mut traces = Vec::new();
    for tour in &tours {
        let mut covers = Vec::new();
        for goal in &tour.goals {
            if !std::mem::replace(&mut shown[*goal], true) {
                covers.push(graph.goals.name(*goal));
            }
        }
        let expect = Expect { covers, ..Expect::conforms() };
        if let Ok(trace) = Trace::record(model, graph.actions(model, &tour.edges), expect) {
            traces.push(trace);
        }
    }
    let steps = traces.iter().map(|trace| trace.lines.len()).sum();
    let coverage = Coverage {
        criterion,
        covered: shown.iter().filter(|shown| **shown).count(),
        reachable: graph.reachable().count(),
        complete: graph.complete,
        states: graph.states(),
        size: Size { traces: traces.len(), steps },
        at_least: bound,
        uncovered: uncovered(&graph, model),
    };
    Suite { traces, coverage }
}

/// States and transitions of the specification that no run of the scenario shows.
fn uncovered(graph: &Graph, model: &Model) -> Vec<Uncovered> {
    let missing = |id: &str, why: String| Uncovered { id: id.to_owned(), why };
    let reason = |needs: &str| {
        if graph.complete {
            format!("not in this scenario: takes {needs}")
        } else {
            format!("not within {} states; takes {needs}", graph.states())
        }
    };
    match graph.goals.criterion() {
        Criterion::States => Place::ALL
            .iter()
            .filter(|place| !graph.visits(**place))
            .map(|place| missing(place.id(), reason(needs::of_place(*place, model))))
            .collect(),
        Criterion::Transitions | Criterion::Pairs => {
            let never = Transition::ALL
                .iter()
                .filter(|transition| !graph.takes(**transition))
                .map(|transition| missing(transition.id(), reason(needs::of(*transition))));
            never.chain(pairs::uncovered(graph)).collect()
        }
        Criterion::Outcomes => Vec::new(),
    }
}
