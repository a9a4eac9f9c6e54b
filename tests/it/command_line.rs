//! The command behaves as programs in a pipe expect: codes, streams, colours.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::support::{command, run};

#[test]
fn usage_errors_end_with_2_and_say_so_once() {
    let usages: [&[&str]; 7] = [
        &[],
        &["chek"],
        &["check", "--format", "xml"],
        &["check", "--set", "RETRY_UNIT"],
        &["check", "--set", "RETRY_UNIT=steps"],
        &["list", "flaggs"],
        &["explain"],
    ];
    for usage in usages {
        let ran = run(usage);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{usage:?}");
        assert!(ran.stderr.matches("error:").count() <= 1, "{usage:?}: {}", ran.stderr);
        assert!(!ran.stderr.is_empty(), "{usage:?}");
    }
}

#[test]
fn mistyped_names_are_answered_with_the_nearest() {
    let slips: [(&[&str], &str); 7] = [
        (&["explain", "RYT-5"], "did you mean `RTY-5`?"),
        (&["explain", "retry_units"], "did you mean `RETRY_UNIT`?"),
        (&["explain", "MAPI_E_TIMOUT"], "did you mean `MAPI_E_TIMEOUT`?"),
        (&["check", "offfice"], "did you mean `office`?"),
        (&["check", "--set", "RETRY_UNITS=step"], "did you mean `RETRY_UNIT`?"),
        (&["check", "--property", "INV-177"], "did you mean `INV-17`?"),
        (&["check", "--policy", "outlok"], "did you mean `outlook-observed`?"),
    ];
    for (args, hint) in slips {
        let ran = run(args);
        assert_eq!(ran.code, Some(2), "{args:?}");
        assert!(ran.stderr.contains(hint), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn help_and_version_are_results() {
    for args in [["--help"], ["--version"]] {
        let ran = run(&args);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{args:?}");
        assert!(ran.stdout.contains("mapi-logon"), "{args:?}");
    }
}

#[test]
fn equal_runs_give_equal_bytes_without_colours_off_a_terminal() {
    for args in [["list", "codes"], ["explain", "RTY-5"]] {
        let (first, second) = (run(&args), run(&args));
        assert_eq!(first.stdout, second.stdout, "{args:?}");
        assert!(!first.stdout.contains('\u{1b}'), "{args:?}");
    }
}

#[test]
fn lists_are_json_when_asked_for() {
    for list in ["properties", "policies", "flags", "codes", "scenarios"] {
        let ran = run(&["list", list, "--format", "json"]);
        let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert!(value.as_array().is_some_and(|rows| rows.len() > 10), "{list}");
    }
}

#[test]
fn reader_that_goes_away_is_no_error() {
    let mut child = command()
        .args(["list", "properties", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    drop(reader);
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}
