//! `mapi-logon list`: properties, policies, flags, codes, scenarios, and what else has a name.

use anyhow::Result;
use clap::ValueEnum;
use serde_json::{Value, json};

use crate::arguments::OutputFormat;
use crate::catalogue::{Entry, Thing, entries, first_sentence};
use crate::exit::Exit;
use crate::render::json::{Object, pretty};
use crate::render::text::{Paint, Table, Tone};

/// Arguments of `list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to list
    pub what: What,
    /// Write the list as text or as JSON
    #[arg(long, value_enum, default_value_t)]
    pub format: OutputFormat,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Properties of the specification, and how `check` decides them
    Properties,
    /// Switches for the questions that the documentation leaves open
    Policies,
    /// Bundles of policies, each the readings of a known implementation
    Presets,
    /// Flags of MAPILogonEx and Logoff
    Flags,
    /// Result codes
    Codes,
    /// Built-in scenarios
    Scenarios,
    /// Every id of the specification
    Clauses,
    /// Sections of the specification
    Sections,
    /// States of a call and of an attachment
    States,
    /// Terms that the specification defines
    Terms,
    /// Words that results print
    Words,
    /// Wrong machines that `impersonate` plays and `mutants` judges
    Mutants,
}

impl What {
    /// The head of the first column: what kind of thing is listed.
    const fn head(self) -> &'static str {
        match self {
            Self::Properties | Self::Clauses => "id",
            Self::Policies => "policy",
            Self::Presets => "preset",
            Self::Flags => "flag",
            Self::Codes => "code",
            Self::Scenarios => "scenario",
            Self::Sections => "section",
            Self::States => "state",
            Self::Terms => "term",
            Self::Words => "word",
            Self::Mutants => "mutant",
        }
    }

    fn includes(self, entry: &Entry) -> bool {
        match (self, entry.thing) {
            (Self::Clauses, Thing::Clause(_)) => true,
            (Self::Properties, Thing::Clause(clause)) => clause.kind.is_property(),
            // What has no values is set elsewhere.
            (Self::Policies, Thing::Policy(..)) => !entry.columns.is_empty(),
            (what, thing) => what.head() == thing.kind(),
        }
    }

    /// Whether the list shows this column of its entries.
    fn shows(self, column: &str) -> bool {
        match column {
            "section" => self != Self::Properties,
            "decided" => self != Self::Clauses,
            _ => true,
        }
    }
}

/// The column that people read behind the sentence, because it is too wide for one before it.
const SETTINGS: &str = "settings";

/// A row: every value under its key. The last column is the sentence.
type Row = Object<Value>;

/// Lists.
///
/// # Errors
/// When the list cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    let entries = entries().into_iter();
    let listed = entries.filter(|entry| args.what.includes(entry));
    let rows: Vec<_> = listed.map(|entry| row(args.what, entry)).collect();
    args.format.show(|paint| table(&rows, paint), || pretty(&rows))?;
    Ok(Exit::Good)
}

fn row(what: What, entry: Entry) -> Row {
    let mut row = vec![(what.head(), json!(entry.name))];
    row.extend(entry.columns.into_iter().filter(|(column, _)| what.shows(column)));
    row.push(("text", json!(first_sentence(&entry.text))));
    Object(row)
}

fn table(rows: &[Row], paint: Paint) -> String {
    let mut table = Table::new(paint, 0);
    if let Some(Object(first)) = rows.first() {
        let heads = first.iter().filter(|(key, _)| *key != SETTINGS);
        table.cells(heads.map(|(key, _)| (Tone::Faint, (*key).to_owned())).collect());
    }
    for Object(row) in rows {
        let shown = row.iter().filter(|(key, _)| *key != SETTINGS);
        let mut cells: Vec<_> = shown.map(|(key, value)| (Tone::Plain, cell(key, value))).collect();
        let settings = row.iter().find(|(key, _)| *key == SETTINGS);
        let settings = settings.map(|(key, value)| cell(key, value)).filter(|set| !set.is_empty());
        if let Some((tone, _)) = cells.first_mut() {
            *tone = Tone::Strong;
        }
        if let (Some((_, text)), Some(settings)) = (cells.last_mut(), settings) {
            *text += &format!(": {settings}");
        }
        table.cells(cells);
    }
    table.render()
}

/// A value as people read it; alternatives are divided by bars.
pub(super) fn cell(key: &str, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let bar = if [SETTINGS, "clauses", "killed by"].contains(&key) { ", " } else { " | " };
            let cells = values.iter().map(|value| cell(key, value));
            cells.collect::<Vec<_>>().join(bar)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}
