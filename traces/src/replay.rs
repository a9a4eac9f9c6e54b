//! Does the machine follow a trace? It is stepped along, and what it does compared line by line.

use std::io::BufRead;

use mapi_logon_model::scenario::Scenario;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::lines::{FileError, Lines, json_reason};
use crate::machine::Run;
use crate::trace::{Act, Header, Line, VERSION};

/// What replaying a trace came to.
#[derive(Clone, PartialEq, Debug)]
pub struct Replay {
    /// How many steps the machine followed.
    pub steps: u64,
    /// Where it no longer did.
    pub divergence: Option<Divergence>,
    /// The header of the trace.
    pub header: Header,
}

/// The first line that the machine cannot follow.
#[derive(Clone, PartialEq, Debug)]
pub struct Divergence {
    /// The line of the file, from 1.
    pub line: u64,
    /// The part of the line that differs: `step`, `action`, `effects`, `taken` or `state`; of the
    /// header `loop`, if the run does not end where it is said to return to.
    pub part: &'static str,
    /// What the line says of it.
    pub found: Value,
    /// What the machine would have there; for an action that is not enabled, all that are.
    pub expected: Value,
}

/// A step as it is read: shape alone is checked, the rest is compared.
#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a step: an object with step, action, effects, taken and state"
)]
struct Raw {
    step: Value,
    action: Value,
    effects: Value,
    taken: Value,
    state: Value,
}

/// A trace whose steps are read one by one.
#[derive(Debug)]
pub struct Reader<R> {
    lines: Lines<R>,
    header: Header,
    scenario: Scenario,
}

impl<R: BufRead> Reader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`FileError`] where there is none, it is of another version, or its scenario cannot be read.
    pub fn new(source: R) -> Result<Self, FileError> {
        let mut lines = Lines::new(source);
        let Some(text) = lines.next_line()? else {
            return Err(FileError::at(1, "the file is empty; a trace begins with a header"));
        };
        let header = header(text);
        let read = header.and_then(|header| Ok((world(&header)?, header)));
        let (scenario, header) = read.map_err(|reason| FileError::at(lines.number(), reason))?;
        Ok(Self { lines, header, scenario })
    }

    /// The same for a trace whose steps are kept: it may not be too long for that.
    #[must_use]
    pub fn kept(mut self) -> Self {
        self.lines = self.lines.kept();
        self
    }

    /// The run that the trace tells of, before its first step.
    #[must_use]
    pub fn run(&self) -> Run {
        let run = Run::new(self.scenario.clone(), self.header.calls);
        run.with_faults(self.header.faults)
    }

    /// The header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The scenario of the run, its policy in force.
    pub const fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    fn next_step(&mut self) -> Result<Option<Raw>, FileError> {
        let Some(text) = self.lines.next_line()? else {
            return Ok(None);
        };
        let raw = serde_json::from_str(text);
        raw.map(Some).map_err(|error| FileError::at(self.lines.number(), json_reason(&error)))
    }

    /// Steps a run along the rest of the trace, and shows each step that was followed.
    ///
    /// # Errors
    /// [`FileError`] where a line is no step.
    pub fn replay(
        mut self,
        mut run: Run,
        mut each: impl FnMut(&Run, &Line),
    ) -> Result<Replay, FileError> {
        let (mut steps, mut divergence) = (0, None);
        let repeats = self.header.repeats;
        let mut knot = (repeats == Some(0)).then(|| *run.state());
        while let Some(raw) = self.next_step()? {
            match follow(&mut run, &raw, steps + 1) {
                Ok(line) => each(&run, &line),
                Err(mut found) => {
                    found.line = self.lines.number();
                    divergence = Some(found);
                    break;
                }
            }
            steps += 1;
            if repeats == Some(steps) {
                knot = Some(*run.state());
            }
        }
        if let (Some(to), None) = (repeats, &divergence)
            && knot != Some(*run.state())
        {
            divergence = Some(Divergence {
                line: 1,
                part: "loop",
                found: Value::from(to),
                expected: Value::from("a step that leads to the last state"),
            });
        }
        Ok(Replay { steps, divergence, header: self.header })
    }
}

