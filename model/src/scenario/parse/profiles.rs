//! What is written under `[[profile]]`? Profiles with their services and providers, in file order.

use super::mistake::{Mistake, Read, quoted, within};
use super::rules::codes;
use super::value::{Field, Names, Section};
use crate::ids;
use crate::ids::{ProfileId, ProviderSet, ServiceId, ServiceSet};
use crate::mapi::{Code, ProviderKind};
use crate::scenario::{EntryPoint, Profile, ProfileState, Provider, Scenario, Service};

/// Names given so far, by kind.
#[derive(Default)]
struct Given<'t> {
    profiles: Names<'t>,
    services: Names<'t>,
    providers: Names<'t>,
}

/// Reads all profiles. `scenario.faults` must have been read: its kinds are the providers' default.
pub(super) fn read(root: Section<'_>, scenario: &mut Scenario) -> Read<()> {
    let keys = ["name", "state", "password", "service"];
    let mut given = Given::default();
    for section in root.sections("profile", "[[profile]]", &keys)? {
        within(scenario.profiles.len(), ids::PROFILES, "PROFILES", "profiles", section.at)?;
        profile(section, scenario, &mut given)?;
    }
    Ok(())
}

fn profile<'t>(section: Section<'t>, scenario: &mut Scenario, given: &mut Given<'t>) -> Read<()> {
    let field = section.require("name")?;
    let name = given.profiles.read(field, "profile")?;
    if name.trim() != name {
        let message = format!("a profile name has no leading or trailing space: {}", quoted(name));
        return Err(field.mistake(message));
    }
    let states = [
        ("valid", ProfileState::Valid),
        ("damaged", ProfileState::Damaged),
        ("deleted", ProfileState::Deleted),
    ];
    let mut profile = Profile {
        name: name.to_owned(),
        state: section
            .get("state")
            .map_or(Ok(ProfileState::Valid), |field| field.choice(&states))?,
        password: section.get("password").map_or(Ok(false), Field::boolean)?,
        services: ServiceSet::EMPTY,
        providers: ProviderSet::EMPTY,
    };
    let id = ProfileId::from(scenario.profiles.len());
    let keys = ["name", "data", "entry_point", "critical", "identity", "provider"];
    for section in section.sections("service", "[[profile.service]]", &keys)? {
        within(scenario.services.len(), ids::SERVICES, "SERVICES", "services", section.at)?;
        let service = service(section, scenario, given, id)?;
        profile.services.insert(scenario.services.len().into());
        profile.providers = profile.providers.or(service.providers);
        scenario.services.push(service);
    }
    scenario.profiles.push(profile);
    Ok(())
}

fn service<'t>(
    section: Section<'t>,
    scenario: &mut Scenario,
    given: &mut Given<'t>,
    profile: ProfileId,
) -> Read<Service> {
    let entry_points = [
        ("dialog", EntryPoint::Dialog),
        ("programmatic", EntryPoint::Programmatic),
        ("none", EntryPoint::None),
    ];
    let mut service = Service {
        name: given.services.read(section.require("name")?, "service")?.to_owned(),
        profile,
        complete: data(section)?,
        entry_point: section
            .get("entry_point")
            .map_or(Ok(EntryPoint::Dialog), |field| field.choice(&entry_points))?,
        critical: section.get("critical").map_or(Ok(false), Field::boolean)?,
        identity: section.get("identity").map_or(Ok(false), Field::boolean)?,
        providers: ProviderSet::EMPTY,
    };
    let id = ServiceId::from(scenario.services.len());
    let header = "[[profile.service.provider]]";
    let keys =
        ["name", "kind", "session_cap", "data", "password", "faults", "init_codes", "logon_codes"];
    for section in section.sections("provider", header, &keys)? {
        within(scenario.providers.len(), ids::PROVIDERS, "PROVIDERS", "providers", section.at)?;
        let provider = provider(section, scenario, given, id)?;
        service.providers.insert(scenario.providers.len().into());
        scenario.providers.push(provider);
    }
    if service.providers.is_empty() {
        let name = quoted(&service.name);
        let message = format!("service {name} has no provider; give at least one {header}");
        return Err(Mistake::new(section.at, message));
    }
    Ok(service)
}

fn provider<'t>(
    section: Section<'t>,
    scenario: &Scenario,
    given: &mut Given<'t>,
    service: ServiceId,
) -> Read<Provider> {
    let kinds = ProviderKind::ALL.map(|kind| (kind.name(), kind));
    let passwords = [("stored", true), ("missing", false)];
    Ok(Provider {
        name: given.providers.read(section.require("name")?, "provider")?.to_owned(),
        service,
        kind: section.require("kind")?.choice(&kinds)?,
        session_cap: match section.get("session_cap") {
            Some(field) => Some(field.whole(0..=u32::MAX)?),
            None => None,
        },
        complete: data(section)?,
        password_stored: section
            .get("password")
            .map_or(Ok(true), |field| field.choice(&passwords))?,
        faults: section.get("faults").map_or(Ok(scenario.faults.kinds), super::rules::kinds)?,
        init_codes: codes(section, "init_codes", Code::ALL)?,
        logon_codes: codes(section, "logon_codes", Code::ALL)?,
    })
}

fn data(section: Section<'_>) -> Read<bool> {
    let states = [("complete", true), ("missing", false)];
    section.get("data").map_or(Ok(true), |field| field.choice(&states))
}
