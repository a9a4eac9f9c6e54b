//! Is the code as small as the style asks for? Functions are measured by clippy (`clippy.toml`).

use std::fs;

use crate::support::{files, short};

/// Most lines of a file.
const LINES: usize = 400;

/// Most characters of a line.
const COLUMNS: usize = 100;

fn sources() -> Vec<(String, String)> {
    let folders = ["src", "model", "checker", "sim", "traces", "tests", "benches"];
    let paths = folders.iter().flat_map(|folder| files(folder, ".rs"));
    paths.map(|path| (short(&path), fs::read_to_string(&path).unwrap())).collect()
}

#[test]
fn files_and_lines_are_short() {
    let mut long = Vec::new();
    for (path, text) in sources() {
        if text.lines().count() > LINES {
            long.push(format!("{path}: {} lines", text.lines().count()));
        }
        for (at, line) in text.lines().enumerate() {
            if line.chars().count() > COLUMNS {
                long.push(format!("{path}:{}: {} characters", at + 1, line.chars().count()));
            }
        }
    }
    assert!(long.is_empty(), "more than {LINES} lines or {COLUMNS} columns:\n{}", long.join("\n"));
}

#[test]
fn every_module_opens_with_the_question_it_answers() {
    let mute: Vec<_> =
        sources().into_iter().filter(|(_, text)| !text.starts_with("//! ")).collect();
    let mute: Vec<_> = mute.iter().map(|(path, _)| path.as_str()).collect();
    assert!(mute.is_empty(), "no `//!` at the top of:\n{}", mute.join("\n"));
}

#[test]
fn nothing_is_left_to_do() {
    let marks = [["TO", "DO"], ["FIX", "ME"], ["XX", "X"]].map(|parts| parts.concat());
    let mut found = Vec::new();
    for (path, text) in sources() {
        for (at, line) in text.lines().enumerate() {
            if marks.iter().any(|mark| line.contains(mark.as_str())) {
                found.push(format!("{path}:{}", at + 1));
            }
        }
    }
    assert!(found.is_empty(), "left to do:\n{}", found.join("\n"));
}
