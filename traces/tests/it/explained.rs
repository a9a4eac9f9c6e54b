//! Recordings of the machine are explained, with the faults that struck and no more.

use std::collections::BTreeSet;
use std::fs;

use mapi_logon_model::machine::Model;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_traces::explain::{ExplainLimits, ExplainVerdict, derive, explain, hypotheses};
use mapi_logon_traces::export::recording::recording;
use mapi_logon_traces::recording::Recording;
use mapi_logon_traces::replay::{follow_all, replay};
use mapi_logon_traces::synthetic::{Synthesis, synthesize};
use mapi_logon_traces::write::write_line;

use crate::support::{built_in, files, read, recording as seen, root};

/// Four clients, two of which share a session, two services with three providers.
pub(crate) fn four() -> Scenario {
    let mut text = String::new();
    for (service, providers) in [("Exchange", "EXAB EXMS"), ("Files", "PST")] {
        if text.is_empty() {
            text += "[[profile]]\nname = 'Work'\n";
        }
        text += &format!("[[profile.service]]\nname = '{service}'\nidentity = true\n");
        for name in providers.split(' ') {
            let kind = if name == "EXAB" { "address-book" } else { "message-store" };
            let header = "[[profile.service.provider]]";
            text += &format!("{header}\nname = '{name}'\nkind = '{kind}'\n");
        }
    }
    for (name, flags) in [
        ("c1", "'MAPI_NEW_SESSION'"),
        ("c2", "'MAPI_NEW_SESSION'"),
        ("c3", "'MAPI_ALLOW_OTHERS'"),
        ("c4", ""),
    ] {
        text += &format!("[[client]]\nname = '{name}'\nprofile = 'Work'\nflags = [{flags}]\n");
    }
    Scenario::parse(&text).unwrap()
}

#[test]
fn exported_run_of_the_corpus_says_its_world_and_is_explained_in_it() {
    for path in files(&root().join("traces/corpus/conforming"), "jsonl") {
        let text = fs::read(&path).unwrap();
        let (header, lines) = follow_all(text.as_slice()).unwrap();
        let world = mapi_logon_traces::replay::world(&header).unwrap();
        let mut text = Vec::new();
        for event in recording(&lines, &world) {
            write_line(&mut text, &event).unwrap();
        }
        let exported = Recording::read(text.as_slice()).unwrap();
        let scenario = exported.scenario.clone().unwrap();
        let found = explain(&exported, &scenario, &ExplainLimits::default()).unwrap();
        let explanation = &found.explanation;
        assert_eq!(explanation.verdict, ExplainVerdict::Explained, "{}", path.display());
        let witness = found.witness(&exported).unwrap();
        let replayed = replay(witness.to_text().as_bytes()).unwrap();
        assert_eq!(replayed.divergence, None, "{}", path.display());
    }
}

#[test]
fn a_synthetic_recording_is_explained_with_no_more_faults_than_struck() {
    for (seed, concurrency) in [(1, 1), (2, 2), (3, 3), (4, 4), (5, 4)] {
        let synthesis = Synthesis { events: 300, seed, tries_per_fault: 60, concurrency };
        let made = synthesize(four(), synthesis);
        let events = seen(&made.events);
        let limits = ExplainLimits { faults: Some(1_000), ..ExplainLimits::default() };
        let report = explain(&events, &four(), &limits).unwrap();
        assert_eq!(report.explanation.verdict, ExplainVerdict::Explained, "seed {seed}");
        assert!(report.explanation.faults <= made.faults, "seed {seed}");
        assert_eq!(report.explanation.struck.len(), report.explanation.faults as usize);
        let witness = report.witness(&events).unwrap();
        assert_eq!(replay(witness.to_text().as_bytes()).unwrap().divergence, None);
    }
}

#[test]
fn a_hundred_thousand_events_of_four_clients_are_explained() {
    let synthesis = Synthesis { events: 100_000, seed: 7, tries_per_fault: 1_000, concurrency: 4 };
    let made = synthesize(four(), synthesis);
    assert!(made.faults > 40, "{}", made.faults);
    let limits = ExplainLimits { faults: Some(1_000), ..ExplainLimits::default() };
    let report = explain(&seen(&made.events), &four(), &limits).unwrap();
    assert_eq!(report.explanation.verdict, ExplainVerdict::Explained);
    assert!(report.explanation.faults > 10);
    assert!(report.work < 5_000_000, "{} steps", report.work);
}

#[test]
fn frequent_faults_are_found_without_following_every_order_of_calls() {
    let synthesis = Synthesis { events: 10_000, seed: 7, tries_per_fault: 4, concurrency: 4 };
    let made = synthesize(four(), synthesis);
    assert!(made.faults > 1_500, "{}", made.faults);
    let limits =
        ExplainLimits { faults: Some(1_000_000), steps: 3_000_000, ..ExplainLimits::default() };
    let report = explain(&seen(&made.events), &four(), &limits).unwrap();
    assert_eq!(report.explanation.verdict, ExplainVerdict::Explained);
    assert!(report.explanation.faults > 300);
}

