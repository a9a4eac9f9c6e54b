//! `mapi-logon simulate`: random runs from a seed, the same on every machine.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::thread;

use anyhow::{Result, anyhow};
use mapi_logon_model::machine::Model;
use mapi_logon_model::property::{Decided, PROPERTIES};
use mapi_logon_model::scenario::ScenarioError;
use mapi_logon_sim::load::{LoadError, load, plot};
use mapi_logon_sim::random::{Purpose, Stream};
use mapi_logon_sim::run::Runner;
use mapi_logon_sim::shrink::{Shrunk, shrink};
use mapi_logon_sim::simulate::{Plan, simulate};
use mapi_logon_sim::swarm::vary;
use mapi_logon_sim::tally::Tally;
use mapi_logon_traces::trace::Expect;
use mapi_logon_traces::write::Trace;

use crate::arguments::{CommandLine, OutputFormat, Subject};
use crate::builtin::{self, Loaded};
use crate::coverage::RunCoverage;
use crate::exit::Exit;
use crate::interrupt;
use crate::outputs::Outputs;
use crate::page::{self, Story};
use crate::path::parsed;
use crate::progress::ProgressLine;
use crate::quantity::{number, positive};
use crate::render::loaded::ShownLoad;
use crate::render::simulated::{FailingRun, Simulated};
use crate::render::svg::{accessible, svg_file};
use crate::render::text::Paint;

/// Arguments of `simulate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Draw all random choices from this seed; equal seeds give equal runs
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = number::<u64>)]
    seed: u64,
    /// Make N runs
    #[arg(
        long,
        value_name = "N",
        default_value_t = 10_000,
        value_parser = positive::<u64>,
        conflicts_with = "load"
    )]
    runs: u64,
    /// Begin with run number N
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        value_parser = number::<u64>,
        conflicts_with = "load"
    )]
    first: u64,
    /// Cut a run off after N steps
    #[arg(
        long,
        value_name = "N",
        default_value_t = 10_000,
        value_parser = positive::<u64>,
        conflicts_with = "load"
    )]
    steps: u64,
    /// Make runs with N threads, on which no result depends [default: one per core]
    #[arg(long, value_name = "N", value_parser = positive::<NonZeroUsize>, conflicts_with = "load")]
    threads: Option<NonZeroUsize>,
    /// Switch fault kinds, answers and flags off and skew weights, differently for each run
    #[arg(long, conflicts_with = "load")]
    swarm: bool,
    /// Save the shrunk scenario of a run that breaks a property
    #[arg(long, value_name = "FILE", conflicts_with = "load")]
    save: Option<PathBuf>,
    /// Save the shrunk run that breaks a property, or else the first run, as a trace
    #[arg(long, value_name = "FILE", conflicts_with = "load")]
    trace: Option<PathBuf>,
    /// Run the scenario's load in virtual time: clients arrive, wait, log on, stay and go
    #[arg(long)]
    load: bool,
    /// Write the load over virtual time as comma-separated values
    #[arg(long, value_name = "FILE.csv", requires = "load")]
    series: Option<PathBuf>,
    /// Draw latency over virtual time, with outages shaded
    #[arg(long, value_name = "FILE.svg", value_parser = parsed(svg_file), requires = "load")]
    plot: Option<PathBuf>,
    /// Write the report as a page for a browser, with the shrunk run that breaks a property
    #[arg(long, value_name = "FILE.html")]
    html: Option<PathBuf>,
    /// Write the report as text or as JSON
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

/// Simulates.
///
/// # Errors
/// When the scenario is not usable, or the report or a file cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    let loaded = builtin::load_active(&args.subject)?;
    Outputs::check(
        [&args.save, &args.trace, &args.series, &args.plot, &args.html].into_iter().flatten(),
    )?;
    // OFF-10 asks a simulator to say so; the rest of the advice is for `check`.
    builtin::advise(&args.subject, &loaded.scenario, |id| id == "OFF-10");
    let stop = interrupt::listen()?;
    if args.load { run_load(args, &loaded, stop) } else { run_runs(args, &loaded, stop) }
}

