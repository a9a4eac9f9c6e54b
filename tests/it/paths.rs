//! Paths that are not UTF-8, links in folders for output, closed standard streams, long names, and
//! what a released binary may hold.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Ran, command, root, run, workplace};

/// A name that is not UTF-8, and how it is shown.
const NAME: (&[u8], &str) = (b"b\xfcro\xe2\x80", r"b\xfcro\xe2\x80");

fn strange(folder: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(OsStr::from_bytes(NAME.0));
    name.push(ending);
    folder.join(name)
}

#[test]
fn paths_that_are_not_utf8_are_read_and_written_and_named_escaped() {
    let folder = strange(&workplace("paths"), "");
    fs::create_dir(&folder).unwrap();
    let [scenario, trace, recording] =
        [".toml", ".jsonl", ".recording"].map(|ending| strange(&folder, ending));
    fs::copy(root().join("scenarios/office.toml"), &scenario).unwrap();
    let run = |args: &[&OsStr]| run(args);
    let word = OsStr::new;
    let ran = run(&[word("check"), scenario.as_ref()]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let repeated = format!(r"check $'{}", folder.parent().unwrap().display());
    assert!(ran.stdout.contains(&repeated) && ran.stdout.contains(NAME.1), "{}", ran.stdout);
    let made = [word("simulate"), scenario.as_ref(), word("--runs"), word("1"), word("--trace")];
    assert_eq!(run(&[&made[..], &[trace.as_ref()]].concat()).code, Some(0));
    let [replay, validate, export] = ["replay", "validate", "export"].map(word);
    assert_eq!(run(&[replay, trace.as_ref()]).code, Some(0));
    assert_eq!(run(&[replay, folder.as_ref()]).code, Some(0), "found in the folder");
    let to = ["--to", "recording", "--out"].map(word);
    let ran = run(&[&[export, trace.as_ref()], &to[..], &[recording.as_ref()]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(run(&[validate, recording.as_ref()]).code, Some(0));
    let ran = run(&[validate, recording.as_ref(), word("--format"), word("json")]);
    assert!(serde_json::from_str::<serde_json::Value>(&ran.stdout).is_ok(), "{ran:?}");
    for (args, says) in [
        (vec![word("check"), folder.as_ref()], "this is a directory"),
        (vec![replay, scenario.as_ref()], "is a scenario"),
        (vec![validate, strange(&folder, "-gone").as_ref()], "cannot be read"),
        (vec![word("check"), word("--trace"), folder.as_ref()], "it is a directory"),
    ] {
        let ran = run(&args);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains(NAME.1) && ran.stderr.contains(says), "{ran:?}");
    }
}

#[test]
fn recordings_are_not_imported_through_a_link() {
    let folder = workplace("paths-link");
    let (kept, out) = (folder.join("kept"), folder.join("out"));
    let out_text = out.to_str().unwrap();
    let import = ["import", "--format", "mapi4linux-recording", "tests/data/mapi4linux.jsonl"];
    let import = || run(&[&import[..], &["--out", out_text]].concat());
    assert_eq!(import().code, Some(0));
    let first = fs::read_dir(&out).unwrap().map(|one| one.unwrap().path()).min().unwrap();
    fs::write(&kept, "kept").unwrap();
    fs::remove_file(&first).unwrap();
    symlink(&kept, &first).unwrap();
    let ran = import();
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("it is a link; remove it first"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(&kept).unwrap(), "kept");
}

/// Runs the command with these streams closed.
fn closed(streams: &str, args: &[&str]) -> Ran {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec \"$0\" \"$@\" {streams}")]).arg(command().get_program());
    Ran::from(shell.args(args).current_dir(root()).output().unwrap())
}

#[test]
fn verdict_stays_in_the_exit_code_when_standard_streams_are_closed() {
    let folder = workplace("paths-closed");
    let trace = folder.join("trace");
    let broken = ["check", "tests/data/silent-user.toml", "--trace", trace.to_str().unwrap()];
    for (args, code) in [
        (&["check", "office"][..], 0),
        (&["check", "office", "--max-states", "100"], 3),
        (&["check", "no-such-scenario"], 2),
        (&["check", "--no-such-option"], 2),
        (&["--help"], 0),
        (&broken, 1),
    ] {
        for streams in [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"] {
            let ran = closed(streams, args);
            assert_eq!(ran.code, Some(code), "{args:?} {streams}: {ran:?}");
            assert!(!ran.stderr.contains("panicked"), "{ran:?}");
        }
    }
    // No result has gone into a file that took the place of a stream.
    assert_eq!(run(&["replay", trace.to_str().unwrap()]).code, Some(0));
}

#[test]
fn suite_of_a_scenario_with_a_long_name_has_names_that_a_folder_takes() {
    let folder = workplace("paths-long");
    let (scenario, out) = (folder.join("long.toml"), folder.join("out"));
    let text = fs::read_to_string(root().join("scenarios/lost-store.toml")).unwrap();
    let (about, rest) = text.split_once("name = \"lost-store\"").unwrap();
    let title = "\u{20000}".repeat(64);
    fs::write(&scenario, format!("{about}name = \"{title}\"{rest}")).unwrap();
    let cover = ["generate", scenario.to_str().unwrap(), "--cover", "outcomes", "--out"];
    let ran = run(&[&cover[..], &[out.to_str().unwrap()]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let ran = run(&["replay", out.to_str().unwrap()]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn release_is_refused_where_it_holds_a_path_of_this_machine() {
    let folder = workplace("paths-release");
    let check = |binary: &Path| {
        let mut script = Command::new("bash");
        let output = script.arg(root().join("scripts/release")).arg("--check").arg(binary).output();
        Ran::from(output.unwrap())
    };
    let ran = check(Path::new(env!("CARGO_BIN_EXE_mapi-logon")));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains(" holds /"), "{ran:?}");
    let (good, bad) = (folder.join("good"), folder.join("bad"));
    let code = b"\x7fELF\0src/main.rs\0cargo/registry/src/lib.rs\0";
    fs::write(&good, code).unwrap();
    let own = format!("{}/src/main.rs\0", root().display());
    fs::write(&bad, [&code[..], own.as_bytes()].concat()).unwrap();
    assert_eq!(check(&good).code, Some(0));
    assert_eq!(check(&bad).code, Some(1));
    assert_eq!(check(&folder.join("gone")).code, Some(2));
}
