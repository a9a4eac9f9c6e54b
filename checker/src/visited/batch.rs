//! A batch of states to look up in the visited set, or to send to another worker.
//!
//! One look-up waits for memory; a batch of them waits once.

use crate::hash::{hash, low32};

/// States to look up, or to send, together.
pub(crate) struct Batch {
    width: usize,
    len: usize,
    /// Room for states, one after the other; those from `len` on are garbage.
    states: Vec<u64>,
    hashes: Vec<u64>,
    hints: Vec<u32>,
}

impl Batch {
    /// The number of states from which a batch is worth looking up.
    pub(crate) const FULL: usize = 256;

    /// An empty batch for states of `width` words.
    pub(crate) fn new(width: usize) -> Self {
        Self { width, len: 0, states: Vec::new(), hashes: Vec::new(), hints: Vec::new() }
    }

    /// Adds a state with its hash and hint if `keep` is true. That is hard to predict, so the state
    /// is written in any case, and then counted or not.
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

    /// Adds states from a message.
    pub(crate) fn receive(&mut self, words: &[u64], hinted: bool) {
        for record in words.chunks_exact(self.width + usize::from(hinted)) {
            let (state, hint) = record.split_at(self.width);
            self.push(state, hash(state), hint.first().map_or(0, |hint| low32(*hint)), true);
        }
    }

    /// The states as a message, each followed by its hint if there are hints.
    pub(crate) fn message(&self, hinted: bool) -> Vec<u64> {
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

    /// Removes the states and keeps the memory.
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
