//! Where steps were asked for: for each actor's part, what is asked there, and the answers.

use std::collections::BTreeMap;

use hashbrown::HashTable;

use crate::cache::TESTS;
use crate::cache::numbers::{Numbers, halves};
use crate::cache::steps::Key;
use crate::hash::{hash, low32};
use crate::modular::{Modular, Questions};

/// The most actors whose answers fit in a key.
pub(super) const ACTORS: usize = 8;

/// What one worker knows of parts and questions.
pub(super) struct Sites {
    /// The parts of every actor, by their numbers.
    known: Vec<Vec<Box<[u64]>>>,
    commons: Vec<u128>,
    common_index: HashTable<u32>,
    /// For each change of the common part met, what each common part becomes by it.
    deltas: Vec<Delta>,
    delta_numbers: BTreeMap<(u128, u128), u32>,
    /// Questions that are asked somewhere, about an actor or the common part, and the answers.
    answers: Vec<Answers>,
    /// For every actor and each of its parts, and then for the state itself, what is asked there.
    sites: Vec<Vec<Site>>,
    versions: u32,
    /// Bits of a key for the class of each actor's part; its highest bit marks a crowd.
    width: u32,
    /// Answers that did not fit in a key, by number.
    crowds: BTreeMap<[u32; ACTORS], u32>,
}

/// A change of the common part: bits, what they become, and the results known.
struct Delta {
    mask: u128,
    value: u128,
    next: Vec<u32>,
}

/// What is asked at a part of an actor.
#[derive(Clone, Copy)]
struct Site {
    /// Its number, another one whenever more is asked: then older answers count no more.
    version: u32,
    /// The place among [`Sites::answers`] of what is asked about each actor, and about the common
    /// part; [`NOTHING`] where nothing is.
    asked: [u32; ACTORS],
    common: u32,
}

/// Nothing is asked, or known.
const NOTHING: u32 = u32::MAX;

/// What is asked, and which parts answer it alike.
struct Answers {
    asked: Asked,
    /// The class of each part.
    classes: Vec<u32>,
    numbers: BTreeMap<Box<[u64]>, u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Of(usize, Questions),
    Common(u128),
}

impl Sites {
    pub(super) fn of(actors: usize) -> Self {
        Self {
            known: (0..actors).map(|_| Vec::new()).collect(),
            commons: Vec::new(),
            common_index: HashTable::new(),
            deltas: Vec::new(),
            delta_numbers: BTreeMap::new(),
            answers: Vec::new(),
            sites: (0..actors + 2).map(|_| Vec::new()).collect(),
            versions: 0,
            width: 63 / low32(actors.max(1) as u64),
            crowds: BTreeMap::new(),
        }
    }

    /// What is asked at the actor's part, and all answers in the state at hand; none if some are
    /// missing.
    #[inline]
    pub(super) fn key(&self, actor: usize, parts: &[u32]) -> Option<Key> {
        let last = parts.len() - 1;
        let own = if actor < last { parts[actor] } else { 0 };
        let site = self.sites[actor].get(own as usize)?;
        let class = |asked: u32, part: u32| {
            if asked == NOTHING {
                return Some(0);
            }
            let class = self.answers[asked as usize].classes.get(part as usize).copied();
            class.filter(|class| *class != NOTHING)
        };
        let common = class(site.common, parts[last])?;
        let width = self.width;
        let mut others = 0u64;
        let mut wide = 0;
        let mut classes = [0; ACTORS];
        for (at, &part) in parts[..last].iter().enumerate() {
            let class = class(site.asked[at], part)?;
            classes[at] = class;
            wide |= u64::from(class) >> width;
            others = others << width | u64::from(class);
        }
        if wide != 0 {
            others = 1 << 63 | u64::from(*self.crowds.get(&classes)?);
        }
        Some([u64::from(site.version) << 32 | u64::from(common), others])
    }

