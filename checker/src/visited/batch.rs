//! A batch of states to look up in the visited set, or to send to another worker.
//!
//! One look-up waits for memory; a batch of them waits once.

/// States to look up, or to send, together.
pub(crate) struct Batch {
    width: usize,
    len: usize,
    /// Room for states, one after the other; words from `len` on are garbage.
    states: Vec<u64>,
}

impl Batch {
    /// The number of states from which a batch is worth looking up.
    pub(crate) const FULL: usize = 256;

    /// An empty batch for states of `width` words.
    pub(crate) fn new(width: usize) -> Self {
        Self { width, len: 0, states: Vec::new() }
    }

    /// Adds a state if `keep` is true. That is hard to predict, so the state is written in any
    /// case, and then counted or not.
    #[inline]
    pub(crate) fn push(&mut self, state: &[u64], keep: bool) {
        let end = self.len + self.width;
        if end > self.states.len() {
            self.grow();
        }
        match state {
            [word] => self.states[self.len] = *word,
            words => self.states[self.len..end].copy_from_slice(words),
        }
        self.len += self.width * usize::from(keep);
    }

    /// States in the batch.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len / self.width
    }

    /// All states, one after the other.
    #[inline]
    pub(crate) fn states(&self) -> &[u64] {
        &self.states[..self.len]
    }

    /// Removes the states and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    #[cold]
    fn grow(&mut self) {
        let room = (2 * self.states.len()).max(2 * Self::FULL * self.width);
        self.states.resize(room, 0);
    }
}
