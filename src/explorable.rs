//! How is MAPI logon explored by a checker that knows nothing of it?
//!
//! What the checker sees is a *world*: a state of the model with what the observer remembers of
//! the run, both packed into words. Property `i` of the checker is entry `i` of [`PROPERTIES`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mapi_logon_checker::{DESCENT, Marks, Path, Property};
use mapi_logon_model::action::{Action, Answer, Choice, Fate, Scripted};
use mapi_logon_model::bits::{BitReader, BitWriter};
use mapi_logon_model::ids::ClientId;
use mapi_logon_model::model::Model;
use mapi_logon_model::observer::Memory;
use mapi_logon_model::property::{Decided, Moment, PROPERTIES};
use mapi_logon_model::state::State;
use mapi_logon_model::step::Step;

/// A model with its properties, ready to be explored.
#[derive(Clone, Debug)]
pub struct Explorable {
    model: Model,
    asked: Marks,
    /// The properties that something explored has put to the test, low bits first.
    tested: Arc<[AtomicU64; 2]>,
}

/// Working memory of one worker.
#[derive(Debug)]
pub struct Scratch {
    before: State,
    step: Step,
    words: Vec<u64>,
}

impl Explorable {
    /// The model, asked for the properties whose bits are set in `asked`.
    ///
    /// Asked for none it is the machine alone: nothing is observed, and worlds are states.
    #[must_use]
    pub fn new(model: Model, asked: Marks) -> Self {
        let tested = Arc::default();
        Self {
            model,
            asked,
            tested,
        }
    }

    /// The properties that were put to the test: some step showed what they speak of, or some state
    /// had their obligation open. What is known grows while worlds are explored.
    #[must_use]
    pub fn tested(&self) -> Marks {
        let [low, high] = &*self.tested;
        let [low, high] = [low, high].map(|half| Marks::from(half.load(Ordering::Relaxed)));
        high << 64 | low
    }

    fn note(&self, tested: Marks) {
        let fresh = tested & !self.tested();
        if fresh == 0 {
            return;
        }
        for (half, bits) in self.tested.iter().zip([fresh, fresh >> 64]) {
            half.fetch_or((bits & Marks::from(u64::MAX)) as u64, Ordering::Relaxed);
        }
    }

    /// The model.
    #[must_use]
    pub const fn model(&self) -> &Model {
        &self.model
    }

    /// The state of a world.
    #[must_use]
    pub fn state(&self, world: &[u64]) -> State {
        self.unpack(world).0
    }

    /// The actions of a run that the checker found.
    #[must_use]
    pub fn actions(&self, path: &Path) -> Vec<Action> {
        self.actions_from(&path.initial, &path.steps)
    }

    /// The actions of steps that begin in `world`.
    #[must_use]
    pub fn actions_from(&self, world: &[u64], steps: &[mapi_logon_checker::Step]) -> Vec<Action> {
        let mut state = self.state(world);
        let mut actions = Vec::new();
        for step in steps {
            let mut meant = None;
            self.model.successors(&state, |action, next| {
                if number(action) == step.action {
                    meant = Some((action, next.state));
                }
            });
            let Some((action, next)) = meant else { break };
            actions.push(action);
            state = next;
        }
        actions
    }

    /// The properties asked for.
    pub(crate) const fn asked(&self) -> Marks {
        self.asked
    }

    /// The state of a world, and what is remembered.
    #[must_use]
    pub fn unpack(&self, world: &[u64]) -> (State, Memory) {
        let mut bits = BitReader::new(world);
        let state = self.model.decode(&mut bits);
        (state, self.unpack_memory(&mut bits))
    }

    fn unpack_memory(&self, bits: &mut BitReader<'_>) -> Memory {
        if self.observes() {
            Memory::decode(&self.model, bits)
        } else {
            Memory::default()
        }
    }

    pub(crate) fn pack(&self, state: &State, memory: &Memory, words: &mut [u64]) {
        let mut bits = BitWriter::new(words);
        self.model.encode(state, &mut bits);
        if self.observes() {
            memory.encode(&self.model, &mut bits);
        }
    }

    pub(crate) const fn observes(&self) -> bool {
        self.asked != 0
    }
}

impl mapi_logon_checker::Model for Explorable {
    type Scratch = Scratch;

    fn identity(&self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        format!(
            "mapi-logon {version}\n{:x}\n{}",
            self.asked,
            self.model.scenario().to_toml()
        )
    }

