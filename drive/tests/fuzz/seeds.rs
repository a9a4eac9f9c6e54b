//! The seeds: built-in scenarios, the corpus, and what is made of them.

use std::fs;
use std::path::{Path, PathBuf};

use mapi_logon_model::policy::{PRESETS, SWITCHES};
use mapi_logon_traces::export::{itf as document, recording};
use mapi_logon_traces::replay::{follow_all, world};
use mapi_logon_traces::write::write_line;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files below a folder whose names end so, in order.
fn files(folder: &str, ending: &str) -> Vec<Vec<u8>> {
    let mut found: Vec<PathBuf> = fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{folder}");
    found.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

pub(crate) fn scenarios() -> Vec<Vec<u8>> {
    let mut seeds = files("scenarios", ".toml");
    seeds.extend(files("tests/data", "user.toml"));
    seeds
}

pub(crate) fn loads() -> Vec<Vec<u8>> {
    let mut seeds = scenarios();
    seeds.retain(|text| String::from_utf8_lossy(text).contains("[load"));
    assert!(!seeds.is_empty());
    seeds
}

pub(crate) fn policies() -> Vec<Vec<u8>> {
    let settings = SWITCHES.iter().flat_map(|switch| {
        switch.values.iter().map(|value| format!("{}={value}", switch.name).into_bytes())
    });
    settings.chain(PRESETS.iter().map(|preset| preset.name.as_bytes().to_vec())).collect()
}

/// The map of a log.
pub(crate) fn map() -> String {
    fs::read_to_string(root().join("tests/data/helpdesk.toml")).unwrap()
}

pub(crate) fn maps() -> Vec<Vec<u8>> {
    vec![map().into_bytes()]
}

pub(crate) fn logs() -> Vec<Vec<u8>> {
    files("tests/data", ".log")
}

pub(crate) fn traces() -> Vec<Vec<u8>> {
    let mut seeds = files("traces/corpus/conforming", ".jsonl");
    seeds.extend(files("traces/corpus/violating", ".jsonl"));
    seeds
}

pub(crate) fn recordings() -> Vec<Vec<u8>> {
    let exported = files("traces/corpus/conforming", ".jsonl").into_iter().map(|trace| {
        let (header, lines) = follow_all(trace.as_slice()).unwrap();
        let world = world(&header).unwrap();
        let mut text = Vec::new();
        for event in recording::recording(&lines, &world) {
            write_line(&mut text, &event).unwrap();
        }
        text
    });
    exported.chain(files("traces/corpus/field", ".jsonl")).collect()
}

pub(crate) fn itf() -> Vec<Vec<u8>> {
    let traces = files("traces/corpus/conforming", ".jsonl").into_iter().step_by(9);
    traces.map(|trace| document::export(trace.as_slice()).unwrap().to_string().into()).collect()
}

/// The first scenarios of a recording of libmapi.
pub(crate) fn libmapi() -> Vec<Vec<u8>> {
    let all = fs::read(root().join("tests/data/mapi4linux.jsonl")).unwrap();
    let mut ends = all.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    let end = ends.find(|end| *end > 30_000).unwrap_or(all.len());
    vec![all[..end].to_vec()]
}

/// Lines of both sides.
pub(crate) fn protocol() -> Vec<Vec<u8>> {
    let lines = [
        r#"{"op":"hello","id":1,"protocol":[1],"tool":"mapi-logon 0.1.0"}"#,
        r#"{"op":"hello","id":1,"protocol":1,"system":"s","version":"1","clients":"one","#,
        r#"{"op":"call","id":7,"client":"a","call":"MAPILogonEx","args":{},"deadline_ms":500}"#,
        r#"{"op":"answer","ask":3,"result":"0x80040111","completed":true}"#,
        r#"{"op":"ready","id":2}"#,
        r#"{"op":"unsupported","id":2,"what":"profile.password"}"#,
        r#"{"op":"ask","ask":3,"id":7,"client":"a","call":"Logon","provider":"EXMS","args":{}}"#,
        r#"{"op":"saw","id":7,"client":"a","provider":"EXMS","call":"Logoff"}"#,
        r#"{"op":"dialog","dialog":1,"id":7,"client":"a","kind":"failure","of":"E","code":"0x0"}"#,
        r#"{"op":"returned","id":7,"client":"a","result":"0x00000000","session":1,"identity":4}"#,
        r#"{"op":"note","text":"hm"}"#,
        r#"{"op":"error","text":"broken"}"#,
    ];
    let calls = r#""calls":["Logoff"],"#;
    let controls = r#""controls":{"providers":"none","dialogs":"none"},"#;
    let observes = r#""observes":{"provider_calls":false,"session_identity":false}}"#;
    let mut seeds: Vec<_> = lines.map(|line| line.as_bytes().to_vec()).to_vec();
    seeds[1].extend_from_slice(calls.as_bytes());
    seeds[1].extend_from_slice(controls.as_bytes());
    seeds[1].extend_from_slice(observes.as_bytes());
    seeds
}

/// The example of the guide to driving.
pub(crate) fn deviations() -> Vec<Vec<u8>> {
    let guide = fs::read_to_string(root().join("docs/drive.md")).unwrap();
    let example = guide.split("```text\n").find(|part| part.contains("[[deviation]]")).unwrap();
    vec![example.split("```").next().unwrap().as_bytes().to_vec()]
}
