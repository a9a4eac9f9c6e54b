//! Sets of properties.

/// A set of entries of [`PROPERTIES`](super::PROPERTIES), by their positions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct PropertySet([u128; 2]);

/// Most properties.
pub const MOST_PROPERTIES: usize = 256;

impl PropertySet {
    /// None.
    pub const EMPTY: Self = Self([0; 2]);
    /// All there could be.
    pub const ALL: Self = Self([u128::MAX; 2]);

    /// Only this one.
    #[must_use]
    pub const fn only(at: usize) -> Self {
        Self::EMPTY.with(at)
    }
    /// These and one more.
    #[inline]
    #[must_use]
    pub const fn with(mut self, at: usize) -> Self {
        self.0[at / 128] |= 1 << (at % 128);
        self
    }
    /// The set in which bit `i % 128` of word `i / 128` stands for entry `i`.
    #[inline]
    #[must_use]
    pub const fn from_words(words: [u128; 2]) -> Self {
        Self(words)
    }
    /// The words of [`PropertySet::from_words`].
    #[inline]
    #[must_use]
    pub const fn words(self) -> [u128; 2] {
        self.0
    }
    /// Is the entry in the set?
    #[inline]
    #[must_use]
    pub const fn contains(self, at: usize) -> bool {
        self.0[at / 128] >> (at % 128) & 1 == 1
    }
    /// Is the set empty?
    #[inline]
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0[0] == 0 && self.0[1] == 0
    }
    /// Those of both sets.
    #[inline]
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self([self.0[0] & other.0[0], self.0[1] & other.0[1]])
    }
    /// Those of either set.
    #[inline]
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self([self.0[0] | other.0[0], self.0[1] | other.0[1]])
    }
    /// Those of this set and not of the other.
    #[inline]
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self([self.0[0] & !other.0[0], self.0[1] & !other.0[1]])
    }
    /// The entries of which that is true.
    #[inline]
    #[must_use]
    pub fn those(self, mut is_so: impl FnMut(usize) -> bool) -> Self {
        let mut those = self;
        for (at, half) in those.0.iter_mut().enumerate() {
            let mut kept = [low(*half), low(*half >> 64)];
            for (word, of) in kept.iter_mut().enumerate() {
                let mut bits = *of;
                while bits != 0 {
                    let lowest = bits & bits.wrapping_neg();
                    if !is_so(at * 128 + word * 64 + bits.trailing_zeros() as usize) {
                        *of ^= lowest;
                    }
                    bits ^= lowest;
                }
            }
            *half = u128::from(kept[0]) | u128::from(kept[1]) << 64;
        }
        those
    }
    /// How many.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.0[0].count_ones() + self.0[1].count_ones()
    }
}

/// The lower word.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the lower half is asked for")]
const fn low(half: u128) -> u64 {
    half as u64
}

impl Iterator for PropertySet {
    type Item = usize;

    /// Takes the first entry out.
    #[inline]
    fn next(&mut self) -> Option<usize> {
        let half = usize::from(self.0[0] == 0);
        let bits = self.0[half];
        if bits == 0 {
            return None;
        }
        self.0[half] = bits & (bits - 1);
        Some(half * 128 + bits.trailing_zeros() as usize)
    }
}
