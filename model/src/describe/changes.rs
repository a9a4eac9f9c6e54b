//! The parts of the world that a step changed.

use super::{Words, fault_text};
use crate::ids::{ClientId, ProviderSet, ServiceId, ServiceSet, SessionId};
use crate::policy::RetryUnit;
use crate::protocol::{Call, NameParameter, Phase, Task};
use crate::world::{Cursor, Sight, Spent, State, World};

/// A part of the state that changed.
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
    pub fn changes(self, before: &World, after: &World) -> Vec<Change> {
        let (old, new) =
            (self.parts(&before.state, &before.cursor), self.parts(&after.state, &after.cursor));
        let pairs = old.into_iter().zip(new);
        pairs
            .filter(|((_, before), (_, after))| before != after)
            .map(|((part, before), (_, after))| Change { part, before, after })
            .collect()
    }

    /// Every part of a state by name, the same names in the same order for all states.
    #[must_use]
    pub fn parts(self, state: &State, cursor: &Cursor) -> Vec<(String, String)> {
        let mut parts = Vec::new();
        let sight = self.model.sight(state);
        for client in sight.clients() {
            self.client_parts(state, cursor, client, &mut parts);
        }
        for session in sight.sessions() {
            self.session_parts(sight, session, &mut parts);
        }
        self.profile_parts(sight, &mut parts);
        parts
    }

    /// Every part of a state by name, also those that say little to people: two worlds of a model
    /// have the same details if and only if they are the same.
    #[must_use]
    pub fn details(self, state: &State, cursor: &Cursor) -> Vec<(String, String)> {
        let mut parts = self.parts(state, cursor);
        let sight = self.model.sight(state);
        for id in sight.clients() {
            let (name, client) = (self.client(id), sight.client(id));
            let call = client.call();
            let call = call.map_or_else(|| "none".to_owned(), |call| self.with_parameters(call));
            parts.extend([
                (format!("{name}, pointers"), self.pointers(sight, id)),
                (format!("{name}, call"), call),
                (format!("{name}, keeps"), kept(client.phase()).to_owned()),
                (format!("{name}, has held a session"), client.obtained().to_string()),
            ]);
        }
        for id in sight.sessions() {
            let (name, session) = (self.session(id), sight.session(id));
            let flags = format!("{:#010x}", session.flags().bits());
            parts.push((format!("{name}, services"), self.services(session.services)));
            parts.push((format!("{name}, flags"), flags));
        }
        parts
    }

    /// The session pointers that the client keeps, oldest first.
    fn pointers(self, sight: Sight<'_>, client: ClientId) -> String {
        let own = sight.attachments().iter().filter(|one| one.client == client);
        let own = own.map(|one| {
            let number = self.model.slots().number(one.slot);
            let (session, flags) = (self.session(one.session), one.flags.bits());
            format!("{number}: {session}, flags {flags:#010x}")
        });
        own.collect::<Vec<_>>().join("; ")
    }

    fn with_parameters(self, call: Call) -> String {
        let text = self.call(call);
        match call {
            Call::LogonEx(logon) => {
                let name = match logon.name {
                    NameParameter::Null => "NULL".to_owned(),
                    NameParameter::Empty => "no characters".to_owned(),
                    NameParameter::Name { profile, too_long } => {
                        let profile = profile.map_or("no profile", |id| self.profile(id));
                        let length = if too_long { ", too long" } else { "" };
                        format!("{profile}{length}")
                    }
                };
                let password = if logon.password { ", password" } else { "" };
                let (flags, slot) = (logon.flags.bits(), logon.slot);
                format!("{text} of {name}{password}, flags {flags:#010x}, pointer {slot}")
            }
            Call::OnSession(Some(slot), _) => format!("{text}, pointer {slot}"),
            Call::OnSession(None, _)
            | Call::Initialize
            | Call::Uninitialize
            | Call::DeleteProfile(_) => text,
        }
    }

    fn client_parts(
        self,
        state: &State,
        cursor: &Cursor,
        id: ClientId,
        parts: &mut Vec<(String, String)>,
    ) {
        let name = self.client(id);
        let client = self.model.sight(state).client(id);
        parts.push((name.to_owned(), self.standing(state, id)));
        let calls = self.scenario().clients[id.index()].calls.len();
        parts.push((format!("{name}, calls made"), format!("{} of {calls}", cursor.position(id))));
        parts.push((format!("{name}, further tries spent"), self.spent(client.spent)));
        parts.push((format!("{name}, MAPIInitialize count"), client.initialized.to_string()));
    }

    fn session_parts(self, sight: Sight<'_>, id: SessionId, parts: &mut Vec<(String, String)>) {
        let name = self.session(id);
        let session = sight.session(id);
        let profile = session.profile.map_or("none", |profile| self.profile(profile));
        let logged_on = session.running.without(self.model.providers_of(session.disabled));
        let quarantined = session.running.without(logged_on);
        let members = sight.members(id).map(|one| self.client(one.client));
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

    fn profile_parts(self, sight: Sight<'_>, parts: &mut Vec<(String, String)>) {
        let current = sight.current().map_or_else(|| "none".to_owned(), |id| self.session(id));
        let marked = list(sight.marked().map(|profile| self.profile(profile)));
        parts.extend([
            ("shared session".to_owned(), current),
            ("profiles marked for deletion".to_owned(), marked),
            ("services removed".to_owned(), self.services(sight.removed())),
            ("services configured".to_owned(), self.services(sight.configured())),
            ("providers with their data".to_owned(), self.providers(sight.supplied())),
            ("passwords stored".to_owned(), self.providers(sight.passwords())),
            ("passwords found missing".to_owned(), self.providers(sight.refused())),
            ("libraries loaded".to_owned(), self.providers(sight.libraries())),
        ]);
        for (at, provider) in self.scenario().providers.iter().enumerate() {
            let fault = sight.fault(at.into()).map_or("none", fault_text);
            parts.push((format!("fault of {}", provider.name), fault.to_owned()));
        }
        for (at, service) in self.scenario().services.iter().enumerate() {
            let fault = sight.fault_of(Task::Configure(at.into())).map_or("none", fault_text);
            parts.push((
                format!("fault of the configuration of {}", service.name),
                fault.to_owned(),
            ));
        }
        let damaged = list(sight.damaged().map(|profile| self.profile(profile)));
        parts.push(("profiles damaged".to_owned(), damaged));
        let left = sight.budget().limit();
        let left = left.map_or_else(|| "any number".to_owned(), |left| left.to_string());
        parts.push(("faults left".to_owned(), left));
    }

    /// The further tries that units of a call have spent.
    fn spent(self, spent: Spent) -> String {
        let services = (0..self.scenario().services.len()).map(ServiceId::from);
        let units = services.filter_map(|unit| {
            let count = spent.by(unit);
            let name = match self.scenario().policy.retry_unit {
                RetryUnit::Step | RetryUnit::Logon => "the call",
                RetryUnit::Service => self.service(unit),
            };
            (count > 0).then(|| format!("{count} by {name}"))
        });
        let units: Vec<_> = units.collect();
        list(units.iter().map(String::as_str))
    }

    fn services(self, set: ServiceSet) -> String {
        list(set.map(|service| self.service(service)))
    }

    fn providers(self, set: ProviderSet) -> String {
        list(set.map(|provider| self.provider(provider)))
    }
}

/// What a call keeps where it rests and [`Words::standing`] does not say.
fn kept(phase: Phase) -> &'static str {
    if phase.attempt().is_some_and(|attempt| attempt.loaded) {
        "a provider object"
    } else if let Phase::Disabling(_, Some(code)) = phase {
        code.name()
    } else {
        "nothing"
    }
}

/// Names in a row, or `none`.
fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<_> = names.collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