fn run_runs(args: &Args, loaded: &Loaded, stop: &AtomicBool) -> Result<Exit> {
    let cores = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let progress = ProgressLine::begin();
    let plan = Plan {
        scenario: &loaded.scenario,
        build: &Model::new,
        seed: args.seed,
        first: args.first,
        runs: args.runs,
        steps: args.steps,
        swarm: args.swarm,
        judging: true,
        threads: args.threads.unwrap_or(cores),
        stop,
        watch: Some(&|made| progress.runs(made, args.runs)),
    };
    let simulation = simulate(&plan);
    progress.end();
    let model = Model::new(loaded.scenario.clone());
    let coverage = RunCoverage::of(&model, &simulation, stop);
    let shrunk = simulation.failure.as_ref().map(|failure| shrink(failure, &Model::new, stop));
    let finding = simulation.failure.as_ref().zip(shrunk.as_ref());
    let finding = finding.map(|(failure, shrunk)| {
        FailingRun::new(failure, shrunk, args.repeat(Some(failure.run)).to_string())
    });
    let mut outputs = Outputs::default();
    if let Some(finding) = &finding {
        outputs.add(args.save.as_ref(), || Ok(finding.file()))?;
    }
    outputs.add(args.trace.as_ref(), || trace(args, &model, shrunk.as_ref()))?;
    let simulated = Simulated {
        name: &loaded.name,
        model: &model,
        simulation: &simulation,
        coverage,
        finding,
        seed: args.seed,
        repeat: args.repeat(None).to_string(),
    };
    outputs.add(args.html.as_ref(), || {
        let failing = shrunk.as_ref().map(|shrunk| {
            Story::of_run(&Model::new(shrunk.scenario.clone()), &shrunk.actions).failing()
        });
        let report = simulated.text(Paint::none());
        Ok(page::simulated(&loaded.name, &report, &simulated.repeat, failing.as_ref()))
    })?;
    args.format.show(|paint| simulated.text(paint), || simulated.json())?;
    outputs.write()?;
    Ok(match (&simulation.failure, simulation.interrupted) {
        (Some(_), _) => Exit::Finding,
        (None, true) => Exit::Interrupted,
        (None, false) => Exit::Good,
    })
}

fn run_load(args: &Args, loaded: &Loaded, stop: &AtomicBool) -> Result<Exit> {
    let scenario = &loaded.scenario;
    let report = load(scenario, args.seed, stop).map_err(|error| {
        let (file, placed) = (&args.subject.scenario, placed(&error, &loaded.text));
        anyhow!("{file}:{placed}")
    })?;
    let mut outputs = Outputs::default();
    outputs.add(args.series.as_ref(), || Ok(report.series.to_csv()))?;
    let title = format!("{}: latency of MAPILogonEx over virtual time", loaded.name);
    let picture = || -> Result<String> { Ok(accessible(&plot(scenario, &report)?, &title)) };
    outputs.add(args.plot.as_ref(), picture)?;
    let load = ShownLoad {
        name: &loaded.name,
        scenario,
        report: &report,
        seed: args.seed,
        repeat: args.repeat(None).flag("--load", true).to_string(),
    };
    outputs.add(args.html.as_ref(), || {
        let (report, picture) = (load.text(Paint::none()), picture()?);
        Ok(page::loaded(&loaded.name, &load.lead(), &picture, &report, &load.repeat))
    })?;
    args.format.show(|paint| load.text(paint), || load.json())?;
    outputs.write()?;
    Ok(if report.interrupted { Exit::Interrupted } else { Exit::Good })
}

/// The shrunk run that breaks a property; where there is none, the first run.
fn trace(args: &Args, model: &Model, shrunk: Option<&Shrunk>) -> Result<String> {
    let (model, actions, expect) = match shrunk {
        Some(shrunk) => {
            let broken = PROPERTIES.iter().enumerate().find(|(bit, property)| {
                shrunk.broken.contains(*bit) && matches!(property.decided, Decided::Never(_))
            });
            let id = broken.map_or("", |(_, property)| property.id);
            let model = Model::new(shrunk.scenario.clone());
            (model, shrunk.actions.clone(), Expect::of_property(id))
        }
        None => {
            let mut chance = Stream::new(args.seed, Purpose::Swarm, args.first);
            let varied = args.swarm.then(|| vary(model.scenario(), &mut chance));
            let model = varied.map_or_else(|| model.clone(), Model::new);
            let mut chance = Stream::new(args.seed, Purpose::Choices, args.first);
            let mut runner = Runner::new(&model, false);
            let tally = &mut Tally::default();
            runner.run(args.first, &mut chance, args.steps, tally);
            let path = runner.path().to_vec();
            (model, path, Expect::conforms())
        }
    };
    Ok(Trace::record(&model, actions, expect)?.with_seed(args.seed).to_text())
}

/// What keeps a scenario from being loaded, with its place in the file.
fn placed(error: &LoadError, text: &str) -> ScenarioError {
    let (key, number) = error.section().unwrap_or_default();
    ScenarioError::in_section(text, key, number, error.to_string())
}

impl Args {
    /// The command that gives the same report, or makes one of its runs.
    fn repeat(&self, run: Option<u64>) -> CommandLine {
        let changed = |given: u64, default: u64| (given != default).then_some(given);
        let line = self.subject.repeat(CommandLine::new("simulate"));
        line.option("--seed", [self.seed])
            .option("--runs", changed(run.map_or(self.runs, |_| 1), 10_000))
            .option("--first", changed(run.unwrap_or(self.first), 0))
            .option("--steps", changed(self.steps, 10_000))
            .flag("--swarm", self.swarm)
    }
}
