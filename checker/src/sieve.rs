//! Which successors are worth looking up?
//!
//! Expansion only writes successors down, since the model calls back for each of them; many are
//! then sifted at once. Those that lead back to their own source, or that were met a moment ago,
//! are dropped; the others are put into the boxes of their owners.

use crate::batch::Batch;
use crate::hash::{hash, low32, owner};
use crate::recent::Recent;

/// Words after which it is time to sift.
const FULL: usize = 1 << 10;

/// Successors that were found and not sifted yet.
pub(crate) struct Sieve {
    width: usize,
    /// Room for successors, one after the other; words from `len` on mean nothing.
    caught: Vec<u64>,
    len: usize,
    /// The hint to the source of each, if hints matter.
    hints: Option<Vec<u32>>,
    recent: Recent,
}

impl Sieve {
    /// For states of so many words.
    pub(crate) fn new(width: usize, hinted: bool) -> Self {
        Self {
            width,
            caught: vec![0; FULL + width],
            len: 0,
            hints: hinted.then(Vec::new),
            recent: Recent::new(width, hinted),
        }
    }

    /// Writes a successor down, unless it is its own source.
    #[inline]
    pub(crate) fn catch(&mut self, next: &[u64], source: &[u64]) {
        let end = self.len + self.width;
        if end > self.caught.len() {
            self.caught.resize(2 * end, 0);
        }
        // Written in any case: whether it counts can hardly be predicted.
        let moved = match (next, source) {
            ([next], [source]) => {
                self.caught[self.len] = *next;
                next != source
            }
            _ => {
                self.caught[self.len..end].copy_from_slice(next);
                next != source
            }
        };
        self.len += self.width * usize::from(moved);
    }

    /// Says that all successors written down since the last time have this source.
    #[inline]
    pub(crate) fn came_from(&mut self, source: &[u64]) {
        if let Some(hints) = &mut self.hints {
            hints.resize(self.len / self.width, low32(hash(source)));
        }
    }

    /// Is it time to sift?
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.len >= FULL
    }

    /// Puts what is left of the successors into the boxes of their owners.
    pub(crate) fn sift(&mut self, boxes: &mut [Batch]) {
        let states = self.caught[..self.len].chunks_exact(self.width);
        match (&self.hints, boxes) {
            (None, [batch]) if self.width == 1 => {
                for state in &self.caught[..self.len] {
                    let hash = hash(&[*state]);
                    let keep = !self.recent.meet(&[*state], hash, 0);
                    batch.push(&[*state], hash, 0, keep);
                }
            }
            (hints, boxes) => {
                for (at, state) in states.enumerate() {
                    let hash = hash(state);
                    let hint = hints.as_ref().map_or(0, |hints| hints[at]);
                    let keep = !self.recent.meet(state, hash, hint);
                    let to = if boxes.len() == 1 { 0 } else { owner(hash, boxes.len()) };
                    boxes[to].push(state, hash, hint, keep);
                }
            }
        }
        self.len = 0;
        self.hints.iter_mut().for_each(Vec::clear);
    }
}
