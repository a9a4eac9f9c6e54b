//! The nearest alternatives to an event that no run shows, and the first difference.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::verdict::{Alternative, Possible, Sentence};
use crate::recording::{DialogEvent, ProviderEvent, RecordedEvent};
use mapi_logon_model::machine::Model;

/// The most alternatives to show.
const TOLD: usize = 3;

/// The nearest ways, nearest first.
pub(super) fn nearest(
    event: &RecordedEvent,
    ways: BTreeMap<Possible, Vec<Sentence>>,
) -> Vec<Alternative> {
    let mut all: Vec<Alternative> = ways
        .into_iter()
        .map(|(possible, because)| {
            let differs = differences(event, &possible);
            Alternative { possible, differs, because }
        })
        .collect();
    // Few fields first, then those that agree for longest, then those without more or fewer calls.
    all.sort_by_key(|one| {
        let agrees = Reverse(likeness(event, &one.possible));
        (one.differs.len(), agrees, surplus(event, &one.possible), one.because.len())
    });
    all.truncate(TOLD);
    all
}

/// How far provider calls agree: twice their number, and one more if the next is the same call with
/// another answer.
fn likeness(event: &RecordedEvent, way: &Possible) -> usize {
    let at = agreeing(event, way);
    let seen = event.seen.provider_events.iter().flatten().nth(at);
    let shown = way.provider_events.iter().flatten().nth(at);
    let same = seen.zip(shown).is_some_and(|(seen, shown)| {
        (&seen.provider, &seen.call) == (&shown.provider, &shown.call)
    });
    2 * at + usize::from(same)
}

/// By how much the numbers of provider calls differ.
fn surplus(event: &RecordedEvent, way: &Possible) -> usize {
    let seen = event.seen.provider_events.iter().flatten().count();
    seen.abs_diff(way.provider_events.iter().flatten().count())
}

/// How many provider calls agree from the first on.
fn agreeing(event: &RecordedEvent, way: &Possible) -> usize {
    let seen = event.seen.provider_events.iter().flatten();
    let shown = way.provider_events.iter().flatten();
    seen.zip(shown).take_while(|(seen, shown)| agree(seen, shown)).count()
}

fn agree(seen: &ProviderEvent, shown: &ProviderEvent) -> bool {
    let result = seen.result.is_none() || seen.result == shown.result;
    result && (&seen.provider, &seen.call) == (&shown.provider, &shown.call)
}

/// The fields in which a way differs from what was recorded.
fn differences(event: &RecordedEvent, way: &Possible) -> Vec<String> {
    let seen = &event.seen;
    let mut fields = Vec::new();
    let result = super::story::result(event);
    if result.as_deref().is_some_and(|result| result != way.result) {
        fields.push("result");
    }
    if seen.joined.is_some() && way.joined.is_some() && seen.joined != way.joined {
        fields.push("joined");
    }
    if seen.profile.is_some() && way.profile.is_some() && seen.profile != way.profile {
        fields.push("profile");
    }
    if way.session.is_some() {
        fields.push("session");
    }
    if let (Some(seen), Some(shown)) = (&seen.provider_events, &way.provider_events)
        && (seen.len() != shown.len() || agreeing(event, way) < seen.len())
    {
        fields.push("provider_events");
    }
    if let (Some(seen), Some(shown)) = (&seen.dialogs, &way.dialogs) {
        let same = |(seen, shown): (&DialogEvent, &String)| shown.starts_with(name_of(seen));
        if seen.len() != shown.len() || !seen.iter().zip(shown).all(same) {
            fields.push("dialogs");
        }
    }
    if fields.is_empty() {
        // What is known of the session when the call returned.
        let known = [
            ("kind", seen.kind.is_some()),
            ("services", !seen.services.is_empty()),
            ("providers", !seen.providers.is_empty()),
        ];
        fields.extend(known.iter().filter(|(_, known)| *known).map(|(field, _)| *field));
    }
    fields.into_iter().map(str::to_owned).collect()
}

fn name_of(dialog: &DialogEvent) -> &str {
    match dialog {
        DialogEvent::Named(name) => name,
        DialogEvent::Answered { dialog, .. } => dialog,
    }
}

