//! The history of a search: a graph of the steps that led to the candidates.
//!
//! A candidate remembers every cheapest step that leads to it, so that all minimal explanations can
//! be reported; the first of them makes the run that is shown.

use indexmap::IndexSet;
use mapi_logon_model::protocol::Action;
use rustc_hash::FxBuildHasher;

/// Before any step.
pub(super) const ROOT: u32 = u32::MAX;

/// The steps of all runs that are still of interest.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    /// For each node the first step found that leads to it.
    nodes: Vec<Edge>,
    /// Further steps, with the nodes to which they lead.
    others: Vec<(u32, Edge)>,
    actions: IndexSet<Action, FxBuildHasher>,
}

/// An action after a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Edge {
    before: u32,
    action: u32,
}

/// How much there is at some moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Mark(usize, usize);

impl History {
    fn edge(&mut self, before: u32, action: Action) -> Edge {
        let action = number(self.actions.insert_full(action).0);
        Edge { before, action }
    }

    /// A step after `before`.
    pub(super) fn add(&mut self, before: u32, action: Action) -> u32 {
        let step = self.edge(before, action);
        self.nodes.push(step);
        number(self.nodes.len() - 1)
    }

    /// Another step, after `before`, that leads to the same as `node`.
    pub(super) fn merge(&mut self, node: u32, before: u32, action: Action) {
        let step = self.edge(before, action);
        self.others.push((node, step));
    }

