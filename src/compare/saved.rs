//! Saved results: what an earlier run of `compare`, `outcomes` or `check` wrote as JSON.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Judged, Outcome, Side};
use crate::outcomes::CallRecord;
use crate::path::text_of;

/// What is read of a result of `check --format json`.
#[derive(Deserialize)]
struct Checked {
    scenario: String,
    ended: String,
    states: u64,
    properties: Vec<Judged>,
}

/// What is read of a result of `compare --format json`.
#[derive(Deserialize)]
struct Compared {
    left: Side,
}

/// Reads a saved result; of a comparison its left side.
///
/// # Errors
/// When it cannot be read or is not such a result: a message with file, line and column.
pub fn read(path: &Path) -> Result<Side> {
    let shown = text_of(path);
    let text = fs::read_to_string(path).with_context(|| format!("{shown}:1:1: cannot be read"))?;
    let value: Value = parse(path, &text)?;
    let has = |key| value.get(key).is_some();
    Ok(match () {
        () if has("left") => parse::<Compared>(path, &text)?.left,
        () if value.is_array() => {
            let outcomes: Vec<Vec<CallRecord>> = parse(path, &text)?;
            let outcomes = outcomes.into_iter().map(|calls| Outcome { calls, run: None });
            Side {
                scenario: shown.clone(),
                source: None,
                states: None,
                outcomes: Some(outcomes.collect()),
                properties: None,
            }
        }
        () if has("ended") => {
            let checked: Checked = parse(path, &text)?;
            if checked.ended != "complete" {
                let ended = checked.ended;
                bail!("{shown}:1:1: this check ended early ({ended}); save one that is complete");
            }
            Side {
                scenario: checked.scenario,
                source: None,
                states: Some(checked.states),
                outcomes: None,
                properties: Some(checked.properties),
            }
        }
        () if has("scenario") => parse(path, &text)?,
        () => bail!(
            "{shown}:1:1: not a saved result; `mapi-logon compare --save FILE` writes one, and so \
             do `compare`, `outcomes` and `check` with --format json"
        ),
    })
}

/// Reads JSON of a type; an error says where it is wrong.
fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line().max(1), error.column().max(1));
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        anyhow!("{}:{line}:{column}: not a saved result: {message}", text_of(path))
    })
}
