//! `mapi-logon import`: conversion of another log to a recording, by a map or a known format.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::ValueEnum;
use mapi_logon_model::suggest::not_utf8;
use mapi_logon_traces::import::guess::guess;
use mapi_logon_traces::import::mapi4linux::{self, Imports, Part};
use mapi_logon_traces::import::mapped::{MOST_BYTES, Mapping, ToldCall};
use mapi_logon_traces::import::text::decoded;
use mapi_logon_traces::lines::FileError;
use mapi_logon_traces::recording::{EventLine, Recording};
use mapi_logon_traces::write::write_line;

use crate::exit::Exit;
use crate::output;
use crate::outputs::Outputs;
use crate::path::{self, real, text_of};
use crate::render::text::{count, grouped};

/// Arguments of `import`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The log to convert, or `-` for standard input
    #[arg(value_parser = path::parser())]
    log: String,
    /// Match each kind of line with a regular expression of this TOML file
    #[arg(long, value_name = "MAP.toml", value_parser = path::parser())]
    #[arg(conflicts_with_all = ["format", "guess"])]
    map: Option<String>,
    /// Propose a map for the log, and show which lines it covers
    #[arg(long, conflicts_with = "format")]
    guess: bool,
    /// Read a known format, which needs no map
    #[arg(long, value_enum, requires = "out")]
    format: Option<KnownFormat>,
    /// Write the recording or the proposed map to this file [default: standard output]; for a known
    /// format a folder
    #[arg(long, value_name = "FILE|DIR")]
    out: Option<PathBuf>,
    /// Show all lines that no expression matches, or that could not be used
    #[arg(long, requires = "map")]
    unmatched: bool,
}

/// Most lines that are shown of those that could not be used, unless all are asked for.
const MOST_BAD: u64 = 10;

/// A format that needs no map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KnownFormat {
    /// A log of kopano-core's libmapi: a recording and a scenario for each scenario of the log
    Mapi4linuxRecording,
}

/// Imports.
///
/// # Errors
/// When log or map are not usable, or a recording cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    if args.guess {
        return guessed(&args.log, args.out.as_ref());
    }
    match (&args.map, args.format, &args.out) {
        (Some(map), _, out) => mapped(map, &args.log, out.as_deref(), args.unmatched),
        (None, Some(KnownFormat::Mapi4linuxRecording), Some(out)) => mapi4linux(&args.log, out),
        (None, _, _) => bail!(
            "say how to read {}: --map MAP.toml (--guess proposes one), or --format \
             mapi4linux-recording --out DIR",
            args.log
        ),
    }
}

fn open(path: &str) -> Result<BufReader<File>> {
    let file = File::open(real(path)).with_context(|| format!("{path}: cannot be read"))?;
    Ok(BufReader::new(file))
}

/// A log as text, whatever its encoding.
fn open_log(path: &str) -> Result<Box<dyn BufRead>> {
    let source: Box<dyn Read> = match path {
        "-" => Box::new(io::stdin()),
        _ => Box::new(open(path)?),
    };
    decoded(source).with_context(|| format!("{path}: cannot be read"))
}

/// Proposes a map.
fn guessed(log: &str, out: Option<&PathBuf>) -> Result<Exit> {
    Outputs::check(out)?;
    let found = guess(open_log(log)?).map_err(|error| anyhow!("{log}: {error}"))?;
    for (number, kind, text) in &found.covered {
        output::complain(&format!("{log}:{number}:1: {kind:<8} {text}"));
    }
    output::complain(&format!(
        "{} of {} covered; correct the map where a line is read wrongly",
        grouped(found.covered.len() as u64),
        count(found.lines as u64, "line")
    ));
    let mut outputs = Outputs::default();
    outputs.add(out, || Ok(found.map.clone()))?;
    outputs.write()?;
    if out.is_none() {
        output::print_document(&found.map)?;
    }
    Ok(Exit::Good)
}

/// The text of a map, which is never long.
fn map_text(map: &str) -> Result<String> {
    let mut bytes = Vec::new();
    let read = open(map)?.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes);
    read.with_context(|| format!("{map}: cannot be read"))?;
    if bytes.len() > MOST_BYTES {
        bail!("{map}:1:1: the map is longer than {MOST_BYTES} bytes");
    }
    String::from_utf8(bytes).map_err(|error| {
        let (good, bad) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
        let good = String::from_utf8_lossy(good);
        let error = FileError::in_text(&good, good.len(), not_utf8(bad));
        anyhow!("{map}:{error}")
    })
}

