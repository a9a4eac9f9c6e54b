//! Resolution of a scenario file: names become ids, words become sets, and limits are kept.

use std::collections::BTreeMap;

use toml::Value;

use super::error::{Mistake, Resolved, Within};
use super::file::{
    AnyFlags, AnyName, ClientSection, Data, FaultKind, FaultsSection, FlagsParameter,
    ProfileParameter, ProfileSection, ProviderSection, Repair, ScenarioFile, ServiceSection,
};
use crate::ids::{self, ProfileId, ProviderId, ProviderSet, ServiceId, ServiceSet};
use crate::mapi::{
    CAP_CODES, Code, CodeSet, Fault, FaultSet, INITIALIZE_CODES, LogonFlags, ProviderKind,
};
use crate::policy::{Policy, PolicyError};
use crate::protocol::Call;
use crate::scenario::budget::Budget;
use crate::scenario::caller::{Client, Name};
use crate::scenario::load::{MAX_WEIGHT, Weights};
use crate::scenario::parts::{
    ANSWERS, Answers, EntryPoint, Faults, Profile, Provider, Scenario, Service, WITNESSES,
    fault_kinds,
};
use crate::scenario::resolve::value::{limit, optional, title, whole, wrong};
use crate::suggest::{quoted, unknown};

mod load;
mod value;

/// Most characters of a name (PAR-5, PRF-6).
const NAME_LENGTH: usize = 64;

/// Makes a scenario of a file.
pub(super) fn resolve(file: &ScenarioFile) -> Resolved<Scenario> {
    let subsystem = &file.subsystem;
    let mut scenario = Scenario {
        name: file.name.clone(),
        init_codes: codes(&subsystem.init_codes, &INITIALIZE_CODES)
            .under("subsystem.init_codes")?,
        max_sessions: optional(subsystem.max_sessions, "max_sessions", u32::MAX)
            .under("subsystem")?,
        answers: answers(file.user.answers.as_deref()).under("user.answers")?,
        faults: faults(&file.faults).under("faults")?,
        policy: policy(&file.policy).under("policy")?,
        expect: witnesses(&file.expect.witnesses).under("expect.witnesses")?,
        weights: weights(&file.weights).under("weights")?,
        ..Scenario::default()
    };
    if let Some(name) = &file.name {
        title("name", name).under("name")?;
    }
    each("profile", &file.profile, |section| profile(section, &mut scenario))?;
    each("provider", &file.provider, |section| foreign(section, &mut scenario))?;
    if let Some(name) = &subsystem.default_profile {
        title("default_profile", name).under("subsystem.default_profile")?;
        scenario.default_profile = scenario.resolve(name);
        scenario.default_name = Some(name.clone());
    }
    each("client", &file.client, |section| client(section, &mut scenario))?;
    if scenario.clients.is_empty() {
        let message = "the file has no client; a scenario has one or more [[client]]";
        return wrong(message).under("client");
    }
    load::resolve(file, &mut scenario)?;
    Ok(scenario)
}

/// Resolves each item of the list under a key.
fn each<T>(key: &str, items: &[T], mut resolve: impl FnMut(&T) -> Resolved) -> Resolved {
    for (at, item) in items.iter().enumerate() {
        resolve(item).under(at).under(key)?;
    }
    Ok(())
}

fn profile(section: &ProfileSection, scenario: &mut Scenario) -> Resolved {
    let taken = scenario.profiles.iter().map(|profile| &profile.name);
    let place = place(ids::PROFILES, "profile", &section.name, taken)?;
    if section.name.trim() != section.name {
        let name = quoted(&section.name);
        let message = format!("a profile name has no leading or trailing space: {name}");
        return wrong(message).under("name");
    }
    let corruptible = corruptible(&section.faults).under("faults")?;
    scenario.profiles.push(Profile {
        name: section.name.clone(),
        corruptible,
        state: section.state,
        password: section.password,
        services: ServiceSet::EMPTY,
        providers: ProviderSet::EMPTY,
    });
    each("service", &section.service, |section| service(section, place.into(), scenario))
}

