//! Hashing: which worker owns a state, and where the visited set looks for its code.
//!
//! Nothing depends on hashes being different: [`hash`] only chooses, [`scatter`] loses nothing.

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
const SEED: u64 = 0x243f_6a88_85a3_08d3;

/// The hash of an encoded state. Processes and checkpoints must agree on it.
#[inline]
pub(crate) fn hash(state: &[u64]) -> u64 {
    state.iter().fold(SEED, |hash, word| fold(hash ^ word, MULTIPLIER))
}

/// The worker, of `peers`, that owns the states with this hash.
#[inline]
pub(crate) fn owner(hash: u64, peers: usize) -> usize {
    index((u64::from(low32(hash)) * peers as u64) >> 32)
}

/// Replaces the first word of a code, of which 32 bits are in use, by a number that looks random,
/// whatever codes have in common. Codes that differ still differ: [`gather`] is the inverse.
#[inline]
pub(crate) fn scatter(code: &mut [u64]) {
    if let [head, tail @ ..] = code {
        *head = u64::from(permute(low32(*head ^ of_tail(tail))));
    }
}

/// Undoes [`scatter`].
#[inline]
pub(crate) fn gather(code: &mut [u64]) {
    if let [head, tail @ ..] = code {
        *head = u64::from(permute_back(low32(*head))) ^ of_tail(tail);
    }
}

/// 32 bits that depend on all of a tail; 0 if the tail is.
#[inline]
fn of_tail(tail: &[u64]) -> u64 {
    tail.iter().rev().fold(0, |mixed, word| mix(mixed ^ word)) >> 32
}

/// A bijection on words that leaves 0 as it is, SplitMix64's finalizer with other shifts.
#[inline]
fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 32)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 32)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 32)
}

/// The odd factors of [`permute`], with the shifts 16, 15, 16 the least biased known for a
/// permutation of its form ("lowbias32", C. Wellons, 2018).
const FACTORS: [u32; 2] = [0x7feb_352d, 0x846c_a68b];
const INVERSES: [u32; 2] = [inverse(FACTORS[0]), inverse(FACTORS[1])];

/// A bijection on 32 bits: every bit affects every other.
#[inline]
fn permute(number: u32) -> u32 {
    let number = (number ^ (number >> 16)).wrapping_mul(FACTORS[0]);
    let number = (number ^ (number >> 15)).wrapping_mul(FACTORS[1]);
    number ^ (number >> 16)
}

#[inline]
fn permute_back(number: u32) -> u32 {
    let number = (number ^ (number >> 16)).wrapping_mul(INVERSES[1]);
    let number = (number ^ (number >> 15) ^ (number >> 30)).wrapping_mul(INVERSES[0]);
    number ^ (number >> 16)
}

/// The inverse of an odd number modulo 2³², by Newton's method.
const fn inverse(odd: u32) -> u32 {
    let mut inverse = odd;
    let mut round = 0;
    while round < 5 {
        inverse = inverse.wrapping_mul(2u32.wrapping_sub(odd.wrapping_mul(inverse)));
        round += 1;
    }
    inverse
}

/// The folded multiplication of wyhash.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    high(product) ^ low(product)
}

/// The high word of a product.
#[inline]
pub(crate) fn high(word: u128) -> u64 {
    (word >> 64) as u64
}

/// The low 32 bits.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the other bits are not needed")]
pub(crate) fn low32(word: u64) -> u32 {
    word as u32
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the other bits are not needed")]
fn low(word: u128) -> u64 {
    word as u64
}

/// A word that is known to be a position in memory.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "positions in memory fit in usize")]
pub(crate) fn index(word: u64) -> usize {
    word as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn scattering_loses_nothing(head: u32, tail in prop::collection::vec(any::<u64>(), 0..3)) {
            let mut code = vec![u64::from(head)];
            code.extend(tail);
            let before = code.clone();
            scatter(&mut code);
            prop_assert!(code[0] <= u64::from(u32::MAX));
            gather(&mut code);
            prop_assert_eq!(code, before);
        }
    }

    #[test]
    fn zeros_at_the_end_of_a_tail_change_nothing() {
        let scattered = |mut code: Vec<u64>| {
            scatter(&mut code);
            code[0]
        };
        assert_eq!(scattered(vec![7]), scattered(vec![7, 0, 0]));
        assert_eq!(scattered(vec![7, 9]), scattered(vec![7, 9, 0]));
        assert_ne!(scattered(vec![7, 0]), scattered(vec![7, 1]));
    }

    /// Of 2²⁰ codes that differ in some bits only, as many fall in every stretch as of random ones.
    #[test]
    fn scattered_codes_are_spread_like_random_numbers() {
        let tuples: [fn(u64) -> [u64; 2]; 4] = [
            |n| [n, 0],
            |n| [n << 12, 0],
            |n| [n & 0x3ff, n >> 10],
            |n| [n >> 10 << 22, (n & 0x3ff) << 50],
        ];
        for (at, tuple) in tuples.into_iter().enumerate() {
            let mut counts = vec![0u32; 1 << 16];
            for n in 0..1 << 20 {
                let mut code = tuple(n);
                scatter(&mut code);
                counts[index(code[0] >> 16)] += 1;
            }
            // 16 in each; the sum of squares of n such counts is n, give or take its root.
            let chi = counts.iter().map(|&n| (f64::from(n) - 16.0).powi(2) / 16.0).sum::<f64>();
            assert!(chi < 65_536.0 + 2_500.0, "{at}: {chi}");
            assert!(counts.iter().all(|&n| n < 48), "{at}");
        }
    }

    #[test]
    fn hash_is_the_same_in_every_build() {
        assert_eq!(hash(&[1, 2, 3]), 5_187_321_214_967_223_033);
    }

    #[test]
    fn owners_share_states_evenly() {
        let mut owned = [0u32; 3];
        for word in 0..30_000u64 {
            owned[owner(hash(&[word, 7]), 3)] += 1;
            owned[owner(hash(&[word]), 3)] += 1;
        }
        assert!(owned.iter().all(|&n| (19_000..21_000).contains(&n)), "{owned:?}");
    }
}
