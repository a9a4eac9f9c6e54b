//! Answers that say what they are about: what breaks a property, what is counted, which values are
//! readings, what a name means.

use std::fs;

use mapi_logon_model::machine::Model;
use mapi_logon_model::mutant::Mutant;
use mapi_logon_model::property::{PROPERTIES, PropertySet};
use mapi_logon_model::protocol::{Effect, ProviderCall};
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::world::World;
use mapi_logon_sim::judge::Judge;
use serde_json::Value;

use crate::support::{run, workplace};

/// What a command that ends well writes.
fn said(args: &[&str]) -> String {
    let ran = run(args);
    assert_eq!(ran.code, Some(0), "{args:?}: {}{}", ran.stdout, ran.stderr);
    ran.stdout
}

/// As one line, however it is wrapped.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const BY_PROFILE: [&str; 4] = ["check", "two-users", "--set", "SHARED_SESSIONS=by_profile"];

#[test]
fn step_that_breaks_a_property_is_marked_with_what_is_decisive_in_the_run() {
    let text = unwrapped(&said(&[&BY_PROFILE[..], &["--property", "INV-6"]].concat()));
    let (_, marked) = text.split_once("==> Step ").unwrap();
    let (_, decisive) = marked.split_once("breaks INV-6. Decisive: ").unwrap();
    let (decisive, _) = decisive.split_once(" INV-6: A join triggers").unwrap();
    // The call that joins has begun a session of its own, and with it the choice of a profile.
    assert!(decisive.contains("session is begun\" (step "), "{decisive}");
    assert!(decisive.contains("session\" (here)"), "{decisive}");
}

#[test]
fn third_try_breaks_the_termination_measure_as_it_is_worded() {
    let text =
        unwrapped(&said(&["check", "lost-store", "--set", "TRIES=3", "--property", "LIV-7"]));
    assert!(text.contains("in one call each step is tried at most twice"), "{text}");
    assert!(text.contains("breaks LIV-7. Decisive: "), "{text}");
}

#[test]
fn run_that_breaks_several_properties_is_printed_once() {
    let text = said(&BY_PROFILE);
    assert_eq!(text.matches("   1  ").count(), 1, "{text}");
    for id in ["INV-6", "INV-7", "INV-66"] {
        let again = format!("The shortest run that breaks {id} is that of INV-4 above, ");
        assert!(text.contains(&again) && text.contains(&format!(" breaks {id}.")), "{text}");
    }
    let page = workplace("answers-check").join("check.html");
    said(&[&BY_PROFILE[..], &["--html", page.to_str().unwrap()]].concat());
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("The run is that of "), "the page refers to it, too");
}

#[test]
fn session_that_others_can_join_is_called_shared() {
    let args = ["outcomes", "two-users", "--set", "SHARED_SESSIONS=by_profile"];
    let text = said(&args);
    assert!(text.contains("1 shared ") && text.contains(" joined "), "{text}");
    assert!(!text.contains("individual"), "{text}");
}

#[test]
fn same_number_of_outcomes_stands_under_the_same_word() {
    let compared = said(&["compare", "shared-session", "--against", "gromox"]);
    let row = |text: &str, name: &str| {
        let row = text.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
        row[name.len()..].split_whitespace().next().unwrap().to_owned()
    };
    let with = row(&compared, "outcomes with dialogs  ");
    let listed = said(&["outcomes", "shared-session", "--dialogs"]);
    assert!(listed.starts_with(&format!("shared-session: {with} outcomes with dialogs\n")));
    let compared = said(&["compare", "shared-session", "--against", "gromox", "--no-dialogs"]);
    let without = row(&compared, "outcomes  ");
    let listed = said(&["outcomes", "shared-session"]);
    assert!(listed.starts_with(&format!("shared-session: {without} outcomes\n")), "{listed}");
}

#[test]
fn comparison_names_the_readings_that_give_a_property_up() {
    let text = unwrapped(&said(&["compare", "shared-session", "--against", "gromox"]));
    assert!(text.contains("RCH-8 found given up (START = on_open) A healthy,"), "{text}");
}

#[test]
fn values_that_no_source_supports_are_marked_where_they_are_offered() {
    let text = unwrapped(&said(&["explain", "TRIES"]));
    let mark = "Not a reading of the sources: for experiments. May give up INV-17";
    assert_eq!(text.matches(mark).count(), 3, "{text}");
    let text = unwrapped(&said(&["explain", "MUTEX"]));
    assert!(text.contains("Not a reading of the sources: what some real systems do."), "{text}");
    assert!(!said(&["explain", "START"]).contains("Not a reading"));
    let text = unwrapped(&run(&["validate", "tests/data/three-tries.jsonl"]).stdout);
    let mark = "TRIES = 3: not a reading of the sources: for experiments (AMB-1)";
    assert!(text.contains("--set TRIES=3") && text.contains(mark), "{text}");
}

