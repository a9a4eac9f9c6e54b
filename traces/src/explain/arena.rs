//! How is a witness kept without keeping every run? As a tree of steps, each knowing the one
//! before.

use mapi_logon_model::action::Action;

use crate::fold::Table;

/// The root of the tree: nothing has happened.
pub(super) const ROOT: u32 = u32::MAX;

/// The steps of all runs that are still of interest.
#[derive(Clone, Debug, Default)]
pub(super) struct Arena {
    nodes: Vec<Node>,
    actions: Vec<Action>,
    numbers: Table<Action, u32>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    before: u32,
    action: u32,
}

impl Arena {
    /// A step after `before`.
    pub(super) fn add(&mut self, before: u32, action: Action) -> u32 {
        let next = u32::try_from(self.actions.len()).unwrap_or(u32::MAX);
        let action = *self.numbers.entry(action).or_insert_with(|| {
            self.actions.push(action);
            next
        });
        self.nodes.push(Node { before, action });
        u32::try_from(self.nodes.len() - 1).unwrap_or(ROOT)
    }

    /// How many steps are kept.
    pub(super) const fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Forgets the steps after the first `count`; none of them may be of interest.
    pub(super) fn truncate(&mut self, count: usize) {
        self.nodes.truncate(count);
    }

    /// The actions of the run that ends with this step.
    pub(super) fn run(&self, end: u32) -> Vec<Action> {
        let mut actions = Vec::new();
        let mut at = end;
        while let Some(node) = self.nodes.get(at as usize) {
            actions.push(self.actions[node.action as usize]);
            at = node.before;
        }
        actions.reverse();
        actions
    }

    /// Forgets every step that leads to none of these ends, and numbers the others anew.
    pub(super) fn keep<'e>(&mut self, ends: impl Iterator<Item = &'e mut u32>) {
        let ends: Vec<&mut u32> = ends.collect();
        let mut numbers = vec![ROOT; self.nodes.len()];
        for end in &ends {
            let mut at = **end;
            while let Some(number) = numbers.get_mut(at as usize) {
                if *number != ROOT {
                    break;
                }
                *number = 0;
                at = self.nodes[at as usize].before;
            }
        }
        let mut kept = 0;
        for (index, number) in numbers.iter_mut().enumerate() {
            if *number == ROOT {
                continue;
            }
            *number = kept;
            self.nodes[kept as usize] = self.nodes[index];
            kept += 1;
        }
        self.nodes.truncate(kept as usize);
        for node in &mut self.nodes {
            node.before = numbers.get(node.before as usize).copied().unwrap_or(ROOT);
        }
        for end in ends {
            *end = numbers.get(*end as usize).copied().unwrap_or(ROOT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapi_logon_model::action::Choice;
    use mapi_logon_model::ids::ClientId;

    #[test]
    fn what_is_forgotten_changes_no_run_that_is_kept() {
        let mut arena = Arena::default();
        let act = |client, choice| Action { client: ClientId(client), choice };
        let first = arena.add(ROOT, act(0, Choice::Begin));
        let _lost = arena.add(first, act(1, Choice::Begin));
        let second = arena.add(first, act(0, Choice::Proceed));
        let mut end = arena.add(second, act(1, Choice::TimeOut));
        let mut none = ROOT;
        let run = arena.run(end);
        arena.keep([&mut end, &mut none].into_iter());
        assert_eq!((arena.len(), none), (3, ROOT));
        assert_eq!(arena.run(end), run);
        assert_eq!(run.len(), 3);
    }
}
