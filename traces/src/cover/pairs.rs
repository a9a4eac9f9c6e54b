//! Pairs of transitions that no run shows, a group for each reason.

use std::collections::BTreeSet;

use mapi_logon_model::protocol::{Place, Taken, Transition};

use super::graph::Graph;
use super::suite::{Criterion, Uncovered};

/// The pairs that no run shows: first those that could not be expected, counted; then, for each
/// first transition, those of which the second begins where the first leads.
pub(super) fn uncovered(graph: &Graph) -> Vec<Uncovered> {
    if graph.goals.criterion() != Criterion::Pairs {
        return Vec::new();
    }
    let all = Transition::ALL;
    let taken: Vec<_> = all.iter().copied().filter(|one| graph.takes(*one)).collect();
    let mut apart = 0;
    let mut meet = Vec::new();
    for first in &taken {
        let unshown = |second: &&Transition| !graph.pairs(*first, **second);
        let fits = |second: &&Transition| {
            let touches =
                !places(graph, *first, |one| one.to)
                    .is_disjoint(&places(graph, **second, |one| one.from));
            apart += usize::from(!touches);
            touches
        };
        let seconds: Vec<_> = taken.iter().filter(unshown).filter(fits).collect();
        if !seconds.is_empty() {
            let ids: Vec<_> = seconds.iter().map(|second| second.id()).collect();
            meet.push(Uncovered {
                id: format!("{} then {}", first.id(), ids.join(", ")),
                why: "both are taken, but in no run does the second come directly after the first"
                    .to_owned(),
            });
        }
    }
    let without = all.len() * all.len() - taken.len() * taken.len();
    let counted = [
        (without, "one of the two is never taken"),
        (apart, "the second never begins where the first leads"),
    ];
    let group = |(count, why): (usize, &str)| Uncovered {
        id: format!("{count} pairs"),
        why: why.to_owned(),
    };
    let counted = counted.into_iter().filter(|(count, _)| *count > 0);
    counted.map(group).chain(meet).collect()
}

/// The places where a transition was seen to begin, or to lead.
fn places(graph: &Graph, transition: Transition, end: fn(&Taken) -> Place) -> BTreeSet<Place> {
    let own = graph.met().iter().filter(|one| one.transition == transition);
    own.map(end).collect()
}
