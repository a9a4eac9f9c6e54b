//! The row of every visited state in the store: a hash map whose keys stay in the store.

use std::hint::black_box;

use crate::hash::{hash, low32};
use crate::visited::index::{PARTS, beginning, grown, line_of, next, part_of};

/// A map from states to their rows, twelve to a line.
pub(crate) struct Rows {
    parts: Vec<RowsPart>,
    /// The most bytes in use while a part moved to a larger one.
    peak: usize,
}

struct RowsPart {
    lines: Vec<RowsLine>,
    len: usize,
    /// The rows at which it grows: seven eighths of the slots.
    limit: usize,
}

/// Slots of a [`RowsLine`].
const SLOTS: usize = 12;

/// Twelve tags, one to a byte, in the first bytes of two words, and the rows they belong to.
#[derive(Clone)]
#[repr(C, align(64))]
struct RowsLine {
    tags: [u64; 2],
    rows: [u32; SLOTS],
}

/// What [`Rows::insert`] found.
pub(crate) enum Entry {
    /// The state is new and now has the row given.
    New,
    /// The state has this row already.
    Seen(u32),
}

impl Rows {
    pub(crate) fn new() -> Self {
        let parts = (0..PARTS).map(|part| RowsPart::new(beginning(part))).collect();
        Self { parts, peak: 0 }
    }

    /// The most bytes of memory in use so far.
    pub(crate) fn bytes(&self) -> usize {
        let now: usize = self.parts.iter().map(RowsPart::bytes).sum();
        now.max(self.peak)
    }

    /// Prefetches the line of `hash` by reading a word of it.
    #[inline]
    pub(crate) fn touch(&self, hash: u64) -> u64 {
        let part = &self.parts[part_of(hash)];
        part.lines[part.place(hash)].tags[0]
    }

    /// The first row of the line of `hash` with a matching tag.
    #[inline]
    pub(crate) fn guess(&self, hash: u64) -> Option<u32> {
        let part = &self.parts[part_of(hash)];
        let line = &part.lines[part.place(hash)];
        Matches::new(line, tag(hash)).next().map(|slot| line.rows[slot])
    }

    /// The row with this hash for which `same` holds.
    #[inline]
    pub(crate) fn find(&self, hash: u64, same: impl Fn(u32) -> bool) -> Option<u32> {
        let part = &self.parts[part_of(hash)];
        part.find(hash, same).ok()
    }

    /// Finds the row with this hash for which `same` holds, or else adds `row`, which is not in
    /// `store` yet.
    #[inline]
    pub(crate) fn insert(
        &mut self,
        hash: u64,
        row: u32,
        same: impl Fn(u32) -> bool,
        store: &Store<'_>,
    ) -> Entry {
        let part = part_of(hash);
        // Growing reads the store, and the new row is not in it yet.
        if self.parts[part].len >= self.parts[part].limit {
            self.grow(part, store);
        }
        let part = &mut self.parts[part];
        match part.find(hash, same) {
            Ok(row) => Entry::Seen(row),
            Err((line, slot)) => {
                part.lines[line].set(slot, tag(hash), row);
                part.len += 1;
                Entry::New
            }
        }
    }

    #[cold]
    fn grow(&mut self, part: usize, store: &Store<'_>) {
        let larger = self.parts[part].larger(store);
        let now: usize = self.parts.iter().map(RowsPart::bytes).sum();
        self.peak = self.peak.max(now + larger.bytes());
        self.parts[part] = larger;
    }
}

/// The states that rows stand for.
pub(crate) struct Store<'a> {
    /// Words of a row.
    pub(crate) width: usize,
    /// The rows, one after the other.
    pub(crate) rows: &'a [u64],
    /// Are the rows hashes already?
    pub(crate) hashed: bool,
}

impl Store<'_> {
    /// Prefetches a row by reading its first word.
    #[inline]
    fn word(&self, row: u32) -> u64 {
        self.rows[row as usize * self.width]
    }

    #[inline]
    fn hash(&self, row: u32) -> u64 {
        let start = row as usize * self.width;
        let row = &self.rows[start..start + self.width];
        if self.hashed { row[0] } else { hash(row) }
    }
}

impl RowsPart {
    fn new(lines: usize) -> Self {
        let line = RowsLine { tags: [0; 2], rows: [0; SLOTS] };
        Self { lines: vec![line; lines], len: 0, limit: lines * SLOTS / 8 * 7 }
    }

    #[inline]
    fn place(&self, hash: u64) -> usize {
        line_of(hash, self.lines.len())
    }

