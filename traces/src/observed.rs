//! What an implementation showed, held against a trace that was performed with it.
//!
//! The observations are JSON Lines: the effects that a trace marks observable, in the order in
//! which they were seen, each with as many of its members as could be seen.

use std::io::BufRead;

use mapi_logon_model::protocol::Role;
use serde_json::{Map, Value};

use crate::lines::{FileError, Lines};
use crate::replay::{Divergence, Replay, follow_far};

/// Compares observations with the observable effects of a trace; the divergence is at a line of
/// the observations.
///
/// # Errors
/// [`FileError`] where the trace is none, or the machine does not follow it, with `true`; where a
/// line of the observations is no effect, with `false`.
pub fn observed(
    trace: impl BufRead,
    observations: impl BufRead,
) -> Result<Replay, (bool, FileError)> {
    let (mut replay, lines) = follow_far(trace).map_err(|error| (true, error))?;
    if let Some(Divergence { line, part, .. }) = &replay.divergence {
        let reason = format!("the model does not follow this trace: `{part}` differs");
        return Err((true, FileError::at(*line, reason)));
    }
    let expected = lines.iter().flat_map(|line| {
        let effects = line.effects.iter().filter(|effect| effect.role == Role::Observable);
        effects.map(move |effect| (line, serde_json::to_value(effect).unwrap_or_default()))
    });
    let mut seen = Lines::new(observations);
    for (step, expected) in expected {
        let found = effect(&mut seen).map_err(|error| (false, error))?;
        let (found, expected) = match found {
            None => (Value::Null, expected),
            Some(found) => {
                let expected = only(expected, &found);
                (Value::Object(found), expected)
            }
        };
        if found != expected {
            replay.divergence = Some(Divergence {
                line: seen.number().max(1),
                part: "effect",
                found,
                expected,
                taken: step.taken.clone(),
            });
            replay.steps = step.step - 1;
            return Ok(replay);
        }
    }
    if let Some(found) = effect(&mut seen).map_err(|error| (false, error))? {
        replay.divergence = Some(Divergence {
            line: seen.number(),
            part: "effect",
            found: Value::Object(found),
            expected: Value::Null,
            taken: Vec::new(),
        });
    }
    Ok(replay)
}

/// The next observation.
fn effect(lines: &mut Lines<impl BufRead>) -> Result<Option<Map<String, Value>>, FileError> {
    let Some(text) = lines.next_line()? else {
        return Ok(None);
    };
    let read: Result<Value, _> = serde_json::from_str(text);
    let number = lines.number();
    match read.map_err(|error| FileError::of_json(number, &error))? {
        Value::Object(found) if found.get("effect").is_some_and(Value::is_string) => {
            Ok(Some(found))
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => {
            let reason = "an observation is an object with `effect` and what was seen of it";
            Err(FileError::at(number, reason))
        }
    }
}

/// The members of an effect that an observation has.
fn only(expected: Value, found: &Map<String, Value>) -> Value {
    let Value::Object(mut expected) = expected else {
        return expected;
    };
    expected.retain(|key, _| found.contains_key(key));
    Value::Object(expected)
}