fn service(section: &ServiceSection, profile: ProfileId, scenario: &mut Scenario) -> Resolved {
    let taken = scenario.services.iter().map(|service| &service.name);
    let id = ServiceId::from(place(ids::SERVICES, "service", &section.name, taken)?);
    if section.provider.is_empty() {
        let (name, header) = (quoted(&section.name), "[[profile.service.provider]]");
        let message = format!("service {name} has no provider; give at least one {header}");
        return wrong(message);
    }
    scenario.services.push(Service {
        name: section.name.clone(),
        profile: Some(profile),
        complete: section.data == Data::Complete,
        entry_point: section.entry_point,
        critical: section.critical,
        identity: section.identity,
        faults: of_service(kinds(&section.faults).under("faults")?),
        providers: ProviderSet::EMPTY,
    });
    scenario.profiles[profile.index()].services.insert(id);
    each("provider", &section.provider, |section| provider(section, id, scenario))
}

fn provider(section: &ProviderSection, service: ServiceId, scenario: &mut Scenario) -> Resolved {
    let taken = scenario.providers.iter().map(|provider| &provider.name);
    let id = ProviderId::from(place(ids::PROVIDERS, "provider", &section.name, taken)?);
    let faults = section.faults.as_deref().map(kinds).transpose();
    scenario.providers.push(Provider {
        name: section.name.clone(),
        service,
        kind: section.kind,
        session_cap: optional(section.session_cap, "session_cap", u32::MAX)?,
        cap_code: cap_code(section.cap_code.as_ref()).under("cap_code")?,
        complete: section.data == Data::Complete,
        password: section.password,
        faults: faults.under("faults")?.unwrap_or(scenario.faults.kinds),
        init_codes: codes(&section.init_codes, Code::ALL).under("init_codes")?,
        logon_codes: codes(&section.logon_codes, Code::ALL).under("logon_codes")?,
    });
    let owner = &mut scenario.services[service.index()];
    owner.providers.insert(id);
    if let Some(profile) = owner.profile {
        scenario.profiles[profile.index()].providers.insert(id);
    }
    Ok(())
}

/// A provider that belongs to no service: a service that is always configured stands for it.
fn foreign(section: &ProviderSection, scenario: &mut Scenario) -> Resolved {
    if section.kind != ProviderKind::MessageStore {
        let (name, kind) = (quoted(&section.name), section.kind.name());
        let message = format!(
            "provider {name} belongs to no service, and only a `message-store` can be opened so, \
             not a provider of kind `{kind}`"
        );
        return wrong(message).under("kind");
    }
    let taken = scenario.services.iter().map(|service| &service.name);
    let id = ServiceId::from(place(ids::SERVICES, "service", &section.name, taken)?);
    scenario.services.push(Service {
        name: section.name.clone(),
        profile: None,
        complete: true,
        entry_point: EntryPoint::None,
        critical: false,
        identity: false,
        faults: FaultSet::default(),
        providers: ProviderSet::EMPTY,
    });
    provider(section, id, scenario)
}

fn client(section: &ClientSection, scenario: &mut Scenario) -> Resolved {
    let taken = scenario.clients.iter().map(|client| &client.name);
    place(ids::CLIENTS, "client", &section.name, taken)?;
    let names = names(section.profile.as_ref(), scenario).under("profile")?;
    let (flags, any_flags) = match &section.flags {
        FlagsParameter::These(given) => (flags(given).under("flags")?, None),
        FlagsParameter::Any(AnyFlags { any, always }) => {
            let always = flags(always).under("always").under("flags")?;
            (always, Some(flags(any).under("any").under("flags")? - always))
        }
    };
    let mut client = Client {
        name: section.name.clone(),
        names,
        any_name: matches!(section.profile, Some(ProfileParameter::Any(_))),
        password: !section.password.is_empty(),
        flags,
        any_flags,
        calls: Vec::new(),
        written: Vec::new(),
        initializes: false,
        initialized: false,
        weight: optional(section.weight, "weight", MAX_WEIGHT)?.unwrap_or(1),
    };
    match &section.calls {
        None => call("MAPILogonEx", &mut client, scenario)?,
        Some(calls) => each("calls", calls, |written| call(written, &mut client, scenario))?,
    }
    scenario.clients.push(client);
    Ok(())
}

