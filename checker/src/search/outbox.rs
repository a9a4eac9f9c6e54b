//! The outbox of a worker: successors on their way to the workers that own them.
//!
//! Expanding only writes successors down, as the system calls back for each of them. Many are then
//! routed together: those that lead back to their own source, or were met a moment ago, are
//! dropped, the others go into the batches of their owners.

use crate::hash::{hash, low32, owner};
use crate::search::recent::Recent;
use crate::visited::batch::Batch;

/// The words from which successors are worth routing.
const FULL: usize = 1 << 10;

/// Successors that were found and not routed yet.
pub(crate) struct Outbox {
    width: usize,
    /// Room for successors, one after the other; words from `len` on are garbage.
    states: Vec<u64>,
    len: usize,
    /// The hint to the source of each, if hints matter.
    hints: Option<Vec<u32>>,
    recent: Recent,
}

impl Outbox {
    /// An empty outbox for states of `width` words, with or without hints.
    pub(crate) fn new(width: usize, hinted: bool) -> Self {
        Self {
            width,
            states: vec![0; FULL + width],
            len: 0,
            hints: hinted.then(Vec::new),
            recent: Recent::new(width, hinted),
        }
    }

    /// Writes a successor down, unless it is its own source.
    #[inline]
    pub(crate) fn push(&mut self, next: &[u64], source: &[u64]) {
        let end = self.len + self.width;
        if end > self.states.len() {
            self.states.resize(2 * end, 0);
        }
        // Written in any case: whether it counts is hard to predict.
        let moved = match (next, source) {
            ([next], [source]) => {
                self.states[self.len] = *next;
                next != source
            }
            _ => {
                self.states[self.len..end].copy_from_slice(next);
                next != source
            }
        };
        self.len += self.width * usize::from(moved);
    }

    /// Sets the source of all successors written down since the last call.
    #[inline]
    pub(crate) fn set_source(&mut self, source: &[u64]) {
        if let Some(hints) = &mut self.hints {
            hints.resize(self.len / self.width, low32(hash(source)));
        }
    }

    /// Is it worth routing?
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.len >= FULL
    }

    /// Moves the successors that may be new into the batches of their owners.
    pub(crate) fn route(&mut self, batches: &mut [Batch]) {
        let states = self.states[..self.len].chunks_exact(self.width);
        match (&self.hints, batches) {
            (None, [batch]) if self.width == 1 => {
                for state in &self.states[..self.len] {
                    let hash = hash(&[*state]);
                    let keep = !self.recent.insert(&[*state], hash, 0);
                    batch.push(&[*state], hash, 0, keep);
                }
            }
            (hints, batches) => {
                for (at, state) in states.enumerate() {
                    let hash = hash(state);
                    let hint = hints.as_ref().map_or(0, |hints| hints[at]);
                    let keep = !self.recent.insert(state, hash, hint);
                    let to = if batches.len() == 1 { 0 } else { owner(hash, batches.len()) };
                    batches[to].push(state, hash, hint, keep);
                }
            }
        }
        self.len = 0;
        self.hints.iter_mut().for_each(Vec::clear);
    }
}
