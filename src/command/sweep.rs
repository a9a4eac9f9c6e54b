//! `mapi-logon sweep`: every combination of what is varied, checked.

use std::fmt::{self, Display, Formatter};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use clap::builder::PossibleValue;
use mapi_logon_model::ids::{BUDGET, CLIENTS};
use mapi_logon_model::policy::{Policy, SWITCHES};
use mapi_logon_model::scenario::Scenario;

use crate::arguments::{CommandLine, OutputFormat, Subject, preset, quoted, switch};
use crate::builtin;
use crate::exit::Exit;
use crate::interrupt;
use crate::outputs::Outputs;
use crate::path::{self, parsed};
use crate::progress::ProgressLine;
use crate::quantity::{number, positive};
use crate::render::json::pretty;
use crate::render::plotted;
use crate::render::svg::svg_file;
use crate::render::swept::Sweep;
use crate::render::text::count;
use crate::reports::Reports;
use crate::sweep::{Combination, Dimensions, SweepMeans, Swept};
use crate::verdict::{Defaults, Overall};

/// Arguments of `sweep`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A scenario file, or the name of a built-in scenario
    #[arg(default_value = "office", value_parser = path::parser())]
    scenario: String,
    /// Use the readings of a known implementation (see `list presets`); overrides the scenario
    #[arg(long, value_name = "PRESET", value_parser = preset)]
    policy: Option<String>,
    /// Try these values of a policy, or all with `POLICY=all`; may be repeated, for every
    /// combination
    #[arg(long = "set", value_name = "POLICY=VALUE,...", value_parser = policy)]
    settings: Vec<(String, Vec<String>)>,
    /// Try N clients, or A to B: the first of the scenario, or copies of them in turn
    #[arg(long, value_name = "N or A..B", value_parser = clients)]
    clients: Option<Range>,
    /// Allow N faults to strike, or A to B
    #[arg(long, value_name = "N or A..B", value_parser = budget)]
    budget: Option<Range>,
    /// Symmetry reduction: explore states that differ only in the names of identical clients or
    /// profiles once
    #[arg(long, value_enum, value_name = "WHEN", num_args = 0..=1, default_missing_value = "on")]
    symmetry: Option<When>,
    /// Stop a combination after N states
    #[arg(long, value_name = "N", value_parser = number::<u64>)]
    max_states: Option<u64>,
    /// Explore with N threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = positive::<NonZeroUsize>)]
    workers: Option<NonZeroUsize>,
    /// Treat warnings about the scenario as errors, and properties given up as violated
    #[arg(long)]
    strict: bool,
    /// Report the seconds that each combination took, which differ from run to run
    #[arg(long)]
    time: bool,
    /// Draw states, and with --time seconds, over the number of clients, faults or combinations
    #[arg(long, value_name = "FILE.svg", value_parser = parsed(svg_file))]
    plot: Option<PathBuf>,
    #[command(flatten)]
    reports: Reports,
    /// Write the rows as text or as JSON
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

/// Where symmetry reduction is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum When {
    /// In every combination
    On,
    /// In none
    Off,
    /// Each combination once without it and once with it
    Both,
}

/// Numbers from the first to the last, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    first: u8,
    last: u8,
}

/// Sweeps.
///
/// # Errors
/// When the scenario or a combination is not usable, or a result cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    let dimensions = args.dimensions()?;
    Outputs::check(args.plot.iter().chain(args.reports.paths()))?;
    let loaded = builtin::load_active(&args.subject())?;
    let combinations = dimensions.combinations();
    let scenarios = combinations.iter().map(|one| one.apply(&loaded.scenario));
    let scenarios = scenarios.collect::<Result<Vec<_>>>().with_context(|| args.scenario.clone())?;
    let stop = interrupt::listen()?;
    let rows = explore(args, &combinations, &loaded.scenario, scenarios, stop)?;
    let sweep = Sweep {
        name: &loaded.name,
        policy: &loaded.scenario.policy,
        dimensions: &dimensions,
        combinations: combinations.len(),
        timed: args.time,
        shows: args.shows(&rows),
        repeat: args.repeat(),
        rows,
    };
    args.format.show(|paint| sweep.text(paint), || pretty(&sweep))?;
    let mut outputs = Outputs::default();
    outputs
        .add(args.plot.as_ref(), || plotted::svg(&sweep).context("the picture cannot be drawn"))?;
    let (suite, place) = (format!("sweep {}", loaded.name), args.subject().place());
    let cases = sweep.cases(&place);
    args.reports.add_to(&mut outputs, &suite, &sweep.repeat.to_string(), &cases)?;
    outputs.write()?;
    let any = |verdict| sweep.rows.iter().any(|row| row.verdict == verdict);
    Ok(if sweep.rows.len() < combinations.len() {
        Exit::Interrupted
    } else if any(Overall::Violated) {
        Exit::Finding
    } else if any(Overall::Inconclusive) {
        Exit::Inconclusive
    } else {
        Exit::Good
    })
}

