//! The shard of one worker: the states it owns, in the order in which it met them.
//!
//! The search goes level by level, so one list of states is the visited set, the frontier (its last
//! level) and the record of levels (where each begins). Beside it there is only the
//! [index](crate::visited::index) and, if states are kept as hashes, hints to predecessors.

use std::hint::black_box;
use std::ops::Range;

use crate::hash::{hash, low32};
use crate::visited::batch::Batch;
use crate::visited::frontier::Frontier;
use crate::visited::keys::Keys;
use crate::visited::rows::{Entry, Rows, Store};

/// The most states of a shard.
pub(crate) const MOST: usize = u32::MAX as usize;

/// The states owned by one worker.
pub(crate) struct Shard {
    /// Words of a state.
    width: usize,
    /// Words of a row: the state, or its hash.
    key: usize,
    compact: bool,
    rows: Vec<u64>,
    /// Compact only: for each row the least low half of the hashes of its predecessors in the level
    /// before.
    hints: Vec<u32>,
    index: Index,
    /// The first row of every level; the last level is the one being filled.
    levels: Vec<usize>,
    /// Compact only: the states of the level being expanded, and of the level being filled.
    frontiers: [Frontier; 2],
    /// Compact only: are states of a frontier kept after they have been read?
    keep: bool,
}

enum Index {
    Keys(Keys),
    Rows(Rows),
}

impl Shard {
    /// An empty shard whose level 0 is being filled. `keep` says if the states of a level are
    /// needed after it has been expanded, which matters to compact shards only.
    pub(crate) fn new(width: usize, compact: bool, keep: bool) -> Self {
        // The hash of one word is as good as the word.
        let compact = compact && width > 1;
        let index = if width == 1 { Index::Keys(Keys::new()) } else { Index::Rows(Rows::new()) };
        Self {
            width,
            key: if compact { 1 } else { width },
            compact,
            rows: Vec::new(),
            hints: Vec::new(),
            index,
            levels: vec![0],
            frontiers: [Frontier::new(width, keep), Frontier::new(width, keep)],
            keep,
        }
    }

    /// Words of a state.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Does it keep hashes instead of states?
    pub(crate) fn compact(&self) -> bool {
        self.compact
    }

    /// An empty shard of the same kind.
    pub(crate) fn another(&self) -> Self {
        Self::new(self.width, self.compact, self.keep)
    }

    /// Words of a row with its hint.
    pub(crate) fn record(&self) -> usize {
        self.key + usize::from(self.compact)
    }

    /// Calls `each` with the states of the frontier (compact only, and only if they are kept).
    pub(crate) fn each_of_frontier(&self, each: impl FnMut(&[u64])) {
        self.frontiers[0].each(each);
    }

    /// States owned.
    pub(crate) fn len(&self) -> usize {
        self.rows.len() / self.key
    }

    /// Levels, the one being filled included.
    pub(crate) fn levels(&self) -> usize {
        self.levels.len()
    }

    /// The rows of a level.
    pub(crate) fn level(&self, level: usize) -> Range<usize> {
        let end = self.levels.get(level + 1).copied().unwrap_or(self.len());
        self.levels.get(level).map_or(end..end, |&start| start..end)
    }

    /// Bytes of states, index, hints and frontier.
    pub(crate) fn bytes(&self) -> usize {
        let index = match &self.index {
            Index::Keys(keys) => keys.bytes(),
            Index::Rows(rows) => rows.bytes(),
        };
        let frontiers: usize = self.frontiers.iter().map(Frontier::bytes).sum();
        index + 8 * self.rows.capacity() + frontiers + 4 * self.hints.capacity()
    }

    /// Row `row`: a state, or a hash.
    #[inline]
    pub(crate) fn row(&self, row: usize) -> &[u64] {
        &self.rows[row * self.key..(row + 1) * self.key]
    }

    /// The hint of a row (compact only).
    pub(crate) fn hint(&self, row: usize) -> u32 {
        self.hints[row]
    }

    /// Completes the level being filled and begins the next.
    pub(crate) fn seal(&mut self) {
        self.levels.push(self.len());
        self.frontiers.swap(0, 1);
        self.frontiers[1].clear();
    }

    /// Copies at most `most` states of the frontier, the last complete level, from its state `from`
    /// on, and returns their number. Compact shards continue where they were.
    pub(crate) fn frontier(&mut self, from: usize, most: usize, into: &mut Vec<u64>) -> usize {
        into.clear();
        if self.compact {
            return self.frontiers[0].read(most, into);
        }
        let level = self.level(self.levels.len() - 2);
        let count = most.min(level.len() - from);
        let start = level.start + from;
        into.extend_from_slice(&self.rows[start * self.width..(start + count) * self.width]);
        count
    }

