//! The goals of a criterion, each a number with a name.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use mapi_logon_model::clause::{self, ClauseKind};
use mapi_logon_model::protocol::{Place, Taken, Transition};

use super::suite::Criterion;

/// The goals of a criterion, numbered as they are met.
#[derive(Clone, Debug)]
pub(super) struct Goals {
    criterion: Criterion,
    numbers: BTreeMap<Goal, usize>,
    names: Vec<Goal>,
    scratch: Vec<usize>,
}

/// One thing to be shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Goal {
    Place(Place),
    Transition(Transition),
    Pair(Transition, Transition),
    Clause(&'static str),
}

/// The clauses of the documentation on which each transition rests, by its number.
pub(super) fn clauses() -> &'static [Vec<&'static str>] {
    static CLAUSES: LazyLock<Vec<Vec<&'static str>>> = LazyLock::new(|| {
        let of = |transition: &Transition| {
            let grounds = clause::grounds(transition.id()).into_iter();
            let grounds = grounds.filter(|ground| ground.kind == ClauseKind::Clause);
            grounds.map(|ground| ground.id).collect()
        };
        Transition::ALL.iter().map(of).collect()
    });
    &CLAUSES
}

impl Goals {
    pub(super) const fn new(criterion: Criterion) -> Self {
        Self { criterion, numbers: BTreeMap::new(), names: Vec::new(), scratch: Vec::new() }
    }

    pub(super) const fn criterion(&self) -> Criterion {
        self.criterion
    }

    /// How many goals have been met.
    pub(super) const fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn name(&self, goal: usize) -> String {
        match self.names[goal] {
            Goal::Place(place) => place.id().to_owned(),
            Goal::Transition(transition) => transition.id().to_owned(),
            Goal::Clause(id) => id.to_owned(),
            Goal::Pair(first, second) => format!("{} {}", first.id(), second.id()),
        }
    }

    pub(super) fn has(&self, goal: Goal) -> bool {
        self.numbers.contains_key(&goal)
    }

    pub(super) fn all(&self) -> &[Goal] {
        &self.names
    }

    /// The goals that a step shows, each once, in order; `before` is the transition that the client
    /// took last.
    pub(super) fn of(&mut self, before: Option<Transition>, taken: &[Taken]) -> &[usize] {
        let goals: Vec<Goal> = match self.criterion {
            Criterion::States => {
                taken.iter().flat_map(|one| [one.from, one.to]).map(Goal::Place).collect()
            }
            Criterion::Transitions => {
                taken.iter().map(|one| Goal::Transition(one.transition)).collect()
            }
            Criterion::Pairs => {
                let all = before.into_iter().chain(taken.iter().map(|one| one.transition));
                let all: Vec<Transition> = all.collect();
                all.windows(2).map(|two| Goal::Pair(two[0], two[1])).collect()
            }
            Criterion::Clauses => {
                let all = taken.iter().flat_map(|one| &clauses()[one.transition as usize]);
                all.map(|id| Goal::Clause(id)).collect()
            }
            Criterion::Outcomes | Criterion::OutcomesWithDialogs => Vec::new(),
        };
        self.scratch.clear();
        for goal in goals {
            let next = self.names.len();
            let number = *self.numbers.entry(goal).or_insert_with(|| {
                self.names.push(goal);
                next
            });
            if !self.scratch.contains(&number) {
                self.scratch.push(number);
            }
        }
        self.scratch.sort_unstable();
        &self.scratch
    }
}
