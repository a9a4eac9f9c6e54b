//! Several processes write what one writes, and nothing when one of them is lost.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

use crate::support::{Ran, command, root, run, workplace};

/// An address that no process listens on, and that is not given to a process that asks for any.
fn address() -> String {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let port = 10_000 + (std::process::id() * 97 % 20_000) as u16;
        let port = port + NEXT.fetch_add(1, Ordering::Relaxed) % 2_000;
        let address = format!("127.0.0.1:{port}");
        if TcpListener::bind(&address).is_ok() {
            return address;
        }
    }
}

/// A hosts file with addresses that nobody listens on, and the addresses.
pub(crate) fn hosts(folder: &Path, processes: usize) -> (PathBuf, Vec<String>) {
    let addresses: Vec<_> = (0..processes).map(|_| address()).collect();
    let path = folder.join("hosts");
    fs::write(&path, format!("# ours\n{}\n", addresses.join("\n"))).unwrap();
    (path, addresses)
}

/// Starts process `number`.
pub(crate) fn start(args: &[&str], hosts: &Path, number: usize) -> Child {
    start_as(command(), args, hosts, number)
}

fn start_as(mut command: Command, args: &[&str], hosts: &Path, number: usize) -> Child {
    let cluster = ["--hosts", hosts.to_str().unwrap(), "--workers", "1"];
    command
        .args(args)
        .args(cluster)
        .args(["--process", &number.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

pub(crate) fn end(child: Child) -> Ran {
    Ran::from(child.wait_with_output().unwrap())
}

/// The end of a survivor: an error and no verdict.
pub(crate) fn is_lost(ran: &Ran, says: &str) {
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.stderr.starts_with("error: cluster: "), "{ran:?}");
    assert!(ran.stderr.contains(says), "{ran:?}");
}

#[test]
fn processes_write_the_bytes_that_one_writes() {
    let folder = workplace("processes-bytes");
    for args in [
        &["check", "office"][..],
        &["check", "four-faults", "--format", "json"],
        &["check", "shared-session", "--property", "RCH-6"],
        &["check", "tests/data/silent-user.toml"],
        &["check", "office", "--max-states", "500"],
        &["check", "retry-storm", "--budget", "1"],
        &["check", "office", "--no-cache"],
    ] {
        let alone = run(&[args, &["--workers", "1"]].concat());
        let (hosts, _) = hosts(&folder, 2);
        let children = [0, 1].map(|number| start(args, &hosts, number));
        let [first, second] = children.map(end);
        assert_eq!((&first.stdout, first.code), (&alone.stdout, alone.code), "{args:?}");
        assert_eq!((second.stdout.as_str(), second.code), ("", alone.code), "{args:?}");
        assert!(
            second.stderr.lines().any(|line| line.starts_with("process 1: ")),
            "{}",
            second.stderr
        );
    }
}

#[test]
fn processes_count_two_phase_commit_as_one_does() {
    let folder = workplace("processes-example");
    // Built with the features of the whole workspace, whose tests have built it already.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let args = ["build", "--quiet", "--offline", "--workspace", "--example", "two_phase_commit"];
    let built = Ran::from(Command::new(cargo).current_dir(root()).args(args).output().unwrap());
    assert_eq!(built.code, Some(0), "{}", built.stderr);
    let folder_of_tests = Path::new(env!("CARGO_BIN_EXE_mapi-logon")).parent().unwrap();
    let program = folder_of_tests.join("examples/two_phase_commit");
    let example = || {
        let mut example = Command::new(&program);
        example.arg("5");
        example
    };
    let counts = |ran: &Ran| {
        let line: serde_json::Value = serde_json::from_str(&ran.stdout).expect(&ran.stderr);
        ["managers", "states", "transitions", "depth"].map(|count| line[count].as_u64().unwrap())
    };
    let alone = Ran::from(example().args(["--workers", "2"]).output().unwrap());
    let (hosts, _) = hosts(&folder, 2);
    let children = [0, 1].map(|number| start_as(example(), &[], &hosts, number));
    let [first, second] = children.map(end);
    assert_eq!(counts(&first), counts(&alone));
    assert_eq!(counts(&first)[..2], [5, 8_832]);
    assert_eq!((second.stdout.as_str(), second.code), ("", Some(0)));
}

#[test]
fn process_that_is_killed_leaves_no_verdict_anywhere() {
    let folder = workplace("processes-killed");
    let (hosts, _) = hosts(&folder, 3);
    let saved = |number: usize| folder.join(format!("saved-{number}"));
    let mut children = Vec::new();
    for number in 0..3 {
        let dir = saved(number);
        let args = ["check", "retry-storm", "--every", "0", "--checkpoint", dir.to_str().unwrap()];
        children.push(start(&args, &hosts, number));
    }
    // They have met and explore when there is a checkpoint.
    while !saved(1).join("manifest-1").exists() {
        std::thread::yield_now();
    }
    let mut killed = children.remove(1);
    killed.kill().unwrap();
    killed.wait().unwrap();
    // The second to notice may miss the first who did.
    for survivor in children {
        is_lost(&end(survivor), "process ");
    }
}

#[test]
fn processes_that_a_limit_has_ended_resume_together_and_write_what_one_writes() {
    let folder = workplace("processes-resumed");
    let saved = folder.join("saved");
    let scenario = ["check", "retry-storm", "--budget", "1", "--format", "json"];
    let run_together = |more: &[&str]| {
        let (hosts, _) = hosts(&folder, 2);
        let args = [&scenario[..], more, &[saved.to_str().unwrap()]].concat();
        let [first, second] = [0, 1].map(|number| start(&args, &hosts, number)).map(end);
        assert_eq!(first.code, second.code, "{first:?} {second:?}");
        first
    };
    assert_eq!(run_together(&["--max-states", "20000", "--checkpoint"]).code, Some(3));
    let alone = run(&[&scenario[..], &["--workers", "1"]].concat());
    let resumed = run_together(&["--resume"]);
    assert_eq!((resumed.stdout, resumed.code), (alone.stdout, alone.code));
}

#[test]
fn port_in_use_leaves_no_verdict_anywhere() {
    let folder = workplace("processes-port");
    let (hosts, addresses) = hosts(&folder, 2);
    let _squatter = TcpListener::bind(&addresses[0]).unwrap();
    let args = ["check", "office", "--wait", "200ms"];
    let first = end(start(&args, &hosts, 0));
    is_lost(&first, "cannot listen on");
    is_lost(&end(start(&args, &hosts, 1)), "process 0 at");
    let (hosts, addresses) = self::hosts(&folder, 2);
    let squatter = TcpListener::bind(&addresses[1]).unwrap();
    is_lost(&end(start(&args, &hosts, 1)), "cannot listen on");
    is_lost(&end(start(&args, &hosts, 0)), "process 1 at");
    drop(squatter);
}

#[test]
fn processes_that_search_differently_leave_no_verdict() {
    let folder = workplace("processes-differ");
    let pairs: [([&str; 4], &str); 4] = [
        (["check", "lost-store", "--max-states", "1000000"], "name"),
        (["check", "office", "--set", "ALL_DISABLED=fail"], "ALL_DISABLED"),
        (["check", "office", "--max-states", "1000"], "states"),
        (["check", "office", "--property", "INV-1"], "properties"),
    ];
    for (other, says) in pairs {
        let (hosts, _) = hosts(&folder, 2);
        let one = start(&["check", "office", "--max-states", "1000000"], &hosts, 0);
        let two = start(&other, &hosts, 1);
        for ran in [end(one), end(two)] {
            is_lost(&ran, "explores something else: here");
            assert!(ran.stderr.contains(says), "{}", ran.stderr);
        }
    }
}

#[test]
fn process_of_another_build_is_refused() {
    let folder = workplace("processes-build");
    let (hosts, _) = hosts(&folder, 2);
    let other = folder.join("mapi-logon");
    fs::copy(env!("CARGO_BIN_EXE_mapi-logon"), &other).unwrap();
    fs::File::options().append(true).open(&other).unwrap().write_all(b"another").unwrap();
    let ours = start(&["check", "office"], &hosts, 0);
    let theirs = start_as(Command::new(other), &["check", "office"], &hosts, 1);
    for ran in [end(ours), end(theirs)] {
        is_lost(&ran, "explores something else: here `program: ");
    }
}

#[test]
fn hosts_that_make_no_sense_are_refused_with_their_line() {
    let folder = workplace("processes-hosts");
    let path = folder.join("hosts");
    let hosts = path.to_str().unwrap();
    let errors = [
        ("# none\n", "0", "process 0 needs 1 or more hosts"),
        ("one:1\ntwo:2\n", "2", "process 2 needs 3 or more hosts, but only 2 are listed"),
        ("one:1\ntwo\n", "0", "line 2: `two` is not an address; write HOST:PORT"),
        ("one:1\ntwo:70000 # too much\n", "0", "line 2: `two:70000` is not an address"),
        ("one:1\none:1\n", "0", "line 2: `one:1` is listed twice"),
    ];
    for (text, process, says) in errors {
        fs::write(&path, text).unwrap();
        let ran = run(&["check", "office", "--hosts", hosts, "--process", process]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{text}");
        assert!(ran.stderr.contains(hosts) && ran.stderr.contains(says), "{}", ran.stderr);
    }
    let endless = run(&["check", "--hosts", "/dev/zero", "--process", "0"]);
    assert_eq!(endless.code, Some(2));
    assert!(endless.stderr.contains("is longer than 65536 bytes"), "{}", endless.stderr);
    let missing = folder.join("missing");
    let ran = run(&["check", "--hosts", missing.to_str().unwrap(), "--process", "0"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("cannot be read"), "{}", ran.stderr);
    for half in [["--hosts", hosts], ["--process", "0"]] {
        let ran = run(&["check", "office", half[0], half[1]]);
        assert_eq!(ran.code, Some(2));
        assert!(ran.stderr.contains("required"), "{}", ran.stderr);
    }
}
