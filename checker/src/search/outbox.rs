//! The outbox of a worker: successors on their way to the workers that own them.
//!
//! Expanding only writes successors down, as the system calls back for each of them. Many are then
//! routed together: those that lead back to their own source, or were met a moment ago, are
//! dropped, the others go into the batches of their owners.

use crate::hash::{hash, owner};
use crate::search::recent::Recent;
use crate::system::TransitionSystem;
use crate::visited::batch::Batch;

/// The words from which successors are worth routing.
const FULL: usize = 1 << 10;

/// Successors that were found and not routed yet.
pub(crate) struct Outbox {
    width: usize,
    /// Room for successors, one after the other; words from `len` on are garbage.
    states: Vec<u64>,
    len: usize,
    recent: Recent,
}

impl Outbox {
    /// An empty outbox for states of `width` words.
    pub(crate) fn new(width: usize) -> Self {
        Self { width, states: vec![0; FULL + width], len: 0, recent: Recent::new(width) }
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

    /// Is it worth routing?
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.len >= FULL
    }

    /// Moves states that another worker has found into the batch of their owner, if they may be
    /// new. Neighbours find the same states whoever owns them: half of what arrives was met
    /// already.
    pub(crate) fn accept(&mut self, states: &[u64], batch: &mut Batch) {
        for state in states.chunks_exact(self.width) {
            batch.push(state, !self.recent.insert(state, hash(state)));
        }
    }

    /// Moves the successors that may be new into the batches of their owners.
    pub(crate) fn route<S: TransitionSystem>(&mut self, system: &S, batches: &mut [Batch]) {
        let states = &self.states[..self.len];
        match batches {
            [batch] if self.width == 1 => {
                for state in states {
                    let state = std::slice::from_ref(state);
                    batch.push(state, !self.recent.insert(state, hash(state)));
                }
            }
            batches => {
                let peers = batches.len();
                for state in states.chunks_exact(self.width) {
                    let to = if peers == 1 { 0 } else { owner(system.home(state), peers) };
                    batches[to].push(state, !self.recent.insert(state, hash(state)));
                }
            }
        }
        self.len = 0;
    }
}
