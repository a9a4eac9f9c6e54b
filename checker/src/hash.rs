//! The hash of an encoded state, and the places it decides.
//!
//! The top bits of the hash choose the line of the index, the low byte is the tag there, bits in
//! between choose the worker that owns the state.
//!
//! No hash crate promises what is needed here: states of one word must not collide (their visited
//! set keeps nothing but hashes), and processes and checkpoints must agree on the hash forever.

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
const SEED: u64 = 0x243f_6a88_85a3_08d3;

/// The hash of an encoded state. For states of one word it is a bijection.
#[inline]
pub(crate) fn hash(state: &[u64]) -> u64 {
    match state {
        [word] => mix(*word),
        words => {
            let folded = words.iter().fold(SEED, |hash, word| fold(hash ^ word, MULTIPLIER));
            mix(folded)
        }
    }
}

/// The worker, of `peers`, that owns the states with this hash.
#[inline]
pub(crate) fn owner(hash: u64, peers: usize) -> usize {
    index((u64::from(low32(hash)) * peers as u64) >> 32)
}

/// A position below `len` that grows with `hash`.
#[inline]
pub(crate) fn place(hash: u64, len: usize) -> usize {
    index(high(u128::from(hash) * len as u128))
}

/// The state of one word with this hash.
#[cfg(test)]
pub(crate) fn unmix(hash: u64) -> u64 {
    let step = |hash: u64| hash ^ (hash >> 32);
    let inverse = |multiplier: u64| {
        let newton = |x: u64, _| x.wrapping_mul(2u64.wrapping_sub(multiplier.wrapping_mul(x)));
        (0..6).fold(multiplier, newton)
    };
    let hash = step(hash).wrapping_mul(inverse(0x94d0_49bb_1331_11eb));
    let hash = step(hash).wrapping_mul(inverse(0xbf58_476d_1ce4_e5b9));
    step(hash) ^ SEED
}

/// A bijection on words, SplitMix64's finalizer with other shifts: every input bit affects every
/// output bit.
#[inline]
fn mix(word: u64) -> u64 {
    let word = word ^ SEED;
    let word = (word ^ (word >> 32)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 32)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 32)
}

/// The folded multiplication of wyhash.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    high(product) ^ low(product)
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

#[inline]
fn high(word: u128) -> u64 {
    (word >> 64) as u64
}

/// A word that is known to be a position in memory.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "positions in memory fit in usize")]
pub(crate) fn index(word: u64) -> usize {
    word as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_of_one_word_loses_nothing() {
        for word in (0..1000).chain([u64::MAX, 1 << 63, SEED]) {
            assert_eq!(unmix(hash(&[word])), word);
        }
    }

    #[test]
    fn hash_is_the_same_in_every_build() {
        assert_eq!(hash(&[1, 2, 3]), 14_545_882_141_751_477_890);
    }

    #[test]
    fn owners_share_states_evenly() {
        let mut owned = [0u32; 3];
        for word in 0..30_000u64 {
            owned[owner(hash(&[word, 7]), 3)] += 1;
        }
        assert!(owned.iter().all(|&n| (9_500..10_500).contains(&n)), "{owned:?}");
    }
}
