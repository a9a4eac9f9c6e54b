//! Models written for stateright on our engine.

use std::hash::Hash;
use std::sync::{Arc, Mutex};

use mapi_logon_checker::{Claim, Marks, TransitionSystem};
use stateright::{Expectation, Model};

#[expect(clippy::disallowed_types, reason = "asked by key; its order reaches no result")]
type Numbers<T> = std::collections::HashMap<Known<T>, u64>;

/// A state that is equal to itself, as states of stateright are without saying so.
#[derive(Hash, PartialEq)]
struct Known<T>(Arc<T>);

impl<T: PartialEq> Eq for Known<T> {}

/// A stateright model as a [`TransitionSystem`]: `always` is an invariant, `sometimes` a witness,
/// `eventually` a progress property.
///
/// A state is encoded as its number in the order of discovery. Unlike in stateright, whether the
/// condition of an `eventually` property has held on the way is part of the state: that makes the
/// verdict sound, and may make more states.
pub(crate) struct FromStateright<S: Model> {
    model: S,
    properties: Vec<stateright::Property<S>>,
    states: Mutex<States<S::State>>,
}

/// All states met, by number and by state.
struct States<T> {
    all: Vec<Arc<T>>,
    numbers: Numbers<T>,
}

impl<S: Model<State: PartialEq + Hash>> FromStateright<S> {
    pub(crate) fn new(model: S) -> Self {
        Self {
            properties: model.properties(),
            model,
            states: Mutex::new(States { all: Vec::new(), numbers: Numbers::default() }),
        }
    }

    fn state(&self, encoded: &[u64]) -> Arc<S::State> {
        Arc::clone(&self.states.lock().unwrap().all[encoded[0] as usize])
    }

    fn number(&self, state: S::State) -> u64 {
        let States { all, numbers } = &mut *self.states.lock().unwrap();
        let state = Arc::new(state);
        let new = all.len() as u64;
        let number = *numbers.entry(Known(Arc::clone(&state))).or_insert(new);
        if number == new {
            all.push(state);
        }
        number
    }

    /// Gives a state with its marks. `held` has a bit for every `eventually` property whose
    /// condition held before.
    fn give(&self, state: S::State, mut held: u64, each: impl FnOnce(&[u64], Marks)) {
        let mut marks = Marks::NONE;
        for (at, property) in self.properties.iter().enumerate() {
            let holds = (property.condition)(&self.model, &state);
            match property.expectation {
                Expectation::Always => marks = marks.with(at, !holds),
                Expectation::Sometimes => marks = marks.with(at, holds),
                Expectation::Eventually => held |= u64::from(holds) << at,
            }
        }
        each(&[self.number(state), held], marks);
    }
}

impl<S> TransitionSystem for FromStateright<S>
where
    S: Model<State: PartialEq + Hash + Send + Sync> + Sync,
{
    type Scratch = ();

    fn identity(&self) -> String {
        "a model of stateright".to_owned()
    }

    fn scratch(&self) {}

    fn words(&self) -> usize {
        2
    }

    fn properties(&self) -> Vec<Claim> {
        let property = |property: &stateright::Property<S>| match property.expectation {
            Expectation::Always => Claim::invariant(property.name),
            Expectation::Sometimes => Claim::witness(property.name),
            Expectation::Eventually => Claim::progress(property.name),
        };
        self.properties.iter().map(property).collect()
    }

    fn initial(&self, each: &mut dyn FnMut(&[u64], Marks)) {
        for state in self.model.init_states() {
            if self.model.within_boundary(&state) {
                self.give(state, 0, &mut *each);
            }
        }
    }

    fn successors(&self, (): &mut (), state: &[u64], each: &mut impl FnMut(u32, &[u64], Marks)) {
        let (known, held) = (self.state(state), state[1]);
        let mut actions = Vec::new();
        self.model.actions(&known, &mut actions);
        for (code, action) in (0..).zip(actions) {
            if let Some(next) = self.model.next_state(&known, action)
                && self.model.within_boundary(&next)
            {
                self.give(next, held, |next, marks| each(code, next, marks));
            }
        }
    }

    fn pending(&self, (): &mut (), state: &[u64]) -> Marks {
        let eventually = |at: &usize| {
            matches!(self.properties[*at].expectation, Expectation::Eventually)
                && state[1] >> at & 1 == 0
        };
        (0..self.properties.len()).filter(eventually).collect()
    }
}
