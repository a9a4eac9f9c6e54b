//! The cause: all minimal explanations of a recording, folded into one sentence for each fault.

use std::collections::{BTreeMap, BTreeSet};

use super::story::place;
use super::verdict::{Cause, Sentence, Struck};
use crate::recording::{RecordedEvent, Recording};
use mapi_logon_model::mapi::Fault;

/// Folds the faults of several runs: the first fault of each, the second, and so on.
pub(super) fn fold(recording: &Recording, runs: Vec<Vec<Struck>>, complete: bool) -> Vec<Cause> {
    let mut causes: Vec<BTreeSet<Struck>> = Vec::new();
    for mut struck in runs {
        struck.sort();
        causes.resize(causes.len().max(struck.len()), BTreeSet::new());
        for (cause, one) in causes.iter_mut().zip(struck) {
            cause.insert(one);
        }
    }
    let folded = causes.into_iter().map(|one_of| {
        let one_of: Vec<_> = one_of.into_iter().collect();
        Cause { sentence: sentence(recording, &one_of, complete), one_of, complete }
    });
    folded.collect()
}

/// What each of these may be, in a sentence.
fn sentence(recording: &Recording, one_of: &[Struck], complete: bool) -> Sentence {
    let mut places: BTreeMap<usize, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for one in one_of {
        let of_event = places.entry(one.event).or_default();
        of_event.entry(&one.provider).or_default().insert(&one.fault);
    }
    let event = |number: &usize| recording.events.get(number - 1);
    let told: Vec<String> = places
        .iter()
        .map(|(number, providers)| {
            let at = event(number).map_or_else(String::new, |event| {
                format!(" in the {} of {}", event.method, place(event))
            });
            format!("{}{at}", whom(providers))
        })
        .collect();
    let mut text = told.join(", or ");
    if !complete {
        text += " (others may explain the log, too)";
    } else if one_of.len() > 1 {
        text += "; the log cannot tell which";
        let silent = |event: &RecordedEvent| event.seen.provider_events.is_none();
        if places.keys().filter_map(event).any(silent) {
            text += ", lines of provider calls would";
        }
    }
    let kinds: BTreeSet<&str> = one_of.iter().map(|one| one.fault.as_str()).collect();
    let faults = Fault::ALL.into_iter().filter(|fault| kinds.contains(fault.name()));
    let mut clauses: Vec<&str> = faults.map(super::story::clause_of).collect();
    clauses.dedup();
    Sentence::assumed(text, &clauses)
}

/// `one fault of EXAB or EXMS, of any of four kinds`.
fn whom(providers: &BTreeMap<&str, BTreeSet<&str>>) -> String {
    let mut alike: BTreeMap<&BTreeSet<&str>, Vec<String>> = BTreeMap::new();
    for (provider, faults) in providers {
        alike.entry(faults).or_default().push((*provider).to_owned());
    }
    let told: Vec<String> = alike
        .into_iter()
        .map(|(faults, names)| {
            let names = super::story::listed(&names, "or");
            let kinds = kinds(faults);
            match kinds.as_slice() {
                [one] => format!("{one} of {names}"),
                all if all.len() == Fault::KINDS.len() => {
                    format!("one fault of {names}, of any of four kinds,")
                }
                some => format!("one fault of {names}, {},", super::story::listed(some, "or")),
            }
        })
        .collect();
    super::story::listed(&told, "or")
}

/// The kinds of these faults; both directions of a version mismatch are one.
fn kinds(faults: &BTreeSet<&str>) -> Vec<String> {
    let of = |name: &&str| Fault::ALL.into_iter().find(|fault| fault.name() == *name);
    let kinds: BTreeSet<&str> = faults.iter().filter_map(of).map(Fault::kind).collect();
    Fault::KINDS.into_iter().filter(|kind| kinds.contains(kind)).map(str::to_owned).collect()
}
