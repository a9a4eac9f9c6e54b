//! A reduced search comes to the verdicts of an unreduced one.

use std::collections::BTreeSet;
use std::mem::discriminant;
use std::num::NonZeroUsize;

use mapi_logon::builtin::names;
use mapi_logon::cached::{Steps, check_cached};
use mapi_logon::explorable::{Explorable, Parted};
use mapi_logon::reduced::{Explored, check_with_reduction};
use mapi_logon::symmetric::check_symmetric;
use mapi_logon_checker::{
    Decision, End, Limits, Marks, Modular, Obstacle, Options, Paths, Reduction, Report, Tally,
    TransitionSystem, check_reduced,
};
use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::mapi::{Code, Fault};
use mapi_logon_model::mutant::Mutant;
use mapi_logon_model::observe::Observer;
use mapi_logon_model::policy::SWITCHES;
use mapi_logon_model::property::{Moment, PROPERTIES, Properties, PropertySet, Room};
use mapi_logon_model::protocol::{Effect, ProviderCall};
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::symmetry::Symmetry;
use mapi_logon_model::world::Changes;
use proptest::prelude::*;
use serde_json::Value;

use crate::cached::{Hidden, Secretive, parted, scenario};
use crate::support::run;
use crate::symmetry::{doubles, is_symmetric};
use crate::symmetry_cases::{BRANCHES, crowded};
use crate::worlds::worlds;

/// Verdicts alone, on at most that many states.
fn at_most(states: u64) -> Options<'static> {
    let limits = Limits { states: Some(states), ..Limits::default() };
    Options { paths: Paths::None, limits, ..Options::default() }
}

/// Both searches of a model; none if it is too large to compare.
fn both(model: Model, most: u64) -> Option<(Report, Report)> {
    let world = Explorable::new(model.forgetting(), PropertySet::ALL);
    let whole = check_cached(&world, &at_most(most)).unwrap();
    let reduced = || check_with_reduction(&world, &at_most(most), Explored::Every).unwrap();
    let complete = whole.end == End::Complete;
    complete.then(|| (whole, reduced()))
}

/// Both searches of the classes of a model; none if it has none, or is too large to compare.
fn both_by_class(model: Model, most: u64) -> Option<(Report, Report)> {
    if Symmetry::of(model.scenario()).order() == 1 {
        return None;
    }
    let world = Explorable::new(model.forgetting(), PropertySet::ALL);
    let whole = check_symmetric(&world, &at_most(most), Steps::Remembered).unwrap();
    let classes = Explored::OneOfEachClass;
    let reduced = || check_with_reduction(&world, &at_most(most), classes).unwrap();
    let complete = whole.end == End::Complete;
    complete.then(|| (whole, reduced()))
}

/// Where verdicts differ, or whether reduction was possible; none if the model is too large.
fn difference(model: Model) -> Option<Result<bool, String>> {
    if let Some((whole, reduced)) = both_by_class(model.clone(), 20_000)
        && let Err(difference) = same(&whole, &reduced)
    {
        return Some(Err(format!("by class: {difference}")));
    }
    let (whole, reduced) = both(model, 20_000)?;
    Some(same(&whole, &reduced).map(|()| reduced.reduction == Reduction::Done))
}

fn same(whole: &Report, reduced: &Report) -> Result<(), String> {
    for (a, b) in whole.findings.iter().zip(&reduced.findings) {
        if discriminant(&a.verdict) != discriminant(&b.verdict) {
            return Err(format!("{}: {:?}, reduced {:?}", a.property.id, a.verdict, b.verdict));
        }
        if b.tested > a.tested {
            return Err(format!("{}: tested {}, reduced {}", a.property.id, a.tested, b.tested));
        }
    }
    let stuck = (whole.stuck, whole.terminal);
    let fewer = reduced.states <= whole.states && reduced.transitions <= whole.transitions;
    if stuck != (reduced.stuck, reduced.terminal) || !fewer {
        return Err(format!("{stuck:?}, reduced {:?}", (reduced.stuck, reduced.terminal)));
    }
    Ok(())
}

