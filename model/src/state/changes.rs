//! In which parts do two states differ?

use crate::ids::{ClientId, ClientSet, LogonId, SessionSet};
use crate::model::Model;
use crate::state::State;

/// The parts of a state that are not as in another.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Changes {
    /// Clients whose own state differs.
    pub(crate) clients: ClientSet,
    /// Logon calls whose attachment differs.
    pub(crate) attached: SessionSet,
    /// Session slots that differ.
    pub(crate) sessions: SessionSet,
    /// Does anything else differ?
    pub(crate) world: bool,
}

impl Changes {
    /// What a step of the model has changed.
    #[must_use]
    pub fn between(model: &Model, before: &State, after: &State) -> Self {
        let scenario = model.scenario();
        let mut changes = Self::default();
        for index in 0..scenario.clients.len() {
            if before.clients[index] != after.clients[index] {
                changes.clients.insert(ClientId::from(index));
            }
        }
        for index in 0..scenario.logons.len() {
            let slot = LogonId::from(index);
            if before.attached[index] != after.attached[index] {
                changes.attached.insert(slot);
            }
            if before.sessions[index] != after.sessions[index] {
                changes.sessions.insert(slot);
            }
        }
        changes.world = before.world() != after.world()
            || before.current != after.current
            || before.faults[..scenario.providers.len()]
                != after.faults[..scenario.providers.len()];
        changes
    }
}

impl State {
    /// What belongs to no client and no session, but for faults and the current session.
    #[inline]
    const fn world(&self) -> [u32; 8] {
        [
            self.marked.0 as u32,
            self.removed.0 as u32,
            self.configured.0 as u32,
            self.supplied.0,
            self.passwords.0,
            self.refused.0,
            self.budget as u32,
            self.libraries.0,
        ]
    }
}
