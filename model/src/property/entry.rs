//! Entries of the table of properties.

use crate::clause::{Clause, find};
use crate::machine::Model;
use crate::observe::Memory;
use crate::property::policies::{Applies, Unless};
use crate::property::seen::Seen;
use crate::scenario::Scenario;
use crate::world::Sight;

/// What kind of property, as SPEC 8 has it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// `INV-*`: holds over every step.
    Invariant,
    /// `RCH-*`: some run shows it.
    Witness,
    /// `LIV-*`: an open obligation is met in the end.
    Progress,
}

/// One entry of [`PROPERTIES`](crate::property::PROPERTIES).
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// The id in SPEC.
    pub id: &'static str,
    /// Which of the things the id asks for; empty if it asks for one.
    pub part: &'static str,
    /// What kind of property it is.
    pub kind: Kind,
    /// How it is decided.
    pub decided: Decided,
    /// What keeps it from being asked.
    pub(super) unless: &'static [Unless],
}

/// How a property is decided.
#[derive(Clone, Copy, Debug)]
pub enum Decided {
    /// No step may be marked by [`Properties::judge`](crate::property::Properties::judge).
    Never(Test),
    /// Some step must be marked by [`Properties::judge`](crate::property::Properties::judge).
    Sometime(Test),
    /// No fair run may stay for ever where
    /// [`Properties::pending`](crate::property::Properties::pending) marks it.
    Eventually(Pending),
    /// Not by exploring states; the reason says how.
    Elsewhere(&'static str),
}

/// A test of one step.
#[derive(Clone, Copy, Debug)]
pub struct Test {
    /// Only steps that show one of these can pass it; they put the property to the test.
    pub(super) on: u64,
    pub(super) marks: fn(&Seen<'_>) -> bool,
}

/// Is the obligation open in this state?
#[derive(Clone, Copy, Debug)]
pub struct Pending(pub(super) fn(&Model, Sight<'_>, &Memory) -> bool);

impl Property {
    /// Is it decided on the finished graph, under fairness?
    #[must_use]
    pub const fn is_eventual(&self) -> bool {
        matches!(self.decided, Decided::Eventually(_))
    }
    /// What SPEC says, with its sources.
    #[must_use]
    pub fn clause(&self) -> Option<&'static Clause> {
        find(self.id)
    }
    /// Whether it can be asked of the scenario.
    #[must_use]
    pub fn applies(&self, scenario: &Scenario) -> Applies {
        if let Decided::Elsewhere(reason) = self.decided {
            return Applies::Never(reason);
        }
        Unless::of(self.unless, scenario)
    }
}
