//! How far is it? A line on standard error that is overwritten while somebody watches.

use std::io::{self, IsTerminal, Write};

use mapi_logon_checker::Pulse;

use crate::render::text::{count, grouped};

/// The line; silent unless standard error is a terminal.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    watched: bool,
}

impl Progress {
    /// Begins to show progress if somebody can see it.
    #[must_use]
    pub fn begin() -> Self {
        Self {
            watched: io::stderr().is_terminal(),
        }
    }

    /// Shows how far a search is.
    pub fn search(self, pulse: &Pulse) {
        let left = pulse.left.map_or_else(String::new, |left| {
            format!(", about {} left", grouped(left))
        });
        self.line(&format!(
            "{}, {:.0}/s, depth {}, {} MB{left}",
            count(pulse.states, "state"),
            pulse.rate,
            pulse.depth,
            grouped(pulse.bytes / 1_000_000),
        ));
    }

    /// Shows how many runs have been made.
    pub fn runs(self, made: u64, of: u64) {
        self.line(&format!("{} of {}", grouped(made), count(of, "run")));
    }

    /// Shows what is being done.
    pub fn say(self, what: &str) {
        self.line(what);
    }

    /// Takes the line away.
    pub fn end(self) {
        self.line("");
    }

    /// Nobody may be listening, so errors are no errors.
    fn line(self, text: &str) {
        if self.watched {
            let mut stderr = io::stderr().lock();
            write!(stderr, "\r\u{1b}[K{text}").unwrap_or_default();
            stderr.flush().unwrap_or_default();
        }
    }
}
