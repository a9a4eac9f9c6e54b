//! The time that explaining a recording takes, by its length, by the number of overlapping calls
//! and by the rate of hidden faults.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mapi_logon_model::scenario::Scenario;
use mapi_logon_traces::explain::{ExplainLimits, explain};
use mapi_logon_traces::recording::Recording;
use mapi_logon_traces::synthetic::{Synthesis, synthesize};

/// Four clients, two of which share a session, two services with three providers.
const WORLD: &str = include_str!("four-clients.toml");

fn made(synthesis: Synthesis) -> (Scenario, Recording) {
    let scenario = Scenario::parse(WORLD).unwrap_or_default();
    let mut recording = Recording::default();
    for event in synthesize(scenario.clone(), synthesis).events {
        recording.push(event).unwrap_or_default();
    }
    (scenario, recording)
}

fn measure(criterion: &mut Criterion, group: &str, cases: &[(u64, Synthesis)]) {
    let mut group = criterion.benchmark_group(format!("validate/{group}"));
    group.sample_size(10);
    for (parameter, synthesis) in cases {
        let (scenario, recording) = made(*synthesis);
        let limits = ExplainLimits { faults: Some(u32::MAX), ..ExplainLimits::default() };
        group.throughput(Throughput::Elements(recording.events.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(parameter), |bencher| {
            bencher.iter(|| explain(&recording, &scenario, &limits));
        });
    }
    group.finish();
}

fn validate(criterion: &mut Criterion) {
    let plain = Synthesis { events: 10_000, seed: 7, tries_per_fault: 500, concurrency: 4 };
    let lengths = [1_000_u64, 10_000, 100_000].map(|events| {
        let length = usize::try_from(events).unwrap_or(usize::MAX);
        (events, Synthesis { events: length, ..plain })
    });
    measure(criterion, "length", &lengths);
    let crowds = [1_usize, 2, 3, 4]
        .map(|concurrency| (concurrency as u64, Synthesis { concurrency, ..plain }));
    measure(criterion, "overlapping calls", &crowds);
    let rates = [0_u64, 500, 100, 20, 4]
        .map(|tries_per_fault| (tries_per_fault, Synthesis { tries_per_fault, ..plain }));
    measure(criterion, "tries per fault", &rates);
}

criterion_group!(benches, validate);
criterion_main!(benches);
