//! Limits, interrupts and progress reports, shared by the workers of one process.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use crate::clock::Clock;
use crate::options::{Options, Pulse};
use crate::report::End;
use crate::search::search_stats::SearchStats;

/// The time between two progress reports.
const BEAT: Duration = Duration::from_millis(250);

/// What the workers of a process share.
pub(crate) struct Control<'a> {
    options: &'a Options<'a>,
    start: Clock,
    halt: AtomicU8,
    full: AtomicU8,
    usage: Vec<Usage>,
    level: Mutex<LevelProgress>,
    unsaved: OnceLock<String>,
}

/// The states and bytes that one worker keeps, on a cache line of their own.
#[derive(Default)]
#[repr(align(64))]
struct Usage {
    states: AtomicU64,
    bytes: AtomicU64,
}

/// The level being expanded, and the last progress report.
#[derive(Clone, Copy, Default)]
struct LevelProgress {
    depth: u32,
    /// Its states.
    frontier: u64,
    /// States of the level before.
    before: u64,
    /// States of the largest level so far.
    largest: u64,
    /// States of all levels so far, if what is left can be estimated from it.
    known: Option<u64>,
    /// The time of the last report, in seconds.
    last: f64,
    /// The states then.
    states: u64,
}

impl<'a> Control<'a> {
    /// For the `workers` workers of this process.
    pub(crate) fn new(options: &'a Options<'a>, workers: usize) -> Self {
        Self {
            options,
            start: Clock::start(),
            halt: AtomicU8::new(0),
            full: AtomicU8::new(0),
            usage: (0..workers).map(|_| Usage::default()).collect(),
            level: Mutex::default(),
            unsaved: OnceLock::new(),
        }
    }

    /// Notes that no checkpoint can be written any more; the first reason counts.
    pub(crate) fn cannot_save(&self, reason: impl ToString) {
        self.unsaved.get_or_init(|| reason.to_string());
    }

    /// Why no checkpoint can be written any more, if so.
    pub(crate) fn unsaved(&self) -> Option<&str> {
        self.unsaved.get().map(String::as_str)
    }

    /// Workers of this process.
    pub(crate) fn workers(&self) -> usize {
        self.usage.len()
    }

    /// Seconds since the search began.
    pub(crate) fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    /// Why the level must be left at once, if so.
    #[inline]
    pub(crate) fn halt(&self) -> Option<End> {
        match self.halt.load(Ordering::Relaxed) {
            0 => None,
            1 => Some(End::Time),
            _ => Some(End::Interrupted),
        }
    }

    /// Checks time and interrupt. Returns why the level must be left at once, if so.
    pub(crate) fn check(&self) -> Option<End> {
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

    /// Records the usage of a worker and checks all limits. Workers call it every few thousand
    /// steps.
    pub(crate) fn record(&self, worker: usize, states: usize, bytes: usize) {
        let usage = &self.usage[worker];
        usage.states.store(states as u64, Ordering::Relaxed);
        usage.bytes.store(bytes as u64, Ordering::Relaxed);
        let limits = self.options.limits;
        if limits.states.is_some_and(|most| self.states() > most) {
            self.full.fetch_max(1, Ordering::Relaxed);
        }
        if limits.bytes.is_some_and(|most| self.bytes() > most) {
            self.full.fetch_max(2, Ordering::Relaxed);
        }
        self.check();
        if worker == 0 {
            self.report();
        }
    }

    /// Begins the next level. Worker 0 calls it.
    pub(crate) fn begin_level(&self, stats: &SearchStats) {
        self.begin(stats.depth(), stats.frontier(), Some(stats.states()));
    }

    /// Begins to expand what is `depth` steps away while `frontier` states wait.
    pub(crate) fn begin(&self, depth: u32, frontier: u64, known: Option<u64>) {
        if let Ok(mut level) = self.level.lock() {
            level.before = level.frontier;
            level.depth = depth;
            level.frontier = frontier;
            level.largest = level.largest.max(frontier);
            level.known = known;
        }
    }

    /// Reports the progress, if it is time.
    fn report(&self) {
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
            left: left(&level, states),
        };
        level.last = now;
        level.states = states;
        drop(level);
        watch(&pulse);
    }

    fn states(&self) -> u64 {
        let states = |usage: &Usage| usage.states.load(Ordering::Relaxed);
        self.usage.iter().map(states).sum()
    }

    fn bytes(&self) -> u64 {
        let bytes = |usage: &Usage| usage.bytes.load(Ordering::Relaxed);
        self.usage.iter().map(bytes).sum()
    }
}

/// The states still to be found if every level shrinks by the same factor as the last: a geometric
/// series, less the successors of this level found already. There is no estimate while levels are
/// nearly as large as the largest.
fn left(level: &LevelProgress, states: u64) -> Option<u64> {
    let shrinks = level.frontier < level.before && level.frontier < level.largest / 10 * 9;
    let known = level.known.filter(|_| shrinks)?;
    let (frontier, before) = (u128::from(level.frontier), u128::from(level.before));
    let all = frontier * frontier / (before - frontier);
    let found = u128::from(states.saturating_sub(known));
    Some(u64::try_from(all.saturating_sub(found)).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halving_levels_leave_as_many_states_as_the_last_has() {
        let level = LevelProgress {
            before: 2000,
            frontier: 1000,
            largest: 3000,
            known: Some(50),
            ..LevelProgress::default()
        };
        assert_eq!(left(&level, 50), Some(1000));
        assert_eq!(left(&level, 250), Some(800));
        let summit = LevelProgress { largest: 1100, ..level };
        assert_eq!(left(&summit, 50), None);
        assert_eq!(left(&LevelProgress { before: 5, frontier: 5, ..level }, 50), None);
    }
}
