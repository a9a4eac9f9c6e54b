//! The making of steps, and their way from the worker that made them to all others.
//!
//! A worker that misses steps first takes over what others have made meanwhile: where that was,
//! what was asked there, and what the steps do. Each worker has numbers of its own for questions
//! and answers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::cache::reduction::Made;
use crate::cache::sites::ACTORS;
use crate::cache::steps::UNCHANGED;
use crate::cache::{Cached, TESTS, Tally, Worker};
use crate::marks::Marks;
use crate::modular::{Modular, Questions};

/// The steps of an actor in a state.
pub(super) struct Making<const W: usize> {
    actor: usize,
    /// The numbers of the parts of the state.
    parts: Vec<u32>,
    /// What was asked about each actor, and of the common part.
    asked: [Questions; ACTORS],
    mask: u128,
    steps: Vec<Step<W>>,
    /// The number of the intent, where reduction is asked for.
    intent: Option<u32>,
}

/// A step as it was made.
struct Step<const W: usize> {
    action: u32,
    /// The bits of the common part that change, and what they become.
    common: (u128, u128),
    /// The bits of the state's numbers that change, and what they become.
    next: ([u64; W], [u64; W]),
    /// What it marks and tests.
    marks: (Marks, Marks),
}

/// What others have made and a worker has not taken over yet.
pub(super) type Inbox<const W: usize> = Mutex<Vec<Arc<Making<W>>>>;

/// The inboxes of all workers that make steps.
#[derive(Default)]
pub(super) struct Makings<const W: usize>(Mutex<Vec<Weak<Inbox<W>>>>);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<const W: usize> Makings<W> {
    /// A new inbox.
    fn join(&self) -> Arc<Inbox<W>> {
        let inbox = Arc::new(Inbox::default());
        locked(&self.0).push(Arc::downgrade(&inbox));
        inbox
    }

    /// Leaves a making in all inboxes but the worker's own.
    fn send(&self, own: &Arc<Inbox<W>>, making: Making<W>) {
        let mut inboxes = locked(&self.0);
        inboxes.retain(|inbox| inbox.strong_count() > 0);
        if inboxes.len() > 1 {
            let making = Arc::new(making);
            let others = inboxes.iter().filter_map(Weak::upgrade);
            for inbox in others.filter(|inbox| !Arc::ptr_eq(inbox, own)) {
                locked(&inbox).push(Arc::clone(&making));
            }
        }
    }
}

impl<M: Modular, const W: usize> Cached<M, W> {
    /// The list of the steps of an actor in the state at hand: taken over, or made.
    #[cold]
    pub(super) fn make(&self, worker: &mut Worker<M, W>, actor: usize) -> usize {
        let inbox = Arc::clone(worker.inbox.get_or_insert_with(|| self.makings.join()));
        for making in std::mem::take(&mut *locked(&inbox)) {
            self.remember(worker, &making);
        }
        let Worker { bench, sites, steps, parts, .. } = &mut *worker;
        sites.learn(&self.numbers, parts);
        sites.answer(&self.system, bench, actor, parts);
        let key = sites.new_key(actor, parts);
        if let Some(found) = key.and_then(|key| steps.find(&key)) {
            return found;
        }
        let making = self.made(worker, actor);
        let list = self.remember(worker, &making);
        // What states test may be asked for until the worker has found it tested.
        if actor != self.system.actors() + TESTS || self.tally == Tally::All {
            self.makings.send(&inbox, making);
        }
        list
    }

    /// Makes the steps of an actor in the state at hand.
    fn made(&self, worker: &mut Worker<M, W>, actor: usize) -> Making<W> {
        let Worker { bench, sites, parts, descended, wanted, .. } = worker;
        sites.put(&self.system, bench, parts);
        let common = sites.common(parts);
        let mut steps = Vec::new();
        let (mut changed, mut written) = (Vec::new(), 0u128);
        let (mut descends, mut rises) = (false, false);
        let level = self.level(common);
        if let Some(question) = actor.checked_sub(self.system.actors()) {
            let wanted = if question == TESTS { *wanted } else { self.progress };
            let marks = (Marks::NONE, self.system.tests(bench, wanted));
            steps.push(Step { action: 0, common: (0, 0), next: ([0; W], [0; W]), marks });
        } else {
            self.system.steps(bench, actor, &mut |made| {
                let bits = common ^ made.common;
                written |= bits;
                let mut next = ([0; W], [0; W]);
                for (other, part) in made.parts.iter().enumerate() {
                    let number = self.numbers.of_part(other, part);
                    if number != parts[other] {
                        changed.push((other, number));
                        self.packing.set(other, number, &mut next, &self.outgrown);
                    }
                }
                descends |= !made.ascends;
                rises |= self.level(made.common) > level;
                let (action, marks) = (made.action, (made.marks, made.tested));
                steps.push(Step { action, common: (bits, made.common & bits), next, marks });
            });
        }
        *descended |= descends;
        // Who changes a part has asked for it.
        let mut asked = [[0; 3]; ACTORS];
        for (other, asked) in asked[..parts.len() - 1].iter_mut().enumerate() {
            let changes = changed.iter().any(|(one, _)| *one == other);
            *asked = if changes { M::WHOLE } else { self.system.asked(bench, other) };
        }
        let mask = self.system.asked_common(bench) | written;
        let known = self.knowledge.as_ref().filter(|_| actor < parts.len() - 1);
        let intent = known.map(|knowledge| {
            let descends = descends || rises;
            let made = Made { actor, parts, changed: &changed, written, level, descends };
            let intent = knowledge.record(&self.system, &self.numbers, bench, &made);
            self.halt_if_hindered(knowledge);
            intent
        });
        Making { actor, parts: parts.clone(), asked, mask, steps, intent }
    }

    /// Remembers steps that were made; returns their list.
    fn remember(&self, worker: &mut Worker<M, W>, making: &Making<W>) -> usize {
        let Worker { bench, sites, steps, .. } = worker;
        let Making { actor, parts, asked, mask, steps: made, intent } = making;
        sites.learn(&self.numbers, parts);
        sites.ask::<M>((*actor, parts), (asked, *mask));
        sites.answer(&self.system, bench, *actor, parts);
        let key = sites.new_key(*actor, parts).unwrap_or_default();
        if let Some(known) = steps.find(&key) {
            return known;
        }
        let start = steps.len();
        for Step { action, common, next, marks } in made {
            let delta = if common.0 == 0 { UNCHANGED } else { sites.delta(*common) };
            steps.push((*action, delta), *next, *marks);
        }
        if let Some(intent) = intent {
            steps.intend(start, *intent);
        }
        steps.finish(key, start)
    }
}
