//! A cache of the states met last, each with its depth.
//!
//! Many states are met again soon, from neighbours of the state that led there first. A
//! direct-mapped cache recognises them, so that they do not wait twice. It compares whole states.

use crate::hash::{hash, index};

/// Bytes of the cache, at most twice as many: a larger one costs more time than it saves.
const BYTES: usize = 1 << 16;

/// The last states met, one for each value of some bits of the hash.
pub(crate) struct Latest {
    width: usize,
    mask: u64,
    states: Vec<u64>,
    depths: Vec<u32>,
}

impl Latest {
    /// An empty cache for states of `width` words.
    pub(crate) fn new(width: usize) -> Self {
        let slots = (BYTES / (8 * width + 4)).next_power_of_two();
        let (states, depths) = (vec![0; slots * width], vec![u32::MAX; slots]);
        Self { width, mask: slots as u64 - 1, states, depths }
    }

    /// Inserts a state, `depth` steps away. Returns whether it was there with no greater depth.
    #[inline]
    pub(crate) fn insert(&mut self, state: &[u64], depth: u32) -> bool {
        let slot = index(hash(state) >> 20 & self.mask);
        let known = &mut self.states[slot * self.width..(slot + 1) * self.width];
        let mut difference = 0;
        for (known, word) in known.iter_mut().zip(state) {
            difference |= *known ^ word;
            *known = *word;
        }
        let least = &mut self.depths[slot];
        if difference == 0 && *least <= depth {
            return true;
        }
        *least = depth;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_known_unless_it_comes_by_fewer_steps() {
        for width in 1..4 {
            let mut latest = Latest::new(width);
            for word in 0..100 {
                let state = vec![word; width];
                let known = [5, 5, 6, 3, 4, 3].map(|depth| latest.insert(&state, depth));
                assert_eq!(known, [false, true, true, false, true, true], "{word}");
            }
        }
    }
}
