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

/// Before a line that is never wrapped, as it is there to be copied.
const WHOLE: char = '\u{f0005}';

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

/// Writes a warning or an error, wrapped on a terminal. Nobody may be listening.
pub fn complain(line: &str) {
    let terminal = terminal_size_of(io::stderr()).map(|(Width(columns), _)| within(columns.into()));
    let line = escaped(line, Escapes::Human);
    let line = terminal.map_or_else(|| line.to_string(), |columns| fitted(&line, columns));
    writeln!(io::stderr().lock(), "{line}").unwrap_or_default();
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
    wanted_width().unwrap_or(COLUMNS)
}

/// The columns that are wanted, if there is a terminal or `COLUMNS`.
fn wanted_width() -> Option<usize> {
    static WIDTH: OnceLock<Option<usize>> = OnceLock::new();
    *WIDTH.get_or_init(|| {
        let terminal = terminal_size_of(io::stdout()).map(|(Width(columns), _)| columns.into());
        let wanted = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        terminal.or(wanted).map(within)
    })
}

fn within(columns: usize) -> usize {
    let (least, most) = BOUNDS;
    columns.clamp(least, most)
}

/// A line that is written as it is, however long.
#[must_use]
pub fn whole(line: &str) -> String {
    format!("{WHOLE}{line}")
}

/// The mark that begins a painted text in the writer, or ends one.
pub(crate) const fn mark(at: usize) -> char {
    MARKS[at].0
}

/// The text as it is written: foreign text escaped, long lines wrapped where somebody wants a
/// width, marks as colours where these are wanted.
fn shown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for part in text.split_inclusive(is_mark) {
        let end = part.chars().next_back().filter(|letter| is_mark(*letter));
        safe += &escaped(part.trim_end_matches(is_mark), Escapes::Human);
        safe.extend(end);
    }
    let safe = wanted_width().map_or(safe.clone(), |columns| fitted(&safe, columns));
    let colours = colours();
    let mut text = String::with_capacity(safe.len());
    for letter in safe.chars() {
        match MARKS.iter().find(|(mark, _)| *mark == letter) {
            Some((_, code)) if colours => text += code,
            Some(_) => {}
            None if letter == WHOLE => {}
            None => text.push(letter),
        }
    }
    text
}

fn is_mark(letter: char) -> bool {
    letter == WHOLE || MARKS.iter().any(|(mark, _)| *mark == letter)
}

/// The text with its long lines broken at spaces and continued further to the right. Commands and
/// long words, which are there to be copied, stay whole.
fn fitted(text: &str, columns: usize) -> String {
    let mut fitted = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start();
        let is_whole = bare.starts_with(WHOLE) || bare.starts_with("mapi-logon ");
        let margin = line.chars().take_while(|letter| *letter == ' ').count() + 2;
        let mut used = 0;
        for word in line.split_inclusive(' ') {
            let length = word.trim_end().chars().filter(|letter| !is_mark(*letter)).count();
            if !is_whole && used > margin && used + length > columns && length > 0 {
                fitted.truncate(fitted.trim_end_matches(' ').len());
                fitted.push('\n');
                fitted.push_str(&" ".repeat(margin));
                used = margin;
            }
            fitted.push_str(word);
            used += word.chars().filter(|letter| !is_mark(*letter)).count();
        }
    }
    fitted
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_at_spaces_and_keep_their_margin() {
        let text = "  one two three four five\nsix\n\u{f0001}seven\u{f0004} eight nine ten\n";
        let wrapped = "  one two\n    three\n    four five\nsix\n\
                       \u{f0001}seven\u{f0004} eight\n  nine ten\n";
        assert_eq!(fitted(text, 13), wrapped);
        assert_eq!(fitted(text, 30), text);
    }

    #[test]
    fn commands_long_words_and_whole_lines_are_never_broken() {
        let text = format!("\nmapi-logon check office --property INV-1\n{}\n", whole("a b c d e"));
        assert_eq!(fitted(&text, 8), text);
        assert_eq!(fitted("at /a/long/path/of/a/file\n", 12), "at\n  /a/long/path/of/a/file\n");
    }
}
