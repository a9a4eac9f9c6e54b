//! Files are read with suspicion and written as their schemas say.

use std::fs;

use crate::schemas::{fits, validator};
use crate::support::{Ran, command, files, root, run, workplace};
use crate::traces::{json, text};

#[cfg(unix)]
#[test]
fn suite_is_not_written_through_a_link() {
    let folder = workplace("traces-link");
    let (other, suite) = (folder.join("other"), folder.join("suite"));
    fs::create_dir(&suite).unwrap();
    fs::write(&other, "kept").unwrap();
    std::os::unix::fs::symlink(&other, suite.join("README.md")).unwrap();
    let ran = run(&["generate", "lost-store", "--cover", "outcomes", "--out", text(&suite)]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert!(ran.stderr.contains("README.md: it is a link"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(&other).unwrap(), "kept");
}

#[test]
fn bad_files_end_with_2_and_the_line() {
    let folder = workplace("traces-bad");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        text(&path).to_owned()
    };
    let event = r#"{"client":"a","call":"MAPILogonEx","result":"S_OK"}"#;
    let empty = write("empty.jsonl", b"");
    let broken = write("broken.jsonl", format!("{event}\n{{\"client\":").as_bytes());
    let bytes = write("bytes.jsonl", &[event.as_bytes(), b"\n\xff\xfe\n"].concat());
    let stranger = write("stranger.jsonl", event.as_bytes());
    let version = write("version.jsonl", br#"{"format":"mapi-logon trace","version":9}"#);
    let deep = write("deep.itf.json", "[".repeat(100_000).as_bytes());
    for (args, said) in [
        (vec!["validate", &empty], ":1:1: the recording is empty"),
        (vec!["validate", &broken], "broken.jsonl:2:10: "),
        (vec!["validate", &bytes], "bytes.jsonl:2:1: byte 0xFF is not UTF-8"),
        (vec!["validate", &stranger, "--scenario", "office"], "stranger.jsonl:1:1: unknown client"),
        (vec!["replay", &version], "version.jsonl:1:1: version 9"),
        (vec!["replay", &deep], "deep.itf.json:1:128: "),
        (vec!["replay", &empty], ":1:1: the file is empty"),
        (vec!["import", "--format", "mapi4linux-recording", &empty, "--out", &deep], "is empty"),
        (vec!["import", "--map", &broken, &empty], "broken.jsonl:1:1: "),
        (vec!["export", &empty, "--to", "itf"], "the file is empty"),
        (vec!["validate", "no-such-file"], "no-such-file: cannot be read"),
        (vec!["import", &empty], "--map MAP.toml (--guess proposes one), or --format"),
    ] {
        let ran = run(&args);
        assert_eq!(ran.code, Some(2), "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{args:?}: {:?}", ran.stderr);
    }
}

/// Runs the command where files stay empty, as on a disk that is full.
#[cfg(target_os = "linux")]
fn on_a_full_disk(args: &[&str]) -> Ran {
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""]);
    Ran::from(shell.arg(command().get_program()).args(args).current_dir(root()).output().unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn whoever_cannot_write_a_file_says_so_after_the_verdict_and_leaves_nothing() {
    let folder = workplace("traces-full");
    let file = folder.join("file.svg");
    let (log, map) = ("tests/data/helpdesk.log", "tests/data/helpdesk.toml");
    let recording = "traces/corpus/field/beside-a-running-client.jsonl";
    for (args, option) in [
        (&["validate", recording][..], "--witness"),
        (&["validate", recording], "--html"),
        (&["validate", recording], "--junit"),
        (&["validate", recording], "--save-scenario"),
        (&["check", "no-default"], "--html"),
        (&["check", "tests/data/silent-user.toml"], "--trace"),
        (&["check", "no-default"], "--sarif"),
        (&["simulate", "no-default"], "--trace"),
        (&["simulate", "no-default"], "--html"),
        (&["simulate", "monday-morning", "--load"], "--series"),
        (&["simulate", "monday-morning", "--load"], "--plot"),
        (&["outcomes", "no-default"], "--html"),
        (&["compare", "no-default", "--against", "openchange"], "--html"),
        (&["sweep", "no-default", "--set", "MUTEX=all"], "--plot"),
        (&["explore", "no-default"], "--html"),
        (&["export", "no-default", "--to", "dot"], "--out"),
        (&["import", log, "--map", map], "--out"),
        (&["replay", "traces/corpus/conforming"], "--html"),
        (&["generate", "no-default", "--cover", "outcomes"], "--out"),
    ] {
        let at = [args, &[option, text(&file)]].concat();
        let ran = on_a_full_disk(&at);
        assert_eq!(ran.code, Some(2), "{at:?}: {ran:?}");
        assert!(ran.stderr.contains("cannot write "), "{at:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("File too large"), "{at:?}: {}", ran.stderr);
        if option == "--out" {
            fs::remove_dir(&file).unwrap_or_default();
        }
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "{at:?} leaves something");
        let silent =
            ["explore", "export", "import", "generate"].contains(&args[0]) || option == "--save";
        assert_eq!(ran.stdout.is_empty(), silent, "{at:?}: {}", ran.stdout);
    }
}

/// Runs the command with `kibibytes` KiB of address space.
#[cfg(target_os = "linux")]
fn within(kibibytes: u32, args: &[&str]) -> Ran {
    let script = format!("ulimit -v {kibibytes}; exec \"$0\" \"$@\"");
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &script]).arg(command().get_program());
    Ran::from(shell.args(args).current_dir(root()).output().unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn a_line_of_a_hundred_megabytes_takes_little_memory() {
    let folder = workplace("traces-long");
    let path = folder.join("long.jsonl");
    fs::write(&path, vec![b'{'; 100 << 20]).unwrap();
    for verb in ["replay", "validate"] {
        let ran = within(400_000, &[verb, text(&path)]);
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains("long.jsonl:1:1: the line is longer than"), "{}", ran.stderr);
    }
    fs::remove_file(&path).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn files_without_end_take_little_memory() {
    let folder = workplace("traces-endless");
    let log = folder.join("long.log");
    let call = "[09:00:01] OUTLOOK > OpenMsgStore store=\"Mailbox - Ann\"\n\
                [09:00:02] OUTLOOK < OpenMsgStore hr=80040111\n";
    fs::write(&log, call.repeat(200_000)).unwrap();
    let map = "tests/data/helpdesk.toml";
    let out = folder.join("long.jsonl");
    let args = ["import", "--map", map, text(&log), "--out", text(&out)];
    let ran = within(200_000, &args);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.starts_with("200 000 events; "), "{}", ran.stderr);
    let ran = within(200_000, &["import", "--map", "/dev/zero", text(&log)]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("/dev/zero:1:1: the map is longer than"), "{}", ran.stderr);
    let blank = folder.join("blank.jsonl");
    fs::write(&blank, vec![b'\n'; 1_000_001]).unwrap();
    for args in [&["validate", text(&blank)][..], &["export", text(&blank), "--to", "itf"]] {
        let ran = within(200_000, args);
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    }
    let ran = within(200_000, &["validate", text(&blank)]);
    let told = "blank.jsonl:1000001:1: the file has more than 1000000 lines";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    fs::remove_file(&log).unwrap();
    fs::remove_file(&out).unwrap();
}

#[test]
fn imports_of_nothing_are_errors() {
    let folder = workplace("traces-nothing");
    let log = folder.join("log");
    let out = folder.join("out");
    let killed = r#"{"scenario":"real/x","step":1,"call":"MAPIInitialize","hr":"0x00000000"}"#;
    fs::write(&log, killed).unwrap();
    let args = ["import", "--format", "mapi4linux-recording", text(&log), "--out", text(&out)];
    let ran = run(&args);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("nothing was imported; 1 left out"), "{}", ran.stderr);
    assert!(!out.exists());
}

