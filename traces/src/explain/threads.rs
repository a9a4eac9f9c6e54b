//! Threads of one program: clients of which one uses the session that another has obtained.

use std::collections::{BTreeMap, BTreeSet};

use crate::recording::Recording;

/// A recording with the threads of each program as one client.
#[derive(Clone, Debug)]
pub struct Program {
    /// The recording.
    pub recording: Recording,
    /// Each thread that counts as another client, with that client.
    pub threads: BTreeMap<String, String>,
    /// Lines of calls that overlapped another of their client and are taken after it.
    pub moved: Vec<u64>,
}

/// The recording with the threads of each program as one client, whose calls follow one another;
/// nothing where there are none, or two calls of a program never returned.
///
/// A client uses only sessions that it has obtained itself. Where a label says otherwise, both are
/// threads of one program, unless `is_client` says that a scenario tells the thread apart.
#[must_use]
pub fn one_program(recording: &Recording, is_client: impl Fn(&str) -> bool) -> Option<Program> {
    let (mut owners, mut same) = (BTreeMap::new(), BTreeMap::new());
    let mut obtained = BTreeSet::new();
    for event in &recording.events {
        let Some(label) = event.label().ok().flatten() else {
            continue;
        };
        let client = event.client.clone();
        if event.method == "MAPILogonEx" {
            obtained.insert((label.clone(), client.clone()));
            owners.insert(label, client);
            continue;
        }
        // A session that several programs share has several owners.
        let own = obtained.contains(&(label.clone(), client.clone()));
        let owner: &String = owners.entry(label).or_insert_with(|| client.clone());
        let known = same.contains_key(&client) || same.contains_key(owner);
        if !own && !known && *owner != client && !is_client(&client) {
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
    let moved = in_turn(&mut joined)?;
    Some(Program { recording: joined, threads: same, moved })
}

/// Makes a client's calls follow one another in the order in which they returned, each from the end
/// of the one before. Returns the lines of those whose beginning has moved; nothing where two calls
/// of a client never returned, of which only one can be under way.
fn in_turn(recording: &mut Recording) -> Option<Vec<u64>> {
    let mut order: Vec<usize> = (0..recording.events.len()).collect();
    let end = |at: &usize| recording.events[*at].end.unwrap_or(f64::INFINITY);
    order.sort_by(|one, other| end(one).total_cmp(&end(other)));
    let (mut ended, mut moved) = (BTreeMap::new(), Vec::new());
    for at in order {
        let event = &mut recording.events[at];
        let Some(begin) = event.begin else {
            continue;
        };
        let before = ended.entry(event.client.clone()).or_insert(begin);
        if before.is_infinite() {
            return None;
        }
        if *before > begin {
            event.begin = Some(*before);
            moved.push(event.line);
        }
        *before = event.end.unwrap_or(f64::INFINITY);
    }
    moved.sort_unstable();
    Some(moved)
}
