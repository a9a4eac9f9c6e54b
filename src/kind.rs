//! Kinds of files, so that an error about a file of another kind names the command that takes it.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::arguments::quoted;
use crate::builtin;

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
        if !Path::new(path).is_file() {
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