    /// Adds the new states of a batch to the level being filled, and empties the batch.
    pub(crate) fn absorb(&mut self, batch: &mut Batch) {
        match &self.index {
            Index::Keys(_) => self.absorb_keys(batch),
            Index::Rows(_) => self.absorb_rows(batch),
        }
        batch.clear();
    }

    fn absorb_keys(&mut self, batch: &Batch) {
        let Index::Keys(keys) = &mut self.index else {
            return;
        };
        let hashes = batch.hashes().iter();
        black_box(hashes.fold(0, |sum, &hash| sum ^ keys.touch(hash)));
        reserve(&mut self.rows, batch.len());
        for (&state, &hash) in batch.states().iter().zip(batch.hashes()) {
            if keys.insert(hash) {
                self.rows.push(state);
            }
        }
    }

    fn absorb_rows(&mut self, batch: &Batch) {
        let Index::Rows(rows) = &mut self.index else {
            return;
        };
        prefetch(rows, &self.rows, self.key, batch);
        reserve(&mut self.rows, batch.len() * self.key);
        if self.compact {
            reserve(&mut self.hints, batch.len());
        }
        let level = self.levels.last().copied().unwrap_or(0);
        for at in 0..batch.len() {
            let hash = batch.hashes()[at];
            let state = batch.state(at);
            let key = if self.compact { std::slice::from_ref(&hash) } else { state };
            let row = low32((self.rows.len() / self.key) as u64);
            let stored = &self.rows[..];
            let same = |row: u32| {
                let start = row as usize * key.len();
                equal(&stored[start..start + key.len()], key)
            };
            let store = Store { width: self.key, rows: stored, hashed: self.compact };
            match rows.insert(hash, row, same, &store) {
                Entry::New => {
                    self.rows.extend_from_slice(key);
                    if self.compact {
                        self.hints.push(batch.hints()[at]);
                        self.frontiers[1].push(state);
                    }
                }
                Entry::Seen(row) if self.compact && row as usize >= level => {
                    let hint = &mut self.hints[row as usize];
                    *hint = (*hint).min(batch.hints()[at]);
                }
                Entry::Seen(_) => {}
            }
        }
    }

    /// Adds a hash with its hint from a checkpoint (compact only).
    pub(crate) fn restore(&mut self, hash: u64, hint: u32) {
        let row = low32(self.len() as u64);
        let Index::Rows(rows) = &mut self.index else {
            return;
        };
        let stored = &self.rows[..];
        let store = Store { width: 1, rows: stored, hashed: true };
        let same = |row: u32| stored[row as usize] == hash;
        if let Entry::New = rows.insert(hash, row, same, &store) {
            self.rows.push(hash);
            self.hints.push(hint);
        }
    }

    /// Adds a state of the frontier from a checkpoint (compact only).
    pub(crate) fn restore_frontier(&mut self, state: &[u64]) {
        self.frontiers[0].push(state);
    }

    /// Prepares for [`Shard::find`]: while they grow, shards of one-word states know no rows.
    pub(crate) fn index_rows(&mut self) {
        if let Index::Rows(_) = self.index {
            return;
        }
        let mut rows = Rows::new();
        let store = Store { width: self.key, rows: &self.rows, hashed: self.compact };
        for row in 0..self.len() {
            let hash = hash(self.row(row));
            rows.insert(hash, low32(row as u64), |_| false, &store);
        }
        self.index = Index::Rows(rows);
    }

    /// Prefetches what [`Shard::find`] reads to find the states of a batch.
    pub(crate) fn prefetch(&self, batch: &Batch) {
        if let Index::Rows(rows) = &self.index {
            prefetch(rows, &self.rows, self.key, batch);
        }
    }

    /// The row of a state, if it was met. Call [`Shard::index_rows`] before.
    pub(crate) fn find(&self, hash: u64, state: &[u64]) -> Option<usize> {
        let Index::Rows(rows) = &self.index else {
            return None;
        };
        let key = if self.compact { std::slice::from_ref(&hash) } else { state };
        let same = |row: u32| equal(self.row(row as usize), key);
        rows.find(hash, same).map(|row| row as usize)
    }
}

/// Reads a word of the index lines of a batch, and then of the rows they suggest.
#[inline]
fn prefetch(rows: &Rows, store: &[u64], key: usize, batch: &Batch) {
    let hashes = batch.hashes().iter();
    black_box(hashes.clone().fold(0, |sum, &hash| sum ^ rows.touch(hash)));
    let word = |row: u32| store[row as usize * key];
    black_box(hashes.fold(0, |sum, &hash| sum ^ rows.guess(hash).map_or(0, word)));
}

/// Reserves room for `more` items, at least a sixteenth of what there is: growing twofold would
/// leave half of the memory unused.
#[inline]
fn reserve<T>(rows: &mut Vec<T>, more: usize) {
    if rows.capacity() - rows.len() < more {
        rows.reserve_exact(more.max(rows.len() / 16));
    }
}

#[inline]
fn equal(a: &[u64], b: &[u64]) -> bool {
    a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}
