//! In which world did a recorded scenario run? Built from the calls that administer profiles.

use std::collections::{BTreeMap, BTreeSet};

use mapi_logon_model::ids::{CALLS, LOGONS};
use mapi_logon_model::mapi::{Code, LogonFlags};
use mapi_logon_model::scenario::Scenario;
use serde_json::Value;

use super::{CLIENT, Recorded};
use crate::recording::EventLine;

/// A prefix of the names of scripted services.
const SCRIPTED: &str = "SVC_";

/// Profiles with their services, and what the scripted provider answers.
pub(super) struct World {
    /// Profiles in the order of their making, each with its services.
    profiles: Vec<(String, Vec<String>)>,
    /// Codes that a provider answers, by provider and call.
    answers: BTreeMap<(String, String), BTreeSet<String>>,
}

/// The service as the provider's events name it.
pub(super) fn bare(service: &str) -> &str {
    service.strip_prefix(SCRIPTED).unwrap_or(service)
}

impl World {
    pub(super) fn of(title: &str, group: &[Recorded]) -> Result<Self, String> {
        let mut world = Self {
            profiles: Vec::new(),
            answers: BTreeMap::new(),
        };
        for recorded in group {
            let text = |key: &str| recorded.args.get(key).and_then(Value::as_str);
            let worked = recorded.hr == "0x00000000";
            match (recorded.call.as_str(), worked) {
                ("IProfAdmin::CreateProfile", true) => world.add(text("profile"))?,
                ("IMsgServiceAdmin2::CreateMsgServiceEx", true) => {
                    let service = text("service").unwrap_or_default();
                    let Some((_, services)) = world.profiles.last_mut() else {
                        continue;
                    };
                    services.push(bare(service).to_owned());
                }
                ("MAPILogonEx", true) => {
                    let name = text("profile");
                    if !name.is_some_and(|name| world.has_profile(name)) {
                        world.add(name)?;
                    }
                }
                _ => {}
            }
        }
        if title.split('/').any(|part| part == "shared_p0_exists") && !world.has_profile("p0") {
            world.add(Some("p0"))?;
        }
        Ok(world)
    }

    fn add(&mut self, profile: Option<&str>) -> Result<(), String> {
        let name = profile.filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| "a profile without a name is made".to_owned())?;
        if self.has_profile(name) {
            return Err(format!("profile {name:?} is made twice"));
        }
        self.profiles.push((name.to_owned(), Vec::new()));
        Ok(())
    }

    pub(super) fn has_profile(&self, name: &str) -> bool {
        self.profiles.iter().any(|(known, _)| known == name)
    }

    fn services(&self) -> impl Iterator<Item = &String> {
        self.profiles.iter().flat_map(|(_, services)| services)
    }

    /// The provider of a service: its address book or its store.
    pub(super) fn provider(&self, service: &str, book: bool) -> Result<String, String> {
        let known = self.services().any(|one| one == service);
        let kind = if book { "address book" } else { "store" };
        known
            .then(|| format!("{service} {kind}"))
            .ok_or_else(|| format!("service {service:?} is in no profile"))
    }

    /// The store that a table shows under this name: `Scripted A store`.
    pub(super) fn store(&self, shown: &str) -> Result<String, String> {
        let service = shown
            .strip_prefix("Scripted ")
            .and_then(|rest| rest.strip_suffix(" store"));
        let service =
            service.ok_or_else(|| format!("{shown:?} is no store of a scripted provider"))?;
        self.provider(service, false)
    }

    /// The scripted provider has answered so.
    pub(super) fn answers(&mut self, provider: &str, call: &str, code: &Value) {
        let Some(code) = code.as_str().filter(|code| *code != "S_OK") else {
            return;
        };
        if Code::named(code).is_some() {
            let place = (provider.to_owned(), call.to_owned());
            self.answers
                .entry(place)
                .or_default()
                .insert(code.to_owned());
        }
    }

    /// The world as a scenario, whose client makes the calls that were seen.
    pub(super) fn scenario(&self, title: &str, events: &[EventLine]) -> Result<Scenario, String> {
        let mut text = vec![format!("name = {}", quoted(title))];
        for (profile, services) in &self.profiles {
            text.push(format!("[[profile]]\nname = {}", quoted(profile)));
            for service in services {
                text.push(format!("[[profile.service]]\nname = {}", quoted(service)));
                for book in [true, false] {
                    self.describe(&self.provider(service, book)?, book, &mut text);
                }
            }
        }
        text.push(format!("[[client]]\nname = {}", quoted(CLIENT)));
        parameters(events, &mut text);
        let parsed = Scenario::parse(&text.join("\n"));
        parsed.map_err(|error| format!("its world is no scenario: {error}"))
    }

    fn describe(&self, provider: &str, book: bool, text: &mut Vec<String>) {
        let kind = if book {
            "address-book"
        } else {
            "message-store"
        };
        text.push("[[profile.service.provider]]".to_owned());
        text.push(format!(
            "name = {}\nkind = {}",
            quoted(provider),
            quoted(kind)
        ));
        for (key, call) in [("init_codes", "Init"), ("logon_codes", "Logon")] {
            if let Some(codes) = self.answers.get(&(provider.to_owned(), call.to_owned())) {
                text.push(format!(
                    "{key} = {}",
                    list(codes.iter().map(String::as_str))
                ));
            }
        }
    }
}

/// The parameters of the first logon, and the calls, as far as a scenario can list them.
fn parameters(events: &[EventLine], text: &mut Vec<String>) {
    let Some(logon) = events.iter().find(|event| event.call == "MAPILogonEx") else {
        return;
    };
    if let Some(name) = logon.args.get("profile").and_then(Value::as_str) {
        text.push(format!("profile = {}", quoted(name)));
    }
    let written = logon.args.get("flags").and_then(Value::as_array);
    let words = written.into_iter().flatten().filter_map(Value::as_str);
    let known = words.filter(|word| LogonFlags::from_name(word).is_some());
    text.push(format!("flags = {}", list(known)));
    let logons = events
        .iter()
        .filter(|event| event.call == "MAPILogonEx")
        .count();
    if events.len() <= CALLS && logons <= LOGONS {
        text.push(format!(
            "calls = {}",
            list(events.iter().map(|event| event.call.as_str()))
        ));
    }
}

/// A string as TOML and JSON both write it.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn list<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    Value::from(texts.collect::<Vec<_>>()).to_string()
}
