//! Failures that users reported in public, each with the verdict that was expected of it.

use std::fs;

use crate::support::{agrees, files, root, run, short};

const FOLDER: &str = "traces/corpus/field";

/// The recordings of the table with their expected verdicts.
fn stories() -> Vec<(String, String)> {
    let table = fs::read_to_string(root().join(FOLDER).join("README.md")).unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let story = |row: &str| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        assert!(cells[4].starts_with("<http"), "{row}");
        (cells[1].trim_matches('`').to_owned(), cells[3].to_owned())
    };
    rows.map(story).collect()
}

#[test]
fn reports_from_the_field_have_the_verdicts_that_were_expected() {
    let stories = stories();
    assert!(stories.len() >= 20, "{} stories", stories.len());
    let mut wrong = Vec::new();
    for (name, expected) in &stories {
        let ran = run(&["validate", &format!("{FOLDER}/{name}.jsonl")]);
        let verdict = ran.stdout.split([':', ' ']).next().unwrap_or_default().to_lowercase();
        if verdict != *expected {
            wrong.push(format!("{name}: {verdict} and not {expected}: {}", ran.stderr));
        }
        agrees(&root().join(FOLDER).join(format!("{name}.txt")), &ran.stdout);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let kept = files(FOLDER, ".jsonl");
    assert_eq!(
        kept.len(),
        stories.len(),
        "{:?}",
        kept.iter().map(|path| short(path)).collect::<Vec<_>>()
    );
}
