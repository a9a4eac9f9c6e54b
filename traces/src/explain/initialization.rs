//! The clients that have initialised MAPI when a recording begins: unknown, but for the results of
//! their calls (INI-1).

use mapi_logon_model::mapi::Code;
use mapi_logon_model::scenario::Scenario;

use crate::recording::{RecordedEvent, Recording, Returned};

/// Most clients of whom both ways are tried; of others the first \[DER\].
const OPEN: usize = 6;

/// The ways in which a client may begin: with a count of zero, and of one \[DER\].
const WAYS: [i64; 2] = [0, 1];

/// The scenario in every way in which its clients may begin, and whether these are all.
///
/// Where no result of a client's calls depends on its count, initialisation is implied.
pub(super) fn worlds(scenario: &Scenario, recording: &Recording) -> (Vec<Scenario>, bool) {
    let (mut worlds, mut complete) = (vec![scenario.clone()], true);
    for at in 0..scenario.clients.len() {
        let name = &scenario.clients[at].name;
        let own = || recording.events.iter().filter(|event| event.client == *name);
        let counts = own().any(shows_count);
        let ways: Vec<bool> = match counts {
            false => vec![false],
            true => {
                WAYS.iter().filter(|way| is_possible(**way, own())).map(|way| *way > 0).collect()
            }
        };
        let ways = if ways.is_empty() { vec![false] } else { ways };
        let some = if worlds.len() >= 1 << OPEN { 1 } else { ways.len() };
        complete &= some == ways.len();
        let begun = ways[..some].iter().flat_map(|initialized| {
            worlds.iter().map(|world| {
                let mut world = world.clone();
                let client = &mut world.clients[at];
                (client.initializes, client.initialized) = (counts, *initialized);
                world
            })
        });
        worlds = begun.collect();
    }
    (worlds, complete)
}

/// Does the result of the call depend on its client's count?
fn shows_count(event: &RecordedEvent) -> bool {
    matches!(event.method, "MAPIInitialize" | "MAPIUninitialize")
        || event.result == Returned::With(Code::NotInitialized)
}

/// Can the client's calls have had their results, with this count at first? A call whose result is
/// not known ends what can be inferred.
fn is_possible<'e>(mut count: i64, events: impl Iterator<Item = &'e RecordedEvent>) -> bool {
    for event in events {
        let Returned::With(code) = event.result else {
            return true;
        };
        let fits = match event.method {
            // A nested call only counts (AMB-42).
            "MAPIInitialize" => code == Code::Ok || count == 0,
            _ => (code == Code::NotInitialized) == (count == 0),
        };
        if !fits {
            return false;
        }
        count += match event.method {
            "MAPIInitialize" if code == Code::Ok => 1,
            "MAPIUninitialize" if code == Code::Ok => -1,
            _ => 0,
        };
    }
    true
}
