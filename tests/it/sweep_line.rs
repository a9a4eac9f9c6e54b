//! A sweep line reports what a search does: on every scenario, under every reading, for classes.

use std::num::NonZeroUsize;

use mapi_logon::builtin::SCENARIOS;
use mapi_logon::cached::{Steps, check_cached};
use mapi_logon::explorable::Explorable;
use mapi_logon::symmetric::check_symmetric;
use mapi_logon_checker::{End, Limits, Options, Paths, Report, SweepLine, check};
use mapi_logon_model::machine::Model;
use mapi_logon_model::mutant::Mutant;
use mapi_logon_model::policy::SWITCHES;
use mapi_logon_model::property::PropertySet;
use mapi_logon_model::scenario::Scenario;

use crate::support::{run, workplace};

/// Too large to be explored more than once.
const LARGE: [&str; 2] = ["retry-storm", "anyone"];

fn options<'a>(sweep_line: bool, workers: usize) -> Options<'a> {
    let workers = NonZeroUsize::new(workers);
    Options { workers, sweep_line, paths: Paths::All, ..Options::default() }
}

/// All but the way in which it was found.
fn findings(report: &Report) -> String {
    let report = Report { sweep_line: None, cost: Default::default(), ..report.clone() };
    format!("{report:#?}")
}

fn explorable(model: Model) -> Explorable {
    Explorable::new(model.forgetting(), PropertySet::ALL)
}

fn scenario(text: &str) -> Scenario {
    Scenario::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Compares a search with sweeps of different workers, with and without the cache. Returns whether
/// a step descends.
fn agree(model: &Model, name: &str) -> bool {
    let world = explorable(model.clone());
    let expected = check(&world, &options(false, 1)).unwrap();
    let swept = [
        check(&world, &options(true, 2)),
        check_cached(&world, &options(true, 1)),
        check_cached(&world, &options(true, 3)),
    ];
    let mut descends = false;
    for swept in swept {
        let swept = swept.unwrap();
        descends |= swept.sweep_line != Some(SweepLine::Used);
        assert!(findings(&swept) == findings(&expected), "{name}: {swept:#?}");
    }
    descends
}

#[test]
fn every_scenario_is_swept_to_the_report_of_a_search() {
    let small = SCENARIOS.iter().filter(|(name, _)| !LARGE.contains(name));
    let descending = small.filter(|(name, text)| agree(&Model::new(scenario(text)), name));
    assert_eq!(descending.map(|(name, _)| *name).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn every_reading_is_swept_to_the_report_of_a_search() {
    let office = SCENARIOS.iter().find(|(name, _)| *name == "office");
    let (name, text) = office.unwrap();
    let mut descending = Vec::new();
    for switch in SWITCHES {
        for value in switch.values {
            let mut scenario = scenario(text);
            scenario.policy.set(switch.name, value).unwrap();
            let name = format!("{name}, {} = {value}", switch.name);
            if agree(&Model::new(scenario), &name) {
                descending.push(name);
            }
        }
    }
    assert_eq!(descending, [""; 0]);
}

#[test]
fn classes_are_swept_as_they_are_searched() {
    for (name, text) in SCENARIOS.iter().filter(|(name, _)| !LARGE.contains(name)) {
        let world = explorable(Model::new(scenario(text)));
        let expected = check_symmetric(&world, &options(false, 1), Steps::Anew).unwrap();
        let swept = check_symmetric(&world, &options(true, 2), Steps::Remembered).unwrap();
        assert_eq!(swept.sweep_line, Some(SweepLine::Used), "{name}");
        assert!(findings(&swept) == findings(&expected), "{name}: {swept:#?}");
    }
}

#[test]
fn wrong_machines_are_swept_or_searched_to_the_same_report() {
    let mut outcomes = [0; 2];
    for mutant in Mutant::ALL {
        for name in ["refused-calls", "shared-session"] {
            let (_, text) = SCENARIOS.iter().find(|(known, _)| *known == name).unwrap();
            let world = explorable(Model::new(scenario(text)).mutated(*mutant));
            let limits = Limits { states: Some(50_000), ..Limits::default() };
            let expected = check(&world, &Options { limits, ..options(false, 1) }).unwrap();
            if expected.end == End::Complete {
                let swept = check_cached(&world, &options(true, 2)).unwrap();
                outcomes[usize::from(swept.sweep_line == Some(SweepLine::Used))] += 1;
                assert!(findings(&swept) == findings(&expected), "{mutant:?}: {swept:#?}");
            }
        }
    }
    assert!(outcomes[1] > outcomes[0], "{outcomes:?}");
}

#[test]
fn states_that_wait_take_at_most_three_bytes_for_each_state_there_is() {
    let (_, text) = SCENARIOS.iter().find(|(name, _)| *name == "retry-storm").unwrap();
    let world = explorable(Model::new(scenario(text)));
    let report = check_cached(&world, &Options { paths: Paths::None, ..options(true, 1) });
    let report = report.unwrap();
    assert_eq!(report.sweep_line, Some(SweepLine::Used));
    let bytes = report.cost.lists.unwrap() as f64 / report.states as f64;
    assert!(bytes < 3.0, "{bytes} bytes");
}

#[test]
fn command_sweeps_spills_and_resumes_to_the_same_bytes() {
    let folder = workplace("sweep-line");
    let whole = run(&["check", "office", "--sweep-line"]);
    let searched = run(&["check", "office"]);
    let row = "exact states, forgotten behind a sweep line";
    assert!(whole.stdout.contains(row), "{whole:?}");
    let as_searched = whole.stdout.replace(row, "exact states").replace(" --sweep-line", "");
    assert_eq!(as_searched, searched.stdout);
    let dir = folder.join("spilled");
    let dir = dir.to_str().unwrap();
    let ran = run(&["check", "office", "--sweep-line", "--spill", dir, "--max-states", "500"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    for _ in 0..2 {
        let resumed =
            run(&["check", "office", "--sweep-line", "--resume", dir, "--max-memory", "1MB"]);
        let stdout = resumed.stdout.replace(" --max-memory 1MB", "");
        assert_eq!((&stdout, resumed.stderr.as_str()), (&whole.stdout, ""));
    }
    let json = run(&["check", "office", "--sweep-line", "--format", "json"]).stdout;
    assert!(json.contains("\"sweep_line\": \"used\""), "{json}");
}

#[test]
fn options_that_a_sweep_line_does_not_support_are_refused_with_what_to_do() {
    let errors: [(&[&str], &str); 3] = [
        (&["--sweep-line", "--checkpoint", "x"], "write --spill in place of --checkpoint"),
        (&["--sweep-line", "--hosts", "x", "--process", "0"], "leave out --hosts and --process"),
        (&["--spill", "x"], "--sweep-line"),
    ];
    for (args, says) in errors {
        let ran = run(&[&["check", "office"], args].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{args:?}");
        assert!(ran.stderr.contains(says), "{args:?}: {}", ran.stderr);
    }
}
