//! Traceability: what the specification asks for is in the code, or left out for a reason.

use std::collections::BTreeSet;
use std::fs;

use mapi_logon::survey;
use mapi_logon_model::clause::{self, Clause, ClauseKind, Extent};
use mapi_logon_model::property::{Decided, PROPERTIES};
use mapi_logon_model::protocol::Transition;

use crate::support::files;

/// The text of all code of the model below a path, tests and the clauses themselves excluded.
fn code_of(folder: &str) -> String {
    let all = files(folder, ".rs").into_iter();
    let code = all.filter(|path| {
        let path = path.to_string_lossy();
        !path.contains("clause") && !path.contains("tests")
    });
    let texts: Vec<_> = code.map(|path| fs::read_to_string(path).unwrap()).collect();
    // A range may go on in the next line of a comment.
    let lines = texts.iter().flat_map(|text| text.lines());
    let lines = lines.map(|line| line.trim_start().trim_start_matches(['/', '!', ' ']));
    lines.collect::<Vec<_>>().join(" ")
}

/// Every id that a text cites; transitions also as the variant `T45`.
fn cited(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let variants = words.filter_map(|word| word.strip_prefix('T'));
    let variants = variants.map(|number| format!("T-{number}"));
    clause::cited(text).into_iter().chain(variants).collect()
}

fn is_left_out(clause: &Clause) -> bool {
    clause.gaps().any(|gap| gap.extent == Extent::Whole)
}

#[test]
fn every_transition_is_cited_by_the_code_that_takes_it() {
    let cited = cited(&code_of("model/src/machine"));
    let missing: Vec<_> = clause::all()
        .iter()
        .filter(|clause| clause.kind == ClauseKind::Transition && !is_left_out(clause))
        .filter(|clause| !cited.contains(clause.id))
        .map(|clause| clause.id)
        .collect();
    assert!(missing.is_empty(), "neither cited in model/src/machine nor left out: {missing:?}");
}

#[test]
fn every_transition_is_taken_in_some_built_in_scenario() {
    let taken: BTreeSet<_> =
        survey::taken().unwrap().into_iter().map(|taken| taken.transition).collect();
    // T-8, to keep waiting, is the absence of a step.
    let waits = |transition: &&Transition| **transition == Transition::T8;
    let idle = Transition::ALL.iter().filter(|one| !taken.contains(one) && !waits(one));
    let idle: Vec<_> = idle.map(|one| one.id()).collect();
    assert!(idle.is_empty(), "taken in no built-in scenario: {idle:?}");
}

/// Seed clauses that this code neither cites nor may leave out.
fn missing_seeds(code: &str) -> Vec<&'static str> {
    let cited = cited(code);
    let seeds = clause::all().iter().filter(|clause| clause.seed);
    seeds
        .filter(|clause| !is_left_out(clause) && !cited.contains(clause.id))
        .map(|clause| clause.id)
        .collect()
}

#[test]
fn every_seed_clause_is_cited_by_the_code_that_carries_it() {
    let code = code_of("model/src");
    assert_eq!(missing_seeds(&code), [""; 0], "neither cited nor left out");
    // What the code cites once, and in no range, is missed without its citation.
    for id in ["SES-3", "SES-5", "SVC-4", "RTY-3", "HDL-3", "FLW-17"] {
        assert_eq!(missing_seeds(&code.replace(id, "")), [id]);
    }
}

#[test]
fn every_property_is_decided_says_who_decides_it_or_is_not_in_the_machine_yet() {
    for clause in clause::all().iter().filter(|clause| clause.kind.is_property()) {
        let absent = clause.gaps().any(|gap| gap.extent == Extent::NotYet);
        let mut entries = PROPERTIES.iter().filter(|entry| entry.id == clause.id).peekable();
        assert_ne!(
            entries.peek().is_some(),
            absent,
            "{} must be among the properties or at the head of docs/spec.md, and not both",
            clause.id
        );
        for entry in entries {
            if let Decided::Elsewhere(reason) = entry.decided {
                assert!(reason.split_whitespace().count() > 3, "{}: {reason:?}", clause.id);
            }
        }
    }
}

#[test]
fn what_is_left_out_exists_and_has_a_reason() {
    for gap in clause::gaps().iter().filter(|gap| gap.extent != Extent::NotYet) {
        let ids = clause::cited(gap.what);
        assert!(!ids.is_empty(), "{:?} has no id", gap.what);
        for id in ids {
            assert!(clause::find(&id).is_some(), "{id} is not an id");
        }
        assert!(gap.about.split_whitespace().count() > 1, "{}: {:?}", gap.what, gap.about);
    }
}

#[test]
fn code_of_the_machine_cites_no_clause_that_is_outside_it() {
    let cited = cited(&code_of("model/src/machine"));
    let outside = clause::all().iter().filter(|clause| is_left_out(clause));
    let both: Vec<_> = outside.map(|one| one.id).filter(|id| cited.contains(*id)).collect();
    assert_eq!(both, [""; 0], "cited in model/src/machine, and outside the machine");
}
