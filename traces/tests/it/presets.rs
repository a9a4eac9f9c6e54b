//! Presets behave as the systems they are named for.

#![expect(clippy::wildcard_enum_match_arm, reason = "each claim is about a few effects")]

use mapi_logon_model::machine::Model;
use mapi_logon_model::policy::Policy;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_traces::cover::{Criterion, cover};
use mapi_logon_traces::effect::Seen;
use mapi_logon_traces::trace::Line;

use crate::support::built_in;

/// Every outcome's run of every small built-in scenario under a preset.
fn runs(preset: &str) -> Vec<(String, Scenario, Vec<Line>)> {
    let mut found = Vec::new();
    for (name, mut scenario) in built_in() {
        scenario.policy = Policy::preset(preset).unwrap();
        let suite = cover(&Model::new(scenario.clone()), Criterion::Outcomes, 20_000);
        for trace in suite.traces {
            found.push((name.clone(), scenario.clone(), trace.lines));
        }
    }
    assert!(found.len() > 50, "{preset}");
    found
}

fn effects(lines: &[Line]) -> impl Iterator<Item = &Seen> {
    let shown = lines.iter().flat_map(|line| &line.effects);
    shown.map(|shown| &shown.effect)
}

#[test]
fn under_openchange_the_first_failure_ends_the_logon_and_is_returned() {
    let mut ended = 0;
    for (name, _, lines) in runs("openchange") {
        let mut pending = None;
        for effect in effects(&lines) {
            match effect {
                Seen::ServiceDisabled { .. } => panic!("{name}: a service is disabled"),
                Seen::Joined { .. } => panic!("{name}: a session is shared"),
                Seen::Resolved { origin, .. } => assert_ne!(*origin, "default", "{name}"),
                Seen::Failed { k, result, session, .. } => {
                    assert_eq!(*k, 1, "{name}: something is retried");
                    pending = Some((session.split('/').next().unwrap().to_owned(), *result));
                }
                Seen::Returned { client, call, result, .. } if call == "MAPILogonEx" => {
                    if let Some((_, expected)) = pending.take_if(|(own, _)| own == client) {
                        assert_eq!(*result, expected, "{name}");
                        ended += 1;
                    }
                }
                _ => {}
            }
        }
    }
    assert!(ended > 20);
}

#[test]
fn under_openchange_address_books_come_first() {
    for (name, scenario, lines) in runs("openchange") {
        let mut stores = false;
        for effect in effects(&lines) {
            match effect {
                Seen::Establishing { .. } => stores = false,
                Seen::Provider { provider, call, .. } if *call == "Init" => {
                    let one = scenario.providers.iter().find(|one| one.name == *provider).unwrap();
                    let book = one.kind.name() == "address-book";
                    assert!(!(book && stores), "{name}");
                    stores |= one.kind.name() == "message-store";
                }
                Seen::Returned { call, .. } if call == "MAPILogonEx" => break,
                _ => {}
            }
        }
    }
}

#[test]
fn under_mapi4linux_and_outlook_a_logon_touches_no_store() {
    for preset in ["mapi4linux", "outlook-observed"] {
        let mut logons = 0;
        for (name, scenario, lines) in runs(preset) {
            let mut current = String::new();
            for effect in effects(&lines) {
                match effect {
                    Seen::Called { call, .. } => current.clone_from(call),
                    Seen::Provider { provider, call, .. } if *call == "Logon" => {
                        let own = |one: &&mapi_logon_model::scenario::Provider| {
                            one.name == *provider && one.kind.name() == "message-store"
                        };
                        let store = scenario.providers.iter().any(|one| own(&one));
                        let alone = scenario.clients.len() == 1;
                        assert!(!(alone && store && current == "MAPILogonEx"), "{preset}: {name}");
                        logons += 1;
                    }
                    Seen::Displayed { .. } => assert_ne!(preset, "mapi4linux", "{name}"),
                    Seen::MutexTaken { .. } => assert_ne!(preset, "mapi4linux", "{name}"),
                    _ => {}
                }
            }
        }
        assert!(logons > 0);
    }
}

#[test]
fn under_thunderbird_and_gromox_the_second_logon_of_a_user_joins_whatever_its_flags() {
    for preset in ["thunderbird", "gromox"] {
        let (mut joined, mut established) = (0, 0);
        for (name, _, lines) in runs(preset) {
            let mut open: Vec<(String, String)> = Vec::new();
            for effect in effects(&lines) {
                match effect {
                    Seen::ProfileOpened { session, profile } => {
                        let twice = open.iter().any(|(_, one)| one == profile);
                        assert!(!twice, "{preset}: {name}: two sessions on {profile}");
                        open.push((session.clone(), profile.clone()));
                        established += 1;
                    }
                    Seen::SessionClosed { session } => open.retain(|(one, _)| one != session),
                    Seen::Joined { session, .. } => {
                        assert!(open.iter().any(|(one, _)| one == session), "{preset}: {name}");
                        joined += 1;
                    }
                    Seen::Displayed { .. } => panic!("{preset}: {name}: a dialog appears"),
                    _ => {}
                }
            }
        }
        assert!(joined > 10 && established > joined, "{preset}: {joined}, {established}");
    }
}
