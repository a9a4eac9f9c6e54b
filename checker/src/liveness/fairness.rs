//! Fair loops: states in which a fair run can stay forever with an obligation open.
//!
//! Such a run ends up visiting all states of some strongly connected set again and again. It is
//! weakly fair if every fair actor acts on a step inside, or is disabled in some state inside. A
//! larger strongly connected set has all the steps and states of a smaller, so the components
//! decide. A run may also stay forever in a quiescent state, in which no fair actor is enabled.

use std::collections::{BTreeMap, VecDeque};

use crate::hash::low32;
use crate::liveness::pending_graph::PendingGraph;
use crate::liveness::scc::NONE;

/// The fair loops with the obligation of one property open.
pub(crate) struct FairLoops<'a> {
    pending: &'a PendingGraph,
    fair: u64,
    /// The actors that must be treated on a cycle.
    strict: u64,
    /// For each state its component among the states in which the obligation is open.
    component: Vec<u32>,
    /// The states on fair loops that are nearest to an initial state: all of one level.
    pub(crate) nearest: Vec<u32>,
}

/// The part of what a fair run needs that a component has.
#[derive(Clone, Copy, Default)]
struct Inside {
    /// Actors that act inside, or are disabled somewhere inside.
    treated: u64,
    /// Is there a step inside?
    step: bool,
}

/// For each state whether it lies on a cycle of states with open obligations.
pub(crate) fn cyclic(pending: &PendingGraph) -> Vec<bool> {
    let graph = &pending.graph;
    let component = graph.components(|node| pending.masks[node] != 0);
    let mut sizes = vec![0u32; graph.len()];
    for &component in component.iter().filter(|&&component| component != NONE) {
        sizes[component as usize] += 1;
    }
    let itself = |node: usize| {
        let mut edges = graph.edges(node);
        edges.any(|edge| graph.targets[edge] as usize == node)
    };
    let on_cycle = |(node, &component): (usize, &u32)| {
        component != NONE && (sizes[component as usize] > 1 || itself(node))
    };
    component.iter().enumerate().map(on_cycle).collect()
}

impl<'a> FairLoops<'a> {
    /// For property `bit` of the group, when the actors in `fair` are fair, and those in `strict`
    /// are known on cycles, too.
    pub(crate) fn new(
        pending: &'a PendingGraph,
        cyclic: &[bool],
        bit: usize,
        (fair, strict): (u64, u64),
    ) -> Self {
        let open = |node: usize| pending.masks[node] >> bit & 1 == 1;
        let component = pending.graph.components(|node| cyclic[node] && open(node));
        let mut loops = Self { pending, fair, strict, component, nearest: Vec::new() };
        let inside = loops.inside();
        let is_fair = |node: usize| {
            let inside = inside.get(loops.component[node] as usize);
            inside.is_some_and(|inside| inside.step && strict & !inside.treated == 0)
        };
        let mut least = u32::MAX;
        let mut nearest = Vec::new();
        for node in (0..pending.graph.len()).filter(|&node| open(node)) {
            if is_fair(node) || loops.is_quiescent(node) {
                let node = low32(node as u64);
                let level = pending.levels[node as usize];
                if level < least {
                    least = level;
                    nearest.clear();
                }
                if level == least {
                    nearest.push(node);
                }
            }
        }
        loops.nearest = nearest;
        loops
    }

    /// What each component has.
    fn inside(&self) -> Vec<Inside> {
        let components = self.component.iter().filter(|&&component| component != NONE).max();
        let mut inside = vec![Inside::default(); components.map_or(0, |&last| last as usize + 1)];
        for node in 0..self.component.len() {
            let component = self.component[node];
            let Some(inside) = inside.get_mut(component as usize) else {
                continue;
            };
            inside.treated |= !self.pending.enabled[node];
            for edge in self.pending.graph.edges(node) {
                if self.within(component, self.pending.graph.targets[edge]) {
                    inside.treated |= 1 << self.pending.actors[edge];
                    inside.step = true;
                }
            }
        }
        inside
    }

    fn within(&self, component: u32, node: u32) -> bool {
        node != NONE && self.component[node as usize] == component
    }

    /// Is no fair actor enabled in this state?
    fn is_quiescent(&self, node: usize) -> bool {
        self.pending.enabled[node] & self.fair == 0
    }

    /// The steps, each by its position among those of its state, of a cycle through `from` that
    /// treats every fair actor: to the nearest step or state that treats one, and so on until all
    /// are, and back. There are none if `from` is quiescent.
    pub(crate) fn cycle(&self, from: u32) -> Vec<u32> {
        if self.is_quiescent(from as usize) {
            return Vec::new();
        }
        let (enabled, actors) = (&self.pending.enabled, &self.pending.actors);
        let target = |edge: usize| self.pending.graph.targets[edge];
        let mut open = self.strict & enabled[from as usize];
        let mut at = from;
        let mut cycle = Vec::new();
        while open != 0 || at != from || cycle.is_empty() {
            let done = |edge: usize| {
                let treated = 1 << actors[edge] | !enabled[target(edge) as usize];
                if open == 0 { target(edge) == from } else { open & treated != 0 }
            };
            let walk = self.walk(at, done);
            let Some(&(_, last)) = walk.last() else { break };
            for &(node, edge) in &walk {
                open &= !(1 << actors[edge]) & enabled[target(edge) as usize];
                let ordinal = edge - self.pending.graph.starts[node as usize];
                cycle.push(low32(ordinal as u64));
            }
            at = target(last);
        }
        cycle
    }

    /// The edges of a shortest walk from `from`, inside its component, to an edge that is `done`.
    fn walk(&self, from: u32, done: impl Fn(usize) -> bool) -> Vec<(u32, usize)> {
        let component = self.component[from as usize];
        let mut before: BTreeMap<u32, (u32, usize)> = BTreeMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(node) = queue.pop_front() {
            for edge in self.pending.graph.edges(node as usize) {
                let to = self.pending.graph.targets[edge];
                if !self.within(component, to) {
                    continue;
                }
                if done(edge) {
                    let mut walk = vec![(node, edge)];
                    let mut at = node;
                    while at != from {
                        walk.push(before[&at]);
                        at = before[&at].0;
                    }
                    walk.reverse();
                    return walk;
                }
                if to != from && !before.contains_key(&to) {
                    before.insert(to, (node, edge));
                    queue.push_back(to);
                }
            }
        }
        Vec::new()
    }
}
