//! The plainest world in which a recording can have been made, for recordings without a scenario.
//!
//! A recording may leave out what a logon passed. Then the logon names the profile that was opened,
//! or the one that other logons name, and has the flags that what it showed needs.

use std::collections::{BTreeMap, BTreeSet};

use mapi_logon_model::ids::BUDGET;
use mapi_logon_model::mapi::{Code, INITIALIZE_CODES, LogonFlags, ProviderKind};
use mapi_logon_model::scenario::file::{
    ClientSection, Data, FlagsParameter, ProfileParameter, ProfileSection, ProviderSection,
    ScenarioFile, ServiceSection, SubsystemSection,
};
use mapi_logon_model::scenario::{PARAMETER_LENGTH, Password, Scenario, ScenarioError};

use crate::recording::{DialogEvent, RecordedEvent, Recording, Returned};

/// The name of a profile that no event names.
const UNNAMED: &str = "unnamed";

/// What the events say of a profile.
#[derive(Default)]
struct Found {
    /// Stores that were opened, in order.
    stores: Vec<String>,
    /// Other providers whose calls or dialogs were recorded, each an address book if it was never
    /// opened.
    providers: Vec<String>,
    /// Providers that asked the user for something.
    asking: BTreeSet<String>,
    /// Services by name, and those that were configured by the user.
    services: Vec<String>,
    configured: BTreeSet<String>,
    /// A service that was removed, and the stores that were not found.
    removed: Option<String>,
    lost: BTreeSet<String>,
    book: bool,
    identity: bool,
}

/// What the events say of the world.
#[derive(Default)]
struct World<'r> {
    clients: Vec<ClientSection>,
    /// The profile of logons of which the recording does not say which they name.
    unsaid: String,
    profiles: BTreeMap<String, Found>,
    /// Every store that was opened.
    opened: BTreeSet<&'r str>,
    known: BTreeSet<String>,
    of_client: BTreeMap<&'r str, String>,
    subsystem: SubsystemSection,
}

/// A scenario in which the recording can have been made: every profile that served a logon is
/// there, with a service for every store, everything configured, and any fault may strike.
///
/// # Errors
/// [`ScenarioError`] where there are more clients, profiles or stores than a scenario may have.
pub fn derive(recording: &Recording) -> Result<Scenario, ScenarioError> {
    let opened = recording.events.iter().filter(|event| event.method == "OpenMsgStore");
    let opened = opened.filter_map(|event| event.target.as_deref()).collect();
    let named = recording.events.iter().find_map(|event| usable(event.name.as_ref()?.as_ref()?));
    let unsaid = named.unwrap_or_else(|| UNNAMED.to_owned());
    let mut world = World { opened, unsaid, ..World::default() };
    recording.events.iter().for_each(|event| world.note(event));
    let mut file = ScenarioFile {
        subsystem: world.subsystem,
        profile: world.profiles.iter().map(|(name, found)| section(name, found)).collect(),
        client: world.clients,
        ..ScenarioFile::default()
    };
    file.faults.budget = BUDGET as i64;
    Scenario::parse(&file.to_toml())
}

impl<'r> World<'r> {
    fn note(&mut self, event: &'r RecordedEvent) {
        let known = self.clients.iter().position(|client| client.name == event.client);
        let client = known.unwrap_or_else(|| {
            let name = event.client.clone();
            self.clients.push(ClientSection { name, ..ClientSection::default() });
            self.clients.len() - 1
        });
        if let ("MAPIInitialize", Returned::With(code)) = (event.method, event.result)
            && INITIALIZE_CODES.contains(&code)
        {
            let codes = &mut self.subsystem.init_codes;
            let name = code.name().to_owned();
            if !codes.contains(&name) {
                codes.push(name);
            }
        }
        if event.method == "MAPILogonEx" {
            let client = &mut self.clients[client];
            if event.flags.is_none() {
                pass(&mut client.flags, flags_of(event));
            }
            let name = match &event.name {
                Some(_) => profile_of(event),
                None => {
                    let opened = event.seen.profile.clone();
                    let name = opened.unwrap_or_else(|| self.unsaid.clone());
                    client.profile.get_or_insert_with(|| ProfileParameter::Name(name.clone()));
                    Some(name)
                }
            };
            let Some(name) = name else {
                return;
            };
            if takes_default(event) && self.subsystem.default_profile.is_none() {
                self.subsystem.default_profile = Some(name.clone());
            }
            self.profiles.entry(name.clone()).or_default();
            self.of_client.insert(&event.client, name);
        }
        // What a client without a logon of its own uses belongs to somebody's session.
        let own = self.of_client.get(event.client.as_str());
        let Some(profile) = own.or_else(|| self.of_client.values().next()) else {
            return;
        };
        let found = self.profiles.entry(profile.clone()).or_default();
        found.note(event, &self.opened, &mut self.known);
    }
}

