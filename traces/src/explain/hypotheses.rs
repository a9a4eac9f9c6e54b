//! Hypotheses: readings that explain what the reading in force does not, few changes before many.

use std::collections::{BTreeMap, BTreeSet};

use mapi_logon_model::policy::{PRESETS, Policy, SWITCHES};
use mapi_logon_model::scenario::Scenario;

use super::explain;
use super::limits::ExplainLimits;
use super::verdict::{ExplainVerdict, Hypothesis};
use crate::recording::Recording;

/// Changes to the policy in force.
type Changes = BTreeMap<&'static str, &'static str>;

/// Most hypotheses of one size that are reported.
const TOLD: usize = 8;

/// Most sets of switches that are carried on to larger ones.
const CARRIED: usize = 12;

/// Looks for changes of the policy under which the recording is explained.
///
/// First every switch by itself; then the sets that explain more than their parts, with one switch
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
    let mut tester = Tester { recording, scenario, limits, left: steps, known: BTreeMap::new() };
    let mut found = tester.grow(explained);
    let presets = tester.presets(explained);
    for preset in &presets {
        let settings: Changes = differences(&scenario.policy, &preset.0);
        found.extend(tester.smallest_part(&settings));
    }
    found.sort_by(|a, b| order(a).cmp(&order(b)));
    found.dedup();
    let least = found.first().map_or(0, |one| one.set.len());
    found.retain(|one| one.set.len() == least);
    found.truncate(TOLD);
    let parts: Vec<_> = found.iter().map(|one| one.set.clone()).collect();
    let presets = presets.into_iter().map(|(_, hypothesis)| hypothesis);
    found.extend(presets.filter(|preset| !parts.contains(&preset.set)));
    found
}

fn order(hypothesis: &Hypothesis) -> (usize, u32, &BTreeMap<String, String>) {
    (hypothesis.set.len(), hypothesis.faults, &hypothesis.set)
}

fn differences(from: &Policy, to: &Policy) -> Changes {
    let pairs = from.settings().zip(to.settings());
    pairs.filter(|(from, to)| from != to).map(|(_, to)| to).collect()
}

/// Tries policies and remembers the result of each.
struct Tester<'a> {
    recording: &'a Recording,
    scenario: &'a Scenario,
    limits: &'a ExplainLimits<'a>,
    left: u64,
    known: BTreeMap<Changes, (usize, u32, bool)>,
}

impl Tester<'_> {
    /// How many events are explained under these changes, with how many faults, and is it all?
    fn test(&mut self, changes: &Changes) -> Option<(usize, u32, bool)> {
        if let Some(known) = self.known.get(changes) {
            return Some(*known);
        }
        if self.left == 0 {
            return None;
        }
        let mut scenario = self.scenario.clone();
        for (name, value) in changes {
            scenario.policy.set(name, value).ok()?;
        }
        let limits = ExplainLimits { steps: self.limits.steps.min(self.left), ..*self.limits };
        let report = explain(self.recording, &scenario, &limits).ok()?;
        self.left = self.left.saturating_sub(report.work.max(1));
        let explanation = report.explanation;
        let all = explanation.verdict == ExplainVerdict::Explained;
        let result = (explanation.explained, explanation.faults, all);
        self.known.insert(changes.clone(), result);
        Some(result)
    }

    /// Sets that explain everything, of the least size at which there is one.
    fn grow(&mut self, explained: usize) -> Vec<Hypothesis> {
        let mut carried: Vec<(usize, Changes)> = vec![(explained, Changes::new())];
        for _ in 0..4 {
            let mut found = Vec::new();
            let mut better: BTreeSet<(usize, Changes)> = BTreeSet::new();
            for (least, base) in &carried {
                for changes in one_more(&self.scenario.policy, base) {
                    let Some((explained, faults, all)) = self.test(&changes) else {
                        continue;
                    };
                    if all {
                        found.push(hypothesis(None, &changes, explained, faults));
                    } else if explained > *least {
                        better.insert((usize::MAX - explained, changes));
                    }
                }
            }
            if !found.is_empty() || better.is_empty() {
                return found;
            }
            let best = better.into_iter().take(CARRIED);
            carried = best.map(|(rest, changes)| (usize::MAX - rest, changes)).collect();
        }
        Vec::new()
    }

    /// Presets that explain everything.
    fn presets(&mut self, explained: usize) -> Vec<(Policy, Hypothesis)> {
        let mut found = Vec::new();
        for preset in PRESETS {
            let Ok(policy) = Policy::preset(preset.name) else {
                continue;
            };
            let changes = differences(&self.scenario.policy, &policy);
            let Some((events, faults, all)) = self.test(&changes) else {
                continue;
            };
            if all && events > explained {
                found.push((policy, hypothesis(Some(preset.name), &changes, events, faults)));
            }
        }
        found
    }

    /// The smallest parts of a set that explain everything.
    fn smallest_part(&mut self, whole: &Changes) -> Vec<Hypothesis> {
        let switches: Vec<_> = whole.iter().collect();
        for size in 1..whole.len().min(6) {
            let mut found = Vec::new();
            let mut chosen: Vec<usize> = (0..size).collect();
            loop {
                let changes: Changes =
                    chosen.iter().map(|at| (*switches[*at].0, *switches[*at].1)).collect();
                let Some((explained, faults, all)) = self.test(&changes) else {
                    return found;
                };
                if all {
                    found.push(hypothesis(None, &changes, explained, faults));
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
}

/// The base with one more switch changed, every switch and value in turn.
fn one_more(policy: &Policy, base: &Changes) -> Vec<Changes> {
    let mut sets = Vec::new();
    for (switch, (_, now)) in SWITCHES.iter().zip(policy.settings()) {
        if base.contains_key(switch.name) {
            continue;
        }
        for value in switch.values.iter().filter(|value| **value != now) {
            let mut changes = base.clone();
            changes.insert(switch.name, value);
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

fn hypothesis(
    preset: Option<&str>,
    changes: &Changes,
    explained: usize,
    faults: u32,
) -> Hypothesis {
    let set = changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Hypothesis { preset: preset.map(str::to_owned), set: set.collect(), explained, faults }
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
