//! The explorer of small worlds: every world that runs of a scenario reach. The checker explores
//! the large ones.

use std::collections::VecDeque;
use std::hash::Hash;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use crate::machine::{Model, Step};
use crate::protocol::Action;
use crate::world::bits::{BitReader, BitWriter};
use crate::world::{Cursor, Seams, World};

/// Every world met, with what is kept of the run that leads there.
#[derive(Clone, Debug)]
pub struct Explored<K> {
    nodes: IndexSet<(Box<[u64]>, K), FxBuildHasher>,
    parents: Vec<Option<(usize, Action)>>,
    /// Whether every node was visited, and none was refused.
    pub complete: bool,
    /// Nodes that were met and not visited.
    pub unvisited: Vec<usize>,
}

/// A step from one world to another.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a, K> {
    /// The number of the node in which it begins.
    pub from: usize,
    /// The world in which it begins.
    pub world: &'a World,
    /// What is kept there.
    pub kept: &'a K,
    /// What is chosen.
    pub action: Action,
    /// What that does.
    pub step: &'a Step,
    /// The clients' places after it.
    pub cursor: Cursor,
}

/// What an exploration does at each step.
pub trait Visitor<K> {
    /// Whether the node met last is visited next. Without it nodes are met by shortest runs.
    const DEPTH_FIRST: bool = false;

    /// What is kept where the step leads; nothing where the step is not followed.
    fn keep(&mut self, visit: &Visit<'_, K>) -> Option<K>;

    /// A step that is followed leads to the node `to`.
    fn meet(&mut self, _visit: &Visit<'_, K>, _to: usize) {}

    /// Whether another node may be added to the `known` ones; where not, the exploration is not
    /// complete, but steps between known nodes are still met.
    fn admits(&mut self, _known: usize) -> bool {
        true
    }

    /// Whether to stop before the next node is visited.
    fn is_done(&mut self, _known: usize) -> bool {
        false
    }
}

/// A visitor made of two closures, which stops at `most` nodes.
struct Closures<F, G> {
    most: usize,
    keep: F,
    meet: G,
}

impl<K, F, G> Visitor<K> for Closures<F, G>
where
    F: FnMut(&Visit<'_, K>) -> Option<K>,
    G: FnMut(usize, Action, usize),
{
    fn keep(&mut self, visit: &Visit<'_, K>) -> Option<K> {
        (self.keep)(visit)
    }
    fn meet(&mut self, visit: &Visit<'_, K>, to: usize) {
        (self.meet)(visit.from, visit.action, to);
    }
    fn is_done(&mut self, known: usize) -> bool {
        known >= self.most
    }
}

impl Model {
    /// Visits every world that runs reach, or the first `most` of them, in the order of the
    /// shortest runs; `keep` says what is kept along each step, or that the step is not followed,
    /// and `meet` is called for every step that is followed: where it begins and where it leads.
    pub fn explore<K: Clone + Eq + Hash>(
        &self,
        first: K,
        most: usize,
        keep: impl FnMut(&Visit<'_, K>) -> Option<K>,
        meet: impl FnMut(usize, Action, usize),
    ) -> Explored<K> {
        self.explore_with(first, &mut Closures { most, keep, meet })
    }

    /// As [`Model::explore`], with a visitor that may limit or end the exploration.
    pub fn explore_with<K: Clone + Eq + Hash, V: Visitor<K>>(
        &self,
        first: K,
        visitor: &mut V,
    ) -> Explored<K> {
        let mut explored = Explored {
            nodes: IndexSet::default(),
            parents: vec![None],
            complete: true,
            unvisited: Vec::new(),
        };
        let mut world = self.start();
        let mut after = self.start();
        let mut step = Step::at(world.state.clone());
        explored.nodes.insert((self.packed(&world), first));
        let mut open = VecDeque::from([0]);
        while let Some(from) = open.pop_front() {
            if from > 0 && visitor.is_done(explored.nodes.len()) {
                open.push_front(from);
                break;
            }
            let (words, kept) = explored.nodes[from].clone();
            let read = &mut BitReader::new(&words);
            self.layout().decode_into(read, &mut world, &mut Seams::default());
            let before = explored.nodes.len();
            self.each_successor(&world, &mut step, &mut |action, step, cursor| {
                let visit = Visit { from, world: &world, kept: &kept, action, step, cursor };
                let Some(kept) = visitor.keep(&visit) else {
                    return;
                };
                after.state.clone_from(&step.state);
                after.cursor = cursor;
                if let Some(to) = explored.add((self.packed(&after), kept), &visit, visitor) {
                    visitor.meet(&visit, to);
                }
            });
            for new in before..explored.nodes.len() {
                if V::DEPTH_FIRST {
                    open.push_front(new);
                } else {
                    open.push_back(new);
                }
            }
        }
        explored.complete &= open.is_empty();
        explored.unvisited = open.into();
        explored
    }

    fn packed(&self, world: &World) -> Box<[u64]> {
        let mut words = vec![0; (self.layout().bits() as usize).div_ceil(64).max(1)];
        self.layout().encode(world, &mut BitWriter::new(&mut words));
        words.into()
    }
}

impl<K: Clone + Eq + Hash> Explored<K> {
    /// The number of a node, which is added where it is new and admitted.
    fn add(
        &mut self,
        node: (Box<[u64]>, K),
        visit: &Visit<'_, K>,
        visitor: &mut impl Visitor<K>,
    ) -> Option<usize> {
        if let Some(known) = self.nodes.get_index_of(&node) {
            return Some(known);
        }
        if !visitor.admits(self.nodes.len()) {
            self.complete = false;
            return None;
        }
        self.parents.push(Some((visit.from, visit.action)));
        Some(self.nodes.insert_full(node).0)
    }
}

impl<K> Explored<K> {
    /// How many nodes were met.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }
    /// Never: the start is always met.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
    /// The world of a node.
    #[must_use]
    pub fn world(&self, model: &Model, node: usize) -> World {
        let mut world = model.start();
        let words = &mut BitReader::new(&self.nodes[node].0);
        model.layout().decode_into(words, &mut world, &mut Seams::default());
        world
    }
    /// What is kept at a node.
    #[must_use]
    pub fn kept(&self, node: usize) -> &K {
        &self.nodes[node].1
    }
    /// A run to a node: a shortest one, unless nodes were visited depth first.
    #[must_use]
    pub fn run(&self, mut node: usize) -> Vec<Action> {
        let mut actions = Vec::new();
        while let Some((from, action)) = self.parents[node] {
            actions.push(action);
            node = from;
        }
        actions.reverse();
        actions
    }
}
