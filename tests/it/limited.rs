//! Limits of `validate` and `generate`, and inputs that are left out or refused in place of being
//! read without end.

use std::fs;
use std::path::Path;
use std::process::Command;

use mapi_logon_model::scenario::Scenario;
use mapi_logon_traces::synthetic::{Synthesis, synthesize};
use mapi_logon_traces::write::write_line;

use crate::support::{root, run, workplace};

/// A world of four clients with a recording of it, in which many faults are hidden, and whose last
/// event is impossible.
fn impossible(folder: &Path, events: usize) -> [String; 2] {
    let world = fs::read_to_string(root().join("benches/four-clients.toml")).unwrap();
    let scenario = Scenario::parse(&world).unwrap();
    let synthesis = Synthesis { events, seed: 7, tries_per_fault: 20, concurrency: 4 };
    let mut events = synthesize(scenario, synthesis).events;
    let last = events.iter_mut().rev().find(|event| event.call == "MAPILogonEx").unwrap();
    last.result = "MAPI_E_NOT_FOUND".into();
    let mut text = Vec::new();
    events.iter().for_each(|event| write_line(&mut text, event).unwrap());
    let paths = [folder.join("recording.jsonl"), folder.join("world.toml")];
    fs::write(&paths[0], text).unwrap();
    fs::write(&paths[1], world).unwrap();
    paths.map(|path| path.to_str().unwrap().to_owned())
}

#[test]
fn impossible_event_behind_many_hidden_faults_is_named() {
    let [recording, world] = impossible(&workplace("limited-impossible"), 3_000);
    let limits = ["--faults", "100000", "--max-steps", "2000000"];
    let ran = run(&[&["validate", &recording, "--scenario", &world][..], &limits].concat());
    let says = ran.stdout.as_str();
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(says.starts_with("UNEXPLAINED at event "), "{says}");
    assert!(says.contains("MAPI_E_NOT_FOUND"), "{says}");
    assert!(says.contains("At this point the model allows"), "{says}");
}

#[cfg(target_os = "linux")]
#[test]
fn validate_and_generate_end_when_the_memory_that_they_may_take_is_used_up() {
    let folder = workplace("limited-memory");
    let [recording, world] = impossible(&folder, 600);
    let ran = run(&["validate", &recording, "--scenario", &world, "--max-memory", "1MB"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.stdout.contains("the limit on memory was reached (--max-memory raises it)"));
    let suite = folder.join("suite");
    let suite = suite.to_str().unwrap();
    let cover = ["generate", "retry-storm", "--cover", "states", "--max-memory", "1MB", "--out"];
    let ran = run(&[&cover[..], &[suite]].concat());
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.stdout.contains("raise --max-states or --max-memory"), "{}", ran.stdout);
}

#[test]
fn recording_of_libmapi_with_a_wrong_type_is_left_out_and_the_others_are_imported() {
    let folder = workplace("limited-import");
    let log = fs::read_to_string(root().join("tests/data/mapi4linux.jsonl")).unwrap();
    let lines: Vec<&str> = log.lines().take(40).collect();
    let good = folder.join("good.jsonl");
    fs::write(&good, lines.join("\n")).unwrap();
    let bad = folder.join("bad.jsonl");
    fs::write(&bad, lines.join("\n").replacen("\"profile\":null", "\"profile\":5", 1)).unwrap();
    let import = |log: &Path, out: &str| {
        let out = folder.join(out);
        let (log, out) = (log.to_str().unwrap(), out.to_str().unwrap());
        run(&["import", "--format", "mapi4linux-recording", log, "--out", out])
    };
    let (good, bad) = (import(&good, "good"), import(&bad, "bad"));
    assert_eq!((good.code, bad.code), (Some(0), Some(0)), "{good:?} {bad:?}");
    let left_out = |stderr: &str| stderr.matches("left out: resolve").count();
    assert_eq!(left_out(&bad.stderr), left_out(&good.stderr) + 1, "{}", bad.stderr);
}

#[cfg(unix)]
#[test]
fn checkpoint_that_is_a_pipe_is_refused() {
    let folder = workplace("limited-pipe");
    let pipe = folder.join("manifest-0");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let ran = run(&["check", "office", "--resume", folder.to_str().unwrap()]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert!(ran.stderr.contains("manifest-0: is not a file"), "{}", ran.stderr);
}
