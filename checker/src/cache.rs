//! Steps remembered by what they have asked: a modular system explored through a cache.
//!
//! A state is a tuple of numbers, one for each part met so far. The steps of an actor are made once
//! for its part and the answers to all that was ever asked from that part ([`sites`]), and used
//! again wherever the answers are the same ([`steps`]). It is exact by construction: the answers
//! are the whole of what the steps depend on. Numbers are given out in the order of discovery,
//! to all workers together ([`numbers`]), and each worker remembers steps for itself.

use std::cmp::Ordering;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use crate::cache::numbers::{Numbers, Packing};
use crate::cache::sites::Sites;
use crate::cache::steps::Steps;
use crate::marks::Marks;
use crate::modular::Modular;
use crate::report::Report;
use crate::system::{Claim, TransitionSystem};

mod numbers;
mod sites;
mod steps;

/// A modular system explored through a cache.
#[derive(Debug)]
pub struct Cached<M> {
    system: M,
    numbers: Numbers,
    packing: Packing,
    outgrown: AtomicBool,
}

/// Working memory of one worker.
pub struct Worker<M: Modular> {
    inner: <M::System as TransitionSystem>::Scratch,
    bench: M::Bench,
    sites: Sites,
    steps: Steps,
    /// The numbers of the parts of the state at hand, that of the common part last.
    parts: Vec<u32>,
    /// A state as the system writes it.
    state: Vec<u64>,
    descended: bool,
    counts: bool,
}

impl<M: Modular> Cached<M> {
    /// The system, its states in at most so many words; none where its parts cannot be numbered in
    /// so few.
    pub fn new(system: M, words: usize) -> Option<Self> {
        let actors = system.actors();
        let packing = Packing::of(actors, words)?;
        Some(Self {
            numbers: Numbers::of(actors),
            system,
            packing,
            outgrown: AtomicBool::new(false),
        })
    }

    /// The system behind the cache.
    pub const fn modular(&self) -> &M {
        &self.system
    }

    /// Were there more parts than could be numbered? Then nothing that was found counts.
    pub fn has_outgrown(&self) -> bool {
        self.outgrown.load(Relaxed)
    }

    /// The report with its states as the system writes them.
    pub fn translate(&self, report: &mut Report) {
        let mut worker = self.scratch();
        report.each_state(&mut |state| {
            self.uncut(&mut worker, state);
            state.clear();
            state.extend_from_slice(&worker.state);
        });
    }

    /// How many parts of each actor, and common ones, and how many lists of steps were met.
    pub fn sizes(&self) -> Vec<usize> {
        self.numbers.sizes()
    }

    /// Puts a state into the bench and writes it as the system does.
    fn uncut(&self, worker: &mut Worker<M>, words: &[u64]) {
        let Worker { bench, sites, parts, state, .. } = worker;
        self.packing.unpack(words, parts);
        sites.learn(&self.numbers, parts);
        sites.put(&self.system, bench, parts);
        self.system.join(bench, state);
    }

    /// The number of the list of steps of an actor in the state at hand.
    #[inline]
    fn look_up(&self, worker: &mut Worker<M>, actor: usize) -> u32 {
        let Worker { sites, steps, parts, .. } = worker;
        match sites.key(actor, parts).and_then(|key| steps.find(key)) {
            Some(found) => found,
            None => self.make(worker, actor),
        }
    }

    /// Makes the steps and remembers them.
    #[cold]
    fn make(&self, worker: &mut Worker<M>, actor: usize) -> u32 {
        let Worker { bench, sites, steps, parts, .. } = worker;
        sites.learn(&self.numbers, parts);
        sites.answer(&self.system, bench, actor, parts);
        if let Some(found) = sites.key(actor, parts).and_then(|key| steps.find(key)) {
            return found;
        }
        sites.put(&self.system, bench, parts);
        let common = sites.common(parts);
        let mut changed = 0u64;
        let mut written = 0u128;
        steps.begin();
        self.system.steps(bench, actor, &mut |made| {
            written |= common ^ made.common;
            let mut next = (0u128, 0u128);
            for (other, part) in made.parts.iter().enumerate() {
                let number = self.numbers.of_part(other, part);
                if number != parts[other] {
                    changed |= 1 << other;
                    self.packing.set(other, number, &mut next, &self.outgrown);
                }
            }
            steps.push(made, next, common ^ made.common);
        });
        sites.ask(&self.system, bench, (actor, parts), (changed, written));
        sites.answer(&self.system, bench, actor, parts);
        let key = sites.key(actor, parts).unwrap_or(&[]);
        steps.finish(key)
    }
}

