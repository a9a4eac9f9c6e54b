//! Reading of a scenario file: TOML, then the types of the file, up to the first error.

use std::ops::Range;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use toml::de::DeTable;

use super::ScenarioFile;
use crate::scenario::error::ScenarioError;
use crate::scenario::load::Timing;
use crate::suggest::{quoted, reworded};

/// Most bytes of a scenario file.
pub const MAX_BYTES: usize = 256 * 1024;

/// Dots that any line may have; more are charged to [`SPARE_DOTS`].
const DOTS_OF_A_LINE: usize = 8;

/// Dots the file may have beyond [`DOTS_OF_A_LINE`], all lines together.
const SPARE_DOTS: usize = 400;

impl ScenarioFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ScenarioError`] for the first error: TOML that cannot be read, an unknown key, a value
    /// of a wrong type, a key that is missing.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        check_extent(text)?;
        let document = DeTable::parse(text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            let place = match text.get(span.clone()).map_or("", str::trim) {
                "" => String::new(),
                place => format!(" at {}", quoted(place)),
            };
            let message = format!("not valid TOML{place}: {}", error.message());
            ScenarioError::at(text, span.start, message)
        })?;
        Self::deserialize(toml::de::Deserializer::from(document)).map_err(|error| {
            let span = error.span().unwrap_or_default();
            let at = span.start;
            ScenarioError::at(text, at, message(error.message(), text, span))
        })
    }
}

/// The error in the value, section or key that has this span.
fn message(told: &str, text: &str, span: Range<usize>) -> String {
    let before = text.get(..span.start).unwrap_or_default().trim_end();
    let written = text.get(span).unwrap_or_default();
    let key = before.strip_suffix('=').map(str::trim_end);
    let key = key.and_then(|key| key.rsplit([' ', '\t', '\n', ',', '{']).next());
    let key = key.map(|key| key.trim_matches(['"', '\'']));
    let name = key.map_or_else(|| "an element".to_owned(), quoted);
    let (header, inline) = (written.trim_matches(['[', ']']), written.starts_with('{'));
    let durations = Timing::default().named();
    let is_duration = || durations.iter().any(|(known, _)| key == Some(known));
    match told {
        "invalid type: map, expected a sequence" if !inline => {
            format!("{} must be written as [[{header}]]", quoted(written))
        }
        "invalid type: sequence, expected a table" if written.starts_with("[[") => {
            format!("{} must be written as [{header}]", quoted(written))
        }
        "integer number overflowed" => format!("{name} has too many digits"),
        // The words of `toml` for a value that is no variant of an enum.
        "wanted string or table" if is_duration() => {
            format!("{name} must be a table such as {{ constant = 2 }}")
        }
        "wanted string or table" => format!("{name} must be a string"),
        _ if told.starts_with("expected tuple") => format!("{name} must be a list of two numbers"),
        _ if told.starts_with("wanted exactly 1 element") => {
            format!("{name} must have exactly one key, such as {{ constant = 2 }}")
        }
        _ => reworded(told, &name, if inline { "the table" } else { written }),
    }
}

/// Keeps reading cheap: a bound on the text, and on how deep dotted keys can nest tables, as the
/// tables of `toml` are dropped by recursion. A key stands on one line, so dots per line bound it.
fn check_extent(text: &str) -> Result<(), ScenarioError> {
    if text.len() > MAX_BYTES {
        let length = text.len();
        let message = format!("a scenario has at most {MAX_BYTES} bytes, this file {length}");
        return Err(ScenarioError::at(text, 0, message));
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
            return Err(ScenarioError::at(text, at, message));
        };
        spare = rest;
        at += line.len();
    }
    Ok(())
}

/// A table: derived code takes lists for structs, too, which are no sections.
struct Table<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Tables<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Tables<T> {
            type Value = Table<T>;

            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("a table")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Table<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Table)
            }
        }
        deserializer.deserialize_map(Tables(std::marker::PhantomData))
    }
}

/// Reads a section.
pub(super) fn section<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Table::deserialize(deserializer).map(|Table(section)| section)
}

/// Reads sections of one name.
pub(super) fn sections<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let tables = Vec::deserialize(deserializer)?;
    Ok(tables.into_iter().map(|Table(section)| section).collect())
}

/// Reads a section that need not be there.
pub(super) fn optional<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    section(deserializer).map(Some)
}
