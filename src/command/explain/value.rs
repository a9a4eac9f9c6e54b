//! The values of a switch: what each means, and which properties it gives up (SPEC 8.0).

use mapi_logon_model::policy::{Policy, SWITCHES};
use mapi_logon_model::property::{ADDED, DECLARED, Declared, PROPERTIES};
use mapi_logon_model::scenario::Scenario;

use super::{Fact, fact};

/// A fact for each value of the switch of this name.
pub(super) fn values(name: &str) -> Vec<Fact> {
    let switch = SWITCHES.iter().find(|switch| switch.name == name);
    let pairs = switch.into_iter().flat_map(|switch| switch.values.iter().zip(switch.meanings));
    let value = |(value, means): (&&str, &&str)| {
        let means = means.trim().replace('`', "");
        fact(&format!("= {value}"), means + &gives_up(name, value))
    };
    pairs.map(value).collect()
}

/// What a value of a switch gives up, in sentences.
fn gives_up(name: &str, value: &str) -> String {
    let (mut scenario, mut policy) = (Scenario::default(), Policy::default());
    if policy.set(name, value).is_err() {
        return String::new();
    }
    scenario.policy = policy;
    let rows = DECLARED.iter().chain(ADDED);
    let rows = || rows.clone().filter(|row| row.switch == name && row.is_in_force(&scenario));
    let listed = |ids: fn(&Declared) -> &'static [&'static str]| {
        let given_up = |id: &&str| rows().any(|row| ids(row).contains(id));
        let mut ids: Vec<_> = PROPERTIES.iter().map(|entry| entry.id).filter(given_up).collect();
        ids.dedup();
        ids.join(", ")
    };
    let (broken, lost) = (listed(|row| row.broken), listed(|row| row.lost));
    let mut text = String::new();
    if !broken.is_empty() {
        text += &format!(" Gives up {broken}.");
    }
    if !lost.is_empty() {
        text += &format!(" May lose {lost}.");
    }
    text
}
