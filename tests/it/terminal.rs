//! What people see in a terminal: the verdict first, the line that repeats it last, colours and
//! width as they are wanted, foreign text that cannot act.

use std::fs;

use crate::support::{Ran, command, run, workplace};

/// Commands that come to a result, each in a second or less.
const RESULTS: [&[&str]; 8] = [
    &["check", "lost-store"],
    &["check", "office", "--property", "RCH-8"],
    &["sweep", "lost-store", "--set", "START=all", "--clients", "1..2"],
    &["compare", "lost-store", "--against", "START=on_open", "--show", "1"],
    &["outcomes", "lost-store"],
    &["simulate", "office", "--runs", "50", "--seed", "3"],
    &["replay", "traces/corpus/violating"],
    &["mutants", "lost-store", "--mutant", "drop:T-1"],
];

#[test]
fn every_result_ends_with_the_line_that_repeats_it() {
    for args in RESULTS {
        let ran = run(args);
        let last = ran.stdout.lines().last().unwrap_or_default();
        let words: Vec<_> = last.split(' ').collect();
        let Some((&"mapi-logon", words)) = words.split_first() else {
            panic!("{args:?} ends with {last:?}");
        };
        let again = run(words);
        assert_eq!((ran.code, &ran.stdout), (again.code, &again.stdout), "{args:?}: {last}");
    }
}

#[test]
fn verdict_stands_first_and_rows_only_with_all() {
    let ran = run(&["check", "office"]);
    assert!(ran.stdout.starts_with("HOLDS. "), "{}", ran.stdout);
    assert!(!ran.stdout.contains("\nINV-17 "), "{}", ran.stdout);
    assert!(ran.stdout.contains("Vacuous, since nothing here tests them: "), "{}", ran.stdout);
    let ran = run(&["check", "office", "--all"]);
    assert!(ran.stdout.contains("\nINV-17 "), "{}", ran.stdout);
}

#[test]
fn colours_are_as_the_option_then_the_environment_want_them() {
    let coloured = |args: &[&str], variables: &[(&str, &str)]| {
        let mut command = command();
        command.args(["check", "lost-store"]).args(args);
        for name in ["NO_COLOR", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        let output = command.envs(variables.iter().copied()).output().unwrap();
        Ran::from(output).stdout.contains("\u{1b}[32mHOLDS\u{1b}[0m")
    };
    assert!(!coloured(&[], &[]));
    assert!(coloured(&["--color", "always"], &[]));
    assert!(coloured(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(coloured(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!coloured(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn lines_are_as_wide_as_wanted_within_bounds() {
    for (columns, widest) in [("80", 80), ("20", 60), ("140", 140), ("900", 200)] {
        let output = command().args(["check", "office", "--all"]).env("COLUMNS", columns).output();
        let text = Ran::from(output.unwrap()).stdout;
        let longest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!((widest - 20..=widest).contains(&longest), "COLUMNS={columns}: {longest}");
    }
}

#[test]
fn foreign_text_cannot_act_on_a_terminal() {
    let folder = workplace("terminal-foreign");
    let scenario = folder.join("foreign.toml");
    let text = "name = \"b\\u202ec\\u200b\"\n[[client]]\nname = \"x\"\n";
    fs::write(&scenario, text).unwrap();
    let path = scenario.to_str().unwrap();
    let ran = run(&["check", path, "--color", "always"]);
    assert!(ran.stdout.contains("b\\u{202e}c\\u{200b}"), "{}", ran.stdout);
    let json = run(&["check", path, "--format", "json"]).stdout;
    assert!(json.contains("b\\u202ec\\u200b"), "{json}");
    let missing = run(&["check", "no\u{1b}[31m\u{202e}such"]);
    assert_eq!(missing.code, Some(2));
    assert!(!missing.stderr.contains(['\u{1b}', '\u{202e}']), "{}", missing.stderr);
    let usage = run(&["chec\u{1b}k"]);
    assert!(!usage.stderr.contains('\u{1b}'), "{}", usage.stderr);
}

#[test]
fn quiet_leaves_results_warnings_and_errors() {
    let folder = workplace("terminal-quiet");
    let scenario = folder.join("untidy.toml");
    fs::write(&scenario, "[[client]]\nname = 'a'\ncalls = ['MAPILogonEx']\n").unwrap();
    let path = scenario.to_str().unwrap();
    let loud = run(&["check", path]);
    assert!(loud.stderr.contains("advice: "), "{}", loud.stderr);
    let quiet = run(&["check", path, "--quiet"]);
    assert_eq!((quiet.stdout, quiet.stderr.as_str()), (loud.stdout, ""));
}

/// Commands whose output is wide: tables, sentences, names of files.
const WIDE: [&[&str]; 10] = [
    &["check", "office", "--set", "DISABLE=off"],
    &["outcomes", "late-start", "--dialogs"],
    &["compare", "shared-logoff", "--against", "SHARED_END=creator"],
    &["sweep", "lost-store", "--set", "TRIES=all", "--clients", "1..2"],
    &["simulate", "monday-morning", "--load", "--seed", "7"],
    &["replay", "traces/corpus/violating", "--all"],
    &["validate", "traces/corpus/field/address-lists-work.jsonl"],
    &["list", "policies"],
    &["list", "presets"],
    &["explain", "RETRY_UNIT"],
];

/// What may be wider: a command to be copied, and a word that has no place to be broken.
fn is_whole(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("mapi-logon ") || !line.contains(' ')
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for args in WIDE {
        for width in [60, 72, 80, 140] {
            let output = command().args(args).env("COLUMNS", width.to_string()).output().unwrap();
            let ran = Ran::from(output);
            assert!(!ran.stdout.is_empty(), "{args:?}: {}", ran.stderr);
            let wide = |line: &&str| line.chars().count() > width && !is_whole(line);
            let wide: Vec<_> = ran.stdout.lines().filter(wide).collect();
            assert!(wide.is_empty(), "{args:?} at {width}:\n{}", wide.join("\n"));
        }
    }
}

#[test]
fn commands_stay_whole_however_narrow_the_terminal() {
    let args = ["check", "office", "--property", "INV-17", "--property", "RCH-8", "--budget", "1"];
    let output = command().args(args).env("COLUMNS", "60").output().unwrap();
    let ran = Ran::from(output);
    let last = ran.stdout.lines().last().unwrap();
    assert!(last.starts_with("mapi-logon check office ") && last.len() > 60, "{last}");
}

#[test]
fn a_file_that_is_replaced_is_named_once() {
    let folder = workplace("terminal-replaced");
    let picture = folder.join("states.svg");
    let args = ["sweep", "lost-store", "--set", "START=all", "--plot", picture.to_str().unwrap()];
    assert_eq!(run(&args).stderr, "");
    let told = format!("note: {} is replaced\n", picture.display());
    assert_eq!(run(&args).stderr, told);
    assert_eq!(run(&[&args[..], &["--quiet"]].concat()).stderr, "");
}

#[test]
fn what_a_limit_left_open_is_listed_in_short() {
    let ran = run(&["check", "office", "--max-states", "100"]);
    assert!(ran.stdout.contains("\nUndecided: INV-1, INV-2, "), "{}", ran.stdout);
    assert!(!ran.stdout.contains("\nINV-1 "), "{}", ran.stdout);
    let ran = run(&["check", "office", "--property", "RCH-5"]);
    assert!(
        ran.stdout.starts_with("HOLDS. No run of this scenario shows RCH-5.\n"),
        "{}",
        ran.stdout
    );
}
