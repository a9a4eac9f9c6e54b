//! Sets of properties.

use std::ops::{BitAnd, BitOr, BitOrAssign, Sub};

use serde::{Deserialize, Serialize};

/// The most properties a transition system can have.
pub const MAX_PROPERTIES: usize = 256;

/// A set of properties, each known by its position in
/// [`TransitionSystem::properties`](crate::TransitionSystem::properties).
///
/// Positions are below [`MAX_PROPERTIES`]; methods panic on others.
// Not four words of 64 bits: the compiler would read those with vector instructions, which wait for
// the words that a step has just written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Marks([u128; 2]);

impl Marks {
    /// No property.
    pub const NONE: Self = Self([0; 2]);

    /// Every property there can be.
    pub const ALL: Self = Self([u128::MAX; 2]);

    /// One property.
    #[inline]
    #[must_use]
    pub const fn of(property: usize) -> Self {
        Self::NONE.with(property, true)
    }

    /// The set and, if `marked`, one property more.
    #[inline]
    #[must_use]
    pub const fn with(mut self, property: usize, marked: bool) -> Self {
        self.0[property / 128] |= (marked as u128) << (property % 128);
        self
    }

    /// Is the property in the set?
    #[inline]
    #[must_use]
    pub const fn contains(self, property: usize) -> bool {
        self.0[property / 128] >> (property % 128) & 1 == 1
    }

    /// Is the set empty?
    #[inline]
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0[0] | self.0[1] == 0
    }

    /// The properties, in their order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        let bits = |(at, word): (usize, u128)| {
            let rest = |word: &u128| Some(word & (word - 1)).filter(|word| *word != 0);
            std::iter::successors(Some(word).filter(|word| *word != 0), rest)
                .map(move |word| 128 * at + word.trailing_zeros() as usize)
        };
        self.0.into_iter().enumerate().flat_map(bits)
    }

    /// The set in which bit `i % 128` of word `i / 128` stands for property `i`.
    #[inline]
    #[must_use]
    pub const fn from_words(words: [u128; 2]) -> Self {
        Self(words)
    }

    /// The words of [`Marks::from_words`].
    #[inline]
    #[must_use]
    pub const fn words(self) -> [u128; 2] {
        self.0
    }

    #[inline]
    fn zip(self, other: Self, with: impl Fn(u128, u128) -> u128) -> Self {
        Self([with(self.0[0], other.0[0]), with(self.0[1], other.0[1])])
    }
}

impl BitOr for Marks {
    type Output = Self;

    #[inline]
    fn bitor(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }
}

impl BitOrAssign for Marks {
    #[inline]
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl BitAnd for Marks {
    type Output = Self;

    #[inline]
    fn bitand(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }
}

impl Sub for Marks {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }
}

impl FromIterator<usize> for Marks {
    fn from_iter<T: IntoIterator<Item = usize>>(properties: T) -> Self {
        properties.into_iter().fold(Self::NONE, |marks, property| marks | Self::of(property))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_a_set_of_256_properties() {
        let properties = [0, 63, 64, 127, 128, 255];
        let marks: Marks = properties.into_iter().collect();
        assert!(marks.iter().eq(properties));
        assert!(marks.contains(127) && !marks.contains(126));
        assert_eq!(Marks::from_words(marks.words()), marks);
        assert_eq!((marks - Marks::of(127)) | Marks::of(127), marks);
        assert_eq!(marks & Marks::of(1), Marks::NONE);
        assert!(Marks::ALL.iter().eq(0..MAX_PROPERTIES));
    }
}
