//! Does an independent checker come to the same verdicts?
//!
//! [`check_with_stateright`] has stateright explore one of our models. Marks belong to steps, and
//! stateright asks about states, so a state carries its steps and what they mark, computed when
//! first asked for and no part of what makes two states equal.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use stateright::{Checker, HasDiscoveries, Model as Stateright};

use crate::control::Clock;
use crate::model::{Kind, MAX_PROPERTIES, Marks, Model};
use crate::options::Storage;
use crate::report::{Cost, End, Example, Finding, Path, Report, Step, Verdict};

/// Explores `model` with stateright's breadth-first search on so many threads.
///
/// What the report says of states, transitions, invariants and witnesses is stateright's finding.
/// Stateright keeps the last example it meets, so its runs are real but often not shortest. It
/// knows states by fingerprints and cannot decide progress, which stays undecided; it counts no
/// terminal states either.
pub fn check_with_stateright<M>(model: Arc<M>, workers: NonZeroUsize) -> Report
where
    M: Model + Send + 'static,
{
    static NEVER: AtomicBool = AtomicBool::new(false);
    check_with_stateright_until(model, workers, &NEVER)
}

/// As [`check_with_stateright`], until somebody sets `interrupt`.
///
/// Of an interrupted search the report says what was broken or shown by then. Stateright does not
/// say up to which depth it has seen everything, so no length of run counts as checked.
pub fn check_with_stateright_until<M>(
    model: Arc<M>,
    workers: NonZeroUsize,
    interrupt: &'static AtomicBool,
) -> Report
where
    M: Model + Send + 'static,
{
    let clock = Clock::start();
    let wrapped = Wrapped::new(Arc::clone(&model), interrupt);
    let initial = wrapped.init_states().len() as u64;
    let checker = wrapped
        .checker()
        .threads(workers.get())
        .finish_when(HasDiscoveries::AnyOf(BTreeSet::from([GOES_ON])))
        .spawn_bfs()
        .join();
    let complete = !checker.discoveries().contains_key(GOES_ON);
    let discovered = checker.discoveries();
    let states = checker.unique_state_count() as u64;
    let seconds = clock.elapsed().as_secs_f64();
    let finding = |(at, property): (usize, crate::model::Property)| {
        let path = NAMES.get(at).and_then(|name| discovered.get(name));
        let example = path.map(|path| example(&*model, at, &path.clone().into_vec()));
        let verdict = match (property.kind, example) {
            (Kind::Invariant, Some(example)) => Verdict::Violated(example),
            (Kind::Invariant, None) if complete => Verdict::Holds,
            (Kind::Witness, Some(example)) => Verdict::Found(example),
            (Kind::Witness, None) if complete => Verdict::NotFound,
            (Kind::Invariant | Kind::Witness, None) | (Kind::Progress, _) => Verdict::Undecided,
        };
        Finding { property, verdict }
    };
    let depth = u32::try_from(checker.max_depth().saturating_sub(1)).unwrap_or(u32::MAX);
    Report {
        storage: Storage::Compact,
        states,
        transitions: checker.state_count() as u64 - initial,
        depth,
        terminal: 0,
        stuck: 0,
        first_stuck: None,
        findings: model.properties().into_iter().enumerate().map(finding).collect(),
        end: if complete { End::Complete } else { End::Interrupted },
        checked: if complete { depth + 1 } else { 0 },
        tested: checker.model().tested(),
        missed: -(-(states as f64).powi(2) / 2f64.powi(65)).exp_m1(),
        levels: Vec::new(),
        cost: Cost { workers: workers.get(), seconds, ..Cost::default() },
    }
}

/// The run that stateright found, with the marked step added.
fn example<M: Model>(model: &M, at: usize, run: &[(State, Option<Action>)]) -> Example {
    let mut states = run.iter().map(|(state, _)| state.words.to_vec());
    let initial = states.next().unwrap_or_default();
    let actions = run.iter().filter_map(|(_, action)| action.as_ref());
    let mut steps: Vec<Step> =
        actions.zip(states).map(|(action, state)| Step { action: action.code, state }).collect();
    if let Some((last, _)) = run.last()
        && (last.initial >> at) & 1 == 0
    {
        let mut marked = None;
        model.successors(&mut model.scratch(), &last.words, &mut |action, next, marks| {
            if marks >> at & 1 == 1 {
                marked.get_or_insert_with(|| Step { action, state: next.to_vec() });
            }
        });
        steps.extend(marked);
    }
    let depth = u32::try_from(steps.len()).unwrap_or(u32::MAX);
    Example { depth, path: Some(Path { initial, steps }) }
}

/// The property that nobody has interrupted.
const GOES_ON: &str = "goes on";

