//! The values of a switch: what each means, whether it is a reading of the sources, and which
//! properties it may give up (SPEC 8.0).

use mapi_logon_model::policy::{Policy, Switch};
use mapi_logon_model::property::{ADDED, DECLARED, Declared, PROPERTIES};
use mapi_logon_model::scenario::Scenario;

use super::{Fact, fact, sentence};

/// A fact for each value of the switch of this name.
pub(super) fn values(name: &str) -> Vec<Fact> {
    let Some(switch) = Switch::named(name) else {
        return Vec::new();
    };
    let value = |(value, means): (&&str, &&str)| {
        let mut means = means.trim().replace('`', "");
        if let Some(what) = switch.no_reading(value) {
            means += &format!(" {}", sentence(what));
        }
        fact(&format!("= {value}"), means + &gives_up(name, value))
    };
    switch.values.iter().zip(switch.meanings).map(value).collect()
}

/// What a value of a switch may give up, in sentences.
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
        text += &format!(" May give up {broken}.");
    }
    if !lost.is_empty() {
        text += &format!(" May lose the witnesses {lost}.");
    }
    text
}
