//! Does a run keep to the properties? Judged step by step, by the code that `check` uses.

use std::cell::RefCell;

use mapi_logon_model::action::Action;
use mapi_logon_model::model::Model;
use mapi_logon_model::observer::Memory;
use mapi_logon_model::property::{Decided, Moment, PROPERTIES};
use mapi_logon_model::state::{Changes, State};
use mapi_logon_model::step::Step;

/// The properties that a mark breaks, bit `i` for entry `i` of [`PROPERTIES`].
#[must_use]
pub fn breaking() -> u128 {
    bits(|decided| matches!(decided, Decided::Never(_)))
}

/// The properties that a mark shows.
#[must_use]
pub fn showing() -> u128 {
    bits(|decided| matches!(decided, Decided::Sometime(_)))
}

/// All entries of [`PROPERTIES`] with the id of one of these.
#[must_use]
pub fn with_ids_of(marks: u128) -> u128 {
    let marked = |id| (0..).zip(PROPERTIES).any(|(bit, one)| marks >> bit & 1 == 1 && one.id == id);
    (0..).zip(PROPERTIES).fold(0, |bits, (bit, one)| bits | u128::from(marked(one.id)) << bit)
}

fn bits(wanted: fn(Decided) -> bool) -> u128 {
    (0..).zip(PROPERTIES).fold(0, |bits, (bit, one)| bits | u128::from(wanted(one.decided)) << bit)
}

/// What is remembered of a run to judge its next step.
#[derive(Clone, Debug)]
pub struct Judge {
    memory: Memory,
    /// Working memory for the question what could be done next.
    spare: RefCell<Step>,
}

impl Judge {
    /// A judge of runs of a model, before the first step.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        Self { memory: Memory::default(), spare: RefCell::new(Step::at(model.initial())) }
    }

    /// The properties that this step marks.
    #[inline]
    pub fn see(&mut self, model: &Model, before: &State, action: Action, step: &Step) -> u128 {
        let remembered = model.remember(before, &self.memory, action, step);
        let moment =
            Moment { model, before, action, step, memory: &self.memory, remembered: &remembered };
        let changes = Changes::between(model, before, &step.state);
        let judged = model.judge_among(&moment, &changes, u128::MAX, &self.spare);
        self.memory = remembered;
        judged.marks
    }

    /// What is remembered.
    #[must_use]
    pub const fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Remembers this from here on.
    pub const fn remember(&mut self, memory: Memory) {
        self.memory = memory;
    }
}
