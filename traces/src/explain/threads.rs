//! Threads of one program: clients of which one uses the session that another has obtained.

use std::collections::BTreeMap;

use crate::recording::Recording;

/// The recording with the threads of each program as one client, and each of them with the client
/// that it counts as; nothing where there are none, or their calls overlap.
///
/// A client uses only sessions that it has obtained itself. Where a label says otherwise, both are
/// threads of one program.
#[must_use]
pub fn one_program(recording: &Recording) -> Option<(Recording, BTreeMap<String, String>)> {
    let (mut owners, mut same) = (BTreeMap::new(), BTreeMap::new());
    for event in &recording.events {
        let Some(label) = event.label().ok().flatten() else {
            continue;
        };
        let client = event.client.clone();
        let owner = owners.entry(label).or_insert_with(|| client.clone());
        let obtains = event.method == "MAPILogonEx";
        if obtains {
            owner.clone_from(&client);
        } else if *owner != client && !same.contains_key(owner.as_str()) {
            same.insert(client, owner.clone());
        }
    }
    if same.is_empty() {
        return None;
    }
    let mut joined = recording.clone();
    for event in &mut joined.events {
        if let Some(owner) = same.get(&event.client) {
            event.client.clone_from(owner);
        }
    }
    (!overlaps(&joined)).then_some((joined, same))
}

/// Do calls of one client overlap?
fn overlaps(recording: &Recording) -> bool {
    let mut calls: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for event in &recording.events {
        if let Some(begin) = event.seen.begin {
            let end = event.seen.end.unwrap_or(f64::INFINITY);
            calls.entry(&event.client).or_default().push((begin, end));
        }
    }
    calls.values_mut().any(|calls| {
        calls.sort_by(|one, other| one.0.total_cmp(&other.0));
        calls.windows(2).any(|two| two[0].1 > two[1].0)
    })
}
