//! The search does what its options ask for: engines, limits, an end before its time.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::processes::hosts;
use crate::support::{Ran, command, run, workplace};

fn json(args: &[&str]) -> (Value, Option<i32>) {
    let ran = run(&[args, &["--format", "json"]].concat());
    let value = serde_json::from_str(&ran.stdout);
    (value.unwrap_or_else(|error| panic!("{args:?}: {error}: {}", ran.stderr)), ran.code)
}

#[test]
fn limits_say_which_ended_the_search_and_what_is_known() {
    let limits = [
        ("--max-states", "500", "max-states", "The limit on states was reached"),
        ("--max-memory", "1kB", "max-memory", "The limit on memory was reached"),
        ("--max-time", "0ms", "max-time", "The limit on time was reached"),
    ];
    for (option, limit, ended, says) in limits {
        let args = ["check", "office", option, limit];
        let (checked, code) = json(&args);
        assert_eq!((&checked["ended"], code), (&Value::from(ended), Some(3)), "{option}");
        assert_eq!(checked["verdict"], "inconclusive", "{option}");
        let known = checked["checked"].as_u64().unwrap();
        assert!(known < 18, "{option}: {known}");
        let human = run(&args);
        assert_eq!(human.code, Some(3));
        let human = human.stdout.replace('\n', " ");
        assert!(human.contains(&format!("INCONCLUSIVE. {says}; ")), "{option}: {human}");
        let (whole, code) = json(&["check", "office", option, "1000000000"]);
        assert_eq!((&whole["ended"], code), (&Value::from("complete"), Some(0)), "{option}");
        assert_eq!(whole["checked"], Value::Null, "{option}");
    }
    let (checked, _) = json(&["check", "office", "--max-states", "500"]);
    assert_eq!((&checked["states"], &checked["checked"]), (&442.into(), &12.into()));
}

#[test]
fn many_more_workers_than_cores_change_nothing() {
    let one = run(&["check", "office", "--workers", "1"]);
    let many = run(&["check", "office", "--workers", "24"]);
    assert_eq!((one.stdout, one.code), (many.stdout, many.code));
}

#[test]
fn options_that_make_no_sense_are_refused_with_what_does() {
    let errors: [(&[&str], &str); 14] = [
        (&["--engine", "timly"], "a similar value exists: 'timely'"),
        (&["--engine", "spin"], "[possible values: timely, stateright]"),
        (&["--workers", "0"], "expected a number from 1 to 256"),
        (&["--workers", "1000"], "expected a number from 1 to 256"),
        (&["--max-memory", "lots"], "a whole number, alone or followed by MB, TB, GB, kB"),
        (&["--max-time", "1 day"], "a whole number, alone or followed by s, h, min, ms"),
        (&["--max-state", "1"], "'--max-states'"),
        (
            &["--engine", "stateright", "--max-states", "9"],
            "stateright does not support --max-states",
        ),
        (&["--engine", "stateright", "--symmetry"], "stateright does not support --symmetry"),
        (&["--engine", "stateright", "--reduce"], "stateright does not support --reduce"),
        (&["--reduce", "--no-cache"], "--reduce does not go with --no-cache"),
        (&["--reduce", "--checkpoint", "c"], "--reduce does not go with --checkpoint"),
        (&["--reduce", "--hosts", "h", "--process", "0"], "--reduce does not go with --hosts"),
        (&["--compact"], "'--compact'"),
    ];
    for (args, says) in errors {
        let ran = run(&[&["check", "office"], args].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{args:?}");
        assert!(ran.stderr.contains(says), "{args:?}: {}", ran.stderr);
    }
}

/// Starts a check that takes long and interrupts it once it is under way.
#[cfg(target_os = "linux")]
fn interrupted(args: &[&str]) -> Ran {
    ended_by("-INT", args)
}

fn ended_by(signal: &str, args: &[&str]) -> Ran {
    let mut command = command();
    command.args(["check", "retry-storm", "--format", "json"]).args(args);
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
    let mut kill = Command::new("kill");
    assert!(kill.args([signal, &child.id().to_string()]).status().unwrap().success());
    Ran::from(child.wait_with_output().unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn interrupted_search_reports_partial_results_whatever_the_engine() {
    for engine in ["timely", "stateright"] {
        for workers in ["1", "2"] {
            let ran = interrupted(&["--engine", engine, "--workers", workers]);
            assert_eq!(ran.code, Some(130), "{engine}: {}", ran.stderr);
            let checked: Value = serde_json::from_str(&ran.stdout).unwrap();
            assert_eq!(checked["ended"], "interrupted", "{engine}");
            assert!(checked["states"].as_u64().unwrap() < 960_928, "{engine}");
            let rows = checked["properties"].as_array().unwrap();
            assert!(rows.iter().any(|row| row["verdict"] == "undecided"), "{engine}");
            assert!(rows.iter().all(|row| row["verdict"] != "holds"), "{engine}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn search_that_is_asked_to_end_tells_what_it_knows_and_can_be_resumed() {
    for signal in ["-TERM", "-HUP"] {
        let folder = workplace(&format!("searching{signal}"));
        let ran = ended_by(signal, &["--checkpoint", folder.to_str().unwrap(), "--every", "99"]);
        assert_eq!(ran.code, Some(130), "{signal}: {}", ran.stderr);
        let checked: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(checked["ended"], "interrupted", "{signal}");
        let manifest = folder.join("manifest-0");
        assert!(manifest.exists() || checked["states"] == 0, "{signal}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn search_whose_checkpoint_cannot_be_written_tells_its_verdict() {
    let folder = workplace("searching-full");
    let program = env!("CARGO_BIN_EXE_mapi-logon");
    let plain = run(&["check", "office"]);
    assert_eq!(plain.code, Some(0), "{}", plain.stderr);
    // No file may become larger than 8 blocks of 512 bytes.
    let script = format!(
        "trap '' XFSZ; ulimit -f 8; exec {program} check office --every 0 --checkpoint {}",
        folder.display()
    );
    let limited = Command::new("sh").args(["-c", &script]).output().unwrap();
    let limited = Ran::from(limited);
    assert_eq!((limited.code, &limited.stdout), (Some(0), &plain.stdout), "{}", limited.stderr);
    let warning = "warning: no checkpoint since it failed: ";
    assert!(limited.stderr.contains(warning), "{}", limited.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn process_that_waits_for_others_can_be_interrupted() {
    let (hosts, _) = hosts(&workplace("searching-waits"), 2);
    for process in ["0", "1"] {
        let ran = interrupted(&["--process", process, "--hosts", hosts.to_str().unwrap()]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(130), ""), "{process}");
        assert_eq!(ran.stderr, "interrupted before all processes had met\n");
    }
}
