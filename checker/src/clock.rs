//! The one clock of the checker: it ends searches and measures them, and no verdict depends on it.

#![expect(clippy::disallowed_types, reason = "a limit on time needs a clock")]

use std::time::{Duration, Instant};

/// A moment from which time is measured.
#[derive(Clone, Copy)]
pub(crate) struct Clock(Instant);

impl Clock {
    /// Starts now.
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// The moment itself, for timely, which cannot wait without a clock.
    pub(crate) fn moment(self) -> Instant {
        self.0
    }

    /// The time since the start.
    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
