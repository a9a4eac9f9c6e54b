//! Random runs are the same for a seed, possible for the model, and enough to see everything.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::AtomicBool;

use mapi_logon::builtin::{SCENARIOS, text};
use mapi_logon::coverage::RunCoverage;
use mapi_logon::outcomes::{CallRecord, outcomes};
use mapi_logon::render::simulated::{FailingRun, Simulated};
use mapi_logon::render::text::Paint;
use mapi_logon_model::machine::Model;
use mapi_logon_model::observe::Record;
use mapi_logon_model::property::{PROPERTIES, PropertySet};
use mapi_logon_model::run::Run;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_sim::random::{Purpose, Stream};
use mapi_logon_sim::run::{RunEnd, Runner};
use mapi_logon_sim::shrink::Shrunk;
use mapi_logon_sim::simulate::{Failure, Simulation};
use mapi_logon_sim::tally::Tally;
use serde_json::Value;

use crate::support::{run, workplace};

fn simulate(arguments: &str) -> String {
    let words: Vec<_> = ["simulate"].into_iter().chain(arguments.split_whitespace()).collect();
    let ran = run(&words);
    // `anyone` passes a name that no profile has, and is warned of it.
    let told = ran.stderr.lines().find(|line| !line.starts_with("warning: anyone: "));
    assert_eq!((ran.code, told), (Some(0), None), "{arguments}");
    ran.stdout
}

fn json(arguments: &str) -> Value {
    serde_json::from_str(&simulate(&format!("{arguments} --format json"))).unwrap()
}

#[test]
fn equal_seeds_write_equal_bytes_however_many_threads_there_are() {
    for flags in ["", "--swarm", "--swarm --format json", "--format json"] {
        let with = |threads: u32| {
            simulate(&format!("office --seed 7 --runs 3000 --threads {threads} {flags}"))
        };
        let one = with(1);
        assert_eq!(one, with(1), "{flags}");
        assert_eq!(one, with(2), "{flags}");
        assert_eq!(one, with(5), "{flags}");
    }
}

/// Seeds promise their runs from one version to the next. Whoever changes these says so in the
/// CHANGELOG.
#[test]
fn seeds_mean_what_they_have_always_meant() {
    for (arguments, digest) in [
        ("office --seed 7 --runs 1", "5d183b859ea44c65"),
        ("office --seed 7 --runs 1000", "15aac4e722cb3986"),
        ("office --seed 8 --runs 1000", "11319ade7d767d52"),
        ("office --seed 7 --runs 1000 --swarm", "5e6a630da599d6f9"),
        ("late-start --seed 18446744073709551615 --runs 1000", "120b0dd7f552b5a3"),
    ] {
        assert_eq!(json(arguments)["digest"], digest, "{arguments}");
    }
}

