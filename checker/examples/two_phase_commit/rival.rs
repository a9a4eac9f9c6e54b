//! The same states visited by stateright.
//!
//! [`Packed`] gives it our model, one word a state, with nothing in between that would slow it
//! down; [`Plain`](crate::plain::Plain) is the model as one would write it for stateright.

use std::fmt::Debug;
use std::hash::Hash;

use mapi_logon_checker::TransitionSystem as _;
use stateright::{Checker, Model, Property};

use crate::model::TwoPhaseCommit;

/// Our model as stateright sees it.
pub(crate) struct Packed(pub(crate) TwoPhaseCommit);

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

/// Visits all states.
pub(crate) fn explore<M>(model: M, order: Order, workers: usize) -> Counts
where
    M: Model + Send + Sync + 'static,
    M::State: Clone + Debug + Hash + PartialEq + Send + Sync + 'static,
    M::Action: Clone + Debug + PartialEq + Send + Sync,
{
    fn counts<M: Model<State: Hash>>(checker: impl Checker<M>) -> Counts {
        let checker = checker.join();
        Counts {
            states: checker.unique_state_count(),
            transitions: checker.state_count() - 1,
            depth: checker.max_depth() - 1,
        }
    }
    let checker = model.checker().threads(workers);
    match order {
        Order::Breadth => counts(checker.spawn_bfs()),
        Order::Depth => counts(checker.spawn_dfs()),
    }
}

impl Model for Packed {
    type State = u64;
    type Action = (u32, u64);

    fn init_states(&self) -> Vec<u64> {
        vec![0]
    }

    fn actions(&self, state: &u64, actions: &mut Vec<(u32, u64)>) {
        self.0.successors(&mut (), &[*state], &mut |action, next, _| {
            actions.push((action, next[0]));
        });
    }

    fn next_state(&self, _: &u64, (_, next): (u32, u64)) -> Option<u64> {
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("consistent", |model, state| !model.0.marks(*state).contains(2))]
    }
}
