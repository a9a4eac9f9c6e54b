//! Exploring allocates nothing for a step.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use mapi_logon::builtin::{names, text};
use mapi_logon::explorable::Explorable;
use mapi_logon_checker::{Limits, Options, TransitionSystem as _, check};
use mapi_logon_model::machine::Model;
use mapi_logon_model::property::PropertySet;
use mapi_logon_model::scenario::Scenario;

/// Steps that are enough.
const STEPS: usize = 50_000;

fn world(name: &str) -> Explorable {
    let scenario = Scenario::parse(text(name).unwrap()).unwrap();
    Explorable::new(Model::new(scenario), PropertySet::ALL)
}

/// The first states of a world, in the order in which they are met.
fn states(world: &Explorable, most: usize) -> Vec<Vec<u64>> {
    let mut all = Vec::new();
    world.initial(&mut |state, _| all.push(state.to_vec()));
    let mut known: BTreeSet<_> = all.iter().cloned().collect();
    let mut scratch = world.scratch();
    let mut at = 0;
    while at < all.len() && all.len() < most {
        let state = all[at].clone();
        world.successors(&mut scratch, &state, &mut |_, next, _| {
            if known.insert(next.to_vec()) {
                all.push(next.to_vec());
            }
        });
        at += 1;
    }
    all
}

#[test]
fn steps_judged_and_written_allocate_nothing() {
    for name in names() {
        let world = world(name);
        let states = states(&world, 1_500);
        let mut scratch = world.scratch();
        let steps = Cell::new(0);
        let mut expand = |state: &Vec<u64>| {
            world.successors(&mut scratch, state, &mut |_, _, _| steps.set(steps.get() + 1));
            world.pending(&mut scratch, state);
        };
        // The first time, lists grow to the size they need. Where callers choose between very many
        // calls, fewer states have as many steps.
        let mut enough = 0;
        while enough < states.len() && steps.get() < STEPS {
            expand(&states[enough]);
            enough += 1;
        }
        let counted = allocation_counter::measure(|| states[..enough].iter().for_each(&mut expand));
        assert_eq!(counted.count_total, 0, "{name}");
        assert!(steps.get() > 0, "{name}");
    }
}

#[test]
fn a_search_allocates_for_its_tables_only() {
    let world = world("retry-storm");
    let counted = |states| {
        let options = Options {
            workers: Some(NonZeroUsize::MIN),
            limits: Limits { states: Some(states), ..Limits::default() },
            ..Options::default()
        };
        let mut transitions = 0;
        let counted = allocation_counter::measure(|| {
            transitions = check(&world, &options).unwrap().transitions;
        });
        (counted.count_total, transitions)
    };
    let (few, less) = counted(5_000);
    let (many, more) = counted(50_000);
    let each = (many - few) as f64 / (more - less) as f64;
    assert!(each < 0.01, "{each} allocations a transition");
}
