//! Several recordings at once, and what an implementation showed held against a trace.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::schemas::{fits, validator};
use crate::support::{files, root, run, workplace};

/// A logon that is possible, and one of which no world has the result.
const GOOD: &str = r#"{"client":"a","call":"MAPILogonEx","args":{"profile":"P"},"result":"S_OK"}"#;
const BAD: &str =
    r#"{"client":"a","call":"MAPILogonEx","args":{"profile":"P"},"result":"MAPI_E_VERSION"}"#;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn several_recordings_have_one_summary_and_one_exit_code() {
    let folder = workplace("several");
    let [good, bad, page] = ["a.jsonl", "b.jsonl", "page.html"].map(|name| folder.join(name));
    fs::write(&good, GOOD).unwrap();
    fs::write(&bad, BAD).unwrap();
    let ran = run(&["validate", text(&folder), "--html", text(&page)]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stdout.starts_with("2 recordings: 1 unexplained, 1 explained\n"), "{}", ran.stdout);
    let said = format!("{}: UNEXPLAINED at event 1 (line 1): a MAPILogonEx returned", text(&bad));
    assert!(ran.stdout.contains(&said), "{}", ran.stdout);
    assert!(!ran.stdout.contains("a.jsonl: EXPLAINED"), "what is good is counted: {}", ran.stdout);
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("1 of 2 recordings explained") && page.contains("UNEXPLAINED at event"));
    let all = run(&["validate", text(&good), text(&good), "--all"]);
    assert_eq!(all.code, Some(0));
    assert_eq!(all.stdout.matches("a.jsonl: EXPLAINED").count(), 2, "{}", all.stdout);
}

#[test]
fn recordings_beside_one_that_cannot_be_used_are_judged() {
    let folder = workplace("several-unread");
    let [good, broken] = ["a.jsonl", "b.jsonl"].map(|name| folder.join(name));
    fs::write(&good, GOOD).unwrap();
    fs::write(&broken, "{").unwrap();
    let ran = run(&["validate", text(&broken), text(&good), "--format", "json"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("b.jsonl:1:"), "{}", ran.stderr);
    assert!(ran.stderr.contains("1 of 2 recordings cannot be used"), "{}", ran.stderr);
    let judged: Value = serde_json::from_str(&ran.stdout).unwrap();
    fits(&validator("validate-several"), &judged, "two recordings");
    assert_eq!(judged[0]["recording"], text(&good));
    assert_eq!(judged[0]["explanation"]["verdict"], "explained");
    let ran = run(&["validate", text(&good), text(&good), "--witness", "why.jsonl"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("--witness takes one recording; 2 are given"), "{}", ran.stderr);
}

/// The observable effects of a trace, without their roles.
fn observations(trace: &Path) -> Vec<Value> {
    let trace = fs::read_to_string(trace).unwrap();
    let steps = trace.lines().skip(1).map(|line| serde_json::from_str::<Value>(line).unwrap());
    let effects = steps.flat_map(|step| step["effects"].as_array().unwrap().clone());
    let observable = effects.filter(|effect| effect["role"] == "observable");
    let bare = |mut effect: Value| {
        effect.as_object_mut().unwrap().remove("role");
        effect
    };
    observable.map(bare).collect()
}

#[test]
fn observations_are_held_against_the_trace_that_was_performed() {
    let folder = workplace("observed");
    let ran = run(&["generate", "lost-store", "--cover", "outcomes", "--out", text(&folder)]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let trace = files(text(&folder), "01.jsonl").remove(0);
    let seen = folder.join("seen.log.jsonl");
    let held = |effects: &[Value]| {
        let lines: Vec<_> = effects.iter().map(Value::to_string).collect();
        fs::write(&seen, lines.join("\n")).unwrap();
        let args = ["replay", text(&trace), "--observed", text(&seen), "--format", "json"];
        let ran = run(&args);
        let value = serde_json::from_str::<Value>(&ran.stdout).unwrap()[0].clone();
        (ran.code, value)
    };
    let effects = observations(&trace);
    assert!(effects.len() > 3, "{effects:?}");
    assert_eq!(held(&effects).0, Some(0));

    // What could not be seen is left out of a line; what was seen must be right.
    let at = effects.iter().position(|effect| effect["effect"] == "returned").unwrap();
    let mut less = effects.clone();
    less[at].as_object_mut().unwrap().remove("client");
    assert_eq!(held(&less).0, Some(0));
    let mut wrong = effects.clone();
    wrong[at]["result"] = "MAPI_E_DISK_ERROR".into();
    let (code, value) = held(&wrong);
    assert_eq!((code, &value["line"]), (Some(1), &Value::from(at + 1)), "{value}");
    assert_eq!(value["member"], "effect.result");
    assert!(!value["taken"].as_array().unwrap().is_empty(), "{value}");

    let (code, value) = held(&effects[..effects.len() - 1]);
    assert_eq!((code, &value["found"]), (Some(1), &Value::Null), "one is missing: {value}");
    let twice = [&effects[..], &effects[..1]].concat();
    let (code, value) = held(&twice);
    assert_eq!((code, &value["expected"]), (Some(1), &Value::Null), "one too many: {value}");
}

#[test]
fn suite_tells_outcomes_apart_by_dialogs_where_that_is_asked_for() {
    let folder = workplace("dialogs");
    let seen = run(&["outcomes", "lost-store", "--dialogs", "--format", "json"]);
    let outcomes: Vec<Value> = serde_json::from_str(&seen.stdout).unwrap();
    let out = text(&folder);
    let ran = run(&["generate", "lost-store", "--cover", "outcomes", "--dialogs", "--out", out]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let number = outcomes.len();
    let said = format!("{number} of {number} outcomes with dialogs covered");
    assert!(ran.stdout.starts_with(&said), "{}", ran.stdout);
    let ran = run(&["generate", "lost-store", "--cover", "states", "--dialogs", "--out", out]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("give --cover outcomes"), "{}", ran.stderr);
}

#[test]
fn assumed_world_is_saved_with_its_schema_and_explains_its_recording() {
    let folder = workplace("saved-world");
    let world = folder.join("world.toml");
    let world = world.to_str().unwrap();
    let recording = root().join("traces/corpus/field/denied-mailbox.jsonl");
    let recording = recording.to_str().unwrap();
    let explained = run(&["validate", recording, "--save-scenario", world]);
    assert_eq!(explained.code, Some(0), "{}", explained.stderr);
    let text = fs::read_to_string(world).unwrap();
    assert!(text.starts_with("#:schema scenario.schema.json\n"), "{text}");
    assert!(folder.join("scenario.schema.json").is_file());
    let again = run(&["validate", recording, "--scenario", world]);
    assert_eq!(again.stdout.lines().next(), explained.stdout.lines().next());
}
