//! MAPI logon as a transition system that the checker can explore.
//!
//! A state of that system is a *world*: a moment of the scenario with what the observer remembers
//! of the run, both packed into words. Property `i` of the checker is entry `i` of [`PROPERTIES`].

use mapi_logon_checker::{Claim, Marks, Path, PathStep, TransitionSystem};
use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::observe::{Memory, Observer};
use mapi_logon_model::property::{Decided, Moment, PROPERTIES, Properties, PropertySet, Room};
use mapi_logon_model::protocol::Action;
use mapi_logon_model::world::bits::{BitEditor, BitReader, BitWriter};
use mapi_logon_model::world::{Changes, Seams, World};

use crate::program;

mod number;
mod onlookers;
mod parted;

use number::CLIENT_BIT;
pub(crate) use number::number;
pub use parted::{Bench, Parted, Whole};

/// A model with its properties, ready to be explored.
#[derive(Clone, Debug)]
pub struct Explorable {
    model: Model,
    observer: Observer,
    properties: Properties,
    asked: PropertySet,
    counts: Counts,
}

/// How much is counted of the tests of properties.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Counts {
    /// Every step and state that tests one.
    #[default]
    Every,
    /// No more than whether one was tested.
    First,
    /// Nothing.
    Nothing,
}

/// Working memory of one worker.
#[derive(Debug)]
pub struct Scratch {
    /// The words read last, the world and the memory in them, and where their parts begin.
    words: Vec<u64>,
    before: World,
    memory: Memory,
    seams: Seams,
    /// The properties that are judged.
    open: PropertySet,
    /// The properties whose tests are counted.
    counted: PropertySet,
    /// Those that need no further test to be counted.
    settled: PropertySet,
    /// The counts: steps in which their antecedent occurred, states in which their obligation was
    /// open.
    tested: Box<[u64]>,
    /// Must steps still be compared with the order of the model?
    ordering: bool,
    /// Did a step descend?
    descended: bool,
    step: Step,
    after: Vec<u64>,
    remembered: Memory,
    room: Room,
}

impl Explorable {
    /// The model, asked for these properties.
    ///
    /// Asked for none it is the machine alone: nothing is observed, and worlds are states.
    #[must_use]
    pub fn new(model: Model, asked: PropertySet) -> Self {
        let (observer, properties) = (Observer::of(&model), Properties::of(&model));
        Self { observer, properties, model, asked, counts: Counts::default() }
    }

    /// The same, with this much counted.
    #[must_use]
    pub const fn counting(mut self, counts: Counts) -> Self {
        self.counts = counts;
        self
    }

    /// How much is counted.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// The model.
    #[must_use]
    pub const fn model(&self) -> &Model {
        &self.model
    }

    /// The world in these words.
    #[must_use]
    pub fn world(&self, words: &[u64]) -> World {
        let mut world = self.model.start();
        let words = &mut BitReader::new(words);
        let layout = self.model.layout();
        layout.decode_into(words, &mut world, &mut Seams::default());
        world
    }

    /// The actions of a run that the checker found.
    #[must_use]
    pub fn actions(&self, path: &Path) -> Vec<Action> {
        self.actions_from(&path.initial, &path.steps)
    }

    /// The actions of steps that begin in the world of these words.
    #[must_use]
    pub fn actions_from(&self, words: &[u64], steps: &[PathStep]) -> Vec<Action> {
        let mut world = self.world(words);
        let actions = steps.iter().map_while(|step| {
            let (action, next) = self.numbered(&world, step.action)?;
            world = next;
            Some(action)
        });
        actions.collect()
    }

    /// The action with this number, and the world it leads to.
    pub(crate) fn numbered(&self, world: &World, wanted: u32) -> Option<(Action, World)> {
        let mut found = None;
        self.model.successors(world, |action, step, cursor| {
            if number(&self.model, action) == wanted {
                let state = step.state.clone();
                found = Some((action, World { state, cursor }));
            }
        });
        found
    }

