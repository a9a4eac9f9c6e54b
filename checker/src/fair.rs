//! Is there a fair run that stays in a given set of states for ever?
//!
//! Such a run ends up visiting all states of some strongly connected set again and again. It is
//! fair if every fair actor acts on a step inside, or cannot act in some state inside. A larger
//! strongly connected set has all the steps and states of a smaller, so the largest ones decide.

use std::collections::{BTreeMap, VecDeque};

use crate::batch::Batch;
use crate::hash::{hash, low32};
use crate::model::Model;
use crate::report::Step;
use crate::scc::{Graph, NONE};
use crate::shard::Shard;
use crate::trim::Mask;

/// A cycle that a fair run may follow for ever.
pub(crate) struct Cycle {
    /// The level of the knot.
    pub(crate) level: u32,
    /// Where the cycle begins and ends.
    pub(crate) knot: Vec<u64>,
    /// Its steps.
    pub(crate) steps: Vec<Step>,
}

/// States in which runs may stay, with the steps between them.
pub(crate) struct Arena {
    /// Level, state and properties of each node, in that order.
    nodes: Vec<(u32, Vec<u64>, Mask)>,
    graph: Graph,
    /// The action of each edge.
    actions: Vec<u32>,
    /// The actor of each edge.
    actors: Vec<u8>,
    /// Who can act in each node.
    enabled: Vec<u64>,
}

/// What a strongly connected set has of all that a fair run needs.
#[derive(Clone, Copy, Default)]
struct Inside {
    /// Actors that act inside, or cannot act somewhere inside.
    treated: u64,
    /// Is there a step inside?
    step: bool,
    /// The least node.
    first: u32,
}

impl Arena {
    /// Of these states, each with its level and the properties of a group that concern it.
    pub(crate) fn new<M: Model>(model: &M, mut nodes: Vec<(u32, Vec<u64>, Mask)>) -> Self {
        nodes.sort_unstable();
        let shard = shard(model.words(), &nodes);
        let mut arena = Self {
            graph: Graph {
                starts: vec![0],
                targets: Vec::new(),
            },
            actions: Vec::new(),
            actors: Vec::new(),
            enabled: Vec::new(),
            nodes,
        };
        let mut scratch = model.scratch();
        for (_, state, mask) in &arena.nodes {
            let mut enabled = 0;
            model.successors(&mut scratch, state, &mut |action, next, _| {
                let actor = model.actor(action) & 63;
                enabled |= 1 << actor;
                if let Some(to) = shard.find(hash(next), next)
                    && arena.nodes[to].2 & mask != 0
                {
                    arena.graph.targets.push(low32(to as u64));
                    arena.actions.push(action);
                    arena.actors.push(actor);
                }
            });
            arena.graph.starts.push(arena.graph.targets.len());
            arena.enabled.push(enabled);
        }
        arena
    }

    /// The cycle, nearest to the initial states, that a run may follow for ever within the states
    /// of property `bit` of the group, when the actors in `fair` are fair.
    pub(crate) fn cycle(&self, bit: usize, fair: u64) -> Option<Cycle> {
        let part = |node: usize| self.nodes[node].2 >> bit & 1 == 1;
        let component = self.graph.components(part);
        let mut inside: BTreeMap<u32, Inside> = BTreeMap::new();
        for node in (0..self.graph.len()).filter(|&node| component[node] != NONE) {
            let first = Inside {
                first: low32(node as u64),
                ..Inside::default()
            };
            let inside = inside.entry(component[node]).or_insert(first);
            inside.treated |= !self.enabled[node];
            for edge in self.graph.edges(node) {
                if component[self.graph.targets[edge] as usize] == component[node] {
                    inside.treated |= 1 << self.actors[edge];
                    inside.step = true;
                }
            }
        }
        let runs = inside
            .values()
            .filter(|inside| inside.step && fair & !inside.treated == 0);
        let knot = runs.map(|inside| inside.first).min()? as usize;
        let within = |node: usize| component[node] == component[knot];
        let (level, state, _) = &self.nodes[knot];
        let steps = self.round(knot, fair, &within);
        Some(Cycle {
            level: *level,
            knot: state.clone(),
            steps,
        })
    }

    /// A round trip from `knot` that treats every fair actor: to the nearest step or state that
    /// treats one, and so on until all are, and back.
    fn round(&self, knot: usize, fair: u64, within: &impl Fn(usize) -> bool) -> Vec<Step> {
        let mut open = fair & self.enabled[knot];
        let mut at = knot;
        let mut edges = Vec::new();
        while open != 0 || at != knot || edges.is_empty() {
            let done = |edge: usize| {
                let to = self.graph.targets[edge] as usize;
                let treated = 1 << self.actors[edge] | !self.enabled[to];
                if open == 0 {
                    to == knot
                } else {
                    open & treated != 0
                }
            };
            let walk = self.walk(at, within, done);
            let Some(&last) = walk.last() else { break };
            for &edge in &walk {
                let to = self.graph.targets[edge] as usize;
                open &= !(1 << self.actors[edge]) & self.enabled[to];
            }
            at = self.graph.targets[last] as usize;
            edges.extend(walk);
        }
        let step = |edge: usize| {
            let state = self.nodes[self.graph.targets[edge] as usize].1.clone();
            Step {
                action: self.actions[edge],
                state,
            }
        };
        edges.into_iter().map(step).collect()
    }

    /// The edges of a shortest walk from `from` whose last edge is `done`.
    fn walk(
        &self,
        from: usize,
        within: &impl Fn(usize) -> bool,
        done: impl Fn(usize) -> bool,
    ) -> Vec<usize> {
        let mut before: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(node) = queue.pop_front() {
            for edge in self.graph.edges(node) {
                let to = self.graph.targets[edge] as usize;
                if !within(to) {
                    continue;
                }
                if done(edge) {
                    let mut walk = vec![edge];
                    let mut at = node;
                    while at != from {
                        let (node, edge) = before[&at];
                        walk.push(edge);
                        at = node;
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

/// A shard whose row `n` is node `n`.
fn shard(width: usize, nodes: &[(u32, Vec<u64>, Mask)]) -> Shard {
    let mut shard = Shard::new(width, false);
    let mut batch = Batch::new(width);
    for (_, state, _) in nodes {
        batch.push(state, hash(state), 0, true);
        if batch.len() == Batch::FULL {
            shard.absorb(&mut batch);
        }
    }
    shard.absorb(&mut batch);
    shard.index_rows();
    shard
}
