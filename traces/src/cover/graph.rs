//! The state graph of a scenario with the goals that each step shows.

use std::collections::BTreeSet;

use indexmap::IndexSet;
use mapi_logon_model::explore::{Visit, Visitor};
use mapi_logon_model::machine::Model;
use mapi_logon_model::protocol::{Action, Place, Taken, Transition};
use rustc_hash::FxBuildHasher;

use super::goals::{Goal, Goals};
use super::suite::Criterion;

/// The graph of a scenario, breadth first.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) goals: Goals,
    /// Was everything explored?
    pub(super) complete: bool,
    /// Where the edges of each state begin; one more than there are states.
    first: Vec<u32>,
    edges: Vec<Edge>,
    actions: IndexSet<Action, FxBuildHasher>,
    /// Distinct sets of goals, each sorted.
    marks: IndexSet<Box<[usize]>, FxBuildHasher>,
    /// Between which places transitions are taken; kept for pairs.
    met: BTreeSet<Taken>,
}

/// A step to the state `to`, by the action of that number, which shows the goals of `mark`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) to: u32,
    action: u32,
    pub(super) mark: u32,
}

/// Explores a graph as long as `goes_on` says so, asked with the number of states known.
struct Explorer<'g> {
    graph: Graph,
    goes_on: &'g mut dyn FnMut(usize) -> bool,
}

/// Of each client the transition taken last, as one more than its number; kept for pairs.
type Last = Vec<u8>;

impl Visitor<Last> for Explorer<'_> {
    fn keep(&mut self, visit: &Visit<'_, Last>) -> Option<Last> {
        let mut last = visit.kept.clone();
        let taken = visit.step.taken.last();
        if let (Some(last), Some(taken)) = (last.get_mut(visit.action.client.index()), taken) {
            *last = taken.transition as u8 + 1;
        }
        Some(last)
    }

    fn meet(&mut self, visit: &Visit<'_, Last>, to: usize) {
        let graph = &mut self.graph;
        let last = visit.kept.get(visit.action.client.index());
        let last = last.and_then(|last| last.checked_sub(1));
        let before = last.and_then(|at| Transition::ALL.get(usize::from(at)).copied());
        let goals = graph.goals.of(before, &visit.step.taken);
        let mark = match graph.marks.get_index_of(goals) {
            Some(mark) => mark,
            None => graph.marks.insert_full(goals.into()).0,
        };
        if !visit.kept.is_empty() {
            graph.met.extend(visit.step.taken.iter().copied());
        }
        graph.first.resize(visit.from + 1, number(graph.edges.len()));
        graph.edges.push(Edge {
            to: number(to),
            action: number(graph.actions.insert_full(visit.action).0),
            mark: number(mark),
        });
    }

    fn admits(&mut self, known: usize) -> bool {
        (self.goes_on)(known)
    }
}

impl Graph {
    /// Explores until there is nothing new, or `goes_on` says no.
    pub(super) fn explore(
        model: &Model,
        goals: Goals,
        goes_on: &mut dyn FnMut(usize) -> bool,
    ) -> Self {
        let remembers = goals.criterion() == Criterion::Pairs;
        let clients = model.scenario().clients.len();
        let graph = Self {
            goals,
            complete: true,
            first: Vec::new(),
            edges: Vec::new(),
            actions: IndexSet::default(),
            marks: IndexSet::default(),
            met: BTreeSet::new(),
        };
        let mut explorer = Explorer { graph, goes_on };
        let first = vec![0; if remembers { clients } else { 0 }];
        let explored = model.explore_with(first, &mut explorer);
        let mut graph = explorer.graph;
        graph.complete = explored.complete;
        let end = number(graph.edges.len());
        graph.first.resize(explored.len() + 1, end);
        graph
    }

    /// How many states are known.
    pub(super) const fn states(&self) -> usize {
        self.first.len() - 1
    }

    /// The edges that leave a state, by number.
    pub(super) fn leaving(&self, state: usize) -> std::ops::Range<usize> {
        self.first[state] as usize..self.first[state + 1] as usize
    }

    pub(super) fn edge(&self, edge: usize) -> Edge {
        self.edges[edge]
    }

    /// The goals that an edge shows.
    pub(super) fn shows(&self, edge: usize) -> &[usize] {
        &self.marks[self.edges[edge].mark as usize]
    }

    /// The goals that some edge shows.
    pub(super) fn reachable(&self) -> std::ops::Range<usize> {
        0..self.goals.len()
    }

    /// Does some run come to this state of SPEC 7.1?
    pub(super) fn visits(&self, place: Place) -> bool {
        self.goals.all().contains(&Goal::Place(place))
    }

    /// Does some run take this transition?
    pub(super) fn takes(&self, transition: Transition) -> bool {
        self.goals.all().iter().any(|goal| match goal {
            Goal::Place(_) | Goal::Clause(_) => false,
            Goal::Transition(one) => *one == transition,
            Goal::Pair(first, second) => *first == transition || *second == transition,
        })
    }

    /// Between which places transitions are taken, where pairs are the goals.
    pub(super) const fn met(&self) -> &BTreeSet<Taken> {
        &self.met
    }

    /// Does some run take the one right after the other?
    pub(super) fn pairs(&self, first: Transition, second: Transition) -> bool {
        self.goals.has(Goal::Pair(first, second))
    }

    /// The actions of a run along these edges.
    pub(super) fn actions(&self, edges: &[usize]) -> Vec<Action> {
        edges.iter().filter_map(|edge| self.action(*edge)).collect()
    }

    /// The action of an edge.
    pub(super) fn action(&self, edge: usize) -> Option<Action> {
        self.actions.get_index(self.edges[edge].action as usize).copied()
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
