//! A naive search, to compare with.

use std::collections::{BTreeMap, BTreeSet};

use crate::graphs::{Edge, Graph};

/// What a naive search finds of a [`Graph`].
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Naive {
    pub(crate) states: u64,
    pub(crate) transitions: u64,
    pub(crate) levels: Vec<u64>,
    pub(crate) stuck: u64,
    pub(crate) terminal: u64,
    /// The least depth of a marked step, for the invariant and the witness.
    pub(crate) marked: [Option<u32>; 2],
    /// Is property 2, or 3, starved?
    pub(crate) starved: [bool; 2],
}

pub(crate) fn explore(graph: &Graph) -> Naive {
    let mut naive = Naive::default();
    let mut seen: BTreeSet<u64> = graph.initial.iter().copied().collect();
    let mut level: Vec<u64> = seen.iter().copied().collect();
    while !level.is_empty() {
        naive.levels.push(level.len() as u64);
        let mut next = Vec::new();
        for node in level {
            let steps: Vec<&Edge> = graph.edges.iter().filter(|edge| edge.from == node).collect();
            naive.terminal += u64::from(steps.is_empty());
            naive.stuck += u64::from(steps.is_empty() && !graph.ends.contains(&node));
            for edge in steps {
                naive.transitions += 1;
                for (at, depth) in naive.marked.iter_mut().enumerate() {
                    if edge.marks.contains(at) {
                        depth.get_or_insert(naive.levels.len() as u32);
                    }
                }
                if seen.insert(edge.to) {
                    next.push(edge.to);
                }
            }
        }
        level = next;
    }
    naive.states = seen.len() as u64;
    naive.starved = [&graph.pending, &graph.pending_too].map(|open| starved(graph, &seen, open));
    naive
}

/// Decides progress by trying, for each state, the set of states that it reaches and that reach it.
fn starved(graph: &Graph, seen: &BTreeSet<u64>, open: &[u64]) -> bool {
    let open: BTreeSet<u64> = open.iter().copied().filter(|node| seen.contains(node)).collect();
    let enabled = |node: u64| {
        let steps = graph.edges.iter().filter(|edge| edge.from == node);
        steps.fold(0u64, |all, edge| all | 1 << edge.actor)
    };
    let inside: Vec<&Edge> = graph
        .edges
        .iter()
        .filter(|edge| open.contains(&edge.from) && open.contains(&edge.to))
        .collect();
    let reach: BTreeMap<u64, BTreeSet<u64>> =
        open.iter().map(|&node| (node, from(node, &inside))).collect();
    open.iter().any(|&node| {
        if enabled(node) & !graph.unfair == 0 {
            return true;
        }
        let set: BTreeSet<u64> =
            reach[&node].iter().copied().filter(|other| reach[other].contains(&node)).collect();
        let steps = inside.iter().filter(|edge| set.contains(&edge.from) && set.contains(&edge.to));
        let acts = steps.fold(0u64, |all, edge| all | 1 << edge.actor);
        let rests = set.iter().fold(0, |all, &node| all | !enabled(node));
        !set.is_empty() && (acts | rests | graph.unfair) == u64::MAX
    })
}

/// The nodes reached by one or more steps.
fn from(node: u64, edges: &[&Edge]) -> BTreeSet<u64> {
    let mut reached = BTreeSet::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        for edge in edges.iter().filter(|edge| edge.from == node) {
            if reached.insert(edge.to) {
                open.push(edge.to);
            }
        }
    }
    reached
}
