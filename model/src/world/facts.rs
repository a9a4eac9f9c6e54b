//! The doors to what belongs to no client and to no session.

use crate::ids::{
    ProfileId, ProfileSet, ProviderId, ProviderSet, ServiceId, ServiceSet, SessionId,
};
use crate::mapi::Fault;
use crate::protocol::Task;
use crate::scenario::Budget;
use crate::world::asked::{Field, Notes};
use crate::world::state::Shared;

/// What belongs to no client and to no session, to be read.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    shared: &'a Shared,
    notes: Notes<'a>,
}

impl<'a> Facts<'a> {
    /// Of a world that keeps no log of what is asked.
    #[must_use]
    pub const fn of(shared: &'a Shared) -> Self {
        Self { shared, notes: Notes(None) }
    }

    pub(super) const fn noted(shared: &'a Shared, notes: Notes<'a>) -> Self {
        Self { shared, notes }
    }

    /// The session that calls without `MAPI_NEW_SESSION` join.
    #[inline]
    #[must_use]
    pub fn current(self) -> Option<SessionId> {
        self.notes.field(Field::Current);
        self.shared.current
    }
    /// Profiles marked for deletion.
    #[must_use]
    pub fn marked(self) -> ProfileSet {
        self.notes.field(Field::Marked);
        self.shared.marked
    }
    /// Services removed from their profiles.
    #[must_use]
    pub fn removed(self) -> ServiceSet {
        self.notes.field(Field::Removed);
        self.shared.removed
    }
    /// Services whose configuration is complete in the profile.
    #[must_use]
    pub fn configured(self) -> ServiceSet {
        self.notes.field(Field::Configured);
        self.shared.configured
    }
    /// Providers whose own data is complete.
    #[must_use]
    pub fn supplied(self) -> ProviderSet {
        self.notes.field(Field::Supplied);
        self.shared.supplied
    }
    /// Providers whose password is stored and right.
    #[must_use]
    pub fn passwords(self) -> ProviderSet {
        self.notes.field(Field::Passwords);
        self.shared.passwords
    }
    /// Providers that have refused a logon since because of their password.
    #[must_use]
    pub fn refused(self) -> ProviderSet {
        self.notes.field(Field::Refused);
        self.shared.refused
    }
    /// The fault the provider suffers from.
    #[inline]
    #[must_use]
    pub fn fault(self, provider: ProviderId) -> Option<Fault> {
        self.notes.provider(provider);
        self.shared.faults[provider.index()]
    }
    /// The code that a provider answers when it is logged off, to be shown: no step and no property
    /// depends on it, so that nothing is noted.
    #[must_use]
    pub(crate) fn shown_fault(self, provider: ProviderId) -> Option<Fault> {
        self.shared.faults[provider.index()]
    }
    /// The fault the task suffers from.
    #[must_use]
    pub fn fault_of(self, task: Task) -> Option<Fault> {
        self.notes.fault(task);
        *self.shared.fault_slot(task)
    }
    /// Profiles that data corruption has struck.
    #[must_use]
    pub fn damaged(self) -> ProfileSet {
        self.notes.field(Field::Damaged);
        self.shared.damaged
    }
    /// How many faults may still strike.
    #[must_use]
    pub fn budget(self) -> Budget {
        self.notes.field(Field::Budget);
        self.shared.budget
    }
    /// Providers whose library is loaded.
    #[must_use]
    pub fn libraries(self) -> ProviderSet {
        self.notes.field(Field::Libraries);
        self.shared.libraries
    }
}

/// The same, to be changed.
#[derive(Debug)]
pub struct FactsMut<'a> {
    shared: &'a mut Shared,
    notes: Notes<'a>,
}

impl<'a> FactsMut<'a> {
    /// Of a world that keeps no log of what is asked.
    #[must_use]
    pub const fn of(shared: &'a mut Shared) -> Self {
        Self { shared, notes: Notes(None) }
    }

    pub(super) const fn noted(shared: &'a mut Shared, notes: Notes<'a>) -> Self {
        Self { shared, notes }
    }

    pub(crate) fn set_current(self, session: Option<SessionId>) {
        self.notes.field(Field::Current);
        self.shared.current = session;
    }
    pub(crate) fn mark(self, profile: ProfileId) {
        self.notes.field(Field::Marked);
        self.shared.marked.insert(profile);
    }
    pub(crate) fn remove(self, service: ServiceId) {
        self.notes.field(Field::Removed);
        self.shared.removed.insert(service);
    }
    pub(crate) fn configure(self, service: ServiceId) {
        self.notes.field(Field::Configured);
        self.shared.configured.insert(service);
    }
    pub(crate) fn supply(self, provider: ProviderId) {
        self.notes.field(Field::Supplied);
        self.shared.supplied.insert(provider);
    }
    pub(crate) fn store_password(self, provider: ProviderId) {
        self.notes.field(Field::Passwords);
        self.shared.passwords.insert(provider);
    }
    pub(crate) fn set_refused(self, provider: ProviderId, refused: bool) {
        self.notes.field(Field::Refused);
        if refused {
            self.shared.refused.insert(provider);
        } else {
            self.shared.refused.remove(provider);
        }
    }
    pub(crate) fn set_fault(self, task: Task, fault: Option<Fault>) {
        self.notes.fault(task);
        *self.shared.fault_slot_mut(task) = fault;
    }
    pub(crate) fn damage(self, profile: ProfileId) {
        self.notes.field(Field::Damaged);
        self.shared.damaged.insert(profile);
    }
    pub(crate) fn spend(self) {
        self.notes.field(Field::Budget);
        self.shared.budget.spend();
    }
    pub(crate) fn load(self, provider: ProviderId) {
        self.notes.field(Field::Libraries);
        self.shared.libraries.insert(provider);
    }
    pub(crate) fn free_libraries(self) -> ProviderSet {
        self.notes.field(Field::Libraries);
        std::mem::take(&mut self.shared.libraries)
    }
}
