//! Maps that are guessed, and what maps make of NULL, of dialogs and of calls that are left out.

use std::fs;

use mapi_logon_traces::import::guess::guess;
use mapi_logon_traces::import::mapped::ToldCall;
use mapi_logon_traces::recording::{DialogEvent, EventLine, Recording};
use serde_json::{Value, json};

use crate::imported::told;

/// The events of a log.
fn events(map: &str, log: &str) -> Vec<EventLine> {
    let events = told(map, log).into_iter().filter_map(|one| match one {
        ToldCall::Event(event) => Some(*event),
        ToldCall::Unmatched(..) | ToldCall::Bad(_) => None,
    });
    events.collect()
}

/// The errors of a log.
fn bad(map: &str, log: &str) -> Vec<String> {
    let errors = told(map, log).into_iter().filter_map(|one| match one {
        ToldCall::Bad(error) => Some(error.to_string()),
        ToldCall::Unmatched(..) | ToldCall::Event(_) => None,
    });
    errors.collect()
}

#[test]
fn a_guess_takes_no_flags_and_no_session_for_a_result() {
    for (enters, leaves) in [
        ("{} entered", "{} returned hr=0x00000000 session=0x04F1A230"),
        ("> {}", "< {} hr=0x00000000 session=0x04F1A230"),
        ("--> {}", "<-- {} rc=0x00000000 session=0x04F1A230"),
        ("Calling {}", "{} returned: 0x00000000, session=0x04F1A230"),
        ("begin {}", "end {} = 0x00000000 session=0x04F1A230"),
    ] {
        let mut log = String::new();
        for (at, (with, without)) in [
            ("MAPILogonEx(profile=\"Work\", flags=0x00000022)", "MAPILogonEx()"),
            ("OpenMsgStore(session=0x04F1A230, store=\"Ann\", flags=0x10)", "OpenMsgStore()"),
        ]
        .iter()
        .enumerate()
        {
            for line in [enters.replace("{}", with), leaves.replace("{}", without)] {
                log += &format!("2026-11-20 08:59:5{at}.201 [0x1A2C] DEBUG {line}\n");
            }
        }
        let found = guess(log.as_bytes()).unwrap();
        let events = events(&found.map, &log);
        let results: Vec<_> = events.iter().map(|event| event.result.to_string()).collect();
        assert_eq!(results, ["\"S_OK\""; 2], "{log}{}", found.map);
        assert_eq!(events[1].args["store"], "Ann", "{log}{}", found.map);
        assert_eq!(events[1].session, "0x04F1A230", "{log}{}", found.map);
    }
}

#[test]
fn a_guessed_map_reads_the_log() {
    let log = "2026-02-27 08:58:42.021 [1b44] MAPILogonEx profile=\"Work\" flags=0x8\n\
               2026-02-27 08:58:43.500 [1b44] MAPILogonEx returned 0x00000000\n\
               2026-02-27 08:58:44.000 [1b44] chatter\n\
               2026-02-27 08:58:44.100 [1b44] IMAPISession::OpenMsgStore store=\"Ann\"\n\
               2026-02-27 08:58:45.000 [1b44] OpenMsgStore failed: MAPI_E_FAILONEPROVIDER\n";
    let found = guess(log.as_bytes()).unwrap();
    let covered: Vec<_> = found.covered.iter().map(|(line, kind, _)| (*line, *kind)).collect();
    assert_eq!(covered, [(1, "begin"), (2, "end"), (4, "begin"), (5, "end")], "{}", found.map);
    let events = events(&found.map, log);
    assert_eq!(events.len(), 2);
    assert_eq!((&*events[0].client, &*events[0].call), ("1b44", "MAPILogonEx"));
    assert_eq!(events[0].args["profile"], "Work");
    assert_eq!(events[1].args["store"], "Ann");
    assert_eq!(events[1].result, "MAPI_E_FAILONEPROVIDER");
    assert!(guess("nothing\n".as_bytes()).is_err());
}

#[test]
fn a_bare_number_after_the_time_is_guessed_to_be_the_thread() {
    let log = "08:58:42.021 0x1a2c > MAPILogonEx profile=\"P\" flags=0x20\n\
               08:58:42.921 0x1a2c < 0x00000000\n";
    let found = guess(log.as_bytes()).unwrap();
    let events = events(&found.map, log);
    let [event] = events.as_slice() else { panic!("{}", found.map) };
    assert_eq!((&*event.client, &*event.call), ("0x1a2c", "MAPILogonEx"));
    assert!(!found.map.contains("MAPI_[EW]"), "no result has a name: {}", found.map);
}