/// The profile name parameters between which a client chooses; an empty one of a table is none.
fn names(given: Option<&ProfileParameter>, scenario: &Scenario) -> Resolved<Vec<Name>> {
    let AnyName { any, none } = match given {
        None => return Ok(vec![Name::default()]),
        Some(ProfileParameter::Name(name)) => return Ok(vec![scenario.name(Some(name))]),
        Some(ProfileParameter::Any(table)) => table,
    };
    for (at, name) in any.iter().enumerate() {
        limit(at, ids::CHOICES, "a client", "profile name").under(at).under("any")?;
        if any[..at].contains(name) {
            let message = format!("{} is in the list already; leave one out", quoted(name));
            return wrong(message).under(at).under("any");
        }
    }
    let given = any.iter().filter(|name| !name.is_empty());
    let no_name = (*none || any.iter().any(String::is_empty)).then(Name::default);
    let names = no_name.into_iter().chain(given.map(|name| scenario.name(Some(name))));
    let names: Vec<_> = names.collect();
    if names.is_empty() {
        return wrong("no name is left to choose; give one in `any`, or `none = true`");
    }
    Ok(names)
}

fn flags(given: &[String]) -> Resolved<LogonFlags> {
    let known: Vec<_> = LogonFlags::all().iter_names().collect();
    Ok(words("logon flag", given, &known)?.into_iter().collect())
}

/// Makes a call the client's next.
fn call(written: &str, client: &mut Client, scenario: &Scenario) -> Resolved {
    limit(client.calls.len(), ids::CALLS, "a client", "call")?;
    let call = match scenario.call(written).map_err(Mistake::new)? {
        Some(call) => call,
        None => {
            let logons = scenario.logons() + client.logons();
            limit(logons, ids::LOGONS, "a scenario", "MAPILogonEx call")?;
            let slot = u8::try_from(client.logons()).unwrap_or(u8::MAX);
            Call::LogonEx(client.logon(slot))
        }
    };
    client.initializes |= matches!(call, Call::Initialize | Call::Uninitialize);
    client.calls.push(call);
    client.written.push(written.to_owned());
    Ok(())
}

fn faults(section: &FaultsSection) -> Resolved<Faults> {
    let most = ids::BUDGET as i64;
    let chosen = section.kinds.as_deref().map(kinds).transpose();
    Ok(Faults {
        budget: Budget::Limited(whole(section.budget, "budget", 0..=most)?),
        kinds: chosen.under("kinds")?.unwrap_or(FaultSet::ALL),
        repair_by_user: matches!(section.repair, Repair::User | Repair::Both),
        repair_by_environment: matches!(section.repair, Repair::Environment | Repair::Both),
    })
}

/// The only fault of a profile is data corruption (FLT-11).
fn corruptible(given: &[FaultKind]) -> Resolved<bool> {
    let other = given.iter().position(|kind| *kind != FaultKind::DataCorruption);
    if let Some(at) = other {
        let message = "only `data-corruption` strikes a profile".to_owned();
        return Err(Mistake::new(message)).under(at);
    }
    kinds(given).map(|kinds| !kinds.is_empty())
}

/// A configuration has no version of its own that could be too old or too new: the mismatch of a
/// service strikes in one direction \[DER\].
const fn of_service(faults: FaultSet) -> FaultSet {
    FaultSet(faults.0 & !(1 << Fault::ProviderTooOld as u32))
}

fn cap_code(given: Option<&String>) -> Resolved<Code> {
    let Some(given) = given else {
        return Ok(CAP_CODES[0]);
    };
    let code = CAP_CODES.into_iter().find(|code| code.name() == given);
    let known = CAP_CODES.iter().map(|code| code.name());
    code.ok_or_else(|| Mistake::new(unknown("result code", given, known)))
}

