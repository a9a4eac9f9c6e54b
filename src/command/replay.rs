//! `mapi-logon replay`: a trace, followed line by line up to the first line that the model does
//! not allow.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, anyhow, bail};
use mapi_logon_traces::export::itf;
use mapi_logon_traces::observed::observed;
use mapi_logon_traces::replay::{Replay, replay_and};

use crate::arguments::{CommandLine, OutputFormat};
use crate::exit::Exit;
use crate::interrupt;
use crate::kind::{Kind, other_kind, with_folders};
use crate::outputs::Outputs;
use crate::page::{self, Story};
use crate::path::{self, real};
use crate::render::json::pretty;
use crate::render::replayed::{Replayed, text};
use crate::reports::Reports;

/// Arguments of `replay`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Traces, ITF files (`*.itf.json`) that were exported from traces, or folders of them
    #[arg(required = true, value_name = "FILE", value_parser = path::parser())]
    files: Vec<String>,
    /// Write the verdicts as a page for a browser, each with the steps that the model follows
    #[arg(long, value_name = "FILE.html")]
    html: Option<PathBuf>,
    #[command(flatten)]
    reports: Reports,
    /// Hold what an implementation showed, a line for each observable effect, against the trace
    #[arg(long, value_name = "FILE.jsonl", value_parser = path::parser())]
    observed: Option<String>,
    /// List every file with its verdict, not only those that need attention
    #[arg(long)]
    all: bool,
    /// Write the verdicts as text or as JSON
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
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
    let (watched, own) = (Arc::clone(&known), args.clone());
    interrupt::last_words(move || {
        // Only the thread that writes the verdicts holds the lock for long.
        if let Ok(known) = watched.try_lock() {
            let mut all = known.all.clone();
            all.push(Replayed::cut_short(&known.path, known.steps));
            own.show(&all).unwrap_or_default();
        }
    })?;
    Outputs::check(args.html.iter().chain(args.reports.paths()))?;
    let mut failed = None;
    let traces = with_folders(&args.files, &[".jsonl", ".itf.json"], "trace")?;
    if args.observed.is_some() && (traces.len() != 1 || traces[0].ends_with(".itf.json")) {
        bail!("--observed takes the one trace (*.jsonl) that was performed");
    }
    for path in traces {
        begin(&known, &path);
        let judged = match &args.observed {
            Some(observed) => hold(&path, observed),
            None => one(&path, &known).map(|replay| Replayed::new(&path, &replay)),
        };
        match judged {
            Ok(judged) => lock(&known).all.push(judged),
            Err(error) => {
                failed = Some(error);
                break;
            }
        }
    }
    let known = lock(&known);
    if failed.is_none() || !known.all.is_empty() {
        args.show(&known.all)?;
    }
    args.write_page(&known.all)?;
    match failed {
        Some(error) => Err(error),
        None if known.all.iter().all(|one| one.as_expected) => Ok(Exit::Good),
        None => Ok(Exit::Finding),
    }
}

impl Args {
    /// The command that gives the same verdicts.
    fn repeat(&self) -> CommandLine {
        let line = CommandLine::new("replay");
        let line = self.files.iter().fold(line, |line, file| line.word(file));
        line.option("--observed", &self.observed).flag("--all", self.all)
    }

    /// Writes the page, if it is asked for.
    fn write_page(&self, all: &[Replayed]) -> Result<()> {
        let story = |one: &Replayed| {
            if one.file.ends_with(".itf.json") {
                return Ok((one.clone(), Story::default()));
            }
            let trace = if self.observed.is_some() { &self.files[0] } else { &one.file };
            let file = File::open(real(trace)).with_context(|| trace.clone())?;
            Ok((one.clone(), Story::of_trace(BufReader::new(file))?.story))
        };
        let mut outputs = Outputs::default();
        outputs.add(self.html.as_ref(), || {
            let all = all.iter().map(story).collect::<Result<Vec<_>>>()?;
            Ok(page::replayed(&all, &self.repeat().to_string()))
        })?;
        let cases: Vec<_> = all.iter().map(Replayed::case).collect();
        self.reports.add_to(&mut outputs, "replay", &self.repeat().to_string(), &cases)?;
        outputs.write()
    }

    fn show(&self, all: &[Replayed]) -> Result<()> {
        let repeat = self.repeat();
        self.format.show(|paint| text(all, self.all, &repeat, paint), || pretty(&all))
    }
}

fn lock(known: &Mutex<Known>) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

fn begin(known: &Mutex<Known>, path: &str) {
    let mut known = lock(known);
    (known.path, known.steps) = (path.to_owned(), 0);
}

/// Holds observations against the trace that was performed.
fn hold(trace: &str, observations: &str) -> Result<Replayed> {
    let open = |path: &str| {
        let file = File::open(real(path)).with_context(|| format!("{path}: cannot be read"));
        file.map(BufReader::new)
    };
    let held = observed(open(trace)?, open(observations)?);
    let replay = held.map_err(|(in_trace, error)| {
        let path = if in_trace { trace } else { observations };
        anyhow!("{path}:{error}")
    })?;
    Ok(Replayed::new(observations, &replay))
}

fn one(path: &str, known: &Mutex<Known>) -> Result<Replay> {
    let unread = || format!("{path}: cannot be read{}", other_kind(path, Kind::Trace));
    let file = File::open(real(path)).with_context(unread)?;
    let replayed = if path.ends_with(".itf.json") {
        itf::replay(file)
    } else {
        replay_and(BufReader::new(file), |step| lock(known).steps = step)
    };
    replayed.map_err(|error| anyhow!("{path}:{error}{}", other_kind(path, Kind::Trace)))
}
