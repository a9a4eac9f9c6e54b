//! The steps that one worker remembers, in lists, by what they have asked.

use std::collections::HashMap;

use hashbrown::HashTable;

use crate::hash::{hash, low32};
use crate::marks::{MAX_PROPERTIES, Marks};
use crate::modular::Made;

/// A step to be used again.
pub(super) struct Step {
    pub(super) action: u32,
    marks: u32,
    tested: u32,
    delta: u32,
    /// The bits of the state's numbers that change, and what they become.
    pub(super) mask: u128,
    pub(super) set: u128,
}

/// The steps of an actor wherever its part and all answers are the same.
struct List {
    start: u32,
    end: u32,
    /// Where its key ends, and the key before it.
    key: u32,
    descends: bool,
    uses: u64,
}

/// The steps remembered.
#[derive(Default)]
pub(super) struct Steps {
    keys: Vec<u64>,
    index: HashTable<u32>,
    lists: Vec<List>,
    steps: Vec<Step>,
    /// Lists that have been used since the tests were counted.
    used: Vec<u32>,
    sets: Sets,
    deltas: Vec<(u128, u128)>,
    delta_numbers: HashMap<(u128, u128), u32>,
    descends: bool,
}

/// Sets of properties, by number; none is the first.
struct Sets {
    all: Vec<Marks>,
    numbers: HashMap<Marks, u32>,
}

impl Default for Sets {
    fn default() -> Self {
        Self { all: vec![Marks::NONE], numbers: HashMap::from([(Marks::NONE, 0)]) }
    }
}

impl Sets {
    fn number(&mut self, set: Marks) -> u32 {
        let next = low32(self.all.len() as u64);
        let number = *self.numbers.entry(set).or_insert(next);
        if number == next {
            self.all.push(set);
        }
        number
    }
}

/// No change of the common part.
const NONE: u32 = u32::MAX;

impl Steps {
    /// The list with this key.
    #[inline]
    pub(super) fn find(&self, key: &[u64]) -> Option<u32> {
        self.index.find(hash(key), |list| self.key(*list) == key).copied()
    }

    #[inline]
    fn key(&self, list: u32) -> &[u64] {
        let start = if list == 0 { 0 } else { self.lists[list as usize - 1].key };
        &self.keys[start as usize..self.lists[list as usize].key as usize]
    }

    /// Begins a list.
    pub(super) fn begin(&mut self) {
        self.descends = false;
    }

    /// Adds a step that changes the state's numbers so, and the bits of the common part.
    pub(super) fn push(&mut self, made: &Made<'_>, (mask, set): (u128, u128), bits: u128) {
        let delta = if bits == 0 { NONE } else { self.delta_number((bits, made.common & bits)) };
        self.descends |= !made.ascends;
        let (marks, tested) = (self.sets.number(made.marks), self.sets.number(made.tested));
        self.steps.push(Step { action: made.action, marks, tested, delta, mask, set });
    }

    fn delta_number(&mut self, delta: (u128, u128)) -> u32 {
        let next = low32(self.deltas.len() as u64);
        let number = *self.delta_numbers.entry(delta).or_insert(next);
        if number == next {
            self.deltas.push(delta);
        }
        number
    }

    /// Ends the list, which has this key.
    pub(super) fn finish(&mut self, key: &[u64]) -> u32 {
        let number = low32(self.lists.len() as u64);
        let start = self.lists.last().map_or(0, |list| list.end);
        self.keys.extend_from_slice(key);
        self.lists.push(List {
            start,
            end: low32(self.steps.len() as u64),
            key: low32(self.keys.len() as u64),
            descends: self.descends,
            uses: 0,
        });
        let (keys, lists) = (&self.keys, &self.lists);
        self.index.insert_unique(hash(key), number, |list| {
            let start = if *list == 0 { 0 } else { lists[*list as usize - 1].key };
            hash(&keys[start as usize..lists[*list as usize].key as usize])
        });
        number
    }

    #[inline]
    pub(super) fn list(&self, list: u32) -> &[Step] {
        let List { start, end, .. } = self.lists[list as usize];
        &self.steps[start as usize..end as usize]
    }

    /// Does a step of the list go down in the order of states?
    #[inline]
    pub(super) fn descends(&self, list: u32) -> bool {
        self.lists[list as usize].descends
    }

    #[inline]
    pub(super) fn marks(&self, step: &Step) -> Marks {
        if step.marks == 0 { Marks::NONE } else { self.sets.all[step.marks as usize] }
    }

    /// The bits of the common part that a step changes, and what they become.
    #[inline]
    pub(super) fn delta(&self, step: &Step) -> Option<(u128, u128)> {
        (step.delta != NONE).then(|| self.deltas[step.delta as usize])
    }

    /// Counts a use of the list.
    #[inline]
    pub(super) fn count(&mut self, list: u32) {
        let uses = &mut self.lists[list as usize].uses;
        if *uses == 0 {
            self.used.push(list);
        }
        *uses += 1;
    }

    /// How often each property was tested since the last time.
    pub(super) fn tested(&mut self, each: &mut dyn FnMut(usize, u64)) {
        let mut times = [0u64; MAX_PROPERTIES];
        for list in self.used.drain(..) {
            let List { start, end, ref mut uses, .. } = self.lists[list as usize];
            let uses = std::mem::take(uses);
            for step in &self.steps[start as usize..end as usize] {
                for property in self.sets.all[step.tested as usize].iter() {
                    times[property] += uses;
                }
            }
        }
        let tested = times.into_iter().enumerate().filter(|(_, times)| *times > 0);
        tested.for_each(|(property, times)| each(property, times));
    }
}
