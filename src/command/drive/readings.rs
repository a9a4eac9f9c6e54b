//! Recordings under readings: whether they are explained, and which switches they need.

use anyhow::{Result, anyhow};
use mapi_logon_model::scenario::Scenario;
use mapi_logon_traces::explain::{ExplainLimits, ExplainVerdict, Explained, explain};
use mapi_logon_traces::recording::{EventLine, Recording};

use crate::output;

/// What the second judge says.
pub(crate) fn explained(
    recording: &[EventLine],
    scenario: &Scenario,
) -> Result<(Explained, Recording)> {
    let mut read = Recording::default();
    for event in recording {
        read.push(event.clone()).map_err(|error| anyhow!(error))?;
    }
    let limits = ExplainLimits::default();
    let report = explain(&read, scenario, &limits).map_err(|error| anyhow!("{error}"))?;
    Ok((report, read))
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
