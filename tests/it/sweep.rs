//! A sweep says of every combination what a check of it says.

use std::fs;

use serde_json::{Value, json};

use crate::support::{root, run, workplace};

fn sweep(arguments: &[&str]) -> (Value, Option<i32>) {
    let ran = run(&[&["sweep", "--format", "json"], arguments].concat());
    let swept = serde_json::from_str(&ran.stdout);
    let swept = swept.unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    let schema = fs::read_to_string(root().join("schemas/sweep.schema.json")).unwrap();
    let schema = serde_json::from_str(&schema).unwrap();
    jsonschema::validate(&schema, &swept).unwrap();
    (swept, ran.code)
}

fn check(arguments: &[&str]) -> Value {
    let ran = run(&[&["check", "--format", "json"], arguments].concat());
    serde_json::from_str(&ran.stdout).unwrap()
}

fn with<'a>(checked: &'a Value, verdict: &str) -> Vec<&'a Value> {
    let rows = checked["properties"].as_array().unwrap().iter();
    let rows = rows.filter(|row| row["verdict"] == verdict);
    rows.map(|row| &row["id"]).collect()
}

#[test]
fn rows_say_what_checks_say() {
    let values = ["eager", "on_open"];
    let (swept, code) = sweep(&["office", "--set", "DIALOGS=all", "--set", "START=eager,on_open"]);
    assert_eq!((code, &swept["combinations"]), (Some(0), &json!(4)));
    let first = check(&["office"]);
    let mut rows = swept["rows"].as_array().unwrap().iter();
    for dialogs in ["on", "off"] {
        for start in values {
            let row = rows.next().unwrap();
            assert_eq!(row["settings"], json!({ "DIALOGS": dialogs, "START": start }));
            let [dialogs, start] = [format!("DIALOGS={dialogs}"), format!("START={start}")];
            let checked = check(&["office", "--set", &dialogs, "--set", &start]);
            for count in ["states", "transitions", "depth"] {
                assert_eq!(row[count], checked[count], "{row}");
            }
            let found = with(&checked, "found");
            let lost = with(&first, "found").into_iter().filter(|id| !found.contains(id));
            assert_eq!(row["lost"], json!(lost.collect::<Vec<_>>()), "{row}");
        }
    }
    let lost = swept["rows"][2]["lost"].as_array().unwrap();
    assert!(lost.contains(&json!("RCH-12")) && swept["rows"][0]["lost"] == json!([]));
}

#[test]
fn sizes_are_those_of_the_scenario_written_by_hand() {
    let text = fs::read_to_string(root().join("scenarios/session-limit.toml")).unwrap();
    let copy = |name: &str, flags: &str| {
        format!(
            "[[client]]\nname = '{name}'\nprofile = 'Work'\nflags = [{flags}]\n\
             calls = ['MAPILogonEx', 'Logoff']\n"
        )
    };
    let more = copy("outlook again", "'MAPI_LOGON_UI', 'MAPI_NEW_SESSION'")
        + &copy("faxview again", "'MAPI_NEW_SESSION'");
    let path = workplace("sweep").join("four.toml");
    fs::write(&path, format!("{text}\n[faults]\nbudget = 1\n{more}")).unwrap();
    let checked = check(&[path.to_str().unwrap()]);
    let (swept, _) = sweep(&["session-limit", "--clients", "3..4", "--budget", "1"]);
    let row = &swept["rows"][1];
    assert_eq!((&row["clients"], &row["budget"]), (&json!(4), &json!(1)));
    assert_eq!(row["states"], checked["states"]);
}

#[test]
fn what_a_combination_breaks_is_a_finding_and_a_limit_leaves_it_open() {
    let (swept, code) = sweep(&["tests/data/silent-user.toml", "--clients", "1..2"]);
    assert_eq!(code, Some(1));
    assert_eq!(swept["rows"][1]["broken"], json!(["LIV-3"]));
    let limits = ["office", "--max-states", "500", "--set", "RETRY_UNIT=all"];
    let (swept, code) = sweep(&limits);
    assert_eq!((code, &swept["rows"][0]["verdict"]), (Some(3), &json!("inconclusive")));
    assert_eq!(swept["rows"][1]["lost"], json!([]));
}

#[test]
fn equal_sweeps_write_equal_bytes_unless_times_are_asked_for() {
    let arguments = ["sweep", "session-limit", "--clients", "1..3", "--symmetry", "both"];
    let [one, other] = [(); 2].map(|()| run(&arguments));
    assert_eq!(one.stdout, other.stdout);
    let (swept, _) = sweep(&["session-limit", "--time"]);
    assert!(swept["rows"][0]["seconds"].is_f64());
}

#[test]
fn picture_has_a_line_for_every_number_of_faults() {
    let path = workplace("sweep-plot").join("growth.svg");
    let sizes = ["sweep", "session-limit", "--clients", "1..2", "--budget", "0..1"];
    let plot = ["--symmetry", "both", "--plot", path.to_str().unwrap()];
    assert_eq!(run(&[&sizes[..], &plot].concat()).code, Some(0));
    let svg = fs::read_to_string(&path).unwrap();
    for line in ["faults: 0", "faults: 1", "faults: 1, symmetry", "session-limit: states"] {
        assert!(svg.contains(line), "{line}");
    }
    assert!(!svg.contains("seconds"));
}

#[cfg(target_os = "linux")]
#[test]
fn interrupted_sweep_writes_the_rows_it_knows() {
    use std::process::{Command, Stdio};

    let mut command = crate::support::command();
    command.args(["sweep", "retry-storm", "--budget", "0..3", "--clients", "3..5"]);
    let child = command.stdout(Stdio::piped()).spawn().unwrap();
    let id = child.id().to_string();
    let status = format!("/proc/{id}/status");
    let listens = || {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let caught = text.lines().find_map(|line| line.strip_prefix("SigCgt:\t"));
        caught.is_some_and(|mask| u64::from_str_radix(mask, 16).unwrap() >> 1 & 1 == 1)
    };
    while !listens() {
        std::thread::yield_now();
    }
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("of 12 combinations"), "{text}");
}
