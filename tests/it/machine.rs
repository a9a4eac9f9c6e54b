//! Is the machine the one SPEC draws, and its encoding a bijection?

use mapi_logon_model::bits::{BitReader, BitWriter};
use mapi_logon_model::clause;
use mapi_logon_model::model::Model;
use mapi_logon_model::state::State;
use mapi_logon_model::step::Step;
use mapi_logon_model::transition::Taken;
use proptest::prelude::*;

use crate::worlds::worlds;

/// Steps along a run that the numbers choose; `each` sees every step.
fn walk(model: &Model, choices: &[u16], mut each: impl FnMut(&State, &Step)) {
    let mut state = model.initial();
    for choice in choices {
        let mut steps = Vec::new();
        model.successors(&state, |_, step| steps.push(step.clone()));
        if steps.is_empty() {
            break;
        }
        let step = &steps[usize::from(*choice) % steps.len()];
        each(&state, step);
        state = step.state;
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
    let names = |list: &str, place: &str| {
        list.is_empty() || list.split([',', '/', ' ']).any(|one| one == place)
    };
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
        walk(&documented.model(), &choices, |_, step| {
            wrong.extend(step.taken.iter().copied().filter(|taken| !as_spec_draws(*taken)));
        });
        prop_assert!(wrong.is_empty(), "{:?}", wrong);
    }

    #[test]
    fn a_state_written_and_read_is_the_same_state(world in worlds(), choices in choices()) {
        let model = world.model();
        let mut words = vec![0; (model.state_bits() as usize).div_ceil(64).max(1)];
        let mut states = vec![model.initial()];
        walk(&model, &choices, |_, step| states.push(step.state));
        for state in states {
            let mut writer = BitWriter::new(&mut words);
            model.encode(&state, &mut writer);
            prop_assert!(writer.len() <= model.state_bits() as usize);
            prop_assert_eq!(model.decode(&mut BitReader::new(&words)), state);
        }
    }

    #[test]
    fn equal_actions_in_equal_states_do_the_same(world in worlds(), choices in choices()) {
        let model = world.model();
        let mut differing = 0;
        walk(&model, &choices, |state, _| {
            model.successors(state, |action, step| {
                differing += usize::from(model.step(state, action).as_ref() != Ok(step));
            });
        });
        prop_assert_eq!(differing, 0);
    }
}
