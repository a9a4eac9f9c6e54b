//! Properties that readings are declared to give up: those of SPEC 8.0, and each shows.

use std::collections::BTreeSet;

use mapi_logon_model::clause::{cited, sections};
use mapi_logon_model::machine::Model;
use mapi_logon_model::policy::SWITCHES;
use mapi_logon_model::property::{ADDED, DECLARED, Declared};
use mapi_logon_model::scenario::{Answers, Scenario};

use crate::all_scenarios;
use crate::explore::{Explored, explore_some};

/// What SPEC 8.0 lets a reading give up and no run of the machine under it ever does \[DER\].
const STRUCK_OUT: [(&str, &str); 2] = [
    // Nothing but a logon is spoken of, and then no logon starts a store.
    ("START = on_open (AMB-13)", "INV-27"),
    // Without a default profile the call fails or prompts as without a default being defined.
    ("no default profile", "RCH-24"),
];

type Ids = BTreeSet<String>;

/// The rows of SPEC 8.0: what chooses the reading, what it may break, what it may make impossible.
fn rows() -> Vec<(String, Ids, Ids)> {
    let section = sections().iter().find(|section| section.number == "8.0").expect("SPEC 8.0");
    let tables = section.text.split("\n| ").skip_while(|line| !line.starts_with("Reading"));
    let rows = tables.filter(|line| !line.starts_with("Reading") && !line.starts_with("Departure"));
    let rows =
        rows.map(|line| line.lines().next().unwrap_or_default().split(" | ").collect::<Vec<_>>());
    // What a row says is not given up stands in brackets.
    let ids = |cell: &str| -> Ids {
        let cited = cited(cell.split("(not").next().unwrap_or_default()).into_iter();
        cited.filter(|id| !id.starts_with("AMB")).collect()
    };
    rows.filter(|cells| cells.len() == 3)
        .map(|cells| (cells[0].replace('`', ""), ids(cells[1]), ids(cells[2])))
        .collect()
}

#[test]
fn declared_readings_are_those_of_the_specification_row_by_row() {
    let rows = rows();
    assert_eq!(rows.len(), 36);
    for (row, broken, lost) in &rows {
        let own: Vec<&Declared> = DECLARED.iter().filter(|one| one.row == row).collect();
        let struck = STRUCK_OUT.iter().filter(|(out, _)| out == row).map(|(_, id)| id);
        let all = |of: fn(&Declared) -> &'static [&'static str], wanted: &Ids| -> Ids {
            let struck = struck.clone().filter(|id| wanted.contains(**id));
            let ids = own.iter().flat_map(|one| of(one)).chain(struck);
            ids.map(|id| (*id).to_owned()).collect()
        };
        assert!(!own.is_empty(), "{row} is not declared");
        assert_eq!(&all(|one| one.broken, broken), broken, "{row}");
        assert_eq!(&all(|one| one.lost, lost), lost, "{row}");
    }
    for one in DECLARED.iter().chain(ADDED) {
        assert!(rows.iter().any(|(row, ..)| row == one.row), "{} is not in SPEC 8.0", one.row);
    }
    for one in ADDED {
        let known = DECLARED.iter().filter(|known| known.row == one.row);
        let mut known = known.filter(|known| known.lost.iter().any(|id| one.lost.contains(id)));
        assert!(known.next().is_none(), "{} adds what SPEC 8.0 says", one.row);
    }
}

/// The scenario under every reading of the switch that the entry is declared for.
fn readings(entry: &Declared, scenario: &Scenario) -> Vec<Scenario> {
    let switches = SWITCHES.iter().filter(|switch| switch.name == entry.switch);
    let set =
        switches.flat_map(|switch| switch.values[1..].iter().map(move |value| (switch, value)));
    let set = set.map(|(switch, value)| {
        let mut read = scenario.clone();
        read.policy.set(switch.name, value).expect("a value");
        read
    });
    let mut all: Vec<_> = set.collect();
    if all.is_empty() {
        all.push(scenario.clone());
        all.push(Scenario { max_sessions: Some(1), ..scenario.clone() });
    }
    let more = |change: fn(&mut Scenario)| {
        let mut more = all.clone();
        more.iter_mut().for_each(change);
        more
    };
    let more = if entry.broken.contains(&"INV-49") {
        more(|read| read.policy.set("TRIES", "1").expect("a value"))
    } else if entry.broken.contains(&"LIV-3") {
        more(|read| read.answers = Answers(0))
    } else {
        Vec::new()
    };
    all.extend(more);
    all.into_iter().filter(|read| entry.is_in_force(read)).collect()
}

#[test]
fn every_declared_property_is_given_up_in_some_scenario() {
    let scenarios: Vec<_> = all_scenarios()
        .into_iter()
        .map(|(_, scenario)| {
            let default = explore_some(&Model::new(scenario.clone()));
            (scenario, default)
        })
        .collect();
    let mut never = Vec::new();
    for entry in DECLARED.iter().chain(ADDED) {
        let explored: Vec<(&Explored, Explored)> = scenarios
            .iter()
            .flat_map(|(scenario, default)| {
                let read = readings(entry, scenario).into_iter();
                read.map(move |read| (default, explore_some(&Model::new(read))))
            })
            .collect();
        let broken = |id: &str| explored.iter().any(|(_, read)| read.broken().contains(&id));
        let lost = |id: &str| explored.iter().any(|(all, read)| all.shows(id) && !read.shows(id));
        let of = |id: &str| format!("{}: {id}", entry.row);
        never.extend(entry.broken.iter().filter(|id| !broken(id)).map(|id| of(id)));
        never.extend(entry.lost.iter().filter(|id| !lost(id)).map(|id| of(id)));
    }
    assert_eq!(never, [""; 0]);
}
