//! Suites of regression traces: few and short runs that together cover a scenario.
//!
//! The criterion of coverage is every state of SPEC 7.1, every transition of SPEC 7.2 and
//! 7.3, every pair of them that a client's calls take one after the other, every clause on which
//! they rest, or every outcome. The
//! graph of all states is explored (`graph`), tours through it are chosen greedily (`tours`), and
//! the report names what no run shows with what that needs.

use std::collections::BTreeSet;

use mapi_logon_model::machine::Model;
use mapi_logon_model::protocol::{Place, Transition};

use crate::trace::Expect;
use crate::write::Trace;

mod atlas;
mod forceable;
mod goals;
mod graph;
pub mod mutants;
mod outcomes;
mod pairs;
mod suite;
mod tours;

use goals::{Goal, Goals};
use graph::Graph;

pub use atlas::{Allowed, Atlas, Way};
pub use forceable::is_forceable;
pub use suite::{Clauses, Coverage, Criterion, Size, Suite, Uncovered};

/// Makes a suite; stops exploring after `most` states.
#[must_use]
pub fn cover(model: &Model, criterion: Criterion, most: usize) -> Suite {
    cover_while(model, criterion, &mut |known| known < most)
}

/// As [`cover`]; explores as long as `goes_on` says so, asked with the number of states known.
#[must_use]
pub fn cover_while(
    model: &Model,
    criterion: Criterion,
    goes_on: &mut dyn FnMut(usize) -> bool,
) -> Suite {
    if matches!(criterion, Criterion::Outcomes | Criterion::OutcomesWithDialogs) {
        return outcomes::cover(model, criterion, goes_on);
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
        if let Ok(trace) = Trace::record(model, graph.actions(&tour.edges), expect) {
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
        clauses: clauses(&traces),
        at_least: bound,
        uncovered: uncovered(&graph),
    };
    Suite { traces, coverage }
}

/// States and transitions of the specification that no run of the scenario shows.
fn uncovered(graph: &Graph) -> Vec<Uncovered> {
    let missing = |id: &str, why: String| Uncovered { id: id.to_owned(), why };
    let reason = |needs: &str| {
        if graph.complete {
            format!("not in this scenario: needs {needs}")
        } else {
            format!("not within {} states; needs {needs}", graph.states())
        }
    };
    match graph.goals.criterion() {
        Criterion::States => Place::ALL
            .iter()
            .filter(|place| !graph.visits(**place))
            .map(|place| missing(place.id(), reason(place.needs())))
            .collect(),
        Criterion::Transitions | Criterion::Pairs => {
            let never = Transition::ALL
                .iter()
                .filter(|transition| !graph.takes(**transition))
                .map(|transition| missing(transition.id(), reason(transition.needs())));
            never.chain(pairs::uncovered(graph)).collect()
        }
        Criterion::Clauses => {
            let all: BTreeSet<_> = goals::clauses().iter().flatten().collect();
            let never = all.into_iter().filter(|id| !graph.goals.has(Goal::Clause(id)));
            let needs = |id: &&str| {
                let rest = Transition::ALL.iter().zip(goals::clauses());
                let rest = rest.filter(|(_, clauses)| clauses.contains(id));
                let ids: Vec<_> = rest.map(|(transition, _)| transition.id()).collect();
                missing(id, reason(&ids.join(" or ")))
            };
            never.map(needs).collect()
        }
        Criterion::Outcomes | Criterion::OutcomesWithDialogs => Vec::new(),
    }
}

/// The clauses that traces cover by the transitions that they take.
fn clauses(traces: &[Trace]) -> Clauses {
    let taken: BTreeSet<_> =
        traces.iter().flat_map(|trace| &trace.lines).flat_map(|line| &line.taken).collect();
    let rest = Transition::ALL.iter().zip(goals::clauses());
    let rest = rest.filter(|(transition, _)| taken.contains(&transition.id().to_owned()));
    let covered: BTreeSet<_> = rest.flat_map(|(_, clauses)| clauses).collect();
    let all: BTreeSet<_> = goals::clauses().iter().flatten().collect();
    Clauses { covered: covered.len(), of: all.len() }
}
