//! The frontier: the states of a level that are still to be expanded, or of the level being filled.
//!
//! States are taken in blocks, and memory is freed as they are: two levels together need little
//! more than the larger.

use std::collections::VecDeque;

/// States of a block.
const BLOCK: usize = 512;

/// States in the order in which they were met.
pub(crate) struct Frontier {
    /// Words of a block.
    most: usize,
    blocks: VecDeque<Vec<u64>>,
}

impl Frontier {
    /// No states, of `words` words.
    pub(crate) fn new(words: usize) -> Self {
        Self { most: words * BLOCK, blocks: VecDeque::new() }
    }

    /// Bytes of memory.
    pub(crate) fn bytes(&self) -> usize {
        let last = self.blocks.back().map_or(0, Vec::capacity);
        8 * (self.blocks.len().saturating_sub(1) * self.most + last)
    }

    /// Adds a state.
    #[inline]
    pub(crate) fn push(&mut self, state: &[u64]) {
        match self.blocks.back_mut() {
            Some(block) if block.len() < self.most => block.extend_from_slice(state),
            _ => self.blocks.push_back(state.to_vec()),
        }
    }

    /// Takes a block of states, the first ones.
    pub(crate) fn take(&mut self) -> Option<Vec<u64>> {
        self.blocks.pop_front()
    }

    /// All blocks.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = &[u64]> {
        self.blocks.iter().map(|block| &block[..])
    }
}