#[test]
fn a_call_that_never_returned_is_explained_by_a_dialog_that_nobody_answers() {
    let (_, scenario) = built_in().into_iter().find(|(n, _)| n == "wait-behind-dialog").unwrap();
    let recording = read(concat!(
        r#"{"client":"outlook","call":"MAPILogonEx","begin":1}"#,
        "\n",
        r#"{"client":"reminder","call":"MAPILogonEx","result":"MAPI_E_TIMEOUT","begin":2,"end":3}"#,
    ));
    let found = explain(&recording, &scenario, &ExplainLimits::default()).unwrap().explanation;
    assert_eq!((found.verdict, found.explained), (ExplainVerdict::Explained, 2));
}

#[test]
fn overlapping_calls_may_be_recorded_in_either_order() {
    let (_, scenario) = built_in().into_iter().find(|(n, _)| n == "shared-session").unwrap();
    let clients: Vec<_> = scenario.clients.iter().map(|client| client.name.clone()).collect();
    let line = |client: &str, begin: u32, end: u32, joined: bool| {
        let event = format!(r#""client":"{client}","call":"MAPILogonEx","result":"S_OK""#);
        format!(r#"{{{event},"begin":{begin},"end":{end},"joined":{joined}}}"#)
    };
    let model = Model::new(scenario.clone());
    assert!(model.scenario().clients.len() >= 2);
    let explained = |first: String, second: String| {
        let recording = read(&format!("{first}\n{second}\n"));
        explain(&recording, &scenario, &ExplainLimits::default()).unwrap().explanation.verdict
    };
    // The second can only join what the first has made before.
    let sequential = explained(line(&clients[0], 1, 2, false), line(&clients[1], 3, 4, true));
    let overlapping = explained(line(&clients[0], 1, 4, false), line(&clients[1], 2, 3, true));
    assert_eq!((sequential, overlapping), (ExplainVerdict::Explained, ExplainVerdict::Explained));
    let reversed = explained(line(&clients[1], 1, 2, true), line(&clients[0], 3, 4, false));
    assert_eq!(reversed, ExplainVerdict::Unexplained);
}

#[test]
fn a_world_is_derived_where_none_is_given() {
    let recording = read(concat!(
        r#"{"client":"mail","call":"MAPILogonEx","args":{"profile":"Ann","flags":"0x2"},"#,
        r#""result":0}"#,
        "\n",
        r#"{"client":"mail","call":"IMAPISession::OpenMsgStore","args":{"store":"Mailbox"},"#,
        r#""result":"0x80040115"}"#,
        "\n",
    ));
    let scenario = derive(&recording).unwrap();
    assert_eq!(scenario.profiles[0].name, "Ann");
    assert_eq!(scenario.providers[0].name, "Mailbox");
    let limits = ExplainLimits { faults: Some(u32::MAX), ..ExplainLimits::default() };
    let found = explain(&recording, &scenario, &limits).unwrap().explanation;
    assert_eq!(found.unexplained.as_ref().map(|one| one.event), Some(2));
    let told = hypotheses(&recording, &scenario, &limits, found.explained, 1_000_000);
    let late = told.iter().find(|one| one.set.keys().eq(["START"])).unwrap();
    assert_eq!((late.explained, late.faults), (2, 1));
}

#[test]
fn all_explanations_with_the_fewest_faults_are_runs_of_their_own() {
    let (_, scenario) = built_in().into_iter().find(|(n, _)| n == "lost-store").unwrap();
    let recording = read(concat!(
        r#"{"client":"outlook","call":"MAPILogonEx","result":"S_OK"}"#,
        "\n",
        r#"{"client":"outlook","call":"OpenMsgStore:EXMS","result":"MAPI_E_LOGON_FAILED"}"#,
    ));
    let found = explain(&recording, &scenario, &ExplainLimits::default()).unwrap();
    assert_eq!(found.explanation.verdict, ExplainVerdict::Explained);
    let witnesses = found.witnesses(&recording, 1_000).unwrap();
    assert_eq!(witnesses[0], found.witness(&recording).unwrap());
    let texts: BTreeSet<String> = witnesses.iter().map(|one| one.to_text()).collect();
    assert_eq!(texts.len(), witnesses.len());
    let mut struck = BTreeSet::new();
    for text in &texts {
        let replayed = replay(text.as_bytes()).unwrap();
        assert_eq!(replayed.divergence, None);
        let faults = text.matches("\"struck\":").count();
        assert_eq!(faults, found.explanation.faults as usize);
        struck
            .extend(text.split("\"struck\":\"").nth(1).map(|rest| rest.split('"').next().unwrap()));
    }
    // Either kind of fault that the scenario lets strike would do.
    assert_eq!(struck, BTreeSet::from(["data-corruption", "invalid-path"]));
}

#[test]
fn limits_end_in_no_verdict() {
    let synthesis = Synthesis { events: 200, seed: 9, tries_per_fault: 10, concurrency: 4 };
    let made = synthesize(four(), synthesis);
    let limits = ExplainLimits {
        faults: Some(1_000),
        states: 200_000,
        steps: 500,
        ..ExplainLimits::default()
    };
    let found = explain(&seen(&made.events), &four(), &limits).unwrap().explanation;
    assert_eq!(
        (found.verdict, found.limit.as_deref()),
        (ExplainVerdict::Inconclusive, Some("steps"))
    );
    let limits = ExplainLimits {
        faults: Some(1_000),
        states: 3,
        steps: 1_000_000,
        ..ExplainLimits::default()
    };
    let found = explain(&seen(&made.events), &four(), &limits).unwrap().explanation;
    assert_eq!(
        (found.verdict, found.limit.as_deref()),
        (ExplainVerdict::Inconclusive, Some("states"))
    );
}

/// One client, asked for by each of the recordings.
const MAIL: &str = "[[profile]]\nname = 'Work'\n[[client]]\nname = 'mail'\nprofile = 'Work'\n";

/// What the recording comes to whose calls have these results; its witness replays.
fn initialised(calls: &[(&str, &str)]) -> ExplainVerdict {
    let line = |(call, result): &(&str, &str)| {
        format!("{{\"client\":\"mail\",\"call\":\"{call}\",\"result\":\"{result}\"}}\n")
    };
    let events = read(&calls.iter().map(line).collect::<String>());
    let scenario = Scenario::parse(MAIL).unwrap();
    let found = explain(&events, &scenario, &ExplainLimits::default()).unwrap();
    if found.explanation.verdict == ExplainVerdict::Explained {
        let witness = found.witness(&events).unwrap();
        assert_eq!(replay(witness.to_text().as_bytes()).unwrap().divergence, None, "{calls:?}");
    }
    found.explanation.verdict
}

#[test]
fn whether_a_client_is_initialised_before_a_recording_is_unknown() {
    let (init, logon, uninit) = ("MAPIInitialize", "MAPILogonEx", "MAPIUninitialize");
    let (ok, not) = ("S_OK", "MAPI_E_NOT_INITIALIZED");
    for explained in [
        &[(logon, ok)][..],
        &[(logon, not), (logon, not), (init, ok), (logon, ok)],
        &[(logon, ok), (uninit, ok), (logon, not)],
        &[(init, ok), (uninit, ok), (logon, ok)],
        &[(init, ok), (uninit, ok), (logon, not)],
    ] {
        assert_eq!(initialised(explained), ExplainVerdict::Explained, "{explained:?}");
    }
    for wrong in [
        &[(logon, ok), (logon, not)][..],
        &[(logon, not), (logon, ok)],
        &[(init, ok), (logon, not)],
        &[(uninit, ok), (init, ok), (logon, not)],
    ] {
        assert_eq!(initialised(wrong), ExplainVerdict::Unexplained, "{wrong:?}");
    }
}

#[test]
fn a_failure_dialog_without_code_stands_for_any() {
    let text = "[[profile]]\nname = 'Work'\n[[profile.service]]\nname = 'Exchange'\n\
        provider = [{ name = 'EXMS', kind = 'message-store', faults = ['invalid-path'] }]\n\
        [[client]]\nname = 'mail'\nprofile = 'Work'\nflags = ['MAPI_LOGON_UI']\n\
        [faults]\nbudget = 1\n";
    let scenario = Scenario::parse(text).unwrap();
    let verdict = |dialog: &str| {
        let call = "{\"client\":\"mail\",\"call\":\"MAPILogonEx\",\"result\":\"S_OK\"";
        let events = read(&format!("{call},\"dialogs\":[\"{dialog}\"]}}\n"));
        explain(&events, &scenario, &ExplainLimits::default()).unwrap().explanation.verdict
    };
    assert_eq!(verdict("failure:EXMS"), ExplainVerdict::Explained);
    assert_eq!(verdict("failure:EXMS:MAPI_E_NOT_FOUND"), ExplainVerdict::Explained);
    assert_eq!(verdict("failure:EXMS:MAPI_E_VERSION"), ExplainVerdict::Unexplained);
}

/// A server that goes away in one client's call, and is met by another's in the middle of its own.
#[test]
fn fault_that_strikes_in_an_overlapping_call_is_impossible_under_no_limit() {
    let text = fs::read(root().join("tests/data/overlapping-trouble.jsonl")).unwrap();
    let recording = Recording::read(text.as_slice()).unwrap();
    let scenario = recording.scenario.clone().unwrap();
    for states in [500, 5_000, 20_000] {
        let limits = ExplainLimits { states, ..ExplainLimits::default() };
        let found = explain(&recording, &scenario, &limits).unwrap();
        assert_ne!(found.explanation.verdict, ExplainVerdict::Unexplained, "{states} states");
    }
    let found = explain(&recording, &scenario, &ExplainLimits::default()).unwrap();
    assert_eq!(found.explanation.verdict, ExplainVerdict::Explained);
}
