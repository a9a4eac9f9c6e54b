//! Runs in the Informal Trace Format, written for other tools and read back.
//!
//! Every part of the state is a variable, its value a string; the step taken and the whole trace
//! stand in `#meta`, so that a file can be replayed. Values are strings and `#bigint` only.

use std::io::{BufRead, Read};

use mapi_logon_model::Model;
use mapi_logon_model::run::Run;
use serde_json::{Map, Value, json};

use crate::lines::FileError;
use crate::replay::{Divergence, Reader, Replay};
use crate::trace::{Header, Line};
use crate::tracer::Tracer;

/// Most bytes of an ITF file that is read; parsed values take twenty times its size.
const MOST_BYTES: u64 = 32 << 20;

/// A run for ITF: the parts of every state.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Itf {
    states: Vec<Map<String, Value>>,
    vars: Vec<String>,
}

impl Itf {
    /// Adds the state a run is in, and the step that led there.
    pub fn add(&mut self, run: &Tracer, line: Option<&Line>) {
        let step = line.map_or(0, |line| line.step);
        let action = line.map_or_else(|| "none".to_owned(), |line| to_text(&line.action));
        let mut values = Map::new();
        values.insert("step".to_owned(), json!({ "#bigint": step.to_string() }));
        values.insert("action".to_owned(), Value::from(action));
        for (name, value) in parts(run.run()) {
            values.insert(name, Value::from(value));
        }
        for name in values.keys() {
            if !self.vars.contains(name) {
                self.vars.push(name.clone());
            }
        }
        let mut meta = Map::new();
        if let Some(line) = line {
            meta.insert("step".to_owned(), Value::from(to_text(line)));
        }
        values.insert("#meta".to_owned(), Value::Object(meta));
        self.states.push(values);
    }

    /// The file.
    #[must_use]
    pub fn document(mut self, header: &Header) -> Value {
        self.vars.sort();
        for state in &mut self.states {
            for name in &self.vars {
                state.entry(name.clone()).or_insert_with(|| Value::from("none"));
            }
        }
        let mut document = Map::new();
        let meta = json!({
            "format": "ITF",
            "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html",
            "description": "a run of MAPI session logon",
            "header": to_text(header),
        });
        document.insert("#meta".to_owned(), meta);
        document.insert("vars".to_owned(), Value::from(self.vars));
        let states = self.states.into_iter().map(Value::Object).collect();
        document.insert("states".to_owned(), Value::Array(states));
        if let Some(to) = header.repeats {
            document.insert("loop".to_owned(), Value::from(to));
        }
        Value::Object(document)
    }
}

fn to_text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Every part of the state by a name that is an identifier.
fn parts(run: &Run<Model>) -> Vec<(String, String)> {
    let mut named: Vec<(String, String)> = Vec::new();
    for (part, value) in run.model().words().parts(run.state(), run.cursor()) {
        let identifier = |letter: char| {
            if letter.is_alphanumeric() { letter } else { '_' }
        };
        let mut name: String = part.chars().map(identifier).collect();
        while named.iter().any(|(known, _)| *known == name) || is_own(&name) {
            name.push('_');
        }
        named.push((name, value));
    }
    named
}

fn is_own(name: &str) -> bool {
    matches!(name, "step" | "action")
}

/// Writes a trace as ITF.
///
/// # Errors
/// [`FileError`] where the file is not a trace, or the machine does not follow it.
pub fn export(source: impl BufRead) -> Result<Value, FileError> {
    let (document, divergence) = export_far(source)?;
    match divergence {
        None => Ok(document),
        Some(Divergence { line, part, .. }) => {
            let reason = format!("the machine does not follow: `{part}` differs");
            Err(FileError::at(line, reason))
        }
    }
}

/// Writes a trace as ITF, as far as the machine follows it.
///
/// # Errors
/// [`FileError`] where the file is not a trace, or too long to be kept.
pub fn export_far(source: impl BufRead) -> Result<(Value, Option<Divergence>), FileError> {
    let reader = Reader::new(source)?.kept();
    let mut itf = Itf::default();
    itf.add(reader.run(), None);
    let mut replay = reader.replay(|run, line| itf.add(run, Some(line)))?;
    if replay.divergence.is_some() {
        replay.header.repeats = None;
    }
    Ok((itf.document(&replay.header), replay.divergence))
}

/// The trace in an ITF file, as text; line n+1 is the step to state n.
///
/// # Errors
/// [`FileError`] where the file is no ITF, or was not written from a trace.
pub fn trace(source: impl Read) -> Result<(String, Value), FileError> {
    let mut text = String::new();
    let read = source.take(MOST_BYTES + 1).read_to_string(&mut text);
    read.map_err(|error| FileError::at(1, error.to_string()))?;
    if text.len() as u64 > MOST_BYTES {
        return Err(FileError::at(1, format!("the file is longer than {MOST_BYTES} bytes")));
    }
    let document: Value = serde_json::from_str(&text).map_err(|error| {
        let line = u64::try_from(error.line()).unwrap_or(1);
        FileError::of_json(line, &error)
    })?;
    let header = document.pointer("/#meta/header").and_then(Value::as_str);
    let Some(header) = header else {
        let reason = "`#meta` has no `header`: only files that mapi-logon wrote can be replayed";
        return Err(FileError::at(1, reason));
    };
    let mut trace = one_line(header)?;
    let states = document.get("states").and_then(Value::as_array);
    for (index, state) in states.into_iter().flatten().enumerate().skip(1) {
        let step = state.pointer("/#meta/step").and_then(Value::as_str);
        let Some(step) = step else {
            return Err(FileError::at(
                1,
                format!("state {index} does not say which step led to it"),
            ));
        };
        trace += &one_line(step)?;
    }
    Ok((trace, document))
}

fn one_line(text: &str) -> Result<String, FileError> {
    if text.contains('\n') {
        return Err(FileError::at(1, "a step in `#meta` has more than one line"));
    }
    Ok(format!("{text}\n"))
}

/// Replays an ITF file: the steps in it, and then that its variables are what they led to.
///
/// # Errors
/// [`FileError`] where the file is no ITF, or was not written from a trace.
pub fn replay(source: impl Read) -> Result<Replay, FileError> {
    let (text, document) = trace(source)?;
    let mut replay = crate::replay::replay(text.as_bytes())?;
    if replay.divergence.is_none() {
        let own = export(text.as_bytes())?;
        replay.divergence = crate::replay::first_difference(&document, &own);
    }
    Ok(replay)
}