fn kinds(kinds: &[FaultKind]) -> Resolved<FaultSet> {
    let names = kinds.iter().map(|kind| fault_kinds()[*kind as usize].0);
    let names: Vec<_> = names.map(str::to_owned).collect();
    let sets = words("fault kind", &names, &fault_kinds())?;
    Ok(FaultSet(sets.into_iter().fold(0, |all, set| all | set.0)))
}

fn answers(given: Option<&[String]>) -> Resolved<Answers> {
    let Some(given) = given else {
        return Ok(Answers::default());
    };
    let bits = ANSWERS.into_iter().enumerate();
    let known: Vec<_> = bits.map(|(bit, name)| (name, 1 << bit)).collect();
    Ok(Answers(words("answer", given, &known)?.into_iter().sum()))
}

fn codes(given: &[String], admissible: &[Code]) -> Resolved<CodeSet> {
    let known: Vec<_> = admissible.iter().map(|code| (code.name(), *code)).collect();
    let mut codes = CodeSet::default();
    for code in words("result code", given, &known)? {
        codes.insert(code);
    }
    Ok(codes)
}

fn witnesses(given: &[String]) -> Resolved<Vec<String>> {
    let ids = (1..=WITNESSES).map(|number| format!("RCH-{number}"));
    let ids: Vec<_> = ids.collect();
    let known: Vec<_> = ids.iter().map(|id| (id.as_str(), ())).collect();
    words("witness", given, &known)?;
    Ok(given.to_vec())
}

fn policy(given: &BTreeMap<String, Value>) -> Resolved<Policy> {
    let mut policy = Policy::default();
    for (key, value) in given {
        let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        policy.set(key, &written).map_err(|error| match error {
            PolicyError::UnknownValue { .. } => Mistake::new(error.to_string()).under(key),
            PolicyError::UnknownSwitch { .. } | PolicyError::UnknownPreset { .. } => {
                Mistake::in_key(key, error.to_string())
            }
        })?;
    }
    Ok(policy)
}

fn weights(given: &BTreeMap<String, i64>) -> Resolved<Weights> {
    let mut weights = Weights::default();
    for (key, number) in given {
        let mut named = weights.named_mut();
        let Some((_, weight)) = named.find(|(name, _)| name == key) else {
            let known = Weights::default().named().map(|(name, _)| name);
            return Err(Mistake::in_key(key, unknown("weight", key, known)));
        };
        *weight = whole(*number, key, 0..=MAX_WEIGHT.into())?;
    }
    Ok(weights)
}

/// What the words of a list stand for; none may be there twice.
fn words<T: Copy>(what: &str, given: &[String], known: &[(&str, T)]) -> Resolved<Vec<T>> {
    let meaning = |(at, word): (usize, &String)| {
        let found = known.iter().find(|(known, _)| known == word);
        let unknown = || unknown(what, word, known.iter().map(|(known, _)| *known));
        let (_, meaning) = found.ok_or_else(|| Mistake::new(unknown())).under(at)?;
        if given[..at].contains(word) {
            let message = format!("{what} `{word}` is in the list already; leave one out");
            return wrong(message).under(at);
        }
        Ok(*meaning)
    };
    given.iter().enumerate().map(meaning).collect()
}

/// Where a new thing stands in the list of its kind: there is room, and its name is its own.
fn place<'n>(
    most: usize,
    what: &str,
    name: &str,
    taken: impl ExactSizeIterator<Item = &'n String>,
) -> Resolved<usize> {
    let count = taken.len();
    limit(count, most, "a scenario", what)?;
    title("name", name).under("name")?;
    let length = name.chars().count();
    if length > NAME_LENGTH {
        let name = quoted(name);
        let message = format!("a name has 1 to {NAME_LENGTH} characters, {name} has {length}");
        return wrong(message).under("name");
    }
    if { taken }.any(|known| known == name) {
        let message = format!(
            "there is a {what} named {} already; {what} names are unique in the file",
            quoted(name)
        );
        return wrong(message).under("name");
    }
    Ok(count)
}
