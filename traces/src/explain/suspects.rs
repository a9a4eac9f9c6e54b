//! Suspects: the facts about the world that can have caused the failures of a recording.

use std::collections::BTreeSet;

use mapi_logon_model::ids::ProviderId;
use mapi_logon_model::mapi::{Code, Fault};
use mapi_logon_model::scenario::{Named, Scenario};

use super::change::Change;
use crate::recording::{RecordedEvent, Recording, Returned};

/// Most kinds of failures that are looked into.
const KINDS: usize = 12;

/// The facts that may have to do with a recording's failures, in order and without repetition.
pub(super) fn suspects(recording: &Recording, scenario: &Scenario) -> Vec<Change> {
    let (mut found, mut kinds) = (Vec::new(), BTreeSet::new());
    for event in &recording.events {
        let key = (event.method, &event.target, format!("{:?}", event.result));
        let told = event
            .seen
            .provider_events
            .iter()
            .flatten()
            .any(|one| one.result.as_deref().is_some_and(|result| result != "S_OK"));
        if kinds.len() >= KINDS || (!told && !kinds.insert(key)) {
            continue;
        }
        of_event(event, scenario, &mut found);
    }
    if scenario.services.len() > 1 && scenario.services.len() == scenario.providers.len() {
        found.extend(scenario.profiles.iter().map(|one| Change::OneService(one.name.clone())));
    }
    let mut seen = BTreeSet::new();
    found.retain(|change| seen.insert(change.clone()));
    found
}

fn of_event(event: &RecordedEvent, scenario: &Scenario, found: &mut Vec<Change>) {
    let Returned::With(code) = event.result else {
        return;
    };
    match event.method {
        "MAPILogonEx" => logon(event, code, scenario, found),
        "OpenMsgStore" => {
            let store =
                scenario.providers.iter().position(|one| Some(&one.name) == event.target.as_ref());
            if let Some(store) = store {
                let provider = &scenario.providers[store];
                if !code.is_success() {
                    found.extend(of_provider(scenario, store.into(), code));
                }
                if code != Code::NotFound && !scenario.foreign().contains(provider.service) {
                    found.push(Change::Foreign(provider.name.clone()));
                }
            }
        }
        "OpenAddressBook" if code == Code::ErrorsReturned => {
            for (at, one) in scenario.providers.iter().enumerate() {
                if one.kind == mapi_logon_model::mapi::ProviderKind::AddressBook {
                    found.extend(of_provider(scenario, at.into(), Code::FailOneProvider));
                }
            }
        }
        _ => {}
    }
    for one in event.seen.provider_events.iter().flatten() {
        let code = one.result.as_deref().and_then(Code::named);
        let provider = scenario.providers.iter().position(|known| known.name == one.provider);
        if let (Some(code), Some(provider)) = (code.filter(|code| !code.is_success()), provider) {
            found.extend(of_provider(scenario, provider.into(), code));
        }
    }
}

/// Why a provider may have answered a code, or have been lost with it.
fn of_provider(scenario: &Scenario, provider: ProviderId, code: Code) -> Vec<Change> {
    let provider = &scenario.providers[provider.index()];
    let name = || provider.name.clone();
    let service = scenario.services[provider.service.index()].name.clone();
    let full = |code: Code| [0, 1, 2].map(|most| Change::Full(name(), most, code));
    #[expect(clippy::wildcard_enum_match_arm, reason = "other codes have no cause of their own")]
    let mut found = match code {
        Code::FailOneProvider => {
            let mut found = vec![Change::PasswordMissing(name())];
            found.extend(full(code));
            found
        }
        Code::SessionLimit => full(code).to_vec(),
        Code::Unconfigured => vec![Change::ProviderData(name())],
        Code::LogonFailed => {
            let mut found = vec![Change::PasswordWrong(name()), Change::ServiceData(service)];
            found.push(Change::ProviderData(name()));
            found.extend(full(code));
            found
        }
        Code::UserCancel => vec![Change::PasswordMissing(name()), Change::ProviderData(name())],
        _ => Vec::new(),
    };
    let by_fault = Fault::ALL.into_iter().any(|fault| fault.code() == code);
    let answers = !by_fault && code != Code::LogonFailed && !provider.logon_codes.contains(code);
    found.extend(answers.then(|| Change::Answer(name(), code)));
    found
}

fn logon(event: &RecordedEvent, code: Code, scenario: &Scenario, found: &mut Vec<Change>) {
    let name = event.name.clone().flatten();
    let named = match scenario.resolve(name.as_deref().unwrap_or_default()) {
        Named::Profile(profile) => Some(scenario.profiles[profile.index()].name.clone()),
        Named::Nothing | Named::Unknown => None,
    };
    #[expect(clippy::wildcard_enum_match_arm, reason = "other codes have no cause of their own")]
    match code {
        Code::Ok if named.is_none() && scenario.default_name.is_none() => {
            found.extend(scenario.profiles.iter().map(|one| Change::Default(one.name.clone())));
        }
        Code::LogonFailed => {
            found.extend(named.iter().cloned().map(Change::Damaged));
            found.extend(named.iter().cloned().map(Change::ProfilePassword));
            found.extend([1, 2, 3].map(Change::Sessions));
            found.extend(scenario.services.iter().map(|one| Change::Critical(one.name.clone())));
        }
        Code::UserCancel => found.extend(named.into_iter().map(Change::ProfilePassword)),
        _ => {}
    }
}
