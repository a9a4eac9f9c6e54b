//! The layout of a part of the table: its lines, and the bits of a slot.
//!
//! Scattered heads are divided by the *span* of a line: the quotient is the line in which a code
//! belongs, and only the remainder is stored. A line takes as many cache lines as eight slots need:
//!
//! ```text
//! | tag of each slot, 8 bits | rest of each slot: key, level, tail | ... | slots in use, 8 bits |
//! ```
//!
//! The *key* is the remainder with the displacement above it, the number of lines by which a slot
//! lies behind the line in which it belongs; the tag is its low byte.

use crate::hash::{high, index};
use crate::visited::coding::{bits, ones};

/// Bits of the scattered heads of a part.
pub(crate) const SPACE_BITS: u32 = 28;
/// Lines behind the line in which a code belongs where it may be.
pub(crate) const REACH: usize = 8;
const REACH_BITS: u32 = REACH.trailing_zeros();
/// Bits of a tag, and of the number of slots in use.
const TAG: u32 = 8;
/// The least bits of a remainder: with the displacement they fill a tag.
const LEAST: u32 = TAG - REACH_BITS;
/// The most slots of a line: their tags fill three words.
const MOST: usize = 24;
/// The least bits of a level: most searches need no more.
const LEVEL: u32 = 6;
/// Bits of a cache line.
const CACHE_LINE: usize = 512;

/// The layout of a part.
#[derive(Clone, Copy)]
pub(crate) struct Layout {
    /// Heads that belong in one line.
    pub(crate) span: u64,
    /// 2⁶⁴ divided by the span, rounded up.
    reciprocal: u64,
    /// Lines.
    pub(crate) lines: usize,
    /// Words of a line.
    pub(crate) words: usize,
    /// Slots of a line.
    pub(crate) slots: usize,
    /// Bits of a remainder.
    remainder: u32,
    /// Bits of a tail.
    pub(crate) tail: u32,
    /// Bits of a level.
    pub(crate) level: u32,
}

impl Layout {
    /// Lines of `span` heads, for codes with tails of at most `tail` bits and levels up to `level`.
    pub(crate) fn new(span: u64, tail: u32, level: u32) -> Self {
        let span = span.max(2);
        let remainder = bits(span - 1).max(LEAST);
        let level = bits(u64::from(level)).max(LEVEL);
        let slot = (remainder + REACH_BITS + tail + level) as usize;
        let used = TAG as usize;
        let line = (8 * slot + used).next_multiple_of(CACHE_LINE);
        Self {
            span,
            reciprocal: u64::MAX / span + 1,
            lines: usize::try_from((1u64 << SPACE_BITS).div_ceil(span)).unwrap_or(usize::MAX),
            words: line / u64::BITS as usize,
            slots: ((line - used) / slot).min(MOST),
            remainder,
            tail,
            level,
        }
    }

    /// The line in which a head belongs, and its remainder.
    #[inline]
    pub(crate) fn divide(&self, head: u64) -> (usize, u64) {
        let line = high(u128::from(head) * u128::from(self.reciprocal));
        (index(line), head - line * self.span)
    }

    /// The key of a remainder that lies `displacement` lines behind.
    #[inline]
    pub(crate) fn key(&self, remainder: u64, displacement: usize) -> u64 {
        remainder | (displacement as u64) << self.remainder
    }

    /// The head with this key in a slot of `line`.
    pub(crate) fn head(&self, key: u64, line: usize) -> u64 {
        let displacement = index(key >> self.remainder);
        let home = line.checked_sub(displacement);
        let home = home.unwrap_or_else(|| line + self.lines - displacement);
        home as u64 * self.span + (key & ones(self.remainder))
    }

    /// Bits of a key beside its tag.
    #[inline]
    pub(crate) fn rest(&self) -> u32 {
        self.remainder + REACH_BITS - TAG
    }

    /// Bits of a slot beside its tag.
    #[inline]
    pub(crate) fn beside(&self) -> u32 {
        self.rest() + self.level + self.tail
    }

    /// Does a slot fit into a word beside its tag?
    #[inline]
    pub(crate) fn is_short(&self) -> bool {
        self.beside() <= u64::BITS
    }

    /// The bit at which the rest of a slot begins.
    #[inline]
    pub(crate) fn bit(&self, slot: usize) -> usize {
        self.slots * TAG as usize + slot * self.beside() as usize
    }

    /// The states at which the part grows: seven eighths of the slots.
    pub(crate) fn limit(&self) -> usize {
        self.lines * self.slots / 8 * 7
    }

    /// The span of the lines of a part that is larger by half.
    pub(crate) fn narrower(&self) -> u64 {
        self.span * 2 / 3
    }
}
