//! How does a model written for stateright run on this engine?
//!
//! Its states have no encoding, so a state is known here by 128 bits of a fixed hash, and a table
//! leads back to the state itself. Should two different states ever have the same 128 bits, the
//! search panics rather than take one for the other. The table makes a guest slower and larger than
//! a native model, and lives in one process.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use stateright::{Expectation, Model as Stateright};

use crate::hash::hash;
use crate::model::{Marks, Model, Property};

const SHELVES: usize = 64;

/// A stateright model as a [`Model`].
///
/// `always` is an invariant, `sometimes` a witness. `eventually` is a progress property, and sound,
/// unlike stateright's own: whether its condition has held on the way is part of the state, so a
/// model with `eventually` properties can have more states here than there.
pub struct Guest<S: Stateright> {
    model: S,
    identity: String,
    shelves: Vec<Mutex<BTreeMap<u128, Arc<S::State>>>>,
    /// The positions of `eventually` properties.
    eventually: Vec<usize>,
}

impl<S> Guest<S>
where
    S: Stateright,
    S::State: Hash + PartialEq,
{
    /// The model, under a name that tells it from others.
    pub fn new(model: S, identity: impl Into<String>) -> Self {
        let properties = model.properties();
        let eventually =
            |&at: &usize| matches!(properties[at].expectation, Expectation::Eventually);
        Self {
            identity: identity.into(),
            shelves: (0..SHELVES).map(|_| Mutex::default()).collect(),
            eventually: (0..properties.len()).filter(eventually).collect(),
            model,
        }
    }

    /// The state that an encoded state stands for, if it was met.
    pub fn state(&self, encoded: &[u64]) -> Option<Arc<S::State>> {
        let &[high, low, ..] = encoded else {
            return None;
        };
        let name = u128::from(high) << 64 | u128::from(low);
        self.shelf(name).get(&name).cloned()
    }

    fn shelf(&self, name: u128) -> MutexGuard<'_, BTreeMap<u128, Arc<S::State>>> {
        let shelf = &self.shelves[(name % SHELVES as u128) as usize];
        shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Names a state.
    fn encode(&self, state: S::State) -> [u64; 2] {
        let mut names = Names::default();
        state.hash(&mut names);
        let [high, low] = names.finish_both();
        let name = u128::from(high) << 64 | u128::from(low);
        let mut shelf = self.shelf(name);
        match shelf.get(&name) {
            Some(known) => assert!(**known == state, "two states have the same 128-bit hash"),
            None => {
                shelf.insert(name, Arc::new(state));
            }
        }
        [high, low]
    }

    /// The marks of a state, and the `eventually` properties whose condition has held on the way.
    fn judge(&self, state: &S::State, before: u64) -> (Marks, u64) {
        let (mut marks, mut held) = (0, before);
        for (at, property) in self.model.properties().iter().enumerate() {
            let holds = (property.condition)(&self.model, state);
            match property.expectation {
                Expectation::Always => marks |= Marks::from(!holds) << at,
                Expectation::Sometimes => marks |= Marks::from(holds) << at,
                Expectation::Eventually => {
                    let bit = self.eventually.iter().position(|&eventually| eventually == at);
                    held |= bit.map_or(0, |bit| u64::from(holds) << bit);
                }
            }
        }
        (marks, held)
    }

    fn give(&self, state: S::State, before: u64, each: impl FnOnce(&[u64], Marks)) {
        let (marks, held) = self.judge(&state, before);
        let [high, low] = self.encode(state);
        each(&[high, low, held][..2 + usize::from(!self.eventually.is_empty())], marks);
    }
}

impl<S> Model for Guest<S>
where
    S: Stateright + Sync,
    S::State: Hash + PartialEq + Send + Sync,
{
    type Scratch = ();

    fn identity(&self) -> String {
        self.identity.clone()
    }

    fn scratch(&self) {}

    fn words(&self) -> usize {
        2 + usize::from(!self.eventually.is_empty())
    }

    fn properties(&self) -> Vec<Property> {
        let property = |property: &stateright::Property<S>| match property.expectation {
            Expectation::Always => Property::invariant(property.name),
            Expectation::Sometimes => Property::witness(property.name),
            Expectation::Eventually => Property::progress(property.name),
        };
        self.model.properties().iter().map(property).collect()
    }

    fn initial(&self, each: &mut dyn FnMut(&[u64], Marks)) {
        for state in self.model.init_states() {
            if self.model.within_boundary(&state) {
                self.give(state, 0, &mut *each);
            }
        }
    }

    fn successors(&self, (): &mut (), state: &[u64], each: &mut impl FnMut(u32, &[u64], Marks)) {
        let Some(known) = self.state(state) else {
            return;
        };
        let mut actions = Vec::new();
        self.model.actions(&known, &mut actions);
        for (code, action) in (0..).zip(actions) {
            if let Some(next) = self.model.next_state(&known, action)
                && self.model.within_boundary(&next)
            {
                let before = state.get(2).copied().unwrap_or(0);
                self.give(next, before, |next, marks| each(code, next, marks));
            }
        }
    }

    fn pending(&self, (): &mut (), state: &[u64]) -> Marks {
        let held = state.get(2).copied().unwrap_or(0);
        let open = self.eventually.iter().enumerate().filter(|(bit, _)| held >> bit & 1 == 0);
        open.fold(0, |marks, (_, at)| marks | 1 << at)
    }

    /// Stateright knows no fairness: any step may be put off for ever while another is taken.
    fn fair(&self, _property: usize) -> u64 {
        u64::MAX
    }
}

/// Two independent hashes of what is written.
#[derive(Default)]
struct Names {
    words: Vec<u64>,
}

impl Names {
    fn finish_both(mut self) -> [u64; 2] {
        self.words.push(1);
        let high = self.finish();
        if let Some(last) = self.words.last_mut() {
            *last = 2;
        }
        self.words.reverse();
        [high, self.finish()]
    }
}

impl Hasher for Names {
    fn finish(&self) -> u64 {
        hash(&self.words)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
        self.write_u64(bytes.len() as u64);
    }

    fn write_u8(&mut self, word: u8) {
        self.write_u64(u64::from(word));
    }

    fn write_u16(&mut self, word: u16) {
        self.write_u64(u64::from(word));
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.words.push(word);
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
}
