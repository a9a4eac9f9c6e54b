//! What an administrator checks for a provider or service that failed, by the kinds of causes.

use std::collections::{BTreeMap, BTreeSet};

use mapi_logon_model::mapi::Fault;

use super::story::clause_of;
use super::verdict::{Assumed, Cause, Sentence};

/// Something to check: its place in a list, what holds if all is well, and the clause.
type Check = (usize, &'static str, &'static str);

/// What to check for everything that is among the causes, or may have been.
pub(super) fn checks(causes: &[Cause], assumed: Option<&Assumed>) -> Vec<Sentence> {
    let mut of: BTreeMap<&str, BTreeSet<Check>> = BTreeMap::new();
    for struck in causes.iter().flat_map(|cause| &cause.one_of) {
        let fault = Fault::ALL.into_iter().find(|fault| fault.name() == struck.fault);
        of.entry(&struck.provider).or_default().extend(fault.map(of_fault));
    }
    let facts = assumed.into_iter().flat_map(|assumed| assumed.chosen.iter().chain(&assumed.or));
    for fact in facts.flat_map(|one| &one.world) {
        if let (Some((_, name)), Some(check)) =
            (fact.section.split_once(' '), of_clause(&fact.clause))
        {
            of.entry(name).or_default().insert(check);
        }
    }
    let mut alike: BTreeMap<&BTreeSet<Check>, Vec<String>> = BTreeMap::new();
    for (name, checks) in of.iter().filter(|(_, checks)| !checks.is_empty()) {
        alike.entry(checks).or_default().push((*name).to_owned());
    }
    let sentences = alike.into_iter().map(|(checks, names)| {
        let whose = super::story::listed(&names, "and");
        let whose = if names.len() > 1 { format!("each of {whose}") } else { whose };
        let what: Vec<_> = checks.iter().map(|(_, what, _)| (*what).to_owned()).collect();
        let clauses: Vec<_> = checks.iter().map(|(.., clause)| *clause).collect();
        let what = super::story::listed(&what, "and");
        Sentence::new(format!("Check for {whose} that {what}."), &clauses)
    });
    sentences.collect()
}

fn of_fault(fault: Fault) -> Check {
    match fault {
        Fault::InvalidPath => (0, "its library is where the profile says", clause_of(fault)),
        Fault::ProviderTooNew | Fault::ProviderTooOld => {
            (1, "its version fits this MAPI", clause_of(fault))
        }
        Fault::ServerUnavailable => (2, "its server can be reached", clause_of(fault)),
        Fault::DataCorruption => (3, "its data is not damaged", clause_of(fault)),
    }
}

fn of_clause(clause: &str) -> Option<Check> {
    Some(match clause {
        "PRV-28" | "PRV-30" => (4, "the right password is stored", "PRV-30"),
        "SVC-2" | "PRV-26" => (5, "its configuration is complete", "SVC-2"),
        "LIM-5" => (6, "it takes another logon", "LIM-5"),
        _ => return None,
    })
}
