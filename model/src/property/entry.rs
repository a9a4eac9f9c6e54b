//! Entries of the table of properties.

use crate::clause::{Clause, find};
use crate::machine::Model;
use crate::observe::{Passed, Recall};
use crate::property::seen::Seen;
use crate::protocol::Call;
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
    /// Where the obligation of a progress property is open, which puts it to the test.
    pub(super) obligation: Option<Pending>,
    /// What a scenario may lack that it speaks of.
    pub(super) needs: Option<Needs>,
}

/// Something that a property speaks of and a scenario may lack.
#[derive(Clone, Copy, Debug)]
pub(super) struct Needs {
    has: fn(&Scenario) -> bool,
    /// What is said where it is missing.
    else_said: &'static str,
}

/// How a property is decided.
#[derive(Clone, Copy, Debug)]
pub enum Decided {
    /// No step may be marked by [`Properties::judge`](crate::property::Properties::judge).
    Never(Test),
    /// Some step must be marked by [`Properties::judge`](crate::property::Properties::judge).
    Sometime(Test),
    /// No fair run may stay forever where
    /// [`Properties::pending`](crate::property::Properties::pending) marks it.
    Eventually(Pending),
    /// Not by exploring states; the reason says how.
    Elsewhere(&'static str),
}

/// A test of one step.
#[derive(Clone, Copy, Debug)]
pub struct Test {
    /// Only steps that show one of these can be marked.
    pub(super) on: u64,
    /// Only steps that show one of these put the property to the test,
    pub(super) tested_on: u64,
    /// and only where this holds: the antecedent of SPEC 8.1.
    pub(super) holds: Option<Marks>,
    pub(super) marks: Marks,
}

pub(super) type Marks = fn(&Seen<'_>) -> bool;

/// Is the obligation open in this state?
#[derive(Clone, Copy, Debug)]
pub struct Pending(pub(super) fn(&Model, Sight<'_>, Recall<'_>) -> bool);

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
    /// Why it cannot be asked of the scenario, if so.
    #[must_use]
    pub fn not_applicable(&self, scenario: &Scenario) -> Option<&'static str> {
        if let Decided::Elsewhere(reason) = self.decided {
            return Some(reason);
        }
        self.needs.filter(|needs| !(needs.has)(scenario)).map(|needs| needs.else_said)
    }
}

impl Needs {
    /// RCH-22.
    pub(super) const PASSWORD: Self = Self {
        has: |scenario| scenario.profiles.iter().any(|profile| profile.password),
        else_said: "no profile has a password (the option of AMB-23)",
    };
    /// LIV-11: who never sees a dialog cannot help.
    pub(super) const HELP: Self = Self {
        has: |scenario| {
            scenario.clients.iter().any(|client| client.may_pass(|flags| Passed(flags).ui_cfg()))
        },
        else_said: "no client allows configuration dialogs, so that no user can help",
    };
    /// INV-38.
    pub(super) const UNINITIALIZE: Self = Self {
        has: |scenario| {
            scenario.clients.iter().any(|client| client.calls.contains(&Call::Uninitialize))
        },
        else_said: "no client calls MAPIUninitialize, so that no library is freed",
    };
}
