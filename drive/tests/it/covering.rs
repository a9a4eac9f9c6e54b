//! Campaigns with goals, against the model in this process.

use std::sync::atomic::AtomicBool;

use mapi_logon_drive::bench::Bench;
use mapi_logon_drive::campaign::{Campaign, Limits, Tally};
use mapi_logon_drive::expected::Deviations;
use mapi_logon_drive::goals::{Covered, play};
use mapi_logon_drive::plan::Plan;
use mapi_logon_drive::port::Local;
use mapi_logon_drive::world::{drivable, opened};
use mapi_logon_model::machine::Model;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_traces::cover::{Atlas, Criterion};
use mapi_logon_traces::effect::Seen;
use mapi_logon_traces::tracer::Tracer;

use crate::support::{LIMITS, along, built_in};

const ALL: Limits = Limits { calls: 100_000, ..LIMITS };

fn scenario(wanted: &str) -> Scenario {
    built_in().into_iter().find(|(name, _)| name == wanted).unwrap().1
}

fn covered(scenario: &Scenario, criterion: Criterion) -> (Tally, Covered) {
    let policy = scenario.policy;
    let build = move |world: Scenario| opened(Scenario { policy, ..world });
    let model = Model::new(drivable(scenario.clone()));
    let atlas = Atlas::explore(&model, criterion, &mut |known| known < 200_000);
    along((&model, &atlas), scenario, &build, &ALL).unwrap()
}

#[test]
fn the_model_shows_every_goal_within_reach_of_small_scenarios() {
    for name in ["joined-twice", "delete-in-use", "failing-configuration", "deferred-password"] {
        for criterion in [Criterion::Transitions, Criterion::Pairs, Criterion::Clauses] {
            let (tally, covered) = covered(&scenario(name), criterion);
            assert_eq!(tally.deviating.len(), 0, "{name}: {:?}", tally.deviating);
            assert!(covered.covered.len() > 5, "{name}: {covered:?}");
            assert_eq!(
                (&covered.refused, &covered.open),
                (&vec![], &vec![]),
                "{name} {criterion:?}"
            );
        }
    }
}

#[test]
fn a_run_that_the_system_does_not_take_is_not_reached() {
    let scenario = scenario("joined-twice");
    let policy = scenario.policy;
    let build = move |world: Scenario| opened(Scenario { policy, ..world });
    let mut port = Local::new(&build, ALL.seed);
    let mut bench = Bench::new(&mut port, &scenario, &ALL).unwrap();
    let mut run = Tracer::listed(Model::new(bench.listed().clone()));
    let (mut plan, mut returned) = (Plan::default(), None);
    while let Some(act) = run.possible().first().cloned() {
        let line = run.follow(&act).unwrap();
        plan.push(&run, &line);
        let returns = line.effects.iter().any(|one| matches!(one.effect, Seen::Returned { .. }));
        returned = returns.then_some(line).or(returned);
    }
    // A call that returns twice: no system shows that.
    let mut wrong = plan.clone();
    wrong.push(&run, &returned.unwrap());
    let plans = [("right".to_owned(), plan), ("wrong".to_owned(), wrong)];
    let (expected, stop) = (Deviations::default(), AtomicBool::new(false));
    let campaign = Campaign::new(&ALL, &expected, &stop);
    let (_, played) = play(&mut bench, campaign, &plans, 1, &mut |_, _| Ok(())).unwrap();
    let reached: Vec<_> = played.iter().map(|one| one.is_reached()).collect();
    assert_eq!(reached, [true, false], "{played:?}");
}
