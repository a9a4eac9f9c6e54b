//! Statistics of one level: the result of expanding it.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::report::End;
use crate::system::TransitionSystem;

/// A marked step, or a marked initial state, which has no source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

impl Hit {
    /// Of two hits, the one with the least source, and then the least position among its steps, is
    /// kept; of two initial states the least.
    fn compare<S: TransitionSystem>(&self, other: &Self, system: &S) -> Ordering {
        if self.source.is_empty() || other.source.is_empty() {
            return system.compare(&self.target, &other.target);
        }
        let sources = system.compare(&self.source, &other.source);
        sources.then(self.ordinal.cmp(&other.ordinal))
    }
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
    pub(crate) fn note_hit<S: TransitionSystem>(&mut self, system: &S, property: usize, hit: Hit) {
        let least = self.hits.entry(property).or_insert_with(|| hit.clone());
        if hit.compare(least, system).is_lt() {
            *least = hit;
        }
    }

    /// Notes a stuck state.
    pub(crate) fn note_stuck<S: TransitionSystem>(&mut self, system: &S, state: &[u64]) {
        self.stuck += 1;
        keep_least(system, &mut self.first_stuck, state);
    }

    /// Notes a quiescent state in which progress property `property` is pending.
    pub(crate) fn note_quiescent<S: TransitionSystem>(
        &mut self,
        system: &S,
        property: usize,
        state: &[u64],
    ) {
        let least = self.quiescent.entry(property).or_insert_with(|| state.to_vec());
        if system.compare(state, least).is_lt() {
            *least = state.to_vec();
        }
    }

    /// All states in it.
    pub(crate) fn states(&mut self) -> impl Iterator<Item = &mut Vec<u64>> {
        let hits = self.hits.values_mut().flat_map(|hit| [&mut hit.source, &mut hit.target]);
        let states = hits.chain(self.quiescent.values_mut()).chain(&mut self.first_stuck);
        // An initial state has no source.
        states.filter(|state| !state.is_empty())
    }

    /// Adds what another worker found.
    pub(crate) fn merge<S: TransitionSystem>(&mut self, system: &S, other: Self) {
        self.fresh += other.fresh;
        self.transitions += other.transitions;
        self.terminal += other.terminal;
        self.stuck += other.stuck;
        if let Some(state) = &other.first_stuck {
            keep_least(system, &mut self.first_stuck, state);
        }
        for (property, hit) in other.hits {
            self.note_hit(system, property, hit);
        }
        for (property, state) in &other.quiescent {
            self.note_quiescent(system, *property, state);
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

fn keep_least<S: TransitionSystem>(system: &S, least: &mut Option<Vec<u64>>, state: &[u64]) {
    if least.as_ref().is_none_or(|least| system.compare(state, least).is_lt()) {
        *least = Some(state.to_vec());
    }
}