    fn scratch(&self) -> Scratch {
        Scratch {
            before: self.model.initial(),
            step: Step::at(self.model.initial()),
            words: vec![0; self.words()],
        }
    }

    fn words(&self) -> usize {
        let remembered = if self.observes() {
            self.model.memory_bits()
        } else {
            0
        };
        (self.model.state_bits() + remembered).div_ceil(64).max(1) as usize
    }

    fn properties(&self) -> Vec<Property> {
        // A bound such as LIV-7 is a progress property that is decided step by step.
        let property = |entry: &mapi_logon_model::property::Property| match entry.decided {
            Decided::Never(_) | Decided::Elsewhere(_) => Property::invariant(entry.id),
            Decided::Sometime(_) => Property::witness(entry.id),
            Decided::Eventually(_) => Property::progress(entry.id),
        };
        PROPERTIES.iter().map(property).collect()
    }

    fn initial(&self, each: &mut dyn FnMut(&[u64], Marks)) {
        let mut words = vec![0; self.words()];
        self.pack(&self.model.initial(), &Memory::default(), &mut words);
        each(&words, 0);
    }

    fn successors(
        &self,
        scratch: &mut Scratch,
        world: &[u64],
        each: &mut impl FnMut(u32, &[u64], Marks),
    ) {
        let Scratch {
            before,
            step,
            words,
        } = scratch;
        let mut bits = BitReader::new(world);
        self.model.decode_into(&mut bits, before);
        if !self.observes() {
            self.model
                .each_successor(before, step, &mut |action, step| {
                    self.model.encode(&step.state, &mut BitWriter::new(words));
                    each(number(action), words, 0);
                });
            return;
        }
        let memory = Memory::decode(&self.model, &mut bits);
        let mut tested = 0;
        self.model
            .each_successor(before, step, &mut |action, step| {
                let remembered = self.model.remember(before, &memory, action, step);
                let moment = Moment {
                    model: &self.model,
                    before,
                    action,
                    step,
                    memory: &memory,
                    remembered: &remembered,
                };
                let mut marks = self.model.judge_noting(&moment, &mut tested) & self.asked;
                if !self.model.ascends(before, action.client, &step.state) {
                    marks |= DESCENT;
                }
                self.pack(&step.state, &remembered, words);
                each(number(action), words, marks);
            });
        self.note(tested);
    }

    fn may_end(&self, _: &mut Scratch, world: &[u64]) -> bool {
        self.model.has_ended(&self.state(world))
    }

    fn pending(&self, _: &mut Scratch, world: &[u64]) -> Marks {
        let (state, memory) = self.unpack(world);
        let open = self.model.pending(&state, &memory);
        self.note(open);
        open & self.asked
    }

    fn ordered(&self) -> bool {
        self.observes()
    }

    fn actor(&self, action: u32) -> u8 {
        u8::try_from(action >> 12).unwrap_or(u8::MAX)
    }

    fn fair(&self, property: usize) -> u64 {
        self.model.fair(property)
    }
}

/// A number of its own for every action: the client above bit 12, the choice below.
pub(crate) fn number(action: Action) -> u32 {
    let choice = match action.choice {
        Choice::Begin => 0,
        Choice::Proceed => 1,
        Choice::TimeOut => 2,
        Choice::Postpone => 3,
        Choice::Refuse(code) => 3_500 + code as u32,
        Choice::Configure { completed } => 4 + u32::from(completed),
        Choice::Answer(answer) => {
            let detail = match answer {
                Answer::Pick(profile) => u32::from(profile.0),
                Answer::Correct { completed } => u32::from(completed),
                Answer::Supply
                | Answer::SupplyIncomplete
                | Answer::Cancel
                | Answer::Retry
                | Answer::Decline
                | Answer::Confirm
                | Answer::Refuse => 0,
            };
            32 + u32::try_from(answer.bit()).unwrap_or_default() * 8 + detail
        }
        Choice::Try(Fate {
            repaired,
            password_found,
            struck,
            scripted,
        }) => {
            let struck = struck.map_or(0, |fault| fault as u32 + 1);
            let scripted = match scripted {
                None => 0,
                Some(Scripted::Init(code)) => 2 + 2 * code as u32,
                Some(Scripted::Logon(code)) => 3 + 2 * code as u32,
            };
            128 + u32::from(repaired) + u32::from(password_found) * 2 + struck * 4 + scripted * 32
        }
    };
    let ClientId(client) = action.client;
    u32::from(client) << 12 | choice
}
