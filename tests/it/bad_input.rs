//! Bad input: one message that says what is wrong, where, and what is admissible.

use std::fs;
use std::path::Path;

use crate::support::{Ran, command, run, workplace};

/// What is wrong, the scenario, the place of the error, and a part of its message.
const ERRORS: &[(&str, &str, &str, &str)] = &[
    ("unknown key", "[[client]]\nname = 'a'\nflag = []", "3:1", "`flags`"),
    ("unknown section", "[polcy]\n[[client]]\nname = 'a'", "1:2", "`policy`"),
    ("unknown flag", "[[client]]\nname = 'a'\nflags = ['MAPI_LOGON_U']", "3:10", "MAPI_LOGON_UI"),
    ("unknown answer", "[[client]]\nname = 'a'\n[user]\nanswers = ['cancle']", "4:12", "`cancel`"),
    ("unknown policy", "[[client]]\nname = 'a'\n[policy]\nRETRY = 'step'", "4:1", "RETRY"),
    ("unknown value", "[[client]]\nname = 'a'\n[policy]\nRETRY_UNIT = 'x'", "4:14", "`service`"),
    ("unknown fault", "[[client]]\nname = 'a'\n[faults]\nkinds = ['fire']", "4:10", "invalid-path"),
    ("unknown witness", "[[client]]\nname = 'a'\n[expect]\nwitnesses = ['RCH-99']", "4:14", "RCH"),
    ("unknown call", "[[client]]\nname = 'a'\ncalls = ['Logof']", "3:10", "`Logoff`"),
    ("duplicate client", "[[client]]\nname = 'a'\n[[client]]\nname = 'a'", "4:8", "a"),
    ("duplicate key", "[[client]]\nname = 'a'\nname = 'b'", "3:1", "dupli"),
    ("no provider", "[[profile]]\nname = 'P'\n[[profile.service]]\nname = 'S'", "3:1", "provider"),
    ("wrong type", "[[client]]\nname = 'a'\n[faults]\nbudget = 'one'", "4:10", "budget"),
    ("negative number", "[[client]]\nname = 'a'\n[faults]\nbudget = -1", "4:10", "0"),
    ("over a limit", "[[client]]\nname = 'a'\n[faults]\nbudget = 1000", "4:10", "15"),
    ("broken TOML", "[[client]]\nname = ", "2:8", "TOML"),
    ("no client", "name = 'nobody'", "1:1", "[[client]]"),
    ("empty file", "", "1:1", "empty"),
];

#[test]
fn advice_that_a_file_does_not_follow_is_no_error() {
    let path = workplace("advice").join("rude.toml");
    let text = "[[client]]\nname = 'tool'\nflags = ['MAPI_NT_SERVICE']\n\
                calls = ['MAPILogonEx', 'Logoff:MAPI_LOGOFF_SHARED']\n";
    fs::write(&path, text).unwrap();
    let told = |command: &str| {
        let ran = run(&[command.as_ref(), path.as_os_str()]);
        assert_eq!(ran.code, Some(0), "{command}");
        let ids = ran.stderr.lines().map(|line| {
            assert!(line.starts_with("advice: "), "{command}: {line}");
            line.rsplit_once(' ').unwrap().1.to_owned()
        });
        ids.collect::<Vec<_>>()
    };
    assert_eq!(told("check"), ["(FLG-8)", "(FLG-23)", "(OFF-10)"]);
    assert_eq!(told("simulate"), ["(OFF-10)"]);
    assert_eq!(told("outcomes"), [""; 0]);
    // Built-in scenarios show bad manners on purpose.
    for scenario in ["office", "shared-logoff"] {
        assert_eq!(run(&["check", scenario]).stderr, "");
    }
}

#[test]
fn every_error_is_reported_once_with_its_place() {
    let folder = workplace("bad_input");
    for (number, (what, text, place, says)) in ERRORS.iter().enumerate() {
        let path = folder.join(format!("error-{number}.toml"));
        fs::write(&path, text).unwrap();
        for command in ["check", "outcomes"] {
            is_reported(what, &path, &run(&[command.as_ref(), path.as_os_str()]), place, says);
        }
    }
}

