//! Independence of the judges: the list of what they may read of the machine.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What a judge may ask: facts of the state and of the scenario, and what could be tried next.
const FACTS: &str = "
    is_faithful sight scenario slots kind providers_of step_into
    client clients session sessions attachments attachment members session_of call_of current
    is_open open_on open_sessions uses live_logons fault fault_of damaged marked removed configured
    supplied passwords libraries call phase initialized row task
    profile flags services disabled running deferred
    at listed foreign allow logs_on_again logons run_state name service_of
    attachments_of holds holds_any creator waits waits_shortly is_logging_on is_leaving offer makes
    is_initialized is_busy_on lost_in at_work prompt tells flags_of_call in_use
    notes as_guest unnoted
";

/// Names that everything has.
const EVERYBODYS: [&str; 5] = ["of", "new", "first", "count", "logon"];

/// Every source below these folders and the files beside them.
fn sources(names: &[&str]) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut open: Vec<_> = names.iter().map(|name| root.join(name)).collect();
    let mut files = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(
                fs::read_dir(path).expect("a folder").map(|entry| entry.expect("a file").path()),
            );
        } else {
            files.push((path.clone(), fs::read_to_string(path).expect("a text")));
        }
    }
    files
}

/// The words of a text that stand right behind one of these marks.
fn behind<'t>(text: &'t str, marks: &[&str]) -> BTreeSet<&'t str> {
    let word = |rest: &'t str| rest.split(|c: char| c != '_' && !c.is_alphanumeric()).next();
    let all = marks.iter().flat_map(|mark| text.match_indices(mark).map(|(at, _)| at + mark.len()));
    all.filter_map(|at| word(&text[at..])).filter(|word| !word.is_empty()).collect()
}

#[test]
fn judges_ask_the_machine_for_facts_and_never_for_what_it_decides() {
    // What the stages of the machine do nobody else can call.
    let asked = ["machine/model.rs", "machine/choices.rs", "machine/view.rs", "machine/script.rs"];
    let read = ["world/sight.rs", "world/state.rs", "world/session.rs", "scenario/parts.rs"];
    let machine = sources(&[&asked[..], &read].concat());
    let public = ["pub fn ", "pub const fn ", "pub(crate) fn ", "pub(crate) const fn "];
    let machine: BTreeSet<&str> =
        machine.iter().flat_map(|(_, text)| behind(text, &public)).collect();
    let facts: BTreeSet<_> = FACTS.split_whitespace().collect();
    let forbidden: BTreeSet<_> = machine.difference(&facts).collect();
    for name in ["permissions", "mutex_holder", "identity", "status_rows"] {
        assert!(forbidden.contains(&name), "{name} decides something");
    }
    let judges = sources(&["property", "property.rs", "observe", "observe.rs"]);
    for (path, text) in &judges {
        for name in behind(text, &[".", "::"]) {
            let called = text.contains(&format!("{name}("));
            let asks = called && forbidden.contains(&name);
            assert!(
                !asks || EVERYBODYS.contains(&name),
                "{} asks the machine for {name}",
                path.display()
            );
        }
        assert!(!text.contains("machine::View") && !text.contains("Permissions"));
    }
}

#[test]
fn states_are_read_through_the_doors_that_note_it() {
    // Who takes a state apart behind the doors: renamings, wrong machines, what forgets.
    let apart =
        ["symmetry", "mutant", "machine/liveness.rs", "parts.rs", "world", "observe/memory.rs"];
    // Who has asked before: one property, and those who answer questions.
    let unnoted = ["property/progress.rs", "parts.rs", "world/sight.rs", "observe/recall.rs"];
    let all =
        sources(&["machine", "observe", "property", "symmetry", "mutant", "world", "parts.rs"]);
    for (path, text) in &all {
        let place = path.display().to_string();
        let within =
            |folders: &[&str]| folders.iter().any(|one| place.contains(&format!("/src/{one}")));
        let takes_apart = text.contains(".parts(") || text.contains(".parts_mut(");
        assert!(!takes_apart || within(&apart), "{place} takes a state apart");
        assert!(!text.contains("unnoted()") || within(&unnoted), "{place} reads without a note");
    }
}
