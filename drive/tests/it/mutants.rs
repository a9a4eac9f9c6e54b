//! Mutants of the model as systems under test: those within reach are found.

use mapi_logon_drive::campaign::Limits;
use mapi_logon_drive::world::{drivable, opened};
use mapi_logon_model::machine::Model;
use mapi_logon_model::mutant::Mutant;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_traces::cover::{Atlas, Criterion};

use crate::support::{LIMITS, along, built_in, drive};

/// Most calls that it may take to find one.
const CALLS: u64 = 10_000;

/// Mutants that are not found, and why.
const OUT_OF_REACH: &[(&str, &[&str])] = &[
    (
        "it is wrong where the model's own providers decide, and here the tool answers for them",
        &[
            "TRN-15",
            "skip-fails",
            "version-ignored",
            "password-ignored",
            "data-ignored",
            "faults-confused",
            "dialog-unseen",
            "password-unnoted",
            "corrects-all",
        ],
    ),
    (
        "it shows only in what MAPI tells its providers beside Init and Logon",
        &[
            "loaded-twice",
            "quarantined-forgotten",
            "object-kept",
            "shutdown-first",
            "libraries-kept",
            "reopens-store",
            "last-first",
            "transport-unheard",
        ],
    ),
    (
        "nothing that an adapter sees tells it from the right machine",
        &[
            "half-undone",
            "session-kept",
            "marked-kept",
            "identity-unnamed",
            "spooler-always-told",
            "spooler-silent",
        ],
    ),
    (
        "random calls do not lead there in 10,000 calls, or its adapter breaks the protocol",
        &[
            "join-rebinds",
            "shared-logoff-ignored",
            "forced-twice",
            "entry-point-twice",
            "individual-logoff-felt",
            "removed-at-once",
            "removal-felt",
            "refused-detached",
            "counted-twice",
            "password-picks",
            "confirmation-ignored",
            "initialize-uncounted",
            "pick-confused",
            "cancel-uncoded",
            "returns-twice",
            "uninitialize-refused",
        ],
    ),
];

/// Most states of a scenario whose goals are planned for.
const STATES: usize = 5_000;

/// A scenario with the graph of its right machine, if that is small.
type Place = (String, Scenario, Option<(Model, Atlas)>);

fn places() -> Vec<Place> {
    let place = |(name, scenario): (String, Scenario)| {
        let model = Model::new(drivable(scenario.clone()));
        let atlas = planned(&model);
        (name, scenario, atlas.map(|atlas| (model, atlas)))
    };
    built_in().into_iter().map(place).collect()
}

fn planned(model: &Model) -> Option<Atlas> {
    let atlas = Atlas::explore(model, Criterion::Pairs, &mut |known| known < STATES);
    atlas.is_complete().then_some(atlas)
}

fn built(scenario: &Scenario, mutant: Mutant) -> impl Fn(Scenario) -> Model + use<> {
    let policy = scenario.policy;
    move |world: Scenario| opened(Scenario { policy, ..world }).mutated(mutant)
}

/// The scenario by which a mutant is found in this many calls: along the goals of the right
/// machine, then at random.
fn found(mutant: Mutant, places: &[Place]) -> Option<String> {
    let mut left = CALLS;
    for (name, scenario, goals) in places {
        let Some((model, atlas)) = goals else { continue };
        let limits = Limits { calls: 1_000.min(left), ..LIMITS };
        let build = built(scenario, mutant);
        // A mutant that ignores the answers chosen for its providers cannot be driven.
        let Ok((tally, _)) = along((model, atlas), scenario, &build, &limits) else { continue };
        left -= tally.calls.min(left);
        if !tally.deviating.is_empty() {
            return Some(name.clone());
        }
    }
    // Every scenario in turn, so that none uses all calls up.
    for seed in 1.. {
        for (name, scenario, _) in places {
            let calls = 100.min(left);
            let build = built(scenario, mutant);
            let tally = drive(scenario, &build, &Limits { seed, calls, ..LIMITS }).ok()?;
            left -= tally.calls.min(left);
            if !tally.deviating.is_empty() {
                return Some(name.clone());
            }
            if left == 0 {
                return None;
            }
        }
    }
    None
}

/// Where a mutant shows when it is led along every pair of transitions of its own.
fn shows(mutant: Mutant, places: &[Place]) -> Option<String> {
    let led = |(name, scenario, _): &Place| {
        let model = Model::new(drivable(scenario.clone())).mutated(mutant);
        let atlas = planned(&model)?;
        let build = built(scenario, mutant);
        let limits = Limits { calls: CALLS, ..LIMITS };
        let (tally, _) = along((&model, &atlas), scenario, &build, &limits).ok()?;
        (!tally.deviating.is_empty()).then(|| name.clone())
    };
    places.iter().find_map(led)
}

fn is_excused(mutant: Mutant) -> bool {
    OUT_OF_REACH.iter().any(|(_, names)| names.contains(&mutant.name()))
}

#[test]
fn every_mutant_within_reach_is_found_and_the_others_have_a_reason() {
    let places = places();
    let within = Mutant::ALL.iter().filter(|mutant| !is_excused(**mutant));
    let missed: Vec<_> = within
        .filter(|mutant| found(**mutant, &places).is_none())
        .map(|mutant| mutant.name())
        .collect();
    assert_eq!(missed, [""; 0]);
}

#[test]
fn mutants_out_of_reach_show_nothing_along_any_pair_of_their_own_transitions() {
    let places = places();
    let excused = Mutant::ALL.iter().filter(|mutant| is_excused(**mutant));
    let shown: Vec<_> = excused
        .filter_map(|mutant| shows(*mutant, &places).map(|place| (mutant.name(), place)))
        .collect();
    assert_eq!(shown, Vec::new());
}
