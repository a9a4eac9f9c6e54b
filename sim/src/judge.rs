//! The judge of runs: every step is checked against the properties, by the code of `check`.

use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::observe::{Memory, Observer};
use mapi_logon_model::property::{
    Decided, Judged, Moment, PROPERTIES, Properties, Property, PropertySet, Room, given_up_by,
};
use mapi_logon_model::protocol::Action;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::world::{Changes, Cursor, World};

/// The properties that a mark breaks.
#[must_use]
pub fn breaking() -> PropertySet {
    those(|property| matches!(property.decided, Decided::Never(_)))
}

/// The properties that a mark breaks and that no reading in force gives up.
#[must_use]
pub fn binding(scenario: &Scenario) -> PropertySet {
    let binds = |at: usize| given_up_by(PROPERTIES[at].id, scenario).is_empty();
    breaking().those(binds)
}

/// The properties that a mark shows.
#[must_use]
pub fn showing() -> PropertySet {
    those(|property| matches!(property.decided, Decided::Sometime(_)))
}

/// All entries of [`PROPERTIES`] with the id of one of these.
#[must_use]
pub fn with_ids_of(marks: PropertySet) -> PropertySet {
    let has = |id| marks.into_iter().any(|mark| PROPERTIES[mark].id == id);
    those(|property| has(property.id))
}

fn those(wanted: impl Fn(&Property) -> bool) -> PropertySet {
    let entries = PROPERTIES.iter().enumerate();
    let entries = entries.filter(|(_, property)| wanted(property));
    entries.fold(PropertySet::EMPTY, |set, (at, _)| set.with(at))
}

/// What is remembered of a run to judge its next step.
#[derive(Clone, Debug)]
pub struct Judge<'m> {
    model: &'m Model,
    observer: Observer,
    properties: Properties,
    nothing: Memory,
    memory: Memory,
    /// Memory to reuse, of the step being judged.
    after: Memory,
    room: Room,
}

impl<'m> Judge<'m> {
    /// A judge of runs of a model, before the first step.
    #[must_use]
    pub fn new(model: &'m Model) -> Self {
        let observer = Observer::of(model);
        Self {
            model,
            observer,
            properties: Properties::of(model),
            nothing: observer.start(),
            memory: observer.start(),
            after: observer.start(),
            room: Room::new(model.initial()),
        }
    }

    /// The properties that a step marks, from a world to the clients' places after it.
    #[inline]
    pub fn see(
        &mut self,
        before: &World,
        action: Action,
        step: &Step,
        cursor: &Cursor,
    ) -> PropertySet {
        self.judge(before, action, step, cursor, PropertySet::EMPTY).marks
    }

    /// The properties that a step marks, and those of `counted` that it tests.
    #[inline]
    pub fn judge(
        &mut self,
        before: &World,
        action: Action,
        step: &Step,
        cursor: &Cursor,
        counted: PropertySet,
    ) -> Judged {
        let (began, seen) = ((before, &self.memory), (action, step, cursor));
        self.observer.remember(self.model, began, seen, &mut self.after);
        let moment = Moment {
            model: self.model,
            before,
            action,
            step,
            memory: &self.memory,
            remembered: &self.after,
        };
        let changes = Changes::between(before, &step.state, cursor);
        let judged =
            self.properties.judge_among(&moment, &changes, (PropertySet::ALL, counted), &self.room);
        std::mem::swap(&mut self.memory, &mut self.after);
        judged
    }

    /// Forgets the run.
    pub fn forget(&mut self) {
        self.memory.clone_from(&self.nothing);
    }

    /// What is remembered.
    #[must_use]
    pub const fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Remembers this from here on.
    pub fn remember(&mut self, memory: &Memory) {
        self.memory.clone_from(memory);
    }
}
