//! A moment of a scenario: its world, and where its clients are in their lists of calls.

use crate::ids::{CLIENTS, ClientId};
use crate::protocol::Call;
use crate::scenario::Scenario;
use crate::world::state::State;

/// How far each client has come in its list of calls.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Cursor {
    /// The call in progress, or the next one; its position in the client's list.
    pub(crate) next: [u8; CLIENTS],
}

/// A moment of a scenario: the state of its world, and where its clients are in their lists.
#[derive(PartialEq, Eq, Hash, Debug)]
pub struct World {
    /// The state.
    pub state: State,
    /// The clients' places in their lists.
    pub cursor: Cursor,
}

impl Clone for World {
    fn clone(&self) -> Self {
        Self { state: self.state.clone(), cursor: self.cursor }
    }

    #[inline]
    fn clone_from(&mut self, source: &Self) {
        self.state.clone_from(&source.state);
        self.cursor = source.cursor;
    }
}

impl Cursor {
    /// Before any call.
    pub(crate) fn start(scenario: &Scenario) -> Self {
        let mut cursor = Self { next: [0; CLIENTS] };
        for client in (0..scenario.clients.len()).map(ClientId::from) {
            cursor.leave_out(scenario, client, false);
        }
        cursor
    }

    /// The position of the client's call in progress, or of its next one.
    #[inline]
    #[must_use]
    pub const fn position(&self, client: ClientId) -> u8 {
        self.next[client.index()]
    }

    pub(crate) fn leave_out(&mut self, scenario: &Scenario, client: ClientId, obtained: bool) {
        let next = &mut self.next[client.index()];
        *next = next_position(&scenario.clients[client.index()].calls, *next, obtained);
    }
}

/// The position of the first call from `next` on that a client makes: calls on a session are left
/// out for one that never obtained any.
#[must_use]
pub fn next_position(calls: &[Call], mut next: u8, obtained: bool) -> u8 {
    let out = |at: u8| {
        let call = calls.get(usize::from(at));
        call.is_some_and(|call| !obtained && call.on().is_some())
    };
    while out(next) {
        next += 1;
    }
    next
}