impl<M: Modular> TransitionSystem for Cached<M> {
    type Scratch = Worker<M>;

    fn identity(&self) -> String {
        self.system.system().identity()
    }

    fn scratch(&self) -> Worker<M> {
        let actors = self.system.actors();
        Worker {
            inner: self.system.system().scratch(),
            bench: self.system.bench(),
            sites: Sites::of(actors),
            steps: Steps::default(),
            parts: vec![0; actors + 1],
            state: vec![0; self.system.system().words()],
            descended: false,
            counts: true,
        }
    }

    fn words(&self) -> usize {
        self.packing.words()
    }

    fn properties(&self) -> Vec<Claim> {
        self.system.system().properties()
    }

    fn initial(&self, each: &mut dyn FnMut(&[u64], Marks)) {
        let mut bench = self.system.bench();
        self.system.system().initial(&mut |state, marks| {
            let mut numbers = vec![0; self.system.actors() + 1];
            let common = self.system.cut(&mut bench, state, &mut |actor, part| {
                numbers[actor] = self.numbers.of_part(actor, part);
            });
            numbers[self.system.actors()] = self.numbers.of_common(common);
            let mut words = [0; 2];
            let words = self.packing.pack(&numbers, &mut words, &self.outgrown);
            each(words, marks);
        });
    }

    fn successors(
        &self,
        worker: &mut Worker<M>,
        state: &[u64],
        each: &mut impl FnMut(u32, &[u64], Marks),
    ) {
        if self.has_outgrown() {
            return;
        }
        let actors = self.system.actors();
        self.packing.unpack(state, &mut worker.parts);
        worker.sites.know_common(&self.numbers, worker.parts[actors]);
        let common = worker.sites.common(&worker.parts);
        let here = self.packing.whole(state);
        if worker.counts {
            let list = self.look_up(worker, actors);
            worker.steps.count(list);
        }
        for actor in 0..actors {
            let list = self.look_up(worker, actor);
            let Worker { sites, steps, descended, counts, .. } = &mut *worker;
            if *counts {
                steps.count(list);
                *descended |= steps.descends(list);
            }
            for step in steps.list(list) {
                let mut next = here & !step.mask | step.set;
                if let Some((mask, value)) = steps.delta(step) {
                    let number = sites.common_number(&self.numbers, common & !mask | value);
                    next = self.packing.with_common(next, number, &self.outgrown);
                }
                let (words, used) = self.packing.split(next);
                each(step.action, &words[..used], steps.marks(step));
            }
        }
    }

    fn select(&self, worker: &mut Worker<M>, properties: Marks) {
        worker.counts = !properties.is_empty();
    }

    fn tested(&self, worker: &mut Worker<M>, each: &mut dyn FnMut(usize, u64)) {
        worker.steps.tested(each);
    }

    fn ascends(&self, worker: &Worker<M>) -> bool {
        self.system.system().ascends(&worker.inner) && !worker.descended
    }

    fn may_end(&self, worker: &mut Worker<M>, state: &[u64]) -> bool {
        self.uncut(worker, state);
        self.system.system().may_end(&mut worker.inner, &worker.state)
    }

    fn pending(&self, worker: &mut Worker<M>, state: &[u64]) -> Marks {
        self.uncut(worker, state);
        self.system.system().pending(&mut worker.inner, &worker.state)
    }

    fn actor(&self, action: u32) -> u8 {
        self.system.system().actor(action)
    }

    fn fair(&self, property: usize) -> u64 {
        self.system.system().fair(property)
    }

    fn fields(&self) -> Vec<u32> {
        self.packing.fields()
    }

    fn compare(&self, a: &[u64], b: &[u64]) -> Ordering {
        if a == b {
            return Ordering::Equal;
        }
        let mut worker = self.scratch();
        self.uncut(&mut worker, a);
        let a = worker.state.clone();
        self.uncut(&mut worker, b);
        a.cmp(&worker.state)
    }
}