/// The profile that a logon must have used, or would have: one that failed for want of a usable
/// profile shows none.
fn profile_of(event: &RecordedEvent) -> Option<String> {
    let usable = event.name.as_ref().and_then(Option::as_deref).and_then(usable);
    let opened = event.seen.profile.clone();
    match event.result {
        Returned::With(code) if code.is_success() => {
            let known = opened.or(usable);
            known.or_else(|| can_choose(event).then(|| UNNAMED.to_owned()))
        }
        _ if opened.is_some() => opened,
        Returned::With(Code::LogonFailed) => {
            // Providers are called for a profile that could be opened.
            usable.filter(|_| event.seen.provider_events.iter().flatten().next().is_some())
        }
        Returned::With(_) | Returned::Unknown(_) | Returned::Never => usable,
    }
}

/// Can a logon without a name have come by a profile? Otherwise it has joined a session.
fn can_choose(event: &RecordedEvent) -> bool {
    let chooses = LogonFlags::MAPI_USE_DEFAULT | LogonFlags::MAPI_LOGON_UI;
    event.logon_flags().is_none_or(|flags| flags.intersects(chooses))
}

/// A name that a profile can have.
fn usable(name: &str) -> Option<String> {
    let fits = !name.is_empty() && name.chars().count() <= PARAMETER_LENGTH;
    fits.then(|| name.to_owned())
}

/// The flags without which a logon could not have shown what it did.
fn flags_of(event: &RecordedEvent) -> LogonFlags {
    let asked = event.seen.dialogs.iter().flatten().next().is_some();
    let shared = event.seen.joined == Some(true) || event.seen.kind.as_deref() == Some("shared");
    let needs = [
        (asked || event.result == Returned::With(Code::UserCancel), LogonFlags::MAPI_LOGON_UI),
        (event.result == Returned::With(Code::Timeout), LogonFlags::MAPI_TIMEOUT_SHORT),
        (shared, LogonFlags::MAPI_ALLOW_OTHERS),
    ];
    let needs = needs.into_iter().filter(|(needed, _)| *needed).map(|(_, flag)| flag);
    needs.fold(LogonFlags::empty(), |all, flag| all | flag)
}

/// Adds flags to those that a client passes.
fn pass(flags: &mut FlagsParameter, more: LogonFlags) {
    if let FlagsParameter::These(names) = flags {
        let more = more.iter_names().map(|(name, _)| name.to_owned());
        let more: Vec<_> = more.filter(|name| !names.contains(name)).collect();
        names.extend(more);
    }
}

fn takes_default(event: &RecordedEvent) -> bool {
    let named = event.name.as_ref().and_then(Option::as_ref).is_some_and(|name| !name.is_empty());
    let flags = event.logon_flags().unwrap_or_default();
    !named && flags.contains(LogonFlags::MAPI_USE_DEFAULT)
}

