//! References: every clause, section and rule that code, help and documents cite exists.

use std::fs;

use mapi_logon_model::clause::{self, cited};

use crate::support::{files, root, short};

/// Ids that tests name because no clause has them.
const WRONG_ON_PURPOSE: &[(&str, &[&str])] = &[
    ("model/src/clause/tests.rs", &["T-62"]),
    ("tests/it/bad_input.rs", &["RCH-99"]),
    ("tests/it/command_line.rs", &["INV-177"]),
    ("tests/it/references.rs", &["T-62", "RCH-99", "INV-67", "INV-177", "AMB-53"]),
];

/// Every text that people read or compile, by its path.
fn texts() -> Vec<(String, String)> {
    let folders = [
        ("src", ".rs"),
        ("model", ".rs"),
        ("checker", ".rs"),
        ("sim", ".rs"),
        ("traces", ".rs"),
        ("tests", ".rs"),
        ("tests", ".txt"),
        ("benches", ".rs"),
        ("benches", ".toml"),
        ("scenarios", ".toml"),
        ("schemas", ".json"),
        ("docs", ".md"),
    ];
    let nested = folders.iter().flat_map(|(folder, ending)| files(folder, ending));
    let top = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"].map(|name| root().join(name));
    nested.chain(top).map(|path| (short(&path), fs::read_to_string(path).unwrap())).collect()
}

/// Every line of the texts, with its place as `file:line`.
fn each_line(mut each: impl FnMut(&str, &str, &str)) {
    for (path, text) in texts() {
        for (at, line) in text.lines().enumerate() {
            each(&path, &format!("{path}:{}", at + 1), line);
        }
    }
}

/// The families of ids that the specification has.
fn families() -> Vec<&'static str> {
    let mut families: Vec<_> =
        clause::all().iter().filter_map(|clause| clause.id.split('-').next()).collect();
    families.dedup();
    families.sort_unstable();
    families.dedup();
    families
}

/// The ids of a line that no clause has.
fn dangling(line: &str) -> Vec<String> {
    let mut ids = cited(line);
    ids.retain(|id| clause::find(id).is_none());
    ids
}

#[test]
fn every_clause_that_is_cited_exists() {
    let families = families();
    let mut found = Vec::new();
    each_line(|path, place, line| {
        let own = |id: &String| families.contains(&id.split('-').next().unwrap_or_default());
        let meant = |id: &String| {
            let mut files = WRONG_ON_PURPOSE.iter();
            files.any(|(file, ids)| *file == path && ids.contains(&id.as_str()))
        };
        let missing = dangling(line).into_iter().filter(|id| own(id) && !meant(id));
        found.extend(missing.map(|id| format!("{place}: {id}")));
    });
    assert!(found.is_empty(), "no such clause in docs/spec.md:\n{}", found.join("\n"));
}

/// The numbers of sections or rules behind a word: `SPEC 7.2 and 7.3`, `rules 1 to 5`.
fn numbers_behind<'t>(line: &'t str, word: &str) -> Vec<&'t str> {
    let mut numbers = Vec::new();
    for (at, _) in line.match_indices(word) {
        let mut rest = &line[at + word.len()..];
        let before = line[..at].chars().next_back();
        if before.is_some_and(char::is_alphanumeric) {
            continue;
        }
        rest = rest.strip_prefix('s').unwrap_or(rest);
        rest = rest.strip_prefix(" section").unwrap_or(rest);
        while let Some(next) =
            [" and ", ", ", " to ", " "].iter().find_map(|joint| rest.strip_prefix(joint))
        {
            let end = next.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(next.len());
            let number = next[..end].trim_end_matches('.');
            if number.is_empty() {
                break;
            }
            numbers.push(number);
            rest = &next[number.len()..];
        }
    }
    numbers
}

#[test]
fn every_section_that_is_cited_exists() {
    let known = |number: &str| clause::sections().iter().any(|section| section.number == number);
    let mut found = Vec::new();
    each_line(|path, place, line| {
        let word = if path == "docs/spec.md" { "section" } else { "SPEC" };
        let missing = numbers_behind(line, word).into_iter().filter(|number| !known(number));
        found.extend(missing.map(|number| format!("{place}: {word} {number}")));
    });
    assert!(found.is_empty(), "no such section in docs/spec.md:\n{}", found.join("\n"));
}

#[test]
fn every_rule_of_scenarios_that_is_cited_exists() {
    let format = fs::read_to_string(root().join("docs/scenario-format.md")).unwrap();
    let rules = format.lines().filter_map(|line| line.split_once(". **"));
    let rules: Vec<_> = rules.map(|(number, _)| number).collect();
    assert_eq!(rules, ["1", "2", "3", "4", "5", "6", "7", "8"]);
    let mut found = Vec::new();
    each_line(|path, place, line| {
        let word = if path == "docs/scenario-format.md" { "rule" } else { "SCENARIO rule" };
        let missing =
            numbers_behind(line, word).into_iter().filter(|number| !rules.contains(number));
        found.extend(missing.map(|number| format!("{place}: {word} {number}")));
    });
    assert!(found.is_empty(), "no such rule in docs/scenario-format.md:\n{}", found.join("\n"));
}

#[test]
fn documents_are_cited_by_the_names_they_have() {
    let mut found = Vec::new();
    each_line(|path, place, line| {
        let own = path == "docs/scenario-format.md" || path == "tests/it/references.rs";
        let named = ["SPEC.md", "SCENARIO.md"].iter().find(|name| line.contains(*name));
        found.extend(named.filter(|_| !own).map(|name| format!("{place}: {name}")));
    });
    assert!(
        found.is_empty(),
        "the files are docs/spec.md and docs/scenario-format.md:\n{}",
        found.join("\n")
    );
}

#[test]
fn dangling_references_are_found() {
    assert_eq!(dangling("T-43, INV-65..67 and AMB-53"), ["INV-67", "AMB-53"]);
    assert_eq!(
        numbers_behind("of SPEC 7.2 and 7.3, SPEC section 10.", "SPEC"),
        ["7.2", "7.3", "10"]
    );
    assert_eq!(numbers_behind("SCENARIO rules 2 and 3 say", "SCENARIO rule"), ["2", "3"]);
    assert_eq!(numbers_behind("sections 2.4 and 3. Next", "section"), ["2.4", "3"]);
}
