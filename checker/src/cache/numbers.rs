//! Numbers for parts, the same for all workers, and how they are packed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::hash::{hash, low32};

/// The parts met so far, each with its number.
#[derive(Debug)]
pub(super) struct Numbers {
    parts: Vec<Mutex<Table<Box<[u64]>>>>,
    commons: Mutex<Table<u128>>,
}

#[derive(Debug)]
struct Table<T> {
    numbers: BTreeMap<T, u32>,
    all: Vec<T>,
}

impl<T: Clone + Ord> Table<T> {
    fn empty() -> Mutex<Self> {
        Mutex::new(Self { numbers: BTreeMap::new(), all: Vec::new() })
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

    /// All parts in the order of their numbers, to be [adopted](Numbers::adopt) elsewhere.
    pub(super) fn write(&self) -> Vec<u64> {
        let mut words = Vec::new();
        for table in &self.parts {
            let table = locked(table);
            words.push(table.all.len() as u64);
            for part in &table.all {
                words.push(part.len() as u64);
                words.extend_from_slice(part);
            }
        }
        words.extend(locked(&self.commons).all.iter().flat_map(|common| halves(*common)));
        words
    }

    /// Gives the parts the numbers that they had where this was written; none if it cannot be.
    pub(super) fn adopt(&self, mut words: &[u64]) -> Option<()> {
        for actor in 0..self.parts.len() {
            for number in 0..*words.split_off_first()? {
                let length = usize::try_from(*words.split_off_first()?).ok()?;
                let part = words.split_off(..length)?;
                (u64::from(self.of_part(actor, part)) == number).then_some(())?;
            }
        }
        let (commons, []) = words.as_chunks::<2>() else {
            return None;
        };
        for (number, [low, high]) in (0..).zip(commons) {
            let common = u128::from(*high) << 64 | u128::from(*low);
            (self.of_common(common) == number).then_some(())?;
        }
        Some(())
    }

    /// The common parts from that number on.
    pub(super) fn commons_from(&self, known: usize) -> Vec<u128> {
        locked(&self.commons).all[known..].to_vec()
    }
}

/// The lower and the upper half.
#[expect(clippy::cast_possible_truncation, reason = "the other bits are in the other half")]
pub(super) const fn halves(word: u128) -> [u64; 2] {
    [word as u64, (word >> 64) as u64]
}

/// Where the numbers of a state stand in its `W` words: parts from the lowest bit up, none across
/// the end of a word, and the common part in the top bits.
#[derive(Debug)]
pub(super) struct Packing<const W: usize> {
    /// The word and the first bit in it of each part's number, that of the common part last.
    places: Vec<(usize, u32)>,
    /// The bits that decide who owns a state.
    home: [u64; W],
    part: u32,
    common: u32,
}

/// The actors whose parts decide who owns a state: steps of all others stay with their worker. One
/// alone would share states out unevenly.
const HOME: usize = 2;

/// The widest that numbers are made, and the narrowest that is any use.
const WIDEST: u32 = 24;
const NARROWEST: u32 = 8;

impl<const W: usize> Packing<W> {
    /// The packing of so many parts, and the common one.
    pub(super) fn of(actors: usize) -> Option<Self> {
        let common = if W == 1 { 20 } else { WIDEST };
        let room = |word: usize| if word + 1 == W { 64 - common } else { 64 };
        let fits = |part: u32| (0..W).map(|word| (room(word) / part) as usize).sum::<usize>();
        let part = (NARROWEST..=WIDEST).rev().find(|part| fits(*part) >= actors)?;
        let all = (0..W).flat_map(|word| (0..room(word) / part).map(move |at| (word, at * part)));
        let places: Vec<(usize, u32)> = all.take(actors).chain([(W - 1, 64 - common)]).collect();
        let mut home = [0; W];
        for &(word, shift) in &places[..actors.min(HOME)] {
            home[word] |= ((1 << part) - 1) << shift;
        }
        Some(Self { places, home, part, common })
    }

    /// The widths of the numbers, those of unused bits among them.
    pub(super) fn fields(&self) -> Vec<u32> {
        let mut fields = Vec::new();
        let mut end = (0, 0);
        for (at, &(word, shift)) in self.places.iter().enumerate() {
            if end.0 < word {
                fields.push(64 - end.1);
                end = (word, 0);
            }
            fields.extend([shift - end.1, self.width(at)]);
            end.1 = shift + self.width(at);
        }
        fields.retain(|width| *width > 0);
        fields
    }

    fn width(&self, at: usize) -> u32 {
        if at + 1 < self.places.len() { self.part } else { self.common }
    }

    /// The hash of the parts that decide who owns a state.
    #[inline]
    pub(super) fn home(&self, state: &[u64]) -> u64 {
        let mut home = self.home;
        home.iter_mut().zip(state).for_each(|(home, word)| *home &= word);
        hash(&home)
    }

    #[inline]
    pub(super) fn unpack(&self, state: &[u64], parts: &mut [u32]) {
        let last = parts.len() - 1;
        let mask = (1u64 << self.part) - 1;
        for (part, &(word, shift)) in parts[..last].iter_mut().zip(&self.places) {
            *part = low32(state[word] >> shift & mask);
        }
        parts[last] = low32(state[W - 1] >> (64 - self.common));
    }

    /// Adds to a mask, and to the bits to be set under it, a part's number.
    pub(super) fn set(
        &self,
        at: usize,
        number: u32,
        (mask, set): &mut ([u64; W], [u64; W]),
        outgrown: &AtomicBool,
    ) {
        let (word, shift) = self.places[at];
        let ones = (1u64 << self.width(at)) - 1;
        if u64::from(number) > ones {
            outgrown.store(true, Relaxed);
        }
        mask[word] |= ones << shift;
        set[word] |= (u64::from(number) & ones) << shift;
    }

    /// The last word of a state with another common part.
    #[inline]
    pub(super) fn with_common(&self, word: u64, number: u32, outgrown: &AtomicBool) -> u64 {
        let shift = 64 - self.common;
        if u64::from(number) >> self.common != 0 {
            outgrown.store(true, Relaxed);
        }
        word & ((1 << shift) - 1) | u64::from(number) << shift
    }
}
