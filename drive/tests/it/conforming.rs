//! The model conforms to itself, whatever the reading, the calls and the answers.

use mapi_logon_drive::bench::Driven;
use mapi_logon_drive::campaign::Tally;
use mapi_logon_drive::course::End;
use mapi_logon_drive::expected::Deviations;
use mapi_logon_drive::world::opened;
use mapi_logon_model::policy::{PRESETS, Policy};
use mapi_logon_model::scenario::Scenario;

use crate::support::{LIMITS, built_in, drive};

#[test]
fn the_model_conforms_under_every_preset_in_every_scenario() {
    for preset in PRESETS {
        let policy = Policy::preset(preset.name).unwrap();
        for (name, scenario) in built_in() {
            let scenario = Scenario { policy, ..scenario };
            let build = move |world: Scenario| opened(Scenario { policy, ..world });
            let tally = drive(&scenario, &build, &LIMITS).unwrap();
            let found = tally.deviating.first().map(|one| {
                let (finding, driven) = (&one.finding, &one.driven);
                let last = driven.moves.len().saturating_sub(8);
                let moves = serde_json::to_string(&driven.moves[last..]).unwrap();
                format!("{finding:?}\n{moves}")
            });
            assert_eq!(found, None, "{name} under {}", preset.name);
            assert!(tally.calls >= LIMITS.calls.min(100), "{name}: {} calls", tally.calls);
        }
    }
}

#[test]
fn world_that_cannot_be_judged_to_its_end_is_counted_and_no_deviation() {
    let driven = Driven {
        number: 0,
        end: End::Undecided("states"),
        moves: Vec::new(),
        recording: Vec::new(),
        excused: Vec::new(),
        answers: 0,
        times: Vec::new(),
    };
    let mut tally = Tally::default();
    tally.note(driven, &Deviations::default());
    assert_eq!((tally.undecided, tally.deviating.len()), (1, 0));
}
