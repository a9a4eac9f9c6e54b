//! Numbers for parts, the same for all workers, and how they are packed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::hash::low32;

/// The parts met so far, each with its number.
#[derive(Debug)]
pub(super) struct Numbers {
    parts: Vec<Mutex<Table<Box<[u64]>>>>,
    commons: Mutex<Table<u128>>,
}

#[derive(Debug)]
struct Table<T> {
    numbers: HashMap<T, u32>,
    all: Vec<T>,
}

impl<T: Clone + Eq + std::hash::Hash> Table<T> {
    fn empty() -> Mutex<Self> {
        Mutex::new(Self { numbers: HashMap::new(), all: Vec::new() })
    }

    fn add(&mut self, one: T) -> u32 {
        let number = low32(self.all.len() as u64);
        self.all.push(one.clone());
        self.numbers.insert(one, number);
        number
    }
}

fn locked<T>(table: &Mutex<T>) -> MutexGuard<'_, T> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Numbers {
    pub(super) fn of(actors: usize) -> Self {
        Self { parts: (0..actors).map(|_| Table::empty()).collect(), commons: Table::empty() }
    }

    /// The number of an actor's part.
    pub(super) fn of_part(&self, actor: usize, part: &[u64]) -> u32 {
        let mut table = locked(&self.parts[actor]);
        let known = table.numbers.get(part).copied();
        known.unwrap_or_else(|| table.add(part.into()))
    }

    /// The number of a common part.
    pub(super) fn of_common(&self, common: u128) -> u32 {
        let mut table = locked(&self.commons);
        let known = table.numbers.get(&common).copied();
        known.unwrap_or_else(|| table.add(common))
    }

    /// Adds to the parts that a worker knows those that it does not.
    pub(super) fn learn_parts(&self, actor: usize, known: &mut Vec<Box<[u64]>>) {
        known.extend_from_slice(&locked(&self.parts[actor]).all[known.len()..]);
    }

    /// The common parts from that number on.
    pub(super) fn commons_from(&self, known: usize) -> Vec<u128> {
        locked(&self.commons).all[known..].to_vec()
    }

    pub(super) fn sizes(&self) -> Vec<usize> {
        let parts = self.parts.iter().map(|table| locked(table).all.len());
        parts.chain([locked(&self.commons).all.len()]).collect()
    }
}

/// Where the numbers of a state stand in its words: parts from the lowest bit up, none across the
/// end of a word, and the common part in the top bits.
#[derive(Debug)]
pub(super) struct Packing {
    words: usize,
    /// The first bit of each part's number, that of the common part last.
    shifts: Vec<u32>,
    part: u32,
    common: u32,
}

/// The widest that numbers are made.
const WIDEST: u32 = 24;

impl Packing {
    /// The packing of so many parts, and the common one, in so many words, one or two.
    pub(super) fn of(actors: usize, words: usize) -> Option<Self> {
        let common = if words == 1 { 20 } else { WIDEST };
        let count = u32::try_from(actors).ok()?;
        let fits =
            |part: &u32| (u32::from(words == 2) * (64 / part) + (64 - common) / part) >= count;
        let part = (8..=WIDEST).rev().find(fits)?;
        let low = if words == 2 { 64 / part } else { 0 };
        let place =
            |at: u32| if at < low { at * part } else { low.min(1) * 64 + (at - low) * part };
        let top = 64 * low.min(1) + 64 - common;
        let shifts = (0..count).map(place).chain([top]).collect();
        Some(Self { words, shifts, part, common })
    }

    pub(super) const fn words(&self) -> usize {
        self.words
    }

    /// The widths of the numbers, those of unused bits among them.
    pub(super) fn fields(&self) -> Vec<u32> {
        let mut fields = Vec::new();
        let mut at = 0;
        for (actor, &shift) in self.shifts.iter().enumerate() {
            if shift > at {
                fields.push(shift - at);
            }
            let width = self.width(actor);
            fields.push(width);
            at = shift + width;
        }
        fields
    }

    fn width(&self, at: usize) -> u32 {
        if at + 1 < self.shifts.len() { self.part } else { self.common }
    }

    /// The words of a state as one number.
    #[inline]
    pub(super) fn whole(&self, state: &[u64]) -> u128 {
        let high = if self.words == 2 { u128::from(state[1]) << 64 } else { 0 };
        u128::from(state[0]) | high
    }

    /// The words of that number, and how many of them are in use.
    #[inline]
    pub(super) fn split(&self, whole: u128) -> ([u64; 2], usize) {
        ([low(whole), low(whole >> 64)], self.words)
    }

    #[inline]
    pub(super) fn unpack(&self, state: &[u64], parts: &mut [u32]) {
        let whole = self.whole(state);
        let mask = (1u64 << self.part) - 1;
        let last = parts.len() - 1;
        for (part, shift) in parts[..last].iter_mut().zip(&self.shifts) {
            *part = low32(low(whole >> shift) & mask);
        }
        parts[last] = low32(low(whole >> self.shifts[last]) & ((1 << self.common) - 1));
    }

    pub(super) fn pack<'w>(
        &self,
        parts: &[u32],
        words: &'w mut [u64; 2],
        outgrown: &AtomicBool,
    ) -> &'w [u64] {
        let mut change = (0, 0);
        for (at, number) in parts.iter().enumerate() {
            self.set(at, *number, &mut change, outgrown);
        }
        let (all, used) = self.split(change.1);
        *words = all;
        &words[..used]
    }

    /// Adds to a mask, and to the bits to be set under it, a part's number.
    pub(super) fn set(
        &self,
        at: usize,
        number: u32,
        (mask, set): &mut (u128, u128),
        outgrown: &AtomicBool,
    ) {
        let width = self.width(at);
        if u64::from(number) >> width != 0 {
            outgrown.store(true, Relaxed);
        }
        *mask |= ((1u128 << width) - 1) << self.shifts[at];
        *set |= (u128::from(number) & ((1 << width) - 1)) << self.shifts[at];
    }

    /// The state with another common part.
    #[inline]
    pub(super) fn with_common(&self, whole: u128, number: u32, outgrown: &AtomicBool) -> u128 {
        let last = self.shifts.len() - 1;
        if u64::from(number) >> self.common != 0 {
            outgrown.store(true, Relaxed);
        }
        let mask = ((1u128 << self.common) - 1) << self.shifts[last];
        whole & !mask | (u128::from(number) << self.shifts[last]) & mask
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the other bits are not needed")]
const fn low(word: u128) -> u64 {
    word as u64
}
