//! `mapi-logon outcomes`: what the runs of a scenario look like from outside.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use anyhow::Result;
use mapi_logon_model::machine::Model;

use crate::arguments::{CommandLine, OutputFormat, Subject};
use crate::builtin;
use crate::exit::Exit;
use crate::interrupt;
use crate::memory::most_bytes;
use crate::outcomes::{outcomes_until, shortest_until};
use crate::output;
use crate::outputs::Outputs;
use crate::page::{self, Story};
use crate::progress::ProgressLine;
use crate::quantity::{MemorySize, number};
use crate::render::json::pretty;
use crate::render::outcome;
use crate::render::text::count;

/// States visited between two updates of the progress line.
const REPORT_EVERY: usize = 1 << 16;

/// States that are visited by default.
const MAX_STATES: usize = 10_000_000;

/// Arguments of `outcomes`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Distinguish outcomes by the dialogs that calls displayed, too
    #[arg(long)]
    dialogs: bool,
    /// Stop after N states; states that differ in what led to them count separately
    #[arg(long, value_name = "N", default_value_t = MAX_STATES, value_parser = number::<usize>)]
    max_states: usize,
    /// Stop when states take this much memory: megabytes, or with a unit as in 2GB [default: half
    /// of what is available]
    #[arg(long, value_name = "SIZE")]
    max_memory: Option<MemorySize>,
    /// Write the outcomes as a page for a browser, each with the shortest run that leads to it
    #[arg(long, value_name = "FILE.html")]
    html: Option<PathBuf>,
    /// Write the outcomes as text or as JSON
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

impl Args {
    /// The command that gives the same result.
    fn repeat(&self) -> CommandLine {
        let line = self.subject.repeat(CommandLine::new("outcomes"));
        line.flag("--dialogs", self.dialogs)
            .option("--max-states", (self.max_states != MAX_STATES).then_some(self.max_states))
            .option("--max-memory", self.max_memory)
    }
}

/// Shows every distinct outcome.
///
/// # Errors
/// When the scenario is not usable or the outcomes cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    Outputs::check(&args.html)?;
    let loaded = builtin::load(&args.subject)?;
    let model = Model::new(loaded.scenario);
    let (interrupted, progress) = (interrupt::listen()?, ProgressLine::begin());
    let most = most_bytes(args.max_memory).unwrap_or(u64::MAX);
    let mut next_report = REPORT_EVERY;
    let mut is_enough = |nodes: usize, bytes: u64| {
        if nodes >= next_report {
            progress.say(&count(nodes as u64, "state"));
            next_report += REPORT_EVERY;
        }
        nodes > args.max_states || bytes > most || interrupted.load(Ordering::Relaxed)
    };
    let (found, runs) = if args.html.is_some() {
        shortest_until(&model, args.dialogs, &mut is_enough)
    } else {
        (outcomes_until(&model, args.dialogs, &mut is_enough), Vec::new())
    };
    progress.end();
    let mut outputs = Outputs::default();
    outputs.add(args.html.as_ref(), || {
        let stories = runs.iter().map(|run| Story::of_run(&model, run));
        let pairs: Vec<_> = found.outcomes.iter().cloned().zip(stories).collect();
        Ok(page::outcomes(&loaded.name, found.complete, &pairs, &args.repeat().to_string()))
    })?;
    let text = |paint| {
        let outcomes = outcome::number(found.outcomes.len(), args.dialogs);
        let table = outcome::table(found.outcomes.iter(), paint);
        let how = "a run of each: --html FILE, or `mapi-logon generate --cover outcomes`";
        format!("{}: {outcomes}\n\n{table}\n{how}\n\n{}\n", loaded.name, args.repeat())
    };
    args.format.show(text, || pretty(&found.outcomes))?;
    outputs.write()?;
    if found.blocked > 0 {
        let blocked = count(found.blocked as u64, "state");
        output::note(&format!(
            "note: a dialog to which the scenario allows no answer blocks {blocked} forever; such \
             runs have no outcome"
        ));
    }
    if found.complete {
        return Ok(Exit::Good);
    }
    let states = count(found.nodes as u64, "state");
    output::complain(&format!("inconclusive: stopped after {states}; there may be more outcomes"));
    if interrupted.load(Ordering::Relaxed) {
        return Ok(Exit::Interrupted);
    }
    Ok(Exit::Inconclusive)
}
