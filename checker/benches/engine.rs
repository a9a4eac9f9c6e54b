//! States visited per second, on one worker and two, beside stateright.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use mapi_logon_checker::{Options, TransitionSystem, check, check_with_stateright};
use model::TwoPhaseCommit;

#[path = "../examples/two_phase_commit/model.rs"]
mod model;

/// States of two-phase commit with seven managers.
const STATES: u64 = 296_448;

fn options(workers: usize) -> Options<'static> {
    Options { workers: NonZeroUsize::new(workers), ..Options::default() }
}

/// Expands every state once, without keeping any but in a list made before.
fn enumerate(model: &TwoPhaseCommit, states: &[u64]) -> u64 {
    let mut steps = 0;
    for state in states {
        model.successors(&mut (), std::slice::from_ref(state), &mut |_, next, marks| {
            steps += 1;
            black_box((next[0], marks));
        });
    }
    steps
}

/// All states, found by the plainest search.
fn states(model: &TwoPhaseCommit) -> Vec<u64> {
    let mut seen = std::collections::BTreeSet::from([0]);
    let mut states = vec![0];
    let mut at = 0;
    while let Some(&state) = states.get(at) {
        model.successors(&mut (), &[state], &mut |_, next, _| {
            if seen.insert(next[0]) {
                states.push(next[0]);
            }
        });
        at += 1;
    }
    states
}

fn main() {
    let mut criterion = Criterion::default()
        .configure_from_args()
        .sample_size(10)
        .measurement_time(Duration::from_secs(5));
    let model = TwoPhaseCommit::new(7);
    let states = states(&model);
    assert_eq!(states.len() as u64, STATES);
    let mut group = criterion.benchmark_group("two-phase commit 7");
    group.throughput(Throughput::Elements(STATES));
    group.bench_function("enumerate", |bencher| bencher.iter(|| enumerate(&model, &states)));
    for workers in [1, 2] {
        group.bench_function(format!("ours {workers}"), |bencher| {
            bencher.iter(|| check(&model, &options(workers)));
        });
    }
    let model = Arc::new(model);
    for workers in [1, 2] {
        let workers = NonZeroUsize::new(workers).unwrap_or(NonZeroUsize::MIN);
        group.bench_function(format!("stateright {workers}"), |bencher| {
            bencher.iter(|| check_with_stateright(Arc::clone(&model), workers, None));
        });
    }
    group.finish();
    criterion.final_summary();
}
