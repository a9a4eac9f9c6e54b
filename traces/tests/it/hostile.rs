//! Damaged, truncated, endless and foreign files are refused with their line.

use std::fs;
use std::io::{BufReader, Read};

use mapi_logon_traces::export::itf;
use mapi_logon_traces::import::mapped::Mapping;
use mapi_logon_traces::recording::Recording;
use mapi_logon_traces::replay::{follow_all, replay};
use proptest::prelude::*;

use crate::support::{files, import, root};

/// A change of some bytes.
#[derive(Clone, Debug)]
enum Damage {
    Flip(usize, u8),
    Insert(usize, Vec<u8>),
    Remove(usize, usize),
    Truncate(usize),
    Repeat(usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = 0_usize..1_000_000;
    let pieces = prop::sample::select(vec![
        b"\xff\xfe".to_vec(),
        b"\n".to_vec(),
        b"null".to_vec(),
        b"-1".to_vec(),
        b"1e999".to_vec(),
        b"\"".to_vec(),
        b"{".to_vec(),
        b"[[[[[[[[".to_vec(),
        b"\\u0000".to_vec(),
        b"\0".to_vec(),
        b"18446744073709551616".to_vec(),
        b"MAPI_E_".to_vec(),
        b"\xed\xa0\x80".to_vec(),
    ]);
    prop_oneof![
        (at.clone(), any::<u8>()).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        (at.clone(), pieces).prop_map(|(at, piece)| Damage::Insert(at, piece)),
        (at.clone(), 1_usize..200).prop_map(|(at, count)| Damage::Remove(at, count)),
        at.clone().prop_map(Damage::Truncate),
        (at, 1_usize..400).prop_map(|(at, count)| Damage::Repeat(at, count)),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: &Damage) {
    let place = |at: usize, bytes: &[u8]| at % (bytes.len() + 1);
    match damage {
        Damage::Flip(at, bits) => {
            let at = place(*at, bytes);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= bits;
            }
        }
        Damage::Insert(at, piece) => {
            let at = place(*at, bytes);
            bytes.splice(at..at, piece.iter().copied());
        }
        Damage::Remove(at, count) => {
            let at = place(*at, bytes);
            let end = (at + count).min(bytes.len());
            bytes.drain(at..end);
        }
        Damage::Truncate(at) => bytes.truncate(place(*at, bytes)),
        Damage::Repeat(at, count) => {
            let at = place(*at, bytes);
            let end = (at + count).min(bytes.len());
            let piece = bytes[at..end].to_vec();
            bytes.splice(at..at, piece);
        }
    }
}

/// Traces, recordings, an ITF file and recordings of libmapi: what readers are given.
fn seeds() -> Vec<Vec<u8>> {
    let corpus = root().join("traces/corpus");
    let mut seeds: Vec<Vec<u8>> = Vec::new();
    for folder in ["conforming", "violating"] {
        let paths = files(&corpus.join(folder), "jsonl");
        seeds.extend(paths.iter().step_by(7).map(|path| fs::read(path).unwrap()));
    }
    let trace = seeds[0].clone();
    let (header, lines) = follow_all(trace.as_slice()).unwrap();
    let world = mapi_logon_traces::replay::world(&header).unwrap();
    let mut text = Vec::new();
    for event in mapi_logon_traces::export::recording::recording(&lines, &world) {
        mapi_logon_traces::write::write_line(&mut text, &event).unwrap();
    }
    seeds.push(text);
    let document = itf::export(trace.as_slice()).unwrap();
    seeds.push(document.to_string().into_bytes());
    let real = fs::read(root().join("tests/data/mapi4linux.jsonl")).unwrap();
    seeds.push(real[..60_000].to_vec());
    seeds
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 800,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_damage_makes_a_reader_panic(
        seed in 0_usize..10_000,
        damages in prop::collection::vec(damage(), 1..6),
    ) {
        let seeds = seeds();
        let mut bytes = seeds[seed % seeds.len()].clone();
        for one in &damages {
            apply(&mut bytes, one);
        }
        let _ = replay(bytes.as_slice());
        let _ = itf::replay(bytes.as_slice());
        let _ = import(bytes.as_slice());
        if let Ok(recording) = Recording::read(bytes.as_slice())
            && let Ok(scenario) = mapi_logon_traces::explain::derive(&recording)
        {
            let limits = mapi_logon_traces::explain::ExplainLimits {
                faults: Some(2), states: 2_000, steps: 20_000, ..Default::default() };
            let _ = mapi_logon_traces::explain::explain(&recording, &scenario, &limits);
        }
        if let Ok(text) = std::str::from_utf8(&bytes) {
            let _ = Mapping::parse(text);
        }
    }
}

#[test]
fn errors_are_reported_with_their_line() {
    let trace =
        fs::read_to_string(&files(&root().join("traces/corpus/conforming"), "jsonl")[0]).unwrap();
    let (header, steps) = trace.split_once('\n').unwrap();
    let deep = "[".repeat(100_000);
    let cases = [
        (String::new(), "1:1: the file is empty; a trace begins with a header".to_owned()),
        ("\n\n".to_owned(), "1:1: the file is empty; a trace begins with a header".to_owned()),
        (
            "{}\n".to_owned(),
            "1:1: this is not the header of a trace: `format` must be \"mapi-logon trace\"".into(),
        ),
        (
            header.replace("\"version\":2", "\"version\":3"),
            "1:1: version 3 of the format is unknown; only 2 is read".to_owned(),
        ),
        (
            header.replace("\"version\":2", "\"version\":1"),
            "1:1: this trace has version 1 of the format, which is no longer read; write it again"
                .to_owned(),
        ),
        (format!("{header}\n{{\"step\":1"), "2:9: EOF while parsing an object".to_owned()),
        (format!("{header}\n{deep}"), "2:128: recursion limit exceeded".to_owned()),
        (format!("{header}\n{{\"step\":{deep}"), "2:135: recursion limit exceeded".to_owned()),
        (header.replace("[[client]]", "[[client]]\\ncolour = 1"), "1:1: the scenario, ".to_owned()),
        (steps.to_owned(), "1:1: this is not the header of a trace".to_owned()),
        (
            format!("{header}\n[1]"),
            "2:3: invalid length 1, expected a step: an object with step".to_owned(),
        ),
        (
            format!("{header}\n{}", steps.replacen("\"action\"", "\"acton\"", 1)),
            "2:17: unknown key `acton`; it is one of `step`, `action`, `effects`, \
             `taken`, `state`; did you mean `action`?"
                .to_owned(),
        ),
    ];
    for (text, expected) in cases {
        let told = replay(text.as_bytes()).unwrap_err().to_string();
        assert!(told.starts_with(&expected), "{told:?} instead of {expected:?}");
    }
}

#[test]
fn a_recording_without_events_is_no_success() {
    for empty in ["", "\n", "   \n\n", "\u{feff}"] {
        let told = Recording::read(empty.as_bytes()).unwrap_err().to_string();
        assert_eq!(told, "1:1: the recording is empty; it shows nothing to explain");
    }
}

#[test]
fn errors_of_a_recording_say_what_is_admissible() {
    let good = r#"{"client":"a","call":"MAPILogonEx","result":"S_OK"}"#;
    let cases = [
        (r#"{"client":"a","call":"MAPILogon","result":"S_OK"}"#, "did you mean `MAPILogonEx`?"),
        (r#"{"client":"a","call":"Logoff","result":"S_OKAY"}"#, "unknown result `S_OKAY`"),
        (r#"{"client":"a","call":"Logoff","result":[]}"#, "must be a name or a number"),
        (r#"{"client":"a","call":"Logoff","resullt":"S_OK"}"#, "unknown key `resullt`"),
        (r#"{"client":"a","call":"OpenMsgStore","result":"S_OK"}"#, "does not say what it acts on"),
        (r#"{"client":"a","call":"OpenMsgStore","args":{"lpEntryID":null}}"#, "OPN-5"),
        (r#"{"client":"a","call":"MAPILogonEx","args":{"lppSession":null}}"#, "PAR-7"),
        (r#"{"client":"a","call":"Logoff:NOW","result":"S_OK"}"#, "unknown logoff flag `NOW`"),
        (
            r#"{"client":"a","call":"MAPILogonEx","args":{"flags":"MAPI_NEW_SESION"},"result":0}"#,
            "did you mean `MAPI_NEW_SESSION`?",
        ),
        (
            r#"{"client":"a","call":"Logoff","result":"S_OK","begin":1}"#,
            "in every event or in none",
        ),
        ("[1]", "a value must be a string, not `1`"),
    ];
    for (line, expected) in cases {
        let told = Recording::read(format!("{good}\n{line}\n").as_bytes()).unwrap_err();
        assert_eq!(told.line, 2, "{line}");
        assert!(told.reason.contains(expected), "{:?} instead of {expected:?}", told.reason);
    }
}

#[test]
fn a_long_word_is_quoted_in_part() {
    let long = "x".repeat(100_000);
    for line in [
        format!(r#"{{"client":"a","call":"Logoff","result":"{long}"}}"#),
        format!(r#"{{"client":"a","call":"{long}","result":"S_OK"}}"#),
    ] {
        let told = Recording::read(line.as_bytes()).unwrap_err().to_string();
        assert!(told.len() < 1_000, "{} bytes", told.len());
    }
}

#[test]
fn a_line_of_a_hundred_megabytes_is_refused_without_being_kept() {
    let endless = || BufReader::new(std::io::repeat(b'{').take(100 << 20));
    assert!(replay(endless()).unwrap_err().reason.contains("longer than"));
    assert!(Recording::read(endless()).unwrap_err().reason.contains("longer than"));
    assert!(import(endless()).unwrap_err().reason.contains("longer than"));
}