#[test]
fn verdicts_on_built_in_scenarios_are_those_without_reduction() {
    let mut reduced = 0;
    for name in names().filter(|name| *name != "anyone") {
        let (whole, left) = both(Model::new(scenario(name)), 1_000_000).unwrap();
        assert_eq!(same(&whole, &left), Ok(()), "{name}");
        reduced += u32::from(left.reduction == Reduction::Done);
        if name == "retry-storm" {
            assert!(left.states * 3 <= whole.states, "{} of {}", left.states, whole.states);
        }
    }
    assert!(reduced > 30, "{reduced} scenarios");
}

#[test]
fn verdicts_are_those_of_the_classes_without_reduction() {
    let (mut reduced, mut fewer) = (0, 0);
    let built_in = names().filter(|name| *name != "anyone").map(scenario);
    let crowds = [
        ("session-limit", 4, 1),
        ("wait-behind-dialog", 4, 0),
        ("no-default", 3, 0),
        ("office", 3, 1),
        ("shared-logoff", 3, 1),
    ];
    let crowds = crowds.map(|(name, clients, budget)| crowded(name, clients, budget));
    for scenario in built_in.chain(crowds).chain([Scenario::parse(BRANCHES).unwrap()]) {
        let text = scenario.to_toml();
        if let Some((whole, left)) = both_by_class(Model::new(scenario), 200_000) {
            assert_eq!(same(&whole, &left), Ok(()), "{text}");
            reduced += u32::from(left.reduction == Reduction::Done);
            fewer += u32::from(left.states < whole.states);
        }
    }
    assert!(reduced >= 7 && fewer >= 5, "{reduced} scenarios, fewer states in {fewer}");
}

#[test]
fn one_state_in_five_of_four_clients_is_left() {
    let text = include_str!("../../benches/storm4.toml");
    let short = |at: &usize| PROPERTIES[*at].id == "LIV-2";
    let short = (0..PROPERTIES.len()).filter(short).fold(PropertySet::EMPTY, PropertySet::with);
    let model = Model::new(Scenario::parse(text).unwrap()).forgetting();
    let world = Explorable::new(model, PropertySet::ALL.without(short));
    let system = Parted::of(world).unwrap();
    let options = Options { paths: Paths::None, ..Options::default() };
    let reduced = check_reduced::<_, 1>(system, Tally::None, &options).unwrap().unwrap();
    assert!(reduced.report.states * 5 <= 14_671_050, "{} states", reduced.report.states);
}

