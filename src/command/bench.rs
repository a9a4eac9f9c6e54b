//! `mapi-logon bench`: simulated runs and explored states per second of real time.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use mapi_logon_checker::{End, Limits, Options};
use mapi_logon_model::machine::Model;
use mapi_logon_model::property::PropertySet;
use mapi_logon_model::scenario::{Budget, Scenario};
use mapi_logon_sim::simulate::{Plan, simulate};
use mapi_logon_sim::tally::LOGON;
use serde::Serialize;

use crate::arguments::{CommandLine, OutputFormat, Subject};
use crate::builtin::{self, Loaded};
use crate::cached::check_cached;
use crate::exit::Exit;
use crate::explorable::Explorable;
use crate::interrupt;
use crate::progress::ProgressLine;
use crate::quantity::positive;
use crate::render::json::pretty;
use crate::render::text::{Paint, Table, Tone, grouped};

/// States up to which exploring a scenario is too quick to measure.
const SMALL: u64 = 50_000;

/// The scenario to explore instead.
const LARGE: &str = "retry-storm";

/// How long each figure is measured by default.
const MILLISECONDS: u64 = 400;

/// Arguments of `bench`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Measure without faults
    #[arg(long)]
    without_faults: bool,
    /// Measure each figure for N milliseconds
    #[arg(long, value_name = "N", default_value_t = MILLISECONDS, value_parser = positive::<u64>)]
    milliseconds: u64,
    /// Write the figures as text or as JSON
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

/// The figures, per second of real time.
#[derive(Debug, Serialize)]
struct Figures {
    scenario: String,
    without_faults: bool,
    simulate: Vec<Runs>,
    check: Vec<States>,
}

/// How fast runs are made.
#[derive(Clone, Copy, Debug, Serialize)]
struct Runs {
    /// Threads that made them.
    threads: usize,
    /// Was every step judged?
    checked: bool,
    /// `MAPILogonEx` calls that returned.
    logons_per_second: f64,
    /// Steps.
    steps_per_second: f64,
}

/// How fast states are explored.
#[derive(Clone, Debug, Serialize)]
struct States {
    scenario: String,
    workers: usize,
    states_per_second: f64,
}

impl Args {
    /// The command that measures the same again.
    fn repeat(&self) -> CommandLine {
        let line = self.subject.repeat(CommandLine::new("bench"));
        line.flag("--without-faults", self.without_faults).option(
            "--milliseconds",
            (self.milliseconds != MILLISECONDS).then_some(self.milliseconds),
        )
    }
}

/// Measures.
///
/// # Errors
/// When the scenario is not usable, or the figures cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    let mut loaded = builtin::load(&args.subject)?;
    if args.without_faults {
        loaded.scenario.faults.budget = Budget::Limited(0);
    }
    let scenario = &loaded.scenario;
    let interrupted = interrupt::listen()?;
    let progress = ProgressLine::begin();
    let time = Duration::from_millis(args.milliseconds.max(1));
    let mut figures = Figures {
        scenario: loaded.name.clone(),
        without_faults: args.without_faults,
        simulate: Vec::new(),
        check: Vec::new(),
    };
    for (threads, checked) in [(1, false), (1, true), (2, false), (2, true)] {
        if interrupted.load(Ordering::Relaxed) {
            break;
        }
        progress.say(&format!("{threads} threads"));
        let runs = runs(scenario, threads, checked, time);
        figures.simulate.push(runs);
    }
    let subject = explored(&loaded)?;
    for workers in [1, 2] {
        if !interrupted.load(Ordering::Relaxed) {
            progress.say(&format!("{workers} workers"));
            figures.check.push(states(&subject, workers, time)?);
        }
    }
    progress.end();
    args.format.show(
        |paint| figures.text(paint) + &format!("\n{}\n", args.repeat()),
        || pretty(&figures),
    )?;
    let ended = interrupted.load(Ordering::Relaxed);
    Ok(if ended { Exit::Interrupted } else { Exit::Good })
}

