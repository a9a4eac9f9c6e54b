//! `mapi-logon mutants`: which property finds out which wrong machine.

use std::collections::BTreeSet;

use mapi_logon_model::mutant::{Mutant, Mutation, Rule};
use mapi_logon_model::protocol::Transition;
use serde_json::Value;

use crate::schemas::{fits, validator};
use crate::support::{agrees, root, run};

/// A dozen of them, by id, with what becomes of them in two small scenarios.
const SAMPLE: [(&str, &str); 12] = [
    ("mutex-ignored", "killed"),
    ("third-try", "killed"),
    ("stores-first", "killed"),
    ("drop:T-17", "killed"),
    ("drop:T-54", "killed"),
    ("send:T-10=Q22", "killed"),
    ("silent:MutexTaken@T-6", "killed"),
    ("silent:Registered@T-40", "killed"),
    ("negate:ServiceDisabled", "killed"),
    ("negate:Shareable", "survived"),
    ("read:DISABLE=off", "killed"),
    ("read:MUTEX=off", "killed"),
];

#[test]
fn sample_of_mutants_is_judged_alike_with_any_number_of_workers() {
    let sample = SAMPLE.iter().flat_map(|(id, _)| ["--mutant", id]);
    let scenarios = ["mutants", "lost-store", "warning-store", "--format", "json"];
    let args: Vec<&str> = scenarios.into_iter().chain(sample).collect();
    let ran = run(&[&args[..], &["--workers", "1"]].concat());
    let result: Value = serde_json::from_str(&ran.stdout).unwrap();
    fits(&validator("mutants"), &result, "mutants");
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let rows = result["mutants"].as_array().unwrap();
    let found: Vec<_> = rows.iter().map(|row| (text(row, "id"), text(row, "verdict"))).collect();
    let wanted = SAMPLE.map(|(id, verdict)| (id.to_owned(), verdict.to_owned()));
    assert_eq!(found, wanted);
    for row in rows {
        assert_eq!(row["by"].is_string(), row["verdict"] == "killed", "{row}");
    }
    // Here nothing is shared, and that is no reason that is listed.
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert_eq!(run(&[&args[..], &["--workers", "2"]].concat()).stdout, ran.stdout);
}

#[test]
fn page_says_what_becomes_of_every_mutant() {
    let ran = run(&["mutants", "--format", "markdown"]);
    agrees(&root().join("docs/mutants.md"), &ran.stdout);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[test]
fn every_transition_is_broken_by_a_written_mutant() {
    let broken: BTreeSet<&str> =
        Mutant::ALL.iter().flat_map(|one| one.clauses()).copied().collect();
    let all: BTreeSet<&str> = Transition::ALL.iter().map(|one| one.id()).collect();
    assert_eq!(
        all.difference(&broken).collect::<Vec<_>>(),
        [&""; 0],
        "broken by no written mutant"
    );
    assert_eq!(broken.difference(&all).collect::<Vec<_>>(), [&""; 0], "no transition");
    assert!(Mutant::ALL.len() >= 90 && Rule::all().count() + Mutant::ALL.len() >= 300);
    let ids: BTreeSet<String> = Mutation::all().map(Mutation::id).collect();
    assert_eq!(ids.len(), Mutation::all().count(), "an id has two mutants");
}

#[test]
fn unknown_mutant_is_refused_with_a_hint() {
    let ran = run(&["mutants", "office", "--mutant", "drop:nothing"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("no mutant is called"), "{}", ran.stderr);
}
