//! Steps remembered by what they have asked: a modular system explored through a cache.
//!
//! A state is a tuple of numbers, one for each part met so far. The steps of an actor are made once
//! for its part and the answers to all that was ever asked from that part ([`sites`]), and used
//! again wherever the answers are the same ([`steps`]). It is exact by construction: the answers
//! are the whole of what the steps depend on. Numbers are given out in the order of discovery,
//! to all workers together ([`numbers`]). Each worker remembers steps for itself, and those that
//! others have made ([`make`]).

use std::cmp::Ordering;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use crate::cache::classes::Classes;
use crate::cache::images::Images;
use crate::cache::make::{Inbox, Makings};
use crate::cache::numbers::{Numbers, Packing};
use crate::cache::reduce::Choices;
use crate::cache::reduction::Knowledge;
use crate::cache::sites::{ACTORS, PENDING, Sites, TESTS};
use crate::cache::steps::{Key, Steps, UNCHANGED};
use crate::marks::Marks;
use crate::modular::{Exchange, Modular};
use crate::report::Report;
use crate::system::{Claim, ClaimKind, TransitionSystem, positions};

mod classes;
mod footprints;
mod images;
mod make;
mod numbers;
mod reduce;
mod reduction;
mod represent;
mod sites;
mod steps;

pub use reduce::{Obstacle, Reduced, check_reduced};
pub use steps::Tally;

/// A modular system explored through a cache, its states in `W` words.
pub struct Cached<M: Modular, const W: usize> {
    system: M,
    tally: Tally,
    numbers: Numbers,
    packing: Packing<W>,
    outgrown: AtomicBool,
    /// The progress properties that may be pending.
    progress: Marks,
    /// The actors that can be exchanged, if nothing else can.
    exchanged: Option<Vec<Vec<usize>>>,
    /// Where workers leave the steps that they make for each other.
    makings: Makings<W>,
    /// Do several processes explore it?
    is_shared: bool,
    /// Working memory for comparing states.
    comparing: Mutex<Option<Worker<M, W>>>,
    /// What is needed to leave steps out, if that is asked for.
    knowledge: Option<Knowledge<M>>,
}

/// The rank of a part for which the system was not asked yet.
const UNRANKED: u64 = u64::MAX;

/// Working memory of one worker.
pub struct Worker<M: Modular, const W: usize> {
    inner: <M::System as TransitionSystem>::Scratch,
    bench: M::Bench,
    sites: Sites,
    steps: Steps<W>,
    /// The numbers of the parts of the state at hand, that of the common part last.
    parts: Vec<u32>,
    keys: Vec<Option<Key>>,
    /// A state as the system writes it.
    state: Vec<u64>,
    /// The rank of each part of every actor, or [`UNRANKED`].
    ranks: Vec<Vec<u64>>,
    descended: bool,
    selected: bool,
    /// What states may test that is still counted.
    wanted: Marks,
    choices: Choices,
    classes: Classes,
    images: Images,
    /// Steps that others have made; none before the first of its own.
    inbox: Option<Arc<Inbox<W>>>,
}

impl<M: Modular, const W: usize> Cached<M, W> {
    /// The system, unless its parts cannot be numbered in so few words.
    pub fn new(system: M, tally: Tally) -> Option<Self> {
        let actors = system.actors();
        let packing = Packing::of(actors).filter(|_| actors <= ACTORS)?;
        let progress: Marks = positions(system.system(), ClaimKind::Progress).collect();
        Some(Self {
            numbers: Numbers::of(actors),
            exchanged: system.exchange().and_then(Exchange::classes),
            tally,
            packing,
            outgrown: AtomicBool::new(false),
            progress: progress & system.testable(),
            makings: Makings::default(),
            is_shared: false,
            comparing: Mutex::new(None),
            knowledge: None,
            system,
        })
    }

