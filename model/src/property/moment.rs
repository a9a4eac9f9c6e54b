//! The moment at which a step is judged.

use crate::machine::{Model, Step};
use crate::observe::{Memory, Recall};
use crate::protocol::Action;
use crate::world::World;

/// One step with everything a property may look at.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The world.
    pub model: &'a Model,
    /// Where the step begins.
    pub before: &'a World,
    /// What is done.
    pub action: Action,
    /// Where it leads, and what could be seen.
    pub step: &'a Step,
    /// What was remembered before.
    pub memory: &'a Memory,
    /// What is remembered after.
    pub remembered: &'a Memory,
}

impl<'a> Moment<'a> {
    /// A memory, to be read.
    pub(super) fn recall(&self, memory: &'a Memory) -> Recall<'a> {
        Recall::of(memory, self.model)
    }
}
