//! `mapi-logon generate`: few and short regression traces that together cover a scenario.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use clap::builder::PossibleValue;
use mapi_logon_model::machine::Model;
use mapi_logon_traces::cover::{
    Clauses, Coverage, Criterion, Size, Suite, cover_while, is_forceable,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::arguments::{CommandLine, OutputFormat, Subject};
use crate::builtin;
use crate::command::show::described;
use crate::exit::Exit;
use crate::interrupt;
use crate::memory::{most_bytes, resident};
use crate::output;
use crate::outputs::Outputs;
use crate::path::text_of;
use crate::progress::ProgressLine;
use crate::quantity::{MemorySize, number};
use crate::render::json::pretty;
use crate::render::text::{Paint, Table, Tone, count};

/// Arguments of `generate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Choose what the traces together cover
    #[arg(long, value_enum)]
    cover: Cover,
    /// Write the traces into this folder, which is created if missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Tell outcomes apart by the dialogs of calls as well
    #[arg(long)]
    dialogs: bool,
    /// List what no run of the scenario covers, and what it would take
    #[arg(long)]
    uncovered: bool,
    /// Stop exploring after N states
    #[arg(long, value_name = "N", default_value_t = MAX_STATES, value_parser = number::<usize>)]
    max_states: usize,
    /// Stop exploring when this program takes this much memory: megabytes, or with a unit as in 2GB
    /// [default: half of what is available]
    #[arg(long, value_name = "SIZE")]
    max_memory: Option<MemorySize>,
    /// Write the report as text or as JSON
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

/// States that are explored by default.
const MAX_STATES: usize = 1_000_000;

/// What traces together cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Cover {
    /// Every state of SPEC 7.1
    States,
    /// Every transition of SPEC 7.2 and 7.3
    Transitions,
    /// Every two transitions that a client's calls take one after the other
    Pairs,
    /// Every clause of the documentation on which a transition rests
    Clauses,
    /// Every outcome
    Outcomes,
}

impl Cover {
    /// The criterion of coverage.
    #[must_use]
    pub const fn criterion(self) -> Criterion {
        match self {
            Self::States => Criterion::States,
            Self::Transitions => Criterion::Transitions,
            Self::Pairs => Criterion::Pairs,
            Self::Clauses => Criterion::Clauses,
            Self::Outcomes => Criterion::Outcomes,
        }
    }
}

impl Args {
    /// The criterion of coverage.
    fn criterion(&self) -> Result<Criterion> {
        match (self.cover, self.dialogs) {
            (cover, false) => Ok(cover.criterion()),
            (Cover::Outcomes, true) => Ok(Criterion::OutcomesWithDialogs),
            (Cover::States | Cover::Transitions | Cover::Pairs | Cover::Clauses, true) => {
                bail!("--dialogs tells outcomes apart; give --cover outcomes, or leave it out")
            }
        }
    }

    /// The command that writes the same traces.
    fn repeat(&self) -> CommandLine {
        let cover = self.cover.to_possible_value();
        let line = self.subject.repeat(CommandLine::new("generate"));
        line.option("--cover", cover.iter().map(PossibleValue::get_name))
            .flag("--dialogs", self.dialogs)
            .option("--out", [text_of(&self.out)])
            .flag("--uncovered", self.uncovered)
            .option("--max-states", (self.max_states != MAX_STATES).then_some(self.max_states))
    }
}

/// Most bytes of a scenario's name in the name of a file.
const LONGEST: usize = 80;

/// The schema beside a manifest.
const SCHEMA: &str = "generate.schema.json";

/// The result of `mapi-logon generate`, and the file `manifest.json` of a suite.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Generated {
    /// The file, beside a manifest, that tells editors what it may contain.
    #[serde(rename = "$schema")]
    schema: &'static str,
    /// The scenario.
    scenario: String,
    /// The files, with the number of steps of each.
    traces: Vec<GeneratedTrace>,
    /// Their coverage.
    coverage: Coverage,
}

/// A trace that was generated.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct GeneratedTrace {
    /// The name of its file.
    file: String,
    /// Its steps.
    steps: usize,
    /// Can an outside program bring about its schedule?
    forceable: bool,
    /// What it covers that no earlier one does.
    covers: Vec<String>,
}

/// Generates.
///
/// # Errors
/// When the scenario is not usable, or a trace or the report cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    let criterion = args.criterion()?;
    let loaded = builtin::load(&args.subject)?;
    let model = Model::new(loaded.scenario);
    fs::create_dir_all(&args.out).with_context(|| format!("cannot make {}", text_of(&args.out)))?;
    let (stop, progress) = (interrupt::listen()?, ProgressLine::begin());
    let most = most_bytes(args.max_memory);
    let mut full = false;
    let suite = cover_while(&model, criterion, &mut |known| {
        if known.is_multiple_of(1 << 16) {
            progress.say(&count(known as u64, "state"));
        }
        if known.is_multiple_of(1 << 12) {
            full |= most.is_some_and(|most| resident().is_some_and(|bytes| bytes > most));
        }
        known < args.max_states && !full && !stop.load(Ordering::Relaxed)
    });
    progress.end();
    let generated = write_suite(args, &loaded.name, suite)?;
    let complete = generated.coverage.complete;
    args.format.show(
        |paint| text(&generated, args.uncovered, &args.repeat(), paint),
        || pretty(&generated),
    )?;
    Ok(match (complete, stop.load(Ordering::Relaxed)) {
        (_, true) => Exit::Interrupted,
        (true, false) => Exit::Good,
        (false, false) => Exit::Inconclusive,
    })
}

