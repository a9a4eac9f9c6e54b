//! A second opinion: the search of `stateright`, an independent checker.
//!
//! Marks belong to steps, and stateright asks about states, so a state carries its steps and what
//! they mark, computed when first needed and no part of what makes two states equal.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use stateright::{Checker, HasDiscoveries, Model, Property};

use crate::clock::Clock;
use crate::marks::{MAX_PROPERTIES, Marks};
use crate::report::{Cost, Decision, End, Example, Finding, Path, PathStep, Reduction, Report};
use crate::system::{ClaimKind, TransitionSystem};

/// Explores `system` with stateright's breadth-first search on `workers` threads, until `interrupt`
/// is set.
///
/// What the report says of states, transitions, invariants and witnesses is stateright's finding.
/// Stateright keeps the last example it meets, so its runs are real but often not shortest. It
/// knows states by their hashes and cannot decide progress, which stays undecided; it counts no
/// terminal states either. Of an interrupted search it does not say up to which depth it has seen
/// everything, so no length of run counts as checked.
pub fn check_with_stateright<S>(
    system: Arc<S>,
    workers: NonZeroUsize,
    interrupt: Option<&'static AtomicBool>,
) -> Report
where
    S: TransitionSystem + Send + 'static,
{
    let clock = Clock::start();
    let adapter = Adapter::new(Arc::clone(&system), interrupt);
    let initial = adapter.init_states().len() as u64;
    let checker = adapter
        .checker()
        .threads(workers.get())
        .finish_when(HasDiscoveries::AnyOf(BTreeSet::from([GOES_ON])))
        .spawn_bfs()
        .join();
    let tested = checker.model().tested();
    let discovered = checker.discoveries();
    let complete = !discovered.contains_key(GOES_ON);
    let states = checker.unique_state_count() as u64;
    let seconds = clock.elapsed().as_secs_f64();
    let finding = |(at, property): (usize, crate::system::Claim)| {
        let (name, _) = Adapter::<S>::MARKED.as_flattened()[at];
        let path = discovered.get(name);
        let example = path.map(|path| example(&*system, at, &path.clone().into_vec()));
        let verdict = match (property.kind, example) {
            (ClaimKind::Invariant, Some(example)) => Decision::Violated(example),
            (ClaimKind::Invariant, None) if complete => Decision::Holds,
            (ClaimKind::Witness, Some(example)) => Decision::Found(example),
            (ClaimKind::Witness, None) if complete => Decision::NotFound,
            (ClaimKind::Invariant | ClaimKind::Witness, None) | (ClaimKind::Progress, _) => {
                Decision::Undecided
            }
        };
        Finding { property, verdict, tested: tested.get(&at).copied().unwrap_or_default() }
    };
    let properties = system.properties().into_iter().enumerate();
    let depth = u32::try_from(checker.max_depth().saturating_sub(1)).unwrap_or(u32::MAX);
    let end = if complete { End::Complete } else { End::Interrupted };
    Report {
        sweep_line: None,
        states,
        transitions: checker.state_count() as u64 - initial,
        depth,
        terminal: 0,
        stuck: 0,
        first_stuck: None,
        findings: properties.map(finding).collect(),
        end,
        checked: if complete { depth + 1 } else { 0 },
        unsaved: None,
        missed: Some(-(-(states as f64).powi(2) / 2f64.powi(65)).exp_m1()),
        levels: Vec::new(),
        reduction: Reduction::Unasked,
        cost: Cost { workers: workers.get(), seconds, ..Cost::default() },
    }
}

