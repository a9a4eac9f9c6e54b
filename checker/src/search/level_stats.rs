//! Statistics of one level: the result of expanding it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::report::End;

/// A marked step, or a marked initial state, which has no source. Of two, the one with the least
/// source, and then the least position among its steps, is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Hit {
    /// Where the step begins; empty for an initial state.
    pub(crate) source: Vec<u64>,
    /// Its position among the steps from there.
    pub(crate) ordinal: u32,
    /// Its action.
    pub(crate) action: u32,
    /// Where it leads.
    pub(crate) target: Vec<u64>,
}

/// What expanding one level yielded, on one worker or on all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LevelStats {
    /// States met for the first time.
    pub(crate) fresh: u64,
    /// Steps taken.
    pub(crate) transitions: u64,
    /// States without steps.
    pub(crate) terminal: u64,
    /// Terminal states in which no run may end.
    pub(crate) stuck: u64,
    /// The least stuck state.
    pub(crate) first_stuck: Option<Vec<u64>>,
    /// The least hit of each property.
    pub(crate) hits: BTreeMap<usize, Hit>,
    /// For each progress property the least quiescent state in which it is pending.
    pub(crate) quiescent: BTreeMap<usize, Vec<u64>>,
    /// How often each property was tested.
    pub(crate) tested: BTreeMap<usize, u64>,
    /// Did a step go down in the order of the system, or does it know none?
    pub(crate) descent: bool,
    /// Why new states were no longer kept, if so.
    pub(crate) full: Option<End>,
    /// Why the level was left in the middle, if so.
    pub(crate) halt: Option<End>,
    /// Bytes in use.
    pub(crate) bytes: u64,
    /// Is a checkpoint due?
    pub(crate) due: bool,
}

impl LevelStats {
    /// Notes a hit of `property`.
    pub(crate) fn note_hit(&mut self, property: usize, hit: Hit) {
        let least = self.hits.entry(property).or_insert_with(|| hit.clone());
        if hit < *least {
            *least = hit;
        }
    }

    /// Notes a stuck state.
    pub(crate) fn note_stuck(&mut self, state: &[u64]) {
        self.stuck += 1;
        keep_least(&mut self.first_stuck, state);
    }

    /// Notes a quiescent state in which progress property `property` is pending.
    pub(crate) fn note_quiescent(&mut self, property: usize, state: &[u64]) {
        let least = self.quiescent.entry(property);
        let least = least.or_insert_with(|| state.to_vec());
        if state < &least[..] {
            *least = state.to_vec();
        }
    }

    /// Adds what another worker found.
    pub(crate) fn merge(&mut self, other: Self) {
        self.fresh += other.fresh;
        self.transitions += other.transitions;
        self.terminal += other.terminal;
        self.stuck += other.stuck;
        if let Some(state) = &other.first_stuck {
            keep_least(&mut self.first_stuck, state);
        }
        for (property, hit) in other.hits {
            self.note_hit(property, hit);
        }
        for (property, state) in &other.quiescent {
            self.note_quiescent(*property, state);
        }
        for (property, times) in other.tested {
            *self.tested.entry(property).or_default() += times;
        }
        self.descent |= other.descent;
        self.full = self.full.or(other.full);
        self.halt = self.halt.or(other.halt);
        self.bytes += other.bytes;
        self.due |= other.due;
    }
}

fn keep_least(least: &mut Option<Vec<u64>>, state: &[u64]) {
    if least.as_ref().is_none_or(|least| state < &least[..]) {
        *least = Some(state.to_vec());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn least_hit_is_kept_in_any_order() {
        let hit =
            |source, ordinal| Hit { source: vec![source], ordinal, action: 5, target: vec![9] };
        let mut stats = LevelStats::default();
        for hit in [hit(3, 0), hit(2, 7), hit(2, 4), hit(8, 1)] {
            stats.note_hit(1, hit);
        }
        assert_eq!(stats.hits[&1], hit(2, 4));
    }
}