/// Writes the traces into their folder, with a manifest and a page that says what they are.
fn write_suite(args: &Args, scenario: &str, suite: Suite) -> Result<Generated> {
    let digits = suite.traces.len().to_string().len().max(2);
    let mut outputs = Outputs::default();
    let mut traces = Vec::new();
    for (number, trace) in suite.traces.iter().enumerate() {
        let (stem, criterion) = (file_name(scenario), suite.coverage.criterion.name());
        let file = format!("{stem}-{criterion}-{:0digits$}.jsonl", number + 1);
        outputs.add_in(&args.out, &file, || Ok(trace.to_text()))?;
        let covers = trace.header.expect.covers.clone();
        let forceable = is_forceable(&trace.lines);
        traces.push(GeneratedTrace { file, steps: trace.lines.len(), forceable, covers });
    }
    let scenario = scenario.to_owned();
    let generated = Generated { schema: SCHEMA, scenario, traces, coverage: suite.coverage };
    outputs.add_in(&args.out, "manifest.json", || pretty(&generated))?;
    outputs.add_in(&args.out, SCHEMA, || described("generate"))?;
    outputs.add_in(&args.out, "README.md", || Ok(page(&generated, &args.repeat())))?;
    outputs.write()?;
    let own = |name: &str| generated.traces.iter().any(|trace| trace.file == name);
    let files = fs::read_dir(&args.out)?.flatten();
    let others = files.filter(|file| {
        let name = file.file_name().to_string_lossy().into_owned();
        name.ends_with(".jsonl") && !own(&name)
    });
    match others.count() as u64 {
        0 => {}
        others => output::complain(&format!(
            "warning: {} in {} not of this suite",
            if others == 1 { "1 trace is".to_owned() } else { format!("{others} traces are") },
            text_of(&args.out)
        )),
    }
    Ok(generated)
}

/// The page that says what a suite is and how to perform it.
fn page(generated: &Generated, repeat: &CommandLine) -> String {
    let Generated { scenario, traces, coverage, .. } = generated;
    let mut text = format!(
        "# Regression traces of {scenario}\n\n{}\n\nWritten by `{repeat}`; the same command \
         writes the same bytes.\n\nEach trace is JSON Lines: a header, then a line for each \
         step. Perform the effects with role `stimulus`, compare those with role `observable`. \
         `manifest.json` lists the traces; those that are not forceable need a schedule that no \
         outside program can bring about, so perform the others first.\n\n\
         | Trace | Steps | Forceable | Covers |\n|:--|--:|:--|:--|\n",
        summary(coverage, Paint::none()).trim_end(),
    );
    for trace in traces {
        let forceable = if trace.forceable { "yes" } else { "no" };
        let (file, steps, covers) = (&trace.file, trace.steps, trace.covers.join(", "));
        text += &format!("| {file} | {steps} | {forceable} | {covers} |\n");
    }
    text
}

/// The name of a scenario as the beginning of a file's name.
fn file_name(name: &str) -> String {
    let safe = |letter: char| {
        if letter.is_alphanumeric() || "-_=".contains(letter) { letter } else { '-' }
    };
    let mut file = String::new();
    for letter in name.chars().map(safe) {
        if file.len() + letter.len_utf8() > LONGEST {
            break;
        }
        file.push(letter);
    }
    file
}

fn text(
    generated: &Generated,
    lists_uncovered: bool,
    repeat: &CommandLine,
    paint: Paint,
) -> String {
    let coverage = &generated.coverage;
    let mut table = Table::new(paint, 0);
    for trace in &generated.traces {
        let steps = count(trace.steps as u64, "step");
        let schedule = if trace.forceable { "forceable" } else { "not forceable" };
        table.row([trace.file.as_str(), &steps, schedule, &trace.covers.join(", ")]);
    }
    let mut text = summary(coverage, paint) + "\n" + &table.render();
    let uncovered = coverage.uncovered.len() as u64;
    if lists_uncovered && uncovered > 0 {
        let mut table = Table::new(paint, 2);
        for one in &coverage.uncovered {
            table.toned([(Tone::Strong, one.id.as_str()), (Tone::Plain, one.why.as_str())]);
        }
        text += &("\nNot covered:\n".to_owned() + &table.render());
    } else if uncovered > 0 {
        let what = count(uncovered, "line");
        text += &format!("\nWhat no run covers, and why: {what} with --uncovered.\n");
    }
    text + &format!("\n{repeat}\n")
}

fn summary(coverage: &Coverage, paint: Paint) -> String {
    let (size, least) = (coverage.size, coverage.at_least);
    let name = coverage.criterion.name().replace('-', " ");
    let (covered, reachable) = (coverage.covered, coverage.reachable);
    let explored = count(coverage.states as u64, "node");
    let among = if coverage.complete {
        format!("{reachable} {name}")
    } else {
        format!("the {reachable} {name} found before the limit")
    };
    let reached = format!("{covered} of {among} covered; {explored} explored");
    let tone = if coverage.complete { Tone::Good } else { Tone::Bad };
    let sizes = |size: Size| (count(size.traces as u64, "trace"), count(size.steps as u64, "step"));
    let ((traces, steps), (few, short)) = (sizes(size), sizes(least));
    let mut text = format!("{}\n{traces}, {steps}", paint.paint(tone, &reached));
    text += &if coverage.complete {
        format!("; lower bound: {few}, {short}\n")
    } else {
        "\nNot every state was explored; raise --max-states or --max-memory.\n".to_owned()
    };
    let Clauses { covered, of } = coverage.clauses;
    text += &format!("{covered} of {of} clauses on which transitions rest are covered\n");
    text
}
