//! `mapi-logon outcomes`: what the runs of a scenario look like from outside.

use std::sync::atomic::Ordering;

use anyhow::Result;
use mapi_logon_model::machine::Model;

use crate::arguments::{OutputFormat, Subject};
use crate::builtin;
use crate::exit::Exit;
use crate::interrupt;
use crate::memory::most_bytes;
use crate::outcomes::outcomes_until;
use crate::output;
use crate::progress::ProgressLine;
use crate::quantity::MemorySize;
use crate::render::json::pretty;
use crate::render::outcome;
use crate::render::text::{Paint, count};

/// States visited between two updates of the progress line.
const REPORT_EVERY: usize = 1 << 16;

/// Arguments of `outcomes`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Distinguish outcomes by the dialogs that calls displayed, too
    #[arg(long)]
    dialogs: bool,
    /// Stop after N states; states that differ in what led to them count separately
    #[arg(long, value_name = "N", default_value_t = 10_000_000)]
    max_states: usize,
    /// Stop when states take this much memory: megabytes, or with a unit as in 2GB [default: half
    /// of what is available]
    #[arg(long, value_name = "SIZE")]
    max_memory: Option<MemorySize>,
    /// Write the outcomes as text or as JSON
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

/// Shows every distinct outcome.
///
/// # Errors
/// When the scenario is not usable or the outcomes cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    let loaded = builtin::load(&args.subject)?;
    let model = Model::new(loaded.scenario);
    let (interrupted, progress) = (interrupt::listen()?, ProgressLine::begin());
    let most = most_bytes(args.max_memory).unwrap_or(u64::MAX);
    let mut next_report = REPORT_EVERY;
    let found = outcomes_until(&model, args.dialogs, &mut |nodes, bytes| {
        if nodes >= next_report {
            progress.say(&count(nodes as u64, "state"));
            next_report += REPORT_EVERY;
        }
        nodes > args.max_states || bytes > most || interrupted.load(Ordering::Relaxed)
    });
    progress.end();
    let text = match args.format {
        OutputFormat::Human => {
            let outcomes = count(found.outcomes.len() as u64, "outcome");
            let table = outcome::table(found.outcomes.iter(), Paint::for_output());
            format!("{table}\n{}: {outcomes}\n", loaded.name)
        }
        OutputFormat::Json => pretty(&found.outcomes)?,
    };
    output::print(&text)?;
    if found.blocked > 0 {
        let blocked = count(found.blocked as u64, "state");
        output::complain(&format!(
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