impl Found {
    fn note(
        &mut self,
        event: &RecordedEvent,
        opened: &BTreeSet<&str>,
        known: &mut BTreeSet<String>,
    ) {
        match event.method {
            "OpenMsgStore" => {
                let store = event.target.as_deref().unwrap_or("");
                self.provider(store, true, known);
                if event.result == Returned::With(Code::NotFound) {
                    self.lost.insert(store.to_owned());
                }
            }
            "RemoveService" => self.removed.clone_from(&event.target),
            "OpenAddressBook" => self.book = true,
            "QueryIdentity" => self.identity = true,
            _ => {}
        }
        // Address books come first (PRV-2): what follows a store is one.
        let mut stores = false;
        for one in event.seen.provider_events.iter().flatten() {
            stores |= opened.contains(one.provider.as_str());
            self.provider(&one.provider, stores, known);
        }
        for name in event.seen.providers.keys() {
            self.provider(name, opened.contains(name.as_str()), known);
        }
        for name in event.seen.services.keys() {
            self.service(name);
        }
        for dialog in event.seen.dialogs.iter().flatten() {
            let (DialogEvent::Named(name) | DialogEvent::Answered { dialog: name, .. }) = dialog;
            let (kind, rest) = name.split_once(':').unwrap_or((name, ""));
            match kind {
                "provider" => {
                    self.provider(rest, opened.contains(rest), known);
                    self.asking.insert(rest.to_owned());
                }
                "configure" => {
                    self.service(rest);
                    self.configured.insert(rest.to_owned());
                }
                "failure" => {
                    let whose = rest.rsplit_once(":MAPI_").map_or(rest, |(whose, _)| whose);
                    if !self.services.iter().any(|one| one == whose) {
                        self.provider(whose, opened.contains(whose), known);
                    }
                }
                _ => {}
            }
        }
    }

    fn provider(&mut self, name: &str, store: bool, known: &mut BTreeSet<String>) {
        if known.insert(name.to_owned()) {
            let list = if store { &mut self.stores } else { &mut self.providers };
            list.push(name.to_owned());
        }
    }

    fn service(&mut self, name: &str) {
        if !self.services.iter().any(|one| one == name) {
            self.services.push(name.to_owned());
        }
    }
}

/// A profile with a service for every provider, or with one service where one is named.
fn section(name: &str, found: &Found) -> ProfileSection {
    let provider = |provider: &String, kind| ProviderSection {
        name: provider.clone(),
        kind,
        password: if found.asking.contains(provider) {
            Password::Missing
        } else {
            Password::Stored
        },
        ..ProviderSection::default()
    };
    let books = found.providers.iter().map(|one| provider(one, ProviderKind::AddressBook));
    let stores = found.stores.iter().map(|one| provider(one, ProviderKind::MessageStore));
    let unnamed = (found.book && found.providers.is_empty())
        .then(|| provider(&format!("address book of {name}"), ProviderKind::AddressBook));
    let service = |name: String, provider| {
        let incomplete = found.configured.contains(&name);
        let data = if incomplete { Data::Missing } else { Data::Complete };
        ServiceSection {
            name,
            data,
            identity: found.identity,
            provider,
            ..ServiceSection::default()
        }
    };
    let mut all: Vec<ProviderSection> = books.chain(unnamed).chain(stores).collect();
    let placeholder =
        |name: &str| vec![provider(&format!("provider of {name}"), ProviderKind::AddressBook)];
    let unlisted = found.removed.as_ref().filter(|name| !found.services.contains(name));
    let removed = unlisted.map(|name| {
        // What is not found in a later session went with the service.
        let mut lost: Vec<_> = all.extract_if(.., |one| found.lost.contains(&one.name)).collect();
        if lost.is_empty() {
            lost = placeholder(name);
        }
        service(name.clone(), lost)
    });
    let mut services: Vec<ServiceSection> = match found.services.as_slice() {
        [] => {
            let one = |one: ProviderSection| service(format!("service of {}", one.name), vec![one]);
            all.into_iter().map(one).collect()
        }
        // Which provider belongs to which of several services is not known: all to the first.
        named => named
            .iter()
            .map(|name| {
                let mut own = std::mem::take(&mut all);
                if own.is_empty() {
                    own = placeholder(name);
                }
                service(name.clone(), own)
            })
            .collect(),
    };
    services.extend(removed);
    ProfileSection { name: name.to_owned(), service: services, ..ProfileSection::default() }
}
