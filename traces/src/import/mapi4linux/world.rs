//! In which world did a recorded scenario run? Built from the calls that administer profiles.

use std::collections::{BTreeMap, BTreeSet};

use mapi_logon_model::ids::{CALLS, LOGONS};
use mapi_logon_model::mapi::{Code, LogonFlags};
use mapi_logon_model::scenario::{Scenario, stand_in};
use serde_json::Value;

use super::event::begins_with_session;
use super::{CLIENT, Recorded};
use crate::calls::number;
use crate::recording::EventLine;

/// A prefix of the names of scripted services.
const SCRIPTED: &str = "SVC_";

/// Profiles with their services, and what the scripted provider answers.
pub(super) struct World {
    /// Profiles in the order of their making.
    profiles: Vec<Made>,
    /// Codes that a provider answers, by provider and call.
    answers: BTreeMap<(String, String), BTreeSet<String>>,
    /// Sessions in the order in which they were obtained; those that were released are gone.
    sessions: Vec<Held>,
    /// The session obtained last, released or not.
    latest: Held,
}

/// A profile that was made.
struct Made {
    name: String,
    services: Vec<String>,
}

/// A session by its label, and its profile.
#[derive(Clone, Debug, Default)]
struct Held {
    label: Value,
    profile: String,
}

/// A service and a profile that a call of its provider names.
type Pair<'r> = (&'r str, &'r str);

/// The services with the profiles that their providers are told.
fn told(group: &[Recorded]) -> BTreeSet<Pair<'_>> {
    let events = group.iter().flat_map(|recorded| &recorded.provider_events);
    events
        .filter_map(|event| Some((event.get("svc")?.as_str()?, event.get("profile")?.as_str()?)))
        .collect()
}

/// The session that a call acts on.
pub(super) struct ActedOn {
    /// Its label; null where it is the one obtained last, as the machine takes it.
    pub(super) session: Value,
    /// Its profile, as it was recorded.
    pub(super) profile: String,
}

/// The service as the provider's events name it.
pub(super) fn bare(service: &str) -> &str {
    service.strip_prefix(SCRIPTED).unwrap_or(service)
}

impl Recorded {
    /// An argument that is text.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.args.get(key).and_then(Value::as_str)
    }

    pub(super) fn worked(&self) -> bool {
        number(&self.hr) == Some(Code::Ok.value())
    }

    /// The profile that a call of a provider names.
    fn profile_told(&self) -> Option<&str> {
        let mut events = self.provider_events.iter();
        events.find_map(|event| event.get("profile").and_then(Value::as_str))
    }
}

impl World {
    pub(super) fn of(title: &str, group: &[Recorded]) -> Result<Self, String> {
        let mut world = Self {
            profiles: Vec::new(),
            answers: BTreeMap::new(),
            sessions: Vec::new(),
            latest: Held::default(),
        };
        let told = told(group);
        for recorded in group.iter().filter(|recorded| recorded.worked()) {
            match recorded.call.as_str() {
                "IProfAdmin::CreateProfile" => world.add(recorded.text("profile"))?,
                "IMsgServiceAdmin2::CreateMsgServiceEx" => world.add_service(recorded, &told)?,
                "MAPILogonEx" => {
                    let name = recorded.text("profile");
                    if name.and_then(|name| world.profile(name)).is_none() {
                        world.add(name)?;
                    }
                }
                _ => {}
            }
        }
        if begins_with_session(title) && world.profile("p0").is_none() {
            world.add(Some("p0"))?;
        }
        Ok(world)
    }

