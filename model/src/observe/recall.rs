//! The door to the memory of a run.

use crate::ids::{ClientId, ServiceSet, SessionId, SessionSet};
use crate::machine::Model;
use crate::observe::memory::{Memory, Progress};
use crate::observe::trial::Trial;
use crate::world::asked::{Fact, Field, Notes};

/// What is remembered, to be read.
#[derive(Clone, Copy, Debug)]
pub struct Recall<'a> {
    memory: &'a Memory,
    notes: Notes<'a>,
}

impl<'a> Recall<'a> {
    /// The memory, for judges of this model's runs.
    #[must_use]
    pub fn of(memory: &'a Memory, model: &'a Model) -> Self {
        Self { memory, notes: model.notes() }
    }

    /// The same memory for somebody who has already asked for what he will read.
    pub(crate) const fn unnoted(self) -> Self {
        Self { notes: Notes(None), ..self }
    }

    /// Who has taken the logon mutex and not released it.
    pub(crate) fn mutex(self) -> Option<ClientId> {
        self.notes.field(Field::Mutex);
        self.memory.common.mutex
    }
    /// The session others may join.
    pub(crate) fn joinable(self) -> Option<SessionId> {
        self.notes.field(Field::Joinable);
        self.memory.common.joinable
    }
    /// Sessions whose members were notified of a shared logoff.
    pub(crate) fn leaving(self) -> SessionSet {
        self.notes.field(Field::Leaving);
        self.memory.common.leaving
    }
    /// Sessions that have lost a service after their logon.
    pub(crate) fn late(self) -> SessionSet {
        self.notes.field(Field::Late);
        self.memory.common.late
    }
    /// Services that were lost in a session that has ended.
    pub(crate) fn lost(self) -> ServiceSet {
        self.notes.field(Field::LostServices);
        self.memory.common.lost
    }
    /// A task was left whose first failure had no answer.
    pub(crate) fn owes_try(self) -> bool {
        self.notes.field(Field::Owed);
        self.memory.common.owes_try
    }
    /// A task was left whose second failure had no consequence.
    pub(crate) fn owes_loss(self) -> bool {
        self.notes.field(Field::Owed);
        self.memory.common.owes_loss
    }
    /// The task a client's call is about.
    #[inline]
    pub(crate) fn trial(self, client: ClientId) -> &'a Trial {
        self.notes.fact(client, Fact::Whole);
        self.own(client)
    }
    /// How far a client's logon has come.
    #[inline]
    pub(crate) fn logon(self, client: ClientId) -> &'a Progress {
        self.notes.fact(client, Fact::Whole);
        &self.memory.calls[client.index()].logon
    }
    /// Is a first failure of the client's task unanswered?
    pub(crate) fn is_unanswered(self, client: ClientId) -> bool {
        self.notes.fact(client, Fact::Unanswered);
        self.own(client).is_unanswered()
    }
    /// Has the client's task failed for good?
    pub(crate) fn is_lost(self, client: ClientId) -> bool {
        self.notes.fact(client, Fact::TaskLost);
        self.own(client).is_lost()
    }
    /// Is there a task at hand?
    pub(crate) fn is_at_task(self, client: ClientId) -> bool {
        self.notes.fact(client, Fact::AtTask);
        self.own(client).task.is_some()
    }
    /// Has the client's task failed once?
    pub(crate) fn has_failed_once(self, client: ClientId) -> bool {
        self.notes.fact(client, Fact::FailedOnce);
        self.own(client).failures == 1
    }

    fn own(self, client: ClientId) -> &'a Trial {
        &self.memory.calls[client.index()].trial
    }
}