    /// How many steps are kept.
    pub(super) const fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) const fn mark(&self) -> Mark {
        Mark(self.nodes.len(), self.others.len())
    }

    /// Forgets the steps after the mark; none of them may be of interest.
    pub(super) fn truncate(&mut self, mark: Mark) {
        self.nodes.truncate(mark.0);
        self.others.truncate(mark.1);
    }

    /// All steps that lead to a node, the first found first; `others` are sorted by node.
    fn steps(&self, others: &[(u32, Edge)], node: u32) -> impl Iterator<Item = Edge> {
        let first = others.partition_point(|(one, _)| *one < node);
        let others = others[first..].iter();
        let others = others.take_while(move |(one, _)| *one == node);
        let first = self.nodes.get(node as usize).copied();
        first.into_iter().chain(others.map(|(_, step)| *step))
    }

    fn sorted_others(&self) -> Vec<(u32, Edge)> {
        let mut others = self.others.clone();
        others.sort_by_key(|(node, _)| *node);
        others
    }

    /// The actions of the run that ends with this node.
    pub(super) fn run(&self, end: u32) -> Vec<Action> {
        let mut actions = Vec::new();
        let mut at = end;
        while let Some(step) = self.nodes.get(at as usize) {
            actions.extend(self.actions.get_index(step.action as usize));
            at = step.before;
        }
        actions.reverse();
        actions
    }

    /// The runs that end with this node, at most `most` of them, that of [`History::run`] first.
    pub(super) fn runs(&self, end: u32, most: usize) -> Vec<Vec<Action>> {
        if most == 1 {
            return vec![self.run(end)];
        }
        let (others, mut runs) = (self.sorted_others(), Vec::new());
        let mut open: Vec<(u32, Vec<Action>)> = vec![(end, Vec::new())];
        while let Some((at, later)) = open.pop().filter(|_| runs.len() < most) {
            if at == ROOT {
                runs.push(later.iter().rev().copied().collect());
            }
            let steps: Vec<Edge> = self.steps(&others, at).collect();
            for step in steps.into_iter().rev() {
                let mut later = later.clone();
                later.extend(self.actions.get_index(step.action as usize));
                open.push((step.before, later));
            }
        }
        runs
    }

    /// Runs to these ends that between them take every step that `counts`, that of
    /// [`History::run`] first, at most `most` of them; and whether these are all.
    pub(super) fn covering(
        &self,
        ends: &[u32],
        most: usize,
        counts: impl Fn(Action) -> bool,
    ) -> (Vec<Vec<Action>>, bool) {
        let others = self.sorted_others();
        let mut onward: Vec<Option<Option<(u32, u32)>>> = vec![None; self.nodes.len()];
        let mut open: Vec<u32> = ends.to_vec();
        ends.iter().for_each(|end| {
            onward.get_mut(*end as usize).into_iter().for_each(|one| {
                *one = Some(None);
            })
        });
        let mut edges = Vec::new();
        while let Some(at) = open.pop() {
            for step in self.steps(&others, at) {
                edges.push((at, step));
                if let Some(place) = onward.get_mut(step.before as usize)
                    && place.is_none()
                {
                    *place = Some(Some((at, step.action)));
                    open.push(step.before);
                }
            }
        }
        let action = |number: u32| self.actions.get_index(number as usize).copied();
        let mut seen = std::collections::BTreeSet::new();
        edges.retain(|(_, step)| action(step.action).is_some_and(&counts));
        // Actions that differ first: what differs in the order of steps alone matters less.
        let mut edges: Vec<_> =
            edges.into_iter().map(|(node, step)| (!seen.insert(step.action), node, step)).collect();
        edges.sort_by_key(|(again, node, _)| (*again, *node));
        let mut runs: Vec<_> = ends.first().map(|end| self.run(*end)).into_iter().collect();
        for (_, node, step) in edges.iter().take(most) {
            let mut run = self.run(step.before);
            run.extend(action(step.action));
            let mut at = *node;
            while let Some(Some(Some((next, taken)))) = onward.get(at as usize) {
                run.extend(action(*taken));
                at = *next;
            }
            runs.push(run);
        }
        (runs, edges.len() <= most)
    }

    /// Forgets every step that leads to none of these ends, and numbers the others anew.
    pub(super) fn keep<'e>(&mut self, ends: impl Iterator<Item = &'e mut u32>) {
        let ends: Vec<&mut u32> = ends.collect();
        let (others, mut numbers) = (self.sorted_others(), vec![ROOT; self.nodes.len()]);
        let mut open: Vec<u32> = ends.iter().map(|end| **end).collect();
        while let Some(at) = open.pop() {
            if let Some(number) = numbers.get_mut(at as usize).filter(|one| **one == ROOT) {
                *number = 0;
                open.extend(self.steps(&others, at).map(|step| step.before));
            }
        }
        let kept = numbers.iter_mut().filter(|number| **number != ROOT);
        (0..).zip(kept).for_each(|(new, number)| *number = new);
        let renumbered = |at: u32| numbers.get(at as usize).copied().unwrap_or(ROOT);
        let mut at = 0..;
        self.nodes.retain(|_| at.next().is_some_and(|at| renumbered(at) != ROOT));
        self.others.retain(|(node, _)| renumbered(*node) != ROOT);
        for (node, step) in &mut self.others {
            *node = renumbered(*node);
            step.before = renumbered(step.before);
        }
        for step in &mut self.nodes {
            step.before = renumbered(step.before);
        }
        for end in ends {
            *end = renumbered(*end);
        }
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(ROOT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapi_logon_model::ids::ClientId;
    use mapi_logon_model::protocol::{Call, Choice};

    fn act(client: u32, choice: Choice) -> Action {
        let client = ClientId(client);
        Action { client, choice }
    }

    #[test]
    fn what_is_forgotten_changes_no_run_that_is_kept() {
        let mut history = History::default();
        let begin = Choice::Begin(Call::Initialize);
        let first = history.add(ROOT, act(0, begin));
        let _lost = history.add(first, act(1, begin));
        let second = history.add(first, act(0, Choice::Proceed));
        let third = history.add(first, act(1, Choice::TimeOut));
        let mut end = history.add(second, act(1, Choice::TimeOut));
        history.merge(end, third, act(0, Choice::Proceed));
        let mut none = ROOT;
        let (run, runs) = (history.run(end), history.runs(end, 9));
        history.keep([&mut end, &mut none].into_iter());
        assert_eq!((history.len(), none), (4, ROOT));
        assert_eq!((history.run(end), history.runs(end, 9)), (run, runs));
    }

    #[test]
    fn all_cheapest_runs_are_remembered_and_the_first_is_shown() {
        let mut history = History::default();
        let first = history.add(ROOT, act(0, Choice::Proceed));
        let second = history.add(ROOT, act(1, Choice::Proceed));
        let end = history.add(first, act(1, Choice::Proceed));
        history.merge(end, second, act(0, Choice::Proceed));
        let runs = history.runs(end, 9);
        assert_eq!(runs[0], history.run(end));
        assert_eq!(runs.len(), 2);
        assert_eq!(history.runs(end, 1), runs[..1]);
    }
}
