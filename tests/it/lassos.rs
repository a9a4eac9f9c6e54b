//! Infinite runs are shown as lassos: in text, JSON, traces and ITF.

use std::fs;
use std::sync::atomic::AtomicBool;

use mapi_logon::arguments::CommandLine;
use mapi_logon::builtin;
use mapi_logon::explorable::Explorable;
use mapi_logon::render::checked::Checked;
use mapi_logon::render::text::Paint;
use mapi_logon::verdict::{Defaults, Overall, Row};
use mapi_logon_checker::Decision::{Found, Starved};
use mapi_logon_checker::{End, Lasso, Options, Paths, check};
use mapi_logon_model::machine::Model;
use mapi_logon_model::property::{PROPERTIES, PropertySet};
use mapi_logon_model::scenario::Scenario;
use serde_json::Value;

use crate::support::{run, workplace};

/// The user never answers: the dialog stays open forever.
const SILENT: &str = "tests/data/silent-user.toml";

fn broken(scenario: &str, id: &str) -> Value {
    let ran = run(&["check", scenario, "--format", "json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let checked: Value = serde_json::from_str(&ran.stdout).unwrap();
    let mut rows = checked["properties"].as_array().unwrap().iter();
    let row = rows.find(|row| row["id"] == id).unwrap();
    assert_eq!(row["verdict"], "violated");
    row.clone()
}

/// The trace of a broken property, and the same as ITF.
fn saved(name: &str, scenario: &str, id: &str) -> (Value, Value) {
    let folder = workplace(name);
    let (trace, itf) = (folder.join("lasso.jsonl"), folder.join("lasso.itf.json"));
    let (trace, itf) = (trace.to_str().unwrap(), itf.to_str().unwrap());
    let ran = run(&["check", scenario, "--property", id, "--trace", trace]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let ran = run(&["export", trace, "--to", "itf", "--out", itf]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for written in [trace, itf] {
        let ran = run(&["replay", written]);
        assert_eq!(ran.code, Some(0), "{written}: {}{}", ran.stdout, ran.stderr);
    }
    let text = fs::read_to_string(trace).unwrap();
    let header = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    (header, serde_json::from_str(&fs::read_to_string(itf).unwrap()).unwrap())
}

#[test]
fn silent_user_leaves_the_mutex_held_for_ever() {
    let ran = run(&["check", SILENT, "--property", "LIV-3"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("The shortest run that breaks LIV-3, 4 steps:"));
    assert!(ran.stdout.contains("\nNothing more can happen after this step.\n"), "{}", ran.stdout);
    let row = broken(SILENT, "LIV-3");
    assert_eq!(row["trace"].as_array().unwrap().len(), 4);
    assert_eq!(row["cycle"], Value::Array(Vec::new()));
}

#[test]
fn run_that_rests_loops_in_its_last_state() {
    let (header, itf) = saved("lassos-rest", SILENT, "LIV-3");
    assert_eq!(header["loop"], 4);
    let states = itf["states"].as_array().unwrap();
    assert_eq!((states.len(), &itf["loop"]), (5, &Value::from(4)));
}

/// No run of the machine repeats steps forever, so a report is made up in which one does.
#[test]
fn cycle_is_separate_from_the_stem_and_the_limit_from_the_violation() {
    let text = builtin::text("office").unwrap();
    let model = Model::new(Scenario::parse(text).unwrap());
    let world = Explorable::new(model, PropertySet::ALL);
    let paths = Paths::All;
    let mut report = check(&world, &Options { paths, ..Options::default() }).unwrap();
    let number = |id: &str| PROPERTIES.iter().position(|property| property.id == id).unwrap();
    let Found(example) = &report.findings[number("RCH-8")].verdict else {
        panic!("{report:?}");
    };
    let mut stem = example.path.clone().unwrap();
    let cycle = stem.steps.split_off(6);
    report.findings[number("LIV-1")].verdict =
        Starved(Lasso { depth: 6, loop_state: stem.last().to_vec(), stem: Some(stem), cycle });
    (report.end, report.checked) = (End::States, 7);
    let interrupt = AtomicBool::new(false);
    let defaults = Defaults::of(world.model().scenario(), &interrupt);
    let rows = Row::all(&world, &report, &["LIV-1"], true, &defaults);
    let checked = Checked {
        warnings: &[],
        name: "office",
        symmetry: None,
        repeat: CommandLine::new("check").word("office"),
        policy: &world.model().scenario().policy,
        engine: "timely",
        verdict: Overall::of(&rows, false),
        rows,
        report: &report,
        asked: vec!["LIV-1"],
        all: false,
    };
    let human = checked.text(Paint::none());
    let (stem, cycle) = human.split_once("\nThe run repeats these steps forever:\n").unwrap();
    assert!(stem.contains("The shortest run that breaks LIV-1, 6 steps:"), "{human}");
    assert!(stem.contains("\n   6  ") && cycle.contains("\n   7  "), "{human}");
    let verdict = "VIOLATED. Some run breaks LIV-1. The limit on states was reached; only runs of \
                   at most 7 steps were checked.";
    assert!(human.replace('\n', " ").contains(verdict), "{human}");
    let json: Value = serde_json::from_str(&checked.json().unwrap()).unwrap();
    let numbers = |key: &str| {
        let steps = json["properties"][0][key].as_array().unwrap().iter();
        steps.map(|step| step["step"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((numbers("trace"), numbers("cycle")), ((1..=6).collect(), vec![7, 8, 9]));
}
