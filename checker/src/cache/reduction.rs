//! What partial-order reduction knows, for all workers together: what was met while steps were
//! made, the tables of the run, and which choices relied on them.
//!
//! The tables stay as they are during a run, so that which steps are left out does not depend on
//! who found what first. After the run they are made anew from all that was met, and every choice
//! that relied on the old ones is judged again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::cache::footprints::{Contents, Context, Met, Place, Tables};
use crate::cache::numbers::Numbers;
use crate::cache::steps::NO_INTENT;
use crate::hash::low32;
use crate::marks::Marks;
use crate::modular::Modular;

/// What an actor is about to do at one of its parts, as far as others can notice.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Intent {
    pub(super) actor: usize,
    pub(super) part: u32,
    /// What its part can become.
    pub(super) next: BTreeSet<u32>,
    /// The bits of the common part that change.
    pub(super) written: u128,
}

/// What has come to pass while the steps of an actor were made.
pub(super) struct Made<'a> {
    pub(super) actor: usize,
    /// The numbers of the parts before.
    pub(super) parts: &'a [u32],
    /// The actors whose parts change, and what they become.
    pub(super) changed: &'a [(usize, u32)],
    /// The bits of the common part that change.
    pub(super) written: u128,
    /// The level of the common part.
    pub(super) level: u32,
    /// Did a step go down?
    pub(super) descends: bool,
}

/// The number of an intent, another actor and its part, and the level of the common part.
pub(super) type Pair = (u32, usize, u32, u32);

/// The most that may be met, and the most places that tables may hold, of a few hundred bytes each.
const ROOM: usize = 400_000;
/// The most pairs of an intent and a part that there may be.
const PAIRS: usize = 1 << 26;
const TOO_MUCH: &str = "clients come to too many different states of their own";

/// What reduction knows.
pub(super) struct Knowledge<M: Modular>(Mutex<Inner<M>>);

struct Inner<M: Modular> {
    contents: Contents<M>,
    met: Met,
    /// How much that is.
    size: usize,
    tables: Tables,
    intents: Vec<Intent>,
    intent_numbers: BTreeMap<Intent, u32>,
    /// The pairs of an intent and a part of another actor that were found independent.
    used: BTreeSet<Pair>,
    overlooked: Marks,
    obstacle: Option<&'static str>,
}

impl<M: Modular> Knowledge<M> {
    pub(super) fn of(system: &M) -> Self {
        let actors = system.actors();
        let met = vec![Vec::new(); actors];
        Self(Mutex::new(Inner {
            contents: Contents::of(system),
            tables: Tables::of(&met),
            met,
            size: 0,
            intents: Vec::new(),
            intent_numbers: BTreeMap::new(),
            used: BTreeSet::new(),
            overlooked: Marks::NONE,
            obstacle: None,
        }))
    }

    fn inner(&self) -> MutexGuard<'_, Inner<M>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what was asked and done while steps were made; returns the number of the intent, or
    /// [`NO_INTENT`] if the steps write into the part of another actor.
    pub(super) fn record(
        &self,
        system: &M,
        numbers: &Numbers,
        bench: &M::Bench,
        made: &Made<'_>,
    ) -> u32 {
        let Made { actor, parts, changed, written, level, descends } = *made;
        let inner = &mut *self.inner();
        inner.contents.learn(numbers);
        if descends {
            inner.obstacle = Some("a step goes down in the order of states");
        }
        inner.overlooked |= system.overlooked(bench);
        let read = system.essential_common(bench) | written;
        let level = (read & system.waning() != 0).then_some(level);
        let mut place = Place { read, written, ..Place::default() };
        let mut answers = Vec::new();
        for (other, part) in parts[..parts.len() - 1].iter().enumerate() {
            let mut asked = if other == actor { [0; 3] } else { system.essential(bench, other) };
            if other != actor && changed.iter().any(|(one, _)| *one == other) {
                asked = M::WHOLE;
                place.others |= 1 << other;
            }
            place.ask(other, asked);
            answers.push((asked, inner.contents.class(system, (other, asked), *part)));
        }
        for &(one, next) in changed {
            if one == actor {
                place.next.insert(next);
            } else {
                let any = contexts(&mut inner.met, (one, parts[one])).entry(Context::default());
                any.or_default().next.insert(next);
            }
        }
        let here = contexts(&mut inner.met, (actor, parts[actor]));
        let before = here.len();
        here.entry(Context { level, answers }).or_default().join(place);
        inner.size += here.len() - before;
        let all: usize = inner.met.iter().map(Vec::len).sum();
        if inner.size > ROOM || inner.intents.len() * all > PAIRS {
            inner.obstacle = Some(TOO_MUCH);
        }
        if changed.iter().any(|(one, _)| *one != actor) {
            return NO_INTENT;
        }
        let next = changed.iter().map(|(_, next)| *next).collect();
        let intent = Intent { actor, part: parts[actor], next, written };
        let number = low32(inner.intents.len() as u64);
        let known = *inner.intent_numbers.entry(intent.clone()).or_insert(number);
        if known == number {
            inner.intents.push(intent);
        }
        known
    }

    /// Can nothing that the actor may ever do from that part on, as long as the one with this
    /// intent rests, depend on it, nor it on that? So the tables of this run say.
    pub(super) fn is_independent(&self, system: &M, numbers: &Numbers, pair: Pair) -> bool {
        let inner = &mut *self.inner();
        inner.contents.learn(numbers);
        if inner.tables.len() > ROOM {
            inner.obstacle = Some(TOO_MUCH);
            return false;
        }
        let independent = inner.judge(system, pair);
        if independent {
            inner.used.insert(pair);
        }
        independent
    }

    /// Ends a run: were all its choices right, by all that is known now?
    pub(super) fn settle(&self, system: &M, numbers: &Numbers) -> bool {
        let inner = &mut *self.inner();
        inner.contents.learn(numbers);
        inner.tables = Tables::of(&inner.met);
        let used = std::mem::take(&mut inner.used);
        used.into_iter().all(|pair| inner.judge(system, pair))
    }

    /// The properties whose tests asked for more than the steps depend on.
    pub(super) fn overlooked(&self) -> Marks {
        self.inner().overlooked
    }

    /// Why nothing may be left out, if so.
    pub(super) fn obstacle(&self) -> Option<&'static str> {
        self.inner().obstacle
    }
}

impl<M: Modular> Inner<M> {
    fn judge(&mut self, system: &M, (intent, other, part, level): Pair) -> bool {
        let intent = &self.intents[intent as usize];
        self.tables.is_independent(system, &mut self.contents, intent, (other, part, level))
    }
}

/// What was met at an actor's part.
fn contexts(met: &mut Met, (actor, part): (usize, u32)) -> &mut BTreeMap<Context, Place> {
    grown(&mut met[actor], part as usize)
}

/// The element of that number, with default ones before it where there are none.
pub(super) fn grown<T: Clone + Default>(all: &mut Vec<T>, at: usize) -> &mut T {
    if all.len() <= at {
        all.resize(at + 1, T::default());
    }
    &mut all[at]
}