/// The rows of all combinations, or of those explored before an interrupt.
fn explore(
    args: &Args,
    combinations: &[Combination],
    own: &Scenario,
    scenarios: Vec<Scenario>,
    stop: &AtomicBool,
) -> Result<Vec<Swept>> {
    let progress = ProgressLine::begin();
    let means = SweepMeans {
        defaults: &Defaults::of(own, stop),
        max_states: args.max_states,
        strict: args.strict,
        timed: args.time,
        workers: args.workers,
        interrupt: stop,
    };
    let mut rows = Vec::new();
    for (combination, scenario) in combinations.iter().zip(scenarios) {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let place = format!("{} of {}", rows.len() + 1, combinations.len());
        progress.say(&place);
        let watch = |pulse: &mapi_logon_checker::Pulse| {
            let states = count(pulse.states, "state");
            progress.say(&format!("{place}: {states}, depth {}", pulse.depth));
        };
        let row = Swept::explore(combination, scenario, &rows, &means, &watch);
        let Some(row) = row.inspect_err(|_| progress.end())? else {
            break;
        };
        rows.push(row);
    }
    progress.end();
    Ok(rows)
}

impl Args {
    fn subject(&self) -> Subject {
        Subject {
            scenario: self.scenario.clone(),
            policy: self.policy.clone(),
            strict: self.strict,
            ..Subject::default()
        }
    }

    fn dimensions(&self) -> Result<Dimensions> {
        for (at, (policy, _)) in self.settings.iter().enumerate() {
            if self.settings[..at].iter().any(|(other, _)| other == policy) {
                bail!("--set {policy} is given twice; write its values as one list");
            }
        }
        let numbers = |range: Option<Range>| {
            range.map_or_else(Vec::new, |range| (range.first..=range.last).collect())
        };
        Ok(Dimensions {
            policies: self.settings.clone(),
            clients: numbers(self.clients).into_iter().map(usize::from).collect(),
            budgets: numbers(self.budget),
            symmetry: match self.symmetry {
                None => Vec::new(),
                Some(When::On) => vec![true],
                Some(When::Off) => vec![false],
                Some(When::Both) => vec![false, true],
            },
        })
    }

    /// The command that gives the same rows.
    fn repeat(&self) -> CommandLine {
        let settings = self.settings.iter();
        let settings = settings.map(|(policy, values)| format!("{policy}={}", values.join(",")));
        let symmetry = self.symmetry.and_then(|when| when.to_possible_value());
        CommandLine::new("sweep")
            .word(&self.scenario)
            .option("--policy", &self.policy)
            .option("--set", settings)
            .option("--clients", self.clients)
            .option("--budget", self.budget)
            .option("--symmetry", symmetry.iter().map(PossibleValue::get_name))
            .option("--max-states", self.max_states)
            .flag("--strict", self.strict)
            .flag("--time", self.time)
    }

    /// The command that shows what the first combination breaks.
    fn shows(&self, rows: &[Swept]) -> Option<CommandLine> {
        let row = rows.iter().find(|row| row.verdict == Overall::Violated)?;
        let given_up = row.given_up.iter().map(|one| one.id);
        let shown = row.broken.iter().copied().chain(given_up);
        let Combination { settings, clients, budget, symmetry } = &row.combination;
        let subject = Subject {
            scenario: self.scenario.clone(),
            policy: self.policy.clone(),
            settings: settings.clone(),
            clients: clients.and_then(|clients| u8::try_from(clients).ok()),
            budget: *budget,
            strict: self.strict,
        };
        let line = subject.repeat(CommandLine::new("check")).option("--property", shown);
        Some(line.flag("--symmetry", *symmetry))
    }
}

/// Reads `POLICY=VALUE,…`.
fn policy(text: &str) -> Result<(String, Vec<String>), String> {
    let Some((policy, values)) = text.split_once('=') else {
        return Err("expected POLICY=VALUE,...; `mapi-logon list policies` shows both".to_owned());
    };
    let policy = switch(policy);
    if values.contains('=') {
        return Err("expected one POLICY=VALUE,...; repeat --set for another".to_owned());
    }
    let known = SWITCHES.iter().find(|switch| switch.name == policy);
    if let (Some(known), "all" | "*") = (known, values) {
        let all = known.values.iter().map(|value| (*value).to_owned());
        return Ok((policy.to_owned(), all.collect()));
    }
    let mut list: Vec<String> = Vec::new();
    for value in values.split(',') {
        if matches!(value, "all" | "*") {
            return Err(format!("`{value}` is given alone, for every value"));
        }
        Policy::default().set(policy, value).map_err(|error| error.to_string())?;
        if list.iter().any(|known| known == value) {
            return Err(format!("{} is listed twice", quoted(value)));
        }
        list.push(value.to_owned());
    }
    Ok((policy.to_owned(), list))
}

fn clients(text: &str) -> Result<Range, String> {
    Range::parse(text, 1, CLIENTS, "clients")
}

fn budget(text: &str) -> Result<Range, String> {
    Range::parse(text, 0, BUDGET, "faults")
}

impl Display for Range {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { first, last } = self;
        if first == last { write!(f, "{first}") } else { write!(f, "{first}..{last}") }
    }
}

impl Range {
    /// Reads `N` or `A..B`, B included.
    fn parse(text: &str, least: u8, most: usize, what: &str) -> Result<Self, String> {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let last = last.strip_prefix('=').unwrap_or(last);
        let number = |text: &str| {
            let number = text.parse().ok();
            number.filter(|number: &u8| *number >= least && usize::from(*number) <= most)
        };
        match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => Ok(Self { first, last }),
            (Some(first), Some(last)) => Err(format!("{first} is more than {last}")),
            _ => Err(format!(
                "expected a number of {what} from {least} to {most}, or a range such as {least}..3"
            )),
        }
    }
}
