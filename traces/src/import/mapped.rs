//! Any log of lines as a recording, by a map with one regular expression for each kind of line.

use std::collections::BTreeMap;

use mapi_logon_model::suggest::{reworded, unknown};
use regex::{Captures, Regex, RegexBuilder};
use serde::Deserialize;

use crate::lines::FileError;

mod log;

use log::Fields;
pub use log::{LogImporter, ToldCall};

/// Most bytes of a map.
pub const MOST_BYTES: usize = 1 << 20;

/// Most bytes a compiled expression may take.
const REGEX_BYTES: usize = 4 << 20;

/// Most kinds of lines.
const MOST_KINDS: usize = 100;

/// The groups a pattern may name.
const GROUPS: [&str; 16] = [
    "client", "call", "profile", "password", "flags", "store", "provider", "service", "session",
    "result", "begin", "end", "method", "dialog", "answer", "joined",
];

/// A map as its file has it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map of [[event]] and [rename.GROUP]")]
struct MapFile {
    event: Vec<EventFile>,
    #[serde(default)]
    rename: BTreeMap<String, BTreeMap<String, String>>,
}

/// A kind of line.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
struct EventFile {
    #[serde(default)]
    kind: Kind,
    pattern: String,
    #[serde(flatten)]
    fixed: BTreeMap<String, String>,
}

/// The kind of event in a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// A call with its result.
    #[default]
    Call,
    /// The beginning of a call.
    Begin,
    /// Its end.
    End,
    /// A call MAPI makes into a provider.
    Provider,
    /// A dialog.
    Dialog,
}

/// A map, ready to be used.
#[derive(Clone, Debug)]
pub struct Mapping {
    kinds: Vec<(Kind, Regex, BTreeMap<String, String>)>,
    rename: BTreeMap<String, BTreeMap<String, String>>,
}

/// Where the pattern of an event begins, or else its section.
fn of_pattern(text: &str, number: usize) -> usize {
    let sections = || text.match_indices("[[event]]").map(|(at, _)| at);
    let begin = sections().nth(number).unwrap_or_default();
    let end = sections().nth(number + 1).unwrap_or(text.len());
    text[begin..end].find("pattern").map_or(begin, |at| begin + at)
}

impl Mapping {
    /// Reads a map.
    ///
    /// # Errors
    /// [`FileError`] where it is no TOML of this form, or an expression is not usable.
    pub fn parse(text: &str) -> Result<Self, FileError> {
        let file: MapFile = toml::from_str(text).map_err(|error| {
            let at = error.span().unwrap_or_default().start;
            let told = reworded(error.message(), "a value", "the section");
            FileError::in_text(text, at, told)
        })?;
        Self::of(file, text)
    }

    fn of(file: MapFile, text: &str) -> Result<Self, FileError> {
        Self::check(&file).map_err(|reason| FileError::at(1, reason))?;
        let kinds = file.event.into_iter().enumerate().map(|(at, one)| {
            kind(one).map_err(|reason| FileError::in_text(text, of_pattern(text, at), reason))
        });
        Ok(Self { kinds: kinds.collect::<Result<_, _>>()?, rename: file.rename })
    }

    fn check(file: &MapFile) -> Result<(), String> {
        if file.event.is_empty() {
            return Err("a map needs one or more [[event]] sections".to_owned());
        }
        if file.event.len() > MOST_KINDS {
            return Err(format!("a map has at most {MOST_KINDS} [[event]] sections"));
        }
        if let Some(name) = file.rename.keys().find(|name| !GROUPS.contains(&name.as_str())) {
            let unknown = unknown("group", name, GROUPS);
            return Err(format!("[rename.{name}]: {unknown}"));
        }
        Ok(())
    }

    fn has(&self, wanted: Kind) -> bool {
        self.kinds.iter().any(|(kind, _, _)| *kind == wanted)
    }

    /// The kind of event that a line is, by the first pattern that matches it.
    pub(super) fn kind_of(&self, line: &str) -> Option<&'static str> {
        let (kind, ..) = self.kinds.iter().find(|(_, pattern, _)| pattern.is_match(line))?;
        Some(match kind {
            Kind::Call => "call",
            Kind::Begin => "begin",
            Kind::End => "end",
            Kind::Provider => "provider",
            Kind::Dialog => "dialog",
        })
    }

    /// The content of a line of a log under every pattern that matches it, with the pattern's
    /// number, from 1.
    fn read(&self, line: &str) -> Vec<(usize, Kind, Fields)> {
        let read = (1..).zip(&self.kinds).filter_map(|(number, (kind, pattern, fixed))| {
            let captures = pattern.captures(line)?;
            Some((number, *kind, self.fields(&captures, fixed)))
        });
        read.collect()
    }

    /// What a line says, renamed.
    fn fields(&self, captures: &Captures<'_>, fixed: &BTreeMap<String, String>) -> Fields {
        let mut fields = Fields(fixed.clone());
        for group in GROUPS {
            if let Some(found) = captures.name(group) {
                fields.0.insert(group.to_owned(), found.as_str().to_owned());
            }
        }
        for (group, names) in &self.rename {
            if let Some(value) = fields.0.get_mut(group)
                && let Some(name) = names.get(value.as_str())
            {
                value.clone_from(name);
            }
        }
        fields
    }
}

fn kind(event: EventFile) -> Result<(Kind, Regex, BTreeMap<String, String>), String> {
    let built = RegexBuilder::new(&event.pattern).size_limit(REGEX_BYTES).build();
    let pattern = built.map_err(|error| {
        let told = error.to_string();
        let reason = told.lines().last().unwrap_or_default().trim_start_matches("error: ");
        format!("pattern {:?}: {reason}", event.pattern)
    })?;
    let named = pattern.capture_names().flatten();
    let known = |name: &&str| !GROUPS.contains(name);
    if let Some(name) = named.chain(event.fixed.keys().map(String::as_str)).find(known) {
        return Err(format!("pattern {:?}: {}", event.pattern, unknown("group", name, GROUPS)));
    }
    Ok((event.kind, pattern, event.fixed))
}
