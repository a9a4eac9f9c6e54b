//! The clock: deadlines of an adapter and the time its calls take. No verdict on a call that
//! returns depends on it.

#![expect(clippy::disallowed_types, reason = "a system under test has deadlines")]

use std::time::{Duration, Instant};

/// A moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment(Instant);

impl Moment {
    /// Now.
    pub(crate) fn now() -> Self {
        Self(Instant::now())
    }

    /// How long ago it was.
    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// What is left of a time that began here.
    pub(crate) fn left_of(self, most: Duration) -> Duration {
        most.saturating_sub(self.elapsed())
    }
}
