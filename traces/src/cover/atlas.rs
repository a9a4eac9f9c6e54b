//! Ways through the state graph of a scenario to goals that are still missing, for a tester who
//! decides some of the choices and waits for the others.

use std::collections::BTreeSet;

use mapi_logon_model::machine::Model;
use mapi_logon_model::protocol::{Action, Choice};

use super::goals::Goals;
use super::graph::Graph;
use super::suite::{Criterion, Uncovered};

/// The state graph of a scenario, with the goals of a criterion.
#[derive(Debug)]
pub struct Atlas {
    graph: Graph,
}

/// Which edges a way may take.
pub struct Allowed<'a> {
    /// Choices that the tester can make.
    pub choices: &'a dyn Fn(Action) -> bool,
    /// Edges that the system did not take when it could.
    pub declined: &'a BTreeSet<usize>,
}

/// A way through the graph from its first state.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Way {
    /// The edges, in order.
    pub edges: Vec<usize>,
}

impl std::fmt::Debug for Allowed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Allowed").field("declined", self.declined).finish_non_exhaustive()
    }
}

impl Atlas {
    /// Explores the graph as long as `goes_on` says so, asked with the number of states known.
    #[must_use]
    pub fn explore(
        model: &Model,
        criterion: Criterion,
        goes_on: &mut dyn FnMut(usize) -> bool,
    ) -> Self {
        Self { graph: Graph::explore(model, Goals::new(criterion), goes_on) }
    }

    /// How many goals some run shows; they are numbered from 0.
    #[must_use]
    pub const fn goals(&self) -> usize {
        self.graph.goals.len()
    }

    /// The name of a goal.
    #[must_use]
    pub fn name(&self, goal: usize) -> String {
        self.graph.goals.name(goal)
    }

    /// Was the whole graph explored?
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.graph.complete
    }

    /// How many states were explored.
    #[must_use]
    pub const fn states(&self) -> usize {
        self.graph.states()
    }

    /// The goals that no run of the scenario shows, and what that would take.
    #[must_use]
    pub fn beyond(&self) -> Vec<Uncovered> {
        super::uncovered(&self.graph)
    }

    /// The goals that an edge shows.
    #[must_use]
    pub fn shows(&self, edge: usize) -> &[usize] {
        self.graph.shows(edge)
    }

    /// The actions along a way.
    #[must_use]
    pub fn actions(&self, way: &Way) -> Vec<Action> {
        self.graph.actions(&way.edges)
    }

    /// Goals that a tester can reach where the system takes whatever branch is needed.
    #[must_use]
    pub fn within_reach(&self, allowed: &Allowed<'_>) -> BTreeSet<usize> {
        let mut known = vec![false; self.graph.states()];
        let (mut queue, mut goals) = (vec![0], BTreeSet::new());
        known[0] = true;
        while let Some(state) = queue.pop() {
            for edge in self.leaving(state, allowed) {
                goals.extend(self.shows(edge));
                let to = self.graph.edge(edge).to as usize;
                if !std::mem::replace(&mut known[to], true) {
                    queue.push(to);
                }
            }
        }
        goals
    }

    /// Carries a way on to the nearest edge that shows something missing; `pick` decides between
    /// equally near ones. False where there is none ahead.
    pub fn extend(
        &self,
        way: &mut Way,
        missing: &BTreeSet<usize>,
        allowed: &Allowed<'_>,
        pick: &mut dyn FnMut(usize) -> usize,
    ) -> bool {
        let from = way.edges.last().map_or(0, |edge| self.graph.edge(*edge).to as usize);
        let mut known = vec![false; self.graph.states()];
        known[from] = true;
        // Each edge that led to a new state, with the place of the edge before it.
        let mut came: Vec<(usize, usize)> = Vec::new();
        let mut front = vec![(from, usize::MAX)];
        while !front.is_empty() {
            let (mut found, mut next) = (Vec::new(), Vec::new());
            for (state, before) in front {
                for edge in self.leaving(state, allowed) {
                    if self.shows(edge).iter().any(|goal| missing.contains(goal)) {
                        found.push((edge, before));
                    }
                    let to = self.graph.edge(edge).to as usize;
                    if !std::mem::replace(&mut known[to], true) {
                        came.push((edge, before));
                        next.push((to, came.len() - 1));
                    }
                }
            }
            if !found.is_empty() {
                let (edge, before) = found[pick(found.len())];
                let start = way.edges.len();
                let steps = std::iter::successors(came.get(before), |(_, at)| came.get(*at));
                way.edges.push(edge);
                way.edges.extend(steps.map(|(edge, _)| *edge));
                way.edges[start..].reverse();
                return true;
            }
            front = next;
        }
        false
    }

    /// The edges that can be taken from a state: a system runs on by itself until it needs the
    /// tester, so that what the tester does next follows everything the system does.
    fn leaving<'s>(
        &'s self,
        state: usize,
        allowed: &'s Allowed<'_>,
    ) -> impl Iterator<Item = usize> + 's {
        let proceeds = |edge: usize| {
            let action = self.graph.action(edge);
            action.is_some_and(|action| action.choice == Choice::Proceed)
        };
        let runs = self.graph.leaving(state).any(proceeds);
        self.graph.leaving(state).filter(move |edge| {
            let fits = |action: Action| (allowed.choices)(action);
            (!runs || proceeds(*edge))
                && !allowed.declined.contains(edge)
                && self.graph.action(*edge).is_some_and(fits)
        })
    }
}