#[test]
fn verdicts_under_every_policy_value_are_those_without_reduction() {
    let mut compared = 0;
    for name in ["office", "shared-session", "late-start", "untidy-clients"] {
        for switch in SWITCHES {
            for value in &switch.values[1..] {
                let mut scenario = scenario(name);
                scenario.policy.set(switch.name, value).unwrap();
                let place = format!("{name}, {} = {value}", switch.name);
                let result = difference(Model::new(scenario));
                let result = result.unwrap_or_else(|| panic!("{place}: too large"));
                compared += u32::from(result.unwrap_or_else(|wrong| panic!("{place}: {wrong}")));
            }
        }
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn what_mutants_violate_is_found_with_reduction() {
    let mut impossible = BTreeSet::new();
    for mutant in Mutant::ALL {
        for name in ["office", "shared-session"] {
            let place = format!("{name}, {}", mutant.name());
            let model = Model::new(scenario(name)).mutated(*mutant);
            // A machine that prefers one client to another has no classes.
            if is_symmetric(&model, 500).is_ok()
                && let Some((whole, reduced)) = both_by_class(model.clone(), 20_000)
            {
                assert_eq!(same(&whole, &reduced), Ok(()), "{place}, by class");
            }
            let (whole, reduced) = both(model, 20_000).unwrap_or_else(|| panic!("{place}"));
            assert_eq!(same(&whole, &reduced), Ok(()), "{place}");
            if let Reduction::Impossible(reason) = reduced.reduction {
                impossible.insert(reason);
            }
        }
    }
    assert!(impossible.contains("a step goes down in the order of states"), "{impossible:?}");
}

#[test]
fn clients_with_too_many_states_of_their_own_are_explored_in_full() {
    let world = Explorable::new(Model::new(scenario("anyone")).forgetting(), PropertySet::only(0));
    let options = Options { paths: Paths::None, ..Options::default() };
    let report = check_with_reduction(&world, &options, Explored::Every).unwrap();
    let reason = "clients come to too many different states of their own";
    assert_eq!(report.reduction, Reduction::Impossible(reason));
}

#[test]
fn reports_say_that_counts_are_reduced_and_leave_vacuity_open() {
    let whole = run(&["check", "late-start", "--all", "--format", "json"]);
    let ran = run(&["check", "late-start", "--all", "--format", "json", "--reduce"]);
    let [whole, reduced] = [whole, ran].map(|ran| {
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        serde_json::from_str::<Value>(&ran.stdout).unwrap()
    });
    assert_eq!((&whole["reduced"], &reduced["reduced"]), (&Value::Null, &Value::Bool(true)));
    let rows = |all: &Value| all["properties"].as_array().unwrap().clone();
    for (a, b) in rows(&whole).iter().zip(&rows(&reduced)) {
        assert_eq!((&a["id"], &a["verdict"]), (&b["id"], &b["verdict"]));
        assert_ne!(b["tested"], 0, "{b}");
    }
    let text = run(&["check", "late-start", "--reduce"]).stdout;
    assert!(text.contains("reduction  partial order; counts are of the states left"), "{text}");
    assert!(!text.to_lowercase().contains("vacuous"), "{text}");
}

#[test]
fn number_of_workers_does_not_change_what_is_left() {
    let world =
        Explorable::new(Model::new(scenario("shared-session")).forgetting(), PropertySet::ALL);
    let reports = [1, 2, 3].map(|workers| {
        let workers = NonZeroUsize::new(workers);
        let options = Options { workers, paths: Paths::All, ..Options::default() };
        let report = check_with_reduction(&world, &options, Explored::Every).unwrap();
        (report.levels, report.transitions, report.findings)
    });
    assert_eq!(reports[0], reports[1]);
    assert_eq!(reports[0], reports[2]);
}

#[test]
fn runs_that_are_shown_are_as_short_as_without_reduction() {
    let model = Model::new(scenario("late-start")).forgetting();
    let world = Explorable::new(model.mutated(Mutant::FaultsConfused), PropertySet::ALL);
    let options = Options { paths: Paths::All, ..Options::default() };
    let whole = check_cached(&world, &options).unwrap();
    let reduced = check_with_reduction(&world, &options, Explored::Every).unwrap();
    assert_eq!(reduced.reduction, Reduction::Done);
    for (a, b) in whole.findings.iter().zip(&reduced.findings) {
        assert_eq!(a.verdict, b.verdict, "{}", a.property.id);
    }
}

#[test]
fn search_for_one_witness_ends_when_it_is_found() {
    let at = PROPERTIES.iter().position(|property| property.id == "RCH-12").unwrap();
    let model = Model::new(scenario("retry-storm")).forgetting();
    let world = Explorable::new(model, PropertySet::only(at));
    let options = Options { until: Some(Marks::of(at)), ..at_most(1_000_000) };
    let report = check_cached(&world, &options).unwrap();
    assert!(matches!(report.findings[at].verdict, Decision::Found(_)));
    assert!(report.end == End::Complete && report.states < 5_000, "{} states", report.states);
}

#[test]
fn a_read_that_is_hidden_from_reduction_is_found() {
    let differs = |name: &&str| {
        let system = parted(Model::new(scenario(name)).forgetting());
        let hidden = Secretive(system.clone(), Hidden::FromReduction);
        terminal_states(hidden) != terminal_states(system)
    };
    let found: Vec<_> = names().filter(differs).collect();
    assert!(!found.is_empty(), "{found:?}");
}

fn terminal_states<M: Modular>(system: M) -> Result<(End, u64), Obstacle> {
    let reduced = check_reduced::<_, 1>(system, Tally::None, &at_most(20_000)).unwrap();
    reduced.map(|reduced| (reduced.report.end, reduced.report.terminal))
}

/// The machine shows the code without noting that it reads the fault.
#[test]
fn nothing_depends_on_what_a_provider_answers_to_its_logoff() {
    let codes: Vec<Code> = Fault::ALL.iter().map(|fault| fault.code()).chain([Code::Ok]).collect();
    let wrong = ["office", "shared-session"].into_iter().flat_map(|name| {
        Mutant::ALL.iter().map(move |mutant| Model::new(scenario(name)).mutated(*mutant))
    });
    let mut compared = 0;
    for model in names().map(|name| Model::new(scenario(name))).chain(wrong) {
        compared += steps_judged_alike(model, &codes);
    }
    assert!(compared > 10_000, "{compared} steps");
}

/// Judges the steps out of the first states with each code in turn, and counts them.
fn steps_judged_alike(model: Model, codes: &[Code]) -> usize {
    let (observer, properties) = (Observer::of(&model), Properties::of(&model));
    let whole = Explorable::new(model, PropertySet::ALL);
    let (model, mut scratch) = (whole.model(), whole.scratch());
    let mut states = Vec::new();
    whole.initial(&mut |state, _| states.push(state.to_vec()));
    let mut known: BTreeSet<Vec<u64>> = states.iter().cloned().collect();
    let (mut at, mut compared) = (0, 0);
    let room = &mut Room::new(model.start().state);
    let mut step = Step::at(model.start().state);
    while at < states.len() && at < 1_500 {
        let (before, memory) = whole.unpack(&states[at]);
        model.each_successor(&before, &mut step, &mut |action, step, cursor| {
            let changes = Changes::between(&before, &step.state, &cursor);
            let judge = |step: &Step| {
                let mut remembered = memory.clone();
                let now = (&before, &memory);
                observer.remember(model, now, (action, step, &cursor), &mut remembered);
                let (before, memory, after) = (&before, &memory, &remembered);
                let moment = Moment { model, before, action, step, memory, remembered: after };
                let all = (PropertySet::ALL, PropertySet::ALL);
                let judged = properties.judge_among(&moment, &changes, all, room);
                (judged.marks, judged.tested, remembered)
            };
            let shown = judge(step);
            let mut other = step.clone();
            for code in codes {
                let mut altered = false;
                for effect in &mut other.effects {
                    if let Effect::Provider { call: ProviderCall::Logoff, result, .. } = effect {
                        (*result, altered) = (*code, true);
                    }
                }
                if altered {
                    assert_eq!(judge(&other), shown, "{action:?} with {}", code.name());
                    compared += 1;
                }
            }
        });
        whole.successors(&mut scratch, &states[at].clone(), &mut |_, next, _| {
            if known.insert(next.to_vec()) {
                states.push(next.to_vec());
            }
        });
        at += 1;
    }
    compared
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn verdicts_on_random_scenarios_are_those_without_reduction(file in worlds()) {
        if let Ok(scenario) = Scenario::parse(&file.to_toml()) {
            let result = difference(Model::new(scenario));
            prop_assert!(!matches!(result, Some(Err(_))), "{:?}", result);
        }
    }

    #[test]
    fn verdicts_on_random_classes_are_those_without_reduction(file in doubles()) {
        if let Ok(scenario) = Scenario::parse(&file.to_toml()) {
            let both = both_by_class(Model::new(scenario), 5_000);
            let result = both.map(|(whole, reduced)| same(&whole, &reduced));
            prop_assert!(!matches!(result, Some(Err(_))), "{:?}", result);
        }
    }
}
