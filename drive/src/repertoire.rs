//! The calls that a client may make in a scenario.

use std::collections::BTreeSet;

use mapi_logon_model::ids::ClientId;
use mapi_logon_model::mapi::{LogoffFlags, LogonFlags, ProviderKind};
use mapi_logon_model::policy::ParameterChecks;
use mapi_logon_model::protocol::{Call, Method};
use mapi_logon_model::scenario::{Scenario, split_call};

use crate::moves::Calling;
use crate::protocol::{Dialogs, Hello};

/// The calls that each client may make in a scenario with an adapter that can make them.
pub(crate) fn repertoires(scenario: &Scenario, hello: &Hello) -> Vec<Repertoire> {
    let dialogs = dialogs_of(hello, scenario);
    let clients = 0..scenario.clients.len();
    let mut all: Vec<_> = clients.map(|at| repertoire(scenario, at.into(), dialogs)).collect();
    for own in &mut all {
        for list in [&mut own.logons, &mut own.methods, &mut own.others] {
            list.retain(|one| hello.calls.iter().any(|call| call == split_call(&one.call).0));
        }
    }
    all
}

/// The scenario as far as an adapter can make its calls: those that it cannot are left out of the
/// lists of the clients. An adapter without MAPIInitialize has initialised every client.
pub(crate) fn supported(mut scenario: Scenario, hello: &Hello) -> Scenario {
    let makes = |name: &str| hello.calls.iter().any(|call| call == name);
    let initializes = makes("MAPIInitialize");
    for client in &mut scenario.clients {
        let calls = std::mem::take(&mut client.calls).into_iter();
        let listed = calls.zip(std::mem::take(&mut client.written));
        (client.calls, client.written) = listed
            .filter(|(call, written)| {
                let counts = matches!(call, Call::Initialize | Call::Uninitialize);
                makes(split_call(written).0) && (initializes || !counts)
            })
            .unzip();
        client.initializes &= initializes;
    }
    scenario
}

/// What is left out of a scenario for want of an adapter that can do it: names of calls, and flags
/// that open dialogs.
pub(crate) fn left_out(scenario: &Scenario, hello: &Hello) -> Vec<String> {
    let dialogs = dialogs_of(hello, scenario);
    let clients = 0..scenario.clients.len();
    let all = clients.map(|at| repertoire(scenario, at.into(), Dialogs::Scripted));
    let calls = all.flat_map(|own| [own.logons, own.methods, own.others].concat());
    let names: BTreeSet<_> = calls.map(|one| split_call(&one.call).0.to_owned()).collect();
    let lacks = |name: &String| !hello.calls.contains(name);
    let mut what: Vec<_> = names.into_iter().filter(lacks).collect();
    if dialogs == Dialogs::None {
        let flags = scenario.clients.iter().map(|own| own.flags | own.choice_of_flags());
        let flags = flags.fold(LogonFlags::empty(), |all, own| all | own) & UI;
        what.extend(flags.iter_names().map(|(name, _)| format!("{name} (it shows no dialogs)")));
    }
    what
}

/// Where a reading knows no dialogs, flags that allow them do no harm.
pub(crate) fn dialogs_of(hello: &Hello, scenario: &Scenario) -> Dialogs {
    if scenario.policy.dialogs == mapi_logon_model::policy::Dialogs::Off {
        return Dialogs::Scripted;
    }
    hello.controls.dialogs
}

/// The calls that a client may make in a scenario, sessions aside: every way to log on, every
/// method that makes sense, and whatever else a client of the scenario lists.
fn repertoire(scenario: &Scenario, client: ClientId, dialogs: Dialogs) -> Repertoire {
    let own = &scenario.clients[client.index()];
    let mut logons: Vec<Calling> = own
        .choices(own.logon(0))
        .flat_map(|logon| {
            own.passed(logon.name)
                .map(str_or_null)
                .map(move |profile| (logon, profile))
                .collect::<Vec<_>>()
        })
        .map(|(logon, profile)| Calling {
            client: own.name.clone(),
            call: "MAPILogonEx".to_owned(),
            profile,
            password: own.password,
            flags: shown(logon.flags, dialogs).bits(),
            on: 0,
        })
        .collect();
    logons.dedup();
    // T-4: an undefined bit is a parameter error.
    let undefined = 1 << LogonFlags::all().bits().trailing_ones();
    if scenario.policy.parameter_checks == ParameterChecks::On {
        let first = logons.first().cloned();
        logons.extend(first.map(|one| Calling { flags: one.flags | undefined, ..one }));
    }
    let call = |call: String| Calling { client: own.name.clone(), call, ..Calling::default() };
    let mut methods: Vec<_> = ["Logoff", "Release", "OpenAddressBook", "GetStatusTable"]
        .into_iter()
        .chain(["GetMsgStoresTable", "QueryIdentity"])
        .map(|name| call(name.to_owned()))
        .collect();
    for id in scenario.of_kind(ProviderKind::MessageStore) {
        methods.push(call(format!("OpenMsgStore:{}", scenario.providers[id.index()].name)));
    }
    let mut others = Vec::new();
    for (listed, written) in
        scenario.clients.iter().flat_map(|one| one.calls.iter().zip(&one.written))
    {
        match listed {
            Call::OnSession(_, Method::Logoff(flags))
                if dialogs == Dialogs::None && flags.contains(LogoffFlags::MAPI_LOGOFF_UI) => {}
            Call::OnSession(..) => methods.push(call(written.clone())),
            Call::DeleteProfile(_) => others.push(call(written.clone())),
            Call::Initialize | Call::Uninitialize if own.initializes => {
                others.push(call(written.clone()));
            }
            Call::Initialize | Call::Uninitialize | Call::LogonEx(_) => {}
        }
    }
    for list in [&mut methods, &mut others] {
        let mut seen = BTreeSet::new();
        list.retain(|one| seen.insert(one.call.clone()));
    }
    Repertoire { logons, methods, others }
}

fn str_or_null(name: Option<&str>) -> Option<String> {
    name.map(str::to_owned)
}

/// Without control of dialogs none may open.
fn shown(flags: LogonFlags, dialogs: Dialogs) -> LogonFlags {
    if dialogs == Dialogs::Scripted { flags } else { flags - UI }
}

/// Flags with which dialogs may open.
pub(crate) const UI: LogonFlags = LogonFlags::MAPI_LOGON_UI
    .union(LogonFlags::MAPI_PASSWORD_UI)
    .union(LogonFlags::MAPI_SERVICE_UI_ALWAYS);

/// The calls that a client may make.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Repertoire {
    pub(crate) logons: Vec<Calling>,
    pub(crate) methods: Vec<Calling>,
    pub(crate) others: Vec<Calling>,
}
