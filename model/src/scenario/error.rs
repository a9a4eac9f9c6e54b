//! Errors in scenario files, and their places.

use std::fmt::{self, Display};

use toml::de::{DeTable, DeValue};

use crate::suggest::place;

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

impl Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ScenarioError {}

impl ScenarioError {
    /// An error in a section of a file that can be read: the section under `key`, or that `item`
    /// of the list there, counted from 0. Where there is none it is placed at the head of the file.
    #[must_use]
    pub fn in_section(text: &str, key: &str, item: usize, message: String) -> Self {
        Mistake::new(message).under(item).under(key).placed(text)
    }

    /// An error at byte `at` of `text`.
    pub(super) fn at(text: &str, at: usize, message: String) -> Self {
        let (line, column) = place(text, at);
        Self { line, column, message }
    }
}

/// An error in what a file says, and the keys and positions that lead to it, joined with dots.
#[derive(Debug)]
pub(super) struct Mistake {
    message: String,
    path: String,
    /// Is the last key wrong, and not its value?
    in_key: bool,
}

/// The resolved value, or the error.
pub(super) type Resolved<T = ()> = Result<T, Mistake>;

impl Mistake {
    /// An error in a value; callers add the way to it.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), path: String::new(), in_key: false }
    }

    /// An error in a key of a table.
    pub(super) fn in_key(key: &str, message: impl Into<String>) -> Self {
        Self { in_key: true, ..Self::new(message).under(key) }
    }

    /// The error at its place in the text of the file, or as near as the path leads.
    pub(super) fn placed(self, text: &str) -> ScenarioError {
        let (mut key_at, mut at) = (0, 0);
        if let Ok(document) = DeTable::parse(text) {
            let root = DeValue::Table(document.into_inner());
            let mut value = &root;
            for step in self.path.split('.') {
                let entry = value.as_table().and_then(|table| table.get_key_value(step));
                let item = || value.get(step.parse::<usize>().ok()?);
                key_at = entry.map_or(key_at, |(key, _)| key.span().start);
                let Some(found) = entry.map(|(_, value)| value).or_else(item) else {
                    break;
                };
                (at, value) = (found.span().start, found.get_ref());
            }
        }
        ScenarioError::at(text, if self.in_key { key_at } else { at }, self.message)
    }
}

/// Adds the way to an error.
pub(super) trait Within {
    /// The error, if there is one, is under this key or at this position.
    fn under(self, step: impl Display) -> Self;
}

impl Within for Mistake {
    fn under(mut self, step: impl Display) -> Self {
        self.path = format!("{step}.{}", self.path);
        self
    }
}

impl<T> Within for Resolved<T> {
    fn under(self, step: impl Display) -> Self {
        self.map_err(|mistake| mistake.under(step))
    }
}
