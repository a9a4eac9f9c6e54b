//! Partial results of replay and export when reading ends early.

use std::fs;

use crate::support::{Ran, command, files, run};
use crate::traces::text;

#[test]
fn verdicts_before_a_file_that_is_no_trace_are_written() {
    let good = &files("traces/corpus/conforming", ".jsonl")[0];
    for format in ["human", "json"] {
        let ran = run(&["replay", text(good), "no-such-file", "--format", format]);
        assert_eq!(ran.code, Some(2));
        assert!(ran.stdout.contains("conforms"), "{}", ran.stdout);
        assert!(ran.stderr.contains("no-such-file: cannot be read"), "{}", ran.stderr);
    }
}

#[cfg(unix)]
#[test]
fn interrupted_replay_reports_partial_results() {
    use std::io::Write;
    use std::process::Stdio;

    let good = &files("traces/corpus/conforming", ".jsonl")[0];
    let trace = fs::read_to_string(good).unwrap();
    let first: Vec<_> = trace.split_inclusive('\n').take(3).collect();
    for verb in ["replay", "export"] {
        let mut command = command();
        command.arg(verb);
        if verb == "replay" {
            command.arg(good);
        } else {
            command.args(["--to", "itf"]);
        }
        command.arg("/dev/stdin").stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        pipe.write_all(first.concat().as_bytes()).unwrap();
        // More blank lines than a pipe holds: the steps have been followed when all are written.
        pipe.write_all(&vec![b'\n'; 1 << 19]).unwrap();
        let id = child.id().to_string();
        let sent = std::process::Command::new("kill").args(["-INT", &id]).status();
        assert!(sent.unwrap().success());
        let ran = Ran::from(child.wait_with_output().unwrap());
        drop(pipe);
        assert_eq!(ran.code, Some(130), "{verb}: {}", ran.stderr);
        if verb == "replay" {
            let known = "2 traces: 1 interrupted, 1 conform\n\n/dev/stdin: interrupted (2 steps)\n";
            assert!(ran.stdout.starts_with(known), "{}", ran.stdout);
        } else {
            assert!(ran.stderr.contains("interrupted; nothing was written"), "{}", ran.stderr);
        }
    }
}
