//! States and transitions per second, and bytes per state: our engine with its cache and without,
//! stateright, and the mere enumeration of successors, on the same model in one run.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use criterion::measurement::{Measurement, WallTime};
use criterion::{Criterion, SamplingMode, Throughput};
use mapi_logon::builtin::text;
use mapi_logon::cached::check_cached;
use mapi_logon::explorable::{Counts, Explorable};
use mapi_logon_checker::{
    Error, Options, Report, TransitionSystem as _, check, check_with_stateright,
};
use mapi_logon_model::machine::Model;
use mapi_logon_model::property::PropertySet;
use mapi_logon_model::scenario::{Budget, Scenario};

const SCENARIO: &str = "retry-storm";

/// Ten times as large and more, with a number of faults, and explored once.
const LARGE: [(&str, &str, u8); 3] = [
    ("bad-day/judged", include_str!("bad-day.toml"), 3),
    ("storm4/judged", include_str!("storm4.toml"), 2),
    ("storm4, 3 faults/judged", include_str!("storm4.toml"), 3),
];

/// An argument of this process: one contender explores once and prints what that took.
const ONCE: &str = "--once";

/// What explores.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Contender {
    /// No search: the successors of every state are enumerated and dropped.
    Enumerate,
    Ours(NonZeroUsize),
    /// States forgotten behind a sweep line.
    Sweep(NonZeroUsize),
    /// Every step made anew.
    Uncached(NonZeroUsize),
    Stateright(NonZeroUsize),
}

/// What exploring came to.
#[derive(Clone, Copy, Debug, Default)]
struct Explored {
    states: u64,
    transitions: u64,
    /// Bytes of the visited set, parents and frontier, where the engine knows.
    bytes: Option<u64>,
}

impl Contender {
    fn all() -> Vec<Self> {
        let threads = || [1, 2].into_iter().filter_map(NonZeroUsize::new);
        let ours = threads().map(Self::Ours).chain(threads().map(Self::Sweep));
        let ours = ours.chain([Self::Uncached(NonZeroUsize::MIN)]);
        let searches = ours.chain(threads().map(Self::Stateright));
        [Self::Enumerate].into_iter().chain(searches).collect()
    }

    fn name(self) -> String {
        match self {
            Self::Enumerate => "enumerate".to_owned(),
            Self::Ours(workers) => format!("ours/{workers}"),
            Self::Sweep(workers) => format!("sweep/{workers}"),
            Self::Uncached(workers) => format!("uncached/{workers}"),
            Self::Stateright(threads) => format!("stateright/{threads}"),
        }
    }

    fn run(self, world: &Arc<Explorable>, all: &[u64]) -> Explored {
        match self {
            Self::Enumerate => enumerate(world, all),
            Self::Ours(workers) => {
                explore(workers, false, |options| check_cached(&**world, options))
            }
            Self::Sweep(workers) => {
                explore(workers, true, |options| check_cached(&**world, options))
            }
            Self::Uncached(workers) => explore(workers, false, |options| check(&**world, options)),
            Self::Stateright(threads) => {
                let report = check_with_stateright(Arc::clone(world), threads, None);
                Explored { states: report.states, transitions: report.transitions, bytes: None }
            }
        }
    }
}

fn explore(
    workers: NonZeroUsize,
    sweep_line: bool,
    search: impl Fn(&Options<'_>) -> Result<Report, Error>,
) -> Explored {
    let options = Options { workers: Some(workers), sweep_line, ..Options::default() };
    search(&options).map_or_else(
        |_| Explored::default(),
        |report| Explored {
            states: report.states,
            transitions: report.transitions,
            bytes: Some(report.cost.bytes),
        },
    )
}

/// The scenario's machine alone, or with every property judged at every step.
fn world(scenario: Scenario, judged: bool) -> Arc<Explorable> {
    let asked = if judged { PropertySet::ALL } else { PropertySet::EMPTY };
    // As `check` counts for its text: whether a property was tested.
    Arc::new(Explorable::new(Model::new(scenario), asked).counting(Counts::First))
}

fn enumerate(world: &Explorable, all: &[u64]) -> Explored {
    let mut scratch = world.scratch();
    let mut explored = Explored::default();
    for state in all.chunks_exact(world.words()) {
        explored.states += 1;
        world.successors(&mut scratch, state, &mut |_, _, _| explored.transitions += 1);
    }
    explored
}

/// Every encoded state, one after the other in the order in which they are met.
fn states(world: &Explorable) -> Vec<u64> {
    let mut seen = std::collections::BTreeSet::new();
    let mut all: Vec<u64> = Vec::new();
    world.initial(&mut |state, _| all.extend_from_slice(state));
    seen.insert(all.clone());
    let (mut scratch, width) = (world.scratch(), world.words());
    let mut next = 0;
    while next < all.len() {
        let state = all[next..next + width].to_vec();
        next += width;
        world.successors(&mut scratch, &state, &mut |_, after, _| {
            if !seen.contains(after) {
                seen.insert(after.to_vec());
                all.extend_from_slice(after);
            }
        });
    }
    all
}

/// Measures all contenders and returns the times of each, and what it explored.
fn compete(
    criterion: &mut Criterion,
    name: &str,
    world: &Arc<Explorable>,
) -> BTreeMap<Contender, (Vec<Duration>, Explored)> {
    let all = states(world);
    let mut times: BTreeMap<Contender, (Vec<Duration>, Explored)> = BTreeMap::new();
    let mut group = criterion.benchmark_group(format!("{SCENARIO}/{name}"));
    group
        .sample_size(10)
        .sampling_mode(SamplingMode::Flat)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_secs(2))
        .throughput(Throughput::Elements((all.len() / world.words()) as u64));
    for contender in Contender::all() {
        group.bench_function(contender.name(), |bencher| {
            bencher.iter_custom(|rounds| {
                let entry = times.entry(contender).or_default();
                let mut sum = Duration::ZERO;
                for _ in 0..rounds {
                    let start = WallTime.start();
                    entry.1 = contender.run(world, &all);
                    let time = WallTime.end(start);
                    entry.0.push(time);
                    sum += time;
                }
                sum
            });
        });
    }
    group.finish();
    times
}

