//! The properties of SPEC 8: what must hold, be reachable, come about.
//!
//! Invariants hold over every step, witnesses must be found, progress is decided on the finished
//! graph. Some ids ask for several things; each is an entry of its own with a `part`. Such an
//! invariant is broken when one part is, and such a witness found when every part is.

use crate::machine::{Model, Step};
use crate::observe::Memory;
use crate::world::{Changes, State};
use std::cell::RefCell;

mod calls;
mod entry;
mod moment;
mod policies;
mod profiles;
mod progress;
mod providers;
mod seen;
mod sessions;
mod set;
mod shown;
mod table;
mod tries;
mod witness;

use seen::Seen;

pub use entry::{Decided, Kind, Pending, Property, Test};
pub use moment::Moment;
pub use policies::Applies;
pub use set::{MOST_PROPERTIES, PropertySet};
pub use table::PROPERTIES;

/// What a step says of the properties.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Judged {
    /// Those it marks: a witness that is seen, anything else that is broken.
    pub marks: PropertySet,
    /// Those it put to the test: it shows what they speak of.
    pub tested: PropertySet,
}

/// For each thing a step can show, the properties whose test it can pass.
const TRIGGERED: [PropertySet; 64] = {
    let mut triggered = [PropertySet::EMPTY; 64];
    let mut bit = 0;
    while bit < PROPERTIES.len() {
        if let Decided::Never(test) | Decided::Sometime(test) = PROPERTIES[bit].decided {
            let mut shown = 0;
            while shown < 64 {
                if test.on >> shown & 1 == 1 {
                    triggered[shown] = triggered[shown].with(bit);
                }
                shown += 1;
            }
        }
        bit += 1;
    }
    triggered
};

/// The properties that are decided on the finished graph.
const OBLIGATIONS: PropertySet = {
    let mut obligations = PropertySet::EMPTY;
    let mut bit = 0;
    while bit < PROPERTIES.len() {
        if let Decided::Eventually(_) = PROPERTIES[bit].decided {
            obligations = obligations.with(bit);
        }
        bit += 1;
    }
    obligations
};

/// The properties that apply to a scenario.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Properties {
    applicable: PropertySet,
}

impl Properties {
    /// Of the scenario of a model.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let all = PROPERTIES.iter().enumerate();
        let applicable = all.filter(|(_, one)| one.applies(model.scenario()) == Applies::Yes);
        Self { applicable: applicable.fold(PropertySet::EMPTY, |set, (at, _)| set.with(at)) }
    }

    /// The properties a step marks: a witness that is seen, anything else that is broken.
    /// Properties that do not apply are never marked.
    #[must_use]
    pub fn judge(&self, moment: &Moment<'_>) -> PropertySet {
        let before = moment.before;
        let changes = Changes::between(before, &moment.step.state, &before.cursor);
        let spare = RefCell::new(Step::at(before.state.clone()));
        self.judge_among(moment, &changes, PropertySet::ALL, &spare).marks
    }

    /// As [`Properties::judge`], for a step known to change this, of the properties `wanted` alone;
    /// with a step to spare for the question what could be done next.
    #[must_use]
    pub fn judge_among(
        &self,
        moment: &Moment<'_>,
        changes: &Changes,
        wanted: PropertySet,
        spare: &RefCell<Step>,
    ) -> Judged {
        let seen = Seen::of(moment, changes, spare);
        let mut shown = seen.shows;
        let mut candidates = PropertySet::EMPTY;
        while shown != 0 {
            candidates = candidates.or(TRIGGERED[shown.trailing_zeros() as usize]);
            shown &= shown - 1;
        }
        let tested = candidates.and(self.applicable).and(wanted);
        let marks = tested.those(|at| match PROPERTIES[at].decided {
            Decided::Never(test) | Decided::Sometime(test) => (test.marks)(&seen),
            Decided::Eventually(_) | Decided::Elsewhere(_) => false,
        });
        Judged { marks, tested }
    }

    /// Those that apply and are decided on the finished graph.
    #[inline]
    #[must_use]
    pub const fn obligations(&self) -> PropertySet {
        self.applicable.and(OBLIGATIONS)
    }

    /// The progress properties whose obligation is open, among those `wanted`.
    #[must_use]
    pub fn pending(
        &self,
        model: &Model,
        (state, memory): (&State, &Memory),
        wanted: PropertySet,
    ) -> PropertySet {
        let sight = model.sight(state);
        let candidates = self.obligations().and(wanted);
        candidates.those(|at| match PROPERTIES[at].decided {
            Decided::Eventually(pending) => (pending.0)(model, sight, memory),
            Decided::Never(_) | Decided::Sometime(_) | Decided::Elsewhere(_) => false,
        })
    }
}
