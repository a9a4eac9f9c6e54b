//! Tests of what is read from the specification.

use super::*;

fn related_ids(id: &str) -> Vec<&'static str> {
    related(id).iter().map(|clause| clause.id).collect()
}

#[test]
fn every_table_of_clauses_is_read_to_the_last_row() {
    assert_eq!(CLAUSES.1, [""; 0]);
    let count = |kind| all().iter().filter(|clause| clause.kind == kind).count();
    let kinds = [
        ClauseKind::Clause,
        ClauseKind::Transition,
        ClauseKind::Invariant,
        ClauseKind::Witness,
        ClauseKind::Progress,
        ClauseKind::Translation,
        ClauseKind::Ambiguity,
    ];
    assert_eq!(kinds.map(count), [392, 77, 83, 24, 11, 23, 52]);
    assert_eq!(all().iter().filter(|clause| clause.seed).count(), 66);
}

#[test]
fn ids_are_distinct() {
    for (position, clause) in all().iter().enumerate() {
        let found = find(clause.id).unwrap();
        let own = std::ptr::eq(found, &raw const all()[position]);
        assert!(own, "{} is double", clause.id);
    }
}

#[test]
fn rows_of_several_ids_give_each_its_own_part() {
    let text = |id: &str| find(id).unwrap().text;
    assert_eq!(text("INI-5"), "MAPIInitialize gives no extended error information.");
    assert!(text("INI-6").starts_with("MAPIINIT_0: version member 0"));
    assert_eq!(text("INI-7"), text("INI-8"));
    assert_eq!(text("STA-18"), "Effects of MAPI_NO_MAIL. the spooler row carries STATUS_FAILURE.");
    assert!(text("ERR-21").starts_with("MAPI_E_RECONNECTED = 0x80040125: stale"));
    assert!(text("ERR-30").starts_with("MAPI_E_BUSY = 0x8004010B: busy"));
    assert_eq!(find("STA-18").unwrap().source, "mapilogonex.md");
    assert_eq!(find("STA-19").unwrap().source, "mapilogonex.md; logging-on-to-mapi.md");
}

#[test]
fn columns_become_a_sentence_and_facts() {
    let clause = find("T-7").unwrap();
    assert_eq!(
        clause.text,
        "Q3 Wait: held, TIMEOUT_SHORT, waited ≥ T_short → hr = MAPI_E_TIMEOUT → Q22 Failed"
    );
    assert_eq!((clause.section, clause.from, clause.to), ("7.2", &["Q3"][..], &["Q22"][..]));
    assert_eq!(find("T-5").unwrap().text, "Q2 Check: otherwise → Q3 Wait");
    assert_eq!(find("FLT-5").unwrap().text, "invalid path: MAPI_E_NOT_FOUND 0x8004010F");
    assert_eq!(find("RES-3").unwrap().text, "MAPI_E_TIMEOUT: MTX-3");
    let facts = find("INV-66").unwrap().facts;
    assert_eq!(
        facts,
        [("Antecedent", "a join"), ("A mutant it kills", "every session can be joined")]
    );
}

#[test]
fn transitions_are_complete_and_name_their_states() {
    for number in (1..=61).chain(70..=84) {
        assert!(find(&format!("T-{number}")).is_some(), "T-{number} is missing");
    }
    for clause in all() {
        let transition = clause.kind == ClauseKind::Transition;
        assert_eq!(!clause.from.is_empty(), transition, "{}", clause.id);
        let enters = transition && clause.id != "T-77";
        assert_eq!(!clause.to.is_empty(), enters, "{}", clause.id);
    }
    assert_eq!(find("T-38").unwrap().to, ["Q15", "Q17"]);
    assert_eq!(find("T-50").unwrap().to, ["Q11", "Q16", "Q13", "Q14"]);
}

#[test]
fn ambiguities_name_their_switches_with_the_default_first() {
    let switches = |id: &str| find(id).unwrap().policies;
    let [unit, tries] = switches("AMB-1") else {
        panic!("AMB-1 has two switches");
    };
    assert_eq!((unit.name, unit.values), ("RETRY_UNIT", &["step", "service", "logon"][..]));
    assert_eq!((tries.name, tries.values), ("TRIES", &["2", "1", "3", "4"][..]));
    assert!(switches("AMB-5").is_empty() && switches("AMB-49")[0].values.is_empty());
}

#[test]
fn every_clause_says_something_without_marks() {
    for clause in all() {
        let whole = format!("{}{}{:?}", clause.text, clause.source, clause.facts);
        assert!(clause.text.len() >= 10, "{}: {}", clause.id, clause.text);
        assert!(!whole.contains("**") && !whole.contains('`'), "{}", clause.id);
        assert!(DOCUMENT.section(clause.section).is_some(), "{}", clause.id);
    }
}

#[test]
fn ids_are_found_however_they_are_typed() {
    for (typed, id) in [("t-43", "T-43"), ("inv17", "INV-17"), ("T-10A", "T-10a")] {
        assert_eq!(find(typed).unwrap().id, id);
    }
    assert!(find("T-62").is_none() && find("").is_none());
}

#[test]
fn related_clauses_are_those_that_cite_the_id_or_are_traced_from_it() {
    let retry = related_ids("rty-5");
    for id in ["T-30", "T-45", "T-50", "T-53", "INV-17", "INV-18", "LIV-7", "RTY-13"] {
        assert!(retry.contains(&id), "{id}");
    }
    assert!(!retry.contains(&"RTY-5") && !retry.contains(&"T-54"));
    assert!(related_ids("FLW-8").contains(&"INV-12"));
    assert!(related_ids("T-80").contains(&"LIV-9"));
    assert_eq!(related_ids("PAR-12d"), ["T-14", "RCH-24"]);
    assert_eq!(related("nothing"), Vec::<&Clause>::new());
}

#[test]
fn grounds_are_what_a_row_cites_and_the_seeds_it_is_traced_from() {
    let grounds: Vec<_> = grounds("INV-17").iter().map(|clause| clause.id).collect();
    for id in ["RTY-5", "DIS-1", "AMB-1", "AMB-2", "RTY-1"] {
        assert!(grounds.contains(&id), "{id}");
    }
    assert!(super::grounds("nothing").is_empty());
}

#[test]
fn terms_are_those_of_the_vocabulary() {
    assert_eq!(terms().len(), 15);
    let (term, definition) = &terms()[3];
    assert_eq!(term, "attachment");
    assert!(definition.starts_with("a client's hold on a session"));
}
