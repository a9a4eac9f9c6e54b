//! Has this state been seen before, at the cost of one cache line?
//!
//! Both indexes are flat tables of cache lines, probed line by line and never emptied. They are
//! cut into [`PARTS`] by the top bits of the hash; each part grows by half on its own, at its own
//! time, so that growing never holds a second copy of the whole table. Positions grow with the
//! hash, so growing reads and writes memory in order.
//!
//! [`Keys`](crate::keys::Keys) holds whole hashes, for states of one word, whose hash is a
//! bijection. [`Rows`](crate::rows::Rows) holds a tag of 8 bits and the row of the state in the
//! store beside it, for all others.

use crate::hash::{index, place};

/// Parts of an index.
pub(crate) const PARTS: usize = 16;
const PART_BITS: u32 = PARTS.trailing_zeros();
/// Lines of the smallest part.
const SMALLEST: usize = 8;

/// Lines of a part that has grown.
pub(crate) fn grown(lines: usize) -> usize {
    lines + lines / 2
}

/// Lines of part `part` at the beginning: spread over one growth, so that parts grow in turn.
pub(crate) fn beginning(part: usize) -> usize {
    SMALLEST + SMALLEST * part / (2 * PARTS)
}

/// The part in which a hash belongs.
#[inline]
pub(crate) fn part_of(hash: u64) -> usize {
    index(hash >> (64 - PART_BITS))
}

/// The line of a part, of so many, in which a hash belongs.
#[inline]
pub(crate) fn line_of(hash: u64, lines: usize) -> usize {
    place(hash << PART_BITS, lines)
}