/// One line of the table.
fn tell(name: &str, contender: Contender, time: Duration, explored: Explored, peak: Option<u64>) {
    let seconds = time.as_secs_f64();
    let rate = |count: u64| count as f64 / seconds / 1e6;
    let per = |bytes: Option<u64>| {
        bytes.map_or_else(
            || "-".to_owned(),
            |bytes| format!("{:.1}", bytes as f64 / explored.states as f64),
        )
    };
    println!(
        "{name:20} {:13} {seconds:8.3} s {:7.3} M states/s {:7.3} M transitions/s {:>6} B/state \
         kept, {:>6} B/state in all",
        contender.name(),
        rate(explored.states),
        rate(explored.transitions),
        per(explored.bytes),
        per(peak),
    );
}

/// Explores once in a process of its own. Returns the processor time, what was explored, and the
/// bytes that it took.
fn apart(name: &str, contender: Contender) -> Option<(Duration, Explored, u64)> {
    let this = std::env::current_exe().ok()?;
    let output = Command::new(this).args([ONCE, name, &contender.name()]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let words: Option<Vec<u64>> = text.split_whitespace().map(|word| word.parse().ok()).collect();
    let [nanoseconds, states, transitions, kept, peak] = words?[..] else {
        return None;
    };
    let explored = Explored { states, transitions, bytes: (kept > 0).then_some(kept) };
    Some((Duration::from_nanos(nanoseconds), explored, peak))
}

/// The most memory this process has had so far, in bytes.
fn high_water() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}

/// The processor time of this process so far, of all its threads.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let (_, fields) = stat.rsplit_once(") ").unwrap_or_default();
    let ticks =
        fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok());
    Duration::from_millis(ticks.sum::<u64>() * 10)
}

/// What a name in the table means.
fn named(name: &str) -> Arc<Explorable> {
    let large = LARGE.iter().find(|(large, _, _)| *large == name);
    let toml = large.map_or_else(|| text(SCENARIO).unwrap_or_default(), |(_, toml, _)| toml);
    let mut scenario = Scenario::parse(toml).unwrap_or_default();
    if let Some((_, _, faults)) = large {
        scenario.faults.budget = Budget::Limited(*faults);
    }
    world(scenario, name.ends_with("judged"))
}

/// Explores once, for [`apart`].
fn explore_once(name: &str, contender: &str) {
    let world = named(name);
    let contender = Contender::all().into_iter().find(|one| one.name() == contender);
    if let Some(contender) = contender {
        let before = high_water();
        let start = processor_time();
        let explored = contender.run(&world, &[]);
        let time = processor_time().saturating_sub(start).as_nanos();
        let (states, transitions) = (explored.states, explored.transitions);
        let (kept, peak) = (explored.bytes.unwrap_or(0), high_water() - before);
        println!("{time} {states} {transitions} {kept} {peak}");
    }
}

/// The command from its start to its end, with a scenario as people write them.
fn whole_command(criterion: &mut Criterion) {
    criterion.bench_function("command/check office", |bencher| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mapi-logon"));
        command.args(["check", "office"]);
        bencher.iter(|| command.output());
    });
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, name, contender] = &arguments[..]
        && flag == ONCE
    {
        return explore_once(name, contender);
    }
    let mut criterion = Criterion::default().configure_from_args();
    let mut table = Vec::new();
    for name in ["machine", "judged"] {
        let full = format!("{SCENARIO}/{name}");
        for (contender, (mut times, explored)) in compete(&mut criterion, name, &named(&full)) {
            times.sort_unstable();
            table.push((full.clone(), contender, times[times.len() / 2], explored));
        }
    }
    whole_command(&mut criterion);
    // Under `cargo test` everything runs once, and the large scenario not at all.
    if arguments.iter().any(|argument| argument == "--bench") {
        println!("\nmedians of wall-clock time; bad-day and storm4 once, processor time");
        for (name, contender, time, explored) in table {
            let peak = match contender {
                Contender::Enumerate => None,
                Contender::Ours(_)
                | Contender::Sweep(_)
                | Contender::Uncached(_)
                | Contender::Stateright(_) => apart(&name, contender),
            };
            tell(&name, contender, time, explored, peak.map(|(_, _, peak)| peak));
        }
        for (name, _, _) in LARGE {
            let searches =
                |one: &Contender| matches!(one, Contender::Ours(_) | Contender::Sweep(_));
            for contender in Contender::all().into_iter().filter(searches) {
                if let Some((time, explored, peak)) = apart(name, contender) {
                    tell(name, contender, time, explored, Some(peak));
                }
            }
        }
    }
    criterion.final_summary();
}