    /// For several processes, which agree on the owners of states, but not on numbers.
    pub fn shared(self) -> Self {
        Self { is_shared: true, ..self }
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
            let original = self.original(&mut worker, state).to_vec();
            *state = original;
        });
    }

    /// A state as the system writes it.
    pub fn original<'w>(&self, worker: &'w mut Worker<M, W>, state: &[u64]) -> &'w [u64] {
        let Worker { bench, sites, parts, state: original, .. } = &mut *worker;
        self.packing.unpack(state, parts);
        sites.learn(&self.numbers, parts);
        sites.put(&self.system, bench, parts);
        self.system.join(bench, original);
        &worker.state
    }

    /// The state with these numbers.
    fn pack(&self, numbers: &[u32]) -> [u64; W] {
        let mut state = ([0; W], [0; W]);
        for (at, number) in numbers.iter().enumerate() {
            self.packing.set(at, *number, &mut state, &self.outgrown);
        }
        state.1
    }

    /// The list of steps of an actor in the state at hand.
    #[inline]
    fn look_up(&self, worker: &mut Worker<M, W>, actor: usize) -> usize {
        let found = worker.keys[actor].and_then(|key| worker.steps.find(&key));
        match found {
            Some(found) => found,
            None => self.make(worker, actor),
        }
    }

    /// The list of what is asked of the state at hand itself.
    #[inline]
    fn look_up_state(&self, worker: &mut Worker<M, W>, question: usize) -> usize {
        let at = self.system.actors() + question;
        worker.keys[at] = worker.sites.key(at, &worker.parts);
        self.look_up(worker, at)
    }

    /// The rank of an actor's part in the state at hand.
    #[cold]
    fn rank(&self, worker: &mut Worker<M, W>, actor: usize) -> u64 {
        let Worker { bench, sites, parts, ranks, .. } = worker;
        sites.learn(&self.numbers, parts);
        let number = parts[actor];
        self.system.put(bench, actor, sites.part(actor, number));
        let (rank, ranks) = (self.system.rank(bench, actor), &mut ranks[actor]);
        if ranks.len() <= number as usize {
            ranks.resize(number as usize + 1, UNRANKED);
        }
        ranks[number as usize] = rank;
        rank
    }

    /// Notes what the state itself tests.
    fn test_state(&self, worker: &mut Worker<M, W>) {
        let list = self.look_up_state(worker, TESTS);
        worker.steps.count(list);
        if self.tally == Tally::Steps {
            let tested = worker.steps.tested_by(list);
            if !(tested & worker.wanted).is_empty() {
                worker.wanted = worker.wanted - tested;
                worker.sites.forget();
            }
        }
    }
}

impl<M: Modular, const W: usize> TransitionSystem for Cached<M, W> {
    type Scratch = Worker<M, W>;

    fn identity(&self) -> String {
        format!("states of {W} words of numbered parts\n{}", self.system.system().identity())
    }

    fn scratch(&self) -> Worker<M, W> {
        let actors = self.system.actors();
        Worker {
            inner: self.system.system().scratch(),
            bench: self.system.bench(),
            sites: Sites::of(actors),
            steps: Steps::empty(),
            parts: vec![0; actors + 1],
            keys: vec![None; actors + 2],
            state: vec![0; self.system.system().words()],
            ranks: vec![Vec::new(); actors],
            descended: false,
            selected: true,
            wanted: self.system.testable(),
            choices: Choices::default(),
            classes: Classes::default(),
            images: Images::default(),
            inbox: None,
        }
    }

    fn words(&self) -> usize {
        W
    }

    fn properties(&self) -> Vec<Claim> {
        self.system.system().properties()
    }

    fn initial(&self, each: &mut dyn FnMut(&[u64], Marks)) {
        let mut bench = self.system.bench();
        self.system.system().initial(&mut |state, marks| {
            let mut numbers = vec![0; self.system.actors() + 1];
            self.system.hold(&mut bench, state);
            let common = self.system.cut(&mut bench, &mut |actor, part| {
                numbers[actor] = self.numbers.of_part(actor, part);
            });
            numbers[self.system.actors()] = self.numbers.of_common(common);
            each(&self.pack(&numbers), marks);
        });
    }

