//! A comparison says what clients and users see of one side alone, and where the runs part.

use std::fs;

use serde_json::{Value, json};

use crate::schemas::{fits, validator};
use crate::support::{Ran, run, workplace};

fn compared(arguments: &[&str]) -> (Value, Option<i32>) {
    let ran = run(&[&["compare", "--format", "json"], arguments].concat());
    let value = serde_json::from_str(&ran.stdout);
    let value = value.unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    fits(&validator("compare"), &value, &arguments.join(" "));
    (value, ran.code)
}

fn outcomes(arguments: &[&str]) -> Vec<Value> {
    let ran = run(&[&["outcomes", "--dialogs", "--format", "json"], arguments].concat());
    serde_json::from_str(&ran.stdout).unwrap()
}

fn calls(differences: &Value) -> Vec<Value> {
    let calls = differences.as_array().unwrap().iter().map(|one| one["calls"].clone());
    let mut calls: Vec<_> = calls.collect();
    calls.sort_by_key(Value::to_string);
    calls
}

fn without(own: &[Value], other: &[Value]) -> Vec<Value> {
    let mut own: Vec<_> = own.iter().filter(|one| !other.contains(one)).cloned().collect();
    own.sort_by_key(Value::to_string);
    own
}

#[test]
fn readings_are_compared_as_outcomes_and_check_say() {
    let (value, code) = compared(&["lost-store", "--against", "RETRY_CODES=unconfigured_only"]);
    assert_eq!((code, &value["differs"]), (Some(0), &json!(true)));
    let left = outcomes(&["lost-store"]);
    let right = outcomes(&["lost-store", "--set", "RETRY_CODES=unconfigured_only"]);
    assert_eq!(calls(&value["only_left"]), without(&left, &right));
    assert_eq!(calls(&value["only_right"]), without(&right, &left));
    assert_eq!(value["common"], json!(left.len() - without(&left, &right).len()));
    let check =
        run(&["check", "lost-store", "--set", "RETRY_CODES=unconfigured_only", "--format", "json"]);
    let check: Value = serde_json::from_str(&check.stdout).unwrap();
    assert_eq!(value["right"]["states"], check["states"]);
    let rows = check["properties"].as_array().unwrap();
    for changed in value["properties"].as_array().unwrap() {
        let row = rows.iter().find(|row| row["id"] == changed["id"]).unwrap();
        assert_eq!(changed["right"], row["verdict"], "{changed}");
    }
    let given_up = json!({
        "id": "INV-17", "left": "holds", "right": "given-up",
        "given_up_by": "RETRY_CODES = unconfigured_only"
    });
    assert!(value["properties"].as_array().unwrap().contains(&given_up), "{value}");
}

#[test]
fn every_outcome_of_one_reading_has_a_run_and_a_step_where_the_machines_part() {
    for against in ["openchange", "SHARED_END=creator", "START=on_open,DIALOGS=off"] {
        let (value, _) = compared(&["shared-logoff", "--against", against]);
        let alone = |side: &str| value[side].as_array().unwrap().len();
        assert!(alone("only_left") + alone("only_right") > 0, "{against}");
        for side in ["only_left", "only_right"] {
            let mut least = 0;
            for one in value[side].as_array().unwrap() {
                let run = one["run"].as_array().unwrap();
                let step = one["parting"]["step"].as_u64().unwrap();
                assert!((1..=run.len() as u64 + 1).contains(&step), "{against}: {one}");
                assert!(run.len() >= least, "{against}: shortest runs come first");
                least = run.len();
            }
        }
    }
}

#[test]
fn runs_to_outcomes_are_as_short_as_those_that_cover_them() {
    let folder = workplace("compare-cover");
    let out = folder.to_str().unwrap();
    run(&["generate", "lost-store", "--cover", "outcomes", "--out", out]);
    let traces = crate::support::files(out, ".jsonl");
    let mut lengths: Vec<_> =
        traces.iter().map(|path| fs::read_to_string(path).unwrap().lines().count() - 1).collect();
    let (value, _) = compared(&["lost-store", "--no-dialogs", "--against", "late-start"]);
    let runs = value["only_left"].as_array().unwrap();
    let mut own: Vec<_> = runs.iter().map(|one| one["run"].as_array().unwrap().len()).collect();
    lengths.sort_unstable();
    own.sort_unstable();
    assert_eq!(own, lengths);
}

