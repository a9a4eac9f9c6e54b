//! Replay of traces: the machine is stepped along a trace and compared with it line by line.

use std::io::BufRead;

use mapi_logon_model::ids::LOGONS;
use mapi_logon_model::machine::Model;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::world::Slots;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::act::Act;
use crate::lines::{FileError, Lines};
use crate::trace::{Header, Initialised, Line, VERSION};
use crate::tracer::{Tracer, any_calls};

/// The result of replaying a trace.
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
    /// The transitions that the machine takes there.
    pub taken: Vec<String>,
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
    run: Tracer,
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
        let read = header(text).and_then(|header| {
            let made = world(&header).and_then(|scenario| {
                let run = run(&header, &scenario)?;
                Ok((scenario, run))
            });
            let (scenario, run) = made.map_err(|reason| FileError::at(1, reason))?;
            Ok((header, scenario, run))
        });
        let line = lines.number();
        let (header, scenario, run) = read.map_err(|error| FileError { line, ..error })?;
        Ok(Self { lines, header, scenario, run })
    }

    /// The same for a trace whose steps are kept: it may not be too long for that.
    #[must_use]
    pub fn kept(mut self) -> Self {
        self.lines = self.lines.kept();
        self
    }

    /// The run that is written, before its first step.
    #[must_use]
    pub const fn run(&self) -> &Tracer {
        &self.run
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
        raw.map(Some).map_err(|error| FileError::of_json(self.lines.number(), &error))
    }

    /// Steps a run along the rest of the trace, and shows each step that was followed.
    ///
    /// # Errors
    /// [`FileError`] where a line is not a step.
    pub fn replay(mut self, mut each: impl FnMut(&Tracer, &Line)) -> Result<Replay, FileError> {
        let mut run = self.run.clone();
        let (mut steps, mut divergence) = (0, None);
        let repeats = self.header.repeats;
        let mut returned_to = (repeats == Some(0)).then(|| run.world());
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
                returned_to = Some(run.world());
            }
        }
        if let (Some(to), None) = (repeats, &divergence)
            && returned_to.as_ref() != Some(&run.world())
        {
            divergence = Some(Divergence {
                line: 1,
                part: "loop",
                found: Value::from(to),
                expected: Value::from("a step that leads to the last state"),
                taken: Vec::new(),
            });
        }
        Ok(Replay { steps, divergence, header: self.header })
    }
}

/// Replays a trace and keeps its steps as the machine takes them.
///
/// # Errors
/// [`FileError`] where the file is not a trace, or the machine does not follow it.
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
/// [`FileError`] where the file is not a trace, or too long to be kept.
pub fn follow_far(source: impl BufRead) -> Result<(Replay, Vec<Line>), FileError> {
    let reader = Reader::new(source)?.kept();
    let mut lines = Vec::new();
    let replay = reader.replay(|_, line| lines.push(line.clone()))?;
    Ok((replay, lines))
}

/// Replays a trace on the machine it names.
///
/// # Errors
/// [`FileError`] where the file is not a trace.
pub fn replay(source: impl BufRead) -> Result<Replay, FileError> {
    replay_and(source, |_| ())
}

/// As [`replay`]; calls `each` with the number of every step that was followed.
///
/// # Errors
/// As of [`replay`].
pub fn replay_and(source: impl BufRead, mut each: impl FnMut(u64)) -> Result<Replay, FileError> {
    Reader::new(source)?.replay(|_, line| each(line.step))
}

/// Takes the step of a line; says how it differs from the machine's.
fn follow(run: &mut Tracer, raw: &Raw, step: u64) -> Result<Line, Divergence> {
    let differs = |part, found: &Value, expected, taken| {
        Err(Divergence { line: 0, part, found: found.clone(), expected, taken })
    };
    if raw.step != step {
        return differs("step", &raw.step, Value::from(step), Vec::new());
    }
    let act: Option<Act> = serde_json::from_value(raw.action.clone()).ok();
    let Some(line) = act.and_then(|act| run.follow(&act)) else {
        return differs("action", &raw.action, to_value(&run.possible()), Vec::new());
    };
    let own = [
        ("action", &raw.action, to_value(&line.action)),
        ("effects", &raw.effects, to_value(&line.effects)),
        ("taken", &raw.taken, to_value(&line.taken)),
        ("state", &raw.state, to_value(&line.state)),
    ];
    for (part, found, expected) in own {
        if *found != expected {
            return differs(part, found, expected, line.taken);
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
        taken: Vec::new(),
    })
}

fn to_value(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn header(text: &str) -> Result<Header, FileError> {
    let wrong_json = |error| FileError::of_json(1, &error);
    let value: Value = serde_json::from_str(text).map_err(wrong_json)?;
    let version = value.get("version").cloned().unwrap_or_default();
    if value.get("format") != Some(&Value::from("mapi-logon trace")) {
        let reason = "this is not the header of a trace: `format` must be \"mapi-logon trace\"";
        return Err(FileError::at(1, reason));
    }
    if version == 1 {
        let reason = "this trace has version 1 of the format, which is no longer read; write it \
                      again with the command that made it (generate, check, simulate or validate), \
                      or take version 2 from traces/corpus";
        return Err(FileError::at(1, reason));
    }
    if version != VERSION {
        let reason = format!("version {version} of the format is unknown; only {VERSION} is read");
        return Err(FileError::at(1, reason));
    }
    serde_json::from_value(value).map_err(wrong_json)
}

/// The scenario of a header, its policy in force and its clients initialised as the header says.
///
/// # Errors
/// One sentence where it cannot be read.
pub fn world(header: &Header) -> Result<Scenario, String> {
    let scenario = Scenario::parse(&header.scenario);
    let mut scenario = scenario.map_err(|error| format!("the scenario, {error}"))?;
    for (name, value) in &header.policy {
        scenario.policy.set(name, value).map_err(|error| error.to_string())?;
    }
    for client in &mut scenario.clients {
        let Some(caller) = header.clients.get(&client.name) else {
            return Err(format!("`clients` does not have {:?}", client.name));
        };
        client.initializes = caller.initialised != Initialised::Implied;
        client.initialized = caller.initialised == Initialised::Before;
    }
    Ok(scenario)
}

/// The run of a header, before its first step.
fn run(header: &Header, scenario: &Scenario) -> Result<Tracer, String> {
    if header.calls.are_listed() {
        return Ok(Tracer::listed(Model::new(scenario.clone())));
    }
    let sessions = scenario.clients.iter().map(|client| {
        let caller = header.clients.get(&client.name);
        caller.and_then(|caller| caller.sessions).unwrap_or(0)
    });
    let slots = Slots::of(sessions.map(usize::from));
    if slots.len() > LOGONS {
        return Err(format!(
            "`clients` can hold {} sessions at once, more than {LOGONS}",
            slots.len()
        ));
    }
    let model = any_calls(scenario.clone(), slots, header.faults);
    Ok(Tracer::given(model, header.faults))
}
