//! `mapi-logon generate`: few and short regression traces that together cover a scenario.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result};
use clap::ValueEnum;
use mapi_logon_model::machine::Model;
use mapi_logon_traces::cover::{Coverage, Criterion, Size, cover_while};
use schemars::JsonSchema;
use serde::Serialize;

use crate::arguments::{OutputFormat, Subject};
use crate::builtin;
use crate::exit::Exit;
use crate::interrupt;
use crate::output;
use crate::progress::ProgressLine;
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
    /// Stop exploring after N states
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    max_states: usize,
    /// Write the report as text or as JSON
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

/// What traces together cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Cover {
    /// Every state of SPEC 7.1
    States,
    /// Every transition of SPEC 7.2 and 7.3
    Transitions,
    /// Every two transitions that a client's calls take one after the other
    Pairs,
    /// Every outcome
    Outcomes,
}

impl Cover {
    const fn criterion(self) -> Criterion {
        match self {
            Self::States => Criterion::States,
            Self::Transitions => Criterion::Transitions,
            Self::Pairs => Criterion::Pairs,
            Self::Outcomes => Criterion::Outcomes,
        }
    }
}

/// The result of `mapi-logon generate`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Generated {
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
    /// What it covers that no earlier one does.
    covers: Vec<String>,
}

/// Generates.
///
/// # Errors
/// When the scenario is not usable, or a trace or the report cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    let loaded = builtin::load(&args.subject)?;
    let model = Model::new(loaded.scenario);
    let criterion = args.cover.criterion();
    let (stop, progress) = (interrupt::listen()?, ProgressLine::begin());
    let suite = cover_while(&model, criterion, &mut |known| {
        if known.is_multiple_of(1 << 16) {
            progress.say(&count(known as u64, "state"));
        }
        known < args.max_states && !stop.load(Ordering::Relaxed)
    });
    progress.end();
    fs::create_dir_all(&args.out).with_context(|| format!("cannot make {}", args.out.display()))?;
    let digits = suite.traces.len().to_string().len().max(2);
    let mut traces = Vec::new();
    for (number, trace) in suite.traces.iter().enumerate() {
        let stem = file_name(&loaded.name);
        let file = format!("{stem}-{}-{:0digits$}.jsonl", criterion.name(), number + 1);
        let path = args.out.join(&file);
        fs::write(&path, trace.to_text())
            .with_context(|| format!("cannot write {}", path.display()))?;
        let covers = trace.header.expect.covers.clone();
        traces.push(GeneratedTrace { file, steps: trace.lines.len(), covers });
    }
    let complete = suite.coverage.complete;
    let generated = Generated { scenario: loaded.name, traces, coverage: suite.coverage };
    output::print(&match args.format {
        OutputFormat::Human => text(&generated, Paint::for_output()),
        OutputFormat::Json => pretty(&generated)?,
    })?;
    Ok(match (complete, stop.load(Ordering::Relaxed)) {
        (_, true) => Exit::Interrupted,
        (true, false) => Exit::Good,
        (false, false) => Exit::Inconclusive,
    })
}

/// The name of a scenario as the beginning of a file's name.
fn file_name(name: &str) -> String {
    let safe = |letter: char| {
        if letter.is_alphanumeric() || "-_=".contains(letter) { letter } else { '-' }
    };
    name.chars().map(safe).take(80).collect()
}

fn text(generated: &Generated, paint: Paint) -> String {
    let coverage = &generated.coverage;
    let mut table = Table::new(paint, 0);
    for trace in &generated.traces {
        let steps = count(trace.steps as u64, "step");
        table.row([trace.file.as_str(), &steps, &trace.covers.join(", ")]);
    }
    let mut text = table.render() + "\n" + &summary(coverage, paint);
    if !coverage.uncovered.is_empty() {
        text += "\nNot covered:\n";
        let mut table = Table::new(paint, 2);
        for one in &coverage.uncovered {
            table.toned([(Tone::Strong, one.id.as_str()), (Tone::Plain, one.why.as_str())]);
        }
        text += &table.render();
    }
    text
}

fn summary(coverage: &Coverage, paint: Paint) -> String {
    let (size, least) = (coverage.size, coverage.at_least);
    let name = coverage.criterion.name();
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
        "\nNot every state was explored; raise --max-states.\n".to_owned()
    };
    text
}
