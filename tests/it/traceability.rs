//! Is everything the specification asks for in the code, or left out for a reason?

use std::collections::BTreeSet;
use std::fs;

use mapi_logon::survey;
use mapi_logon_model::clause::{self, Clause, Kind};
use mapi_logon_model::property::{Decided, PROPERTIES};
use mapi_logon_model::transition::Transition;

use crate::support::files;

/// Ids that the code does not implement, each with its reason.
const LEFT_OUT: &[(&str, &str)] = &[
    ("SES-7", "the model has one client interface, extended MAPI, hence one entry point (SES-8)"),
    ("PAR-3", "the model has dialogs, and who may answer them, but no windows to be their parents"),
];

/// The text of all code of the model below a path, tests and the clauses themselves excluded.
fn code_of(folder: &str) -> String {
    let all = files(folder, ".rs").into_iter();
    let code = all.filter(|path| {
        let path = path.to_string_lossy();
        !path.contains("clause") && !path.contains("tests")
    });
    code.map(|path| fs::read_to_string(path).unwrap()).collect::<Vec<_>>().join("\n")
}

/// Every id that a text cites: alone, in a range such as `T-45..53` or `T-45 to T-53`, or, for
/// transitions, as the variant `T45`.
fn cited(text: &str) -> BTreeSet<&'static str> {
    let known: Vec<&'static str> = clause::all().iter().map(|clause| clause.id).collect();
    let words: Vec<&str> = text
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.'))
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
        .collect();
    let mut found = BTreeSet::new();
    for (at, word) in words.iter().enumerate() {
        let (first, last) = match (word.split_once(".."), words.get(at + 1..at + 3)) {
            (Some((first, last)), _) => (first, last.to_owned()),
            (None, Some(["to", last])) => (*word, (*last).to_owned()),
            (None, _) => (*word, (*word).to_owned()),
        };
        let Some((family, low)) = number(first) else {
            continue;
        };
        let high = number(&last).map_or_else(|| last.parse().unwrap_or(low), |(_, high)| high);
        found.extend(known.iter().filter(|id| {
            number(id).is_some_and(|(own, at)| own == family && (low..=high).contains(&at))
        }));
    }
    found
}

/// `T-43`, `T43` and `T-10a` as family and number.
fn number(id: &str) -> Option<(&str, u16)> {
    let digits = id.find(|c: char| c.is_ascii_digit())?;
    let family = id[..digits].trim_end_matches('-');
    let number = id[digits..].trim_end_matches(|c: char| c.is_ascii_lowercase());
    Some((family, number.parse().ok()?))
}

fn is_left_out(clause: &Clause) -> bool {
    LEFT_OUT.iter().any(|(id, _)| *id == clause.id)
}

#[test]
fn every_transition_is_cited_by_the_code_that_takes_it() {
    let cited = cited(&code_of("model/src/step"));
    let missing: Vec<_> = clause::all()
        .iter()
        .filter(|clause| clause.kind == Kind::Transition && !is_left_out(clause))
        .filter(|clause| !cited.contains(clause.id))
        .map(|clause| clause.id)
        .collect();
    assert!(missing.is_empty(), "neither cited in model/src/step nor left out: {missing:?}");
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
    for id in ["SES-3", "SES-5", "SVC-4", "RTY-3", "HDL-3", "FLW-17", "PAR-2"] {
        assert_eq!(missing_seeds(&code.replace(id, "")), [id]);
    }
}

#[test]
fn every_property_is_decided_or_says_who_decides_it() {
    let kinds = [Kind::Invariant, Kind::Witness, Kind::Progress];
    for clause in clause::all().iter().filter(|clause| kinds.contains(&clause.kind)) {
        let mut entries = PROPERTIES.iter().filter(|entry| entry.id == clause.id).peekable();
        assert!(entries.peek().is_some(), "{} is not among the properties", clause.id);
        for entry in entries {
            if let Decided::Elsewhere(reason) = entry.decided {
                assert!(reason.split_whitespace().count() > 3, "{}: {reason:?}", clause.id);
            }
        }
    }
}

#[test]
fn what_is_left_out_exists_and_has_a_reason() {
    for (id, reason) in LEFT_OUT {
        assert!(clause::find(id).is_some(), "{id} is no id");
        assert!(reason.split_whitespace().count() > 3, "{id}: {reason:?} is no reason");
    }
}
