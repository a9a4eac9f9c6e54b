//! Transcripts under `tests/golden`: the command writes what it wrote before.
//!
//! A transcript is a command after `$`, then what it wrote: results as they are, the rest after
//! `!`, and an exit code other than 0 after `?`. Comments at the head stay.

use std::fs;

use crate::support::{agrees, files, run};

#[test]
fn transcripts_are_what_the_command_writes() {
    let transcripts = files("tests/golden", ".txt");
    assert!(!transcripts.is_empty());
    for path in transcripts {
        let kept = fs::read_to_string(&path).unwrap();
        agrees(&path, &renewed(&kept));
    }
}

/// The transcript with every command run again.
fn renewed(kept: &str) -> String {
    let head = kept.lines().take_while(|line| line.starts_with("# "));
    let mut now: String = head.map(|line| format!("{line}\n")).collect();
    for line in kept.lines() {
        if let Some(command) = line.strip_prefix("$ mapi-logon ") {
            let gap = if now.is_empty() { "" } else { "\n" };
            now += &format!("{gap}{line}\n{}", transcript(command));
        }
    }
    now
}

fn transcript(command: &str) -> String {
    let ran = run(&command.split_whitespace().collect::<Vec<_>>());
    let mut text = ran.stdout;
    for line in ran.stderr.lines() {
        text += &format!("! {line}\n");
    }
    match ran.code {
        Some(0) => {}
        Some(code) => text += &format!("? {code}\n"),
        None => text += "? killed\n",
    }
    text
}
