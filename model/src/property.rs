//! The properties of SPEC 8: what must hold, be reachable, come about.
//!
//! Invariants hold over every step, witnesses must be found, progress is decided on the finished
//! graph. Some ids ask for several things; each is an entry of its own with a `part`. Such an
//! invariant is broken when one part is, and such a witness found when every part is.

use crate::machine::{Model, Step};
use crate::observe::{Memory, Recall};
use crate::world::{Changes, State};
use std::cell::RefCell;

mod calls;
mod causes;
mod entry;
mod facts;
mod given;
mod moment;
mod occurs;
mod profiles;
mod progress;
mod providers;
mod replies;
mod seen;
mod sessions;
mod set;
mod shown;
mod table;
mod tries;
mod witness;

pub(crate) use progress::is_turn_due;
use seen::Seen;

use entry::Marks;
pub use entry::{Decided, Kind, Pending, Property, Test};
pub use given::{ADDED, DECLARED, Declared, given_up_by};
pub use moment::Moment;
pub use set::{MOST_PROPERTIES, PropertySet};
pub use table::PROPERTIES;

/// The properties that a step marks and tests.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Judged {
    /// Those it marks: a witness that is seen, anything else that is broken.
    pub marks: PropertySet,
    /// Those it tested: their antecedent occurs.
    pub tested: PropertySet,
}

/// For each thing a step can show, the properties that it may mark, those that it tests, and those
/// that it tests if their antecedent holds.
const TRIGGERED: [[PropertySet; 3]; 64] = {
    let mut triggered = [[PropertySet::EMPTY; 3]; 64];
    let mut bit = 0;
    while bit < PROPERTIES.len() {
        if let Decided::Never(test) | Decided::Sometime(test) = PROPERTIES[bit].decided {
            let tests = if test.holds.is_some() { 2 } else { 1 };
            let mut shown = 0;
            while shown < 64 {
                if test.on >> shown & 1 == 1 {
                    triggered[shown][0] = triggered[shown][0].with(bit);
                }
                if test.tested_on >> shown & 1 == 1 {
                    triggered[shown][tests] = triggered[shown][tests].with(bit);
                }
                shown += 1;
            }
        }
        bit += 1;
    }
    triggered
};

/// The test of each property and its antecedent; neither holds of one that no step decides.
const TESTS: [(Marks, Marks); PROPERTIES.len()] = {
    const fn never(_: &Seen<'_>) -> bool {
        false
    }
    let mut tests: [(Marks, Marks); PROPERTIES.len()] = [(never, never); PROPERTIES.len()];
    let mut at = 0;
    while at < PROPERTIES.len() {
        if let Decided::Never(test) | Decided::Sometime(test) = PROPERTIES[at].decided {
            tests[at].0 = test.marks;
            if let Some(holds) = test.holds {
                tests[at].1 = holds;
            }
        }
        at += 1;
    }
    tests
};

/// What can be looked up about the things a step can show: the properties that it may mark, those
/// that it tests, and those that it tests if their antecedent holds.
type Looked = (u64, [PropertySet; 3]);

/// Room that judging reuses from step to step.
#[derive(Clone, Debug)]
pub struct Room {
    /// A step to fill, for the question what could be done next.
    step: RefCell<Step>,
    /// What steps that showed the same things have looked up.
    looked: RefCell<Vec<Looked>>,
}

impl Room {
    const ENTRIES: usize = 64;

    /// For steps of a model that is in this state first.
    #[must_use]
    pub fn new(state: State) -> Self {
        let nothing = (0, [PropertySet::EMPTY; 3]);
        Self {
            step: RefCell::new(Step::at(state)),
            looked: RefCell::new(vec![nothing; Self::ENTRIES]),
        }
    }

    /// Looks up what steps that show this concern; few different ones come up again and again.
    #[inline]
    fn look_up(&self, shows: u64) -> [PropertySet; 3] {
        let at = (shows.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58) as usize;
        let entry = &mut self.looked.borrow_mut()[at % Self::ENTRIES];
        if entry.0 != shows {
            *entry = (shows, triggered_by(shows));
        }
        entry.1
    }
}

fn triggered_by(mut shows: u64) -> [PropertySet; 3] {
    let mut sets = [PropertySet::EMPTY; 3];
    while shows != 0 {
        let triggered = &TRIGGERED[shows.trailing_zeros() as usize];
        for (set, more) in sets.iter_mut().zip(triggered) {
            *set = set.or(*more);
        }
        shows &= shows - 1;
    }
    sets
}

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

/// The properties that an open obligation tests.
const PROGRESS: PropertySet = {
    let mut progress = PropertySet::EMPTY;
    let mut bit = 0;
    while bit < PROPERTIES.len() {
        if PROPERTIES[bit].obligation.is_some() {
            progress = progress.with(bit);
        }
        bit += 1;
    }
    progress
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
        let scenario = model.scenario();
        let applicable = all.filter(|(_, one)| one.not_applicable(scenario).is_none());
        Self { applicable: applicable.fold(PropertySet::EMPTY, |set, (at, _)| set.with(at)) }
    }

    /// The properties a step marks or tests, but for those that do not apply.
    #[must_use]
    pub fn judge(&self, moment: &Moment<'_>) -> Judged {
        let before = moment.before;
        let changes = Changes::between(before, &moment.step.state, &before.cursor);
        let room = Room::new(before.state.clone());
        self.judge_among(moment, &changes, (PropertySet::ALL, PropertySet::ALL), &room)
    }

    /// As [`Properties::judge`], for a step known to change this, of the properties `judged` alone;
    /// with the antecedents of those `counted`.
    #[must_use]
    pub fn judge_among(
        &self,
        moment: &Moment<'_>,
        changes: &Changes,
        (judged, counted): (PropertySet, PropertySet),
        room: &Room,
    ) -> Judged {
        let seen = Seen::of(moment, changes, &room.step);
        let [waiting, tested, looked_for] = room.look_up(seen.shows);
        let marks = waiting.and(self.applicable).and(judged).those(|at| TESTS[at].0(&seen));
        let counted = self.applicable.and(counted);
        let found = looked_for.and(counted).those(|at| TESTS[at].1(&seen));
        Judged { marks, tested: tested.and(counted).or(found) }
    }

    /// Those that apply and are decided on the finished graph.
    #[inline]
    #[must_use]
    pub const fn obligations(&self) -> PropertySet {
        self.applicable.and(OBLIGATIONS)
    }

    /// Those that apply and that an open obligation tests.
    #[must_use]
    pub const fn obliging(&self) -> PropertySet {
        self.applicable.and(PROGRESS)
    }

    /// The progress properties, among those `wanted`, whose obligation is open and must be met.
    #[must_use]
    pub fn pending(
        &self,
        model: &Model,
        (state, memory): (&State, &Memory),
        wanted: PropertySet,
    ) -> PropertySet {
        self.open(model, (state, memory), self.obligations().and(wanted))
    }

    /// As [`Properties::pending`], with those whose obligation is met at once, step by step.
    #[must_use]
    pub fn open(
        &self,
        model: &Model,
        (state, memory): (&State, &Memory),
        wanted: PropertySet,
    ) -> PropertySet {
        let sight = model.sight(state);
        let memory = Recall::of(memory, model);
        let is_open = |open: Pending| (open.0)(model, sight, memory);
        let progress = self.applicable.and(PROGRESS).and(wanted);
        progress.those(|at| PROPERTIES[at].obligation.is_some_and(is_open))
    }
}
