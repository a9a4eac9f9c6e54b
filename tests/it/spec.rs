//! The specification beside the code: what it has and the machine has not stands in the tables at
//! the head of `docs/spec.md` and `docs/scenario-format.md`, and nothing else does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use mapi_logon_model::clause;
use mapi_logon_model::mapi::{Code, LogonFlags};
use mapi_logon_model::policy::{ELSEWHERE, SWITCHES};
use mapi_logon_model::protocol::{Place, Transition};
use mapi_logon_model::scenario::Scenario;

use crate::support::root;

/// Switches and their values.
type Values = BTreeMap<String, BTreeSet<String>>;

/// What the table at the head of the specification says is absent.
fn absent() -> impl Iterator<Item = &'static str> {
    let gaps = clause::gaps().iter().filter(|gap| gap.extent == clause::Extent::NotYet);
    gaps.map(|gap| gap.what)
}

#[test]
fn every_switch_and_value_of_the_register_is_in_the_code_or_absent_and_never_both() {
    let mut register = Values::new();
    for reading in clause::all().iter().flat_map(|clause| clause.policies) {
        let values = reading.values.iter().map(|value| (*value).to_owned());
        register.insert(reading.name.to_owned(), values.collect());
    }
    let mut known = Values::new();
    let mut add = |name: &str, values: &mut dyn Iterator<Item = &str>| {
        let own = known.entry(name.to_owned()).or_default();
        for value in values {
            assert!(own.insert(value.to_owned()), "{name} = {value} is in the code");
        }
    };
    for switch in SWITCHES.iter().filter(|switch| register.contains_key(switch.name)) {
        add(switch.name, &mut switch.values.iter().copied());
    }
    for (name, values) in absent().filter_map(|what| what.split_once(" = ")) {
        add(name, &mut values.split(" | "));
    }
    // Set by the scenario and not by a policy, or without values in the register.
    let named = |name: &String| ELSEWHERE.iter().any(|policy| policy.name == name);
    let without = |name: &String, values: &BTreeSet<String>| values.is_empty() || named(name);
    register.retain(|name, values| !without(name, values));
    known.retain(|name, _| register.contains_key(name));
    assert_eq!(register, known);
}

#[test]
fn every_switch_of_the_code_is_in_the_register_or_of_real_systems() {
    for switch in SWITCHES {
        let Some(clause) = clause::find(switch.ambiguity) else {
            assert_eq!(switch.ambiguity, "real systems", "{}", switch.name);
            continue;
        };
        let reading = clause.policies.iter().find(|reading| reading.name == switch.name);
        let reading = reading.unwrap_or_else(|| panic!("{} is not in {}", switch.name, clause.id));
        let default = reading.values.first();
        assert!(default.is_none_or(|default| *default == switch.values[0]), "{}", switch.name);
    }
}

#[test]
fn states_transitions_flags_and_codes_are_those_of_the_specification() {
    let places: Vec<_> = clause::STATES.iter().map(|(number, _, _)| *number).collect();
    assert_eq!(Place::ALL.iter().map(|place| place.id()).collect::<Vec<_>>(), places);
    let transitions = clause::all().iter().filter(|clause| clause.id.starts_with("T-"));
    let transitions: BTreeSet<_> = transitions.map(|clause| clause.id).collect();
    assert_eq!(Transition::ALL.iter().map(|one| one.id()).collect::<BTreeSet<_>>(), transitions);
    let union = format!("0x{:08X}", LogonFlags::all().bits());
    let section = clause::sections().iter().find(|section| section.number == "2.2").unwrap();
    assert!(section.text.contains(&union), "{union}");
    let codes = clause::all().iter().filter(|clause| clause.id.starts_with("ERR-"));
    assert_eq!(codes.count(), Code::ALL.len());
}

/// A small scenario with one more line in the section of this heading, or at its end.
fn scenario(heading: &str, line: &str) -> String {
    let small = "[[profile]]\nname = \"P\"\n[[profile.service]]\nname = \"S\"\n\
                 [[profile.service.provider]]\nname = \"M\"\nkind = \"message-store\"\n\
                 [[client]]\nname = \"c\"\n";
    if small.contains(heading) {
        small.replacen(heading, &format!("{heading}\n{line}"), 1)
    } else {
        format!("{small}{heading}\n{line}\n")
    }
}

/// What the table at the head of the format says is missing, with a file that has it.
fn revised_keys() -> Vec<(&'static str, String)> {
    let provider = "[[profile.service.provider]]";
    let fault = "faults = [\"data-corruption\"]";
    let full = "session_cap = 1\ncap_code = \"MAPI_E_LOGON_FAILED\"";
    let wrong = "password = \"wrong\"";
    let ole = "init_codes = [\"MAPI_E_CALL_FAILED\"]";
    let any = "flags = { any = [\"MAPI_LOGON_UI\"] }";
    let stores = "calls = [\"MAPILogonEx\", \"GetMsgStoresTable\"]";
    let init_codes = "`subsystem.init_codes` with `MAPI_E_CALL_FAILED`";
    let tables = "`client.flags`, `client.profile` as tables";
    vec![
        ("`profile.faults`", scenario("[[profile]]", fault)),
        ("`service.faults`", scenario("[[profile.service]]", fault)),
        ("`provider.cap_code`", scenario(provider, full)),
        ("`provider.password = \"wrong\"`", scenario(provider, wrong)),
        (init_codes, scenario("[subsystem]", ole)),
        (tables, scenario("[[client]]", any)),
        ("`GetMsgStoresTable`", scenario("[[client]]", stores)),
        ("`TRIES`", scenario("[policy]", "TRIES = 3")),
    ]
}

/// The text of the format behind this mark.
fn format_behind(mark: &str) -> String {
    let format = fs::read_to_string(root().join("docs/scenario-format.md")).unwrap();
    let (_, behind) = format.split_once(mark).unwrap();
    behind.to_owned()
}

/// The first cells of the first table of a text.
fn first_cells(text: &str) -> Vec<&str> {
    let lines = text.lines().skip_while(|line| !line.starts_with('|'));
    let rows = lines.take_while(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row[2..].split(" | ").next().unwrap()).collect()
}

#[test]
fn keys_of_the_second_revision_are_accepted() {
    for (key, text) in revised_keys() {
        if let Err(error) = Scenario::parse(&text) {
            panic!("{key}: {error}\n{text}");
        }
    }
}

#[test]
fn example_of_the_format_is_a_scenario() {
    let example = format_behind("```toml\n");
    let (example, _) = example.split_once("```").unwrap();
    if let Err(error) = Scenario::parse(example) {
        panic!("{error}");
    }
}

#[test]
fn calls_of_the_format_are_accepted() {
    let mut refused = Vec::new();
    let behind = format_behind("## Calls");
    for cell in first_cells(&behind) {
        for call in cell.trim_matches('`').replace("\\|", "|").split("`, `") {
            let call = call.replace("PROVIDER", "M");
            let calls = format!("calls = [\"MAPILogonEx\", \"{call}\"]");
            if Scenario::parse(&scenario("[[client]]", &calls)).is_err() {
                refused.push(call);
            }
        }
    }
    assert_eq!(refused, [""; 0]);
}