/// One of our models as stateright sees it.
struct Wrapped<M: Model> {
    model: Arc<M>,
    interrupt: &'static AtomicBool,
    kinds: Vec<Kind>,
    /// Working memory that no thread uses now.
    spare: Mutex<Vec<M::Scratch>>,
}

/// A state as stateright sees it.
#[derive(Clone, Debug)]
struct State {
    words: Box<[u64]>,
    /// What an initial state marks itself.
    initial: Marks,
    steps: OnceLock<Steps>,
}

/// What a state and its steps mark, and the steps.
#[derive(Clone, Debug)]
struct Steps {
    marks: Marks,
    actions: Vec<Action>,
}

/// A step.
#[derive(Clone, Debug, PartialEq)]
struct Action {
    code: u32,
    next: Box<[u64]>,
}

impl State {
    fn new(words: &[u64], initial: Marks) -> Self {
        Self { words: words.into(), initial, steps: OnceLock::new() }
    }
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.words == other.words
    }
}

impl Hash for State {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.words.hash(state);
    }
}

impl<M: Model> Wrapped<M> {
    fn new(model: Arc<M>, interrupt: &'static AtomicBool) -> Self {
        let kinds = model.properties().iter().map(|property| property.kind).collect();
        let spare = Mutex::default();
        Self { model, interrupt, kinds, spare }
    }

    fn tested(&self) -> Marks {
        self.spare.lock().map_or(0, |spare| {
            let tested = spare.iter().map(|scratch| self.model.tested(scratch));
            tested.fold(0, |all, tested| all | tested)
        })
    }

    fn steps<'a>(&self, state: &'a State) -> &'a Steps {
        state.steps.get_or_init(|| {
            let mut steps = Steps { marks: state.initial, actions: Vec::new() };
            let spare = self.spare.lock().ok().and_then(|mut spare| spare.pop());
            let mut scratch = spare.unwrap_or_else(|| self.model.scratch());
            self.model.successors(&mut scratch, &state.words, &mut |code, next, marks| {
                steps.marks |= marks;
                steps.actions.push(Action { code, next: next.into() });
            });
            if let Ok(mut spare) = self.spare.lock() {
                spare.push(scratch);
            }
            steps
        })
    }
}

impl<M: Model + Send + 'static> Stateright for Wrapped<M> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let mut states: Vec<State> = Vec::new();
        self.model.initial(&mut |words, marks| match states
            .iter_mut()
            .find(|state| *state.words == *words)
        {
            Some(state) => state.initial |= marks,
            None => states.push(State::new(words, marks)),
        });
        states
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        actions.extend_from_slice(&self.steps(state).actions);
    }

    fn next_state(&self, _: &State, action: Action) -> Option<State> {
        Some(State::new(&action.next, 0))
    }

    fn properties(&self) -> Vec<stateright::Property<Self>> {
        // One that holds until somebody interrupts keeps stateright searching until then.
        let mut all = vec![stateright::Property::always(GOES_ON, |model: &Self, _| {
            !model.interrupt.load(Ordering::Relaxed)
        })];
        for (at, kind) in self.kinds.iter().enumerate() {
            all.extend(match kind {
                Kind::Invariant => {
                    Some(stateright::Property::always(NAMES[at], Self::UNMARKED[at]))
                }
                Kind::Witness => Some(stateright::Property::sometimes(NAMES[at], Self::MARKED[at])),
                Kind::Progress => None,
            });
        }
        all
    }
}

type Condition<M> = fn(&Wrapped<M>, &State) -> bool;

/// Writes a table over all property numbers, since stateright's conditions capture nothing.
macro_rules! table {
    ($entry:ident) => {
        table!(@ $entry 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27
            28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56
            57 58 59 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 80 81 82 83 84 85
            86 87 88 89 90 91 92 93 94 95 96 97 98 99 100 101 102 103 104 105 106 107 108 109 110
            111 112 113 114 115 116 117 118 119 120 121 122 123 124 125 126)
    };
    (@ $entry:ident $($at:literal)*) => { [$($entry!($at)),*] };
}

macro_rules! name {
    ($at:literal) => {
        stringify!($at)
    };
}

macro_rules! marked {
    ($at:literal) => {
        |model, state| model.steps(state).marks >> $at & 1 == 1
    };
}

macro_rules! unmarked {
    ($at:literal) => {
        |model, state| model.steps(state).marks >> $at & 1 == 0
    };
}

const NAMES: [&str; MAX_PROPERTIES] = table!(name);

impl<M: Model> Wrapped<M> {
    const MARKED: [Condition<M>; MAX_PROPERTIES] = table!(marked);
    const UNMARKED: [Condition<M>; MAX_PROPERTIES] = table!(unmarked);
}
