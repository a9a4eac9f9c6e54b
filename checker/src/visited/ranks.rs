//! The ranks of visited states: consecutive numbers by their places in the table.

use std::ops::Range;

use crate::hash::low32;
use crate::visited::table::{Place, Table};

/// The ranks of the states in a table.
pub(crate) struct Ranks<'a> {
    table: &'a Table,
    /// For each part the first of its lines, counted over all parts.
    parts: Vec<usize>,
    /// For each line the rank of its first state.
    lines: Vec<u32>,
}

impl<'a> Ranks<'a> {
    /// The ranks of a table that grows no more. It has less than 2³² states.
    pub(crate) fn new(table: &'a Table) -> Self {
        let (mut parts, mut lines) = (Vec::new(), Vec::new());
        let mut rank = 0;
        for part in table.parts() {
            parts.push(lines.len());
            for line in 0..part.lines() {
                lines.push(low32(rank));
                rank += part.used(line) as u64;
            }
        }
        Self { table, parts, lines }
    }

    /// States.
    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }

    /// Words of a state.
    pub(crate) fn words(&self) -> usize {
        self.table.words()
    }

    /// The ranks of states, one after the other in `states`; none for those that were never met.
    pub(crate) fn find(&self, states: &[u64]) -> Vec<Option<u32>> {
        let mut ranks = Vec::with_capacity(states.len() / self.words());
        self.table.find(states, |place| ranks.push(place.map(|place| self.rank(place))));
        ranks
    }

    fn rank(&self, (part, line, slot): Place) -> u32 {
        self.lines[self.parts[part] + line] + low32(slot as u64)
    }

    /// Calls `each(level, state)` with the states of these ranks, in order.
    pub(crate) fn each(&self, ranks: Range<u32>, each: impl FnMut(u32, &[u64])) {
        let first = self.lines.partition_point(|&rank| rank <= ranks.start).saturating_sub(1);
        let part = self.parts.partition_point(|&line| line <= first).saturating_sub(1);
        let places = self.table.places((part, first - self.parts[part]));
        let places = places.skip_while(|place| self.rank(*place) < ranks.start);
        self.table.each(places.take(ranks.len()), |_| true, each);
    }
}