    /// As [`Sites::key`], when all is known.
    pub(super) fn new_key(&mut self, actor: usize, parts: &[u32]) -> Option<Key> {
        if let Some(key) = self.key(actor, parts) {
            return Some(key);
        }
        let last = parts.len() - 1;
        let own = if actor < last { parts[actor] } else { 0 };
        let site = *self.sites[actor].get(own as usize)?;
        let mut classes = [0; ACTORS];
        for (at, &part) in parts[..last].iter().enumerate() {
            if site.asked[at] != NOTHING {
                classes[at] = self.answers[site.asked[at] as usize].classes[part as usize];
            }
        }
        let next = low32(self.crowds.len() as u64);
        self.crowds.entry(classes).or_insert(next);
        self.key(actor, parts)
    }

    /// What is common to all in the state at hand.
    pub(super) fn common(&self, parts: &[u32]) -> u128 {
        self.commons[parts[parts.len() - 1] as usize]
    }

    fn learn_commons(&mut self, numbers: &Numbers) {
        for common in numbers.commons_from(self.commons.len()) {
            let number = low32(self.commons.len() as u64);
            self.commons.push(common);
            let all = &self.commons;
            let hash_of = |number: &u32| hash_common(all[*number as usize]);
            self.common_index.insert_unique(hash_common(common), number, hash_of);
        }
    }

    /// The number of a change of the common part.
    pub(super) fn delta(&mut self, (mask, value): (u128, u128)) -> u32 {
        let next = low32(self.deltas.len() as u64);
        let number = *self.delta_numbers.entry((mask, value)).or_insert(next);
        if number == next {
            self.deltas.push(Delta { mask, value, next: Vec::new() });
        }
        number
    }

    /// The number of the common part after that change.
    #[inline]
    pub(super) fn after(&mut self, numbers: &Numbers, delta: u32, common: u32) -> u32 {
        let known = self.deltas[delta as usize].next.get(common as usize).copied();
        match known.filter(|number| *number != NOTHING) {
            Some(number) => number,
            None => self.change(numbers, delta as usize, common as usize),
        }
    }

    #[cold]
    fn change(&mut self, numbers: &Numbers, delta: usize, common: usize) -> u32 {
        if common >= self.commons.len() {
            self.learn_commons(numbers);
        }
        let Delta { mask, value, .. } = self.deltas[delta];
        let after = self.commons[common] & !mask | value;
        let all = &self.commons;
        let known = self.common_index.find(hash_common(after), |at| all[*at as usize] == after);
        let number = match known {
            Some(number) => *number,
            None => {
                let number = numbers.of_common(after);
                self.learn_commons(numbers);
                number
            }
        };
        let next = &mut self.deltas[delta].next;
        if next.len() <= common {
            next.resize(common + 1, NOTHING);
        }
        next[common] = number;
        number
    }

    /// Learns the parts of these numbers.
    pub(super) fn learn(&mut self, numbers: &Numbers, parts: &[u32]) {
        let last = parts.len() - 1;
        for (actor, known) in self.known.iter_mut().enumerate() {
            if parts[actor] as usize >= known.len() {
                numbers.learn_parts(actor, known);
            }
        }
        if parts[last] as usize >= self.commons.len() {
            self.learn_commons(numbers);
        }
    }

    /// Puts the state at hand into the bench.
    pub(super) fn put<M: Modular>(&self, system: &M, bench: &mut M::Bench, parts: &[u32]) {
        for (actor, known) in self.known.iter().enumerate() {
            system.put(bench, actor, &known[parts[actor] as usize]);
        }
        system.put_common(bench, self.common(parts));
    }

    /// Answers what is asked at the actor's part about the state at hand.
    pub(super) fn answer<M: Modular>(
        &mut self,
        system: &M,
        bench: &mut M::Bench,
        actor: usize,
        parts: &[u32],
    ) {
        let last = parts.len() - 1;
        let own = self.site(actor, parts);
        let site = self.sites[actor][own];
        for (at, &number) in parts[..last].iter().enumerate() {
            if let Some(answers) = self.answers.get_mut(site.asked[at] as usize) {
                let part = &self.known[at][number as usize];
                answers.learn(number, |asked, answers| {
                    system.put(bench, at, part);
                    if let Asked::Of(_, questions) = asked {
                        let each = &mut |answer| answers.push(answer);
                        system.answer(bench, (at, part), questions, each);
                    }
                });
            }
        }
        let common = self.common(parts);
        if let Some(answers) = self.answers.get_mut(site.common as usize) {
            answers.learn(parts[last], |asked, answers| {
                if let Asked::Common(mask) = asked {
                    answers.extend(halves(common & mask));
                }
            });
        }
    }

