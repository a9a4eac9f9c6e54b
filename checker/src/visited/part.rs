//! A part of the table: a quotient hash table with linear probing in lines.
//!
//! A line that is not full ends every search for what belongs in it or before it. Nothing is ever
//! removed, and growing reads and writes lines in order.

use crate::hash::{index, low32};
use crate::visited::coding::{bits, ones};
use crate::visited::layout::{Layout, REACH};

/// Words of a cache line, at which lines begin.
const ALIGNED: usize = 8;

/// A part of the table.
pub(crate) struct Part {
    layout: Layout,
    words: Vec<u64>,
    /// The first word of the first line.
    base: usize,
    len: usize,
    limit: usize,
}

/// What [`Part::insert`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// The code was there.
    Seen,
    /// It was not, and is now.
    New,
    /// It was not, and has no room before the part is [rebuilt](Part::rebuilt).
    Cramped,
}

/// The place of a code.
enum Probe {
    Found { line: usize, slot: usize },
    Free { line: usize, slot: usize, key: u64 },
    None,
}

impl Part {
    /// An empty part.
    pub(crate) fn new(layout: Layout) -> Self {
        // One word more, as the last slot may be read across the end of its word.
        let words = vec![0u64; layout.lines * layout.words + ALIGNED + 1];
        let base = words.as_ptr().align_offset(ALIGNED * size_of::<u64>()).min(ALIGNED);
        Self { layout, words, base, len: 0, limit: layout.limit() }
    }

    /// Codes in it.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Lines.
    pub(crate) fn lines(&self) -> usize {
        self.layout.lines
    }

    /// Slots of a line that are in use: they fill from the first.
    #[inline]
    pub(crate) fn used(&self, line: usize) -> usize {
        let last = self.base + (line + 1) * self.layout.words - 1;
        index(self.words[last] >> 56)
    }

    /// Bytes of memory.
    pub(crate) fn bytes(&self) -> usize {
        self.words.len() * size_of::<u64>()
    }

    /// Prefetches the line in which `head` belongs by reading a word of it.
    #[inline]
    pub(crate) fn touch(&self, head: u64) -> u64 {
        let (line, _) = self.layout.divide(head);
        self.words[self.base + line * self.layout.words]
    }

    /// Adds a code, met at `level`, if it is not there.
    #[inline]
    pub(crate) fn insert(&mut self, head: u64, tail: &[u64], level: u32) -> Entry {
        match self.probe(head, tail) {
            Probe::Found { .. } => Entry::Seen,
            Probe::Free { line, slot, key }
                if self.len < self.limit && bits(u64::from(level)) <= self.layout.level =>
            {
                self.put((line, slot), key, self.above(tail, level), tail);
                Entry::New
            }
            Probe::Free { .. } | Probe::None => Entry::Cramped,
        }
    }

    /// The line and slot of a code.
    pub(crate) fn find(&self, head: u64, tail: &[u64]) -> Option<(usize, usize)> {
        match self.probe(head, tail) {
            Probe::Found { line, slot } => Some((line, slot)),
            Probe::Free { .. } | Probe::None => None,
        }
    }

    #[inline]
    fn probe(&self, head: u64, tail: &[u64]) -> Probe {
        let layout = &self.layout;
        if tail_bits(tail) > layout.tail as usize {
            return Probe::None;
        }
        let above = self.above(tail, 0);
        let (mut line, remainder) = layout.divide(head);
        for displacement in 0..REACH {
            let key = layout.key(remainder, displacement);
            let front = key >> 8 | above << layout.rest();
            let used = self.used(line);
            let first = self.base + line * layout.words;
            let tags = u64::from_le_bytes([key.to_le_bytes()[0]; 8]);
            let mut from = 0;
            while from < used {
                let mut matches = zero_bytes(self.words[first + from / 8] ^ tags);
                while matches != 0 {
                    let slot = from + matches.trailing_zeros() as usize / 8;
                    if slot < used && self.is_in(self.bit((line, slot)), front, tail) {
                        return Probe::Found { line, slot };
                    }
                    matches &= matches - 1;
                }
                from += 8;
            }
            if used < layout.slots {
                return Probe::Free { line, slot: used, key };
            }
            line = if line + 1 == layout.lines { 0 } else { line + 1 };
        }
        Probe::None
    }

    /// What a slot holds above its key: its level, and its tail if all fits into a word.
    #[inline]
    fn above(&self, tail: &[u64], level: u32) -> u64 {
        let tail = tail.first().filter(|_| self.layout.is_short());
        u64::from(level) | tail.map_or(0, |tail| tail << self.layout.level)
    }

    /// Has the slot whose rest begins at a bit this front, levels aside, and this tail?
    #[inline]
    fn is_in(&self, at: usize, front: u64, tail: &[u64]) -> bool {
        let Layout { level, .. } = self.layout;
        let rest = self.layout.rest();
        if self.layout.is_short() {
            let differs = self.get(at, self.layout.beside()) ^ front;
            return differs & !(ones(level) << rest) == 0;
        }
        self.get(at, rest) == front
            && self.tail(at + (rest + level) as usize).zip(tail).all(|(known, word)| known == *word)
    }

    /// The words of the tail that begins at a bit, and zeros.
    #[inline]
    fn tail(&self, at: usize) -> impl Iterator<Item = u64> {
        let (mut at, mut left) = (at, self.layout.tail);
        std::iter::repeat_with(move || {
            let width = left.min(u64::BITS);
            let word = self.get(at, width);
            at += width as usize;
            left -= width;
            word
        })
    }

