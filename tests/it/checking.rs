//! The verdicts of `check`: each is backed by the exploration, and none says more.

use std::collections::BTreeSet;

use mapi_logon::builtin::names;
use serde_json::Value;

use crate::support::{Ran, agrees, command, root, run, workplace};

/// Too large for tests that explore everything twice.
const LARGE: [&str; 2] = ["retry-storm", "anyone"];

fn check(scenario: &str, more: &[&str]) -> (Value, Option<i32>) {
    let ran = run(&[&["check", scenario, "--format", "json"], more].concat());
    let value = serde_json::from_str(&ran.stdout);
    (value.unwrap_or_else(|error| panic!("{scenario}: {error}: {}", ran.stderr)), ran.code)
}

/// The ids of the properties with this verdict.
fn with(checked: &Value, verdict: &str) -> BTreeSet<String> {
    let rows = checked["properties"].as_array().unwrap().iter();
    let rows = rows.filter(|row| row["verdict"] == verdict);
    rows.map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn built_in_scenarios_hold_and_show_what_they_expect() {
    for name in names() {
        let (checked, code) = check(name, &[]);
        assert_eq!((&checked["verdict"], code), (&Value::from("holds"), Some(0)), "{name}");
        assert_eq!(with(&checked, "violated"), BTreeSet::new(), "{name}");
    }
}

#[test]
fn sizes_of_the_built_in_scenarios_are_what_they_were() {
    let mut sizes = String::from("scenario\tstates\ttransitions\tdepth\n");
    for name in names().filter(|name| !LARGE.contains(name)) {
        let (checked, _) = check(name, &["--property", "RCH-1"]);
        let [states, transitions, depth] =
            ["states", "transitions", "depth"].map(|key| checked[key].as_u64().unwrap());
        sizes += &format!("{name}\t{states}\t{transitions}\t{depth}\n");
    }
    agrees(&root().join("tests/golden/sizes.tsv"), &sizes);
}

#[test]
fn every_property_has_a_row_of_its_kind() {
    let (checked, _) = check("office", &[]);
    let rows = checked["properties"].as_array().unwrap();
    let of = |kind: &str| rows.iter().filter(|row| row["kind"] == kind).count();
    assert_eq!((of("invariant"), of("witness"), of("progress")), (83, 24, 11));
}

#[test]
fn what_a_scenario_cannot_break_is_not_said_to_hold() {
    let (checked, _) = check("office", &["--set", "SHARED_END=creator"]);
    assert!(with(&checked, "given-up").contains("INV-41"));
    assert!(with(&checked, "not-applicable").contains("INV-38"));
    assert!(with(&checked, "not-modelled").contains("INV-48"));
}

#[test]
fn property_that_nothing_tests_holds_vacuously() {
    let (checked, code) = check("wrong-name-join", &[]);
    assert_eq!(code, Some(0));
    let rows = checked["properties"].as_array().unwrap();
    let tested = |id: &str| {
        let row = rows.iter().find(|row| row["id"] == id).unwrap();
        assert_eq!(row["verdict"], "holds", "{id}");
        row["tested"].as_u64().map(|tested| tested > 0)
    };
    // Sessions are joined there, but no service is lost, and nobody logs off for others.
    for (id, expected) in [
        ("INV-1", true),
        ("INV-6", true),
        ("INV-18", false),
        ("INV-17", false),
        ("INV-25", false),
        ("LIV-1", true),
        ("LIV-4", false),
    ] {
        assert_eq!(tested(id), Some(expected), "{id}");
    }
    let told = run(&["check", "wrong-name-join", "--all"]).stdout;
    let line = |id: &str| told.lines().find(|line| line.starts_with(id)).unwrap();
    assert!(line("INV-17 ").contains("(vacuous)"));
    assert!(!line("INV-6 ").contains("vacuous"));
    let (theirs, _) = check("wrong-name-join", &["--engine", "stateright"]);
    for (ours, theirs) in rows.iter().zip(properties(&theirs)) {
        if ours["kind"] == "invariant" {
            assert_eq!(ours["tested"], theirs["tested"], "{}", ours["id"]);
        }
    }
}

#[test]
fn stateright_agrees_on_counts_invariants_and_witnesses() {
    for name in names().filter(|name| !LARGE.contains(name)) {
        let (ours, _) = check(name, &[]);
        let (theirs, code) = check(name, &["--engine", "stateright"]);
        assert_eq!(code, Some(0), "{name}");
        for count in ["verdict", "scenario", "policy", "states", "transitions"] {
            assert_eq!(ours[count], theirs[count], "{name}: {count}");
        }
        for (ours, theirs) in properties(&ours).iter().zip(properties(&theirs)) {
            if ours["kind"] != "progress" {
                assert_eq!(ours["verdict"], theirs["verdict"], "{name}: {}", ours["id"]);
            }
        }
    }
}

fn properties(checked: &Value) -> &Vec<Value> {
    checked["properties"].as_array().unwrap()
}

#[test]
fn number_of_workers_changes_nothing() {
    for name in ["office", "four-faults"] {
        let one = run(&["check", name, "--workers", "1"]);
        let three = run(&["check", name, "--workers", "3"]);
        assert_eq!(one.stdout, three.stdout, "{name}");
    }
}

#[test]
fn limits_leave_the_verdict_open() {
    let (checked, code) = check("office", &["--max-states", "100"]);
    assert_eq!((&checked["verdict"], code), (&Value::from("inconclusive"), Some(3)));
    assert!(with(&checked, "undecided").contains("INV-1"));
    assert_eq!(with(&checked, "holds"), BTreeSet::new());
}

#[test]
fn too_little_memory_is_inconclusive() {
    for command in ["check", "outcomes"] {
        let ran = run(&[command, "retry-storm", "--max-memory", "1"]);
        assert_eq!(ran.code, Some(3), "{command}: {}", ran.stderr);
    }
}

/// The default memory limit of a search is below the limit of the process.
#[cfg(target_os = "linux")]
#[test]
fn memory_that_the_system_does_not_have_is_not_taken() {
    let mapi_logon = command().get_program().to_owned();
    let script = "ulimit -v $3; exec \"$0\" \"$1\" \"$2\"";
    for (verb, kilobytes) in [("check", "60000"), ("outcomes", "400000")] {
        let mut shell = std::process::Command::new("sh");
        shell.arg("-c").arg(script).arg(&mapi_logon);
        shell.current_dir(root()).args([verb, "benches/bad-day.toml", kilobytes]);
        let ran = Ran::from(shell.output().unwrap());
        assert_eq!(ran.code, Some(3), "{verb}: {}", ran.stderr);
    }
}

#[test]
fn missing_witness_is_a_finding_only_if_the_scenario_expects_it() {
    let text = std::fs::read_to_string(root().join("tests/data/silent-user.toml"));
    let text = text.unwrap().replace("answers = []", "answers = ['pick']");
    let folder = workplace("expected");
    for (name, expect, code) in [("without", "", 0), ("with", "witnesses = ['RCH-13']", 1)] {
        let path = folder.join(name).with_extension("toml");
        std::fs::write(&path, format!("{text}\n[expect]\n{expect}\n")).unwrap();
        let ran = run(&["check".as_ref(), path.as_os_str()]);
        assert_eq!(ran.code, Some(code), "{name}: {}", ran.stdout);
        assert_eq!(ran.stdout.contains("No run shows RCH-13"), code == 1, "{name}");
    }
}

#[test]
fn last_line_of_a_finding_repeats_it() {
    let first = run(&["check", "tests/data/silent-user.toml"]);
    assert_eq!(first.code, Some(1));
    let command = first.stdout.lines().last().unwrap();
    let args: Vec<_> = command.strip_prefix("mapi-logon ").unwrap().split(' ').collect();
    let again = run(&args);
    assert_eq!(again.code, Some(1));
    let story = |text: &str| text.split_once("The shortest run").unwrap().1.to_owned();
    assert_eq!(story(&first.stdout), story(&again.stdout));
}

#[cfg(target_os = "linux")]
#[test]
fn interrupted_check_writes_what_it_knows() {
    use std::process::{Command, Stdio};

    let mut command = command();
    command.args(["check", LARGE[0], "--workers", "1", "--max-time", "300"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let listens = || {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let caught = text.lines().find_map(|line| line.strip_prefix("SigCgt:\t"));
        caught.is_some_and(|mask| u64::from_str_radix(mask, 16).unwrap() >> 1 & 1 == 1)
    };
    while !listens() {
        std::thread::yield_now();
    }
    assert!(
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success()
    );
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("was interrupted"));
}
