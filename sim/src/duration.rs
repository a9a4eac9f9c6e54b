//! Durations: whole nanoseconds, drawn from a distribution.

use mapi_logon_model::scenario::Distribution;

use crate::random::Stream;

/// A moment or a duration of virtual time, in nanoseconds; the greatest stands for never.
pub type Nanos = u64;

/// The standard normal value that 95 in 100 stay below.
const NORMAL_95: f64 = 1.644_853_626_951_472_2;

/// A distribution, ready to be drawn from.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Sampler {
    /// Always the same.
    Constant(Nanos),
    /// Each of `count` durations, from `low` on, is equally likely.
    Uniform {
        /// The least.
        low: Nanos,
        /// How many.
        count: u64,
    },
    /// Memoryless, with this mean in nanoseconds.
    Exponential(f64),
    /// The logarithm, in nanoseconds, is normal.
    Lognormal {
        /// Its mean.
        centre: f64,
        /// Its standard deviation.
        spread: f64,
    },
}

impl Sampler {
    /// Prepares a distribution of milliseconds.
    #[must_use]
    pub fn new(distribution: Distribution) -> Self {
        match distribution {
            Distribution::Constant(ms) => Self::Constant(from_ms(ms)),
            Distribution::Uniform(low, high) => {
                let (low, high) = (from_ms(low), from_ms(high));
                Self::Uniform { low, count: high.saturating_sub(low).saturating_add(1) }
            }
            Distribution::Exponential(mean) => Self::Exponential(mean * 1e6),
            Distribution::Lognormal(median, p95) => Self::Lognormal {
                centre: libm::log(median * 1e6),
                spread: libm::log(p95 / median) / NORMAL_95,
            },
        }
    }

    /// Draws a duration.
    #[inline]
    pub fn draw(&self, stream: &mut Stream) -> Nanos {
        match *self {
            Self::Constant(nanos) => nanos,
            Self::Uniform { low, count } => low.saturating_add(stream.below(count)),
            Self::Exponential(mean) => nearest(mean * stream.exponential()),
            Self::Lognormal { centre, spread } => {
                nearest(libm::exp(centre + spread * stream.normal()))
            }
        }
    }
}

/// Milliseconds as nanoseconds.
#[must_use]
pub fn from_ms(ms: f64) -> Nanos {
    nearest(ms * 1e6)
}

/// Seconds as nanoseconds.
#[must_use]
pub fn from_seconds(seconds: f64) -> Nanos {
    nearest(seconds * 1e9)
}

/// Nanoseconds as seconds, for reports.
#[must_use]
pub fn seconds(nanos: Nanos) -> f64 {
    nanos as f64 / 1e9
}

/// Nanoseconds as milliseconds, for reports.
#[must_use]
pub fn ms(nanos: Nanos) -> f64 {
    nanos as f64 / 1e6
}

/// The nearest whole number.
fn nearest(value: f64) -> u64 {
    whole(value + 0.5)
}

/// The whole part; too large a value is never.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "conversion saturates, the same on every machine"
)]
pub(crate) const fn whole(value: f64) -> u64 {
    value as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    fn drawn(distribution: Distribution, count: usize) -> Vec<Nanos> {
        let sampler = Sampler::new(distribution);
        let mut stream = Stream::new(5, Purpose::Work, 0);
        let mut drawn: Vec<_> = (0..count).map(|_| sampler.draw(&mut stream)).collect();
        drawn.sort_unstable();
        drawn
    }

    #[test]
    fn constants_and_bounds_are_exact() {
        assert_eq!(drawn(Distribution::Constant(2.5), 1), [2_500_000]);
        let uniform = drawn(Distribution::Uniform(1.0, 1.000_003), 1000);
        assert_eq!((uniform[0], uniform[999]), (1_000_000, 1_000_003));
        let same = drawn(Distribution::Lognormal(3.0, 3.0), 10);
        assert!(same.iter().all(|nanos| nanos.abs_diff(3_000_000) <= 1), "{same:?}");
    }

    #[test]
    fn median_and_percentile_are_those_asked_for() {
        let sorted = drawn(Distribution::Lognormal(4000.0, 20_000.0), 100_000);
        let (median, p95) = (ms(sorted[50_000]), ms(sorted[95_000]));
        assert!((median / 4000.0 - 1.0).abs() < 0.02, "{median}");
        assert!((p95 / 20_000.0 - 1.0).abs() < 0.03, "{p95}");
    }

    #[test]
    fn too_long_is_never() {
        assert_eq!(from_seconds(1e12), Nanos::MAX);
        assert_eq!((from_seconds(1.5), from_ms(0.000_001)), (1_500_000_000, 1));
    }
}
