//! The steps that one worker remembers, in lists, by what they have asked.

use std::collections::BTreeMap;

use crate::hash::{hash, index, low32};
use crate::marks::{MAX_PROPERTIES, Marks};

/// How much is counted of the tests of properties.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tally {
    /// Every step and every state that tests one.
    #[default]
    All,
    /// Every step; of what states test whether any does.
    Steps,
    /// Nothing.
    None,
}

/// Where a list of steps belongs: the place where they were asked for, and all answers there.
pub(super) type Key = [u64; 2];

/// A step to be used again.
#[derive(Clone, Copy)]
pub(super) struct Step<const W: usize> {
    pub(super) action: u32,
    /// What it does to the common part; none if [`UNCHANGED`].
    pub(super) delta: u32,
    marks: u32,
    tested: u32,
    /// The bits of the state's numbers that change, and what they become.
    pub(super) mask: [u64; W],
    pub(super) set: [u64; W],
}

/// No intent that reduction could choose by.
pub(super) const NO_INTENT: u32 = u32::MAX;

/// No change of the common part.
pub(super) const UNCHANGED: u32 = u32::MAX;

/// The steps of an actor wherever its part and all answers are the same; without any use of the
/// place if `end` is 0.
#[derive(Clone, Copy, Default)]
#[repr(align(32))]
struct List {
    key: Key,
    start: u32,
    end: u32,
    /// Uses since the tests were counted.
    uses: u64,
}

/// The steps remembered: a hash table of lists, probed linearly, at most half full.
pub(super) struct Steps<const W: usize> {
    table: Vec<List>,
    lists: usize,
    steps: Vec<Step<W>>,
    sets: Sets,
    /// The number of the intent of the list that begins at a step, where reduction is asked for.
    intents: BTreeMap<u32, u32>,
}

/// Sets of properties, by number; none is the first.
struct Sets {
    all: Vec<Marks>,
    numbers: BTreeMap<[u128; 2], u32>,
}

impl Sets {
    fn number(&mut self, set: Marks) -> u32 {
        let next = low32(self.all.len() as u64);
        let number = *self.numbers.entry(set.words()).or_insert(next);
        if number == next {
            self.all.push(set);
        }
        number
    }
}

/// The beginning of the table.
const SMALL: usize = 1 << 10;

impl<const W: usize> Steps<W> {
    pub(super) fn empty() -> Self {
        let sets =
            Sets { all: vec![Marks::NONE], numbers: BTreeMap::from([(Marks::NONE.words(), 0)]) };
        // The first step stands for nothing, so that no list ends at 0.
        let nothing =
            Step { action: 0, delta: UNCHANGED, marks: 0, tested: 0, mask: [0; W], set: [0; W] };
        Self {
            table: vec![List::default(); SMALL],
            lists: 0,
            steps: vec![nothing],
            sets,
            intents: BTreeMap::new(),
        }
    }

    /// Where in the table the search for a key begins.
    #[inline]
    fn place(&self, key: &Key) -> usize {
        index(hash(key)) & (self.table.len() - 1)
    }

    /// Reads a word of the line in which the key is looked up, so that it is near by then.
    #[inline]
    pub(super) fn touch(&self, key: &Key) -> u32 {
        self.table[self.place(key)].end
    }

    /// The list with this key.
    #[inline]
    pub(super) fn find(&self, key: &Key) -> Option<usize> {
        let mut at = self.place(key);
        loop {
            let list = &self.table[at];
            if list.end == 0 {
                return None;
            }
            if list.key == *key {
                return Some(at);
            }
            at = (at + 1) & (self.table.len() - 1);
        }
    }

    /// The steps of a list.
    #[inline]
    pub(super) fn of(&self, list: usize) -> &[Step<W>] {
        let List { start, end, .. } = self.table[list];
        &self.steps[start as usize..end as usize]
    }

    /// The intent of a list; [`NO_INTENT`] if it has no steps.
    pub(super) fn intent(&self, list: usize) -> u32 {
        let List { start, end, .. } = self.table[list];
        if start == end {
            NO_INTENT
        } else {
            self.intents.get(&start).copied().unwrap_or(NO_INTENT)
        }
    }

    /// Notes the intent of the list in the making, which begins at that step.
    pub(super) fn intend(&mut self, start: usize, intent: u32) {
        if start < self.steps.len() {
            self.intents.insert(low32(start as u64), intent);
        }
    }

    /// Counts a use of the list.
    #[inline]
    pub(super) fn count(&mut self, list: usize) {
        self.table[list].uses += 1;
    }

    #[inline]
    pub(super) fn marks(&self, step: &Step<W>) -> Marks {
        if step.marks == 0 { Marks::NONE } else { self.sets.all[step.marks as usize] }
    }

    /// What the steps of a list test.
    pub(super) fn tested_by(&self, list: usize) -> Marks {
        let all = self.of(list).iter().map(|step| self.sets.all[step.tested as usize]);
        all.fold(Marks::NONE, |all, set| all | set)
    }

    /// Adds a step to the list in the making.
    pub(super) fn push(
        &mut self,
        (action, delta): (u32, u32),
        (mask, set): ([u64; W], [u64; W]),
        (marks, tested): (Marks, Marks),
    ) {
        let (marks, tested) = (self.sets.number(marks), self.sets.number(tested));
        self.steps.push(Step { action, delta, marks, tested, mask, set });
    }

    /// How many steps there are, those of the list in the making included.
    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    /// Ends the list in the making, which begins at that step and has this key.
    pub(super) fn finish(&mut self, key: Key, start: usize) -> usize {
        if self.lists * 2 >= self.table.len() {
            let larger = vec![List::default(); self.table.len() * 2];
            let old = std::mem::replace(&mut self.table, larger);
            for list in old.into_iter().filter(|list| list.end != 0) {
                self.insert(list);
            }
        }
        self.lists += 1;
        let (start, end) = (low32(start as u64), low32(self.steps.len() as u64));
        self.insert(List { key, start, end, uses: 0 })
    }

    fn insert(&mut self, list: List) -> usize {
        let mut at = self.place(&list.key);
        while self.table[at].end != 0 {
            at = (at + 1) & (self.table.len() - 1);
        }
        self.table[at] = list;
        at
    }

    /// The memory in use.
    pub(super) fn bytes(&self) -> usize {
        self.table.capacity() * size_of::<List>() + self.steps.capacity() * size_of::<Step<W>>()
    }

    /// How often each property was tested since the last time.
    pub(super) fn tested(&mut self, each: &mut dyn FnMut(usize, u64)) {
        let mut times = vec![0u64; self.sets.all.len()];
        for list in self.table.iter_mut().filter(|list| list.uses > 0) {
            let uses = std::mem::take(&mut list.uses);
            for step in &self.steps[list.start as usize..list.end as usize] {
                times[step.tested as usize] += uses;
            }
        }
        let mut all = [0u64; MAX_PROPERTIES];
        for (set, times) in self.sets.all.iter().zip(times).filter(|(_, times)| *times > 0) {
            set.iter().for_each(|property| all[property] += times);
        }
        let tested = all.into_iter().enumerate().filter(|(_, times)| *times > 0);
        tested.for_each(|(property, times)| each(property, times));
    }
}
