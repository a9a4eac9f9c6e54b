//! Whatever may be assumed about the world: what MAPI cannot do stays unexplained.

use std::fs;

use mapi_logon_traces::explain::{ExplainLimits, ExplainVerdict, assume, derive};
use mapi_logon_traces::recording::{EventLine, ProviderEvent, Recording};
use serde_json::{Value, json};

use crate::support::{files, recording, root};

/// The reports from the field that are explained.
fn possible() -> Vec<(String, Vec<EventLine>)> {
    let all = files(&root().join("traces/corpus/field"), "jsonl").into_iter().map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        let events = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (path.file_stem().unwrap().display().to_string(), events)
    });
    all.filter(|(_, events): &(_, Vec<EventLine>)| verdict(events) == ExplainVerdict::Explained)
        .collect()
}

fn verdict(events: &[EventLine]) -> ExplainVerdict {
    let recording: Recording = recording(events);
    let limits = ExplainLimits { faults: Some(u32::MAX), ..ExplainLimits::default() };
    let scenario = derive(&recording).unwrap();
    let (report, ..) = assume(&recording, &scenario, &limits).unwrap();
    report.explanation.verdict
}

fn call(like: &EventLine, call: &str, result: &str) -> EventLine {
    let timed = |event: &EventLine| event.end.or(event.begin).map(|time| time + 1e6);
    EventLine {
        client: like.client.clone(),
        call: call.to_owned(),
        result: Value::from(result),
        begin: timed(like),
        end: timed(like),
        ..EventLine::default()
    }
}

/// Changes after which a recording shows what cannot be; nothing where one does not apply.
type Change = fn(&mut Vec<EventLine>) -> Option<()>;

const CHANGES: [(&str, Change); 7] = [
    ("a logon passes on that a provider is busy", |events| {
        let logon = events.iter_mut().find(|one| one.call == "MAPILogonEx")?;
        logon.result = json!("MAPI_E_BUSY");
        logon.end = logon.begin;
        Some(())
    }),
    ("a store is opened before the first logon", |events| {
        let first = events.first()?.clone();
        let opened = events.iter().find(|one| one.call.starts_with("OpenMsgStore:"))?;
        let begin = first.begin.map(|time| time - 2.0);
        let early = EventLine { begin, end: begin, ..call(&first, &opened.call, "S_OK") };
        events.insert(0, early);
        Some(())
    }),
    ("a logoff is not possible for want of a network", |events| {
        let last = events.iter().rev().find(|one| one.result == "S_OK")?.clone();
        events.push(call(&last, "Logoff", "MAPI_E_NETWORK_ERROR"));
        Some(())
    }),
    ("a session is logged off twice", |events| {
        let last = events.iter().rev().find(|one| one.call == "Logoff")?.clone();
        events.push(call(&last, "Logoff", "S_OK"));
        Some(())
    }),
    ("a logon times out that may wait", |events| {
        let logon = events.iter_mut().find(|one| one.call == "MAPILogonEx")?;
        let flags = logon.args.get("flags").and_then(Value::as_str).unwrap_or_default();
        let waits = !flags.contains("TIMEOUT");
        logon.result = json!("MAPI_E_TIMEOUT");
        logon.end = logon.begin;
        waits.then_some(())
    }),
    ("the first logon joins a session", |events| {
        let logon = events.iter_mut().find(|one| one.call == "MAPILogonEx")?;
        logon.joined = Some(true);
        (logon.result == "S_OK").then_some(())
    }),
    ("a provider is tried three times", |events| {
        let logon = events.iter_mut().find(|one| one.call == "MAPILogonEx")?;
        let event = |call: &str, result: &str| ProviderEvent {
            provider: "EXMS".to_owned(),
            call: call.to_owned(),
            result: Some(result.to_owned()),
        };
        let fails = || event("Logon", "MAPI_E_NETWORK_ERROR");
        logon.provider_events = Some(vec![event("Init", "S_OK"), fails(), fails(), fails()]);
        (logon.result == "S_OK").then_some(())
    }),
];

#[test]
fn recordings_that_no_world_explains_stay_unexplained() {
    let (possible, mut tried) = (possible(), 0);
    for (name, events) in &possible {
        for (what, change) in CHANGES {
            let mut changed = events.clone();
            if change(&mut changed).is_some() {
                tried += 1;
                assert_eq!(verdict(&changed), ExplainVerdict::Unexplained, "{name}: {what}");
            }
        }
    }
    assert!(tried >= 40, "{tried} of {} recordings", possible.len());
}
