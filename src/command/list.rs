//! What can be asked about? `mapi-logon list`: properties, policies, flags, codes, scenarios.

use anyhow::Result;
use clap::ValueEnum;
use mapi_logon_model::clause::{self, Clause, Kind};
use mapi_logon_model::mapi::{Code, LogoffFlags, LogonFlags};
use mapi_logon_model::policy::{PRESETS, Preset, SWITCHES};
use mapi_logon_model::property::{Decided, PROPERTIES};
use mapi_logon_model::scenario::Scenario;
use serde_json::{Value, json};

use crate::args::Format;
use crate::builtin;
use crate::command::explain::clause_of_flag;
use crate::exit::Exit;
use crate::output;
use crate::render::json::{Object, pretty};
use crate::render::text::{Paint, Table, Tone};

/// Arguments of `list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to list
    pub what: What,
    /// How the list is written
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Properties that `check` decides
    Properties,
    /// Switches for the questions that the documentation leaves open
    Policies,
    /// Bundles of policies, each the readings of a known system
    Presets,
    /// Flags of MAPILogonEx and Logoff
    Flags,
    /// Result codes
    Codes,
    /// Scenarios that are built in
    Scenarios,
}

/// A row: every value under its key. The last column is the sentence.
type Row = Object<Value>;

/// Lists.
///
/// # Errors
/// When the list cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    let rows = match args.what {
        What::Properties => properties(),
        What::Policies => policies(),
        What::Presets => presets(),
        What::Flags => flags(),
        What::Codes => codes(),
        What::Scenarios => scenarios(),
    };
    let text = match args.format {
        Format::Human => table(&rows, Paint::for_output()),
        Format::Json => pretty(&rows)?,
    };
    output::print(&text)?;
    Ok(Exit::Good)
}

fn properties() -> Vec<Row> {
    let decided = [Kind::Invariant, Kind::Witness, Kind::Progress];
    let clauses = clause::all().iter().filter(|clause| decided.contains(&clause.kind));
    let row = |clause: &Clause| {
        Object(vec![
            ("id", json!(clause.id)),
            ("kind", json!(clause.kind.name())),
            ("decided", json!(how_decided(clause.id))),
            ("text", json!(clause.text)),
        ])
    };
    clauses.map(row).collect()
}

/// How `check` decides an id; it may ask for several things.
fn how_decided(id: &str) -> Vec<&'static str> {
    let entries = PROPERTIES.iter().filter(|entry| entry.id == id);
    let mut ways: Vec<_> = entries
        .map(|entry| match entry.decided {
            Decided::Never(_) => "every step",
            Decided::Sometime(_) => "some step",
            Decided::Eventually(_) => "every run",
            Decided::Elsewhere(_) => "not by check",
        })
        .collect();
    ways.dedup();
    if ways.is_empty() { vec!["not modelled"] } else { ways }
}

fn policies() -> Vec<Row> {
    let row = |switch: &mapi_logon_model::policy::Switch| {
        Object(vec![
            ("policy", json!(switch.name)),
            ("values", json!(switch.values)),
            ("ambiguity", json!(switch.ambiguity)),
            ("text", json!(switch.effect)),
        ])
    };
    SWITCHES.iter().map(row).collect()
}

fn presets() -> Vec<Row> {
    let row = |preset: &Preset| {
        let settings = preset.settings.iter().map(|(name, value)| format!("{name}={value}"));
        Object(vec![
            ("preset", json!(preset.name)),
            ("settings", json!(settings.collect::<Vec<_>>())),
            ("text", json!(preset.about)),
        ])
    };
    PRESETS.iter().map(row).collect()
}

fn flags() -> Vec<Row> {
    let logon = LogonFlags::all();
    let logon = logon.iter_names().map(|(name, flag)| (name, flag.bits(), "MAPILogonEx"));
    let logoff = LogoffFlags::all();
    let logoff = logoff.iter_names().map(|(name, flag)| (name, flag.bits(), "Logoff"));
    let rows = logon.chain(logoff).map(|(name, bits, method)| {
        let clause = clause_of_flag(name);
        Object(vec![
            ("flag", json!(name)),
            ("value", json!(format!("0x{bits:08X}"))),
            ("method", json!(method)),
            ("clause", json!(clause.map_or("", |clause| clause.id))),
            ("text", json!(clause.map_or("", |clause| first_sentence(after_colon(clause.text))))),
        ])
    });
    rows.collect()
}

fn codes() -> Vec<Row> {
    let row = |code: &Code| {
        Object(vec![
            ("code", json!(code.name())),
            ("value", json!(format!("0x{:08X}", code.value()))),
            ("clause", json!(code.id())),
            ("text", json!(code.role())),
        ])
    };
    Code::ALL.iter().map(row).collect()
}

fn scenarios() -> Vec<Row> {
    let row = |(name, text): &(&str, &str)| {
        let scenario = Scenario::parse(text).unwrap_or_default();
        Object(vec![
            ("scenario", json!(name)),
            ("clients", json!(scenario.clients.len())),
            ("services", json!(scenario.services.len())),
            ("faults", json!(scenario.faults.budget)),
            ("text", json!(first_sentence(&story(text)))),
        ])
    };
    builtin::SCENARIOS.iter().map(row).collect()
}

/// The comment at the head of a scenario, up to its first empty line.
pub(crate) fn story(text: &str) -> String {
    let comment = text.lines().map_while(|line| line.strip_prefix('#'));
    comment.map(str::trim).take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What a clause such as `MAPI_UNICODE (0x80000000): strings are Unicode` says of its flag.
fn after_colon(text: &str) -> &str {
    text.split_once(": ").map_or(text, |(_, rest)| rest)
}

/// A text up to its first full stop.
fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

fn table(rows: &[Row], paint: Paint) -> String {
    let mut table = Table::new(paint, 0);
    if let Some(Object(first)) = rows.first() {
        let heads = first.iter().map(|(key, _)| (Tone::Faint, (*key).to_owned()));
        table.cells(heads.collect());
    }
    for Object(row) in rows {
        let cells = row.iter().enumerate().map(|(at, (_, value))| {
            (if at == 0 { Tone::Strong } else { Tone::Plain }, cell(value))
        });
        table.cells(cells.collect());
    }
    table.render()
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join(" | "),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}
