//! Numbers for parts, the same for all workers, and how they are packed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::hash::{hash, index, low32};

/// The parts met so far, each with its number.
#[derive(Debug)]
pub(super) struct Numbers {
    parts: Vec<Mutex<Table<Box<[u64]>>>>,
    commons: Mutex<Table<u128>>,
    /// The hashes of the parts that decide who owns a state.
    hashes: [Hashes; HOME],
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
        let parts = (0..actors).map(|_| Table::empty()).collect();
        Self { parts, commons: Table::empty(), hashes: Default::default() }
    }

    /// The number of an actor's part.
    pub(super) fn of_part(&self, actor: usize, part: &[u64]) -> u32 {
        let mut table = locked(&self.parts[actor]);
        let known = table.numbers.get(part).copied();
        known.unwrap_or_else(|| {
            let number = table.add(part.into());
            if let Some(hashes) = self.hashes.get(actor) {
                hashes.set(number, hash(part));
            }
            number
        })
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

    /// The parts beyond those counted in `told`, actor by actor and the common ones last, in the
    /// order of their numbers; then `told` counts them, too.
    pub(super) fn news(&self, told: &mut Vec<usize>) -> Vec<u64> {
        told.resize(self.parts.len() + 1, 0);
        let mut words = Vec::new();
        for (table, told) in self.parts.iter().zip(&mut *told) {
            let table = locked(table);
            words.push((table.all.len() - *told) as u64);
            for part in &table.all[*told..] {
                words.push(part.len() as u64);
                words.extend_from_slice(part);
            }
            *told = table.all.len();
        }
        let commons = locked(&self.commons);
        if let Some(told) = told.last_mut() {
            words.push((commons.all.len() - *told) as u64);
            words.extend(commons.all[*told..].iter().flat_map(|common| halves(*common)));
            *told = commons.all.len();
        }
        words
    }

    /// Adds to `heard` the numbers that news have here; none if they make no sense.
    pub(super) fn learn(&self, heard: &mut Vec<Vec<u32>>, mut words: &[u64]) -> Option<()> {
        heard.resize(self.parts.len() + 1, Vec::new());
        let (commons, parts) = heard.split_last_mut()?;
        for (actor, heard) in parts.iter_mut().enumerate() {
            for _ in 0..*words.split_off_first()? {
                let length = usize::try_from(*words.split_off_first()?).ok()?;
                heard.push(self.of_part(actor, words.split_off(..length)?));
            }
        }
        for _ in 0..*words.split_off_first()? {
            let (low, high) = (words.split_off_first()?, words.split_off_first()?);
            commons.push(self.of_common(u128::from(*high) << 64 | u128::from(*low)));
        }
        words.is_empty().then_some(())
    }

    /// Gives the parts the numbers that they had where all of them are news; none if it cannot be.
    pub(super) fn adopt(&self, words: &[u64]) -> Option<()> {
        let mut heard = Vec::new();
        self.learn(&mut heard, words)?;
        let is_same = |numbers: &Vec<u32>| (0..).zip(numbers).all(|(at, number)| at == *number);
        heard.iter().all(is_same).then_some(())
    }

    /// The hash of the parts with these numbers that decide who owns a state; all processes agree
    /// on it.
    #[inline]
    pub(super) fn home(&self, numbers: [u32; HOME]) -> u64 {
        let [first, second] = &self.hashes;
        let [one, other] = numbers;
        hash(&[first.get(one), second.get(other)])
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

/// Hashes by number: set under a lock and read without one, in blocks of doubling size that never
/// move.
#[derive(Debug, Default)]
struct Hashes([OnceLock<Box<[AtomicU64]>>; WIDEST as usize + 1]);

impl Hashes {
    fn place(number: u32) -> (usize, usize) {
        let at = number as usize + 1;
        let block = at.ilog2() as usize;
        (block, at - (1 << block))
    }

    fn set(&self, number: u32, hash: u64) {
        let (block, at) = Self::place(number);
        // A number beyond is outgrown.
        if let Some(blocks) = self.0.get(block) {
            let hashes =
                blocks.get_or_init(|| (0..1 << block).map(|_| AtomicU64::new(0)).collect());
            hashes[at].store(hash, Relaxed);
        }
    }

    #[inline]
    fn get(&self, number: u32) -> u64 {
        let (block, at) = Self::place(number);
        let hashes = self.0.get(block).and_then(OnceLock::get);
        hashes.and_then(|hashes| hashes.get(at)).map_or(0, |hash| hash.load(Relaxed))
    }
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
pub(super) const HOME: usize = 2;

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

    /// The number of an actor's part, or of the last actor if there are fewer.
    #[inline]
    pub(super) fn part(&self, state: &[u64], actor: usize) -> u32 {
        let (word, shift) = self.places[actor.min(self.places.len() - 2)];
        low32(state[word] >> shift & ((1 << self.part) - 1))
    }

    /// Replaces each number by the one at its place in a list; none if there is none.
    pub(super) fn replace(&self, state: &mut [u64], numbers: &[Vec<u32>]) -> Option<()> {
        for (at, &(word, shift)) in self.places.iter().enumerate() {
            let ones = (1u64 << self.width(at)) - 1;
            let number = *numbers.get(at)?.get(index(state[word] >> shift & ones))?;
            state[word] = state[word] & !(ones << shift) | (u64::from(number) & ones) << shift;
        }
        Some(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_another_process_are_translated_and_belong_to_the_same_worker() {
        let (here, there) = (Numbers::of(3), Numbers::of(3));
        let packing = Packing::<2>::of(3).unwrap();
        let state = |numbers: &Numbers, parts: [u64; 3], common: u128| {
            let mut state = ([0; 2], [0; 2]);
            let outgrown = AtomicBool::new(false);
            for (actor, part) in parts.into_iter().enumerate() {
                packing.set(actor, numbers.of_part(actor, &[part]), &mut state, &outgrown);
            }
            packing.set(3, numbers.of_common(common), &mut state, &outgrown);
            state.1
        };
        let home = |numbers: &Numbers, state: [u64; 2]| {
            numbers.home(std::array::from_fn(|actor| packing.part(&state, actor)))
        };
        let (mut told, mut heard) = (Vec::new(), Vec::new());
        for (number, parts) in [[7, 8, 9], [9, 8, 7], [7, 7, 7]].into_iter().enumerate() {
            // Here the parts are met in another order.
            let ours = state(&here, [parts[0] + 1, parts[1] + 1, parts[2]], 1 << 70);
            let theirs = state(&there, parts, number as u128);
            here.learn(&mut heard, &there.news(&mut told)).unwrap();
            let mut read = theirs;
            packing.replace(&mut read, &heard).unwrap();
            assert_eq!(read, state(&here, parts, number as u128));
            assert_eq!(home(&here, read), home(&there, theirs));
            assert_ne!(read, ours);
        }
        assert_eq!(there.news(&mut told), [0; 4]);
        assert_eq!(here.learn(&mut heard, &[1]), None);
        assert_eq!(packing.replace(&mut [u64::MAX; 2], &heard), None);
    }
}
