//! What do all levels so far amount to?

use std::collections::BTreeMap;

use crate::model::Marks;
use crate::options::Storage;
use crate::report::End;
use crate::tally::{Hit, Tally};
use crate::wire::{Reader, put, put_marks};

/// Counts of one level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Level {
    /// Its states.
    pub(crate) states: u64,
    /// Steps out of them.
    pub(crate) transitions: u64,
    /// Those without steps.
    pub(crate) terminal: u64,
    /// Those in which no run may end although none goes on.
    pub(crate) stuck: u64,
}

/// What all levels so far amount to; the same on every worker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Complete levels; the last may not be expanded yet.
    pub(crate) levels: Vec<Level>,
    /// The first hit of each property and its depth.
    pub(crate) hits: BTreeMap<usize, (u32, Hit)>,
    /// For each progress property the first state in which a run may rest, and its depth.
    pub(crate) rests: BTreeMap<usize, (u32, Vec<u64>)>,
    /// The first stuck state and its depth.
    pub(crate) stuck: Option<(u32, Vec<u64>)>,
    /// The properties that were put to the test.
    pub(crate) tested: Marks,
    /// Levels that were expanded to their end.
    pub(crate) expanded: u32,
    /// The most bytes in use.
    pub(crate) bytes: u64,
}

impl Totals {
    /// States in complete levels.
    pub(crate) fn states(&self) -> u64 {
        self.levels.iter().map(|level| level.states).sum()
    }

    /// The level being expanded, or what it would be.
    pub(crate) fn depth(&self) -> u32 {
        u32::try_from(self.levels.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// Adds what the initial states, or the last level, yielded, and tells if that was the end.
    pub(crate) fn add(&mut self, tally: Tally, most: Option<u64>) -> Option<End> {
        self.bytes = self.bytes.max(tally.bytes);
        self.tested |= tally.tested;
        let depth = u32::try_from(self.levels.len()).unwrap_or(u32::MAX);
        for (property, hit) in tally.hits {
            self.hits.entry(property).or_insert((depth, hit));
        }
        let expanded = depth.saturating_sub(1);
        for (property, state) in tally.rests {
            self.rests.entry(property).or_insert((expanded, state));
        }
        if let Some(state) = tally.stuck_at {
            self.stuck.get_or_insert((expanded, state));
        }
        if tally.halt.is_some() {
            return tally.halt;
        }
        if let Some(level) = self.levels.last_mut() {
            level.transitions = tally.transitions;
            level.terminal = tally.terminal;
            level.stuck = tally.stuck;
            self.expanded += 1;
        }
        if tally.full.is_some() || most.is_some_and(|most| self.states() + tally.fresh > most) {
            return tally.full.or(Some(End::States));
        }
        if tally.fresh == 0 {
            return Some(End::Complete);
        }
        self.levels.push(Level { states: tally.fresh, ..Level::default() });
        None
    }

    /// Forgets what was found after the end of level `level`, which is not expanded then.
    pub(crate) fn truncate(&mut self, level: usize) {
        self.levels.truncate(level + 1);
        if let Some(last) = self.levels.last_mut() {
            *last = Level { states: last.states, ..Level::default() };
        }
        let depth = u32::try_from(level).unwrap_or(u32::MAX);
        self.expanded = depth;
        self.hits.retain(|_, (at, _)| *at <= depth);
        self.rests.retain(|_, (at, _)| *at < depth);
        self.stuck = self.stuck.take().filter(|(at, _)| *at < depth);
    }

    /// As words, to be stored.
    pub(crate) fn encode(&self) -> Vec<u64> {
        let mut words = vec![u64::from(self.expanded), self.bytes, self.levels.len() as u64];
        put_marks(&mut words, self.tested);
        for level in &self.levels {
            words.extend([level.states, level.transitions, level.terminal, level.stuck]);
        }
        let (depth, state) = self.stuck.clone().unwrap_or_default();
        words.push(u64::from(depth));
        put(&mut words, &state);
        words.push(self.hits.len() as u64);
        for (property, (depth, hit)) in &self.hits {
            words.extend([*property as u64, u64::from(*depth)]);
            hit.encode(&mut words);
        }
        words.push(self.rests.len() as u64);
        for (property, (depth, state)) in &self.rests {
            words.extend([*property as u64, u64::from(*depth)]);
            put(&mut words, state);
        }
        words
    }

    /// From words, unless they are damaged.
    pub(crate) fn decode(words: &mut Reader<'_>) -> Option<Self> {
        let mut totals = Self { expanded: words.small()?, bytes: words.word()?, ..Self::default() };
        let levels = words.word()?;
        totals.tested = words.marks()?;
        for _ in 0..levels {
            totals.levels.push(Level {
                states: words.word()?,
                transitions: words.word()?,
                terminal: words.word()?,
                stuck: words.word()?,
            });
        }
        let (depth, state) = (words.small()?, words.words()?);
        totals.stuck = (!state.is_empty()).then(|| (depth, state.to_vec()));
        for _ in 0..words.word()? {
            let (property, depth) = (words.count()?, words.small()?);
            totals.hits.insert(property, (depth, Hit::decode(words)?));
        }
        for _ in 0..words.word()? {
            let (property, depth) = (words.count()?, words.small()?);
            let state = words.words()?.to_vec();
            totals.rests.insert(property, (depth, state));
        }
        Some(totals)
    }

    /// The probability that two of the states met had the same fingerprint.
    pub(crate) fn missed(&self, storage: Storage, words: usize) -> f64 {
        if storage == Storage::Exact || words == 1 {
            return 0.0;
        }
        let states = self.states() as f64;
        -(-states * (states - 1.0) / 2f64.powi(65)).exp_m1()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_survive_storage() {
        let level = Level { states: 4, transitions: 7, terminal: 1, stuck: 1 };
        let hit = Hit { source: vec![1], ordinal: 2, action: 3, target: vec![4] };
        let totals = Totals {
            levels: vec![level; 3],
            hits: [(5, (2, hit))].into(),
            rests: [(6, (1, vec![8]))].into(),
            stuck: Some((1, vec![9])),
            tested: 1 << 100 | 6,
            expanded: 2,
            bytes: 77,
        };
        let words = totals.encode();
        assert_eq!(Totals::decode(&mut Reader::new(&words)), Some(totals.clone()));
        let mut before = totals;
        before.truncate(1);
        assert_eq!((before.levels.len(), before.expanded), (2, 1));
        assert_eq!((before.levels[0], before.levels[1].transitions), (level, 0));
        assert!(before.hits.is_empty() && before.rests.is_empty() && before.stuck.is_none());
    }

    #[test]
    fn ten_million_fingerprints_miss_a_state_once_in_three_hundred_thousand_searches() {
        let level = Level { states: 10_000_000, ..Level::default() };
        let totals = Totals { levels: vec![level], ..Totals::default() };
        let missed = totals.missed(Storage::Compact, 2);
        assert!((2.6e-6..2.8e-6).contains(&missed), "{missed}");
    }
}
