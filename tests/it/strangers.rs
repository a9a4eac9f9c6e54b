//! What a cluster promises where others can reach it, and where its processes are lost.

#![expect(clippy::disallowed_types, reason = "a limit on time is tested")]

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{sleep, spawn, yield_now};
use std::time::{Duration, SystemTime};

use crate::processes::{end, hosts, is_lost, start};
use crate::support::{Ran, command, root, run, workplace};

/// Connects to a process as soon as it listens.
pub(crate) fn connect(address: &str) -> TcpStream {
    loop {
        match TcpStream::connect(address) {
            Ok(stream) => return stream,
            Err(_) => yield_now(),
        }
    }
}

pub(crate) fn signal(child: &Child, signal: &str) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
}

/// Says what a process says, one byte after the other, slowly.
fn speak_slowly(address: &str) {
    let mut stream = connect(address);
    spawn(move || {
        for byte in b"explore3".iter().chain(&[7; 200]) {
            if stream.write_all(&[*byte]).is_err() {
                return;
            }
            sleep(Duration::from_millis(300));
        }
    });
}

fn secret(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn strangers_are_dropped_and_the_wait_goes_on() {
    let folder = workplace("strangers-dropped");
    let (hosts, addresses) = hosts(&folder, 2);
    let alone = run(&["check", "office", "--workers", "1"]);
    let first = start(&["check", "office"], &hosts, 0);
    drop(connect(&addresses[0]));
    let mut web = connect(&addresses[0]);
    web.write_all(b"GET / HTTP/1.1\r\nHost: alpha.example\r\n\r\n").unwrap();
    let mut told = Vec::new();
    // Reset or end.
    let _ = web.read_to_end(&mut told);
    assert!(told.is_empty(), "{told:?}");
    connect(&addresses[0]).write_all(&[0xff; 4096]).unwrap();
    speak_slowly(&addresses[0]);
    let second = end(start(&["check", "office"], &hosts, 1));
    let first = end(first);
    assert_eq!((first.stdout, first.code), (alone.stdout, alone.code));
    assert_eq!((second.stdout.as_str(), second.code), ("", alone.code));
    let says = "called and was dropped: it is another program; still waiting";
    assert_eq!(first.stderr.matches(says).count(), 1, "{}", first.stderr);
}

#[test]
fn slow_stranger_keeps_a_process_neither_from_its_limit_nor_from_an_interrupt() {
    let folder = workplace("strangers-slow");
    let (hosts, addresses) = hosts(&folder, 2);
    let begin = SystemTime::now();
    let waiting = start(&["check", "office", "--wait", "1s"], &hosts, 0);
    speak_slowly(&addresses[0]);
    is_lost(&end(waiting), "process 1 at");
    assert!(begin.elapsed().unwrap() < Duration::from_secs(8));
    let waiting = start(&["check", "office"], &hosts, 0);
    speak_slowly(&addresses[0]);
    signal(&waiting, "-INT");
    let ran = end(waiting);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(130), ""), "{}", ran.stderr);
    assert!(begin.elapsed().unwrap() < Duration::from_secs(16));
}

#[test]
fn without_the_secret_nothing_is_told_and_nobody_let_in() {
    let folder = workplace("strangers-secret");
    let (hosts, addresses) = hosts(&folder, 2);
    let right = secret(&folder, "right", "a secret of many letters\n");
    let wrong = secret(&folder, "wrong", "a secret of many letterz\n");
    let args = |secret: &Path| {
        let secret = secret.to_str().unwrap().to_owned();
        ["check", "office", "--secret"].map(str::to_owned).into_iter().chain([secret])
    };
    let start = |secret: &Path, wait: &str, number| {
        let args: Vec<_> = args(secret).chain(["--wait".to_owned(), wait.to_owned()]).collect();
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        start(&args, &hosts, number)
    };
    let first = start(&right, "1min", 0);
    // One that knows the protocol, but not the secret, repeats what it hears.
    let mut thief = connect(&addresses[0]);
    thief.write_all(b"explore3").unwrap();
    thief.write_all(&[7; 32]).unwrap();
    let mut told = vec![0; 40];
    thief.read_exact(&mut told).unwrap();
    thief.write_all(&[0; 8]).unwrap();
    thief.write_all(&told[8..]).unwrap();
    let _ = thief.read_to_end(&mut told);
    assert_eq!(told.len(), 40, "more than a greeting was sent");
    is_lost(&end(start(&wrong, "500ms", 1)), "it does not accept the secret of this process");
    let second = end(start(&right, "1min", 1));
    let first = end(first);
    assert_eq!(first.stdout, run(&["check", "office", "--workers", "1"]).stdout);
    assert!(first.stderr.contains("dropped: it does not know the secret"), "{}", first.stderr);
    assert!(second.stderr.starts_with("process 1: holds"), "{}", second.stderr);
}

