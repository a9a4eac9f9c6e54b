//! Is there a fair run that stays for ever where an obligation is open?
//!
//! Such a run ends up visiting all states of some strongly connected set again and again. It is
//! fair if every fair actor acts on a step inside, or cannot act in some state inside. A larger
//! strongly connected set has all the steps and states of a smaller, so the largest ones decide.
//! A run may also rest for ever in a single state, if no fair actor can act there.

use std::collections::{BTreeMap, VecDeque};

use crate::relation::Relation;
use crate::scc::NONE;

/// Where runs may stay with the obligation of one property open.
pub(crate) struct Stay<'a> {
    relation: &'a Relation,
    fair: u64,
    /// For each state the set of states it reaches and that reach it, among those concerned.
    component: Vec<u32>,
    /// The states, all of one level and the nearest, where a stay can begin.
    pub(crate) knots: Vec<u32>,
}

/// What a strongly connected set has of all that a fair run needs.
#[derive(Clone, Copy, Default)]
struct Inside {
    /// Actors that act inside, or cannot act somewhere inside.
    treated: u64,
    /// Is there a step inside?
    step: bool,
}

/// For each state whether it lies on a cycle of states with open obligations.
pub(crate) fn cyclic(relation: &Relation) -> Vec<bool> {
    let component = relation.graph.components(|node| relation.masks[node] != 0);
    let mut sizes = vec![0u32; relation.graph.len()];
    for &component in component.iter().filter(|&&component| component != NONE) {
        sizes[component as usize] += 1;
    }
    let itself = |node: usize| {
        let mut targets = relation.graph.edges(node).map(|edge| relation.graph.targets[edge]);
        targets.any(|to| to as usize == node)
    };
    let on_cycle = |(node, &component): (usize, &u32)| {
        component != NONE && (sizes[component as usize] > 1 || itself(node))
    };
    component.iter().enumerate().map(on_cycle).collect()
}

impl<'a> Stay<'a> {
    /// For property `bit` of the group, when the actors in `fair` are fair.
    pub(crate) fn new(relation: &'a Relation, cyclic: &[bool], bit: usize, fair: u64) -> Self {
        let open = |node: usize| relation.masks[node] >> bit & 1 == 1;
        let component = relation.graph.components(|node| cyclic[node] && open(node));
        let mut stay = Self { relation, fair, component, knots: Vec::new() };
        let inside = stay.inside();
        let lasting = |node: usize| {
            let inside = inside.get(stay.component[node] as usize);
            inside.is_some_and(|inside| inside.step && fair & !inside.treated == 0)
        };
        let mut nearest = u32::MAX;
        let mut knots = Vec::new();
        for node in (0..relation.graph.len()).filter(|&node| open(node)) {
            if lasting(node) || stay.rests(node) {
                let node = crate::hash::low32(node as u64);
                let level = relation.level(node);
                if level < nearest {
                    nearest = level;
                    knots.clear();
                }
                if level == nearest {
                    knots.push(node);
                }
            }
        }
        stay.knots = knots;
        stay
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
            inside.treated |= !self.relation.enabled[node];
            for edge in self.relation.graph.edges(node) {
                if self.within(component, self.relation.graph.targets[edge]) {
                    inside.treated |= 1 << self.relation.actors[edge];
                    inside.step = true;
                }
            }
        }
        inside
    }

    fn within(&self, component: u32, node: u32) -> bool {
        node != NONE && self.component[node as usize] == component
    }

    /// Can no fair actor act in this state?
    fn rests(&self, node: usize) -> bool {
        self.relation.enabled[node] & self.fair == 0
    }

    /// The steps, each by its position among those of its state, of a round trip from `knot` that
    /// treats every fair actor: to the nearest step or state that treats one, and so on until all
    /// are, and back. None, if a run can rest in `knot`.
    pub(crate) fn round(&self, knot: u32) -> Vec<u32> {
        if self.rests(knot as usize) {
            return Vec::new();
        }
        let (enabled, actors) = (&self.relation.enabled, &self.relation.actors);
        let target = |edge: usize| self.relation.graph.targets[edge];
        let mut open = self.fair & enabled[knot as usize];
        let mut at = knot;
        let mut round = Vec::new();
        while open != 0 || at != knot || round.is_empty() {
            let done = |edge: usize| {
                let treated = 1 << actors[edge] | !enabled[target(edge) as usize];
                if open == 0 { target(edge) == knot } else { open & treated != 0 }
            };
            let walk = self.walk(at, done);
            let Some(&(_, last)) = walk.last() else { break };
            for &(node, edge) in &walk {
                open &= !(1 << actors[edge]) & enabled[target(edge) as usize];
                let ordinal = edge - self.relation.graph.starts[node as usize];
                round.push(crate::hash::low32(ordinal as u64));
            }
            at = target(last);
        }
        round
    }

    /// The edges of a shortest walk from `from`, inside its component, whose last edge is `done`.
    fn walk(&self, from: u32, done: impl Fn(usize) -> bool) -> Vec<(u32, usize)> {
        let component = self.component[from as usize];
        let mut before: BTreeMap<u32, (u32, usize)> = BTreeMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(node) = queue.pop_front() {
            for edge in self.relation.graph.edges(node as usize) {
                let to = self.relation.graph.targets[edge];
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
