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
    /// The least hint with which each was met, if hints matter.
    hints: Vec<u32>,
}

impl Recent {
    /// An empty cache for states of `width` words, with or without hints.
    pub(crate) fn new(width: usize, hinted: bool) -> Self {
        let slots = (WORDS / width).next_power_of_two().max(1 << 8);
        let mut recent = Self {
            width,
            mask: slots as u64 - 1,
            states: vec![0; slots * width],
            hints: vec![u32::MAX; if hinted { slots } else { 0 }],
        };
        // No slot may begin with a state whose slot it is.
        let mut other = vec![0; width];
        let zero = recent.slot(hash(&other));
        while recent.slot(hash(&other)) == zero {
            other[0] += 1;
        }
        recent.states[zero * width..(zero + 1) * width].copy_from_slice(&other);
        recent
    }

    /// Inserts a state. Returns whether it was there, with a hint of at most `hint`.
    #[inline]
    pub(crate) fn insert(&mut self, state: &[u64], hash: u64, hint: u32) -> bool {
        let slot = self.slot(hash);
        let known = match state {
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
        };
        match self.hints.get_mut(slot) {
            None => known,
            Some(least) if known && *least <= hint => true,
            Some(least) => {
                *least = hint;
                false
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
            let mut recent = Recent::new(width, false);
            for word in 0..300 {
                let state = vec![word; width];
                let hash = hash(&state);
                assert!(!recent.insert(&state, hash, 0), "{word}");
                assert!(recent.insert(&state, hash, 0), "{word}");
            }
        }
    }

    #[test]
    fn a_lesser_hint_is_new() {
        let mut recent = Recent::new(2, true);
        let hash = hash(&[0, 0]);
        let new = [7, 7, 9, 3, 5].map(|hint| !recent.insert(&[0, 0], hash, hint));
        assert_eq!(new, [true, false, false, true, false]);
    }
}
