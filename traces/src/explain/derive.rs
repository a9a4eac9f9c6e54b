//! The plainest world in which a recording can have been made, for recordings without a scenario.

use std::collections::{BTreeMap, BTreeSet};

use mapi_logon_model::ids::BUDGET;
use mapi_logon_model::mapi::{LogonFlags, ProviderKind};
use mapi_logon_model::scenario::file::{
    ClientSection, ProfileSection, ProviderSection, ScenarioFile, ServiceSection,
};
use mapi_logon_model::scenario::{PARAMETER_LENGTH, Scenario, ScenarioError};

use crate::recording::{RecordedEvent, Recording, Returned};

/// The name of a profile that no event names.
const UNNAMED: &str = "unnamed";

/// What the events say of a profile.
#[derive(Default)]
struct Found {
    /// Stores that were opened, in order.
    stores: Vec<String>,
    /// Other providers whose calls were recorded, each an address book if it was never opened.
    providers: Vec<String>,
    book: bool,
    identity: bool,
}

/// A scenario in which the recording can have been made: every profile that served a logon is
/// there, with a service for every store, everything configured, and any fault may strike.
///
/// # Errors
/// [`ScenarioError`] where there are more clients, profiles or stores than a scenario may have.
pub fn derive(recording: &Recording) -> Result<Scenario, ScenarioError> {
    let mut clients: Vec<&str> = Vec::new();
    let mut profiles: BTreeMap<String, Found> = BTreeMap::new();
    let mut stores: BTreeSet<String> = BTreeSet::new();
    let mut of_client: BTreeMap<&str, String> = BTreeMap::new();
    let mut default = None;
    for event in &recording.events {
        if !clients.contains(&event.client.as_str()) {
            clients.push(&event.client);
        }
        if event.method == "MAPILogonEx" {
            let Some(name) = profile_of(event) else {
                continue;
            };
            if takes_default(event) && default.is_none() {
                default = Some(name.clone());
            }
            profiles.entry(name.clone()).or_default();
            of_client.insert(&event.client, name);
        }
        let Some(profile) = of_client.get(event.client.as_str()) else {
            continue;
        };
        let found = profiles.entry(profile.clone()).or_default();
        note(event, found, &mut stores);
    }
    let client = |name: &str| ClientSection { name: name.to_owned(), ..ClientSection::default() };
    let mut file = ScenarioFile {
        profile: profiles.iter().map(|(name, found)| section(name, found)).collect(),
        client: clients.into_iter().map(client).collect(),
        ..ScenarioFile::default()
    };
    file.subsystem.default_profile = default;
    file.faults.budget = BUDGET as i64;
    Scenario::parse(&file.to_toml())
}

/// The profile that a successful logon must have used.
fn profile_of(event: &RecordedEvent) -> Option<String> {
    if !matches!(event.result, Returned::With(code) if code.is_success()) {
        return None;
    }
    let named = event.name.clone().flatten().filter(|name| !name.is_empty());
    let usable = named.filter(|name| name.chars().count() <= PARAMETER_LENGTH);
    Some(event.seen.profile.clone().or(usable).unwrap_or_else(|| UNNAMED.to_owned()))
}

fn takes_default(event: &RecordedEvent) -> bool {
    let named = event.name.as_ref().and_then(Option::as_ref).is_some_and(|name| !name.is_empty());
    let flags = event.logon_flags().unwrap_or_default();
    !named && flags.contains(LogonFlags::MAPI_USE_DEFAULT)
}

fn note(event: &RecordedEvent, found: &mut Found, stores: &mut BTreeSet<String>) {
    match event.method.as_str() {
        "OpenMsgStore" => {
            let store = event.target.clone().unwrap_or_default();
            if stores.insert(store.clone()) {
                found.stores.push(store);
            }
        }
        "OpenAddressBook" => found.book = true,
        "QueryIdentity" => found.identity = true,
        _ => {}
    }
    for one in event.seen.provider_events.iter().flatten() {
        if stores.insert(one.provider.clone()) {
            found.providers.push(one.provider.clone());
        }
    }
}

/// A profile with a service for every provider.
fn section(name: &str, found: &Found) -> ProfileSection {
    let service = |provider: &str, kind, name: String| ServiceSection {
        name,
        identity: found.identity,
        provider: vec![ProviderSection {
            name: provider.to_owned(),
            kind,
            ..ProviderSection::default()
        }],
        ..ServiceSection::default()
    };
    let of = |kind| move |name: &String| service(name, kind, format!("service of {name}"));
    let stores = found.stores.iter().map(of(ProviderKind::MessageStore));
    let books = found.providers.iter().map(of(ProviderKind::AddressBook));
    let unnamed = (found.book && found.providers.is_empty()).then(|| {
        let book = format!("address book of {name}");
        service(&book, ProviderKind::AddressBook, format!("service of the {book}"))
    });
    ProfileSection {
        name: name.to_owned(),
        service: stores.chain(books).chain(unnamed).collect(),
        ..ProfileSection::default()
    }
}
