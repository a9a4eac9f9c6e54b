//! Steps that are used again are the steps that the model makes.

use std::collections::BTreeSet;

use mapi_logon::builtin::{names, text};
use mapi_logon::explorable::{Explorable, Parted};
use mapi_logon_checker::{Cached, Made, Marks, Modular, Questions, Tally, TransitionSystem};
use mapi_logon_model::machine::Model;
use mapi_logon_model::mutant::Mutant;
use mapi_logon_model::policy::SWITCHES;
use mapi_logon_model::property::PropertySet;
use mapi_logon_model::scenario::Scenario;

/// What a step shows: action, next state as the model writes it, marks.
type Shown = (u32, Vec<u64>, Marks);

fn steps<S: TransitionSystem>(system: &S, scratch: &mut S::Scratch, state: &[u64]) -> Vec<Shown> {
    let mut all = Vec::new();
    system.successors(scratch, state, &mut |action, next, marks| {
        all.push((action, next.to_vec(), marks));
    });
    all
}

/// Steps that are compared of each of the first states, on average.
const EACH: usize = 8;

/// Compares every step out of the first states with what the model does, and says where they
/// differ first; how many states were compared otherwise. Where callers choose between very many
/// calls, fewer states have as many steps.
fn compare<M: Modular, const W: usize>(system: M, most: usize) -> Result<usize, String> {
    let cached = Cached::<M, W>::new(system, Tally::All).ok_or("cannot be numbered")?;
    let whole = cached.modular().system();
    let (mut worker, mut scratch) = (cached.scratch(), whole.scratch());
    let mut all = Vec::new();
    cached.initial(&mut |state, _| all.push(state.to_vec()));
    let mut known: BTreeSet<Vec<u64>> = all.iter().cloned().collect();
    let (mut at, mut compared) = (0, 0);
    while at < all.len() && at < most && compared < most * EACH {
        let state = all[at].clone();
        let mut remembered = steps(&cached, &mut worker, &state);
        for (_, next, _) in &mut remembered {
            if known.insert(next.clone()) {
                all.push(next.clone());
            }
            *next = cached.original(&mut worker, next).to_vec();
        }
        let original = cached.original(&mut worker, &state).to_vec();
        let made = steps(whole, &mut scratch, &original);
        if remembered != made {
            return Err(format!("state {at}: {remembered:?} for {made:?}"));
        }
        compared += made.len();
        at += 1;
    }
    let mut counted = [vec![], vec![]];
    cached.tested(&mut worker, &mut |property, times| counted[0].push((property, times)));
    whole.tested(&mut scratch, &mut |property, times| counted[1].push((property, times)));
    if cached.has_outgrown() || counted[0] != counted[1] {
        return Err(format!("counts {counted:?}"));
    }
    Ok(at)
}

pub(crate) fn parted(model: Model) -> Parted {
    Parted::of(Explorable::new(model, PropertySet::ALL)).unwrap()
}

pub(crate) fn scenario(name: &str) -> Scenario {
    Scenario::parse(text(name).unwrap()).unwrap()
}

#[test]
fn every_step_of_every_built_in_scenario_is_that_of_the_model() {
    for name in names() {
        let most = if cfg!(debug_assertions) { 3_000 } else { 60_000 };
        let model = Model::new(scenario(name));
        for model in [model.clone(), model.forgetting()] {
            let one = compare::<_, 1>(parted(model.clone()), most);
            let two = compare::<_, 2>(parted(model), 500);
            assert_eq!(one.as_ref().err().or(two.as_ref().err()), None, "{name}");
        }
    }
}

#[test]
fn steps_are_those_of_the_model_under_every_policy_value() {
    let mut compared = 0;
    for name in names() {
        for switch in SWITCHES {
            for value in &switch.values[1..] {
                let mut scenario = scenario(name);
                scenario.policy.set(switch.name, value).unwrap();
                let result = compare::<_, 1>(parted(Model::new(scenario)), 60);
                let place = format!("{name}, {} = {value}", switch.name);
                compared += result.unwrap_or_else(|wrong| panic!("{place}: {wrong}"));
            }
        }
    }
    assert!(compared > 50_000, "{compared} states");
}

#[test]
fn steps_are_those_of_every_mutant() {
    for mutant in Mutant::ALL {
        for name in ["office", "shared-session"] {
            let model = Model::new(scenario(name)).mutated(*mutant);
            let result = compare::<_, 1>(parted(model), 60);
            assert_eq!(result.err(), None, "{name}, {}", mutant.name());
        }
    }
}

/// From whom it is hidden what steps ask of other clients.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hidden {
    FromAll,
    FromReduction,
}

/// The model, hiding what its steps ask of other clients.
pub(crate) struct Secretive(pub(crate) Parted, pub(crate) Hidden);

impl Modular for Secretive {
    const WHOLE: Questions = <Parted>::WHOLE;
    type System = Explorable;
    type Bench = <Parted as Modular>::Bench;

    fn system(&self) -> &Explorable {
        self.0.system()
    }
    fn bench(&self) -> Self::Bench {
        self.0.bench()
    }
    fn actors(&self) -> usize {
        self.0.actors()
    }
    fn hold(&self, bench: &mut Self::Bench, state: &[u64]) {
        self.0.hold(bench, state);
    }
    fn cut(&self, bench: &mut Self::Bench, each: &mut dyn FnMut(usize, &[u64])) -> u128 {
        self.0.cut(bench, each)
    }
    fn put(&self, bench: &mut Self::Bench, actor: usize, part: &[u64]) {
        self.0.put(bench, actor, part);
    }
    fn put_common(&self, bench: &mut Self::Bench, common: u128) {
        self.0.put_common(bench, common);
    }
    fn join(&self, bench: &Self::Bench, state: &mut [u64]) {
        self.0.join(bench, state);
    }
    fn steps(&self, bench: &mut Self::Bench, actor: usize, each: &mut dyn FnMut(&Made<'_>)) {
        self.0.steps(bench, actor, each);
    }
    fn rank(&self, bench: &Self::Bench, actor: usize) -> u64 {
        self.0.rank(bench, actor)
    }
    fn testable(&self) -> Marks {
        self.0.testable()
    }
    fn tests(&self, bench: &mut Self::Bench, wanted: Marks) -> Marks {
        self.0.tests(bench, wanted)
    }
    fn asked(&self, bench: &Self::Bench, actor: usize) -> Questions {
        if self.1 == Hidden::FromAll { [0; 3] } else { self.0.asked(bench, actor) }
    }
    fn essential(&self, _: &Self::Bench, _: usize) -> Questions {
        [0; 3]
    }
    fn asked_common(&self, bench: &Self::Bench) -> u128 {
        self.0.asked_common(bench)
    }
    fn answer(
        &self,
        bench: &Self::Bench,
        part: (usize, &[u64]),
        questions: &Questions,
        each: &mut dyn FnMut(u64),
    ) {
        self.0.answer(bench, part, questions, each);
    }
}

#[test]
fn a_read_that_is_not_noted_is_found() {
    let whole = parted(Model::new(scenario("retry-storm")));
    assert_eq!(compare::<_, 1>(whole.clone(), 3_000).err(), None);
    assert!(compare::<_, 1>(Secretive(whole, Hidden::FromAll), 3_000).is_err());
}