    /// The properties asked for.
    pub(crate) const fn asked(&self) -> PropertySet {
        self.asked
    }

    /// The same, asked for these properties alone.
    pub(crate) fn asking(&self, asked: PropertySet) -> Self {
        Self { asked, ..self.clone() }
    }

    /// The progress properties asked for to which not all clients are fair.
    pub(crate) fn unfair(&self) -> PropertySet {
        let everybody = (1 << self.model.scenario().clients.len()) - 1;
        let is_unfair = |at: usize| self.model.fair(at) & everybody != everybody;
        self.properties.obligations().and(self.asked).those(is_unfair)
    }

    /// The world in these words, and what is remembered.
    #[must_use]
    pub fn unpack(&self, words: &[u64]) -> (World, Memory) {
        let (mut world, mut memory) = (self.model.start(), self.observer.start());
        self.decode(words, &mut world, &mut memory, &mut Seams::default());
        (world, memory)
    }

    /// Reads a world, unless it is the one read last.
    fn read(&self, words: &[u64], scratch: &mut Scratch) {
        if scratch.words == words {
            return;
        }
        let Scratch { before, memory, seams, .. } = scratch;
        self.decode(words, before, memory, seams);
        scratch.words.clear();
        scratch.words.extend_from_slice(words);
    }

    fn decode(&self, words: &[u64], world: &mut World, memory: &mut Memory, seams: &mut Seams) {
        let mut bits = BitReader::new(words);
        self.model.layout().decode_into(&mut bits, world, seams);
        if self.observes() {
            memory.decode(&self.observer, &mut bits);
        }
    }

    pub(crate) fn pack(&self, world: &World, memory: &Memory, words: &mut [u64]) {
        let mut bits = BitWriter::new(words);
        self.model.layout().encode(world, &mut bits);
        if self.observes() {
            memory.encode(&self.observer, &mut bits);
        }
    }

    pub(crate) const fn observes(&self) -> bool {
        !self.asked.is_empty()
    }

    /// The progress properties whose obligation is open, of those asked for.
    fn open_obligations(&self, world: &World, memory: &Memory) -> PropertySet {
        self.properties.pending(&self.model, (&world.state, memory), self.asked)
    }
}

impl TransitionSystem for Explorable {
    type Scratch = Scratch;

    fn identity(&self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        format!(
            "mapi-logon {version}\nprogram: {}\nproperties: {:x?}\n{}",
            program::digest(),
            self.asked.words(),
            self.model.scenario().to_toml()
        )
    }

    fn scratch(&self) -> Scratch {
        let first = self.model.start();
        Scratch {
            words: Vec::new(),
            memory: self.observer.start(),
            seams: Seams::default(),
            open: self.asked,
            counted: self.asked,
            settled: PropertySet::EMPTY,
            tested: vec![0; PROPERTIES.len()].into(),
            ordering: true,
            descended: false,
            step: Step::at(first.state.clone()),
            after: vec![0; self.words()],
            remembered: self.observer.start(),
            room: Room::new(first.state.clone()),
            before: first,
        }
    }

    fn words(&self) -> usize {
        let remembered = if self.observes() { self.observer.bits() } else { 0 };
        (self.model.layout().bits() + remembered).div_ceil(64).max(1) as usize
    }

    fn properties(&self) -> Vec<Claim> {
        // A bound such as LIV-7 is a progress property that is decided step by step.
        let property = |entry: &mapi_logon_model::property::Property| match entry.decided {
            Decided::Never(_) | Decided::Elsewhere(_) => Claim::invariant(entry.id),
            Decided::Sometime(_) => Claim::witness(entry.id),
            Decided::Eventually(_) => Claim::progress(entry.id),
        };
        PROPERTIES.iter().map(property).collect()
    }

    fn initial(&self, each: &mut dyn FnMut(&[u64], Marks)) {
        let mut words = vec![0; self.words()];
        self.pack(&self.model.start(), &self.observer.start(), &mut words);
        each(&words, Marks::NONE);
    }

