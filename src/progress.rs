//! Progress: a line on standard error that is overwritten while somebody watches.

use std::io::{self, IsTerminal, Write};

use mapi_logon_checker::Pulse;

use crate::render::text::{count, grouped};

/// The line; silent unless standard error is a terminal.
#[derive(Clone, Copy, Debug)]
pub struct ProgressLine {
    watched: bool,
}

impl ProgressLine {
    /// Begins to show progress if somebody can see it.
    #[must_use]
    pub fn begin() -> Self {
        Self { watched: io::stderr().is_terminal() }
    }

    /// Shows how far a search is.
    pub fn search(self, pulse: &Pulse) {
        self.line(&search(pulse));
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

    /// Nobody may be listening, so errors are no errors. What does not fit is not wrapped, since
    /// only one line is taken away again.
    fn line(self, text: &str) {
        if self.watched {
            let mut stderr = io::stderr().lock();
            write!(stderr, "\r\u{1b}[K\u{1b}[?7l{text}\u{1b}[?7h").unwrap_or_default();
            stderr.flush().unwrap_or_default();
        }
    }
}

/// How far a search is, in words.
fn search(pulse: &Pulse) -> String {
    let rate = pulse.rate.round().max(0.0);
    let trend = if pulse.growing { "growing" } else { "shrinking" };
    let mut text = format!(
        "{}, {}/s, depth {}, frontier {} {trend}, {} MB",
        count(pulse.states, "state"),
        short(rate),
        pulse.depth,
        short(pulse.frontier as f64),
        grouped(pulse.bytes / 1_000_000),
    );
    if let Some(left) = pulse.left {
        text += &format!(", about {} left", short(left as f64));
        if rate > 0.0 {
            text += &format!(", {}", clock(left as f64 / rate));
        }
    }
    text
}

/// A number in three digits or so.
fn short(number: f64) -> String {
    for (factor, unit) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] {
        if number >= factor {
            return format!("{:.1}{unit}", number / factor);
        }
    }
    format!("{number:.0}")
}

/// Seconds as people say them.
fn clock(seconds: f64) -> String {
    match seconds {
        ..100.0 => format!("{seconds:.0} s"),
        100.0..6_000.0 => format!("{:.0} min", seconds / 60.0),
        _ => format!("{:.0} h", seconds / 3_600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PULSE: Pulse = Pulse {
        states: 1_234_567,
        rate: 456_789.0,
        depth: 31,
        frontier: 98_765,
        growing: true,
        bytes: 123_456_789,
        left: None,
    };

    #[test]
    fn growing_search_shows_its_progress_but_no_estimate() {
        assert_eq!(
            search(&PULSE),
            "1 234 567 states, 456.8k/s, depth 31, frontier 98.8k growing, 123 MB"
        );
    }

    #[test]
    fn shrinking_search_estimates_what_is_left() {
        let pulse = Pulse { growing: false, left: Some(91_357_800), ..PULSE };
        assert!(
            search(&pulse).ends_with("frontier 98.8k shrinking, 123 MB, about 91.4M left, 3 min")
        );
        let stalled = Pulse { rate: 0.0, ..pulse };
        assert!(search(&stalled).ends_with("about 91.4M left"));
    }
}
