//! The visited set: every state met, with its level, in a few bytes.
//!
//! A state is stored as its dense [code](crate::visited::coding), scattered by a permutation and
//! divided: the place of a slot says what is left out of it, so that slots can be read back into
//! states. The table is cut into [parts](crate::visited::part) by the top bits of scattered codes.
//! Each grows on its own, at its own time, so growing never holds a second copy of the table.

use std::hint::black_box;

use crate::hash::index;
use crate::visited::coding::Coding;
use crate::visited::layout::{Layout, SPACE_BITS};
use crate::visited::part::{Entry, Part};

/// Parts of the table: one for each value of the bits of a head above [`SPACE_BITS`].
const PARTS: usize = 16;
/// The lines with which the first part begins.
const SMALLEST: u64 = 16;
/// States that are looked up, or change their codes, together.
const BATCH: usize = 256;

/// The set of visited states.
pub(crate) struct Table {
    coding: Coding,
    parts: Vec<Part>,
    /// The scattered codes of the states being looked up.
    codes: Vec<u64>,
    /// The most bytes in use while a part, or all of them, moved.
    peak: usize,
}

/// The part, line and slot of a state.
pub(crate) type Place = (usize, usize, usize);

impl Table {
    /// An empty table for states of `words` words with fields of these widths.
    pub(crate) fn new(words: usize, fields: &[u32]) -> Self {
        let coding = Coding::new(words, fields);
        Self { coding, parts: beginning(), codes: Vec::new(), peak: 0 }
    }

    /// Words of a state.
    pub(crate) fn words(&self) -> usize {
        self.coding.words()
    }

    /// States in it.
    pub(crate) fn len(&self) -> usize {
        self.parts.iter().map(Part::len).sum()
    }

    /// The parts.
    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The most bytes of memory in use so far.
    pub(crate) fn bytes(&self) -> usize {
        self.now().max(self.peak)
    }

    fn now(&self) -> usize {
        self.parts.iter().map(Part::bytes).sum()
    }

    /// Adds states, met at `level`, and calls `each` with those that were not there.
    pub(crate) fn insert(&mut self, states: &[u64], level: u32, mut each: impl FnMut(&[u64])) {
        let words = self.words();
        let mut codes = std::mem::take(&mut self.codes);
        for states in states.chunks(BATCH * words) {
            self.make_room(states);
            self.coding.codes(states, &mut codes);
            self.touch(&codes);
            let each_code = codes.chunks_exact(self.coding.code_words());
            for (state, code) in states.chunks_exact(words).zip(each_code) {
                if self.insert_code(code, level) {
                    each(state);
                }
            }
        }
        self.codes = codes;
    }

    /// Sees to it that these states have codes.
    fn make_room(&mut self, states: &[u64]) {
        let mut seen = vec![0; self.words()];
        for state in states.chunks_exact(self.words()) {
            seen.iter_mut().zip(state).for_each(|(seen, word)| *seen |= word);
        }
        if !self.coding.fits(&seen) {
            self.coding.widen(&seen);
            if self.coding.is_scrappy() {
                self.reorder();
            }
        }
    }

    /// Adds a scattered code; false if it was there.
    #[inline]
    fn insert_code(&mut self, code: &[u64], level: u32) -> bool {
        let (part, head, tail) = split(code);
        loop {
            match self.parts[part].insert(head, tail, level) {
                Entry::Seen => return false,
                Entry::New => return true,
                Entry::Cramped => self.grow(part, level),
            }
        }
    }

    #[cold]
    fn grow(&mut self, part: usize, level: u32) {
        let larger = self.parts[part].rebuilt(self.coding.tail(), level);
        self.peak = self.peak.max(self.now() + larger.bytes());
        self.parts[part] = larger;
    }

