//! How fast does stateright visit the same states?
//!
//! The model is ours, one word a state, with nothing in between that would slow stateright down.

use mapi_logon_checker::Model as _;
use stateright::{Checker, Model, Property};

use crate::model::TwoPhaseCommit;

/// Two-phase commit as stateright sees it.
pub(crate) struct Rival(pub(crate) TwoPhaseCommit);

/// The order in which stateright visits states.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    /// Nearest first.
    Breadth,
    /// Deepest first.
    Depth,
}

/// What stateright counts.
pub(crate) struct Counts {
    pub(crate) states: usize,
    pub(crate) transitions: usize,
    pub(crate) depth: usize,
}

impl Rival {
    /// Visits all states.
    pub(crate) fn explore(self, order: Order, workers: usize) -> Counts {
        fn counts(checker: impl Checker<Rival>) -> Counts {
            let checker = checker.join();
            Counts {
                states: checker.unique_state_count(),
                transitions: checker.state_count() - 1,
                depth: checker.max_depth() - 1,
            }
        }
        let checker = self.checker().threads(workers);
        match order {
            Order::Breadth => counts(checker.spawn_bfs()),
            Order::Depth => counts(checker.spawn_dfs()),
        }
    }
}

impl Model for Rival {
    type State = u64;
    type Action = (u32, u64);

    fn init_states(&self) -> Vec<u64> {
        vec![0]
    }

    fn actions(&self, state: &u64, actions: &mut Vec<(u32, u64)>) {
        self.0
            .successors(&mut (), &[*state], &mut |action, next, _| {
                actions.push((action, next[0]));
            });
    }

    fn next_state(&self, _: &u64, (_, next): (u32, u64)) -> Option<u64> {
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("consistent", |model, state| {
            model.0.marks(*state) >> 2 & 1 == 0
        })]
    }
}