    /// Fills the next slot of a line.
    #[inline]
    fn put(&mut self, place: (usize, usize), key: u64, above: u64, tail: &[u64]) {
        let (line, slot) = place;
        let first = self.base + line * self.layout.words;
        self.words[first + slot / 8] |= (key & 0xff) << (slot % 8 * 8);
        self.words[first + self.layout.words - 1] += 1 << 56;
        let mut at = self.bit(place);
        self.set(at, key >> 8 | above << self.layout.rest());
        if !self.layout.is_short() {
            at += (self.layout.rest() + self.layout.level) as usize;
            // There may be more words than the slots of this part hold yet: zeros.
            for (nth, &word) in tail.iter().enumerate().filter(|(_, word)| **word != 0) {
                self.set(at + nth * u64::BITS as usize, word);
            }
        }
        self.len += 1;
    }

    /// The bit at which the rest of a slot begins.
    #[inline]
    fn bit(&self, (line, slot): (usize, usize)) -> usize {
        (self.base + line * self.layout.words) * u64::BITS as usize + self.layout.bit(slot)
    }

    /// `width` bits, of at most a word.
    #[inline]
    fn get(&self, at: usize, width: u32) -> u64 {
        let (word, shift) = (at / 64, at % 64);
        let low = self.words[word] >> shift;
        let high = self.words[word + 1] << 1 << (63 - shift);
        (low | high) & ones(width)
    }

    /// Sets bits that are zeros.
    #[inline]
    fn set(&mut self, at: usize, value: u64) {
        let (word, shift) = (at / 64, at % 64);
        self.words[word] |= value << shift;
        self.words[word + 1] |= value >> 1 >> (63 - shift);
    }

    /// The level of the code in a slot.
    #[inline]
    pub(crate) fn level(&self, place: (usize, usize)) -> u32 {
        let at = self.bit(place) + self.layout.rest() as usize;
        low32(self.get(at, self.layout.level))
    }

    /// The head of the code in a slot; its tail is written to `tail`.
    #[inline]
    pub(crate) fn read(&self, place: (usize, usize), tail: &mut [u64]) -> u64 {
        let at = self.bit(place) + (self.layout.rest() + self.layout.level) as usize;
        tail.iter_mut().zip(self.tail(at)).for_each(|(word, known)| *word = known);
        self.head(place).0
    }

    /// The head of the code in a slot, and what it holds above its key.
    #[inline]
    fn head(&self, (line, slot): (usize, usize)) -> (u64, u64) {
        let first = self.base + line * self.layout.words;
        let tag = self.words[first + slot / 8] >> (slot % 8 * 8) & 0xff;
        let front = self.get(self.bit((line, slot)), self.layout.beside().min(u64::BITS));
        let (rest, above) = (front & ones(self.layout.rest()), front >> self.layout.rest());
        (self.layout.head(rest << 8 | tag, line), above)
    }

    /// The same codes with room for more, for tails of at most `tail` bits, and for levels up to
    /// `level`.
    pub(crate) fn rebuilt(&self, tail: u32, level: u32) -> Self {
        let level = level.max(low32(ones(self.layout.level)));
        let full = Layout::new(self.layout.span, tail, level);
        // Only wider slots, if that leaves room.
        let wider = full.tail > self.layout.tail || full.level > self.layout.level;
        let mut span = if wider { self.layout.span } else { self.layout.narrower() };
        loop {
            let layout = Layout::new(span, tail, level);
            let room = layout.limit() > self.len + self.len / 16;
            if room && let Some(part) = self.moved(layout) {
                return part;
            }
            span = layout.narrower();
        }
    }

    /// The same codes in another layout, if all find room.
    fn moved(&self, layout: Layout) -> Option<Self> {
        let mut part = Self::new(layout);
        let mut tail = vec![0; layout.tail.div_ceil(u64::BITS) as usize];
        let alike = layout.level == self.layout.level && layout.tail == self.layout.tail;
        for line in 0..self.layout.lines {
            for place in (0..self.used(line)).map(|slot| (line, slot)) {
                let (head, mut above) = self.head(place);
                // Only the key of a short slot changes, unless the others need more bits.
                if !alike || !self.layout.is_short() {
                    self.read(place, &mut tail);
                    above = part.above(&tail, self.level(place));
                }
                part.add(head, above, &tail)?;
            }
        }
        Some(part)
    }

    /// Adds a code that is not there, if there is room.
    #[inline]
    fn add(&mut self, head: u64, above: u64, tail: &[u64]) -> Option<()> {
        let (mut line, remainder) = self.layout.divide(head);
        for displacement in 0..REACH {
            let used = self.used(line);
            if used < self.layout.slots {
                let key = self.layout.key(remainder, displacement);
                self.put((line, used), key, above, tail);
                return Some(());
            }
            line = if line + 1 == self.layout.lines { 0 } else { line + 1 };
        }
        None
    }
}

/// The bits up to the last that is set in a tail.
#[inline]
fn tail_bits(tail: &[u64]) -> usize {
    match tail {
        [] => 0,
        [before @ .., 0] => tail_bits(before),
        [before @ .., last] => before.len() * u64::BITS as usize + bits(*last) as usize,
    }
}

/// The high bit of every zero byte, and of no other: the tag is a part of the key.
#[inline]
fn zero_bytes(word: u64) -> u64 {
    const LOW: u64 = u64::from_le_bytes([0x7f; 8]);
    !(((word & LOW) + LOW) | word | LOW)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Tags that differ in one bit belong to neighbours, which differ in nothing else.
        #[test]
        fn zero_bytes_are_found_and_no_others(bytes in prop::array::uniform8(0u8..3)) {
            let expected = bytes.map(|byte| if byte == 0 { 0x80 } else { 0 });
            prop_assert_eq!(zero_bytes(u64::from_le_bytes(bytes)).to_le_bytes(), expected);
        }
    }
}
