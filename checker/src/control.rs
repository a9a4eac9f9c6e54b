//! When must a search end early, and how far is it?
//!
//! The workers of one process publish what they hold and read here whether to go on.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use crate::options::{Options, Pulse};
use crate::report::End;

/// How often somebody who watches is told.
const BEAT: Duration = Duration::from_millis(250);

/// What the workers of a process share.
pub(crate) struct Control<'a> {
    options: &'a Options<'a>,
    start: Clock,
    halt: AtomicU8,
    full: AtomicU8,
    held: Vec<Held>,
    level: Mutex<Progress>,
}

/// What one worker holds.
#[derive(Default)]
#[repr(align(64))]
struct Held {
    states: AtomicU64,
    bytes: AtomicU64,
}

#[derive(Clone, Copy, Default)]
struct Progress {
    depth: u32,
    frontier: u64,
    before: u64,
    /// The largest level so far.
    largest: u64,
    known: u64,
    last: f64,
    states: u64,
}

impl<'a> Control<'a> {
    /// For so many workers of this process.
    pub(crate) fn new(options: &'a Options<'a>, workers: usize) -> Self {
        Self {
            options,
            start: Clock::start(),
            halt: AtomicU8::new(0),
            full: AtomicU8::new(0),
            held: (0..workers).map(|_| Held::default()).collect(),
            level: Mutex::default(),
        }
    }

    /// Workers of this process.
    pub(crate) fn workers(&self) -> usize {
        self.held.len()
    }

    /// Seconds since the search began.
    pub(crate) fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    /// Why the level has to be left at once, if so.
    #[inline]
    pub(crate) fn halt(&self) -> Option<End> {
        match self.halt.load(Ordering::Relaxed) {
            0 => None,
            1 => Some(End::Time),
            _ => Some(End::Interrupted),
        }
    }

    /// Looks at the clock and at the flag, and tells why to stop at once, if so.
    pub(crate) fn look(&self) -> Option<End> {
        let Options { limits, interrupt, .. } = self.options;
        if limits.time.is_some_and(|most| self.start.elapsed() > most) {
            self.halt.fetch_max(1, Ordering::Relaxed);
        }
        if interrupt.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            self.halt.fetch_max(2, Ordering::Relaxed);
        }
        self.halt()
    }

    /// Why no more states can be kept, if so.
    #[inline]
    pub(crate) fn full(&self) -> Option<End> {
        match self.full.load(Ordering::Relaxed) {
            0 => None,
            1 => Some(End::States),
            _ => Some(End::Memory),
        }
    }

    /// Told by worker `worker` of this process, every few thousand steps, what it holds.
    pub(crate) fn hold(&self, worker: usize, states: usize, bytes: usize) {
        self.held[worker].states.store(states as u64, Ordering::Relaxed);
        self.held[worker].bytes.store(bytes as u64, Ordering::Relaxed);
        let limits = self.options.limits;
        if limits.states.is_some_and(|most| self.states() > most) {
            self.full.fetch_max(1, Ordering::Relaxed);
        }
        if limits.bytes.is_some_and(|most| self.bytes() > most) {
            self.full.fetch_max(2, Ordering::Relaxed);
        }
        self.look();
        if worker == 0 {
            self.beat();
        }
    }

    /// Told by worker 0 of this process that a level begins, of so many states, when so many are
    /// known in all.
    pub(crate) fn begin(&self, depth: u32, frontier: u64, known: u64) {
        if let Ok(mut level) = self.level.lock() {
            level.before = level.frontier;
            level.depth = depth;
            level.frontier = frontier;
            level.largest = level.largest.max(frontier);
            level.known = known;
        }
    }

    fn beat(&self) {
        let Some(watch) = self.options.watch else {
            return;
        };
        let Ok(mut level) = self.level.lock() else {
            return;
        };
        let now = self.seconds();
        let passed = now - level.last;
        if passed < BEAT.as_secs_f64() {
            return;
        }
        let states = self.states();
        let pulse = Pulse {
            states,
            rate: states.saturating_sub(level.states) as f64 / passed,
            depth: level.depth,
            frontier: level.frontier,
            growing: level.frontier > level.before,
            bytes: self.bytes(),
            left: left(&level, self.states()),
        };
        level.last = now;
        level.states = states;
        drop(level);
        watch(&pulse);
    }

    fn states(&self) -> u64 {
        self.held.iter().map(|held| held.states.load(Ordering::Relaxed)).sum()
    }

    fn bytes(&self) -> u64 {
        self.held.iter().map(|held| held.bytes.load(Ordering::Relaxed)).sum()
    }
}

/// States still to be found if every level is smaller than the one before by the same factor as the
/// last, less those of this level's successors found already. While levels are nearly as large as
/// ever that says nothing.
fn left(level: &Progress, states: u64) -> Option<u64> {
    let shrinks = level.frontier < level.before && level.frontier < level.largest / 10 * 9;
    shrinks.then(|| {
        let (frontier, before) = (u128::from(level.frontier), u128::from(level.before));
        let all = frontier * frontier / (before - frontier);
        let found = u128::from(states.saturating_sub(level.known));
        u64::try_from(all.saturating_sub(found)).unwrap_or(u64::MAX)
    })
}

/// The one clock of the checker: it ends searches and measures them, and no verdict depends on it.
pub(crate) use clock::Clock;

#[expect(clippy::disallowed_types, reason = "a limit on time needs a clock")]
mod clock {
    use std::time::{Duration, Instant};

    /// Time since a moment.
    #[derive(Clone, Copy)]
    pub(crate) struct Clock(Instant);

    impl Clock {
        /// Starts to count now.
        pub(crate) fn start() -> Self {
            Self(Instant::now())
        }

        /// The moment itself, for timely, which cannot wait without a clock.
        pub(crate) fn moment(self) -> Instant {
            self.0
        }

        /// Time since then.
        pub(crate) fn elapsed(self) -> Duration {
            self.0.elapsed()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halving_levels_leave_as_many_states_as_the_last_has() {
        let level = Progress {
            before: 2000,
            frontier: 1000,
            largest: 3000,
            known: 50,
            ..Progress::default()
        };
        assert_eq!(left(&level, 50), Some(1000));
        assert_eq!(left(&level, 250), Some(800));
        let summit = Progress { largest: 1100, ..level };
        assert_eq!(left(&summit, 50), None);
        assert_eq!(left(&Progress { before: 5, frontier: 5, ..level }, 50), None);
    }
}