#[test]
fn a_reading_adds_to_those_of_the_left_and_a_preset_replaces_them() {
    let (value, _) =
        compared(&["office", "--set", "START=on_open", "--against", "outlook-observed"]);
    assert_eq!(value["differs"], json!(false), "the preset is this reading");
    let (value, _) = compared(&["office", "--set", "START=on_open", "--against", "documented"]);
    assert_eq!(value["right"]["states"], json!(1045));
    let (value, _) =
        compared(&["office", "--policy", "outlook-observed", "--against", "RETRY_UNIT=service"]);
    let source = value["right"]["source"].as_str().unwrap();
    assert!(source.contains("START") && source.contains("RETRY_UNIT"), "{source}");
}

#[test]
fn a_scenario_stands_under_its_own_readings() {
    let folder = workplace("compare-scenario");
    let path = folder.join("late.toml");
    let text = fs::read_to_string(crate::support::root().join("scenarios/lost-store.toml"));
    fs::write(&path, text.unwrap() + "\n[policy]\nSTART = 'on_open'\n").unwrap();
    let (file, _) = compared(&["lost-store", "--against", path.to_str().unwrap()]);
    let (reading, _) = compared(&["lost-store", "--against", "START=on_open"]);
    assert_eq!(file["only_left"], reading["only_left"]);
    assert_eq!(file["only_right"], reading["only_right"]);
    let built_in = run(&["compare", "lost-store", "--against", "office"]);
    assert_eq!(built_in.code, Some(0));
    assert!(built_in.stdout.starts_with("In office "), "{}", built_in.stdout);
}

#[test]
fn whatever_a_command_saved_is_equal_to_itself_and_unequal_to_another_reading() {
    let folder = workplace("compare-saved");
    let save = |name: &str, ran: &Ran| {
        let path = folder.join(name);
        fs::write(&path, &ran.stdout).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let kept = folder.join("kept.json");
    let kept = kept.to_str().unwrap().to_owned();
    assert_eq!(run(&["compare", "lost-store", "--save", &kept]).code, Some(0));
    let json = ["--format", "json"];
    let of = |args: &[&str]| run(&[args, &json].concat());
    let saved = [
        kept.clone(),
        save("compare.json", &of(&["compare", "lost-store", "--against", "office"])),
        save("outcomes.json", &of(&["outcomes", "lost-store"])),
        save("dialogs.json", &of(&["outcomes", "lost-store", "--dialogs"])),
        save("check.json", &of(&["check", "lost-store"])),
    ];
    for path in &saved {
        let (value, code) = compared(&["lost-store", "--against", path]);
        assert_eq!((code, &value["differs"]), (Some(0), &json!(false)), "{path}");
        let other = ["lost-store", "--set", "START=on_open", "--against", path];
        let (value, code) = compared(&other);
        assert_eq!((code, &value["differs"]), (Some(1), &json!(true)), "{path}");
        let human = run(&[&["compare"], &other[..]].concat());
        assert!(human.stdout.starts_with(&format!("Since {path} ")), "{}", human.stdout);
    }
    let (value, _) = compared(&["lost-store", "--set", "START=on_open", "--against", &kept]);
    let gone = value["only_right"].as_array().unwrap();
    assert!(!gone.is_empty());
    assert!(gone.iter().all(|one| one["run"].is_array() && one["parting"].is_object()));
}

#[test]
fn differences_fail_only_where_that_is_asked_for() {
    let differ = ["compare", "lost-store", "--against", "START=on_open"];
    let equal = ["compare", "no-default", "--against", "no-default"];
    for (args, codes) in [(differ, [0, 1]), (equal, [0, 0])] {
        let plain = run(&args);
        let strict = run(&[&args[..], &["--exit-code"]].concat());
        assert_eq!([plain.code, strict.code], codes.map(Some), "{args:?}");
        assert_eq!(plain.stdout, strict.stdout);
    }
}

#[test]
fn a_limit_leaves_nothing_compared() {
    for limit in [["--max-states", "100"], ["--max-memory", "1KB"]] {
        let ran = run(&[&["compare", "office", "--against", "TRIES=3"], &limit[..]].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(3), ""), "{}", ran.stderr);
        assert!(ran.stderr.starts_with("inconclusive: office "), "{}", ran.stderr);
    }
}

