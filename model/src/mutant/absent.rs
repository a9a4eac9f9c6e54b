//! What is left of mutants without the feature `mutants`? Questions whose answer is no.

use crate::action::Action;
use crate::model::Model;
use crate::mutant::Mutant;
use crate::state::State;
use crate::step::{Disabled, Step};

impl Model {
    /// Is this wrong variant in force?
    #[inline]
    pub(crate) const fn is(&self, _: Mutant) -> bool {
        false
    }

    /// The world as the machine takes it to be.
    #[inline]
    pub(crate) const fn machine(&self) -> &Self {
        self
    }

    /// Makes a finished step wrong.
    #[inline]
    pub(crate) const fn distort(&self, _: &State, _: Action, _: &mut Step) -> Result<(), Disabled> {
        Ok(())
    }
}
