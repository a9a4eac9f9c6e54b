//! MAPI logon in parts: one for each client, and what belongs to none.

use mapi_logon_checker::{Exchange, Made, Marks, Modular, Questions, TransitionSystem};
use mapi_logon_model::ids::ClientId;
use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::observe::Memory;
use mapi_logon_model::parts::{self, Parts};
use mapi_logon_model::property::{Moment, PropertySet, Room};
use mapi_logon_model::symmetry::Renaming;
use mapi_logon_model::world::{Changes, Seams, World};

use super::onlookers::Onlookers;
use super::{Explorable, marks, number};

/// A transition system whose states are those of an explorable model.
pub trait Whole: TransitionSystem + Clone {
    /// The model.
    fn explorable(&self) -> &Explorable;

    /// The clients that can be exchanged, if states stand for their classes.
    fn exchange(&self) -> Option<&dyn Exchange<Bench>> {
        None
    }
}

impl Whole for Explorable {
    fn explorable(&self) -> &Explorable {
        self
    }
}

/// Such a system with its states cut into parts.
#[derive(Clone, Debug)]
pub struct Parted<S = Explorable> {
    whole: S,
    parts: Parts,
}

/// Working memory of one worker.
#[derive(Debug)]
pub struct Bench {
    /// The model, which notes what is asked of states.
    model: Model,
    world: World,
    memory: Memory,
    step: Step,
    remembered: Memory,
    after: World,
    room: Room,
    parts: Vec<Vec<u64>>,
    onlookers: Onlookers,
}

impl Bench {
    /// The state that it holds.
    pub(crate) const fn moment(&self) -> (&World, &Memory) {
        (&self.world, &self.memory)
    }

    /// Renames the state that it holds.
    pub(crate) fn rename(&mut self, by: &Renaming) {
        self.world = by.world(&self.world);
        self.memory = by.memory(&self.memory);
    }
}

impl<S: Whole> Parted<S> {
    /// The system in parts, if it can be cut and is asked for something.
    #[must_use]
    pub fn of(whole: S) -> Option<Self> {
        let explorable = whole.explorable();
        let parts = Parts::of(&explorable.model, explorable.observer)?;
        explorable.observes().then_some(Self { whole, parts })
    }

    fn explorable(&self) -> &Explorable {
        self.whole.explorable()
    }

    fn clients(&self) -> impl Iterator<Item = ClientId> + use<S> {
        (0..self.actors()).map(ClientId::from)
    }
}

impl<S: Whole> Modular for Parted<S> {
    const WHOLE: Questions = parts::WHOLE;
    type System = S;
    type Bench = Bench;

    fn system(&self) -> &S {
        &self.whole
    }

    fn bench(&self) -> Bench {
        let Explorable { model, observer, asked, .. } = self.explorable();
        let model = model.clone().logging();
        let world = model.start();
        let memory = observer.start();
        Bench {
            step: Step::at(world.state.clone()),
            room: Room::new(world.state.clone()),
            remembered: memory.clone(),
            after: world.clone(),
            parts: self.clients().map(|client| vec![0; self.parts.words(client)]).collect(),
            onlookers: Onlookers::of(&model, *asked),
            model,
            world,
            memory,
        }
    }

    fn actors(&self) -> usize {
        self.explorable().model.scenario().clients.len()
    }

    fn hold(&self, bench: &mut Bench, state: &[u64]) {
        let Bench { world, memory, .. } = bench;
        self.explorable().decode(state, world, memory, &mut Seams::default());
    }

    fn cut(&self, bench: &mut Bench, each: &mut dyn FnMut(usize, &[u64])) -> u128 {
        let Bench { model, world, memory, parts, .. } = bench;
        for (client, part) in self.clients().zip(parts) {
            part.fill(0);
            self.parts.client(model, (world, memory), client, part);
            each(client.index(), part);
        }
        self.parts.common(model, (&world.state, memory))
    }

