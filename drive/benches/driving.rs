//! The time that driving takes: following what a system does, a new world, and calls of the
//! reference subsystem with answers given beforehand and live.

use std::collections::VecDeque;
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mapi_logon_drive::bench::Bench;
use mapi_logon_drive::campaign::{Campaign, Limits, Tally, random};
use mapi_logon_drive::course::Patience;
use mapi_logon_drive::expected::Deviations;
use mapi_logon_drive::port::{Heard, Local, Port};
use mapi_logon_drive::process::Process;
use mapi_logon_drive::protocol::FromTool;
use mapi_logon_drive::world::opened;
use mapi_logon_model::scenario::Scenario;

const OFFICE: &str = include_str!("../../scenarios/office.toml");

const SECOND: Duration = Duration::from_secs(1);

const LIMITS: Limits = Limits {
    seed: 1,
    calls: 2_000,
    per_world: 25,
    worlds: u64::MAX,
    time: None,
    deviations: 1,
    patience: Patience { deadline: SECOND, quiet: SECOND, start: SECOND },
    preset: false,
    withhold: false,
};

fn office() -> Scenario {
    Scenario::parse(OFFICE).unwrap_or_default()
}

/// What an adapter has said, said once more.
#[derive(Clone, Debug, Default)]
struct Tape {
    heard: VecDeque<Heard>,
}

impl Port for Tape {
    fn say(&mut self, _: &FromTool) {}

    fn hear(&mut self, _: Duration) -> Heard {
        self.heard.pop_front().unwrap_or(Heard::Nothing)
    }

    fn restart(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn complaints(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A system whose words are taped.
struct Taped<'b> {
    system: Local<'b>,
    tape: Tape,
}

impl Port for Taped<'_> {
    fn say(&mut self, line: &FromTool) {
        self.system.say(line);
    }

    fn hear(&mut self, wait: Duration) -> Heard {
        let heard = self.system.hear(wait);
        self.tape.heard.push_back(heard.clone());
        heard
    }

    fn restart(&mut self) -> Result<(), String> {
        self.system.restart()
    }

    fn complaints(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Random worlds until the limits are reached.
fn driven(port: &mut dyn Port, limits: &Limits) -> Tally {
    let (expected, stop) = (Deviations::default(), AtomicBool::new(false));
    let campaign = || Campaign::new(limits, &expected, &stop);
    let bench = Bench::new(port, &office(), limits);
    let tally = bench.and_then(|mut bench| random(&mut bench, campaign(), &mut |_, _| Ok(())));
    tally.unwrap_or_else(|error| panic!("{error}"))
}

fn following(criterion: &mut Criterion) {
    let build = |world: Scenario| opened(Scenario { policy: office().policy, ..world });
    let mut group = criterion.benchmark_group("following");
    for (name, withhold) in [("one call at a time", false), ("calls that overlap", true)] {
        let limits = Limits { withhold, ..LIMITS };
        let mut taped = Taped { system: Local::new(&build, 1), tape: Tape::default() };
        let tally = driven(&mut taped, &limits);
        // A call and its return, a question and its answer.
        group.throughput(Throughput::Elements(2 * (tally.calls + tally.answers)));
        group.bench_function(name, |bencher| {
            bencher.iter_batched_ref(
                || taped.tape.clone(),
                |tape| driven(tape, &limits),
                criterion::BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

/// The reference subsystem.
fn reference() -> Process {
    static STOP: AtomicBool = AtomicBool::new(false);
    let out = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/adapters");
    let make = Command::new("make")
        .args(["-s", "-C", concat!(env!("CARGO_MANIFEST_DIR"), "/../adapters")])
        .arg(format!("OUT={out}"))
        .status();
    assert!(make.is_ok_and(|status| status.success()), "the adapters cannot be built");
    let process = Process::start(vec![format!("{out}/reference")], &STOP);
    process.unwrap_or_else(|error| panic!("{error}"))
}

fn calls(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("reference");
    for (name, preset) in [("preset answers", true), ("live answers", false)] {
        let (limits, mut process) = (Limits { preset, ..LIMITS }, reference());
        group.throughput(Throughput::Elements(limits.calls));
        group.bench_function(name, |bencher| bencher.iter(|| driven(&mut process, &limits)));
    }
    let mut process = reference();
    let worlds = Limits { worlds: 500, per_world: 1, calls: 500, preset: true, ..LIMITS };
    group.throughput(Throughput::Elements(worlds.worlds));
    group.bench_function("new world with one call", |bencher| {
        bencher.iter(|| driven(&mut process, &worlds));
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = following, calls
}
criterion_main!(benches);