#[test]
fn verdicts_are_compared_where_a_limit_ends_the_search_for_outcomes() {
    let args = ["compare", "office", "--against", "TRIES=3", "--max-states", "1330"];
    let ran = run(&args);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    let given_up = "Under TRIES = 3 INV-18, INV-50, LIV-5, LIV-7 are given up.";
    assert!(ran.stdout.starts_with(given_up), "{}", ran.stdout);
    assert!(ran.stdout.contains("Only verdicts and states are compared"), "{}", ran.stdout);
    let strict = run(&[&args[..], &["--exit-code"]].concat());
    assert_eq!(strict.code, Some(1), "what differs is known");
    let late = run(&["compare", "retry-storm", "--against", "documented", "--max-time", "1ms"]);
    assert_eq!(late.code, Some(3), "{}", late.stdout);
    assert!(late.stderr.contains("or takes over 1ms"), "{}", late.stderr);
}

#[test]
fn what_cannot_be_compared_with_is_refused_with_what_was_probably_meant() {
    let folder = workplace("compare-errors");
    let file = |name: &str, text: &str| {
        fs::write(folder.join(name), text).unwrap();
        folder.join(name).to_str().unwrap().to_owned()
    };
    let partial = run(&["check", "office", "--max-states", "100", "--format", "json"]);
    for (against, says) in [
        ("documentd".to_owned(), "did you mean `documented`?".to_owned()),
        ("ofice".to_owned(), "did you mean `office`?".to_owned()),
        ("RETRY_UNIT".to_owned(), "RETRY_UNIT=VALUE".to_owned()),
        ("RETRY_UNT=step".to_owned(), "did you mean `RETRY_UNIT`?".to_owned()),
        ("TRIES=2,TRIES=3".to_owned(), "TRIES is given twice".to_owned()),
        ("nowhere.json".to_owned(), "nowhere.json:1:1: cannot be read".to_owned()),
        (file("broken.json", "[1,\n"), "broken.json:2:".to_owned()),
        (file("other.json", "{}"), "other.json:1:1: not a saved result".to_owned()),
        (file("word.json", "[[{\"call\": 1}]]"), "word.json:1:".to_owned()),
        (file("partial.json", &partial.stdout), "ended early (max-states)".to_owned()),
    ] {
        let ran = run(&["compare", "office", "--against", &against]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{against}");
        assert!(ran.stderr.contains(&says), "{against}: {}", ran.stderr);
    }
    assert_eq!(run(&["compare", "office"]).code, Some(2), "nothing to compare with");
}

#[test]
fn picture_has_the_common_beginning_once_and_both_ways_on() {
    let path = workplace("compare-picture").join("end.mmd");
    let args = ["compare", "shared-logoff", "--against", "SHARED_END=creator", "--picture"];
    assert_eq!(run(&[&args[..], &[path.to_str().unwrap()]].concat()).code, Some(0));
    let drawn = fs::read_to_string(&path).unwrap();
    assert!(drawn.starts_with("sequenceDiagram\n") && drawn.ends_with("    end\n"), "{drawn}");
    let (beginning, ways) = drawn.split_once("    alt SHARED_END = creator\n").unwrap();
    let (new, old) = ways.split_once("    else as documented\n").unwrap();
    assert!(beginning.contains("MAPILogonEx: S_OK"), "{beginning}");
    assert_ne!(new.lines().next(), None);
    assert_ne!(new, old.trim_end_matches("    end\n"));
    assert_eq!(run(&[&args[..], &["end.svg"]].concat()).code, Some(2));
}

#[test]
fn equal_comparisons_write_equal_bytes() {
    let args = ["compare", "office", "--against", "mapi4linux", "--format", "json"];
    let [one, other] = [(); 2].map(|()| run(&args));
    assert_eq!(one.stdout, other.stdout);
}
