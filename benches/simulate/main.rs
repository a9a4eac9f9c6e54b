//! Simulated logons and steps per second of real time: random runs beside those of stateright, and
//! loads.

mod stateright;

use std::hint::black_box;
use std::sync::atomic::AtomicBool;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mapi_logon::builtin::text;
use mapi_logon_model::machine::Model;
use mapi_logon_model::scenario::Budget;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_sim::load::load;
use mapi_logon_sim::random::{Purpose, Stream};
use mapi_logon_sim::run::Runner;
use mapi_logon_sim::tally::{LOGON, Tally};

/// Runs of one measurement.
const RUNS: u64 = 1_000;

/// Steps of one measurement of stateright.
const STEPS: u32 = 100_000;

fn scenario(name: &str) -> Scenario {
    text(name).and_then(|text| Scenario::parse(text).ok()).unwrap_or_default()
}

fn runs(runner: &mut Runner<'_>) -> Tally {
    let mut tally = Tally::default();
    for number in 0..RUNS {
        let mut chance = Stream::new(7, Purpose::Choices, number);
        runner.run(number, &mut chance, 10_000, &mut tally);
    }
    tally
}

fn random_runs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("office without faults");
    let mut office = scenario("office");
    office.faults.budget = Budget::Limited(0);
    let model = Model::new(office.clone());
    for (name, judging) in [("nothing judged", false), ("every step judged", true)] {
        let mut runner = Runner::new(&model, judging).remembering();
        let tally = runs(&mut runner);
        let logons: u64 = tally.results(LOGON).map(|(_, count)| count).sum();
        group.throughput(Throughput::Elements(logons));
        group.bench_function(format!("logons, {name}"), |bencher| {
            bencher.iter(|| black_box(runs(&mut runner)));
        });
        group.throughput(Throughput::Elements(tally.steps));
        group.bench_function(format!("steps, {name}"), |bencher| {
            bencher.iter(|| black_box(runs(&mut runner)));
        });
        let made = stateright::runs(&office, judging, STEPS);
        for (what, count) in [("logons", made.logons), ("steps", made.steps)] {
            group.throughput(Throughput::Elements(count));
            group.bench_function(format!("{what} of stateright, {name}"), |bencher| {
                bencher.iter(|| black_box(stateright::runs(&office, judging, STEPS).steps));
            });
        }
    }
    group.finish();
}

fn virtual_time(criterion: &mut Criterion) {
    let monday = scenario("monday-morning");
    let arrivals = monday.load.as_ref().map_or(0, |load| load.logons);
    let mut group = criterion.benchmark_group("monday-morning");
    group.throughput(Throughput::Elements(arrivals));
    group.bench_function("logons of a load", |bencher| {
        bencher.iter(|| black_box(load(&monday, 7, &AtomicBool::new(false)).is_ok()));
    });
    group.finish();
}

criterion_group!(benches, random_runs, virtual_time);
criterion_main!(benches);
