//! Does a run keep to the properties? Judged step by step, by the code that `check` uses.

use mapi_logon_model::action::Action;
use mapi_logon_model::model::Model;
use mapi_logon_model::observer::Memory;
use mapi_logon_model::property::{Decided, Moment, PROPERTIES};
use mapi_logon_model::state::State;
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
    let marked = |id| {
        (0..)
            .zip(PROPERTIES)
            .any(|(bit, one)| marks >> bit & 1 == 1 && one.id == id)
    };
    (0..).zip(PROPERTIES).fold(0, |bits, (bit, one)| {
        bits | u128::from(marked(one.id)) << bit
    })
}

fn bits(wanted: fn(Decided) -> bool) -> u128 {
    (0..).zip(PROPERTIES).fold(0, |bits, (bit, one)| {
        bits | u128::from(wanted(one.decided)) << bit
    })
}

/// What is remembered of a run to judge its next step.
#[derive(Clone, Copy, Debug, Default)]
pub struct Judge {
    memory: Memory,
}

impl Judge {
    /// The properties that this step marks.
    #[inline]
    pub fn see(&mut self, model: &Model, before: &State, action: Action, step: &Step) -> u128 {
        let remembered = model.remember(before, &self.memory, action, step);
        let moment = Moment {
            model,
            before,
            action,
            step,
            memory: &self.memory,
            remembered: &remembered,
        };
        let marks = model.judge(&moment);
        self.memory = remembered;
        marks
    }

    /// What is remembered.
    #[must_use]
    pub const fn memory(&self) -> &Memory {
        &self.memory
    }

    /// A judge that remembers this.
    #[must_use]
    pub const fn remembering(memory: Memory) -> Self {
        Self { memory }
    }
}
