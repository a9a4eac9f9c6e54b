//! Text on its way out: results to standard output, everything else to standard error.
//!
//! Whatever is written for people goes through one writer, which escapes foreign text and turns
//! the marks of tones into colours.

use std::env;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::OnceLock;

use anyhow::{Context, Result};
use clap::ValueEnum;
use terminal_size::{Width, terminal_size_of};

mod foreign;

use foreign::{Escapes, escaped};

/// How results look, and what is written beside them.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct Appearance {
    /// Colour results: on a terminal, always or never; auto heeds NO_COLOR and CLICOLOR_FORCE
    #[arg(long, value_enum, value_name = "WHEN", default_value_t, global = true)]
    #[arg(hide_possible_values = true, help_heading = "Output")]
    color: Colors,
    /// Write only results, warnings and errors: no progress, notes or advice
    #[arg(long, short, global = true, help_heading = "Output")]
    quiet: bool,
}

/// When results are coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Colors {
    /// On a terminal, unless the environment says otherwise
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

static APPEARANCE: OnceLock<Appearance> = OnceLock::new();

/// Columns of a line off a terminal, so that equal runs write equal bytes.
const COLUMNS: usize = 100;

/// Fewest and most columns of a line on a terminal.
const BOUNDS: (usize, usize) = (60, 200);

/// Marks before a painted text, and the escape sequence of each.
///
/// Foreign text never reaches a terminal with an escape sequence of its own.
const MARKS: [(char, &str); 5] = [
    ('\u{f0000}', "\u{1b}[32m"),
    ('\u{f0001}', "\u{1b}[1;31m"),
    ('\u{f0002}', "\u{1b}[1m"),
    ('\u{f0003}', "\u{1b}[2m"),
    ('\u{f0004}', "\u{1b}[0m"),
];

/// Sets how everything looks that is written from now on; once, by the process.
pub fn begin(appearance: Appearance) {
    APPEARANCE.set(appearance).unwrap_or_default();
}

fn appearance() -> Appearance {
    APPEARANCE.get().copied().unwrap_or_default()
}

/// Writes a result for people. A reader that went away, as `head` does, is no error.
///
/// # Errors
/// When standard output cannot be written for any other reason.
pub fn print(text: &str) -> Result<()> {
    write_out(&shown(text))
}

/// Writes a result for programs, JSON, with escapes where its strings would act on a terminal.
///
/// # Errors
/// As [`print()`].
pub fn print_json(text: &str) -> Result<()> {
    write_out(&escaped(text, Escapes::Json))
}

/// Writes a document in a language of its own, as a scenario or a diagram, byte for byte.
///
/// # Errors
/// As [`print()`].
pub fn print_document(text: &str) -> Result<()> {
    write_out(text)
}

fn write_out(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a warning or an error. Nobody may be listening.
pub fn complain(line: &str) {
    writeln!(io::stderr().lock(), "{}", escaped(line, Escapes::Human)).unwrap_or_default();
}

/// Writes a line about the work that one may do without.
pub fn note(line: &str) {
    if !is_quiet() {
        complain(line);
    }
}

/// Is only the result wanted?
#[must_use]
pub fn is_quiet() -> bool {
    appearance().quiet
}

/// Columns of a line: those of the terminal, or of `COLUMNS` off one, within bounds; else 100.
#[must_use]
pub fn width() -> usize {
    static WIDTH: OnceLock<usize> = OnceLock::new();
    *WIDTH.get_or_init(|| {
        let terminal = terminal_size_of(io::stdout()).map(|(Width(columns), _)| columns.into());
        let wanted = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let (least, most) = BOUNDS;
        terminal.or(wanted).map_or(COLUMNS, |columns: usize| columns.clamp(least, most))
    })
}

/// The mark that begins a painted text in the writer, or ends one.
pub(crate) const fn mark(at: usize) -> char {
    MARKS[at].0
}

/// The text as it is written: marks as colours where these are wanted, foreign text escaped.
fn shown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    let colours = colours();
    while let Some(at) = rest.find(|letter| MARKS.iter().any(|(mark, _)| *mark == letter)) {
        let (before, after) = rest.split_at(at);
        safe += &escaped(before, Escapes::Human);
        let mut letters = after.chars();
        let mark = letters.next();
        let code = MARKS.iter().find(|(one, _)| Some(*one) == mark);
        safe += code.filter(|_| colours).map_or("", |(_, code)| code);
        rest = letters.as_str();
    }
    safe + &escaped(rest, Escapes::Human)
}

/// Are results on standard output coloured? `--color` decides, then `NO_COLOR`, then
/// `CLICOLOR_FORCE`, then whether it is a terminal that can.
#[must_use]
pub fn colours() -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    match appearance().color {
        Colors::Always => true,
        Colors::Never => false,
        Colors::Auto if is_set("NO_COLOR") => false,
        Colors::Auto if env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        Colors::Auto => {
            let dumb = env::var_os("TERM").is_none_or(|term| term == "dumb");
            io::stdout().is_terminal() && !dumb
        }
    }
}
