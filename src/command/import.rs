//! How does another log become a recording? `mapi-logon import`: by a map, or in a known format.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::ValueEnum;
use mapi_logon_traces::import::mapi4linux;
use mapi_logon_traces::import::mapped::{Mapped, Mapping};
use mapi_logon_traces::recording::{EventLine, Recording};
use mapi_logon_traces::write::write_line;

use crate::exit::Exit;
use crate::output;
use crate::render::text::count;

/// Arguments of `import`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The log
    log: String,
    /// One regular expression for each kind of line, as a TOML file
    #[arg(long, value_name = "MAP.toml", conflicts_with = "format")]
    map: Option<String>,
    /// A format that needs no map
    #[arg(long, value_enum, required_unless_present = "map", requires = "out")]
    format: Option<Known>,
    /// Where the recording goes, standard output if not given; a folder for a known format
    #[arg(long, value_name = "FILE|DIR")]
    out: Option<PathBuf>,
    /// Shows the lines that no expression matches
    #[arg(long, requires = "map")]
    unmatched: bool,
}

/// A format that needs no map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Known {
    /// What was recorded of kopano-core's libmapi: a recording and a scenario for each of its own
    Mapi4linuxRecording,
}

/// Imports.
///
/// # Errors
/// When log or map are not usable, or a recording cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    match (&args.map, args.format, &args.out) {
        (Some(map), _, out) => mapped(map, &args.log, out.as_deref(), args.unmatched),
        (None, Some(Known::Mapi4linuxRecording), Some(out)) => mapi4linux(&args.log, out),
        (None, _, _) => bail!("either --map MAP.toml or --format with --out DIR is needed"),
    }
}

fn open(path: &str) -> Result<BufReader<File>> {
    let file = File::open(path).with_context(|| format!("{path}: cannot be read"))?;
    Ok(BufReader::new(file))
}

fn mapped(map: &str, log: &str, out: Option<&Path>, show: bool) -> Result<Exit> {
    let text = fs::read_to_string(map).with_context(|| format!("{map}: cannot be read"))?;
    let mapping = Mapping::parse(&text).map_err(|error| anyhow!("{map}:{error}"))?;
    let found = mapping
        .import(open(log)?)
        .map_err(|error| anyhow!("{log}:{error}"))?;
    tell_unmatched(log, &found, show);
    if found.events.is_empty() {
        bail!("{log}: no line of it is an event; nothing was imported");
    }
    let text = lines(&found.events).map_err(|error| anyhow!("{log}: {error}"))?;
    match out {
        None => output::print(&text)?,
        Some(path) => write(path, &text)?,
    }
    Ok(Exit::Good)
}

fn tell_unmatched(log: &str, found: &Mapped, show: bool) {
    if show {
        for (number, line) in &found.unmatched {
            output::complain(&format!("{log}:{number}: {line}"));
        }
    }
    let events = count(found.events.len() as u64, "event");
    let lines = count(found.unmatched_count, "line");
    let hint = if found.unmatched_count > 0 && !show {
        "; --unmatched shows them"
    } else {
        ""
    };
    output::complain(&format!("{events}; {lines} matched by no expression{hint}"));
}

/// The events as a recording; each is decoded once, so that mistakes are found here.
fn lines(events: &[EventLine]) -> Result<String> {
    let mut recording = Recording::default();
    let mut bytes = Vec::new();
    for (number, event) in events.iter().enumerate() {
        let pushed = recording.push(event.clone());
        pushed.map_err(|reason| {
            anyhow!(
                "event {} (line {} of the result): {reason}",
                number + 1,
                number + 1
            )
        })?;
        write_line(&mut bytes, event)?;
    }
    Ok(String::from_utf8(bytes)?)
}

fn mapi4linux(log: &str, out: &Path) -> Result<Exit> {
    let imported = mapi4linux::import(open(log)?).map_err(|error| anyhow!("{log}:{error}"))?;
    fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    for one in &imported.scenarios {
        let text = lines(&one.events).with_context(|| one.name.clone())?;
        write(&out.join(format!("{}.jsonl", one.name)), &text)?;
        write(
            &out.join(format!("{}.toml", one.name)),
            &one.scenario.to_toml(),
        )?;
    }
    for (scenario, reason) in &imported.left_out {
        output::complain(&format!("left out: {scenario}: {reason}"));
    }
    for (call, times) in &imported.dropped {
        output::complain(&format!("not part of the logon: {call} ({times}x)"));
    }
    let recordings = count(imported.scenarios.len() as u64, "recording");
    let left_out = imported.left_out.len();
    output::print(&format!(
        "{recordings}, each with its scenario; {left_out} left out\n"
    ))?;
    Ok(Exit::Good)
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