    fn put(&self, bench: &mut Bench, actor: usize, part: &[u64]) {
        let Bench { model, world, memory, .. } = bench;
        self.parts.restore_client(model, (world, memory), ClientId::from(actor), part);
    }

    fn put_common(&self, bench: &mut Bench, common: u128) {
        let Bench { model, world, memory, .. } = bench;
        self.parts.restore_common(model, (world, memory), common);
    }

    fn join(&self, bench: &Bench, state: &mut [u64]) {
        state.fill(0);
        self.explorable().pack(&bench.world, &bench.memory, state);
    }

    fn steps(&self, bench: &mut Bench, actor: usize, each: &mut dyn FnMut(&Made<'_>)) {
        let Bench { model, world, memory, step, remembered, after, room, parts, onlookers } = bench;
        let Explorable { observer, properties, asked, .. } = self.explorable();
        self.parts.begin(model);
        onlookers.begin();
        let others = asked.without(onlookers.witnesses());
        let client = ClientId::from(actor);
        model.each_successor_of(client, world, step, &mut |action, step, cursor| {
            let changes = Changes::between(world, &step.state, &cursor);
            observer.remember(model, (world, memory), (action, step, &cursor), remembered);
            let moment = Moment { model, before: world, action, step, memory, remembered };
            let judged =
                properties.judge_among(&moment, &changes, (others, PropertySet::EMPTY), room);
            let ascends = model.ascends(world, (&step.state, &cursor), &changes);
            let shown = onlookers.judge((&self.parts, properties), (&moment, &changes), room);
            after.state.clone_from(&step.state);
            after.cursor = cursor;
            for (client, part) in self.clients().zip(&mut *parts) {
                part.fill(0);
                self.parts.client(model, (after, remembered), client, part);
            }
            each(&Made {
                action: number(model, action),
                marks: marks(judged.marks.or(shown.marks)),
                tested: marks(shown.tested),
                ascends,
                parts,
                common: self.parts.common(model, (&after.state, remembered)),
            });
        });
    }

    fn rank(&self, bench: &Bench, actor: usize) -> u64 {
        bench.model.rank(&bench.world, ClientId::from(actor))
    }

    fn testable(&self) -> Marks {
        marks(self.explorable().properties.obliging().and(self.explorable().asked))
    }

    fn tests(&self, bench: &mut Bench, wanted: Marks) -> Marks {
        let Bench { model, world, memory, onlookers, .. } = bench;
        self.parts.begin(model);
        onlookers.begin();
        let wanted = PropertySet::from_words(wanted.words());
        marks(self.explorable().properties.open(model, (&world.state, memory), wanted))
    }

    fn asked(&self, bench: &Bench, actor: usize) -> Questions {
        let shown = bench.onlookers.asked_of(ClientId::from(actor));
        let mut asked = self.essential(bench, actor);
        asked.iter_mut().zip(shown).for_each(|(asked, shown)| *asked |= shown);
        asked
    }

    fn asked_common(&self, bench: &Bench) -> u128 {
        self.essential_common(bench) | bench.onlookers.asked_of_common()
    }

    fn essential(&self, bench: &Bench, actor: usize) -> Questions {
        self.parts.asked_of(&bench.model, ClientId::from(actor))
    }

    fn essential_common(&self, bench: &Bench) -> u128 {
        self.parts.asked_of_common(&bench.model)
    }

    fn waning(&self) -> u128 {
        self.parts.budget()
    }

    fn exchange(&self) -> Option<&dyn Exchange<Bench>> {
        self.whole.exchange()
    }

    fn overlooked(&self, bench: &Bench) -> Marks {
        marks(bench.onlookers.overlooked())
    }

    fn answer(
        &self,
        bench: &Bench,
        (actor, part): (usize, &[u64]),
        questions: &Questions,
        each: &mut dyn FnMut(u64),
    ) {
        let Bench { model, world, memory, .. } = bench;
        let about = (ClientId::from(actor), part);
        self.parts.answer(model, (world, memory), about, questions, &mut |answer| each(answer));
    }
}
