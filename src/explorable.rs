//! How is MAPI logon explored by a checker that knows nothing of it?
//!
//! What the checker sees is a *world*: a state of the model with what the observer remembers of
//! the run, both packed into words. Property `i` of the checker is entry `i` of [`PROPERTIES`].

use std::cell::RefCell;

use mapi_logon_checker::{DESCENT, Marks, Path, Property};
use mapi_logon_model::action::{Action, Answer, Choice, Fate, Scripted};
use mapi_logon_model::bits::{BitEditor, BitReader, BitWriter};
use mapi_logon_model::encode::Seams;
use mapi_logon_model::ids::ClientId;
use mapi_logon_model::model::Model;
use mapi_logon_model::observer::Memory;
use mapi_logon_model::property::{Decided, Judged, Moment, PROPERTIES};
use mapi_logon_model::state::{Changes, State};
use mapi_logon_model::step::Step;

/// A model with its properties, ready to be explored.
#[derive(Clone, Debug)]
pub struct Explorable {
    model: Model,
    asked: Marks,
}

/// Working memory of one worker.
#[derive(Debug)]
pub struct Scratch {
    /// The world read last, with the state and the memory in it and where their parts begin.
    world: Vec<u64>,
    before: State,
    memory: Memory,
    seams: Seams,
    /// The marks that are looked at.
    open: Marks,
    /// What was put to the test: some step showed what the property speaks of, or some state had
    /// its obligation open.
    tested: Marks,
    step: Step,
    words: Vec<u64>,
    spare: RefCell<Step>,
}

impl Explorable {
    /// The model, asked for the properties whose bits are set in `asked`.
    ///
    /// Asked for none it is the machine alone: nothing is observed, and worlds are states.
    #[must_use]
    pub const fn new(model: Model, asked: Marks) -> Self {
        Self { model, asked }
    }

    /// The model.
    #[must_use]
    pub const fn model(&self) -> &Model {
        &self.model
    }

    /// The state of a world.
    #[must_use]
    pub fn state(&self, world: &[u64]) -> State {
        self.model.decode(&mut BitReader::new(world))
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
        let memory = if self.observes() {
            Memory::decode(&self.model, &mut bits)
        } else {
            Memory::default()
        };
        (state, memory)
    }

    /// Reads a world, unless it is the one read last.
    fn read(&self, world: &[u64], scratch: &mut Scratch) {
        if scratch.world == world {
            return;
        }
        let mut bits = BitReader::new(world);
        self.model.decode_parts(&mut bits, &mut scratch.before, &mut scratch.seams);
        if self.observes() {
            scratch.memory = Memory::decode(&self.model, &mut bits);
        }
        scratch.world.clear();
        scratch.world.extend_from_slice(world);
    }

    /// The marks of a step, of those that are looked at.
    fn judge(
        &self,
        moment: &Moment<'_>,
        changes: &Changes,
        open: Marks,
        spare: &RefCell<Step>,
    ) -> Judged {
        let wanted = open & self.asked;
        let mut judged = Judged::default();
        if wanted != 0 {
            judged = self.model.judge_among(moment, changes, wanted, spare);
        }
        let (before, after) = (moment.before, &moment.step.state);
        if open & DESCENT != 0 && !self.model.ascends(before, changes, after) {
            judged.marks |= DESCENT;
        }
        judged
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
            "mapi-logon {version}\nproperties: {:x}\n{}",
            self.asked,
            self.model.scenario().to_toml()
        )
    }

    fn scratch(&self) -> Scratch {
        let first = self.model.initial();
        Scratch {
            world: Vec::new(),
            before: first,
            memory: Memory::default(),
            seams: Seams::default(),
            open: Marks::MAX,
            tested: 0,
            step: Step::at(first),
            words: vec![0; self.words()],
            spare: RefCell::new(Step::at(first)),
        }
    }

    fn words(&self) -> usize {
        let remembered = if self.observes() { self.model.memory_bits() } else { 0 };
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
        self.read(world, scratch);
        let Scratch { before, memory, seams, open, tested, step, words, spare, .. } = scratch;
        if *open & self.asked & self.model.obligations() & !*tested != 0 {
            *tested |= self.model.pending(before, memory) & self.asked;
        }
        self.model.each_successor(before, step, &mut |action, step| {
            let changes = Changes::between(&self.model, before, &step.state);
            let mut out = BitEditor::new(world, words);
            self.model.encode_changes(&step.state, &changes, seams, &mut out);
            if !self.observes() {
                out.replace(seams.end(), seams.end());
                each(number(action), words, 0);
                return;
            }
            let remembered = self.model.remember(before, memory, action, step);
            let past = (&*memory, seams.end());
            remembered.encode_changes(&self.model, past, action.client, &mut out);
            let moment = Moment {
                model: &self.model,
                before,
                action,
                step,
                memory,
                remembered: &remembered,
            };
            let judged = self.judge(&moment, &changes, *open, spare);
            *tested |= judged.tested;
            each(number(action), words, judged.marks);
        });
    }

    fn tested(&self, scratch: &Scratch) -> Marks {
        scratch.tested
    }

    fn ask(&self, scratch: &mut Scratch, open: Marks) {
        scratch.open = open;
    }

    fn may_end(&self, _: &mut Scratch, world: &[u64]) -> bool {
        self.model.has_ended(&self.state(world))
    }

    fn pending(&self, scratch: &mut Scratch, world: &[u64]) -> Marks {
        self.read(world, scratch);
        self.model.pending(&scratch.before, &scratch.memory) & self.asked
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
        Choice::Try(Fate { repaired, password_found, struck, scripted }) => {
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