/// The first thing in which the event differs from its nearest alternative, with the clause it
/// offends.
pub(super) fn difference(
    model: &Model,
    event: &RecordedEvent,
    nearest: &[Alternative],
) -> Option<Sentence> {
    let way = &nearest.first()?.possible;
    let differs = |field: &str| nearest[0].differs.iter().any(|one| one == field);
    if differs("provider_events") {
        return Some(provider_call(model, event, nearest));
    }
    if differs("session") {
        let label = event.label().ok().flatten().unwrap_or_default();
        let other = way.session.as_deref().unwrap_or("another session");
        let text = format!(
            "the log labels the session {label}, and MAPI gives {other} here; leave `session` out \
             if the log numbers pointers"
        );
        return Some(Sentence::new(text, &["RES-9", "SHR-12"]));
    }
    if differs("dialogs") {
        let shown = way.dialogs.iter().flatten().cloned().collect::<Vec<_>>();
        let shown = if shown.is_empty() { "no dialog".to_owned() } else { shown.join(", ") };
        return Some(Sentence::new(format!("MAPI displays {shown} here"), &["RTY-3", "FLG-20"]));
    }
    let because = nearest[0].because.iter().flat_map(|one| one.clauses.iter().cloned());
    let clauses: Vec<String> = because.take(3).collect();
    let text = match super::story::result(event) {
        Some(result) if differs("result") => {
            let only = if nearest.len() == 1 { "only " } else { "" };
            format!("{result} cannot be answered here; the model allows {only}{}", all(nearest))
        }
        Some(_) | None => format!("`{}` cannot be so here", nearest[0].differs.join("`, `")),
    };
    Some(Sentence { text, clauses, assumed: false })
}

fn all(nearest: &[Alternative]) -> String {
    let mut names: Vec<String> = nearest.iter().map(|one| one.possible.result.clone()).collect();
    names.dedup();
    super::story::listed(&names, "or")
}

/// The answers that a provider call may get where the log first differs.
fn answers(event: &RecordedEvent, nearest: &[Alternative], at: usize) -> String {
    let ways = nearest.iter().filter(|one| likeness(event, &one.possible) == 2 * at + 1);
    let all: BTreeSet<_> = ways
        .filter_map(|one| one.possible.provider_events.iter().flatten().nth(at))
        .map(|call| call.result.clone().unwrap_or_else(|| "nothing".to_owned()))
        .collect();
    super::story::listed(&all.into_iter().collect::<Vec<_>>(), "or")
}

/// The first provider call that differs.
fn provider_call(model: &Model, event: &RecordedEvent, nearest: &[Alternative]) -> Sentence {
    let way = &nearest[0].possible;
    let at = agreeing(event, way);
    let seen: Vec<_> = event.seen.provider_events.iter().flatten().collect();
    let shown: Vec<_> = way.provider_events.iter().flatten().collect();
    let number = at + 1;
    let Some(one) = seen.get(at) else {
        let next = shown
            .get(at)
            .map_or_else(String::new, |next| format!("{} of {} follows", next.call, next.provider));
        let text = format!("after provider call {at} the log ends, and in the model {next}");
        return Sentence::new(text, &["RTY-1", "PRV-2"]);
    };
    let what = format!("{} of {}", one.call, one.provider);
    let same =
        |other: &&&ProviderEvent| (&other.provider, &other.call) == (&one.provider, &one.call);
    let times = seen[..=at].iter().filter(same).count();
    let tries = usize::from(model.scenario().policy.tries.count());
    let called = shown.get(at).filter(|shown| same(shown));
    if called.is_some() {
        let result = one.result.as_deref().unwrap_or("nothing");
        let text = format!(
            "provider call {number}: {what} answers {result}; in this scenario it may answer {}",
            answers(event, nearest, at)
        );
        return Sentence::new(text, &["AMB-46", "FLT-9"]);
    }
    let ordinal = ["first", "second", "third", "fourth", "fifth"];
    let nth = ordinal.get(times - 1).copied().unwrap_or("further");
    if times > tries && one.call == "Logon" {
        let text = format!("provider call {number}: {nth} {what}; one second try and no third");
        return Sentence::new(text, &["RTY-5"]);
    }
    let text = match shown.get(at) {
        Some(next) => format!(
            "provider call {number}: {nth} {what}, where the model calls {} of {}",
            next.call, next.provider
        ),
        None => format!("provider call {number}: {nth} {what}, where the model calls no provider"),
    };
    Sentence::new(text, if times > 1 { &["RTY-5", "RTY-9"] } else { &["PRV-2", "DIS-6"] })
}