    /// The row, or else the line and slot for it.
    #[inline]
    fn find(&self, hash: u64, same: impl Fn(u32) -> bool) -> Result<u32, (usize, usize)> {
        let mut at = self.place(hash);
        loop {
            let line = &self.lines[at];
            for slot in Matches::new(line, tag(hash)) {
                if same(line.rows[slot]) {
                    return Ok(line.rows[slot]);
                }
            }
            let used = line.used();
            if used < SLOTS {
                return Err((at, used));
            }
            at = next(at, self.lines.len());
        }
    }

    fn bytes(&self) -> usize {
        self.lines.len() * size_of::<RowsLine>()
    }

    /// Adds a row that is not in it.
    #[inline]
    fn add(&mut self, hash: u64, row: u32) {
        let mut at = self.place(hash);
        while self.lines[at].used() == SLOTS {
            at = next(at, self.lines.len());
        }
        let line = &mut self.lines[at];
        line.set(line.used(), tag(hash), row);
        self.len += 1;
    }

    /// A larger part with the same rows. The states of several lines are prefetched together.
    fn larger(&self, store: &Store<'_>) -> Self {
        let mut larger = Self::new(grown(self.lines.len()));
        let mut hashes = Vec::new();
        let mut near = 0;
        for lines in self.lines.chunks(16) {
            hashes.clear();
            for line in lines {
                let used = &line.rows[..line.used()];
                near ^= used.iter().fold(0, |near, &row| near ^ store.word(row));
                hashes.extend(used.iter().map(|&row| (0, row)));
            }
            hashes.iter_mut().for_each(|(hash, row)| *hash = store.hash(*row));
            hashes.iter().for_each(|&(hash, row)| larger.add(hash, row));
        }
        black_box(near);
        larger
    }
}

impl RowsLine {
    /// Slots in use: they fill from the first.
    #[inline]
    fn used(&self) -> usize {
        let first = zero_bytes(self.tags[0]);
        if first != 0 {
            return first.trailing_zeros() as usize / 8;
        }
        8 + (zero_bytes(self.tags[1]).trailing_zeros() as usize / 8).min(SLOTS - 8)
    }

    #[inline]
    fn set(&mut self, slot: usize, tag: u8, row: u32) {
        self.tags[slot / 8] |= u64::from(tag) << (slot % 8 * 8);
        self.rows[slot] = row;
    }
}

/// The tag of a hash: its low byte, but never zero, which means an empty slot.
#[inline]
fn tag(hash: u64) -> u8 {
    let [.., byte] = low32(hash).to_be_bytes();
    byte.max(1)
}

/// The slots of a line with a certain tag, and a few with another.
struct Matches {
    bits: [u64; 2],
}

impl Matches {
    #[inline]
    fn new(line: &RowsLine, tag: u8) -> Self {
        let tags = u64::from_le_bytes([tag; 8]);
        Self { bits: line.tags.map(|word| zero_bytes(word ^ tags)) }
    }
}

impl Iterator for Matches {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        for (word, bits) in self.bits.iter_mut().enumerate() {
            if *bits != 0 {
                let slot = word * 8 + bits.trailing_zeros() as usize / 8;
                *bits &= *bits - 1;
                return Some(slot.min(SLOTS - 1));
            }
        }
        None
    }
}

/// The high bit of every zero byte, and perhaps of bytes above one.
#[inline]
fn zero_bytes(word: u64) -> u64 {
    const LOW: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    word.wrapping_sub(LOW) & !word & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_tell_states_with_equal_hashes_apart() {
        let states: Vec<u64> = (0..20_000).collect();
        let store = Store { width: 1, rows: &states, hashed: false };
        let mut rows = Rows::new();
        for round in 0..2 {
            for (row, state) in (0u32..).zip(&states) {
                let same = |row: u32| states[row as usize] == *state;
                match rows.insert(hash(&[*state]), row, same, &store) {
                    Entry::New => assert_eq!(round, 0),
                    Entry::Seen(seen) => assert_eq!((round, seen), (1, row)),
                }
            }
        }
        assert_eq!(rows.find(hash(&[7]), |_| false), None);
        assert_eq!(rows.find(hash(&[7]), |row| states[row as usize] == 7), Some(7));
        assert!(rows.bytes() < 20_000 * 10);
    }

    #[test]
    fn rows_hold_many_states_of_one_hash() {
        let states = vec![0; 200];
        let store = Store { width: 1, rows: &states, hashed: true };
        let mut rows = Rows::new();
        for row in 0..200 {
            assert!(matches!(rows.insert(0, row, |seen| seen == row, &store), Entry::New));
        }
        assert_eq!(rows.find(0, |row| row == 150), Some(150));
    }
}