    fn successors(
        &self,
        scratch: &mut Scratch,
        words: &[u64],
        each: &mut impl FnMut(u32, &[u64], Marks),
    ) {
        self.read(words, scratch);
        if !scratch.counted.is_empty() {
            let moment = (&scratch.before.state, &scratch.memory);
            let open = self.properties.open(&self.model, moment, scratch.counted);
            count(&mut scratch.tested, open);
            if self.counts == Counts::First {
                scratch.settled = scratch.settled.or(open);
                scratch.counted = scratch.counted.without(open);
            }
        }
        let Scratch {
            before,
            memory,
            seams,
            open,
            counted,
            settled,
            tested,
            ordering,
            descended,
            step,
            after,
            remembered,
            room,
            ..
        } = scratch;
        let Self { model, observer, properties, .. } = self;
        model.each_successor(before, step, &mut |action, step, cursor| {
            let changes = Changes::between(before, &step.state, &cursor);
            let mut out = BitEditor::new(words, after);
            let moment = (&step.state, &cursor);
            model.layout().encode_changes(moment, &changes, seams, &mut out);
            if !self.observes() {
                out.replace(seams.end(), seams.end());
                each(number(&self.model, action), after, Marks::NONE);
                return;
            }
            observer.remember(model, (before, memory), (action, step, &cursor), remembered);
            let past = (&*memory, seams.end());
            remembered.encode_changes(observer, past, action.client, &mut out);
            let mut marked = PropertySet::EMPTY;
            if !open.is_empty() {
                let moment = Moment { model, before, action, step, memory, remembered };
                let judged = properties.judge_among(&moment, &changes, (*open, *counted), room);
                count(tested, judged.tested);
                if self.counts == Counts::First {
                    *settled = settled.or(judged.tested);
                    *counted = counted.without(judged.tested);
                }
                marked = judged.marks;
            }
            if *ordering && !model.ascends(before, moment, &changes) {
                (*ordering, *descended) = (false, true);
            }
            each(number(&self.model, action), after, marks(marked));
        });
    }

    fn select(&self, scratch: &mut Scratch, properties: Marks) {
        scratch.open = PropertySet::from_words(properties.words()).and(self.asked);
        scratch.counted = if properties.is_empty() || self.counts == Counts::Nothing {
            PropertySet::EMPTY
        } else {
            self.asked.without(scratch.settled)
        };
        scratch.ordering = !properties.is_empty() && !scratch.descended;
    }

    fn tested(&self, scratch: &mut Scratch, each: &mut dyn FnMut(usize, u64)) {
        for (at, times) in scratch.tested.iter_mut().enumerate() {
            if *times > 0 {
                each(at, std::mem::take(times));
            }
        }
    }

    fn ascends(&self, scratch: &Scratch) -> bool {
        self.observes() && !scratch.descended
    }

    fn measure(&self, _: &mut Scratch, world: &[u64]) -> Option<u64> {
        Some(self.model.measure(world))
    }

    fn may_end(&self, _: &mut Scratch, world: &[u64]) -> bool {
        self.model.has_ended(&self.world(world).cursor)
    }

    fn pending(&self, scratch: &mut Scratch, world: &[u64]) -> Marks {
        self.read(world, scratch);
        marks(self.open_obligations(&scratch.before, &scratch.memory))
    }

    fn actor(&self, action: u32) -> u8 {
        u8::try_from(action >> CLIENT_BIT).unwrap_or(u8::MAX)
    }

    fn fair(&self, property: usize) -> u64 {
        self.model.fair(property)
    }
}

/// Counts each of these once more.
#[inline]
fn count(times: &mut [u64], tested: PropertySet) {
    for at in tested {
        times[at] += 1;
    }
}

/// The model's set of properties as the checker's.
pub(crate) const fn marks(properties: PropertySet) -> Marks {
    Marks::from_words(properties.words())
}
