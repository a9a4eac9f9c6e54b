//! Models written for stateright have the same states here and there.

use std::num::NonZeroUsize;

use mapi_logon_checker::{Decision, Options, Paths, Report, check};
use stateright::{Model, Property};

use crate::adapter::FromStateright;

/// Threads that add one to a shared number by reading and writing it, with or without a lock.
#[derive(Clone)]
struct Increment {
    threads: usize,
    locked: bool,
}

#[derive(Clone, Debug, PartialEq, Hash)]
struct Shared {
    number: u8,
    held: bool,
    /// What each thread read, and how far it is.
    threads: Vec<(u8, Phase)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Hash)]
enum Phase {
    Idle,
    Ready,
    Read,
    Written,
    Done,
}

impl Model for Increment {
    type State = Shared;
    type Action = usize;

    fn init_states(&self) -> Vec<Shared> {
        let phase = if self.locked { Phase::Idle } else { Phase::Ready };
        vec![Shared { number: 0, held: false, threads: vec![(0, phase); self.threads] }]
    }

    fn actions(&self, _: &Shared, actions: &mut Vec<usize>) {
        actions.extend(0..self.threads);
    }

    fn next_state(&self, last: &Shared, thread: usize) -> Option<Shared> {
        let mut next = last.clone();
        let (read, phase) = last.threads[thread];
        next.threads[thread] = match phase {
            Phase::Idle if last.held => return None,
            Phase::Idle => {
                next.held = true;
                (read, Phase::Ready)
            }
            Phase::Ready => (last.number, Phase::Read),
            Phase::Read => {
                next.number = read + 1;
                (read, Phase::Written)
            }
            Phase::Written if self.locked => {
                next.held = false;
                (read, Phase::Done)
            }
            Phase::Written | Phase::Done => return None,
        };
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("every increment counts", |_, state: &Shared| {
            let written = |(_, phase): &&(u8, Phase)| matches!(phase, Phase::Written | Phase::Done);
            state.threads.iter().filter(written).count() == usize::from(state.number)
        })]
    }
}

fn explore(threads: usize, locked: bool, workers: usize) -> Report {
    let model = FromStateright::new(Increment { threads, locked });
    let workers = NonZeroUsize::new(workers);
    check(&model, &Options { workers, paths: Paths::All, ..Options::default() }).unwrap()
}

#[test]
fn increment_without_lock_has_thirteen_states_and_loses_an_increment() {
    let report = explore(2, false, 2);
    assert_eq!(report.states, 13);
    let Decision::Violated(example) = &report.findings[0].verdict else { panic!("{report:?}") };
    assert_eq!(example.depth, 4);
}

#[test]
fn increment_with_lock_counts() {
    for (threads, states) in [(2, 17), (3, 61)] {
        let report = explore(threads, true, 1);
        assert_eq!(report.findings[0].verdict, Decision::Holds);
        assert_eq!(report.states, states, "{threads}");
    }
}
