//! The parts in which two moments differ.

use crate::ids::{ClientId, ClientSet, SessionId, SessionSet, SlotSet};
use crate::world::cursor::{Cursor, World};
use crate::world::state::State;

/// The parts of a state that are not as in another.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Changes {
    /// Clients whose own state, or place in their list of calls, differs.
    pub(crate) clients: ClientSet,
    /// Sessions that differ.
    pub(crate) sessions: SessionSet,
    /// Slots whose attachment differs.
    pub(crate) attachments: SlotSet,
    /// Does anything else differ?
    pub(crate) shared: bool,
}

impl Changes {
    /// The parts that changed.
    #[must_use]
    pub fn between(before: &World, after: &State, cursor: &Cursor) -> Self {
        let (World { state: before, cursor: old }, mut changes) = (before, Self::default());
        let places = (&old.next, &cursor.next);
        for (index, (old, new)) in before.clients.iter().zip(&after.clients).enumerate() {
            if old != new || places.0[index] != places.1[index] {
                changes.clients.insert(ClientId::from(index));
            }
        }
        for (index, (old, new)) in before.sessions.iter().zip(&after.sessions).enumerate() {
            if old != new {
                changes.sessions.insert(SessionId::from(index));
            }
        }
        if before.attachments != after.attachments {
            let (old, new) = (&before.attachments, &after.attachments);
            for one in old.iter().filter(|one| !new.contains(one)) {
                changes.attachments.insert(one.slot);
            }
            for one in new.iter().filter(|one| !old.contains(one)) {
                changes.attachments.insert(one.slot);
            }
        }
        changes.shared = before.shared != after.shared;
        changes
    }
}