    /// The place of what is asked at the actor's part.
    fn site(&mut self, actor: usize, parts: &[u32]) -> usize {
        let own = if actor + 1 < parts.len() { parts[actor] as usize } else { 0 };
        while self.sites[actor].len() <= own {
            let version = self.version();
            self.sites[actor].push(Site { version, asked: [NOTHING; ACTORS], common: NOTHING });
        }
        own
    }

    fn version(&mut self) -> u32 {
        self.versions += 1;
        self.versions
    }

    /// Adds what was asked at the actor's part, about each actor and the common part.
    pub(super) fn ask<M: Modular>(
        &mut self,
        (actor, parts): (usize, &[u32]),
        (asked, mut mask): (&[Questions; ACTORS], u128),
    ) {
        let last = parts.len() - 1;
        let own = self.site(actor, parts);
        let mut site = self.sites[actor][own];
        let before = (site.asked, site.common);
        for other in (0..last).filter(|other| *other != actor) {
            let mut asked = asked[other];
            if let Some(Answers { asked: Asked::Of(_, known), .. }) =
                self.answers.get(site.asked[other] as usize)
            {
                asked = union::<M>(asked, *known);
            }
            if asked != [0; 3] {
                site.asked[other] = self.place(Asked::Of(other, asked));
            }
        }
        if let Some(Answers { asked: Asked::Common(known), .. }) =
            self.answers.get(site.common as usize)
        {
            mask |= known;
        }
        if mask != 0 {
            site.common = self.place(Asked::Common(mask));
        }
        if (site.asked, site.common) != before {
            site.version = self.version();
        }
        self.sites[actor][own] = site;
    }

    /// The memory in use, roughly: small things with what surrounds them.
    pub(super) fn bytes(&self) -> usize {
        const ENTRY: usize = 64;
        let deltas: usize = self.deltas.iter().map(|delta| 4 * delta.next.capacity()).sum();
        let answers = self.answers.iter();
        let answers: usize =
            answers.map(|one| 4 * one.classes.capacity() + ENTRY * one.numbers.len()).sum();
        let parts: usize = self.known.iter().map(|known| ENTRY * known.len()).sum();
        let sites: usize = self.sites.iter().map(|sites| size_of::<Site>() * sites.len()).sum();
        deltas + answers + parts + sites + 3 * ENTRY * self.commons.len()
    }

    /// An actor's part.
    pub(super) fn part(&self, actor: usize, number: u32) -> &[u64] {
        &self.known[actor][number as usize]
    }

    /// Nothing is asked any more of what states test.
    pub(super) fn forget(&mut self) {
        self.sites[self.known.len() + TESTS].clear();
    }

    /// The place of these questions.
    fn place(&mut self, asked: Asked) -> u32 {
        let known = self.answers.iter().position(|answers| answers.asked == asked);
        let place = known.unwrap_or(self.answers.len());
        if known.is_none() {
            self.answers.push(Answers { asked, classes: Vec::new(), numbers: BTreeMap::new() });
        }
        low32(place as u64)
    }
}

impl Answers {
    /// Learns the class of a part from its answers.
    fn learn(&mut self, number: u32, answer: impl FnOnce(&Asked, &mut Vec<u64>)) {
        let at = number as usize;
        if self.classes.len() <= at {
            self.classes.resize(at + 1, NOTHING);
        }
        if self.classes[at] == NOTHING {
            let mut answers = Vec::new();
            answer(&self.asked, &mut answers);
            let next = low32(self.numbers.len() as u64);
            self.classes[at] = *self.numbers.entry(answers.into()).or_insert(next);
        }
    }
}

fn union<M: Modular>(mut a: Questions, b: Questions) -> Questions {
    for (a, b) in a.iter_mut().zip(b) {
        *a |= b;
    }
    // Who has all of a part needs nothing else of it.
    let whole = a.iter().zip(M::WHOLE).all(|(a, whole)| a & whole == whole);
    if whole { M::WHOLE } else { a }
}

fn hash_common(common: u128) -> u64 {
    hash(&halves(common))
}
