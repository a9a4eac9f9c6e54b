//! Footprints: what actors ask and write at each of their parts, and at all that follow from it.

use std::collections::{BTreeMap, BTreeSet};

use crate::cache::numbers::Numbers;
use crate::cache::reduction::Intent;
use crate::cache::sites::ACTORS;
use crate::hash::low32;
use crate::modular::{Modular, Questions};

/// What was asked and written at a part of an actor.
#[derive(Clone, Default)]
pub(super) struct Place {
    /// What is asked about each other actor.
    pub(super) asked: [Questions; ACTORS],
    /// The bits of the common part that are read, and those that are written.
    pub(super) read: u128,
    pub(super) written: u128,
    /// The actors whose parts are written.
    pub(super) others: u64,
    /// What the part becomes, by whomever.
    pub(super) next: BTreeSet<u32>,
}

impl Place {
    pub(super) fn ask(&mut self, other: usize, asked: Questions) {
        self.asked[other].iter_mut().zip(asked).for_each(|(all, asked)| *all |= asked);
    }

    /// Adds all of another one.
    pub(super) fn join(&mut self, mut more: Self) {
        self.add(&more);
        self.next.append(&mut more.next);
    }

    /// Adds what is asked there.
    fn add_reads(&mut self, more: &Self) {
        for (other, asked) in more.asked.iter().enumerate() {
            self.ask(other, *asked);
        }
        self.read |= more.read;
    }

    /// Adds what is asked and written there; says whether that is more.
    fn add(&mut self, more: &Self) -> bool {
        let before = (self.asked, self.read, self.written, self.others);
        self.add_reads(more);
        self.written |= more.written;
        self.others |= more.others;
        before != (self.asked, self.read, self.written, self.others)
    }
}

/// Where steps were made: the level of the common part, if that was read, and for each other actor
/// what was asked about it, and the class of its part.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Context {
    pub(super) level: Option<u32>,
    pub(super) answers: Vec<(Questions, u32)>,
}

/// What was met at each part of each actor.
pub(super) type Met = Vec<Vec<BTreeMap<Context, Place>>>;

/// An actor on a level of the common part.
type OnLevel = (usize, u32);

/// An actor at one of its parts.
type AtPart = (usize, u32);

/// The tables of one run.
pub(super) struct Tables {
    met: Met,
    /// For each actor, what is met at its parts on a level.
    here: BTreeMap<OnLevel, Vec<Place>>,
    /// What each actor asks about each other one.
    asked: BTreeMap<(usize, usize), BTreeSet<Questions>>,
    views: BTreeMap<View, usize>,
    /// The view of an actor on a level while another one rests at a part.
    known: BTreeMap<(OnLevel, AtPart), usize>,
    futures: Vec<Futures>,
    /// How many places those hold.
    places: usize,
}

/// An actor looked at while another one rests, on that level or a lower one: levels only fall. Of
/// the one that rests the classes matter by all that the first asks about it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct View {
    actor: usize,
    resting: usize,
    level: u32,
    classes: BTreeMap<Questions, u32>,
}

/// What an actor can come to, seen in that way.
struct Futures {
    /// What is met at a part, and what it can become at once.
    places: Vec<Place>,
    /// What is met there and at all parts that can follow.
    all: Vec<Place>,
    /// The parts from which on the answers to these questions can change.
    unsteady: BTreeMap<Questions, Vec<bool>>,
}

impl Futures {
    fn of(met: &Met, view: &View) -> Self {
        let fits = |context: &Context| {
            let (asked, class) = context.answers.get(view.resting).copied().unwrap_or_default();
            asked == [0; 3] || view.classes.get(&asked) == Some(&class)
        };
        let sum = |contexts: &BTreeMap<Context, Place>| {
            let mut all = Place::default();
            let low = |context: &Context| context.level.is_none_or(|level| level <= view.level);
            for (context, place) in contexts.iter().filter(|(context, _)| low(context)) {
                // Whatever the step of the other one changes may be the first answer that differs,
                // so what is asked counts in all contexts.
                all.add_reads(place);
                if fits(context) {
                    all.add(place);
                    all.next.extend(&place.next);
                }
            }
            all
        };
        let places: Vec<Place> = met[view.actor].iter().map(sum).collect();
        let mut all = places.clone();
        backward(&mut all, |all, at| {
            let mut sum = all[at].clone();
            let mut more = false;
            for next in places[at].next.iter().map(|next| *next as usize) {
                more |= all.get(next).is_some_and(|next| sum.add(next));
            }
            all[at] = sum;
            more
        });
        Self { places, all, unsteady: BTreeMap::new() }
    }
}

impl Tables {
    pub(super) fn of(met: &Met) -> Self {
        let mut asked: BTreeMap<_, BTreeSet<Questions>> = BTreeMap::new();
        for (actor, places) in met.iter().enumerate() {
            for context in places.iter().flat_map(BTreeMap::keys) {
                for (other, (questions, _)) in context.answers.iter().enumerate() {
                    asked.entry((actor, other)).or_default().insert(*questions);
                }
            }
        }
        Self {
            met: met.clone(),
            here: BTreeMap::new(),
            asked,
            views: BTreeMap::new(),
            known: BTreeMap::new(),
            futures: Vec::new(),
            places: 0,
        }
    }

    /// How many places they hold.
    pub(super) const fn len(&self) -> usize {
        self.places
    }

