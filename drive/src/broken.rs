//! An adapter that breaks the protocol: the line, and what was expected.

use std::fmt::{self, Display, Formatter};

/// How many lines of standard error are shown.
const SHOWN: usize = 20;

/// An adapter that breaks the protocol.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Broken {
    /// What is wrong.
    pub what: String,
    /// The line, if it is about one.
    pub line: Option<String>,
    /// What was expected instead.
    pub expected: String,
    /// The last lines of its standard error.
    pub complaints: Vec<String>,
    /// How it ended, if it did.
    pub ended: Option<String>,
}

impl Broken {
    pub(crate) fn new(what: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { what: what.into(), expected: expected.into(), ..Self::default() }
    }

    /// A line that is no message, and why it is none.
    pub(crate) fn garbage(line: String, why: &str) -> Self {
        let expected = if line.trim_start().starts_with('{') {
            "a message with the keys and types of docs/drive-protocol.md; `session` and `identity` \
             are whole numbers from 1"
        } else {
            "one JSON object with a known `op`; did the system print to standard output?"
        };
        Self::new(format!("a line is no message: {why}"), expected).at(line)
    }

    pub(crate) fn at(mut self, line: impl Into<String>) -> Self {
        self.line = Some(line.into());
        self
    }
}

impl Display for Broken {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "the adapter breaks the protocol: {}", self.what)?;
        if let Some(line) = &self.line {
            write!(f, "\n  line: {line}")?;
        }
        write!(f, "\n  expected: {}", self.expected)?;
        let first = self.complaints.len().saturating_sub(SHOWN);
        for line in &self.complaints[first..] {
            write!(f, "\n  stderr: {line}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Broken {}
