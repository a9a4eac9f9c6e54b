//! A cache of recently met states.
//!
//! Most steps lead to states that a neighbour's step has just led to. A direct-mapped cache, small
//! enough for the processor's own, recognises most of them before anything is looked up or sent. It
//! compares whole states, so it never takes a new state for a known one.

use crate::hash::{hash, index};

/// Words of the cache: small enough for the second level of any processor's cache.
const WORDS: usize = 1 << 15;

/// The last states met, one for each value of some bits of the hash.
pub(crate) struct Recent {
    width: usize,
    mask: u64,
    states: Vec<u64>,
}

impl Recent {
    /// An empty cache for states of `width` words.
    pub(crate) fn new(width: usize) -> Self {
        let slots = (WORDS / width).next_power_of_two().max(1 << 8);
        let mut recent = Self { width, mask: slots as u64 - 1, states: vec![0; slots * width] };
        // No slot may begin with a state whose slot it is.
        let mut other = vec![0; width];
        let zero = recent.slot(hash(&other));
        while recent.slot(hash(&other)) == zero {
            other[0] += 1;
        }
        recent.states[zero * width..(zero + 1) * width].copy_from_slice(&other);
        recent
    }

    /// Inserts a state. Returns whether it was there.
    #[inline]
    pub(crate) fn insert(&mut self, state: &[u64], hash: u64) -> bool {
        let slot = self.slot(hash);
        match state {
            [word] => std::mem::replace(&mut self.states[slot], *word) == *word,
            words => {
                let known = &mut self.states[slot * self.width..(slot + 1) * self.width];
                let mut difference = 0;
                for (known, word) in known.iter_mut().zip(words) {
                    difference |= *known ^ word;
                    *known = *word;
                }
                difference == 0
            }
        }
    }

    #[inline]
    fn slot(&self, hash: u64) -> usize {
        index(hash >> 20 & self.mask)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_new_once() {
        for width in 1..4 {
            let mut recent = Recent::new(width);
            for word in 0..300 {
                let state = vec![word; width];
                let hash = hash(&state);
                assert!(!recent.insert(&state, hash), "{word}");
                assert!(recent.insert(&state, hash), "{word}");
            }
        }
    }
}
