//! Shrunk failures: nothing more can be cut out of them.

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;

use mapi_logon_model::machine::Model;
use mapi_logon_model::mutant::Mutant;
use mapi_logon_model::property::{PROPERTIES, PropertySet};
use mapi_logon_model::scenario::Scenario;

use super::cut::SORTS;
use super::*;
use crate::simulate::{Plan, Simulation, simulate};

const OFFICE: &str = include_str!("../../../scenarios/office.toml");

fn simulated(mutant: Mutant, seed: u64, swarm: bool) -> Simulation {
    let scenario = Scenario::parse(OFFICE).unwrap();
    simulate(&Plan {
        scenario: &scenario,
        build: &|scenario| Model::new(scenario).mutated(mutant),
        seed,
        first: 0,
        runs: 20_000,
        steps: 10_000,
        swarm,
        judging: true,
        threads: NonZeroUsize::MIN,
        stop: &AtomicBool::new(false),
        watch: None,
    })
}

fn shrunk(mutant: Mutant, failure: &Failure) -> Shrunk {
    let build = |scenario| Model::new(scenario).mutated(mutant);
    shrink(failure, &build, &AtomicBool::new(false))
}

fn ids(marks: PropertySet) -> Vec<&'static str> {
    marks.map(|mark| PROPERTIES[mark].id).collect()
}

#[test]
fn failing_run_is_shrunk_to_a_shortest_run_of_a_smallest_scenario() {
    for (mutant, steps, providers) in [
        (Mutant::MutexIgnored, 2, 0),
        (Mutant::FirstFailureFinal, 6, 1),
        (Mutant::ThirdTry, 7, 1),
        (Mutant::QuarantinedForgotten, 10, 2),
        (Mutant::CreatorEndsAll, 9, 0),
        (Mutant::DisabledStarted, 8, 2),
    ] {
        let simulation = simulated(mutant, 7, false);
        let failure = simulation.failure.as_ref().unwrap();
        let left = shrunk(mutant, failure);
        assert!(left.shortest, "{}", mutant.name());
        assert!(ids(left.broken).iter().any(|id| mutant.killers().contains(id)));
        let wanted = with_ids_of(left.broken).and(breaking());
        let model = Model::new(left.scenario.clone()).mutated(mutant);
        let replayed = replay(&model, &left.actions, wanted).unwrap();
        assert_eq!(replayed.actions, left.actions);
        assert_eq!(replayed.broken, left.broken);
        let parts = (left.actions.len(), left.scenario.providers.len());
        assert_eq!(parts, (steps, providers), "{}\n{}", mutant.name(), left.scenario.to_toml());
        for cut in SORTS.iter().flat_map(|sort| sort(&left.scenario)) {
            let Some(smaller) = cut.apply(&left.scenario) else {
                continue;
            };
            let model = Model::new(smaller).mutated(mutant);
            let found = search(&model, wanted, 5_000, &AtomicBool::new(false));
            assert_eq!(found, None, "{} without {cut:?}", mutant.name());
        }
    }
}

#[test]
fn equal_seeds_find_the_same_failure() {
    let [one, two] = [1, 1].map(|seed| simulated(Mutant::ThirdTry, seed, true).failure.unwrap());
    assert_eq!((one.run, &one.actions), (two.run, &two.actions));
    assert_eq!(one.scenario, two.scenario);
}

#[test]
fn stopped_shrinking_keeps_what_it_has() {
    let mutant = Mutant::MutexIgnored;
    let failure = simulated(mutant, 7, false).failure.unwrap();
    let build = |scenario| Model::new(scenario).mutated(mutant);
    let left = shrink(&failure, &build, &AtomicBool::new(true));
    assert!(!left.shortest);
    assert_eq!(left.actions, failure.actions);
}