#[test]
fn results_fit_their_schemas() {
    let folder = workplace("traces-schemas");
    let out = text(&folder).to_owned();
    let trace = files("traces/corpus/violating", ".jsonl")[0].clone();
    let trace = text(&trace).to_owned();
    let real = folder.join("recording.jsonl");
    fs::write(&real, r#"{"client":"a","call":"MAPILogonEx","result":"MAPI_E_NO_ACCESS"}"#).unwrap();
    let real = text(&real).to_owned();
    let results: Vec<(&str, Vec<&str>)> = vec![
        ("check", vec!["check", "lost-store", "--property", "RCH-8"]),
        ("check", vec!["check", "cancelled-prompt"]),
        ("outcomes", vec!["outcomes", "shared-session", "--dialogs"]),
        ("simulate", vec!["simulate", "office", "--runs", "50"]),
        ("simulate-load", vec!["simulate", "monday-morning", "--load"]),
        ("replay", vec!["replay", &trace]),
        ("validate", vec!["validate", &real]),
        ("generate", vec!["generate", "lost-store", "--cover", "pairs", "--out", &out]),
    ];
    for (name, args) in results {
        let ran = run(&[&args[..], &["--format", "json"]].concat());
        fits(&validator(name), &json(&ran), &args.join(" "));
    }
}
