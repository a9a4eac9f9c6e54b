//! What is written under `[[client]]`? Clients, their logon parameters and the calls they make.

use super::mistake::{Read, admissible, lookup, quoted, within};
use super::value::{Field, Names, Section};
use crate::ids;
use crate::ids::{ClientId, LogonId};
use crate::mapi::{LogoffFlags, LogonFlags};
use crate::scenario::{
    Call, Client, Logon, MAX_WEIGHT, Named, PARAMETER_LENGTH, Scenario, split_call,
};

/// What may follow the colon of a call.
#[derive(Clone, Copy)]
enum Target {
    Nothing(Call),
    LogonEx,
    LogoffFlags,
    Provider,
    Profile,
    Service,
}

const METHODS: [(&str, Target); 11] = [
    ("MAPIInitialize", Target::Nothing(Call::Initialize)),
    ("MAPIUninitialize", Target::Nothing(Call::Uninitialize)),
    ("MAPILogonEx", Target::LogonEx),
    ("Logoff", Target::LogoffFlags),
    ("Release", Target::Nothing(Call::Release)),
    ("OpenMsgStore", Target::Provider),
    ("OpenAddressBook", Target::Nothing(Call::OpenAddressBook)),
    ("GetStatusTable", Target::Nothing(Call::GetStatusTable)),
    ("QueryIdentity", Target::Nothing(Call::QueryIdentity)),
    ("DeleteProfile", Target::Profile),
    ("RemoveService", Target::Service),
];

/// Reads all clients. Profiles, services and providers must have been read.
pub(super) fn read(root: Section<'_>, scenario: &mut Scenario) -> Read<()> {
    let keys = ["name", "profile", "password", "flags", "calls", "weight"];
    let mut given = Names::default();
    for section in root.sections("client", "[[client]]", &keys)? {
        within(scenario.clients.len(), ids::CLIENTS, "CLIENTS", "clients", section.at)?;
        let name = given.read(section.require("name")?, "client")?;
        let client = client(section, name, scenario)?;
        scenario.clients.push(client);
    }
    Ok(())
}

fn client(section: Section<'_>, name: &str, scenario: &mut Scenario) -> Read<Client> {
    let profile = section.get("profile").map(Field::text).transpose()?;
    let flags = section.get("flags").map_or(Ok(Vec::new()), |field| {
        let known: Vec<_> = LogonFlags::all().iter_names().collect();
        field.choices("logon flag", &known)
    })?;
    let mut client = Client {
        name: name.to_owned(),
        profile: profile.map(str::to_owned),
        named: profile.map_or(Named::Nothing, |name| scenario.resolve(name)),
        name_too_long: profile.is_some_and(|name| name.chars().count() > PARAMETER_LENGTH),
        password: !section.get("password").map_or(Ok(""), Field::text)?.is_empty(),
        flags: flags.into_iter().collect(),
        calls: Vec::new(),
        written: Vec::new(),
        initializes: false,
        weight: section.get("weight").map_or(Ok(1), |field| field.whole(0..=MAX_WEIGHT))?,
    };
    let Some(field) = section.get("calls") else {
        within(scenario.logons.len(), ids::LOGONS, "LOGONS", "MAPILogonEx calls", section.at)?;
        let logon = logon(&client, scenario);
        client.calls.push(logon);
        client.written.push("MAPILogonEx".to_owned());
        return Ok(client);
    };
    for field in field.list("strings")? {
        if client.calls.len() == ids::CALLS {
            let message = format!("a client has at most {} calls (limit CALLS)", ids::CALLS);
            return Err(field.mistake(message));
        }
        let written = field.text()?;
        let call = call(field, written, &client, scenario)?;
        client.initializes |= matches!(call, Call::Initialize | Call::Uninitialize);
        client.calls.push(call);
        client.written.push(written.to_owned());
    }
    Ok(client)
}

/// Numbers the next `MAPILogonEx` call, which is about to become the client's next call.
fn logon(client: &Client, scenario: &mut Scenario) -> Call {
    let id = LogonId::from(scenario.logons.len());
    scenario.logons.push(Logon {
        client: ClientId::from(scenario.clients.len()),
        call: ClientId::from(client.calls.len()).0,
    });
    Call::LogonEx(id)
}

fn call(field: Field<'_>, written: &str, client: &Client, scenario: &mut Scenario) -> Read<Call> {
    let (method, target) = split_call(written);
    let takes = lookup(method, "call", &METHODS).map_err(|message| field.mistake(message))?;
    let needs = |what: &str| {
        let message = format!("`{method}` needs {what} after a colon: `{method}:NAME`");
        target.ok_or_else(|| field.mistake(message))
    };
    match takes {
        Target::Nothing(_) | Target::LogonEx if target.is_some() => {
            Err(field.mistake(format!("`{method}` takes nothing after a colon")))
        }
        Target::Nothing(call) => Ok(call),
        Target::LogonEx => {
            within(scenario.logons.len(), ids::LOGONS, "LOGONS", "MAPILogonEx calls", field.at)?;
            Ok(logon(client, scenario))
        }
        Target::LogoffFlags => logoff(field, target),
        Target::Provider => {
            let names = scenario.providers.iter().map(|provider| provider.name.as_str());
            refer(field, needs("a provider")?, "provider", names)
                .map(|index| Call::OpenMsgStore(index.into()))
        }
        Target::Profile => {
            let names = scenario.profiles.iter().map(|profile| profile.name.as_str());
            refer(field, needs("a profile")?, "profile", names)
                .map(|index| Call::DeleteProfile(index.into()))
        }
        Target::Service => {
            let names = scenario.services.iter().map(|service| service.name.as_str());
            refer(field, needs("a service")?, "service", names)
                .map(|index| Call::RemoveService(index.into()))
        }
    }
}

fn logoff(field: Field<'_>, target: Option<&str>) -> Read<Call> {
    let known: Vec<_> = LogoffFlags::all().iter_names().collect();
    let mut flags = LogoffFlags::empty();
    for word in target.into_iter().flat_map(|target| target.split('|')) {
        let flag = lookup(word, "logoff flag", &known).map_err(|m| field.mistake(m))?;
        if flags.contains(flag) {
            return Err(field.mistake(format!("logoff flag `{word}` is given twice")));
        }
        flags |= flag;
    }
    Ok(Call::Logoff(flags))
}

/// The position of the name a value refers to.
pub(super) fn refer<'n>(
    field: Field<'_>,
    written: &str,
    what: &str,
    names: impl Iterator<Item = &'n str>,
) -> Read<usize> {
    let names: Vec<_> = names.collect();
    names.iter().position(|name| *name == written).ok_or_else(|| {
        let choice = admissible(written, &names);
        field.mistake(format!("the file has no {what} {}; {choice}", quoted(written)))
    })
}
