//! Which states wait to be looked up, or to be sent?
//!
//! One look-up waits for memory; a batch of them waits once. States found by expansion, or received
//! from other workers, are collected here and handed to the [shard](crate::shard), or to another
//! worker, together.

use crate::hash::{hash, low32};

/// States to look up or to send in one go.
pub(crate) struct Batch {
    width: usize,
    len: usize,
    /// Room for states, one after the other; those from `len` on mean nothing.
    states: Vec<u64>,
    hashes: Vec<u64>,
    hints: Vec<u32>,
}

impl Batch {
    /// States after which a batch is worth looking up.
    pub(crate) const FULL: usize = 256;

    /// An empty batch of states of so many words.
    pub(crate) fn new(width: usize) -> Self {
        Self { width, len: 0, states: Vec::new(), hashes: Vec::new(), hints: Vec::new() }
    }

    /// Adds a state with its hash and hint, if it is to be kept. Whether it is can hardly be
    /// predicted, so it is written in any case and then counted or not.
    #[inline]
    pub(crate) fn push(&mut self, state: &[u64], hash: u64, hint: u32, keep: bool) {
        if self.len == self.hashes.len() {
            self.grow();
        }
        let (len, width) = (self.len, self.width);
        match state {
            [word] => self.states[len] = *word,
            words => self.states[len * width..(len + 1) * width].copy_from_slice(words),
        }
        self.hashes[len] = hash;
        self.hints[len] = hint;
        self.len = len + usize::from(keep);
    }

    /// Adds states as they travel between workers.
    pub(crate) fn receive(&mut self, words: &[u64], hinted: bool) {
        for record in words.chunks_exact(self.width + usize::from(hinted)) {
            let (state, hint) = record.split_at(self.width);
            self.push(state, hash(state), hint.first().map_or(0, |hint| low32(*hint)), true);
        }
    }

    /// The states as they travel between workers, each followed by its hint if there are hints.
    pub(crate) fn letter(&self, hinted: bool) -> Vec<u64> {
        if !hinted {
            return self.states().to_vec();
        }
        let mut words = Vec::with_capacity(self.len * (self.width + 1));
        for at in 0..self.len {
            words.extend_from_slice(self.state(at));
            words.push(u64::from(self.hints[at]));
        }
        words
    }

    /// States in the batch.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// All states, one after the other.
    #[inline]
    pub(crate) fn states(&self) -> &[u64] {
        &self.states[..self.len * self.width]
    }

    /// State `at` of the batch.
    #[inline]
    pub(crate) fn state(&self, at: usize) -> &[u64] {
        &self.states[at * self.width..(at + 1) * self.width]
    }

    /// The hashes of the states.
    #[inline]
    pub(crate) fn hashes(&self) -> &[u64] {
        &self.hashes[..self.len]
    }

    /// The hints of the states.
    #[inline]
    pub(crate) fn hints(&self) -> &[u32] {
        &self.hints[..self.len]
    }

    /// Forgets the states and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    #[cold]
    fn grow(&mut self) {
        let room = (2 * self.hashes.len()).max(2 * Self::FULL);
        self.states.resize(room * self.width, 0);
        self.hashes.resize(room, 0);
        self.hints.resize(room, 0);
    }
}
