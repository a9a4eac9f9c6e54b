//! Style in numbers: lengths of files and lines, heads of modules, modules in ARCHITECTURE.

use std::fs;

use crate::support::{files, root, short};

/// Most lines of a file.
const LINES: usize = 400;

/// Most characters of a line.
const COLUMNS: usize = 100;

fn sources() -> Vec<(String, String)> {
    let folders =
        ["src", "model", "checker", "sim", "traces", "drive", "impersonate", "tests", "benches"];
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
fn every_module_opens_with_what_it_is() {
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

/// The source trees, and the section of ARCHITECTURE that names their modules.
const TREES: [(&str, &str); 7] = [
    ("model/src", "The model"),
    ("checker/src", "The checker"),
    ("sim/src", "The simulator"),
    ("traces/src", "Traces"),
    ("drive/src", "Driving"),
    ("impersonate/src", "Clients"),
    ("src", "The command"),
];

/// The words of a text between backquotes.
fn named(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Whether names have a module: by itself, or by `parent/*`.
fn has(names: &[&str], module: &str) -> bool {
    let parents = module.match_indices('/').map(|(at, _)| &module[..at]);
    let mut all = parents.map(|parent| format!("{parent}/*"));
    names.contains(&module) || all.any(|all| names.contains(&all.as_str()))
}

#[test]
fn every_module_is_named_in_the_architecture() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for (tree, heading) in TREES {
        let mut sections = text.split("\n## ");
        let section = sections.find(|section| section.starts_with(heading));
        let names = named(section.unwrap());
        let paths = files(tree, ".rs").into_iter().map(|path| short(&path));
        let modules = paths.map(|path| path[tree.len() + 1..path.len() - 3].to_owned());
        let modules = modules.filter(|module| !["lib", "main"].contains(&module.as_str()));
        let unnamed: Vec<_> = modules.filter(|module| !has(&names, module)).collect();
        assert!(unnamed.is_empty(), "{tree}: name in ARCHITECTURE.md, {heading}: {unnamed:?}");
    }
}