    /// Orders the coding anew. Parts are emptied one by one, and what they hold moves.
    #[cold]
    fn reorder(&mut self) {
        let coding = self.coding.ordered();
        let before = std::mem::replace(&mut self.coding, coding.clone());
        let mut old = std::mem::replace(&mut self.parts, beginning());
        let mut state = vec![0; self.words()];
        let mut code = vec![0; before.code_words()];
        let (mut states, mut levels, mut codes) = (Vec::new(), Vec::new(), Vec::new());
        let mut number = 0;
        while let Some(part) = old.pop() {
            let above = (old.len() as u64) << SPACE_BITS;
            for (line, slot) in places(&part, 0) {
                let (head, tail) = code.split_at_mut(1);
                head[0] = above | part.read((line, slot), tail);
                before.state(&mut code, &mut state);
                states.extend_from_slice(&state);
                levels.push(part.level((line, slot)));
                number += 1;
                if number % BATCH == 0 {
                    self.take(&mut states, &mut levels, &mut codes);
                }
            }
            self.take(&mut states, &mut levels, &mut codes);
            let left: usize = old.iter().map(Part::bytes).sum();
            self.peak = self.peak.max(self.now() + left + part.bytes());
        }
    }

    /// Adds states that are not there, each with its level.
    fn take(&mut self, states: &mut Vec<u64>, levels: &mut Vec<u32>, codes: &mut Vec<u64>) {
        self.coding.codes(states, codes);
        self.touch(codes);
        for (code, level) in codes.chunks_exact(self.coding.code_words()).zip(levels.drain(..)) {
            self.insert_code(code, level);
        }
        states.clear();
    }

    /// Prefetches the lines in which scattered codes belong.
    fn touch(&self, codes: &[u64]) {
        let codes = codes.chunks_exact(self.coding.code_words());
        black_box(codes.fold(0, |sum, code| {
            let (part, head, _) = split(code);
            sum ^ self.parts[part].touch(head)
        }));
    }

    /// Calls `each` with the place of every state given, in order, if it is there.
    pub(crate) fn find(&self, states: &[u64], mut each: impl FnMut(Option<Place>)) {
        let mut codes = Vec::new();
        self.coding.codes(states, &mut codes);
        self.touch(&codes);
        let codes = codes.chunks_exact(self.coding.code_words());
        for (state, code) in states.chunks_exact(self.words()).zip(codes) {
            let (part, head, tail) = split(code);
            let place = self.parts[part].find(head, tail).filter(|_| self.coding.fits(state));
            each(place.map(|(line, slot)| (part, line, slot)));
        }
    }

    /// Calls `each(level, state)` with the state in every place at whose level it is `wanted`.
    pub(crate) fn each(
        &self,
        places: impl Iterator<Item = Place>,
        wanted: impl Fn(u32) -> bool,
        mut each: impl FnMut(u32, &[u64]),
    ) {
        let mut code = vec![0; self.coding.code_words()];
        let mut state = vec![0; self.words()];
        for (part, line, slot) in places {
            let level = self.parts[part].level((line, slot));
            if wanted(level) {
                let (head, tail) = code.split_at_mut(1);
                head[0] = (part as u64) << SPACE_BITS | self.parts[part].read((line, slot), tail);
                self.coding.state(&mut code, &mut state);
                each(level, &state);
            }
        }
    }

    /// The places of all states from this part and line on.
    pub(crate) fn places(&self, (first, line): (usize, usize)) -> impl Iterator<Item = Place> {
        let parts = self.parts.iter().enumerate().skip(first);
        parts.flat_map(move |(at, part)| {
            let from = if at == first { line } else { 0 };
            places(part, from).map(move |(line, slot)| (at, line, slot))
        })
    }
}

/// The lines and slots of the codes in a part, from a line on.
fn places(part: &Part, from: usize) -> impl Iterator<Item = (usize, usize)> {
    let lines = from..part.lines();
    lines.flat_map(|line| (0..part.used(line)).map(move |slot| (line, slot)))
}

/// Empty parts, their sizes spread over one growth, so that they grow in turn.
fn beginning() -> Vec<Part> {
    let lines = |part: u64| SMALLEST + SMALLEST * part / (2 * PARTS as u64);
    let part = |at| Part::new(Layout::new((1 << SPACE_BITS) / lines(at), 0, 0));
    (0..PARTS as u64).map(part).collect()
}

/// The part of a scattered code, its head there, and its tail.
#[inline]
fn split(code: &[u64]) -> (usize, u64, &[u64]) {
    let (head, tail) = code.split_first().unwrap_or((&0, &[]));
    (index(head >> SPACE_BITS), head & ((1 << SPACE_BITS) - 1), tail)
}
