//! What can the runs of a scenario look like from outside? `mapi-logon outcomes`.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use anyhow::Result;
use mapi_logon_model::model::Model;
use serde_json::{Map, Value};

use crate::args::{Format, Subject};
use crate::builtin;
use crate::exit::Exit;
use crate::interrupt;
use crate::memory::most_bytes;
use crate::outcomes::{Outcomes, outcomes_until};
use crate::output;
use crate::progress::Progress;
use crate::quantity::Memory;
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
    max_memory: Option<Memory>,
    /// How outcomes are written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Shows every distinct outcome.
///
/// # Errors
/// When the scenario is not usable or the outcomes cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    let loaded = builtin::load(&args.subject)?;
    let model = Model::new(loaded.scenario);
    let (interrupted, progress) = (interrupt::listen()?, Progress::begin());
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
        Format::Human => table(&loaded.name, &found, Paint::for_output()),
        Format::Json => pretty(&found.outcomes)?,
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
        let records = outcome.as_array().into_iter().flatten().filter_map(Value::as_object);
        for (at, record) in records.enumerate() {
            let number = if at == 0 { (number + 1).to_string() } else { String::new() };
            let result = text(record, "result");
            let tone = if result == "S_OK" { Tone::Plain } else { Tone::Bad };
            table.toned([
                (Tone::Strong, number.as_str()),
                (Tone::Plain, text(record, "client")),
                (Tone::Plain, &call(record)),
                (tone, result),
                (Tone::Plain, &session(record)),
                (Tone::Plain, &details(record)),
            ]);
        }
    }
    let outcomes = count(found.outcomes.len() as u64, "outcome");
    format!("{}\n{name}: {outcomes}\n", table.render())
}

fn text<'r>(record: &'r Map<String, Value>, key: &str) -> &'r str {
    record.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn call(record: &Map<String, Value>) -> String {
    match text(record, "target") {
        "" => text(record, "method").to_owned(),
        target => format!("{}:{target}", text(record, "method")),
    }
}

/// `1 shared Work`, `1 joined`, `1`, or nothing.
fn session(record: &Map<String, Value>) -> String {
    let Some(number) = record.get("session").and_then(Value::as_u64) else {
        return String::new();
    };
    let joined = record.get("joined").and_then(Value::as_bool).unwrap_or_default();
    let kind = if joined { "joined" } else { text(record, "kind") };
    let parts = [number.to_string(), kind.to_owned(), text(record, "profile").to_owned()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What is not as it should be, or `all logged-on`; then the dialogs.
fn details(record: &Map<String, Value>) -> String {
    let states = |key: &str| {
        let mut by_state: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, state) in record.get(key).and_then(Value::as_object).into_iter().flatten() {
            by_state.entry(state.as_str().unwrap_or_default()).or_default().push(name);
        }
        by_state
    };
    let (services, providers) = (states("services"), states("providers"));
    let mut parts = Vec::new();
    if providers.keys().eq(["logged-on"].iter()) && !services.contains_key("disabled") {
        parts.push("all logged-on".to_owned());
    } else {
        let disabled = services.get_key_value("disabled");
        for (state, names) in disabled.into_iter().chain(&providers) {
            parts.push(format!("{state}: {}", names.join(", ")));
        }
    }
    let dialogs = record.get("dialogs").and_then(Value::as_array);
    let dialogs = dialogs.map(|list| list.iter().filter_map(Value::as_str).collect::<Vec<_>>());
    if let Some(dialogs) = dialogs.filter(|dialogs| !dialogs.is_empty()) {
        parts.push(format!("dialogs: {}", dialogs.join(", ")));
    }
    parts.join("; ")
}
