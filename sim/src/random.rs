//! Random numbers: from a seed one independent stream for each run and purpose.
//!
//! A stream is the ChaCha8 key stream under a key made of the seed and the purpose, with the
//! number of the run in place of the nonce. A draw added for one purpose therefore shifts no other,
//! and no run depends on how many were made before it. Nothing here depends on the machine: whole
//! numbers are drawn by the method below, real ones only from whole ones, by operations that IEEE
//! 754 rounds exactly.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// What a stream is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u64)]
pub enum Purpose {
    /// Which enabled action a random run takes.
    Choices = 1,
    /// What a swarm switches off, and how its weights are skewed.
    Swarm = 2,
    /// When clients of a load arrive.
    Arrivals = 3,
    /// Which clients arrive.
    Clients = 4,
    /// How long work takes.
    Work = 5,
    /// What users answer, and how long they think.
    Users = 6,
    /// How long clients stay logged on.
    Stays = 7,
    /// When random faults strike a provider and are repaired, and which.
    Faults = 8,
    /// Whether the environment supplies what is missing, and which scripted answers it gives.
    Environment = 9,
    /// How long calls wait before they give up.
    Patience = 10,
}

/// An endless stream of random numbers.
#[derive(Clone, Debug)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of a seed for one purpose and one run, or whatever else is numbered.
    #[must_use]
    pub fn new(seed: u64, purpose: Purpose, number: u64) -> Self {
        let mut key = *b"mapi-logon seed:\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        key[16..24].copy_from_slice(&seed.to_le_bytes());
        key[24..].copy_from_slice(&(purpose as u64).to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(number);
        Self(rng)
    }

    /// The next 64 bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A whole number below `bound`, each as likely; 0 if `bound` is 0.
    ///
    /// Lemire's method: the upper half of a 64 by 64 bit product, and a new draw for the few lower
    /// halves that would make some results likelier than others.
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        let mut wide = u128::from(self.bits()) * u128::from(bound);
        if lower(wide) < bound {
            let unfair = bound.wrapping_neg() % bound;
            while lower(wide) < unfair {
                wide = u128::from(self.bits()) * u128::from(bound);
            }
        }
        upper(wide)
    }

    /// True in `chances` of `of` cases.
    #[inline]
    pub fn happens(&mut self, chances: u64, of: u64) -> bool {
        self.below(of) < chances
    }

    /// A real number over 0 and not over 1: one of 2^53 that are equally far apart.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        let step = 1.0 / 9_007_199_254_740_992.0;
        (self.bits() >> 11).wrapping_add(1) as f64 * step
    }

    /// A real number of the exponential distribution with mean 1.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        -libm::log(self.unit())
    }

    /// A real number of the standard normal distribution, by Marsaglia's polar method.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * libm::sqrt(-2.0 * libm::log(square) / square);
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
const fn lower(wide: u128) -> u64 {
    wide as u64
}

const fn upper(wide: u128) -> u64 {
    (wide >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_the_same_everywhere() {
        let first = |purpose, number| Stream::new(7, purpose, number).bits();
        let firsts =
            [first(Purpose::Choices, 0), first(Purpose::Choices, 1), first(Purpose::Swarm, 0)];
        let pinned =
            [1_371_712_743_425_422_750, 14_690_177_159_890_836_147, 13_153_416_585_771_078_978];
        assert_eq!(firsts, pinned);
    }

    #[test]
    fn real_numbers_are_the_same_everywhere_to_the_last_bit() {
        let mut stream = Stream::new(7, Purpose::Work, 0);
        let drawn = [stream.unit(), stream.exponential(), stream.normal(), libm::exp(0.7)];
        let pinned = [
            4_599_551_627_186_492_144,
            4_609_069_754_904_535_230,
            13_828_294_531_743_550_621,
            4_611_716_986_771_507_591,
        ];
        assert_eq!(drawn.map(f64::to_bits), pinned);
    }

    #[test]
    fn every_number_below_a_bound_is_as_likely() {
        let mut stream = Stream::new(1, Purpose::Choices, 0);
        let mut counts = [0_u32; 7];
        for _ in 0..70_000 {
            counts[usize::try_from(stream.below(7)).unwrap()] += 1;
        }
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 400), "{counts:?}");
        assert_eq!((stream.below(0), stream.below(1)), (0, 0));
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut stream = Stream::new(2, Purpose::Work, 0);
        let draws = 200_000;
        let (mut exponential, mut normal, mut square) = (0.0, 0.0, 0.0);
        for _ in 0..draws {
            exponential += stream.exponential();
            let z = stream.normal();
            normal += z;
            square += z * z;
        }
        let mean = |sum: f64| sum / f64::from(draws);
        assert!((mean(exponential) - 1.0).abs() < 0.01, "{}", mean(exponential));
        assert!(mean(normal).abs() < 0.01, "{}", mean(normal));
        assert!((mean(square) - 1.0).abs() < 0.015, "{}", mean(square));
    }
}
