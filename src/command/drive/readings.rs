//! Recordings under readings: whether they are explained, and which switches they need.

use std::collections::{BTreeMap, BTreeSet};

use mapi_logon_model::scenario::Scenario;
use mapi_logon_traces::explain::{ExplainVerdict, Hypothesis};
use mapi_logon_traces::recording::EventLine;

use super::second::explained;
use crate::output;
use crate::render::driven::Reading;

/// The readings under which the recordings of deviations are explained.
#[derive(Debug, Default)]
pub(super) struct Suggestions {
    /// How many recordings each explains.
    explains: BTreeMap<String, usize>,
    of: usize,
}

impl Suggestions {
    /// Takes down what would explain one more recording.
    pub(super) fn add(&mut self, hypotheses: &[Hypothesis]) {
        self.of += 1;
        let readings = hypotheses.iter().filter(|one| one.world.is_empty());
        let readings: BTreeSet<_> = readings.filter_map(options).collect();
        for reading in readings {
            *self.explains.entry(reading).or_default() += 1;
        }
    }

    /// Each reading with the deviations that it explains, those that explain most first.
    pub(super) fn readings(self) -> Vec<Reading> {
        let of = self.of;
        let reading = |(options, explains)| Reading { options, explains, of };
        let mut all: Vec<_> = self.explains.into_iter().map(reading).collect();
        all.sort_by_key(|one| std::cmp::Reverse(one.explains));
        all
    }
}

/// The options that choose a reading.
fn options(hypothesis: &Hypothesis) -> Option<String> {
    if let Some(preset) = &hypothesis.preset {
        return Some(format!("--policy {preset}"));
    }
    let set: Vec<_> =
        hypothesis.set.iter().map(|(name, value)| format!("--set {name}={value}")).collect();
    (!set.is_empty()).then(|| set.join(" "))
}

/// Every switch of the reading that is not the documented one, with the number of recordings that
/// cannot be explained without it.
pub(super) fn learnt(
    recordings: &[Vec<EventLine>],
    scenario: &Scenario,
) -> Vec<(String, usize, usize)> {
    let mut learnt = Vec::new();
    if scenario.policy.deviations().next().is_none() {
        output::complain(
            "warning: --learn leaves out switches of the reading, and this one has none; name it \
             with --policy or --set",
        );
    }
    for (switch, value) in scenario.policy.deviations() {
        let mut without = scenario.clone();
        let documented = mapi_logon_model::policy::Policy::default();
        let settings = documented.settings();
        let usual = settings.into_iter().find(|(name, _)| *name == switch);
        let Some((_, usual)) = usual else { continue };
        if without.policy.set(switch, usual).is_err() {
            continue;
        }
        let unexplained = |recording: &&Vec<EventLine>| {
            let verdict = explained(recording, &without).map(|(one, _)| one.explanation.verdict);
            verdict.is_ok_and(|verdict| verdict == ExplainVerdict::Unexplained)
        };
        let needed = recordings.iter().filter(unexplained).count();
        learnt.push((format!("{switch}={value}"), needed, recordings.len()));
    }
    learnt
}