#[test]
fn runs_do_not_depend_on_the_runs_before_them() {
    let whole = json("office --seed 3 --runs 40");
    let parts = [("0", 10), ("10", 30)]
        .map(|(first, runs)| json(&format!("office --seed 3 --first {first} --runs {runs}")));
    let digest =
        |report: &Value| u64::from_str_radix(report["digest"].as_str().unwrap(), 16).unwrap();
    let sum = digest(&parts[0]).wrapping_add(digest(&parts[1]));
    assert_eq!(digest(&whole), sum);
    let steps = parts.iter().map(|part| part["steps"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(whole["steps"], steps);
}

/// The outcome of a run as `outcomes` writes it; nothing if the run did not end.
fn outcome_of(model: &Model, runner: &mut Runner<'_>, number: u64) -> Option<String> {
    let mut chance = Stream::new(11, Purpose::Choices, number);
    let mut records = vec![Vec::new(); model.scenario().clients.len()];
    let end = runner.run(number, &mut chance, 10_000, &mut Tally::default());
    assert!(matches!(end, RunEnd::Complete | RunEnd::Blocked), "{end:?}");
    let mut run = Run::new(model);
    for action in runner.path() {
        run.take(*action).unwrap();
        let record = Record::of(model, run.before(), *action, run.step());
        records[action.client.index()].extend(record);
    }
    let mut sessions = Vec::new();
    let mut outcome = Vec::new();
    for record in records.into_iter().flatten() {
        let number = record.session.map(|session| {
            if !sessions.contains(&session) {
                sessions.push(session);
            }
            sessions.iter().position(|one| *one == session).unwrap() + 1
        });
        outcome.push(CallRecord::new(model, &record, number));
    }
    (end == RunEnd::Complete).then(|| serde_json::to_string(&outcome).unwrap())
}

#[test]
fn simulation_ends_in_every_known_outcome_and_in_no_other() {
    for (name, most) in [
        ("cancelled-prompt", 500),
        ("deferred-password", 500),
        ("four-faults", 5_000),
        ("home-and-work", 20_000),
        ("late-start", 20_000),
        ("monday-morning", 20_000),
        ("office", 20_000),
        ("session-limit", 500),
        ("shared-session", 10_000),
        ("transport-down", 5_000),
        ("two-users", 5_000),
        ("service-account", 20_000),
    ] {
        let model = Model::new(Scenario::parse(text(name).unwrap()).unwrap());
        let known = outcomes(&model, false, 1_000_000);
        assert!(known.complete, "{name}");
        let known = known.outcomes.iter();
        let known: BTreeSet<_> = known.map(|one| serde_json::to_string(one).unwrap()).collect();
        let mut runner = Runner::new(&model, true);
        let mut missing = known.clone();
        let mut run = 0;
        while !missing.is_empty() {
            assert!(run < most, "{name}: {} outcomes not seen in {run} runs", missing.len());
            if let Some(outcome) = outcome_of(&model, &mut runner, run) {
                assert!(known.contains(&outcome), "{name}, run {run}: {outcome}");
                missing.remove(&outcome);
            }
            run += 1;
        }
    }
}

#[test]
fn runs_of_every_scenario_keep_to_the_properties() {
    for (name, _) in SCENARIOS {
        for flags in ["", "--swarm"] {
            let report = json(&format!("{name} --runs 200 {flags}"));
            assert_eq!(report["verdict"], "holds", "{name}");
            assert_eq!((&report["runs"], &report["cut_off"]), (&200.into(), &0.into()), "{name}");
        }
    }
}

#[test]
fn report_counts_what_happened() {
    let report = json("office --seed 7 --runs 2000");
    let sum = |results: &Value| {
        results.as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!(sum(&report["results"]["MAPILogonEx"]), 4000, "two clients log on in each run");
    let logged_on = &report["results"]["MAPILogonEx"]["S_OK"];
    assert_eq!(&report["results"]["Logoff"]["S_OK"], logged_on);
    assert!(sum(&report["services_disabled"]) > 0 && sum(&report["dialogs"]) > 0);
    let coverage = &report["coverage"];
    assert_eq!(coverage["exact"], true);
    assert_eq!(coverage["transitions"], coverage["of"]);
    assert_eq!(coverage["missed"].as_array().unwrap().len(), 0);
    let expected = ["RCH-1", "RCH-2", "RCH-3", "RCH-7", "RCH-8", "RCH-11", "RCH-12", "RCH-21"];
    let seen = coverage["witnesses"].as_array().unwrap();
    assert!(expected.iter().all(|id| seen.contains(&Value::from(*id))), "{seen:?}");
    assert_eq!(report["repeat"], "mapi-logon simulate office --seed 7 --runs 2000");
}

/// The machine breaks nothing, so a run is taken for one that does.
#[test]
fn failing_run_is_shown_and_saved_as_a_scenario_that_repeats_it() {
    let scenario = Scenario::parse(text("office").unwrap()).unwrap();
    let model = Model::new(scenario.clone());
    let mut runner = Runner::new(&model, true);
    let mut chance = Stream::new(7, Purpose::Choices, 4);
    let mut tally = Tally::default();
    runner.run(4, &mut chance, 10_000, &mut tally);
    let actions = runner.path().to_vec();
    let broken = PROPERTIES.iter().position(|property| property.id == "INV-17").unwrap();
    let (broken, run) = (PropertySet::only(broken), 4);
    let failure = Failure { run, scenario: scenario.clone(), actions: actions.clone(), broken };
    let shrunk = Shrunk { scenario: scenario.clone(), actions, broken, shortest: true };
    let repeat = "mapi-logon simulate office --seed 7 --runs 1 --first 4".to_owned();
    let finding = FailingRun::new(&failure, &shrunk, repeat.clone());
    let saved = finding.file();
    assert_eq!(Scenario::parse(&saved).unwrap(), scenario);
    assert!(saved.starts_with("# INV-17 is broken: "), "{saved}");
    assert!(saved.contains("#    1  ") && saved.contains(&repeat));
    let simulation = Simulation { tally, failure: Some(failure), interrupted: false };
    let coverage = RunCoverage::of(&model, &simulation, &AtomicBool::new(false));
    let simulated = Simulated {
        name: "office",
        model: &model,
        simulation: &simulation,
        coverage,
        finding: Some(finding),
        seed: 7,
        repeat: "mapi-logon simulate office --seed 7".to_owned(),
    };
    let shown = simulated.text(Paint::none());
    assert!(shown.contains("INV-17 is broken by run 4, shrunk from"), "{shown}");
    assert_eq!(shown.lines().last(), Some(repeat.as_str()));
    let json: Value = serde_json::from_str(&simulated.json().unwrap()).unwrap();
    assert_eq!((&json["verdict"], &json["broken"]["id"]), (&"violated".into(), &"INV-17".into()));
}

#[test]
fn dialog_that_nobody_may_answer_blocks_the_run() {
    let folder = workplace("simulate-blocked");
    let path = folder.join("blocked.toml");
    fs::write(&path, "[[client]]\nname = 'a'\nflags = ['MAPI_LOGON_UI']\n[user]\nanswers = []\n")
        .unwrap();
    let report = json(&format!("{} --runs 10", path.display()));
    assert_eq!((&report["blocked"], &report["verdict"]), (&10.into(), &"holds".into()));
    let cut = json("office --runs 10 --steps 3");
    assert_eq!((&cut["cut_off"], &cut["steps"]), (&10.into(), &30.into()));
}

#[test]
fn report_claims_no_more_than_was_judged() {
    let blocked = simulate("tests/data/silent-user.toml --runs 50");
    assert!(!blocked.contains("broke a property"), "{blocked}");
    for said in [
        "No run broke an invariant.\n",
        "50 runs of 50 blocked: a dialog stays open",
        "Use `check` to decide whether such runs violate progress",
    ] {
        assert!(blocked.contains(said), "{said}: {blocked}");
    }
    let cut = simulate("office --runs 10 --steps 3");
    assert!(cut.contains("10 runs of 10 cut off: --steps allows no more."), "{cut}");
    let whole = simulate("office --runs 10");
    assert!(whole.contains("No run broke an invariant.\n\n"), "{whole}");
}

#[test]
fn coverage_says_why_it_could_not_be_counted() {
    let of = |name: &str, stop: bool| {
        let model = Model::new(Scenario::parse(text(name).unwrap()).unwrap());
        let simulation = Simulation { tally: Tally::default(), failure: None, interrupted: stop };
        let coverage = RunCoverage::of(&model, &simulation, &AtomicBool::new(stop));
        coverage.transitions()
    };
    assert!(of("retry-storm", false).contains("too many states"));
    for name in ["retry-storm", "office"] {
        let said = of(name, true);
        assert!(said.contains("interrupted before"), "{name}: {said}");
        assert!(!said.contains("too many states"), "{name}: {said}");
    }
}

#[test]
fn what_does_not_go_together_is_refused() {
    for arguments in [
        "office --load --runs 3",
        "office --load --swarm",
        "office --series x.csv",
        "office --plot x.svg",
        "office --threads 0",
        "office --seed -1",
    ] {
        let words: Vec<_> = ["simulate"].into_iter().chain(arguments.split(' ')).collect();
        assert_eq!(run(&words).code, Some(2), "{arguments}");
    }
}

#[test]
fn bench_measures_runs_and_states() {
    let ran = run(&["bench", "two-users", "--milliseconds", "50", "--format", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let figures: Value = serde_json::from_str(&ran.stdout).unwrap();
    let positive = |figure: &Value| figure.as_f64().is_some_and(|figure| figure > 0.0);
    let rows = figures["simulate"].as_array().unwrap();
    let kinds = rows.iter().map(|row| (row["threads"].clone(), row["checked"].clone()));
    let kinds: Vec<(Value, Value)> = kinds.collect();
    let all = [(1, false), (1, true), (2, false), (2, true)];
    assert_eq!(kinds, all.map(|(threads, checked)| (threads.into(), checked.into())));
    assert!(rows.iter().all(|row| positive(&row["steps_per_second"])), "{figures}");
    let check = figures["check"].as_array().unwrap();
    assert!(check.len() == 2 && check.iter().all(|row| positive(&row["states_per_second"])));
    let text = run(&["bench", "two-users", "--milliseconds", "50", "--without-faults"]).stdout;
    assert!(text.contains("without faults"), "{text}");
}
