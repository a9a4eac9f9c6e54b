//! Tests of the search that does not count faults: it loses no run.

use std::fs;
use std::path::Path;

use mapi_logon_model::ids::LOGONS;
use mapi_logon_model::policy::SWITCHES;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::world::Slots;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use super::*;
use crate::explain::world::World;
use crate::recording::Recording;
use crate::synthetic::{Synthesis, synthesize};

/// Each built-in scenario twice, once with some of its policies drawn anew.
fn scenarios() -> impl Iterator<Item = (Scenario, u64)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|one| one.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().flat_map(|path| {
        let scenario = Scenario::parse(&fs::read_to_string(&path).unwrap()).unwrap();
        (0..2).map(move |seed| {
            let (mut scenario, mut random) = (scenario.clone(), ChaCha8Rng::seed_from_u64(seed));
            let mut below = |end: usize| usize::try_from(random.next_u64()).unwrap() % end;
            for _ in 0..seed * 4 {
                let switch = SWITCHES[below(SWITCHES.len())];
                let value = switch.values[below(switch.values.len())];
                scenario.policy.set(switch.name, value).unwrap();
            }
            (scenario, seed)
        })
    })
}

#[test]
fn no_recording_of_a_run_is_impossible_where_faults_are_not_counted() {
    let limits = ExplainLimits { steps: 30_000, states: 2_000, ..ExplainLimits::default() };
    let mut reached = 0;
    for (scenario, seed) in scenarios() {
        let clients = scenario.clients.len();
        let concurrency = clients.min(2);
        let synthesis = Synthesis { events: 100, seed, tries_per_fault: 6, concurrency };
        let mut recording = Recording::default();
        for event in synthesize(scenario.clone(), synthesis).events {
            recording.push(event).unwrap();
        }
        let slots = Slots::of(vec![(LOGONS / clients).min(4); clients]);
        let world = World { scenario, slots, faults: Some(u32::MAX) };
        let model = world.faultiest();
        let plan = Plan::of(&recording, &model).unwrap();
        let mut beam = Beam::new(&plan, Engine::uncounted(&model), u32::MAX, limits);
        let end = beam.follow(plan.points.len(), beam.width(u32::MAX), false);
        assert!(!matches!(end, End::Stuck(_)), "{end:?}: {}", world.scenario.to_toml());
        reached += u32::from(end == End::Reached);
    }
    assert!(reached > 35, "only {reached} came to an end");
}
