//! Progress on standard error: a line that is overwritten on a terminal, a line now and then off
//! one, nothing with `--quiet`.

#![expect(clippy::disallowed_types, reason = "progress has a clock, results do not")]

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mapi_logon_checker::Pulse;

use crate::output;
use crate::render::text::{count, grouped};

/// Seconds from one line to the next off a terminal.
const EVERY: u64 = 10;

/// Seconds after the beginning at which the next line is due off a terminal.
static NEXT: AtomicU64 = AtomicU64::new(EVERY);

/// How far the work of a command is.
#[derive(Clone, Copy, Debug)]
pub struct ProgressLine {
    seen: Seen,
    begun: Instant,
}

/// Who sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// Nobody.
    Never,
    /// Somebody at a terminal.
    Always,
    /// Who reads a log.
    NowAndThen,
}

impl ProgressLine {
    /// Begins to show progress.
    #[must_use]
    pub fn begin() -> Self {
        let seen = match (output::is_quiet(), io::stderr().is_terminal()) {
            (true, _) => Seen::Never,
            (false, true) => Seen::Always,
            (false, false) => Seen::NowAndThen,
        };
        NEXT.store(EVERY, Ordering::Relaxed);
        Self { seen, begun: Instant::now() }
    }

    /// Shows how far a search is.
    pub fn search(self, pulse: &Pulse) {
        self.line(&search(pulse));
    }

    /// Shows how far a search is that is one of several.
    pub fn search_of(self, phase: &str, pulse: &Pulse) {
        self.line(&format!("{phase}: {}", search(pulse)));
    }

    /// How long the work takes so far.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        self.begun.elapsed()
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
        if self.seen == Seen::Always {
            self.line("");
        }
    }

    /// Nobody may be listening, so errors are no errors. What does not fit is not wrapped, since
    /// only one line is taken away again.
    fn line(self, text: &str) {
        match self.seen {
            Seen::Never => {}
            Seen::Always => {
                let mut stderr = io::stderr().lock();
                write!(stderr, "\r\u{1b}[K\u{1b}[?7l{text}\u{1b}[?7h").unwrap_or_default();
                stderr.flush().unwrap_or_default();
            }
            Seen::NowAndThen => {
                let now = self.begun.elapsed().as_secs();
                let next = NEXT.load(Ordering::Relaxed);
                let due = now >= next;
                let order = Ordering::Relaxed;
                if due && NEXT.compare_exchange(next, now + EVERY, order, order).is_ok() {
                    output::complain(&format!("{now} s: {text}"));
                }
            }
        }
    }
}

/// How far a search is, in words.
fn search(pulse: &Pulse) -> String {
    let rate = pulse.rate.round().max(0.0);
    let trend = if pulse.growing { "growing" } else { "shrinking" };
    let mut text = format!(
        "{}, {}/s, depth {}, frontier {} {trend}, {} MB, {:.1} bytes per state",
        count(pulse.states, "state"),
        short(rate),
        pulse.depth,
        short(pulse.frontier as f64),
        grouped(pulse.bytes / 1_000_000),
        pulse.bytes as f64 / pulse.states.max(1) as f64,
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
        bytes: 12_345_678,
        left: None,
    };

    #[test]
    fn growing_search_shows_its_progress_but_no_estimate() {
        assert_eq!(
            search(&PULSE),
            "1 234 567 states, 456.8k/s, depth 31, frontier 98.8k growing, 12 MB, \
             10.0 bytes per state"
        );
    }

    #[test]
    fn shrinking_search_estimates_what_is_left() {
        let pulse = Pulse { growing: false, left: Some(91_357_800), ..PULSE };
        assert!(search(&pulse).ends_with("10.0 bytes per state, about 91.4M left, 3 min"));
        assert!(search(&pulse).contains("frontier 98.8k shrinking"));
        let stalled = Pulse { rate: 0.0, ..pulse };
        assert!(search(&stalled).ends_with("about 91.4M left"));
    }
}
