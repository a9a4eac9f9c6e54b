//! Which states can a scenario be in, and what is shown on the way from one to the next?

use std::collections::BTreeSet;

use mapi_logon_model::action::Action;
use mapi_logon_model::bits::{BitReader, BitWriter};
use mapi_logon_model::model::Model;
use mapi_logon_model::step::Step;
use mapi_logon_model::transition::{Place, Taken, Transition};

use super::Criterion;
use super::goals::{Goal, Goals};
use crate::fold::Table;

/// The graph of a scenario, breadth first.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) goals: Goals,
    /// Was everything explored?
    pub(super) complete: bool,
    /// Words of a node: of its state, and one that tells each client's last transition.
    words: usize,
    states: Vec<u64>,
    /// Where the edges of each state begin; one more than there are states.
    first: Vec<u32>,
    edges: Vec<Edge>,
    /// Distinct sets of goals, each sorted.
    marks: Vec<Box<[usize]>>,
    /// Between which places transitions are taken; kept for pairs.
    met: BTreeSet<Taken>,
}

/// A step to the state `to`, the `choice`th that is enabled, which shows the goals of `mark`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) to: u32,
    choice: u16,
    pub(super) mark: u32,
}

impl Graph {
    /// Explores until there is nothing new, or `goes_on` says no.
    pub(super) fn explore(
        model: &Model,
        goals: Goals,
        goes_on: &mut dyn FnMut(usize) -> bool,
    ) -> Self {
        let words = (model.state_bits() as usize).div_ceil(64).max(1) + 1;
        let mut graph = Self {
            goals,
            complete: true,
            words,
            states: vec![0; words],
            first: vec![0],
            edges: Vec::new(),
            marks: Vec::new(),
            met: BTreeSet::new(),
        };
        let remembers = graph.goals.criterion() == Criterion::Pairs;
        model.encode(&model.initial(), &mut BitWriter::new(&mut graph.states[..words - 1]));
        let mut numbers: Table<Box<[u64]>, u32> = Table::default();
        numbers.insert(graph.states.as_slice().into(), 0);
        let mut marks: Table<Box<[usize]>, u32> = Table::default();
        let mut step = Step::at(model.initial());
        let mut next = vec![0; words];
        let mut at = 0;
        while at < graph.states() {
            let node = graph.words_of(at);
            let state = model.decode(&mut BitReader::new(&node[..words - 1]));
            let last = node[words - 1].to_le_bytes();
            let mut choice = 0;
            model.each_successor(&state, &mut step, &mut |action, step| {
                let client = action.client.index();
                let before = last[client].checked_sub(1);
                let before = before.and_then(|at| Transition::ALL.get(usize::from(at)).copied());
                let mut last = last;
                if let Some(taken) = step.taken.last().filter(|_| remembers) {
                    last[client] = taken.transition as u8 + 1;
                }
                model.encode(&step.state, &mut BitWriter::new(&mut next[..words - 1]));
                next[words - 1] = u64::from_le_bytes(last);
                let known = numbers.get(next.as_slice()).copied();
                let to = known.or_else(|| graph.add(&next, goes_on, &mut numbers));
                if let Some(to) = to {
                    let mark = graph.mark(before, step, &mut marks);
                    if remembers {
                        graph.met.extend(step.taken.iter().copied());
                    }
                    graph.edges.push(Edge { to, choice, mark });
                }
                choice += 1;
            });
            graph.first.push(u32::try_from(graph.edges.len()).unwrap_or(u32::MAX));
            at += 1;
        }
        graph
    }

    fn add(
        &mut self,
        words: &[u64],
        goes_on: &mut dyn FnMut(usize) -> bool,
        numbers: &mut Table<Box<[u64]>, u32>,
    ) -> Option<u32> {
        let number = u32::try_from(self.states()).ok();
        let Some(number) = number.filter(|number| goes_on(*number as usize)) else {
            self.complete = false;
            return None;
        };
        self.states.extend_from_slice(words);
        numbers.insert(words.into(), number);
        Some(number)
    }

    fn mark(
        &mut self,
        before: Option<Transition>,
        step: &Step,
        marks: &mut Table<Box<[usize]>, u32>,
    ) -> u32 {
        let goals = self.goals.of(before, &step.taken);
        if let Some(mark) = marks.get(goals) {
            return *mark;
        }
        let mark = u32::try_from(self.marks.len()).unwrap_or(u32::MAX);
        marks.insert(goals.into(), mark);
        self.marks.push(goals.into());
        mark
    }

    fn words_of(&self, state: usize) -> &[u64] {
        &self.states[state * self.words..(state + 1) * self.words]
    }

    /// How many states are known.
    pub(super) const fn states(&self) -> usize {
        self.states.len() / self.words
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
            Goal::Place(_) => false,
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
    pub(super) fn actions(&self, model: &Model, edges: &[usize]) -> Vec<Action> {
        let mut state = model.initial();
        let mut actions = Vec::with_capacity(edges.len());
        for edge in edges {
            let wanted = self.edges[*edge].choice;
            let mut choice = 0;
            let mut next = state;
            model.successors(&state, |action, step| {
                if choice == wanted {
                    actions.push(action);
                    next = step.state;
                }
                choice += 1;
            });
            state = next;
        }
        actions
    }
}
