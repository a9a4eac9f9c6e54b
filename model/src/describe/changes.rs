//! Which parts of the world did a step change?

use super::{Words, fault_text};
use crate::ids::{ClientId, LogonId, ProviderSet, ServiceSet, SessionId};
use crate::state::State;

/// A part of the state that is not what it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Which part: of a client, a session, a profile, a provider or of all.
    pub part: String,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
}

impl Words<'_> {
    /// The parts that differ between two states, clients first.
    #[must_use]
    pub fn changes(self, before: &State, after: &State) -> Vec<Change> {
        let (old, new) = (self.parts(before), self.parts(after));
        let pairs = old.into_iter().zip(new);
        pairs
            .filter(|((_, before), (_, after))| before != after)
            .map(|((part, before), (_, after))| Change { part, before, after })
            .collect()
    }

    /// Every part of a state by name, the same names in the same order for all states.
    #[must_use]
    pub fn parts(self, state: &State) -> Vec<(String, String)> {
        let mut parts = Vec::new();
        for index in 0..self.scenario().clients.len() {
            self.client_parts(state, index.into(), &mut parts);
        }
        for index in 0..self.scenario().logons.len() {
            self.session_parts(state, index.into(), &mut parts);
        }
        self.profile_parts(state, &mut parts);
        parts
    }

    fn client_parts(self, state: &State, id: ClientId, parts: &mut Vec<(String, String)>) {
        let name = self.client(id);
        let client = state.client(id);
        parts.push((name.to_owned(), self.standing(state, id)));
        let calls = self.scenario().clients[id.index()].calls.len();
        parts.push((format!("{name}, calls made"), format!("{} of {calls}", client.call)));
        parts.push((format!("{name}, second tries used"), self.services(client.retried)));
        parts.push((format!("{name}, MAPIInitialize count"), client.initialized.to_string()));
    }

    fn session_parts(self, state: &State, id: SessionId, parts: &mut Vec<(String, String)>) {
        let name = self.session(id);
        let session = state.session(id);
        let profile = session.profile.map_or("none", |profile| self.profile(profile));
        let logged_on = session.running.without(self.model.providers_of(session.disabled));
        let quarantined = session.running.without(logged_on);
        let members = state
            .attachments(id)
            .map(|logon: LogonId| self.client(self.scenario().logons[logon.index()].client));
        parts.extend([
            (format!("{name}, members"), list(members)),
            (format!("{name}, profile"), profile.to_owned()),
            (format!("{name}, disabled"), self.services(session.disabled)),
            (format!("{name}, logged on"), self.providers(logged_on)),
            (format!("{name}, quarantined"), self.providers(quarantined)),
            (format!("{name}, deferred"), self.providers(session.deferred)),
            (format!("{name}, success reported early"), self.providers(session.promised)),
        ]);
    }

    fn profile_parts(self, state: &State, parts: &mut Vec<(String, String)>) {
        let current = state.current.map_or_else(|| "none".to_owned(), |id| self.session(id));
        let marked = list(state.marked.map(|profile| self.profile(profile)));
        parts.extend([
            ("shared session".to_owned(), current),
            ("profiles marked for deletion".to_owned(), marked),
            ("services removed".to_owned(), self.services(state.removed)),
            ("services configured".to_owned(), self.services(state.configured)),
            ("providers with their data".to_owned(), self.providers(state.supplied)),
            ("passwords stored".to_owned(), self.providers(state.passwords)),
            ("passwords found missing".to_owned(), self.providers(state.refused)),
            ("libraries loaded".to_owned(), self.providers(state.libraries)),
        ]);
        for (provider, fault) in self.scenario().providers.iter().zip(&state.faults) {
            let fault = fault.map_or("none", fault_text);
            parts.push((format!("fault of {}", provider.name), fault.to_owned()));
        }
        parts.push(("faults left".to_owned(), state.budget.to_string()));
    }

    fn services(self, set: ServiceSet) -> String {
        list(set.map(|service| self.service(service)))
    }

    fn providers(self, set: ProviderSet) -> String {
        list(set.map(|provider| self.provider(provider)))
    }
}

/// Names in a row, or `none`.
fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<_> = names.collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
