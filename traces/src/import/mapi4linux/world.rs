//! The world in which a recorded scenario ran: profiles with their services, and the sessions that
//! are open.

use std::collections::{BTreeMap, BTreeSet};

use mapi_logon_model::ids::{CALLS, LOGONS};
use mapi_logon_model::mapi::{Code, LogonFlags, ProviderKind};
use mapi_logon_model::scenario::file::{
    ClientSection, ProfileParameter, ProfileSection, ProviderSection, ScenarioFile, ServiceSection,
};
use mapi_logon_model::scenario::{Scenario, stand_in};
use serde_json::Value;

use super::{CLIENT, Meaning, Recorded};
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

/// A session by its label, null where it is the one obtained last, and its profile.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    pub(super) session: Value,
    pub(super) profile: String,
}

/// The service as the provider's events name it.
pub(super) fn bare(service: &str) -> &str {
    service.strip_prefix(SCRIPTED).unwrap_or(service)
}

impl World {
    pub(super) fn of(group: &[Recorded]) -> Result<Self, String> {
        let mut world = Self {
            profiles: Vec::new(),
            answers: BTreeMap::new(),
            sessions: Vec::new(),
            latest: Held::default(),
        };
        let events = group.iter().flat_map(|recorded| &recorded.provider_events);
        let pairs = events.filter_map(|event| {
            Some((event.get("svc")?.as_str()?, event.get("profile")?.as_str()?))
        });
        let pairs: BTreeSet<(&str, &str)> = pairs.collect();
        for recorded in group.iter().filter(|recorded| recorded.worked()) {
            let profile = recorded.text("profile");
            match recorded.meaning() {
                Some(Meaning::Profile) => world.add(profile)?,
                Some(Meaning::Service) => world.add_service(recorded, &pairs)?,
                Some(Meaning::Call("MAPILogonEx"))
                    if profile.and_then(|name| world.profile(name)).is_none() =>
                {
                    world.add(profile)?;
                }
                Some(_) | None => {}
            }
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

    /// Adds a service to the profile that is named; else to the one made last, unless the service's
    /// providers learn of another: `pairs` has services with the profiles their providers learn of.
    fn add_service(
        &mut self,
        recorded: &Recorded,
        pairs: &BTreeSet<(&str, &str)>,
    ) -> Result<(), String> {
        let service = bare(recorded.text("service").unwrap_or_default());
        let Some(last) = self.profiles.len().checked_sub(1) else {
            return Ok(());
        };
        let learns = |at: &usize| pairs.contains(&(service, self.profiles[*at].name.as_str()));
        let named = recorded.text("profile");
        let named = named.and_then(|name| self.profiles.iter().position(|one| one.name == name));
        let mut places = match named {
            Some(at) => vec![at],
            None => (0..=last).rev().filter(learns).chain([last]).collect(),
        };
        places.retain(|at| !self.profiles[*at].services.iter().any(|one| one == service));
        let Some(at) = places.first() else {
            let profile = &self.profiles[named.unwrap_or(last)].name;
            return Err(format!(
                "profile {profile:?} has service {service:?} twice, and events do not say which \
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
    /// the profile its providers learn of.
    pub(super) fn acted_on(&self, recorded: &Recorded) -> Held {
        let mut sessions = self.sessions.iter().rev();
        if recorded.call == "MAPILogonEx" {
            return Held {
                session: Value::Null,
                profile: recorded.text("profile").unwrap_or_default().to_owned(),
            };
        }
        if let Some(label) = recorded.args.get("session") {
            let held = sessions.find(|held| held.session == *label);
            return Held {
                session: label.clone(),
                profile: held.unwrap_or(&self.latest).profile.clone(),
            };
        }
        let profile = recorded.provider_profile();
        let held = sessions.find(|held| profile.is_none_or(|profile| held.profile == profile));
        let mut held = held.or(self.sessions.last()).unwrap_or(&self.latest).clone();
        if held.session == self.latest.session {
            held.session = Value::Null;
        }
        held
    }

    /// Keeps up with the sessions that are open.
    pub(super) fn follow(&mut self, recorded: &Recorded) {
        match recorded.meaning() {
            Some(Meaning::Call("MAPILogonEx")) if recorded.worked() => {
                let Some(session) = recorded.out.get("session").cloned() else {
                    return;
                };
                let profile = recorded.text("profile").unwrap_or_default().to_owned();
                self.latest = Held { session, profile };
                self.sessions.push(self.latest.clone());
            }
            Some(Meaning::OnSession("Release")) => {
                let label = recorded.args.get("session");
                self.sessions.retain(|held| Some(&held.session) != label);
            }
            Some(_) | None => {}
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
            (None, _) => Err(format!("no line says which profile's {service:?} is meant")),
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
        let service = shown.strip_prefix("Scripted ");
        let service = service.and_then(|rest| rest.strip_suffix(" store"));
        let service =
            service.ok_or_else(|| format!("{shown:?} is not a store of a scripted provider"))?;
        self.provider(profile, service, false)
    }

    /// The scripted provider has answered this code.
    pub(super) fn answers(&mut self, provider: &str, call: &str, code: &str) {
        if code != Code::Ok.name() && Code::named(code).is_some() {
            let place = (provider.to_owned(), call.to_owned());
            let codes = self.answers.entry(place).or_default();
            codes.insert(code.to_owned());
        }
    }

    /// The world as a scenario, whose client makes the calls that were seen.
    pub(super) fn scenario(&self, title: &str, events: &[EventLine]) -> Result<Scenario, String> {
        let profiles = self.profiles.iter().map(|profile| self.section(profile));
        let file = ScenarioFile {
            name: Some(title.to_owned()),
            profile: profiles.collect::<Result<_, _>>()?,
            client: vec![client(events)],
            ..ScenarioFile::default()
        };
        let parsed = Scenario::parse(&file.to_toml());
        parsed.map_err(|error| format!("its world is not a valid scenario: {error}"))
    }

    fn section(&self, made: &Made) -> Result<ProfileSection, String> {
        let provider = |service: &String, book| -> Result<_, String> {
            let name = self.provider(&made.name, service, book)?;
            let codes = |call: &str| {
                let answers = self.answers.get(&(name.clone(), call.to_owned()));
                answers.into_iter().flatten().cloned().collect()
            };
            let kind = if book { ProviderKind::AddressBook } else { ProviderKind::MessageStore };
            Ok(ProviderSection {
                init_codes: codes("Init"),
                logon_codes: codes("Logon"),
                name,
                kind,
                ..ProviderSection::default()
            })
        };
        let service = |service: &String| {
            Ok(ServiceSection {
                name: self.service(&made.name, service)?,
                provider: vec![provider(service, true)?, provider(service, false)?],
                ..ServiceSection::default()
            })
        };
        Ok(ProfileSection {
            name: stand_in(&made.name).into_owned(),
            service: made.services.iter().map(service).collect::<Result<_, String>>()?,
            ..ProfileSection::default()
        })
    }
}

/// The client with the parameters of its first logon, and its calls as far as a scenario can list
/// them.
fn client(events: &[EventLine]) -> ClientSection {
    let mut client = ClientSection { name: CLIENT.to_owned(), ..ClientSection::default() };
    let mut logons = events.iter().filter(|event| event.call == "MAPILogonEx");
    let Some(logon) = logons.next() else {
        return client;
    };
    let name = logon.args.get("profile").and_then(Value::as_str);
    let name = name.filter(|name| !name.contains(char::is_control));
    client.profile = name.map(ProfileParameter::from);
    let words = logon.args.get("flags").and_then(Value::as_array);
    let words = words.into_iter().flatten().filter_map(Value::as_str);
    let known = words.filter(|word| LogonFlags::from_name(word).is_some());
    client.flags = known.map(str::to_owned).collect();
    let few = events.len() <= CALLS && logons.count() < LOGONS;
    client.calls = few.then(|| events.iter().map(|event| event.call.clone()).collect());
    client
}
