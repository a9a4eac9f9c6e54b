//! Partial results of simulations that are interrupted.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};
use std::thread::yield_now;

use crate::support::{command, workplace};

/// Starts a simulation that would never end and interrupts it once it is under way.
fn interrupted(arguments: &[&str]) -> (Option<i32>, String) {
    let mut child = command()
        .arg("simulate")
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Work has begun when the process listens for the signal.
    let status = format!("/proc/{}/status", child.id());
    loop {
        let status = fs::read_to_string(&status).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = u64::from_str_radix(caught.unwrap().trim(), 16).unwrap();
        if caught & 0b10 != 0 {
            break;
        }
        yield_now();
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    (child.wait().unwrap().code(), text)
}

#[cfg(target_os = "linux")]
#[test]
fn interrupted_runs_print_what_is_known() {
    let (code, text) = interrupted(&["office", "--runs", "1000000000000"]);
    assert_eq!(code, Some(130), "{text}");
    assert!(text.contains("Interrupted"), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn interrupted_load_prints_what_is_known() {
    let path = workplace("simulate-interrupt").join("long.toml");
    let text = "[[client]]\nname = 'a'\nprofile = 'P'\n[[profile]]\nname = 'P'\n[timing]\n\
                session = { constant = 0 }\n\
                [load]\narrivals_per_second = 1000\nlogons = 1000000000000\n";
    fs::write(&path, text).unwrap();
    let (code, text) = interrupted(&[path.to_str().unwrap(), "--load"]);
    assert_eq!(code, Some(130), "{text}");
    assert!(text.contains("Interrupted"), "{text}");
}