    /// What an actor asks at its part on that level.
    fn here(&mut self, (actor, part): AtPart, level: u32) -> Option<&Place> {
        let met = &self.met[actor];
        let here = self.here.entry((actor, level)).or_insert_with(|| {
            let sum = |contexts: &BTreeMap<Context, Place>| {
                let mut all = Place::default();
                let fits = |at: &Context| at.level.is_none_or(|at| at == level);
                let fitting = contexts.iter().filter(|(context, _)| fits(context));
                fitting.for_each(|(_, place)| all.add_reads(place));
                all
            };
            met.iter().map(sum).collect()
        });
        here.get(part as usize)
    }

    /// The number of what an actor can come to on a level while another one rests at its part.
    fn view<M: Modular>(
        &mut self,
        system: &M,
        contents: &mut Contents<M>,
        (actor, level): OnLevel,
        (resting, part): AtPart,
    ) -> usize {
        let Self { met, asked, views, known, futures, places, .. } = self;
        *known.entry(((actor, level), (resting, part))).or_insert_with(|| {
            let asked = asked.get(&(actor, resting)).into_iter().flatten();
            let class =
                |asked: &Questions| (*asked, contents.class(system, (resting, *asked), part));
            let view = View { actor, resting, level, classes: asked.map(class).collect() };
            *views.entry(view).or_insert_with_key(|view| {
                futures.push(Futures::of(met, view));
                *places += met[view.actor].len();
                futures.len() - 1
            })
        })
    }

    /// Is the intent independent of all that the other actor may do from its part on, in states
    /// on that level, while the one with the intent rests? What no table holds does nothing.
    pub(super) fn is_independent<M: Modular>(
        &mut self,
        system: &M,
        contents: &mut Contents<M>,
        intent: &Intent,
        (other, part, level): (usize, u32, u32),
    ) -> bool {
        let resting = (intent.actor, intent.part);
        let here = self.here(resting, level);
        let (read, asked) = here.map_or((0, [0; 3]), |here| (here.read, here.asked[other]));
        let view = self.view(system, contents, (other, level), resting);
        let Futures { places, all, unsteady } = &mut self.futures[view];
        if let Some(future) = all.get(part as usize) {
            let writes_it = future.others >> intent.actor & 1 == 1;
            if writes_it || future.read & intent.written != 0 || future.written & read != 0 {
                return false;
            }
            let about = (intent.actor, future.asked[intent.actor]);
            let class = contents.class(system, about, intent.part);
            if intent.next.iter().any(|next| contents.class(system, about, *next) != class) {
                return false;
            }
        }
        let unsteady = unsteady.entry(asked).or_insert_with(|| {
            unsteady_parts(places, |part| contents.class(system, (other, asked), part))
        });
        !unsteady.get(part as usize).is_some_and(|unsteady| *unsteady)
    }
}

/// The parts from which a change of class can follow.
fn unsteady_parts(places: &[Place], mut class: impl FnMut(u32) -> u32) -> Vec<bool> {
    let mut all: Vec<bool> = Vec::new();
    for (at, place) in places.iter().enumerate() {
        let here = class(low32(at as u64));
        all.push(place.next.iter().any(|next| class(*next) != here));
    }
    backward(&mut all, |all, at| {
        let mut next = places[at].next.iter();
        let follows = !all[at] && next.any(|next| all.get(*next as usize) == Some(&true));
        all[at] |= follows;
        follows
    });
    all
}

/// Repeats `add` for all places, the last first, as long as it adds something.
fn backward<T>(all: &mut [T], mut add: impl FnMut(&mut [T], usize) -> bool) {
    let mut more = true;
    while more {
        more = false;
        for at in (0..all.len()).rev() {
            more |= add(all, at);
        }
    }
}

/// What the parts are, and how they answer.
pub(super) struct Contents<M: Modular> {
    bench: M::Bench,
    known: Vec<Vec<Box<[u64]>>>,
    classes: BTreeMap<(usize, Questions), Classes>,
}

/// The class of each part by its answers.
#[derive(Default)]
struct Classes {
    of: BTreeMap<u32, u32>,
    numbers: BTreeMap<Box<[u64]>, u32>,
}

impl<M: Modular> Contents<M> {
    pub(super) fn of(system: &M) -> Self {
        let known = vec![Vec::new(); system.actors()];
        Self { bench: system.bench(), known, classes: BTreeMap::new() }
    }

    /// Learns the parts met so far.
    pub(super) fn learn(&mut self, numbers: &Numbers) {
        for (actor, known) in self.known.iter_mut().enumerate() {
            numbers.learn_parts(actor, known);
        }
    }

    /// A number that parts share which answer these questions about them alike.
    pub(super) fn class(&mut self, system: &M, about: (usize, Questions), part: u32) -> u32 {
        let (actor, questions) = about;
        if questions == [0; 3] {
            return 0;
        }
        let Classes { of, numbers } = self.classes.entry(about).or_default();
        *of.entry(part).or_insert_with(|| {
            let content = &self.known[actor][part as usize];
            system.put(&mut self.bench, actor, content);
            let mut answers = Vec::new();
            let each = &mut |answer| answers.push(answer);
            system.answer(&self.bench, (actor, content), &questions, each);
            let next = low32(numbers.len() as u64);
            *numbers.entry(answers.into()).or_insert(next)
        })
    }
}
