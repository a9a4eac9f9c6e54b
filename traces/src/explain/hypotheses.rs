//! Hypotheses: changes of the reading and of the world that explain what the scenario does not, few
//! before many.

use mapi_logon_model::policy::{PRESETS, Policy, SWITCHES};
use mapi_logon_model::scenario::Scenario;

use super::change::Change;
use super::limits::ExplainLimits;
use super::suspects::suspects;
use super::trials::{Changes, Tested, Trials};
use super::verdict::Hypothesis;
use crate::recording::Recording;

/// Most hypotheses of one size that are reported.
const TOLD: usize = 8;

/// Most changes of a hypothesis.
const MOST: usize = 4;

/// Looks for changes of the policy and of the world under which the recording is explained.
///
/// First every change by itself; then the sets that explain more than their parts, with one change
/// more; then the presets, and the smallest part of each that explains as much. `steps` limits the
/// work of all of it.
#[must_use]
pub fn hypotheses(
    recording: &Recording,
    scenario: &Scenario,
    limits: &ExplainLimits<'_>,
    explained: usize,
    steps: u64,
) -> Vec<Hypothesis> {
    let mut trials = Trials::new(recording, scenario, limits, steps);
    let mut facts = suspects(recording, scenario);
    if let (None, Some(budget)) = (limits.faults, scenario.faults.budget.limit()) {
        facts.extend((1..=2).map(|more| Change::Faults(i64::from(budget) + more)));
    }
    let mut found = trials.grow(explained, MOST, |base| {
        let mut sets = one_switch_more(&scenario.policy, base);
        sets.extend(facts.iter().filter_map(|fact| base.with(fact)));
        sets
    });
    let presets = of_presets(&mut trials, scenario, explained);
    for (_, changes, _) in &presets {
        found.extend(smallest_part(&mut trials, changes));
    }
    found.sort_by(|a, b| order(a).cmp(&order(b)));
    found.dedup();
    let least = found.first().map_or(0, |(changes, _)| changes.len());
    found.retain(|(changes, _)| changes.len() == least);
    found.truncate(TOLD);
    let told = |(changes, tested): &(Changes, Tested)| changes.hypothesis(None, *tested);
    let mut all: Vec<_> = found.iter().map(told).collect();
    let presets = presets.into_iter();
    let others = presets.filter(|(_, set, _)| !found.iter().any(|(changes, _)| changes == set));
    all.extend(others.map(|(name, changes, tested)| changes.hypothesis(Some(name), tested)));
    all
}

fn order((changes, tested): &(Changes, Tested)) -> (usize, u32, &Changes) {
    (changes.len(), changes.price() + tested.faults, changes)
}

/// Presets that explain everything.
fn of_presets(
    trials: &mut Trials<'_>,
    scenario: &Scenario,
    explained: usize,
) -> Vec<(&'static str, Changes, Tested)> {
    let mut found = Vec::new();
    for preset in PRESETS {
        let Ok(policy) = Policy::preset(preset.name) else {
            continue;
        };
        let changes = Changes::of_policy(&scenario.policy, &policy);
        let tested = trials.test(&changes);
        if let Some(tested) = tested.filter(|one| one.all && one.explained > explained) {
            found.push((preset.name, changes, tested));
        }
    }
    found
}

/// The smallest parts of a set that explain everything.
fn smallest_part(trials: &mut Trials<'_>, whole: &Changes) -> Vec<(Changes, Tested)> {
    let switches: Vec<_> = whole.set.iter().collect();
    for size in 1..whole.len().min(6) {
        let mut found = Vec::new();
        let mut chosen: Vec<usize> = (0..size).collect();
        loop {
            let set = chosen.iter().map(|at| (*switches[*at].0, *switches[*at].1)).collect();
            let changes = Changes { set, ..Changes::default() };
            let Some(tested) = trials.test(&changes) else {
                return found;
            };
            if tested.all {
                found.push((changes, tested));
            }
            if !next_choice(&mut chosen, switches.len()) {
                break;
            }
        }
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// The base with one more switch changed, every switch and value in turn.
fn one_switch_more(policy: &Policy, base: &Changes) -> Vec<Changes> {
    let mut sets = Vec::new();
    for (switch, (_, now)) in SWITCHES.iter().zip(policy.settings()) {
        if base.set.contains_key(switch.name) {
            continue;
        }
        for value in switch.values.iter().filter(|value| **value != now) {
            let mut changes = base.clone();
            changes.set.insert(switch.name, value);
            sets.push(changes);
        }
    }
    sets
}

/// The next choice of the same size out of `count`, in lexical order.
fn next_choice(chosen: &mut [usize], count: usize) -> bool {
    let size = chosen.len();
    for place in (0..size).rev() {
        if chosen[place] < count - (size - place) {
            chosen[place] += 1;
            for after in place + 1..size {
                chosen[after] = chosen[after - 1] + 1;
            }
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_come_in_order_and_none_twice() {
        let mut chosen = vec![0, 1];
        let mut all = vec![chosen.clone()];
        while next_choice(&mut chosen, 4) {
            all.push(chosen.clone());
        }
        assert_eq!(all, [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]);
    }
}
