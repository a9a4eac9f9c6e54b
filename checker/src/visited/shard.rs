//! The shard of one worker: the states it owns.
//!
//! The [table](crate::visited::table) knows every state and its level. Beside it there are only the
//! states still to be expanded, and those of the level being filled.

use std::ops::Range;

use crate::visited::frontier::Frontier;
use crate::visited::ranks::Ranks;
use crate::visited::table::Table;

/// States that [`Shard::gather`] may gather even if every level is smaller.
const GATHER: usize = 1 << 16;

/// The states owned by one worker.
pub(crate) struct Shard {
    table: Table,
    /// The last complete level, or what is left of it.
    frontier: Frontier,
    /// The level being filled.
    filling: Frontier,
    /// The states of every level; the last is the one being filled.
    levels: Vec<usize>,
}

impl Shard {
    /// An empty shard whose level 0 is being filled, for states of `words` words with fields of
    /// these widths.
    pub(crate) fn new(words: usize, fields: &[u32]) -> Self {
        Self {
            table: Table::new(words, fields),
            frontier: Frontier::new(words),
            filling: Frontier::new(words),
            levels: vec![0],
        }
    }

    /// Words of a state.
    pub(crate) fn words(&self) -> usize {
        self.table.words()
    }

    /// States owned.
    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }

    /// Levels, the one being filled included.
    pub(crate) fn levels(&self) -> usize {
        self.levels.len()
    }

    /// States of the level being filled.
    pub(crate) fn fresh(&self) -> usize {
        self.levels.last().copied().unwrap_or(0)
    }

    /// Bytes of table and frontier.
    pub(crate) fn bytes(&self) -> usize {
        self.table.bytes() + self.frontier.bytes() + self.filling.bytes()
    }

    /// Completes the level being filled and begins the next.
    pub(crate) fn seal(&mut self) {
        self.levels.push(0);
        let empty = Frontier::new(self.words());
        self.frontier = std::mem::replace(&mut self.filling, empty);
    }

    /// Takes states of the last complete level to expand them.
    pub(crate) fn take(&mut self) -> Option<Vec<u64>> {
        self.frontier.take()
    }

    /// The states of the last complete level, none of which was taken, in blocks.
    pub(crate) fn sealed(&self) -> impl Iterator<Item = &[u64]> {
        self.frontier.blocks()
    }

    /// Adds the new ones among these states to the level being filled.
    pub(crate) fn absorb(&mut self, states: &[u64]) {
        let (filling, mut fresh) = (&mut self.filling, 0);
        let level = u32::try_from(self.levels.len() - 1).unwrap_or(u32::MAX);
        self.table.insert(states, level, |state| {
            filling.push(state);
            fresh += 1;
        });
        self.levels.last_mut().into_iter().for_each(|level| *level += fresh);
    }

    /// The ranks of all states.
    pub(crate) fn ranks(&self) -> Ranks<'_> {
        Ranks::new(&self.table)
    }

    /// The states of `last` and of as many levels before as one look at the whole table should
    /// gather: not many more than the largest level has. Each level has its states one after the
    /// other.
    pub(crate) fn gather(&self, last: usize) -> (Range<usize>, Vec<Vec<u64>>) {
        let most = self.levels.iter().max().map_or(GATHER, |&most| most.max(GATHER));
        let (mut first, mut sum) = (last, self.levels[last]);
        while first > 0 && sum + self.levels[first - 1] <= most {
            first -= 1;
            sum += self.levels[first];
        }
        let mut levels: Vec<Vec<u64>> = vec![Vec::new(); last + 1 - first];
        let wanted = |level: u32| (first..=last).contains(&(level as usize));
        self.table.each(self.table.places((0, 0)), wanted, |level, state| {
            levels[level as usize - first].extend_from_slice(state);
        });
        (first..last + 1, levels)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::hash::low32;

    /// Fields, and levels of states whose numbers grow from level to level.
    fn levels() -> impl Strategy<Value = (usize, Vec<u32>, Vec<Vec<u64>>)> {
        let widths = prop_oneof![
            Just((1, vec![9, 9, 9, 9])),
            Just((1, vec![64])),
            Just((2, vec![20, 20, 20, 40, 10])),
            Just((3, vec![64, 64, 64])),
        ];
        (widths, 1usize..100).prop_flat_map(|((words, widths), count)| {
            let levels = (1..=count as u64).map(move |level| {
                let word = (any::<u64>(), 0..=level).prop_map(move |(word, less)| {
                    let bits = (level.max(8) - less.min(level - 1).min(7)).min(64);
                    word >> (64 - bits)
                });
                prop::collection::vec(word, words * 200).prop_map(move |mut level| {
                    // Fields leave the upper bits of one word out.
                    let free = if words == 1 && count % 2 == 0 { 28 } else { 0 };
                    level.iter_mut().for_each(|word| *word &= u64::MAX >> free);
                    level
                })
            });
            (Just(words), Just(widths), levels.collect::<Vec<_>>())
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn a_shard_is_a_map_from_states_to_levels((words, widths, levels) in levels()) {
            let mut shard = Shard::new(words, &widths);
            let mut known: BTreeMap<Vec<u64>, u32> = BTreeMap::new();
            for (at, states) in (0..).zip(&levels) {
                for state in states.chunks_exact(words) {
                    known.entry(state.to_vec()).or_insert(at);
                }
                shard.absorb(states);
                shard.absorb(states);
                shard.seal();
                let fresh: usize = shard.sealed().map(|block| block.len() / words).sum();
                prop_assert_eq!(fresh, known.values().filter(|level| **level == at).count());
            }
            prop_assert_eq!(shard.len(), known.len());
            let (ranks, all) = (shard.ranks(), low32(known.len() as u64));
            let mut read = BTreeMap::new();
            let mut in_order = Vec::new();
            ranks.each(0..all, |level, state| {
                in_order.extend_from_slice(state);
                read.insert(state.to_vec(), level);
            });
            prop_assert_eq!(&read, &known);
            let expected: Vec<Option<u32>> = (0..all).map(Some).collect();
            prop_assert_eq!(ranks.find(&in_order), expected);
            let mut middle = Vec::new();
            let half = all / 2;
            ranks.each(half..all, |_, state| middle.extend_from_slice(state));
            prop_assert_eq!(&middle[..], &in_order[half as usize * words..]);
            let last = levels.len() - 1;
            let (range, gathered) = shard.gather(last);
            let first = low32(range.start as u64);
            for (at, states) in (first..).zip(gathered) {
                for state in states.chunks_exact(words) {
                    prop_assert_eq!(known.remove(state), Some(at));
                }
            }
            prop_assert!(known.values().all(|level| *level < first));
        }
    }

    #[test]
    fn states_never_met_have_no_rank() {
        let mut shard = Shard::new(1, &[9, 9]);
        shard.absorb(&(0..1000).collect::<Vec<_>>());
        let ranks = shard.ranks();
        assert_eq!(ranks.find(&[1000, 1 << 40, u64::MAX]), [None; 3]);
        assert!(ranks.find(&[0, 999]).iter().all(Option::is_some));
    }

    #[test]
    fn neighbours_are_told_apart() {
        for shift in [0, 5, 20, 40] {
            let mut shard = Shard::new(1, &[64]);
            for from in (0..1 << 20).step_by(1 << 10) {
                let states: Vec<u64> = (from..from + (1 << 10)).map(|n: u64| n << shift).collect();
                shard.absorb(&states);
                shard.absorb(&states);
            }
            assert_eq!(shard.len(), 1 << 20, "{shift}");
        }
    }

    /// Two million tuples of four numbers, each below 512, in fifty levels.
    #[test]
    fn tuples_of_small_numbers_take_at_most_seven_bytes_at_every_moment() {
        for (widths, spread) in [(vec![9; 4], 9), (vec![16; 4], 16)] {
            let mut shard = Shard::new(1, &widths);
            let mut most: f64 = 0.0;
            for level in 0..50u64 {
                let states = (level * 40_000..(level + 1) * 40_000).map(|n| {
                    // An odd factor keeps different numbers different.
                    let numbers = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                    (0..4).fold(0, |word, at| word | (numbers >> (9 * at) & 511) << (spread * at))
                });
                let states: Vec<u64> = states.collect();
                while shard.take().is_some() {}
                states.chunks(256).for_each(|states| shard.absorb(states));
                shard.seal();
                if level > 24 {
                    most = most.max(shard.bytes() as f64 / shard.len() as f64);
                }
            }
            assert_eq!(shard.len(), 2_000_000);
            assert!(most < 7.0, "{most}");
        }
    }
}