    fn successors(
        &self,
        worker: &mut Worker<M, W>,
        state: &[u64],
        each: &mut impl FnMut(u32, &[u64], Marks),
    ) {
        if self.has_outgrown() {
            return;
        }
        let actors = self.system.actors();
        let Worker { sites, steps, parts, keys, .. } = &mut *worker;
        self.packing.unpack(state, parts);
        // All keys first: what the lists are read from arrives meanwhile.
        let mut near = 0;
        for (actor, key) in keys[..actors].iter_mut().enumerate() {
            *key = sites.key(actor, parts);
            near ^= key.map_or(0, |key| steps.touch(&key));
        }
        black_box(near);
        let counting = worker.selected && self.tally != Tally::None;
        if counting && !worker.wanted.is_empty() {
            self.test_state(worker);
        }
        let common = worker.parts[actors];
        let mut here = [0; W];
        here.copy_from_slice(state);
        let chosen = self.choose(worker);
        let exchange = self.system.exchange();
        let expanded = chosen.map_or(0..actors, |chosen| chosen..chosen + 1);
        for actor in expanded.clone() {
            let list = self.look_up(worker, actor);
            if counting {
                worker.steps.count(list);
            }
            for step in worker.steps.of(list) {
                let mut next = here;
                for (next, (mask, set)) in next.iter_mut().zip(step.mask.iter().zip(&step.set)) {
                    *next = *next & !mask | set;
                }
                if step.delta != UNCHANGED {
                    let number = worker.sites.after(&self.numbers, step.delta, common);
                    next[W - 1] = self.packing.with_common(next[W - 1], number, &self.outgrown);
                }
                if let Some(exchange) = exchange {
                    let means = (&mut worker.sites, &mut worker.bench, &mut worker.classes);
                    next = self.represent(exchange, means, next);
                }
                each(step.action, &next, worker.steps.marks(step));
            }
        }
        if let Some(exchange) = exchange.filter(|_| self.knowledge.is_some()) {
            self.make_images(worker, exchange, &expanded);
        }
    }

    fn select(&self, worker: &mut Worker<M, W>, properties: Marks) {
        worker.selected = !properties.is_empty();
    }

    fn bytes(&self, worker: &Worker<M, W>) -> usize {
        let Worker { sites, steps, classes, images, .. } = worker;
        sites.bytes() + steps.bytes() + classes.bytes() + images.bytes()
    }

    fn tested(&self, worker: &mut Worker<M, W>, each: &mut dyn FnMut(usize, u64)) {
        worker.steps.tested(each);
    }

    fn ascends(&self, worker: &Worker<M, W>) -> bool {
        self.system.system().ascends(&worker.inner) && !worker.descended
    }

    fn measure(&self, worker: &mut Worker<M, W>, state: &[u64]) -> Option<u64> {
        self.packing.unpack(state, &mut worker.parts);
        (0..self.system.actors()).try_fold(0u64, |sum, actor| {
            let known = worker.ranks[actor].get(worker.parts[actor] as usize).copied();
            let rank = known.filter(|rank| *rank != UNRANKED);
            sum.checked_add(rank.unwrap_or_else(|| self.rank(worker, actor)))
        })
    }

    fn codebook(&self) -> Vec<u64> {
        self.numbers.news(&mut Vec::new())
    }

    fn adopt(&self, codebook: &[u64]) -> bool {
        self.numbers.adopt(codebook).is_some()
    }

    fn news(&self, told: &mut Vec<usize>) -> Vec<u64> {
        self.numbers.news(told)
    }

    fn learn(&self, heard: &mut Vec<Vec<u32>>, news: &[u64]) -> bool {
        self.numbers.learn(heard, news).is_some()
    }

    fn read_foreign(&self, heard: &[Vec<u32>], state: &mut [u64]) -> bool {
        self.packing.replace(state, heard).is_some()
    }

    fn obstacle(&self) -> Option<String> {
        let message = "its states have too many parts to be numbered: explore it without a cache";
        (self.is_shared && self.has_outgrown()).then(|| message.to_owned())
    }

    fn may_end(&self, worker: &mut Worker<M, W>, state: &[u64]) -> bool {
        self.original(worker, state);
        self.system.system().may_end(&mut worker.inner, &worker.state)
    }

    fn pending(&self, worker: &mut Worker<M, W>, state: &[u64]) -> Marks {
        self.packing.unpack(state, &mut worker.parts);
        let list = self.look_up_state(worker, PENDING);
        worker.steps.tested_by(list)
    }

    fn actor(&self, action: u32) -> u8 {
        self.system.system().actor(action)
    }

    fn fair(&self, property: usize) -> u64 {
        self.system.system().fair(property)
    }

    fn exchanges_actors(&self) -> bool {
        self.system.system().exchanges_actors()
    }

    fn fields(&self) -> Vec<u32> {
        self.packing.fields()
    }

    fn home(&self, state: &[u64]) -> u64 {
        if self.is_shared {
            return self.numbers.home(std::array::from_fn(|actor| self.packing.part(state, actor)));
        }
        self.packing.home(state)
    }

    fn compare(&self, a: &[u64], b: &[u64]) -> Ordering {
        if a == b {
            return Ordering::Equal;
        }
        let mut comparing = self.comparing.lock().unwrap_or_else(PoisonError::into_inner);
        let worker = comparing.get_or_insert_with(|| self.scratch());
        let a = self.original(worker, a).to_vec();
        a[..].cmp(self.original(worker, b))
    }
}