#[test]
fn a_guessed_map_unchanged_reads_stores_by_place_and_calls_with_and_without_lines_of_their_own() {
    let log = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/groupware.log");
    let log = fs::read_to_string(log).unwrap();
    let found = guess(log.as_bytes()).unwrap();
    let kinds: Vec<_> = found.covered.iter().map(|(line, kind, _)| (*line, *kind)).collect();
    let expected = [
        (1, "call"),
        (2, "begin"),
        (5, "end"),
        (6, "begin"),
        (7, "end"),
        (8, "begin"),
        (9, "end"),
        (10, "call"),
        (11, "begin"),
        (12, "end"),
        (13, "begin"),
        (14, "end"),
    ];
    assert_eq!(kinds, expected, "{}", found.map);
    assert_eq!((found.lines, found.dialogs), (14, 2));
    let events = events(&found.map, &log);
    let flags = "MAPI_EXTENDED|MAPI_ALLOW_OTHERS|MAPI_LOGON_UI";
    let work = json!({"flags": flags, "profile": "Work"});
    let null = json!({"flags": "MAPI_EXTENDED", "profile": null});
    let store = |name: &str| json!({"store": name});
    let expected = [
        ("0x1a2c", "MAPIInitialize", json!({}), "S_OK"),
        ("0x1a2c", "MAPILogonEx", work, "MAPI_W_ERRORS_RETURNED"),
        ("0x1b44", "OpenMsgStore", store("Personal Folders"), "S_OK"),
        ("0x1b44", "OpenMsgStore", store("Mailbox"), "MAPI_E_LOGON_FAILED"),
        ("0x1c00", "MAPIInitialize", json!({}), "S_OK"),
        ("0x1c00", "MAPILogonEx", null, "S_OK"),
        ("0x1c00", "Logoff", json!({}), "S_OK"),
    ];
    assert_eq!(events.len(), expected.len());
    for (event, (client, call, args, result)) in events.iter().zip(expected) {
        assert_eq!((&*event.client, &*event.call), (client, call));
        assert_eq!(serde_json::to_value(&event.args).unwrap(), args, "{call}");
        assert_eq!(event.result, result, "{call}");
        let session = if call == "MAPIInitialize" { Value::Null } else { json!("0x00f1d0") };
        assert_eq!(event.session, session, "{call}");
    }
    assert!(bad(&found.map, &log).is_empty());
}

#[test]
fn null_of_a_log_is_null_in_the_recording() {
    let with = |pattern: &str, log: &str, more: &str| {
        let event = format!("[[event]]\ncall = 'MAPILogonEx'\npattern = \"\"\"{pattern}\"\"\"");
        let map = format!("{}\n{more}", event.replace('\\', r"\\"));
        let args = events(&map, &format!("{log} hr=0\n")).remove(0).args;
        args.get("profile").cloned()
    };
    let optional = r#"profile="?(?<profile>[^", ]*)"?,? .*hr=(?<result>\S+)"#;
    let outside = r#"profile=(?:"(?<profile>[^"]*)"|\S+),? .*hr=(?<result>\S+)"#;
    for pattern in [optional, outside] {
        for written in ["NULL", "null", "(null)", "<null>", "nil", "0x0", "0x00000000"] {
            let log = format!("MAPILogonEx profile={written}, flags=0");
            assert_eq!(with(pattern, &log, ""), Some(Value::Null), "{pattern} {log}");
        }
        for text in ["", "NULL", "Work"] {
            let log = format!("MAPILogonEx profile=\"{text}\", flags=0");
            assert_eq!(with(pattern, &log, ""), Some(json!(text)), "{pattern} {log}");
        }
    }
    assert_eq!(with(optional, "MAPILogonEx profile=, flags=0", ""), Some(Value::Null));
    let none = "[rename.profile]\nnone = 'NULL'\n";
    assert_eq!(with(optional, "MAPILogonEx profile=none, flags=0", none), Some(Value::Null));
    // What a line does not say is not recorded.
    assert_eq!(with("(?<profile>P)?.*hr=(?<result>.+)", "MAPILogonEx flags=0", ""), None);
}

const MAP: &str = r#"
[[event]]
kind = "begin"
pattern = '^(?<client>\w+) > (?<call>\w+)'
[[event]]
kind = "end"
pattern = '^(?<client>\w+) . \w+ hr=(?<result>\S+)'
[[event]]
kind = "begin"
pattern = '^(?<client>\w+) . (?<call>\w+) hr'
[[event]]
kind = "dialog"
pattern = '^(?<client>\w+) shows (?<dialog>\S+)'
"#;

#[test]
fn a_call_that_is_left_out_is_named_by_its_own_lines_and_once() {
    let log = "a > OpenMsgStore\na < OpenMsgStore hr=0\n\
               a > MAPIInitialize\na < MAPIInitialize hr=0\n";
    let told = "1:1: the call of lines 1 and 2 is left out: `OpenMsgStore` does not say what it \
                acts on (pattern 2 of the map)";
    assert_eq!(bad(MAP, log), [told]);
    assert_eq!(events(MAP, log).len(), 1);
}

#[test]
fn a_call_claims_to_have_shown_no_dialog_only_where_the_log_shows_all_of_its_client() {
    let log = "a > MAPILogonEx\na shows password\na < MAPILogonEx hr=0\n\
               a > MAPIInitialize\na < MAPIInitialize hr=0\n\
               b > MAPIInitialize\nb < MAPIInitialize hr=0\n";
    let shown = Some(vec![DialogEvent::Named("password".to_owned())]);
    for (of, expected) in [
        ("", [shown.clone(), None, None]),
        ("dialogs_of = ['a']", [shown.clone(), Some(Vec::new()), None]),
        ("dialogs_of = ['*']", [shown, Some(Vec::new()), Some(Vec::new())]),
    ] {
        let dialogs = events(&format!("{of}{MAP}"), log).into_iter().map(|event| event.dialogs);
        assert_eq!(dialogs.collect::<Vec<_>>(), expected, "{of}");
    }
}

#[test]
fn a_dialog_of_no_known_shape_is_answered_with_those_that_are() {
    let line = r#"{"client":"a","call":"MAPILogonEx","result":0,"dialogs":[{"dialog":"x"}]}"#;
    let told = Recording::read(line.as_bytes()).unwrap_err().to_string();
    let admissible = "a dialog is written \"password\", or with its answer \
                      {\"dialog\": \"password\", \"answer\": \"supply\"}";
    assert!(told.ends_with(admissible), "{told}");
}
