//! Which properties has MAPI logon, and does a step break or show them? SPEC 8, entry by entry.
//!
//! Invariants hold over every step, witnesses must be found, progress is decided on the finished
//! graph. Some ids ask for several things; each is an entry of its own with a `part`. Such an
//! invariant is broken when one part is, and such a witness found when every part is.

use std::cell::RefCell;

use crate::action::Action;
use crate::clause::{Clause, find};
use crate::model::Model;
use crate::observer::{Memory, Tracks, Widths};
use crate::scenario::Scenario;
use crate::state::{Changes, State};
use crate::step::Step;

mod calls;
mod policies;
mod profiles;
mod progress;
mod providers;
mod seen;
mod sessions;
mod shown;
mod table;
mod tries;
mod witness;

use policies::Unless;
use seen::Seen;

pub use table::PROPERTIES;

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

/// One entry of [`PROPERTIES`].
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
    unless: &'static [Unless],
}

/// How a property is decided.
#[derive(Clone, Copy, Debug)]
pub enum Decided {
    /// No step may be marked by [`Model::judge`].
    Never(Test),
    /// Some step must be marked by [`Model::judge`].
    Sometime(Test),
    /// No fair run may stay for ever where [`Model::pending`] marks it.
    Eventually(Pending),
    /// Not by exploring states; the reason says how.
    Elsewhere(&'static str),
}

/// A test of one step.
#[derive(Clone, Copy, Debug)]
pub struct Test {
    /// Only steps that show one of these can pass it; they put the property to the test.
    on: u64,
    marks: fn(&Seen<'_>) -> bool,
}

/// Is the obligation open in this state?
#[derive(Clone, Copy, Debug)]
pub struct Pending(fn(&Model, &State, &Memory) -> bool);

/// Whether a property can be asked of a scenario.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Applies {
    /// It can.
    Yes,
    /// A reading in force makes it another property: the switch with its value.
    ChangedBy(&'static str),
    /// It cannot, and this is why.
    Never(&'static str),
}

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

/// One step with everything a property may look at.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The world.
    pub model: &'a Model,
    /// Where the step begins.
    pub before: &'a State,
    /// What is done.
    pub action: Action,
    /// Where it leads, and what could be seen.
    pub step: &'a Step,
    /// What was remembered before.
    pub memory: &'a Memory,
    /// What is remembered after.
    pub remembered: &'a Memory,
}

/// What a step says of the properties, bit `i` for entry `i` of [`PROPERTIES`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Judged {
    /// Those it marks: a witness that is seen, anything else that is broken.
    pub marks: u128,
    /// Those it put to the test: it shows what they speak of.
    pub tested: u128,
}

/// What a scenario makes of the properties; it never changes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Watch {
    /// The properties that apply.
    pub(crate) properties: u128,
    pub(crate) tracks: Tracks,
    pub(crate) widths: Widths,
}

impl Watch {
    pub(crate) fn of(model: &Model) -> Self {
        let mut watch = Self { tracks: Tracks::of(model.scenario()), ..Self::default() };
        watch.widths = Widths::of(model, watch.tracks);
        for (bit, property) in PROPERTIES.iter().enumerate() {
            if property.applies(model.scenario()) == Applies::Yes {
                watch.properties |= 1 << bit;
            }
        }
        watch
    }
}

/// For each thing a step can show, the properties whose test it can pass.
const TRIGGERED: [u128; 64] = {
    let mut triggered = [0; 64];
    let mut bit = 0;
    while bit < PROPERTIES.len() {
        if let Decided::Never(test) | Decided::Sometime(test) = PROPERTIES[bit].decided {
            let mut shown = 0;
            while shown < 64 {
                if test.on >> shown & 1 == 1 {
                    triggered[shown] |= 1 << bit;
                }
                shown += 1;
            }
        }
        bit += 1;
    }
    triggered
};

/// The properties that are decided on the finished graph.
const OBLIGATIONS: u128 = {
    let mut obligations = 0;
    let mut bit = 0;
    while bit < PROPERTIES.len() {
        if let Decided::Eventually(_) = PROPERTIES[bit].decided {
            obligations |= 1 << bit;
        }
        bit += 1;
    }
    obligations
};

impl Model {
    /// The properties a step marks, bit `i` for entry `i` of [`PROPERTIES`]: a witness that is
    /// seen, anything else that is broken. Properties that do not apply are never marked.
    #[must_use]
    pub fn judge(&self, moment: &Moment<'_>) -> u128 {
        let changes = Changes::between(self, moment.before, &moment.step.state);
        let spare =
            RefCell::new(Step { state: *moment.before, effects: Vec::new(), taken: Vec::new() });
        self.judge_among(moment, &changes, u128::MAX, &spare).marks
    }

    /// As [`Model::judge`], for a step known to change this, of the properties `wanted` alone; with
    /// a step to spare for the question what could be done next.
    #[must_use]
    pub fn judge_among(
        &self,
        moment: &Moment<'_>,
        changes: &Changes,
        wanted: u128,
        spare: &RefCell<Step>,
    ) -> Judged {
        let seen = Seen::of(moment, changes, spare);
        let mut shown = seen.shows;
        let mut candidates = 0;
        while shown != 0 {
            candidates |= TRIGGERED[shown.trailing_zeros() as usize];
            shown &= shown - 1;
        }
        candidates &= self.watch().properties & wanted;
        let tested = candidates;
        let mut marks = 0;
        while candidates != 0 {
            let bit = candidates.trailing_zeros();
            candidates &= candidates - 1;
            if let Decided::Never(test) | Decided::Sometime(test) = PROPERTIES[bit as usize].decided
                && (test.marks)(&seen)
            {
                marks |= 1 << bit;
            }
        }
        Judged { marks, tested }
    }

    /// The progress properties that apply, bit `i` for entry `i` of [`PROPERTIES`].
    #[must_use]
    pub const fn obligations(&self) -> u128 {
        self.watch().properties & OBLIGATIONS
    }

    /// The progress properties whose obligation is open, bit `i` for entry `i` of [`PROPERTIES`].
    #[must_use]
    pub fn pending(&self, state: &State, memory: &Memory) -> u128 {
        let mut marks = 0;
        let mut candidates = self.obligations();
        while candidates != 0 {
            let bit = candidates.trailing_zeros();
            candidates &= candidates - 1;
            if let Decided::Eventually(pending) = PROPERTIES[bit as usize].decided
                && (pending.0)(self, state, memory)
            {
                marks |= 1 << bit;
            }
        }
        marks
    }
}
