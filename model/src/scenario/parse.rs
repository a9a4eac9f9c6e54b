//! How is a scenario file read? TOML with places, then every key checked, up to the first mistake.

mod clients;
mod load;
mod mistake;
mod profiles;
mod rules;
mod value;

use std::fmt;

use toml::de::DeTable;

use super::Scenario;
use mistake::{Mistake, Read, quoted};
use value::{Section, Table};

/// Most bytes of a scenario file.
pub const MAX_BYTES: usize = 256 * 1024;

/// Dots that any line may have; more are charged to [`SPARE_DOTS`].
const DOTS_OF_A_LINE: usize = 8;

/// Dots the file may have beyond [`DOTS_OF_A_LINE`], all lines together.
const SPARE_DOTS: usize = 400;

/// What is wrong with a scenario file, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScenarioError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong and what is admissible.
    pub message: String,
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ScenarioError {}

impl ScenarioError {
    /// What is wrong, for one purpose only, with a section of a file that has no mistake: that
    /// under `key`, or the so many-th of them, counted from 0. Where there is none it is placed at
    /// the head of the file.
    #[must_use]
    pub fn in_section(text: &str, key: &str, number: usize, message: String) -> Self {
        let document = DeTable::parse(text).ok();
        let value = document.as_ref().and_then(|root| root.get_ref().get(key));
        let at = value.map_or(0, |value| {
            let items = value.get_ref().as_array();
            let item = items.and_then(|items| items.get(number));
            item.unwrap_or(value).span().start
        });
        Self::at(text, at, message)
    }

    /// Places a mistake that was found at byte `at` of `text`.
    fn at(text: &str, at: usize, message: String) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before[line_start..].trim_start_matches('\u{feff}').chars().count() + 1;
        Self { line, column, message }
    }
}

impl Scenario {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// [`ScenarioError`] for the first mistake found: TOML that cannot be read, an unknown key or
    /// value, a wrong type, a duplicate or dangling name, a number out of range, a limit of
    /// [`crate::ids`] exceeded, no client.
    ///
    /// ```
    /// use mapi_logon_model::scenario::Scenario;
    ///
    /// let scenario = Scenario::parse("[[client]]\nname = 'mail'\nflags = ['MAPI_LOGON_UI']")?;
    /// assert_eq!(scenario.clients[0].calls.len(), 1);
    ///
    /// let error = Scenario::parse("[[client]]\nname = 'mail'\nflag = []").unwrap_err();
    /// assert!(error.to_string().starts_with("3:1: unknown key `flag` in [[client]]"));
    /// # Ok::<(), mapi_logon_model::scenario::ScenarioError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        read(text).map_err(|mistake| ScenarioError::at(text, mistake.at, mistake.message))
    }

    /// Reads a scenario file whose encoding has not been checked.
    ///
    /// # Errors
    /// As [`Scenario::parse`], and for bytes that are not UTF-8.
    pub fn parse_bytes(bytes: &[u8]) -> Result<Self, ScenarioError> {
        let error = match std::str::from_utf8(bytes) {
            Ok(text) => return Self::parse(text),
            Err(error) => error,
        };
        let (good, bad) = bytes.split_at(error.valid_up_to());
        let byte = bad.first().copied().unwrap_or_default();
        let message = format!("byte 0x{byte:02X} is not UTF-8; a scenario is UTF-8 text");
        Err(ScenarioError::at(&String::from_utf8_lossy(good), good.len(), message))
    }
}

fn read(text: &str) -> Read<Scenario> {
    check_extent(text)?;
    let document = DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        let place = text.get(span.clone()).map_or("", str::trim);
        let place = if place.is_empty() { "".into() } else { format!(" at {}", quoted(place)) };
        Mistake::new(span.start, format!("not valid TOML{place}: {}", error.message()))
    })?;
    let root = Table::new(document.get_ref());
    let known = [
        "name",
        "subsystem",
        "profile",
        "client",
        "user",
        "faults",
        "policy",
        "expect",
        "timing",
        "load",
        "weights",
    ];
    let root = Section::new("the file", 0, root, &known)?;
    let mut scenario = Scenario::default();
    if let Some(name) = root.get("name") {
        scenario.name = Some(name.title()?.to_owned());
    }
    scenario.faults = rules::faults(root)?;
    profiles::read(root, &mut scenario)?;
    rules::subsystem(root, &mut scenario)?;
    clients::read(root, &mut scenario)?;
    if scenario.clients.is_empty() {
        let empty = text.trim_start_matches('\u{feff}').trim().is_empty();
        let what = if empty { "is empty" } else { "has no client" };
        let at = root.get("client").map_or(0, |client| client.at);
        let message = format!("the file {what}; a scenario has one or more [[client]]");
        return Err(Mistake::new(at, message));
    }
    scenario.answers = rules::answers(root)?;
    scenario.policy = rules::policy(root)?;
    scenario.expect = rules::expect(root)?;
    scenario.weights = rules::weights(root)?;
    load::read(root, &mut scenario)?;
    Ok(scenario)
}

/// Keeps reading cheap: a bound on the text, and on how deep dotted keys can nest tables, as the
/// tables of `toml` are dropped by recursion. A key stands on one line, so dots per line bound it.
fn check_extent(text: &str) -> Read<()> {
    if text.len() > MAX_BYTES {
        let message = format!("a scenario has at most {MAX_BYTES} bytes, this file {}", text.len());
        return Err(Mistake::new(0, message));
    }
    let (mut at, mut spare) = (0, SPARE_DOTS);
    for line in text.split_inclusive('\n') {
        // A line that begins so is a comment, or text of a string: no key stands on it.
        let prose = line.trim_start().starts_with('#');
        let dots = line.bytes().filter(|byte| *byte == b'.' && !prose).count();
        let Some(rest) = spare.checked_sub(dots.saturating_sub(DOTS_OF_A_LINE)) else {
            let message = format!(
                "too many dots: beyond {DOTS_OF_A_LINE} on each line a scenario has at most \
                 {SPARE_DOTS}"
            );
            return Err(Mistake::new(at, message));
        };
        spare = rest;
        at += line.len();
    }
    Ok(())
}