#[test]
fn other_machines_take_part_with_a_secret_only_unless_insecure() {
    let folder = workplace("strangers-beyond");
    let hosts = folder.join("hosts");
    fs::write(&hosts, "alpha.invalid:4700\nbeta.invalid:4700\n").unwrap();
    let check = |more: &[&str]| {
        let args = ["check", "office", "--hosts", hosts.to_str().unwrap(), "--process", "0"];
        let ran = run(&[&args[..], more].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{more:?}");
        ran.stderr
    };
    let refused = check(&[]);
    assert!(refused.contains("alpha.invalid:4700 can be reached"), "{refused}");
    assert!(refused.contains("--secret FILE (or --insecure)"), "{refused}");
    assert!(check(&["--insecure"]).contains("cannot listen on"));
    let short = secret(&folder, "short", "short");
    let refused = check(&["--secret", short.to_str().unwrap()]);
    assert!(refused.contains("5 bytes; it needs 16 or more"), "{refused}");
    assert!(check(&["--secret", "/nowhere"]).contains("/nowhere: cannot be read"));
    let long = secret(&folder, "long", "a secret of many letters");
    let long = long.to_str().unwrap();
    assert!(check(&["--secret", long]).contains("cannot listen on"));
    assert!(check(&["--secret", long, "--insecure"]).contains("cannot be used with"));
}

#[test]
fn frozen_process_is_given_up_after_the_documented_silence() {
    let folder = workplace("strangers-frozen");
    let (hosts, _) = hosts(&folder, 2);
    let saved = folder.join("saved");
    let args = ["check", "retry-storm", "--silence", "1500ms", "--every", "0", "--checkpoint"];
    let args = [&args[..], &[saved.to_str().unwrap()]].concat();
    let [first, second] = [0, 1].map(|number| start(&args, &hosts, number));
    while !saved.join("manifest-0").exists() {
        yield_now();
    }
    signal(&second, "-STOP");
    is_lost(&end(first), "process 1 at");
    signal(&second, "-CONT");
    is_lost(&end(second), "process 0 at");
    let guide = fs::read_to_string(root().join("docs/engine.md")).unwrap();
    assert!(guide.contains("20 seconds") && guide.contains("--silence"));
    assert!(run(&["check", "--help"]).stdout.contains("[default: 20s]"));
}

/// Three processes that have a report; the first cannot tell it, as nobody reads what it writes.
fn untold(folder: &Path) -> (std::io::PipeReader, [Child; 3]) {
    let (hosts, _) = hosts(folder, 3);
    let (reader, mut writer) = std::io::pipe().unwrap();
    // As much as a pipe holds.
    writer.write_all(&[b' '; 1 << 16]).unwrap();
    let mut first = command();
    first.args(["check", "office", "--workers", "1", "--hosts"]).arg(&hosts);
    first.args(["--process", "0"]).stdout(writer).stderr(Stdio::piped());
    let first = first.spawn().unwrap();
    let others = [1, 2].map(|number| start(&["check", "office"], &hosts, number));
    let [second, third] = others;
    // It writes, and so it has concluded.
    let call = format!("/proc/{}/wchan", first.id());
    let stack = || fs::read_to_string(&call).unwrap();
    let mut left = 2_000;
    while !stack().contains("pipe") && left > 0 {
        sleep(Duration::from_millis(10));
        left -= 1;
    }
    (reader, [first, second, third])
}

#[cfg(target_os = "linux")]
#[test]
fn process_0_that_is_lost_before_it_tells_leaves_no_verdict() {
    let (_reader, [mut first, second, third]) = untold(&workplace("strangers-untold"));
    first.kill().unwrap();
    first.wait().unwrap();
    is_lost(&end(second), "process 0 at");
    is_lost(&end(third), "process 0 at");
}

#[cfg(target_os = "linux")]
#[test]
fn process_that_is_lost_once_it_has_concluded_takes_nothing_with_it() {
    let folder = workplace("strangers-concluded");
    let (mut reader, [first, mut second, third]) = untold(&folder);
    second.kill().unwrap();
    second.wait().unwrap();
    let told = spawn(move || {
        let mut told = String::new();
        reader.read_to_string(&mut told).unwrap();
        told
    });
    let (first, third) = (Ran::from(first.wait_with_output().unwrap()), end(third));
    assert_eq!((first.code, third.code), (Some(0), Some(0)), "{first:?} {third:?}");
    assert_eq!(told.join().unwrap().trim_start(), run(&["check", "office"]).stdout);
    assert_eq!(third.stderr, "process 2: holds; process 0 wrote the report\n");
}

#[test]
fn connection_that_ends_in_the_middle_is_not_taken_for_a_process() {
    let folder = workplace("strangers-middle");
    let (hosts, addresses) = hosts(&folder, 2);
    let first = start(&["check", "office"], &hosts, 0);
    for length in [1, 7, 8, 20, 40] {
        let mut stream = connect(&addresses[0]);
        stream.write_all(&[&b"explore3"[..], &[1; 32]].concat()[..length]).unwrap();
        stream.shutdown(Shutdown::Both).unwrap();
    }
    let second = end(start(&["check", "office"], &hosts, 1));
    assert_eq!((end(first).code, second.code), (Some(0), Some(0)));
}