/// Makes runs for `time` and measures them.
fn runs(scenario: &Scenario, threads: usize, judging: bool, time: Duration) -> Runs {
    let stop = AtomicBool::new(false);
    let plan = Plan {
        scenario,
        build: &Model::new,
        seed: 1,
        first: 0,
        runs: u64::MAX,
        steps: 10_000,
        swarm: false,
        judging,
        threads: NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN),
        stop: &stop,
        watch: None,
    };
    let (simulation, seconds) = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(time);
            stop.store(true, Ordering::Relaxed);
        });
        timed(|| simulate(&plan))
    });
    let logons: u64 = simulation.tally.results(LOGON).map(|(_, count)| count).sum();
    Runs {
        threads,
        checked: judging,
        logons_per_second: logons as f64 / seconds,
        steps_per_second: simulation.tally.steps as f64 / seconds,
    }
}

/// The scenario whose states are explored: a larger one if this is too small to measure.
fn explored(loaded: &Loaded) -> Result<Loaded> {
    let limits = Limits { states: Some(SMALL), ..Limits::default() };
    let report = check_cached(&world(&loaded.scenario), &Options { limits, ..Options::default() })?;
    match builtin::text(LARGE) {
        Some(text) if report.end == End::Complete => Ok(Loaded {
            warnings: Vec::new(),
            name: LARGE.to_owned(),
            scenario: Scenario::parse(text)?,
            text: text.to_owned(),
        }),
        Some(_) | None => Ok(loaded.clone()),
    }
}

/// Explores states for `time` and measures them.
fn states(subject: &Loaded, workers: usize, time: Duration) -> Result<States> {
    let world = world(&subject.scenario);
    let options = Options {
        workers: NonZeroUsize::new(workers),
        limits: Limits { time: Some(time), ..Limits::default() },
        ..Options::default()
    };
    let (report, seconds) = timed(|| check_cached(&world, &options));
    let states_per_second = report?.states as f64 / seconds;
    Ok(States { scenario: subject.name.clone(), workers, states_per_second })
}

/// A scenario with every property.
fn world(scenario: &Scenario) -> Explorable {
    Explorable::new(Model::new(scenario.clone()), PropertySet::ALL)
}

/// The result of some work, and the seconds that it took.
#[expect(clippy::disallowed_types, reason = "time is what is measured")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let begin = std::time::Instant::now();
    let result = work();
    (result, begin.elapsed().as_secs_f64().max(1e-9))
}

impl Figures {
    fn text(&self, paint: Paint) -> String {
        let mut table = Table::new(paint, 0);
        let heads = ["", "threads", "logons/s", "steps/s"].map(|head| format!("{head:>12}"));
        let [_, threads, logons, steps] = heads.each_ref().map(String::as_str);
        table.toned([
            (Tone::Faint, ""),
            (Tone::Faint, threads),
            (Tone::Faint, logons),
            (Tone::Faint, steps),
            (Tone::Faint, ""),
        ]);
        let mut row = |name: &str, threads: usize, cells: [String; 2]| {
            let threads = format!("{threads:>12}");
            let [first, second] = cells.each_ref().map(String::as_str);
            table.toned([
                (Tone::Strong, name),
                (Tone::Plain, &threads),
                (Tone::Plain, first),
                (Tone::Plain, second),
                (Tone::Plain, ""),
            ]);
        };
        for runs in &self.simulate {
            let kind = if runs.checked { "every step judged" } else { "nothing judged" };
            let cells = [rate(runs.logons_per_second), rate(runs.steps_per_second)];
            row(&format!("simulate, {kind}"), runs.threads, cells);
        }
        for states in &self.check {
            let cells = [format!("{:>12}", ""), rate(states.states_per_second)];
            row(&format!("check {}, states/s", states.scenario), states.workers, cells);
        }
        let faults = if self.without_faults { ", without faults" } else { "" };
        format!("{}\nscenario  {}{faults}\n", table.render(), self.scenario)
    }
}

/// A rate to three digits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rates are not negative, and conversion saturates"
)]
fn rate(per_second: f64) -> String {
    let mut unit = 1.0;
    while per_second / unit >= 1000.0 {
        unit *= 10.0;
    }
    format!("{:>12}", grouped(((per_second / unit).round() * unit) as u64))
}
