//! The layout of both indexes: open addressing in lines of one cache line, probed linearly.
//!
//! An index is cut into [`PARTS`] by the top bits of the hash. Each part grows by half on its own,
//! at its own time, so that growing never holds a second copy of the whole index. Positions grow
//! with the hash, so growing reads and writes memory in order.
//!
//! [`Keys`](crate::visited::keys::Keys) holds whole hashes, for states of one word, whose hash is a
//! bijection. [`Rows`](crate::visited::rows::Rows) holds a tag of 8 bits and the row of the state
//! in the store beside it, for all others.

use crate::hash::{index, place};

/// Parts of an index.
pub(crate) const PARTS: usize = 16;
const PART_BITS: u32 = PARTS.trailing_zeros();
/// The lines with which the first part begins.
const SMALLEST: usize = 8;

/// The lines to which a part grows.
pub(crate) fn grown(lines: usize) -> usize {
    lines + lines / 2
}

/// The lines with which `part` begins: spread over one growth, so that parts grow in turn.
pub(crate) fn beginning(part: usize) -> usize {
    SMALLEST + SMALLEST * part / (2 * PARTS)
}

/// The part of a hash.
#[inline]
pub(crate) fn part_of(hash: u64) -> usize {
    index(hash >> (64 - PART_BITS))
}

/// The line of a hash in a part of `lines` lines.
#[inline]
pub(crate) fn line_of(hash: u64, lines: usize) -> usize {
    place(hash << PART_BITS, lines)
}

/// The line to probe after `line`.
#[inline]
pub(crate) fn next(line: usize, lines: usize) -> usize {
    if line + 1 == lines { 0 } else { line + 1 }
}
