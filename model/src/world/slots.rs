//! The places in which clients keep session pointers.

use crate::ids::{ClientId, SessionId, SlotId};

/// The places in which clients keep session pointers, those of one client together.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Slots {
    /// The first slot of every client, and the number of slots.
    first: Vec<u32>,
}

impl Slots {
    /// One list of clients with their numbers of slots.
    pub fn of(counts: impl IntoIterator<Item = usize>) -> Self {
        let mut first = vec![0];
        let mut all: u32 = 0;
        for count in counts {
            all = all.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
            first.push(all);
        }
        Self { first }
    }

    /// How many there are.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.first.last().map_or(0, |all| *all as usize)
    }

    /// Whether no client has any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many the client has.
    #[must_use]
    pub fn count(&self, client: ClientId) -> u8 {
        let count = self.first[client.index() + 1] - self.first[client.index()];
        u8::try_from(count).unwrap_or(u8::MAX)
    }

    /// The client's slot of that number, from 0.
    #[inline]
    #[must_use]
    pub fn of_client(&self, client: ClientId, number: u8) -> Option<SlotId> {
        let slot = self.first.get(client.index())? + u32::from(number);
        (slot < *self.first.get(client.index() + 1)?).then_some(SlotId(slot))
    }

    /// Whose slot the session is named by.
    #[must_use]
    pub fn owner(&self, session: SessionId) -> ClientId {
        let behind = self.first.partition_point(|first| *first <= session.0);
        ClientId::from(behind.saturating_sub(1))
    }

    /// Which of its client's slots it is, from 0.
    #[must_use]
    pub fn number(&self, slot: SlotId) -> u8 {
        let first = self.first[self.owner(slot.session()).index()];
        u8::try_from(slot.0 - first).unwrap_or(u8::MAX)
    }
}

impl SlotId {
    /// The session that a logon through this slot establishes.
    #[inline]
    #[must_use]
    pub const fn session(self) -> SessionId {
        SessionId(self.0)
    }
}
