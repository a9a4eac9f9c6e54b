//! Kinds of files, so that an error about a file of another kind names the command that takes it;
//! the files of a kind in a folder.

use std::fs::{self, File};
use std::io::Read;

use anyhow::{Context, Result, bail};

use crate::arguments::quoted;
use crate::builtin;
use crate::path::{real, text_of};

/// Bytes that tell what a file is.
const HEAD: u64 = 4096;

/// What a file is, and the commands that take it.
const KINDS: [(Kind, &str, &str); 5] = [
    (Kind::Scenario, "a scenario", "check, outcomes, explore or simulate"),
    (Kind::Trace, "a trace", "replay, or export --to mermaid"),
    (Kind::Recording, "a recording", "validate"),
    (Kind::Itf, "an ITF file", "replay"),
    (Kind::Log, "a log", "import --guess, which makes a map of it for import --map"),
];

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A scenario file, or the name of a built-in scenario.
    Scenario,
    /// A trace.
    Trace,
    /// A recording.
    Recording,
    /// A trace in the Informal Trace Format.
    Itf,
    /// A text that names calls of MAPI.
    Log,
}

impl Kind {
    /// What the file seems to be.
    fn of(path: &str) -> Option<Self> {
        // What is no plain file, as a pipe, may never end, and is read once only.
        let path = real(path);
        if !path.is_file() {
            return None;
        }
        let mut head = Vec::new();
        File::open(path).ok()?.take(HEAD).read_to_end(&mut head).ok()?;
        let head = String::from_utf8_lossy(&head);
        let first = head.trim_start_matches('\u{feff}').trim_start();
        let has = |key: &str| first.contains(&format!("\"{key}\""));
        match first.chars().next()? {
            '{' if has("#meta") => Some(Self::Itf),
            '{' if has("format") => Some(Self::Trace),
            '{' if has("client") && has("call") => Some(Self::Recording),
            '{' => None,
            _ if first.contains("[[client]]") || first.contains("[[profile") => {
                Some(Self::Scenario)
            }
            _ if ["MAPILogonEx", "MAPIInitialize", "OpenMsgStore"]
                .iter()
                .any(|call| first.contains(call)) =>
            {
                Some(Self::Log)
            }
            _ => None,
        }
    }
}

/// `; this is a scenario, for …`, where a file is of another kind than a command takes.
#[must_use]
pub(crate) fn other_kind(path: &str, wanted: Kind) -> String {
    let built_in = builtin::text(path).is_some().then_some(Kind::Scenario);
    let kind = built_in.or_else(|| Kind::of(path)).filter(|kind| *kind != wanted);
    let Some((_, name, takers)) = KINDS.iter().find(|(one, ..)| Some(*one) == kind) else {
        return String::new();
    };
    format!("; {} is {name}, for {takers}", quoted(path))
}

/// The files that are named, with those in folders that end so, in the order of their names.
///
/// # Errors
/// When a folder cannot be read, or holds no such file.
pub(crate) fn with_folders(named: &[String], endings: &[&str], what: &str) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for path in named {
        let folder = real(path);
        if !folder.is_dir() {
            all.push(path.clone());
            continue;
        }
        let inside = fs::read_dir(folder).with_context(|| format!("{path}: cannot be read"))?;
        let paths = inside.flatten().map(|entry| text_of(&entry.path()));
        let fits = |path: &String| endings.iter().any(|ending| path.ends_with(ending));
        let mut paths: Vec<_> = paths.filter(fits).collect();
        if paths.is_empty() {
            bail!("{path}: this folder holds no {what} (*{})", endings.join(", *"));
        }
        paths.sort();
        all.append(&mut paths);
    }
    Ok(all)
}
