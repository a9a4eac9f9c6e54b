//! The machine against the tables of SPEC 7, and its encoding as a bijection.

use mapi_logon_model::clause;
use mapi_logon_model::machine::Model;
use mapi_logon_model::machine::Step;
use mapi_logon_model::protocol::Taken;
use mapi_logon_model::world::bits::{BitReader, BitWriter};
use mapi_logon_model::world::{Cursor, Seams, World};
use proptest::prelude::*;

use crate::support::model;
use crate::worlds::worlds;

/// Steps along a run that the numbers choose; `each` sees every world and the step from it.
fn walk(model: &Model, choices: &[u16], mut each: impl FnMut(&World, &Step, Cursor)) {
    let mut world = model.start();
    for choice in choices {
        let mut steps = Vec::new();
        model.successors(&world, |_, step, cursor| steps.push((step.clone(), cursor)));
        if steps.is_empty() {
            break;
        }
        let (step, cursor) = steps.swap_remove(usize::from(*choice) % steps.len());
        each(&world, &step, cursor);
        world = World { state: step.state, cursor };
    }
}

fn choices() -> impl Strategy<Value = Vec<u16>> {
    prop::collection::vec(any::<u16>(), 1..60)
}

/// Does SPEC's row of the transition allow this edge? Rows without a state allow any.
fn as_spec_draws(taken: Taken) -> bool {
    // These rows say "as" another, which follows in the same step.
    let hands_on = ["T-38", "T-39", "T-42"].contains(&taken.transition.id());
    if hands_on && taken.to == taken.from {
        return true;
    }
    let row = clause::find(taken.transition.id()).expect("every transition has a row");
    let names = |states: &[&str], place: &str| states.is_empty() || states.contains(&place);
    names(row.from, taken.from.id()) && names(row.to, taken.to.id())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_transition_runs_between_the_states_of_its_row(
        world in worlds(),
        choices in choices(),
    ) {
        let mut documented = world;
        documented.policy.clear();
        let mut wrong: Vec<Taken> = Vec::new();
        walk(&model(&documented), &choices, |_, step, _| {
            wrong.extend(step.taken.iter().copied().filter(|taken| !as_spec_draws(*taken)));
        });
        prop_assert!(wrong.is_empty(), "{:?}", wrong);
    }

    #[test]
    fn a_world_written_and_read_is_the_same_world(world in worlds(), choices in choices()) {
        let model = model(&world);
        let layout = model.layout();
        let mut words = vec![0; (layout.bits() as usize).div_ceil(64).max(1)];
        let mut worlds = vec![model.start()];
        walk(&model, &choices, |_, step, cursor| {
            worlds.push(World { state: step.state.clone(), cursor });
        });
        for world in worlds {
            let mut writer = BitWriter::new(&mut words);
            layout.encode(&world, &mut writer);
            prop_assert!(writer.len() <= layout.bits() as usize);
            let mut read = model.start();
            layout.decode_into(&mut BitReader::new(&words), &mut read, &mut Seams::default());
            prop_assert_eq!(read, world);
        }
    }

    #[test]
    fn equal_actions_in_equal_states_do_the_same(world in worlds(), choices in choices()) {
        let model = model(&world);
        let mut differing = 0;
        walk(&model, &choices, |world, _, _| {
            model.successors(world, |action, step, _| {
                differing += usize::from(model.step(&world.state, action).as_ref() != Ok(step));
            });
        });
        prop_assert_eq!(differing, 0);
    }
}
