//! The command behaves as programs in a pipe expect: codes, streams, colours.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use clap::{CommandFactory, Parser};
use mapi_logon::Args;

use crate::support::{command, run, workplace};

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
fn wrong_numbers_are_answered_with_what_is_admissible() {
    let wrong: [(&[&str], &str); 4] = [
        (&["check", "--workers", "-1"], "from 1 to 256"),
        (&["simulate", "office", "--runs", "0"], "a whole number from 1"),
        (&["simulate", "office", "--threads", "0"], "a whole number from 1"),
        (&["simulate", "office", "--seed", "1e30"], "1_000_000 or 1e6"),
    ];
    for (args, admissible) in wrong {
        let ran = run(args);
        assert_eq!(ran.code, Some(2), "{args:?}");
        assert!(ran.stderr.contains(admissible), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn numbers_that_are_flags_are_explained_as_flags() {
    let ran = run(&["explain", "0x22"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for name in ["MAPI_NEW_SESSION", "MAPI_EXTENDED", "Flags of MAPILogonEx"] {
        assert!(ran.stdout.contains(name), "{}", ran.stdout);
    }
    assert_eq!(run(&["explain", "0x80040999"]).code, Some(2));
}

#[test]
fn log_that_is_no_recording_names_the_command_that_makes_one() {
    let ran = run(&["validate", "tests/data/helpdesk.log"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert!(ran.stderr.contains("is a log, for import --guess"), "{}", ran.stderr);
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
fn every_help_has_an_example_that_is_understood() {
    let mut command = Args::command();
    let names: Vec<_> = command.get_subcommands().map(|one| one.get_name().to_owned()).collect();
    for name in names {
        let help = command.find_subcommand_mut(&name).unwrap().render_long_help().to_string();
        let (_, example) = help.split_once("Example: ").unwrap_or_else(|| panic!("{name}: {help}"));
        let words = example.lines().next().unwrap().split_whitespace();
        Args::try_parse_from(words).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn scenarios_are_shown_and_begun_with_their_schema() {
    let folder = workplace("command-new");
    let file = folder.join("my.toml");
    let path = file.to_str().unwrap();
    let ran = run(&["new", path, "--from", "office"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("#:schema scenario.schema.json\n"));
    assert_eq!(text, run(&["show", "office"]).stdout);
    let schema = std::fs::read_to_string(folder.join("scenario.schema.json")).unwrap();
    assert_eq!(schema, run(&["schema", "scenario"]).stdout);
    let checked = run(&["check", path, "--format", "json"]).stdout;
    assert!(checked.contains("\"verdict\": \"holds\""), "{checked}");
    assert_eq!(run(&["new", path]).code, Some(2), "nothing is overwritten");
    for wrong in [["show", "offices"], ["schema", "scenarios"]] {
        let ran = run(&wrong);
        assert!(ran.code == Some(2) && ran.stderr.contains("did you mean"), "{}", ran.stderr);
    }
}

#[test]
fn completions_and_man_pages_know_every_command() {
    let folder = workplace("command-man");
    assert_eq!(run(&["man", "--out", folder.to_str().unwrap()]).code, Some(0));
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&["completions", shell]).stdout;
        for command in Args::command().get_subcommands() {
            assert!(script.contains(command.get_name()), "{shell}: {command}");
            let page = folder.join(format!("mapi-logon-{}.1", command.get_name()));
            assert!(std::fs::read_to_string(page).unwrap().contains("Example"), "{command}");
        }
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
