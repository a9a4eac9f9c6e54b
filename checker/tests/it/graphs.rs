//! Graphs: transition systems small enough to know the answers.

use std::cmp::Ordering;

use mapi_logon_checker::{Claim, Marks, TransitionSystem};

/// A step of a [`Graph`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) actor: u8,
    pub(crate) marks: Marks,
}

/// A graph given by its edges. Property 0 is an invariant, 1 a witness, 2 and 3 progress.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    /// Words of a state: the first is the node, the others are made from it.
    pub(crate) words: usize,
    pub(crate) initial: Vec<u64>,
    pub(crate) edges: Vec<Edge>,
    /// Nodes in which property 2 is pending.
    pub(crate) pending: Vec<u64>,
    /// Nodes in which property 3 is pending.
    pub(crate) pending_too: Vec<u64>,
    /// Nodes in which a run may end.
    pub(crate) ends: Vec<u64>,
    /// Does it know the order of nodes by number?
    pub(crate) ordered: bool,
    /// Actors that are not fair.
    pub(crate) unfair: u64,
    /// What encodings of nodes differ in from their numbers.
    pub(crate) names: u64,
}

impl Graph {
    /// Edges without marks, all of actor 0, or of the actor given.
    pub(crate) fn new(edges: &[(u64, u64, u8)]) -> Self {
        let edge =
            |&(from, to, actor): &(u64, u64, u8)| Edge { from, to, actor, marks: Marks::NONE };
        let edges = edges.iter().map(edge).collect();
        Self { words: 1, initial: vec![0], edges, ..Self::default() }
    }

    pub(crate) fn pending(mut self, nodes: &[u64]) -> Self {
        self.pending = nodes.to_vec();
        self
    }

    pub(crate) fn node(&self, state: &[u64]) -> u64 {
        state[0] ^ self.names
    }

    pub(crate) fn encode(&self, node: u64) -> Vec<u64> {
        let node = node ^ self.names;
        (0..self.words as u64).map(|word| node.rotate_left(word as u32 * 8) ^ word).collect()
    }
}

impl TransitionSystem for Graph {
    /// Has a step gone down?
    type Scratch = bool;

    fn identity(&self) -> String {
        format!("{self:?}")
    }

    fn scratch(&self) -> bool {
        false
    }

    fn words(&self) -> usize {
        self.words
    }

    fn compare(&self, a: &[u64], b: &[u64]) -> Ordering {
        self.node(a).cmp(&self.node(b))
    }

    fn properties(&self) -> Vec<Claim> {
        vec![
            Claim::invariant("safe"),
            Claim::witness("seen"),
            Claim::progress("met"),
            Claim::progress("met too"),
        ]
    }

    fn initial(&self, each: &mut dyn FnMut(&[u64], Marks)) {
        for &node in &self.initial {
            each(&self.encode(node), Marks::NONE);
        }
    }

    fn successors(
        &self,
        down: &mut bool,
        state: &[u64],
        each: &mut impl FnMut(u32, &[u64], Marks),
    ) {
        let node = self.node(state);
        for (at, edge) in (0u32..).zip(&self.edges).filter(|(_, edge)| edge.from == node) {
            *down |= edge.to <= edge.from;
            each(at, &self.encode(edge.to), edge.marks);
        }
    }

    fn may_end(&self, _: &mut bool, state: &[u64]) -> bool {
        self.ends.contains(&self.node(state))
    }

    fn pending(&self, _: &mut bool, state: &[u64]) -> Marks {
        Marks::NONE
            .with(2, self.pending.contains(&self.node(state)))
            .with(3, self.pending_too.contains(&self.node(state)))
    }

    fn ascends(&self, down: &bool) -> bool {
        self.ordered && !down
    }

    fn measure(&self, _: &mut bool, state: &[u64]) -> Option<u64> {
        self.ordered.then(|| state[0])
    }

    fn actor(&self, action: u32) -> u8 {
        self.edges[action as usize].actor
    }

    fn fair(&self, _property: usize) -> u64 {
        !self.unfair
    }
}