/// Writes every event when its last line has been read; nothing is kept.
fn mapped(map: &str, log: &str, out: Option<&Path>, show: bool) -> Result<Exit> {
    let mapping = Mapping::parse(&map_text(map)?).map_err(|error| anyhow!("{map}:{error}"))?;
    let name = Path::new(log).file_name().map_or(log.into(), |name| name.to_string_lossy());
    let mut importer = mapping.import(&name, open_log(log)?);
    let mut output = Output::new(out);
    let (mut events, mut unmatched, mut bad) = (0, 0, 0);
    loop {
        match importer.next_told() {
            Ok(None) => break,
            Ok(Some(ToldCall::Event(event))) => {
                events += 1;
                if !output.write(&event)? {
                    break;
                }
            }
            Ok(Some(ToldCall::Unmatched(number, line))) => {
                unmatched += 1;
                if show {
                    output::complain(&format!("{log}:{number}:1: {line}"));
                }
            }
            Ok(Some(ToldCall::Bad(error))) => {
                bad += 1;
                if bad <= MOST_BAD || show {
                    output::complain(&format!("{log}:{error}"));
                }
            }
            Err(error) => {
                output.finish()?;
                bail!("{log}:{error}{}", kept(events));
            }
        }
    }
    output.finish()?;
    let notes = [
        (bad, "line", "could not be used"),
        (importer.ambiguous(), "line", "matched by several expressions, the first that fits taken"),
        (importer.replaced(), "letter", "not UTF-8, read as Windows-1252"),
    ];
    for (number, noun, what) in notes.into_iter().filter(|(number, ..)| *number > 0) {
        output::complain(&format!("{} {what}", count(number, noun)));
    }
    let hint = if unmatched > 0 && !show { "; --unmatched shows them" } else { "" };
    let (found, lines) = (count(events, "event"), count(unmatched, "line"));
    output::complain(&match unmatched {
        0 => format!("{found}; every line matched"),
        _ => format!("{found}; {lines} matched by no expression{hint}"),
    });
    if events == 0 {
        bail!("{log}: no line is an event; nothing was imported");
    }
    Ok(Exit::Good)
}

fn kept(events: u64) -> String {
    match events {
        0 => String::new(),
        _ => format!("; {} before it written", count(events, "event")),
    }
}

/// The destination of events; a file is created with the first of them.
struct Output<'p> {
    path: Option<&'p Path>,
    writer: Option<Box<dyn Write>>,
}

impl<'p> Output<'p> {
    const fn new(path: Option<&'p Path>) -> Self {
        Self { path, writer: None }
    }

    /// Writes an event; false once the reader of standard output is gone.
    fn write(&mut self, event: &EventLine) -> Result<bool> {
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => self.writer.insert(match self.path {
                None => Box::new(BufWriter::new(io::stdout())),
                Some(path) => {
                    let file = File::create(path);
                    let file = file.with_context(|| format!("cannot write {}", text_of(path)))?;
                    Box::new(BufWriter::new(file))
                }
            }),
        };
        let written = write_line(writer, event);
        self.wants_more(written)
    }

    fn finish(&mut self) -> Result<()> {
        let flushed = self.writer.as_mut().map_or(Ok(()), Write::flush);
        self.wants_more(flushed).map(|_| ())
    }

    /// A reader of standard output that went away, as `head` does, is no error. A file that cannot
    /// be written to its end goes.
    fn wants_more(&self, written: io::Result<()>) -> Result<bool> {
        match (written, self.path) {
            (Ok(()), _) => Ok(true),
            (Err(error), None) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
            (Err(error), None) => Err(error).context("cannot write to standard output"),
            (Err(error), Some(path)) => {
                if path.is_file() {
                    fs::remove_file(path).unwrap_or_default();
                }
                Err(error).with_context(|| format!("cannot write {}", text_of(path)))
            }
        }
    }
}

/// The events as a recording; each is decoded once, so that errors are reported here.
fn lines(events: &[EventLine]) -> Result<String> {
    let mut recording = Recording::default();
    let mut bytes = Vec::new();
    for (number, event) in events.iter().enumerate() {
        let pushed = recording.push(event.clone());
        pushed.map_err(|reason| anyhow!("event {}: {reason}", number + 1))?;
        write_line(&mut bytes, event)?;
    }
    Ok(String::from_utf8(bytes)?)
}

/// Writes every scenario when its last line has been read.
fn mapi4linux(log: &str, out: &Path) -> Result<Exit> {
    let mut importer = mapi4linux::Importer::new(open(log)?);
    let (mut recordings, mut left_out) = (0, 0);
    loop {
        match importer.next_part() {
            Ok(None) => break,
            Ok(Some(Part::Imported(one))) => {
                if recordings == 0 {
                    let made = fs::create_dir_all(out);
                    made.with_context(|| format!("cannot make {}", text_of(out)))?;
                }
                // A type that events do not have is found when they are decoded.
                match lines(&one.events) {
                    Ok(text) => {
                        write_scenario(out, &one, &text)?;
                        recordings += 1;
                    }
                    Err(reason) => {
                        output::complain(&format!("left out: {}: {reason}", one.name));
                        left_out += 1;
                    }
                }
            }
            Ok(Some(Part::LeftOut(scenario, reason))) => {
                output::complain(&format!("left out: {scenario}: {reason}"));
                left_out += 1;
            }
            Err(error) => {
                let written = match recordings {
                    0 => String::new(),
                    _ => format!("; {} before it written", count(recordings, "recording")),
                };
                bail!("{log}:{error}{written}");
            }
        }
    }
    for (call, times) in &importer.dropped().calls {
        output::complain(&format!("left out: {call} is not part of the logon ({times}x)"));
    }
    for (event, times) in &importer.dropped().events {
        output::complain(&format!("left out: unknown provider event {event:?} ({times}x)"));
    }
    if recordings == 0 {
        bail!("{log}: nothing was imported; {left_out} left out");
    }
    let recordings = count(recordings, "recording");
    output::print(&format!("{recordings}, each with its scenario; {left_out} left out\n"))?;
    Ok(Exit::Good)
}

fn write_scenario(out: &Path, one: &Imports, text: &str) -> Result<()> {
    let mut outputs = Outputs::default();
    outputs.add_in(out, &format!("{}.jsonl", one.name), || Ok(text.to_owned()))?;
    outputs.add_in(out, &format!("{}.toml", one.name), || Ok(one.scenario.to_toml()))?;
    outputs.write()
}
