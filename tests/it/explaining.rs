//! Explanations: who checks what is explained, and whether that is true.

use std::fs;

use mapi_logon::builtin::names;
use mapi_logon::checks::{ROW_TEST, TAKEN_TEST, scenario_that_takes};
use mapi_logon_model::scenario::WITNESSES;
use serde_json::Value;

use crate::support::{root, run};

fn explain(id: &str) -> Value {
    let ran = run(&["explain", id, "--format", "json"]);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{id}: {error}"))
}

fn fact<'v>(explained: &'v Value, name: &str) -> Option<&'v str> {
    let facts = explained["facts"].as_array()?;
    let named = facts.iter().find(|fact| fact["name"] == name)?;
    named["value"].as_str()
}

#[test]
fn every_witness_is_shown_by_the_scenario_that_explain_names() {
    for number in 1..=WITNESSES {
        let id = format!("RCH-{number}");
        let explained = explain(&id);
        let command = fact(&explained, "shown by").unwrap();
        let args: Vec<_> = command.split(' ').skip(1).collect();
        let [_, scenario, ..] = args[..] else { panic!("{id}: {command}") };
        assert!(names().any(|name| name == scenario), "{id}: {command}");
        let ran = run(&[&args[..], &["--format", "json"]].concat());
        let checked: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(checked["properties"][0]["verdict"], "found", "{command}");
        assert_eq!(ran.code, Some(0), "{command}");
    }
}

#[test]
fn transition_names_its_properties_its_tests_and_a_scenario() {
    let explained = explain("T-43");
    let related = explained["related"].as_array().unwrap();
    let ids: Vec<_> = related.iter().filter_map(|one| one["id"].as_str()).collect();
    for id in ["INV-17", "INV-18", "INV-20", "RCH-3", "LIV-4"] {
        assert!(ids.contains(&id), "{id}: {ids:?}");
    }
    assert_eq!(fact(&explained, "taken in"), Some("mapi-logon check office"));
    assert_eq!(fact(&explained, "row"), Some(ROW_TEST));
    assert_eq!(fact(&explain("T-8"), "taken in"), None);
    assert_eq!(scenario_that_takes("T-83"), Some("untidy-clients"));
}

#[test]
fn policy_says_what_each_value_means_and_gives_up() {
    let explained = explain("TRIES");
    assert_eq!(fact(&explained, "= 2"), Some("Twice, as documented."));
    let once = fact(&explained, "= 1").unwrap();
    assert!(once.starts_with("Once: every failure is final. Not a reading"), "{once}");
    assert!(once.contains("May give up INV-17, "), "{once}");
    assert!(once.contains("May lose the witnesses RCH-2, RCH-3, "), "{once}");
    for switch in mapi_logon_model::policy::SWITCHES {
        assert_eq!(switch.meanings.len(), switch.values.len(), "{}", switch.name);
        let explained = explain(switch.name);
        for value in switch.values {
            assert!(fact(&explained, &format!("= {value}")).is_some(), "{} {value}", switch.name);
        }
        let default = fact(&explained, &format!("= {}", switch.values[0])).unwrap();
        assert!(!default.contains("May give up"), "{}: {default}", switch.name);
    }
}

#[test]
fn tests_that_are_named_exist() {
    for named in [ROW_TEST, TAKEN_TEST] {
        let (path, test) = named.split_once(": ").unwrap();
        let text = fs::read_to_string(root().join(path)).unwrap();
        assert!(text.contains(&format!("fn {test}(")), "{named}");
    }
}