/// Replays a trace and keeps its steps as the machine takes them.
///
/// # Errors
/// [`FileError`] where the file is no trace, or the machine does not follow it.
pub fn follow_all(source: impl BufRead) -> Result<(Header, Vec<Line>), FileError> {
    let (replay, lines) = follow_far(source)?;
    match replay.divergence {
        None => Ok((replay.header, lines)),
        Some(Divergence { line, part, .. }) => {
            let reason = format!("the machine does not follow: `{part}` differs");
            Err(FileError::at(line, reason))
        }
    }
}

/// Replays a trace and keeps its steps, as far as the machine takes them.
///
/// # Errors
/// [`FileError`] where the file is no trace, or too long to be kept.
pub fn follow_far(source: impl BufRead) -> Result<(Replay, Vec<Line>), FileError> {
    let reader = Reader::new(source)?.kept();
    let run = reader.run();
    let mut lines = Vec::new();
    let replay = reader.replay(run, |_, line| lines.push(line.clone()))?;
    Ok((replay, lines))
}

/// Replays a trace on the machine it names.
///
/// # Errors
/// [`FileError`] where the file is no trace.
pub fn replay(source: impl BufRead) -> Result<Replay, FileError> {
    replay_and(source, |_| ())
}

/// As [`replay`]; tells the number of every step that was followed.
///
/// # Errors
/// As of [`replay`].
pub fn replay_and(source: impl BufRead, mut each: impl FnMut(u64)) -> Result<Replay, FileError> {
    let reader = Reader::new(source)?;
    let run = reader.run();
    reader.replay(run, |_, line| each(line.step))
}

/// Takes the step that a line tells of; says how it differs from the machine's.
fn follow(run: &mut Run, raw: &Raw, step: u64) -> Result<Line, Divergence> {
    let differs = |part, found: &Value, expected: Value| {
        Err(Divergence { line: 0, part, found: found.clone(), expected })
    };
    if raw.step != step {
        return differs("step", &raw.step, Value::from(step));
    }
    let act: Option<Act> = serde_json::from_value(raw.action.clone()).ok();
    let Some(line) = act.and_then(|act| run.follow(&act)) else {
        return differs("action", &raw.action, to_value(&run.possible()));
    };
    let own = [
        ("action", &raw.action, to_value(&line.action)),
        ("effects", &raw.effects, to_value(&line.effects)),
        ("taken", &raw.taken, to_value(&line.taken)),
        ("state", &raw.state, to_value(&line.state)),
    ];
    for (part, found, expected) in own {
        if *found != expected {
            return differs(part, found, expected);
        }
    }
    Ok(line)
}

/// The first state in which two ITF documents differ, as a divergence.
pub(crate) fn first_difference(found: &Value, own: &Value) -> Option<Divergence> {
    if found == own {
        return None;
    }
    let states = |document: &Value| document.get("states").and_then(Value::as_array).cloned();
    let (theirs, ours) = (states(found).unwrap_or_default(), states(own).unwrap_or_default());
    let at = theirs.iter().zip(&ours).position(|(theirs, ours)| theirs != ours);
    let at = at.unwrap_or_else(|| theirs.len().min(ours.len()));
    Some(Divergence {
        line: at as u64 + 1,
        part: "variables",
        found: theirs.get(at).cloned().unwrap_or_default(),
        expected: ours.get(at).cloned().unwrap_or_default(),
    })
}

fn to_value(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn header(text: &str) -> Result<Header, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| json_reason(&error))?;
    let version = value.get("version").cloned().unwrap_or_default();
    if value.get("format") != Some(&Value::from("mapi-logon trace")) {
        return Err("no header of a trace: `format` must be \"mapi-logon trace\"".to_owned());
    }
    if version != VERSION {
        return Err(format!("version {version} of the format is not known, only {VERSION}"));
    }
    serde_json::from_value(value).map_err(|error| json_reason(&error))
}

/// The scenario of a header, its policy in force.
///
/// # Errors
/// One sentence where either cannot be read.
pub fn world(header: &Header) -> Result<Scenario, String> {
    let scenario = Scenario::parse(&header.scenario);
    let mut scenario = scenario.map_err(|error| format!("the scenario, {error}"))?;
    for (name, value) in &header.policy {
        scenario.policy.set(name, value).map_err(|error| error.to_string())?;
    }
    Ok(scenario)
}
