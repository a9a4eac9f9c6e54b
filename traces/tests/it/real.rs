//! The model explains what a real Extended MAPI subsystem did.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;

use mapi_logon_model::policy::Policy;
use mapi_logon_traces::explain::{ExplainLimits, ExplainVerdict, Explanation, explain, hypotheses};
use mapi_logon_traces::import::mapi4linux::Imports;
use mapi_logon_traces::replay::replay;

use crate::support::{import, recording, root};

/// Families of which every scenario must be explained.
const FAMILIES: [&str; 10] = [
    "resolve",
    "store_logon",
    "store_logon_once_then_ok",
    "store_logon_fails_then_relogon_session",
    "ab_logon",
    "ab_logon_both",
    "ab_provider_init",
    "ms_provider_init",
    "shared",
    "flag_alone",
];

fn scenarios() -> Vec<Imports> {
    let file = File::open(root().join("tests/data/mapi4linux.jsonl")).unwrap();
    import(BufReader::new(file)).unwrap().scenarios
}

fn family(scenario: &Imports) -> String {
    let title = scenario.scenario.name.clone().unwrap();
    title.split('/').next().unwrap().to_owned()
}

fn explained(one: &Imports, preset: &str) -> Explanation {
    let mut scenario = one.scenario.clone();
    scenario.policy = Policy::preset(preset).unwrap();
    let recording = recording(&one.events);
    let report = explain(&recording, &scenario, &ExplainLimits::default()).unwrap();
    let witness = report.witness(&recording).unwrap();
    let replayed = replay(witness.to_text().as_bytes()).unwrap();
    assert_eq!(replayed.divergence, None, "{}", one.name);
    let mut explanation = report.explanation;
    if explanation.verdict == ExplainVerdict::Unexplained {
        let limits = ExplainLimits::default();
        let found = explanation.explained;
        explanation.hypotheses = hypotheses(&recording, &scenario, &limits, found, 2_000_000);
    }
    explanation
}

#[test]
fn libmapi_is_explained_by_its_preset() {
    let mut families = BTreeMap::new();
    for one in scenarios() {
        let found = explained(&one, "mapi4linux");
        assert_eq!(found.verdict, ExplainVerdict::Explained, "{}: {found:?}", one.name);
        assert_eq!(found.faults, 0, "{}: the script alone explains it", one.name);
        *families.entry(family(&one)).or_insert(0) += 1;
    }
    for family in FAMILIES {
        assert!(families.contains_key(family), "{family}");
    }
    assert_eq!(families["resolve"], 122);
}

#[test]
fn what_deviates_from_the_documentation_is_unexplained_and_the_switches_are_named() {
    let mut needed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for one in scenarios() {
        let found = explained(&one, "documented");
        if found.verdict == ExplainVerdict::Explained {
            continue;
        }
        let event = found.unexplained.as_ref().unwrap();
        assert_eq!(found.explained + 1, event.event, "{}", one.name);
        assert!(!event.nearest.is_empty(), "{}", one.name);
        let first = found.hypotheses.first().unwrap_or_else(|| panic!("{}", one.name));
        assert_eq!((first.explained, first.preset.as_ref()), (found.events, None));
        let preset = found.hypotheses.iter().find_map(|one| one.preset.as_deref());
        assert_eq!(preset, Some("mapi4linux"), "{}", one.name);
        let all: BTreeSet<String> = found
            .hypotheses
            .iter()
            .filter(|one| one.preset.is_none())
            .flat_map(|one| one.set.keys().cloned())
            .collect();
        needed.entry(family(&one)).or_default().extend(all);
    }
    let names = |family: &str| needed[family].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(names("resolve"), ["FAILURE_CODES", "SHARED_SESSIONS"]);
    assert_eq!(names("flag_alone"), ["PARAMETER_CHECKS"]);
    assert_eq!(names("shared"), ["REUSE_OPEN_STORE", "SHARED_SESSIONS", "START"]);
    assert!(names("store_logon").contains(&"START"));
    assert!(names("store_logon").contains(&"DISABLE"));
    assert!(names("store_logon").contains(&"ENTRY_POINT_RETRY"));
    assert!(names("ab_logon").contains(&"REUSE_OPEN_STORE"));
    assert_eq!(names("password"), ["PARAMETER_CHECKS"]);
    assert!(names("use_after_logoff").contains(&"LOGOFF"));
}

#[test]
fn every_call_that_was_seen_matters() {
    // A recording with one result changed is explained no more.
    for one in scenarios().iter().filter(|one| family(one) != "resolve") {
        for at in 0..one.events.len() {
            let mut changed = one.clone();
            let result = &mut changed.events[at].result;
            *result = if result == "MAPI_E_BUSY" { "S_OK" } else { "MAPI_E_BUSY" }.into();
            let found = explained_verdict(&changed);
            assert_eq!(found, ExplainVerdict::Unexplained, "{} event {}", one.name, at + 1);
        }
    }
}

fn explained_verdict(one: &Imports) -> ExplainVerdict {
    let mut scenario = one.scenario.clone();
    scenario.policy = Policy::preset("mapi4linux").unwrap();
    let recording = recording(&one.events);
    explain(&recording, &scenario, &ExplainLimits::default()).unwrap().explanation.verdict
}

#[test]
fn what_the_machine_cannot_follow_is_left_out_with_the_reason() {
    let file = File::open(root().join("tests/data/mapi4linux.jsonl")).unwrap();
    let left_out = import(BufReader::new(file)).unwrap().left_out;
    let configured = "a service is configured outside a logon, which the machine does not know";
    let expected = [
        ("profile_admin_errors", "no logon is made in it"),
        ("many_sessions", "5000 calls are recorded as one count, not as events"),
        ("concurrent_logon_timeout_short", "16000 calls are recorded as one count, not as events"),
        ("delete_profile_in_use", "profile \"p1\" is made twice"),
        (
            "uninitialize_with_open_session",
            "it initialises MAPI anew, and profiles end with the last MAPIUninitialize",
        ),
        ("uninitialize_without_initialize", "the process ended with CRASHED_SIGNAL_6"),
        ("msg_service_configure/code=MAPI_E_UNCONFIGURED", configured),
        ("real/ok_http", configured),
    ];
    let expected = expected.map(|(title, reason)| (title.to_owned(), reason.to_owned()));
    assert_eq!(left_out, expected);
}
