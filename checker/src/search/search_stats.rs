//! Statistics of the search: the sums over all levels so far.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::report::End;
use crate::search::level_stats::{Hit, LevelStats};

/// Counts of one level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LevelCounts {
    /// Its states.
    pub(crate) states: u64,
    /// Steps out of them.
    pub(crate) transitions: u64,
    /// States without steps.
    pub(crate) terminal: u64,
    /// Terminal states in which no run may end.
    pub(crate) stuck: u64,
}

impl LevelCounts {
    /// Adds the counts of other states.
    pub(crate) fn add(&mut self, other: Self) {
        self.states += other.states;
        self.transitions += other.transitions;
        self.terminal += other.terminal;
        self.stuck += other.stuck;
    }
}

/// The sums over all levels so far; the same on every worker.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SearchStats {
    /// Complete levels; the last may not be expanded yet.
    pub(crate) levels: Vec<LevelCounts>,
    /// The first hit of each property and its depth.
    pub(crate) hits: BTreeMap<usize, (u32, Hit)>,
    /// For each progress property the first quiescent state in which it is pending, and its depth.
    pub(crate) quiescent: BTreeMap<usize, (u32, Vec<u64>)>,
    /// The first stuck state and its depth.
    pub(crate) stuck: Option<(u32, Vec<u64>)>,
    /// For each level expanded to its end how often each property was tested.
    pub(crate) tested: Vec<BTreeMap<usize, u64>>,
    /// The depth at which a step first went down in the order of the system; 0 if it knows none.
    pub(crate) descent: Option<u32>,
    /// Levels that were expanded to their end.
    pub(crate) expanded: u32,
    /// The most bytes in use.
    pub(crate) bytes: u64,
}

impl SearchStats {
    /// States in complete levels.
    pub(crate) fn states(&self) -> u64 {
        self.levels.iter().map(|level| level.states).sum()
    }

    /// States of the last complete level.
    pub(crate) fn frontier(&self) -> u64 {
        self.levels.last().map_or(0, |level| level.states)
    }

    /// The level being expanded.
    pub(crate) fn depth(&self) -> u32 {
        u32::try_from(self.levels.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// Adds what the initial states, or the last level, yielded. Returns why the search ends, if it
    /// does.
    pub(crate) fn add(&mut self, level: LevelStats, most: Option<u64>) -> Option<End> {
        self.bytes = self.bytes.max(level.bytes);
        let depth = u32::try_from(self.levels.len()).unwrap_or(u32::MAX);
        for (property, hit) in level.hits {
            self.hits.entry(property).or_insert((depth, hit));
        }
        if level.descent {
            self.descent.get_or_insert(depth);
        }
        let expanded = depth.saturating_sub(1);
        for (property, state) in level.quiescent {
            self.quiescent.entry(property).or_insert((expanded, state));
        }
        if let Some(state) = level.first_stuck {
            self.stuck.get_or_insert((expanded, state));
        }
        if level.halt.is_some() {
            return level.halt;
        }
        if let Some(counts) = self.levels.last_mut() {
            counts.transitions = level.transitions;
            counts.terminal = level.terminal;
            counts.stuck = level.stuck;
            self.tested.push(level.tested);
            self.expanded += 1;
        }
        if level.full.is_some() || most.is_some_and(|most| self.states() + level.fresh > most) {
            return level.full.or(Some(End::States));
        }
        if level.fresh == 0 {
            return Some(End::Complete);
        }
        self.levels.push(LevelCounts { states: level.fresh, ..LevelCounts::default() });
        None
    }

    /// How often the property was tested.
    pub(crate) fn times_tested(&self, property: usize) -> u64 {
        self.tested.iter().filter_map(|level| level.get(&property)).sum()
    }

    /// Removes what was found by expanding level `level` and those after it.
    pub(crate) fn truncate(&mut self, level: usize) {
        self.levels.truncate(level + 1);
        self.tested.truncate(level);
        if let Some(last) = self.levels.last_mut() {
            *last = LevelCounts { states: last.states, ..LevelCounts::default() };
        }
        let depth = u32::try_from(level).unwrap_or(u32::MAX);
        self.expanded = depth;
        self.hits.retain(|_, (at, _)| *at <= depth);
        self.descent = self.descent.filter(|at| *at <= depth);
        self.quiescent.retain(|_, (at, _)| *at < depth);
        self.stuck = self.stuck.take().filter(|(at, _)| *at < depth);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncating_leaves_what_was_known_before_a_level_was_expanded() {
        let level = LevelCounts { states: 4, transitions: 7, terminal: 1, stuck: 1 };
        let hit = Hit { source: vec![1], ordinal: 2, action: 3, target: vec![4] };
        let stats = SearchStats {
            levels: vec![level; 3],
            hits: [(5, (1, hit.clone())), (6, (2, hit))].into(),
            quiescent: [(6, (1, vec![8]))].into(),
            stuck: Some((1, vec![9])),
            descent: Some(2),
            expanded: 2,
            ..SearchStats::default()
        };
        let mut before = stats.clone();
        before.truncate(2);
        let unexpanded = LevelCounts { states: 4, ..LevelCounts::default() };
        let levels = vec![level, level, unexpanded];
        assert_eq!(before, SearchStats { levels, ..stats });
        before.truncate(1);
        assert_eq!(before.levels, [level, unexpanded]);
        assert_eq!(before.expanded, 1);
        assert!(before.hits.keys().eq(&[5]));
        assert!(before.quiescent.is_empty());
        assert_eq!((before.stuck, before.descent), (None, None));
    }
}
