//! Mutants of the model as systems under test: those within reach are found.

use mapi_logon_drive::campaign::Limits;
use mapi_logon_drive::world::opened;
use mapi_logon_model::mutant::Mutant;
use mapi_logon_model::scenario::Scenario;

use crate::support::{LIMITS, built_in, drive};

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

/// The scenario by which a mutant is found in this many calls.
fn found(mutant: Mutant, scenarios: &[(String, Scenario)]) -> Option<String> {
    let mut left = CALLS;
    // Every scenario in turn, so that none uses all calls up.
    for seed in 1.. {
        for (name, scenario) in scenarios {
            let policy = scenario.policy;
            let build = move |world: Scenario| opened(Scenario { policy, ..world }).mutated(mutant);
            let calls = 100.min(left);
            // A mutant that ignores the answers chosen for its providers cannot be driven.
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

#[test]
fn every_mutant_within_reach_is_found_and_the_others_have_a_reason() {
    let scenarios = built_in();
    let excused = |name: &str| OUT_OF_REACH.iter().any(|(_, names)| names.contains(&name));
    let missed: Vec<_> = Mutant::ALL
        .iter()
        .filter(|mutant| !excused(mutant.name()) && found(**mutant, &scenarios).is_none())
        .map(|mutant| mutant.name())
        .collect();
    assert_eq!(missed, [""; 0]);
}
