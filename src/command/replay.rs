//! `mapi-logon replay`: a trace, followed line by line up to the first line that the model does
//! not allow.

use std::fs::File;
use std::io::BufReader;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, anyhow};
use mapi_logon_traces::export::itf;
use mapi_logon_traces::replay::{Replay, replay_and};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::arguments::OutputFormat;
use crate::exit::Exit;
use crate::interrupt;
use crate::output;
use crate::render::json::pretty;
use crate::render::text::{Paint, Tone, count};

/// The verdict of a file that was not read to its end.
const INTERRUPTED: &str = "interrupted";

/// Arguments of `replay`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Traces, or ITF files (`*.itf.json`) that were exported from traces
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Write the verdicts as text or as JSON
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

/// The verdict on one file: `mapi-logon replay` writes a list of these.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Replayed {
    /// The file as it was named.
    file: String,
    /// `conforms` or `diverges`; `interrupted` where Ctrl-C came first.
    verdict: &'static str,
    /// The number of steps that were followed.
    steps: u64,
    /// The first line that was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    /// The part of it that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<&'static str>,
    /// What it says there.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<Value>,
    /// What the model has there.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<Value>,
}

/// What is known so far: verdicts, and the file that is being read with its steps.
#[derive(Debug, Default)]
struct Known {
    all: Vec<Replayed>,
    path: String,
    steps: u64,
}

/// Replays.
///
/// # Errors
/// When a file cannot be read or is no trace, or the verdicts cannot be written; those of the
/// files before it are written all the same.
pub fn run(args: &Args) -> Result<Exit> {
    let known = Arc::new(Mutex::new(Known::default()));
    let (watched, format) = (Arc::clone(&known), args.format);
    interrupt::last_words(move || {
        // Only the thread that writes the verdicts holds the lock for long.
        if let Ok(known) = watched.try_lock() {
            let mut all = known.all.clone();
            all.push(cut_short(&known));
            show(&all, format).unwrap_or_default();
        }
    })?;
    let mut failed = None;
    for path in &args.files {
        begin(&known, path);
        match one(path, &known) {
            Ok(replay) => lock(&known).all.push(verdict_of(path, &replay)),
            Err(error) => {
                failed = Some(error);
                break;
            }
        }
    }
    let known = lock(&known);
    if failed.is_none() || !known.all.is_empty() {
        show(&known.all, args.format)?;
    }
    let diverged = known.all.iter().any(|one| one.line.is_some());
    match failed {
        Some(error) => Err(error),
        None if diverged => Ok(Exit::Finding),
        None => Ok(Exit::Good),
    }
}

fn lock(known: &Mutex<Known>) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

fn begin(known: &Mutex<Known>, path: &str) {
    let mut known = lock(known);
    (known.path, known.steps) = (path.to_owned(), 0);
}

fn show(all: &[Replayed], format: OutputFormat) -> Result<()> {
    let paint = Paint::for_output();
    output::print(&match format {
        OutputFormat::Human => all.iter().map(|one| text(one, paint)).collect(),
        OutputFormat::Json => pretty(&all)?,
    })
}

fn cut_short(known: &Known) -> Replayed {
    Replayed {
        file: known.path.clone(),
        verdict: INTERRUPTED,
        steps: known.steps,
        line: None,
        part: None,
        found: None,
        expected: None,
    }
}

fn one(path: &str, known: &Mutex<Known>) -> Result<Replay> {
    let file = File::open(path).with_context(|| format!("{path}: cannot be read"))?;
    let replayed = if path.ends_with(".itf.json") {
        itf::replay(file)
    } else {
        replay_and(BufReader::new(file), |step| lock(known).steps = step)
    };
    replayed.map_err(|error| anyhow!("{path}:{error}"))
}

fn verdict_of(path: &str, replay: &Replay) -> Replayed {
    let divergence = replay.divergence.as_ref();
    Replayed {
        file: path.to_owned(),
        verdict: if divergence.is_some() { "diverges" } else { "conforms" },
        steps: replay.steps,
        line: divergence.map(|one| one.line),
        part: divergence.map(|one| one.part),
        found: divergence.map(|one| one.found.clone()),
        expected: divergence.map(|one| one.expected.clone()),
    }
}

fn text(one: &Replayed, paint: Paint) -> String {
    let steps = count(one.steps, "step");
    let Some(line) = one.line else {
        let tone = match one.verdict {
            INTERRUPTED => Tone::Bad,
            _ => Tone::Good,
        };
        let verdict = paint.paint(tone, one.verdict);
        return format!("{}: {verdict} ({steps})\n", one.file);
    };
    let part = one.part.unwrap_or_default();
    let show = |value: &Option<Value>| value.as_ref().map_or_else(String::new, Value::to_string);
    let expected = match (part, &one.expected) {
        ("action", Some(Value::Array(actions))) => {
            let actions: Vec<_> = actions.iter().map(|one| format!("    {one}\n")).collect();
            format!("  enabled actions:\n{}", actions.concat())
        }
        _ => format!("  expected: {}\n", show(&one.expected)),
    };
    format!(
        "{}:{line}:1: {} after {steps}: `{part}` differs\n  found:    {}\n{expected}",
        one.file,
        paint.paint(Tone::Bad, "diverges"),
        show(&one.found),
    )
}
