//! Does the machine follow a written run? `mapi-logon replay`: line by line, to the first it
//! cannot.

use std::fs::File;
use std::io::BufReader;

use anyhow::{Context, Result, anyhow};
use mapi_logon_traces::export::itf;
use mapi_logon_traces::replay::{Replay, replay};
use mapi_logon_traces::schema::results::Replayed;
use serde_json::Value;

use crate::args::Format;
use crate::exit::Exit;
use crate::output;
use crate::render::json::pretty;
use crate::render::text::{Paint, Tone, count};

/// Arguments of `replay`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Traces, or ITF files (`*.itf.json`) that were exported from traces
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// How the verdicts are written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Replays.
///
/// # Errors
/// When a file cannot be read or is no trace, or the verdicts cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    let mut all = Vec::new();
    for path in &args.files {
        let replay = one(path)?;
        all.push(told(path, &replay));
    }
    let diverged = all.iter().any(|one| one.line.is_some());
    output::print(&match args.format {
        Format::Human => all
            .iter()
            .map(|one| text(one, Paint::for_output()))
            .collect(),
        Format::Json => pretty(&all)?,
    })?;
    Ok(if diverged { Exit::Finding } else { Exit::Good })
}

fn one(path: &str) -> Result<Replay> {
    let file = File::open(path).with_context(|| format!("{path}: cannot be read"))?;
    let replayed = if path.ends_with(".itf.json") {
        itf::replay(file)
    } else {
        replay(BufReader::new(file))
    };
    replayed.map_err(|error| anyhow!("{path}:{error}"))
}

fn told(path: &str, replay: &Replay) -> Replayed {
    let divergence = replay.divergence.as_ref();
    Replayed {
        file: path.to_owned(),
        verdict: if divergence.is_some() {
            "diverges"
        } else {
            "conforms"
        }
        .to_owned(),
        steps: replay.steps,
        line: divergence.map(|one| one.line),
        part: divergence.map(|one| one.part.to_owned()),
        found: divergence.map(|one| one.found.clone()),
        expected: divergence.map(|one| one.expected.clone()),
    }
}

fn text(one: &Replayed, paint: Paint) -> String {
    let steps = count(one.steps, "step");
    let Some(line) = one.line else {
        return format!(
            "{}: {} ({steps})\n",
            one.file,
            paint.paint(Tone::Good, "conforms")
        );
    };
    let part = one.part.as_deref().unwrap_or_default();
    let show = |value: &Option<Value>| value.as_ref().map_or_else(String::new, Value::to_string);
    let expected = match (part, &one.expected) {
        ("action", Some(Value::Array(actions))) => {
            let actions: Vec<_> = actions.iter().map(|one| format!("    {one}\n")).collect();
            format!("  enabled are:\n{}", actions.concat())
        }
        _ => format!("  expected: {}\n", show(&one.expected)),
    };
    format!(
        "{}:{line}: {} after {steps}: `{part}` differs\n  found:    {}\n{expected}",
        one.file,
        paint.paint(Tone::Bad, "diverges"),
        show(&one.found),
    )
}
