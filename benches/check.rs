//! How many states and transitions a second? Ours and stateright on the same model, in one run.

use std::num::NonZeroUsize;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mapi_logon::builtin::text;
use mapi_logon::explorable::Explorable;
use mapi_logon_checker::{Model as _, Options, check, check_with_stateright};
use mapi_logon_model::model::Model;
use mapi_logon_model::scenario::Scenario;

const SCENARIO: &str = "retry-storm";

/// The scenario's machine alone, or with every property judged at every step.
fn world(judged: bool) -> Arc<Explorable> {
    let scenario = text(SCENARIO)
        .and_then(|text| Scenario::parse(text).ok())
        .unwrap_or_default();
    let asked = if judged { u128::MAX } else { 0 };
    Arc::new(Explorable::new(Model::new(scenario), asked))
}

fn options(workers: NonZeroUsize) -> Options<'static> {
    Options {
        workers: Some(workers),
        ..Options::default()
    }
}

/// Every encoded state, so that successors can be enumerated without a visited set.
fn states(world: &Explorable) -> Vec<Vec<u64>> {
    let mut seen = std::collections::BTreeSet::new();
    let mut all = Vec::new();
    world.initial(&mut |state, _| all.push(state.to_vec()));
    seen.extend(all.iter().cloned());
    let mut scratch = world.scratch();
    let mut next = 0;
    while next < all.len() {
        let state = all[next].clone();
        next += 1;
        world.successors(&mut scratch, &state, &mut |_, after, _| {
            if !seen.contains(after) {
                seen.insert(after.to_vec());
                all.push(after.to_vec());
            }
        });
    }
    all
}

fn explore(criterion: &mut Criterion) {
    for judged in [false, true] {
        let world = world(judged);
        let all = states(&world);
        let name = if judged { "judged" } else { "machine" };
        let mut group = criterion.benchmark_group(format!("{SCENARIO}/{name}"));
        group
            .sample_size(10)
            .throughput(Throughput::Elements(all.len() as u64));
        group.bench_function("enumerate", |bencher| {
            let mut scratch = world.scratch();
            bencher.iter(|| {
                let mut transitions = 0_u64;
                for state in &all {
                    world.successors(&mut scratch, state, &mut |_, _, _| transitions += 1);
                }
                transitions
            });
        });
        for workers in [1, 2].into_iter().filter_map(NonZeroUsize::new) {
            group.bench_function(BenchmarkId::new("ours", workers), |bencher| {
                bencher.iter(|| check(&*world, &options(workers)).map(|report| report.states));
            });
            group.bench_function(BenchmarkId::new("stateright", workers), |bencher| {
                bencher.iter(|| check_with_stateright(Arc::clone(&world), workers).states);
            });
        }
        group.finish();
    }
}

criterion_group!(benches, explore);
criterion_main!(benches);
