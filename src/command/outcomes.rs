//! `mapi-logon outcomes`: what the runs of a scenario look like from outside.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use anyhow::Result;
use mapi_logon_model::machine::Model;

use crate::arguments::{OutputFormat, Subject};
use crate::builtin;
use crate::exit::Exit;
use crate::interrupt;
use crate::memory::most_bytes;
use crate::outcomes::{CallRecord, Outcomes, outcomes_until};
use crate::output;
use crate::progress::ProgressLine;
use crate::quantity::MemorySize;
use crate::render::json::pretty;
use crate::render::text::{Paint, Table, Tone, count};

/// Progress is shown whenever so many more states have been visited.
const REPORT_EVERY: usize = 1 << 16;

/// Arguments of `outcomes`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Tells outcomes apart by the dialogs that calls displayed, too
    #[arg(long)]
    dialogs: bool,
    /// Gives up after so many states, each told apart by what led to it
    #[arg(long, value_name = "N", default_value_t = 10_000_000)]
    max_states: usize,
    /// Gives up when they take so much memory: megabytes, or with a unit as in 2GB; half of what
    /// is available if not given
    #[arg(long, value_name = "SIZE")]
    max_memory: Option<MemorySize>,
    /// How outcomes are written
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
        OutputFormat::Human => table(&loaded.name, &found, Paint::for_output()),
        OutputFormat::Json => pretty(&found.outcomes)?,
    };
    output::print(&text)?;
    if found.blocked > 0 {
        let blocked = count(found.blocked as u64, "state");
        output::complain(&format!(
            "note: a dialog to which the scenario allows no answer blocks {blocked} for ever; no \
             outcome comes of such runs"
        ));
    }
    if found.complete {
        return Ok(Exit::Good);
    }
    let states = count(found.nodes as u64, "state");
    output::complain(&format!("inconclusive: gave up after {states}; there may be more outcomes"));
    if interrupted.load(Ordering::Relaxed) {
        return Ok(Exit::Interrupted);
    }
    Ok(Exit::Inconclusive)
}

fn table(name: &str, found: &Outcomes, paint: Paint) -> String {
    let mut table = Table::new(paint, 0);
    let heads = ["#", "client", "call", "result", "session", "services, providers"];
    table.toned(heads.map(|head| (Tone::Faint, head)));
    for (number, outcome) in found.outcomes.iter().enumerate() {
        for (at, record) in outcome.iter().enumerate() {
            let number = if at == 0 { (number + 1).to_string() } else { String::new() };
            let tone = match record.result {
                "S_OK" => Tone::Plain,
                _ => Tone::Bad,
            };
            table.toned([
                (Tone::Strong, number.as_str()),
                (Tone::Plain, record.client.as_str()),
                (Tone::Plain, &call(record)),
                (tone, record.result),
                (Tone::Plain, &session(record)),
                (Tone::Plain, &details(record)),
            ]);
        }
    }
    let outcomes = count(found.outcomes.len() as u64, "outcome");
    format!("{}\n{name}: {outcomes}\n", table.render())
}

fn call(record: &CallRecord) -> String {
    match &record.target {
        None => record.method.clone(),
        Some(target) => format!("{}:{target}", record.method),
    }
}

/// `1 shared Work`, `1 joined Work`, `1`, or nothing.
fn session(record: &CallRecord) -> String {
    let number = record.session.map(|number| number.to_string());
    let kind = match record.joined {
        Some(true) => Some("joined"),
        Some(false) | None => record.kind,
    };
    let parts = [number.as_deref(), kind, record.profile.as_deref()];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    parts.join(" ")
}

/// What is not as it should be, or `all logged-on`; then the dialogs.
fn details(record: &CallRecord) -> String {
    let services = by_state(record.services.as_ref());
    let providers = by_state(record.providers.as_ref());
    let mut parts = Vec::new();
    if providers.keys().eq(["logged-on"].iter()) && !services.contains_key("disabled") {
        parts.push("all logged-on".to_owned());
    } else {
        let disabled = services.get_key_value("disabled");
        for (state, names) in disabled.into_iter().chain(&providers) {
            parts.push(format!("{state}: {}", names.join(", ")));
        }
    }
    if let Some(dialogs) = record.dialogs.as_ref().filter(|dialogs| !dialogs.is_empty()) {
        parts.push(format!("dialogs: {}", dialogs.join(", ")));
    }
    parts.join("; ")
}

/// The names in each state.
fn by_state<'r>(
    states: Option<&'r BTreeMap<String, &'static str>>,
) -> BTreeMap<&'static str, Vec<&'r str>> {
    let mut names: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for (name, state) in states.into_iter().flatten() {
        names.entry(*state).or_default().push(name);
    }
    names
}
