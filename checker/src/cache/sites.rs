//! Where steps were asked for: for each actor's part, what is asked there, and the answers.

use std::collections::HashMap;

use hashbrown::HashTable;

use crate::cache::numbers::Numbers;
use crate::hash::{hash, low32};
use crate::modular::{Modular, Questions, WHOLE};

/// What one worker knows of parts and questions.
pub(super) struct Sites {
    /// The parts of every actor, by their numbers.
    known: Vec<Vec<Box<[u64]>>>,
    commons: Vec<u128>,
    common_index: HashTable<u32>,
    /// For every actor the questions that are asked about it somewhere, and the answers.
    answers: Vec<Vec<Answers>>,
    /// For every actor and each of its parts, and last for the state itself, what is asked there.
    sites: Vec<Vec<Site>>,
    key: Vec<u64>,
}

/// What is asked at a part of an actor.
#[derive(Clone, Default)]
struct Site {
    /// How often more has been asked: the answers to fewer questions count no more.
    version: u32,
    /// The actors asked about, each with its questions: a place among [`Sites::answers`].
    others: Vec<(usize, usize)>,
    common: u128,
}

/// Questions about an actor, and which of its parts answer them alike.
struct Answers {
    questions: Questions,
    /// The class of each part.
    classes: Vec<u32>,
    numbers: HashMap<Box<[u64]>, u32>,
}

/// A part whose answers are not known yet.
const UNKNOWN: u32 = u32::MAX;

impl Sites {
    pub(super) fn of(actors: usize) -> Self {
        let lists = || (0..actors).map(|_| Vec::new()).collect();
        Self {
            known: lists(),
            commons: Vec::new(),
            common_index: HashTable::new(),
            answers: (0..actors).map(|_| Vec::new()).collect(),
            sites: (0..=actors).map(|_| Vec::new()).collect(),
            key: Vec::new(),
        }
    }

    /// What is asked at the actor's part, and all answers in the state at hand; none if some are
    /// missing.
    #[inline]
    pub(super) fn key(&mut self, actor: usize, parts: &[u32]) -> Option<&[u64]> {
        let own = self.own(actor, parts);
        let site = self.sites[actor].get(own as usize)?;
        self.key.clear();
        self.key.push(u64::from(site.version) << 40 | (actor as u64) << 32 | u64::from(own));
        let mut half = None;
        for &(other, table) in &site.others {
            let class = *self.answers[other][table].classes.get(parts[other] as usize)?;
            if class == UNKNOWN {
                return None;
            }
            match half.take() {
                None => half = Some(class),
                Some(first) => self.key.push(u64::from(first) << 32 | u64::from(class)),
            }
        }
        if let Some(last) = half {
            self.key.push(u64::from(last));
        }
        let common = self.commons[parts[parts.len() - 1] as usize] & site.common;
        self.key.push(low(common));
        self.key.push(low(common >> 64));
        Some(&self.key)
    }

    fn own(&self, actor: usize, parts: &[u32]) -> u32 {
        if actor + 1 < parts.len() { parts[actor] } else { 0 }
    }

    /// What is common to all in the state at hand.
    #[inline]
    pub(super) fn common(&self, parts: &[u32]) -> u128 {
        self.commons[parts[parts.len() - 1] as usize]
    }

    /// Learns the common part of that number, if it is new to this worker.
    #[inline]
    pub(super) fn know_common(&mut self, numbers: &Numbers, number: u32) {
        if number as usize >= self.commons.len() {
            self.learn_commons(numbers);
        }
    }

    #[cold]
    fn learn_commons(&mut self, numbers: &Numbers) {
        for common in numbers.commons_from(self.commons.len()) {
            let number = low32(self.commons.len() as u64);
            self.commons.push(common);
            let all = &self.commons;
            let hash_of = |number: &u32| hash_common(all[*number as usize]);
            self.common_index.insert_unique(hash_common(common), number, hash_of);
        }
    }

    /// The number of a common part.
    #[inline]
    pub(super) fn common_number(&mut self, numbers: &Numbers, common: u128) -> u32 {
        let all = &self.commons;
        let found = self.common_index.find(hash_common(common), |at| all[*at as usize] == common);
        if let Some(number) = found {
            return *number;
        }
        let number = numbers.of_common(common);
        self.learn_commons(numbers);
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
        self.know_common(numbers, parts[last]);
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
        let own = self.own(actor, parts) as usize;
        if self.sites[actor].len() <= own {
            self.sites[actor].resize(own + 1, Site::default());
        }
        for &(other, table) in &self.sites[actor][own].others {
            let part = &self.known[other][parts[other] as usize];
            self.answers[other][table].learn(system, bench, (other, parts[other], part));
        }
    }

    /// Adds what the steps just made have asked at the actor's part. `changed` says which parts
    /// they change and `written` which bits of the common part: all of those are asked for.
    pub(super) fn ask<M: Modular>(
        &mut self,
        system: &M,
        bench: &M::Bench,
        (actor, parts): (usize, &[u32]),
        (changed, written): (u64, u128),
    ) {
        let own = self.own(actor, parts) as usize;
        let mut site = std::mem::take(&mut self.sites[actor][own]);
        let mut grown = false;
        for other in (0..self.known.len()).filter(|other| *other != actor) {
            let mut asked = system.asked(bench, other);
            if changed >> other & 1 == 1 {
                asked = union(asked, WHOLE);
            }
            let place = site.others.iter().position(|(one, _)| *one == other);
            let before =
                place.map_or([0; 3], |at| self.answers[other][site.others[at].1].questions);
            let after = union(before, asked);
            if after == before {
                continue;
            }
            grown = true;
            let table = self.table(other, after);
            match place {
                Some(at) => site.others[at].1 = table,
                None => site.others.push((other, table)),
            }
        }
        let common = site.common | system.asked_common(bench) | written;
        if grown || common != site.common {
            site.version += 1;
            site.common = common;
        }
        self.sites[actor][own] = site;
    }

    /// The place of these questions about an actor.
    fn table(&mut self, actor: usize, questions: Questions) -> usize {
        let tables = &mut self.answers[actor];
        let known = tables.iter().position(|table| table.questions == questions);
        known.unwrap_or_else(|| {
            tables.push(Answers { questions, classes: Vec::new(), numbers: HashMap::new() });
            tables.len() - 1
        })
    }
}

impl Answers {
    fn learn<M: Modular>(
        &mut self,
        system: &M,
        bench: &mut M::Bench,
        (actor, number, part): (usize, u32, &[u64]),
    ) {
        let at = number as usize;
        if self.classes.len() <= at {
            self.classes.resize(at + 1, UNKNOWN);
        }
        if self.classes[at] != UNKNOWN {
            return;
        }
        let mut answers = Vec::new();
        system.put(bench, actor, part);
        system.answer(bench, (actor, part), &self.questions, &mut |answer| answers.push(answer));
        let next = low32(self.numbers.len() as u64);
        self.classes[at] = *self.numbers.entry(answers.into()).or_insert(next);
    }
}

fn union(mut a: Questions, b: Questions) -> Questions {
    for (a, b) in a.iter_mut().zip(b) {
        *a |= b;
    }
    // Who has all of a part needs nothing else of it.
    if a[0] & WHOLE[0] != 0 { WHOLE } else { a }
}

fn hash_common(common: u128) -> u64 {
    hash(&[low(common), low(common >> 64)])
}

#[expect(clippy::cast_possible_truncation, reason = "the other bits are not needed")]
const fn low(word: u128) -> u64 {
    word as u64
}