/// The run that stateright found, with the marked step added.
fn example<S: TransitionSystem>(
    system: &S,
    property: usize,
    run: &[(State, Option<Action>)],
) -> Example {
    let mut states = run.iter().map(|(state, _)| state.words.to_vec());
    let initial = states.next().unwrap_or_default();
    let actions = run.iter().filter_map(|(_, action)| action.as_ref());
    let steps = actions.zip(states).map(|(action, state)| PathStep { action: action.code, state });
    let mut steps: Vec<PathStep> = steps.collect();
    if let Some((last, _)) = run.last()
        && !last.initial.contains(property)
    {
        let mut marked = None;
        let mut scratch = system.scratch();
        system.successors(&mut scratch, &last.words, &mut |action, next, marks| {
            if marks.contains(property) {
                marked.get_or_insert_with(|| PathStep { action, state: next.to_vec() });
            }
        });
        steps.extend(marked);
    }
    Example {
        depth: u32::try_from(steps.len()).unwrap_or(u32::MAX),
        path: Some(Path { initial, steps }),
    }
}

/// The property that the interrupt is not set. While it holds, stateright goes on searching.
const GOES_ON: &str = "goes on";

/// A transition system as stateright sees it.
struct Adapter<S: TransitionSystem> {
    system: Arc<S>,
    interrupt: Option<&'static AtomicBool>,
    kinds: Vec<ClaimKind>,
    /// Working memory that no thread uses now.
    spare: Mutex<Vec<S::Scratch>>,
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

impl<S: TransitionSystem> Adapter<S> {
    fn new(system: Arc<S>, interrupt: Option<&'static AtomicBool>) -> Self {
        let properties = system.properties();
        Self {
            kinds: properties.iter().map(|property| property.kind).collect(),
            system,
            interrupt,
            spare: Mutex::default(),
        }
    }

    fn tested(&self) -> BTreeMap<usize, u64> {
        let mut tested = BTreeMap::new();
        if let Ok(mut spare) = self.spare.lock() {
            for scratch in spare.iter_mut() {
                self.system.tested(scratch, &mut |property, times| {
                    *tested.entry(property).or_default() += times;
                });
            }
        }
        tested
    }

    fn steps<'a>(&self, state: &'a State) -> &'a Steps {
        state.steps.get_or_init(|| {
            let mut steps = Steps { marks: state.initial, actions: Vec::new() };
            let spare = self.spare.lock().ok().and_then(|mut spare| spare.pop());
            let mut scratch = spare.unwrap_or_else(|| self.system.scratch());
            self.system.successors(&mut scratch, &state.words, &mut |code, next, marks| {
                steps.marks |= marks;
                let next = next.into();
                steps.actions.push(Action { code, next });
            });
            if let Ok(mut spare) = self.spare.lock() {
                spare.push(scratch);
            }
            steps
        })
    }
}

impl<S: TransitionSystem + Send + 'static> Model for Adapter<S> {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let mut states: Vec<State> = Vec::new();
        self.system.initial(&mut |words, marks| match states
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
        Some(State::new(&action.next, Marks::NONE))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let goes_on = |adapter: &Self, _: &State| {
            !adapter.interrupt.is_some_and(|flag| flag.load(Ordering::Relaxed))
        };
        // A marked state is a discovery, whatever it says of the property.
        let decided = Self::MARKED.as_flattened().iter().zip(&self.kinds);
        let decided = decided.filter(|(_, kind)| **kind != ClaimKind::Progress);
        let decided = decided.map(|((name, marked), _)| Property::sometimes(name, *marked));
        let goes_on = Property::always(GOES_ON, goes_on);
        std::iter::once(goes_on).chain(decided).collect()
    }
}

/// A condition of stateright's, which captures nothing.
type Condition<S> = fn(&Adapter<S>, &State) -> bool;

macro_rules! conditions {
    (rows $($row:literal)*) => {
        [$(conditions!(row $row 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)),*]
    };
    (row $row:literal $($column:literal)*) => {
        [$((
            concat!($row, ".", $column),
            Self::is_marked::<{ 16 * $row + $column }> as Condition<S>,
        )),*]
    };
}

impl<S: TransitionSystem> Adapter<S> {
    /// For each property there can be its name, as stateright knows it, and its condition.
    const MARKED: [[(&'static str, Condition<S>); 16]; MAX_PROPERTIES / 16] =
        conditions!(rows 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);

    fn is_marked<const AT: usize>(&self, state: &State) -> bool {
        self.steps(state).marks.contains(AT)
    }
}
