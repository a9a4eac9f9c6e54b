//! Measurements of logons: waits, work and results of a load, in bounded memory.

use hdrhistogram::Histogram;
use mapi_logon_model::mapi::Code;

use crate::duration::{Nanos, ms};

/// The longest duration that a histogram resolves: over 100 years.
const LONGEST: Nanos = 1 << 62;

/// A distribution of durations: percentiles to three digits, mean and maximum exactly.
#[derive(Clone, Debug)]
pub struct Latency {
    histogram: Histogram<u64>,
    sum: u128,
    max: Nanos,
}

/// The figures of a [`Latency`], in milliseconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Figures {
    /// The mean.
    pub mean: f64,
    /// The median.
    pub p50: f64,
    /// The 90th percentile.
    pub p90: f64,
    /// The 99th percentile.
    pub p99: f64,
    /// The 99.9th percentile.
    pub p999: f64,
    /// The maximum.
    pub max: f64,
}

impl Default for Latency {
    fn default() -> Self {
        // The bounds are constants that the crate accepts.
        let histogram = Histogram::new_with_bounds(1, LONGEST, 3);
        let histogram = histogram.unwrap_or_else(|_| unreachable!("admissible bounds"));
        Self { histogram, sum: 0, max: 0 }
    }
}

impl Latency {
    /// Adds a duration.
    pub fn record(&mut self, nanos: Nanos) {
        self.histogram.saturating_record(nanos);
        self.sum += u128::from(nanos);
        self.max = self.max.max(nanos);
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.histogram.len()
    }

    /// Mean, percentiles and maximum; zero where there is nothing.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let at = |quantile| ms(self.histogram.value_at_quantile(quantile).min(self.max));
        let count = self.count().max(1) as f64;
        Figures {
            mean: self.sum as f64 / count / 1e6,
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: ms(self.max),
        }
    }
}

impl Figures {
    /// Every figure under its name in JSON.
    #[must_use]
    pub const fn named(&self) -> [(&'static str, f64); 6] {
        [
            ("mean", self.mean),
            ("p50", self.p50),
            ("p90", self.p90),
            ("p99", self.p99),
            ("p999", self.p999),
            ("max", self.max),
        ]
    }
}

/// Measurements of the `MAPILogonEx` calls of a load.
#[derive(Clone, Debug, Default)]
pub struct Logons {
    /// Calls made.
    pub calls: u64,
    /// Wait for the mutex: from the call to T-6, or T-7.
    pub wait: Latency,
    /// Time in which the mutex was held: from T-6 to the return.
    pub work: Latency,
    /// From the call to the return, of calls that asked for the mutex.
    pub total: Latency,
    /// Calls that returned `S_OK`.
    pub served: u64,
    /// Calls that returned something else.
    pub failed: u64,
    /// When the last call was made.
    pub last_call: Nanos,
    /// When the last call returned.
    pub last_return: Nanos,
}

/// A `MAPILogonEx` call.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct LogonCall {
    /// Its number, over all clients; 0 before the first.
    pub(super) number: u64,
    /// When it was made.
    pub(super) called: Nanos,
    /// It has asked for the mutex.
    pub(super) asked: bool,
    /// When it took the mutex, if it did.
    pub(super) taken: Option<Nanos>,
}

impl LogonCall {
    /// How long it waited for the mutex, if it has returned at this time.
    pub(super) fn wait(&self, at: Nanos) -> Nanos {
        self.taken.unwrap_or(at) - self.called
    }
}

impl Logons {
    /// Adds a call that returns this code.
    pub(super) fn record(&mut self, call: &LogonCall, at: Nanos, code: Code) {
        self.last_return = self.last_return.max(at);
        if code == Code::Ok {
            self.served += 1;
        } else {
            self.failed += 1;
        }
        if call.asked {
            self.wait.record(call.wait(at));
            self.total.record(at - call.called);
        }
        if let Some(taken) = call.taken {
            self.work.record(at - taken);
        }
    }

    /// Calls that returned without the mutex they had asked for.
    #[must_use]
    pub fn gave_up(&self) -> u64 {
        self.wait.count() - self.work.count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_exact_to_three_digits() {
        let mut latency = Latency::default();
        (1..=1000).for_each(|number| latency.record(number * 1_000_000));
        let figures = latency.figures();
        assert_eq!((figures.mean, figures.max), (500.5, 1000.0));
        for (found, wanted) in [(figures.p50, 500.0), (figures.p90, 900.0), (figures.p999, 999.0)] {
            assert!((found / wanted - 1.0).abs() < 0.001, "{found} {wanted}");
        }
        let nothing = Latency::default().figures();
        assert_eq!(nothing.named().map(|(_, figure)| figure), [0.0; 6]);
    }
}