fn is_reported(what: &str, path: &Path, ran: &Ran, place: &str, says: &str) {
    let start = format!("error: {}:{place}: ", path.display());
    let told = &ran.stderr;
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{what}: {told}");
    assert!(told.starts_with(&start), "{what}: {told:?} does not start with {start:?}");
    assert_eq!(told.lines().count(), 1, "{what}: {told}");
    assert!(told.contains(says), "{what}: {told:?} does not say {says:?}");
}

#[test]
fn bytes_that_are_not_text_are_reported_with_their_place() {
    let path = workplace("no_text").join("latin-1.toml");
    fs::write(&path, b"# \xFCmlaut\n").unwrap();
    let ran = run(&["check".as_ref(), path.as_os_str()]);
    is_reported("not UTF-8", &path, &ran, "1:3", "UTF-8");
}

#[test]
fn files_over_the_limit_are_not_read_to_their_end() {
    let path = workplace("large").join("large.toml");
    fs::write(&path, "#".repeat(mapi_logon_model::scenario::MAX_BYTES + 1)).unwrap();
    let ran = run(&["check".as_ref(), path.as_os_str()]);
    is_reported("too large", &path, &ran, "1:1", "bytes");
}

#[test]
fn directory_and_missing_file_are_no_scenarios() {
    let folder = workplace("no_file");
    let ran = run(&["check".as_ref(), folder.as_os_str()]);
    is_reported("directory", &folder, &ran, "1:1", "directory");
    let missing = folder.join("missing.toml");
    let ran = run(&["check".as_ref(), missing.as_os_str()]);
    is_reported("missing", &missing, &ran, "1:1", "list scenarios");
}

#[cfg(unix)]
#[test]
fn file_without_permission_is_reported() {
    use std::os::unix::fs::PermissionsExt;

    let path = workplace("secret").join("secret.toml");
    fs::write(&path, "[[client]]\nname = 'a'").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&path).is_ok() {
        return; // Whoever may read everything sees no difference.
    }
    let ran = run(&["check".as_ref(), path.as_os_str()]);
    is_reported("unreadable", &path, &ran, "1:1", "cannot be read");
}

#[test]
fn warnings_go_to_standard_error_and_change_no_verdict() {
    let path = workplace("warning").join("warning.toml");
    fs::write(&path, "[[client]]\nname = 'a'\nprofile = 'Nowhere'").unwrap();
    let output = command().arg("outcomes").arg(&path).output().unwrap();
    let ran = Ran::from(output);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.starts_with("warning: ") && ran.stdout.contains("MAPI_E_LOGON_FAILED"));
}

/// Arguments, and a part of the message that says what is wrong with them.
const ARGUMENTS: [(&[&str], &str); 6] = [
    (
        &["check", "--set", "retry_unitt=step"],
        "unknown policy `retry_unitt`; did you mean `RETRY_UNIT`?\n",
    ),
    (&["check", "--set", "START=eager", "--set", "start=on_open"], "--set START is given twice"),
    (&["sweep", "--set", "MUTEX=all,START=all"], "repeat --set for another"),
    (&["sweep", "--set", "START=all,on_open"], "`all` is given alone"),
    (&["simulate", "--runs", "100000000000000000000000"], "too large; expected a whole number"),
    (&["simulate", "--runs", "many"], "as 1000000, 1_000_000 or 1e6"),
];

#[test]
fn wrong_arguments_are_explained_in_short() {
    for (args, says) in ARGUMENTS {
        let ran = run(args);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn policies_are_known_however_they_are_capitalised() {
    let ran = run(&["check", "lost-store", "--set", "start=on_open"]);
    assert!(
        ran.stdout.ends_with("\nmapi-logon check lost-store --set START=on_open\n"),
        "{}",
        ran.stdout
    );
}

#[test]
fn expression_that_is_wrong_is_reported_where_it_stands() {
    let map = workplace("bad-map").join("map.toml");
    let text = "[[event]]\npattern = 'a'\n\n[[event]]\nkind = 'end'\npattern = '('\n";
    fs::write(&map, text).unwrap();
    let path = map.to_str().unwrap();
    let ran = run(&["import", "--map", path, "tests/data/helpdesk.log"]);
    assert!(ran.stderr.starts_with(&format!("error: {path}:6:1: pattern ")), "{}", ran.stderr);
}