#[test]
fn mutants_are_listed_and_explained_with_what_kills_them_and_whether_drive_finds_them() {
    let list: Value =
        serde_json::from_str(&said(&["list", "mutants", "--format", "json"])).unwrap();
    assert_eq!(list.as_array().unwrap().len(), Mutant::ALL.len());
    let text = said(&["explain", "third-try"]);
    for part in ["T-44", "INV-18", "LIV-7", "finds it: mapi-logon impersonate --stdio --mutant"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = unwrapped(&said(&["explain", "skip-fails"]));
    assert!(text.contains("A provider without its password is not put off"), "{text}");
    assert!(text.contains("cannot find it: does what the right machine does"), "{text}");
    assert!(said(&["completions", "bash"]).contains(" words mutants"));
}

#[test]
fn words_that_name_nothing_are_looked_for_in_clauses_and_policies() {
    let first = |words: &str| {
        let found: Value =
            serde_json::from_str(&said(&["explain", words, "--format", "json"])).unwrap();
        found["related"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>()
    };
    assert!(first("three times").contains(&"TRIES".into()), "{:?}", first("three times"));
    assert!(first("retry bound").contains(&"RTY-13".into()), "{:?}", first("retry bound"));
    assert_eq!(run(&["explain", "xyzzy plugh"]).code, Some(2));
}

#[test]
fn code_is_explained_with_the_transitions_and_ambiguities_about_its_class() {
    let text = said(&["explain", "MAPI_E_FAILONEPROVIDER"]);
    for id in ["\n    T-41 ", "\n    AMB-5 ", "\n    RTY-10 "] {
        assert!(text.contains(id), "{id:?}: {text}");
    }
    assert!(unwrapped(&text).contains("no second try follows"), "{text}");
}

#[test]
fn graph_is_exported_under_other_readings_and_sizes() {
    let plain = said(&["export", "lost-store", "--to", "dot"]);
    let read = said(&["export", "lost-store", "--to", "dot", "--set", "TRIES=3"]);
    let small = said(&["export", "lost-store", "--to", "dot", "--budget", "0"]);
    assert!(read.len() > plain.len() && small.len() < plain.len());
    let trace = "traces/corpus/violating/loaded-twice.jsonl";
    let ran = run(&["export", trace, "--to", "mermaid", "--set", "TRIES=3"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("a trace has its own readings"), "{}", ran.stderr);
}

#[test]
fn machine_is_drawn_as_a_mermaid_file() {
    assert!(said(&["diagram"]).starts_with("stateDiagram-v2\n"));
    assert!(said(&["diagram", "--format", "flowchart"]).starts_with("flowchart TD\n"));
    let page = said(&["diagram", "--format", "markdown"]);
    assert_eq!(page.matches("```mermaid\n").count(), 2);
}

#[test]
fn scenario_to_begin_with_holds_and_follows_all_advice() {
    let file = workplace("answers-new").join("mine.toml");
    let file = file.to_str().unwrap();
    said(&["new", file]);
    let ran = run(&["check", file, "--strict"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{}", ran.stdout);
    let scenario = Scenario::parse(&fs::read_to_string(file).unwrap()).unwrap();
    assert!(scenario.advice().is_empty() && !scenario.expect.is_empty());
}

#[test]
fn first_verdict_counts_what_is_vacuous_and_lists_it_on_request() {
    let text = unwrapped(&said(&["check", "no-default"]));
    assert!(text.contains("hold vacuously: nothing here tests them. --all lists"), "{text}");
    assert!(said(&["check", "no-default", "--all"]).contains("(vacuous) "));
}

#[test]
fn unknown_policy_is_answered_with_the_nearest() {
    let ran = run(&["check", "--set", "RETRY=3"]);
    let near = "the nearest of 38 are `RETRY_UNIT`, `RETRY_CODES`, ";
    assert!(ran.stderr.contains(near) && !ran.stderr.contains("`LOGOFF`"), "{}", ran.stderr);
}

#[test]
fn state_graph_names_the_policy_explains_its_looks_and_cuts_no_label() {
    let page = workplace("answers-explore").join("explore.html");
    let args = ["explore", "lost-store", "--set", "TRIES=3", "--html", page.to_str().unwrap()];
    said(&args);
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("TRIES = 3; otherwise as documented"));
    assert!(page.contains("\"given_up\":{\"INV-18\":\"TRIES = 3\""), "not said to be violated");
    assert!(page.contains("step that breaks a property, given up or not"));
    let (_, graph) = page.split_once("<svg").unwrap();
    assert!(!graph.split_once("</svg>").unwrap().0.contains('…'));
}

#[test]
fn second_load_or_logon_in_one_try_breaks_liv_7() {
    let scenario = Scenario::parse(mapi_logon::builtin::text("lost-store").unwrap()).unwrap();
    let model = Model::new(scenario);
    let mut judge = Judge::new(&model);
    let mut world = model.start();
    let breaks = |marks: PropertySet| marks.into_iter().any(|at| PROPERTIES[at].id == "LIV-7");
    let mut doubled = 0;
    while !model.has_ended(&world.cursor) {
        let mut first = None;
        model.successors(&world, |action, step, cursor| {
            first.get_or_insert_with(|| (action, step.clone(), cursor));
        });
        let (action, step, cursor) = first.unwrap();
        let mut twice = step.clone();
        let calls = |effect: &Effect| {
            let calls = [ProviderCall::Load, ProviderCall::Logon];
            matches!(effect, Effect::Provider { call, .. } if calls.contains(call))
        };
        for place in (0..step.effects.len()).filter(|at| calls(&step.effects[*at])) {
            twice.effects.insert(place, step.effects[place]);
            assert!(breaks(judge.clone().see(&world, action, &twice, &cursor)), "{twice:?}");
            twice.effects.remove(place);
            doubled += 1;
        }
        assert!(!breaks(judge.see(&world, action, &step, &cursor)), "{step:?}");
        world = World { cursor, state: step.state };
    }
    assert!(doubled >= 4, "{doubled} calls are doubled");
}
