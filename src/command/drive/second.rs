//! The second judge: what `validate` says of recordings of driven worlds, and the files about a
//! deviation.

use anyhow::{Result, anyhow};
use mapi_logon_drive::bench::{Driven, Unusable};
use mapi_logon_drive::campaign::Deviating;
use mapi_logon_drive::course::End;
use mapi_logon_drive::finding::Status;
use mapi_logon_drive::shrink::Shrunk;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_traces::explain::{
    ExplainLimits, ExplainVerdict, Explained, Hypothesis, explain, hypotheses,
};
use mapi_logon_traces::recording::{EventLine, Recording};

use super::Args;
use super::results::{keep, lines};
use crate::arguments::CommandLine;
use crate::command::validate::{HYPOTHESES, part};
use crate::page;
use crate::path::text_of;
use crate::render::driven::{Deviation, steps};
use crate::render::text::{Paint, Tone};

/// A file for a folder: its name and text.
pub(super) type Page = (String, String);

/// A deviation that was made small.
#[derive(Clone, Copy)]
pub(super) struct Found<'f> {
    pub(super) found: &'f Deviating,
    pub(super) small: &'f Shrunk,
    /// What its files are called.
    pub(super) name: &'f str,
}

/// A deviation with what the second judge says of it.
pub(super) struct Judged {
    pub(super) deviation: Deviation,
    /// What would explain its recording.
    pub(super) hypotheses: Vec<Hypothesis>,
    /// What is said where the second judge contradicts the first.
    pub(super) disagreement: Option<String>,
    pub(super) pages: Vec<Page>,
}

/// Most faults of a run of a world in which any number may strike.
const FAULTS: u32 = 100;

/// The number of faults that `validate` must allow to say the same, where the scenario that is
/// written down does not say it.
fn faults(scenario: &Scenario) -> Option<u32> {
    scenario.faults.budget.limit().is_none().then_some(FAULTS)
}

fn limits(scenario: &Scenario) -> ExplainLimits<'static> {
    ExplainLimits { faults: faults(scenario), ..ExplainLimits::default() }
}

/// What the second judge says.
pub(crate) fn explained(
    recording: &[EventLine],
    scenario: &Scenario,
) -> Result<(Explained, Recording)> {
    let mut read = Recording::default();
    for event in recording {
        read.push(event.clone()).map_err(|error| anyhow!(error))?;
    }
    let report = explain(&read, scenario, &limits(scenario)).map_err(|error| anyhow!("{error}"))?;
    Ok((report, read))
}

/// Does a call begin while another is open? A recording does not say when in a call providers are
/// asked, so that it allows more orders than the first judge has seen.
fn overlaps(recording: &[EventLine]) -> bool {
    let time = |moment: Option<f64>| moment.unwrap_or(f64::INFINITY);
    let mut last = f64::NEG_INFINITY;
    recording.iter().any(|event| {
        let meets = time(event.begin) < last;
        last = last.max(time(event.end));
        meets
    })
}

impl Args {
    /// Keeps a world in the folder of recordings; what is said where the second judge contradicts
    /// the first.
    pub(super) fn keep(
        &self,
        name: &str,
        driven: &Driven,
        scenario: &Scenario,
    ) -> Result<Option<String>, Unusable> {
        let Some(folder) = &self.record else { return Ok(None) };
        let own = if self.others.is_empty() { String::new() } else { format!("{name}-") };
        let name = format!("{own}world-{:05}", driven.number);
        keep(folder, &name, driven).map_err(|error| Unusable::Gone(format!("{error:#}")))?;
        if driven.end != End::Complete {
            return Ok(None);
        }
        let judged = explained(&driven.followed(), scenario);
        let (report, _) = judged.map_err(|error| Unusable::Gone(error.to_string()))?;
        let contradicts = report.explanation.verdict == ExplainVerdict::Unexplained;
        Ok(contradicts
            .then(|| format!("{name} was followed to its end, and its recording is not explained")))
    }

    /// A deviation with what the second judge says, and the files about it.
    pub(super) fn judged(&self, one: Found<'_>, scenario: &Scenario) -> Result<Judged> {
        let small = one.small;
        let (mut report, recording) = explained(&small.recording, scenario)?;
        let is_explained = report.explanation.verdict == ExplainVerdict::Explained;
        // A recording does not say whether its client had initialised MAPI before.
        let own = scenario.clients.iter().find(|one| one.name == small.finding.client);
        let decides = matches!(small.finding.status, Status::Result | Status::Question)
            && own.is_none_or(|own| !own.initializes);
        let unordered = overlaps(&small.recording);
        let disagreement = (decides && is_explained && !unordered).then(|| {
            format!(
                "{} of {} was refused while it happened, and its recording is explained:\n{}",
                small.finding.observed,
                small.finding.call,
                lines(&small.recording)
            )
        });
        if decides && report.explanation.verdict == ExplainVerdict::Unexplained {
            let known = report.explanation.explained;
            report.explanation.hypotheses =
                hypotheses(&recording, scenario, &limits(scenario), known, HYPOTHESES);
        }
        let mut deviation = Deviation::of(one.found, small, report.explanation.clone());
        deviation.unordered = decides && is_explained && unordered;
        let pages = self.pages(one, (&deviation, &report), &recording, scenario)?;
        let hypotheses = report.explanation.hypotheses;
        Ok(Judged { deviation, hypotheses, disagreement, pages })
    }

    /// The files about a deviation: a page, the recording with its scenario, the moves.
    fn pages(
        &self,
        Found { small, name, .. }: Found<'_>,
        (deviation, report): (&Deviation, &Explained),
        recording: &Recording,
        scenario: &Scenario,
    ) -> Result<Vec<Page>> {
        let Some(folder) = &self.html else { return Ok(Vec::new()) };
        let file = |kind: &str| format!("{name}.{kind}");
        let again = CommandLine::new("validate").word(&text_of(folder.join(file("jsonl"))));
        let again = again.option("--faults", faults(scenario)).to_string();
        let mut part = part(report, recording, (name, &again), true)?;
        part.verdict = (Tone::Bad, "DEVIATES");
        part.headline = deviation.head();
        part.report = format!("{}\n{}", steps(deviation, Paint::none()), part.report);
        let moves = serde_json::to_string_pretty(&small.moves).unwrap_or_default() + "\n";
        let mut events = small.recording.clone();
        if let Some(first) = events.first_mut() {
            first.scenario = Some(scenario.to_toml());
        }
        Ok(vec![
            (file("html"), page::validated(&[part], &again)),
            (file("jsonl"), lines(&events)),
            (file("run.json"), moves),
        ])
    }
}