    fn add(&mut self, profile: Option<&str>) -> Result<(), String> {
        let name = profile.filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| "a profile without a name is made".to_owned())?;
        if self.profile(name).is_some() {
            return Err(format!("profile {name:?} is made twice"));
        }
        self.profiles.push(Made { name: name.to_owned(), services: Vec::new() });
        Ok(())
    }

    /// Adds a service to the profile that is named; else to the one made last, unless its
    /// providers are told another.
    fn add_service(
        &mut self,
        recorded: &Recorded,
        told: &BTreeSet<Pair<'_>>,
    ) -> Result<(), String> {
        let service = bare(recorded.text("service").unwrap_or_default());
        let Some(last) = self.profiles.len().checked_sub(1) else {
            return Ok(());
        };
        let is_told = |at: &usize| told.contains(&(service, self.profiles[*at].name.as_str()));
        let named = recorded.text("profile");
        let named = named.and_then(|name| self.profiles.iter().position(|one| one.name == name));
        let mut places = match named {
            Some(at) => vec![at],
            None => (0..=last).rev().filter(is_told).chain([last]).collect(),
        };
        places.retain(|at| !self.profiles[*at].services.iter().any(|one| one == service));
        let Some(at) = places.first() else {
            let profile = &self.profiles[named.unwrap_or(last)].name;
            return Err(format!(
                "profile {profile:?} has service {service:?} twice, and events do not tell which \
                 is meant"
            ));
        };
        self.profiles[*at].services.push(service.to_owned());
        Ok(())
    }

    /// The profile's name in the scenario, if there is one of that name.
    pub(super) fn profile(&self, name: &str) -> Option<String> {
        let known = self.profiles.iter().any(|known| known.name == name);
        known.then(|| stand_in(name).into_owned())
    }

    /// The session that a call acts on: the one it names, or else the newest that is open and of
    /// the profile its providers are told.
    pub(super) fn acted_on(&self, recorded: &Recorded) -> ActedOn {
        if recorded.call == "MAPILogonEx" {
            let profile = recorded.text("profile").unwrap_or_default().to_owned();
            return ActedOn { session: Value::Null, profile };
        }
        if let Some(label) = recorded.args.get("session") {
            let mut sessions = self.sessions.iter().rev();
            let held = sessions.find(|held| held.label == *label);
            return ActedOn {
                session: label.clone(),
                profile: held.unwrap_or(&self.latest).profile.clone(),
            };
        }
        let told = recorded.profile_told();
        let mut sessions = self.sessions.iter().rev();
        let held = sessions.find(|held| told.is_none_or(|told| held.profile == told));
        let held = held.or(self.sessions.last()).unwrap_or(&self.latest);
        let same = held.label == self.latest.label;
        ActedOn {
            session: if same { Value::Null } else { held.label.clone() },
            profile: held.profile.clone(),
        }
    }

    /// Keeps up with the sessions that are open.
    pub(super) fn follow(&mut self, recorded: &Recorded) {
        let label = match recorded.call.as_str() {
            "MAPILogonEx" if recorded.worked() => recorded.out.get("session"),
            "IMAPISession::Release" => recorded.args.get("session"),
            _ => None,
        };
        let Some(label) = label.cloned() else { return };
        if recorded.call == "MAPILogonEx" {
            let profile = recorded.text("profile").unwrap_or_default().to_owned();
            self.latest = Held { label, profile };
            self.sessions.push(self.latest.clone());
        } else {
            self.sessions.retain(|held| held.label != label);
        }
    }

    /// The service's name in the scenario, where each name is unique: with its profile before it
    /// where other profiles have a service of that name.
    pub(super) fn service(&self, profile: &str, service: &str) -> Result<String, String> {
        let having = |made: &&Made| made.services.iter().any(|one| one == service);
        let owners: Vec<&Made> = self.profiles.iter().filter(having).collect();
        let own = owners.iter().find(|made| made.name == profile);
        match (own, owners.as_slice()) {
            (_, []) => Err(format!("service {service:?} is in no profile")),
            (_, [_]) => Ok(stand_in(service).into_owned()),
            (Some(own), _) => Ok(stand_in(&format!("{}/{service}", own.name)).into_owned()),
            (None, _) => Err(format!("no line tells which profile's {service:?} is meant")),
        }
    }

    /// The provider of a service: its address book or its store.
    pub(super) fn provider(
        &self,
        profile: &str,
        service: &str,
        book: bool,
    ) -> Result<String, String> {
        let service = self.service(profile, service)?;
        let kind = if book { "address book" } else { "store" };
        Ok(stand_in(&format!("{service} {kind}")).into_owned())
    }

    /// The store that a table shows under this name: `Scripted A store`.
    pub(super) fn store(&self, profile: &str, shown: &str) -> Result<String, String> {
        let service = shown.strip_prefix("Scripted ").and_then(|rest| rest.strip_suffix(" store"));
        let service =
            service.ok_or_else(|| format!("{shown:?} is no store of a scripted provider"))?;
        self.provider(profile, service, false)
    }

    /// The scripted provider has answered so.
    pub(super) fn answers(&mut self, provider: &str, call: &str, code: &Value) {
        let Some(code) = code.as_str().filter(|code| *code != "S_OK") else {
            return;
        };
        if Code::named(code).is_some() {
            let place = (provider.to_owned(), call.to_owned());
            self.answers.entry(place).or_default().insert(code.to_owned());
        }
    }

    /// The world as a scenario, whose client makes the calls that were seen.
    pub(super) fn scenario(&self, title: &str, events: &[EventLine]) -> Result<Scenario, String> {
        let mut text = vec![format!("name = {}", quoted(title))];
        for Made { name, services } in &self.profiles {
            text.push(format!("[[profile]]\nname = {}", quoted(&stand_in(name))));
            for service in services {
                let own = quoted(&self.service(name, service)?);
                text.push(format!("[[profile.service]]\nname = {own}"));
                for book in [true, false] {
                    self.describe(&self.provider(name, service, book)?, book, &mut text);
                }
            }
        }
        text.push(format!("[[client]]\nname = {}", quoted(CLIENT)));
        parameters(events, &mut text);
        let parsed = Scenario::parse(&text.join("\n"));
        parsed.map_err(|error| format!("its world is no scenario: {error}"))
    }

    fn describe(&self, provider: &str, book: bool, text: &mut Vec<String>) {
        let kind = if book { "address-book" } else { "message-store" };
        text.push("[[profile.service.provider]]".to_owned());
        text.push(format!("name = {}\nkind = {}", quoted(provider), quoted(kind)));
        for (key, call) in [("init_codes", "Init"), ("logon_codes", "Logon")] {
            if let Some(codes) = self.answers.get(&(provider.to_owned(), call.to_owned())) {
                text.push(format!("{key} = {}", list(codes.iter().map(String::as_str))));
            }
        }
    }
}

/// The parameters of the first logon, and the calls, as far as a scenario can list them.
fn parameters(events: &[EventLine], text: &mut Vec<String>) {
    let Some(logon) = events.iter().find(|event| event.call == "MAPILogonEx") else {
        return;
    };
    let name = logon.args.get("profile").and_then(Value::as_str);
    if let Some(name) = name.filter(|name| !name.contains(char::is_control)) {
        text.push(format!("profile = {}", quoted(name)));
    }
    let written = logon.args.get("flags").and_then(Value::as_array);
    let words = written.into_iter().flatten().filter_map(Value::as_str);
    let known = words.filter(|word| LogonFlags::from_name(word).is_some());
    text.push(format!("flags = {}", list(known)));
    let logons = events.iter().filter(|event| event.call == "MAPILogonEx").count();
    if events.len() <= CALLS && logons <= LOGONS {
        text.push(format!("calls = {}", list(events.iter().map(|event| event.call.as_str()))));
    }
}

/// A string as TOML and JSON both write it.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn list<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    Value::from(texts.collect::<Vec<_>>()).to_string()
}
