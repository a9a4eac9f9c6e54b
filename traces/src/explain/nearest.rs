//! The nearest alternatives to an event that no run shows.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::verdict::{Alternative, Possible, Sentence};
use crate::recording::{DialogEvent, ProviderEvent, RecordedEvent, Returned};

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
    // Those that agree for longest first, then few fields, then those without more or fewer calls.
    all.sort_by_key(|one| {
        let way = &one.possible;
        let agrees = Reverse(likeness(event, way) + 2 * agreeing_dialogs(event, way));
        (agrees, one.differs.len(), surplus(event, way), one.because.len())
    });
    all.truncate(TOLD);
    all
}

/// How far provider calls agree: twice their number, and one more if the next is the same call with
/// another answer.
pub(super) fn likeness(event: &RecordedEvent, way: &Possible) -> usize {
    let at = agreeing(event, way);
    let seen = event.seen.provider_events.iter().flatten().nth(at);
    let shown = way.provider_events.iter().flatten().nth(at);
    let same = seen.zip(shown).is_some_and(|(seen, shown)| {
        (&seen.provider, &seen.call) == (&shown.provider, &shown.call)
    });
    2 * at + usize::from(same)
}

/// By how much the numbers of provider calls and dialogs differ.
fn surplus(event: &RecordedEvent, way: &Possible) -> usize {
    let calls = event.seen.provider_events.iter().flatten().count();
    let dialogs = event.seen.dialogs.iter().flatten().count();
    calls.abs_diff(way.provider_events.iter().flatten().count())
        + dialogs.abs_diff(way.dialogs.iter().flatten().count())
}

/// How many provider calls agree from the first on.
pub(super) fn agreeing(event: &RecordedEvent, way: &Possible) -> usize {
    let seen = event.seen.provider_events.iter().flatten();
    let shown = way.provider_events.iter().flatten();
    seen.zip(shown).take_while(|(seen, shown)| agree(seen, shown)).count()
}

/// How many dialogs agree from the first on.
pub(super) fn agreeing_dialogs(event: &RecordedEvent, way: &Possible) -> usize {
    let seen = event.seen.dialogs.iter().flatten();
    let shown = way.dialogs.iter().flatten();
    seen.zip(shown).take_while(|(seen, shown)| shown.starts_with(name_of(seen))).count()
}

fn agree(seen: &ProviderEvent, shown: &ProviderEvent) -> bool {
    let result = seen.result.is_none() || seen.result == shown.result;
    result && (&seen.provider, &seen.call) == (&shown.provider, &shown.call)
}

/// The fields in which a way differs from what was recorded. A call that never returned may have
/// more to come.
fn differences(event: &RecordedEvent, way: &Possible) -> Vec<String> {
    let seen = &event.seen;
    let over = event.result != Returned::Never;
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
        && (over && seen.len() != shown.len() || agreeing(event, way) < seen.len())
    {
        fields.push("provider_events");
    }
    if let (Some(seen), Some(shown)) = (&seen.dialogs, &way.dialogs) {
        if over && seen.len() != shown.len() || agreeing_dialogs(event, way) < seen.len() {
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

pub(super) fn name_of(dialog: &DialogEvent) -> &str {
    match dialog {
        DialogEvent::Named(name) => name,
        DialogEvent::Answered { dialog, .. } => dialog,
    }
}
