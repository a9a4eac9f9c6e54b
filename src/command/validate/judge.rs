//! One recording: read, put into its world, explained.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, anyhow};
use mapi_logon_model::policy::Policy;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_traces::explain::{
    ExplainLimits, ExplainVerdict, Explained, Explanation, Program, assume, derive, explain,
    hypotheses, one_program, otherwise,
};
use mapi_logon_traces::recording::Recording;

use super::{Args, Assume};
use crate::arguments::Subject;
use crate::builtin;
use crate::kind::{Kind, other_kind};
use crate::memory::{most_bytes, resident};
use crate::output;
use crate::path::real;
use crate::progress::ProgressLine;
use crate::render::explained::Validated;
use crate::render::text::{count, grouped};

/// Steps that the search may take for each event of a long recording.
const STEPS: u64 = 300;

/// Steps that the search for hypotheses may take.
pub(crate) const HYPOTHESES: u64 = 5_000_000;

/// A recording with what the search found.
pub(super) struct Judged {
    pub(super) path: String,
    /// The scenario in which it was explained.
    pub(super) scenario: Scenario,
    pub(super) recording: Recording,
    pub(super) report: Explained,
}

impl Judged {
    pub(super) const fn explanation(&self) -> &Explanation {
        &self.report.explanation
    }

    pub(super) const fn verdict(&self) -> ExplainVerdict {
        self.report.explanation.verdict
    }

    pub(super) fn validated(&self) -> Validated<'_> {
        Validated { recording: &self.path, explanation: self.explanation() }
    }

    /// The run that explains the recording, as a trace.
    pub(super) fn witness(&self) -> Result<String> {
        let trace = self.report.witness(&self.recording);
        Ok(trace.map_err(|error| anyhow!("{error}"))?.to_text())
    }
}

impl Args {
    /// Explains a recording.
    pub(super) fn judge(
        &self,
        path: &str,
        stop: &AtomicBool,
        progress: ProgressLine,
    ) -> Result<Judged> {
        let recording = Recording::read(open(path)?)
            .map_err(|error| anyhow!("{path}:{error}{}", other_kind(path, Kind::Recording)))?;
        for (argument, times) in &recording.unused {
            output::note(&format!("note: {path}: argument `{argument}` is not used ({times}x)"));
        }
        let given = self.given(&recording)?;
        let recording = one_client(path, recording, given.as_ref());
        let plainest = self.world(path, &recording, given.clone())?;
        let watch = |done: usize, of: usize| {
            let done = grouped(done as u64);
            progress.say(&format!("{path}: {done} of {}", count(of as u64, "event")));
        };
        let most = most_bytes(self.max_memory);
        let full = || most.is_some_and(|most| resident().is_some_and(|bytes| bytes > most));
        let limits = ExplainLimits {
            full: Some(&full),
            stop: Some(stop),
            watch: Some(&watch),
            ..self.limits(&recording)
        };
        let at_line = |error| anyhow!("{path}:{error}");
        let (mut report, scenario) = match (self.has_world(&recording), self.assume) {
            (false, Assume::Facts) => {
                let (mut report, scenario, assumed) =
                    assume(&recording, &plainest, &limits).map_err(at_line)?;
                report.explanation.assumed = Some(assumed);
                (report, scenario)
            }
            (true, _) | (false, Assume::None) => {
                (explain(&recording, &plainest, &limits).map_err(at_line)?, plainest)
            }
        };
        if report.explanation.verdict == ExplainVerdict::Unexplained {
            let explained = report.explanation.explained;
            report.explanation.hypotheses =
                hypotheses(&recording, &scenario, &limits, explained, HYPOTHESES);
            let policy = &scenario.policy;
            let given = given.as_ref().map(|_| &scenario);
            report.explanation.otherwise =
                otherwise(&recording, &report.explanation, &limits, given, policy);
        }
        report.tell(&recording, &limits, self.all).map_err(at_line)?;
        Ok(Judged { path: path.to_owned(), scenario, recording, report })
    }

    /// Whether the command line or the recording says in which world it was made.
    const fn has_world(&self, recording: &Recording) -> bool {
        self.scenario.is_some() || recording.scenario.is_some()
    }

    /// The world that the command line or the recording names.
    fn given(&self, recording: &Recording) -> Result<Option<Scenario>> {
        let Some(scenario) = &self.scenario else {
            return Ok(recording.scenario.clone());
        };
        let subject = Subject {
            scenario: scenario.clone(),
            policy: self.policy.clone(),
            settings: self.settings.clone(),
            ..Subject::default()
        };
        Ok(Some(builtin::load(&subject)?.scenario))
    }

    /// The world of the recording, its policy as the command line has it.
    fn world(
        &self,
        path: &str,
        recording: &Recording,
        given: Option<Scenario>,
    ) -> Result<Scenario> {
        let mut scenario = match given {
            Some(scenario) if self.scenario.is_some() => return Ok(scenario),
            Some(scenario) => scenario,
            None => derive(recording).map_err(|error| {
                anyhow!("{path}: no scenario can be derived ({error}); give --scenario")
            })?,
        };
        if let Some(preset) = &self.policy {
            scenario.policy = Policy::preset(preset)?;
        }
        for setting in &self.settings {
            scenario.policy.set(&setting.policy, &setting.value)?;
        }
        Ok(scenario)
    }

    fn limits(&self, recording: &Recording) -> ExplainLimits<'static> {
        let any = (!self.has_world(recording)).then_some(u32::MAX);
        let plenty = ExplainLimits::default().steps.max(recording.events.len() as u64 * STEPS);
        ExplainLimits {
            faults: self.faults.or(any),
            states: self.max_states,
            steps: self.max_steps.unwrap_or(plenty),
            ..ExplainLimits::default()
        }
    }
}

/// The recording with the threads of each program as one client, those whom no scenario has.
fn one_client(path: &str, recording: Recording, given: Option<&Scenario>) -> Recording {
    let has = |name: &str| {
        given.is_some_and(|scenario| scenario.clients.iter().any(|client| client.name == name))
    };
    let Some(Program { recording, threads, moved }) = one_program(&recording, has) else {
        return recording;
    };
    for (thread, client) in threads {
        output::complain(&format!(
            "note: {path}: {thread} uses a session that {client} obtained; both count as {client}"
        ));
    }
    if let [first, rest @ ..] = moved.as_slice() {
        let others =
            if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        output::complain(&format!(
            "note: {path}: the call of line {first}{others} overlapped one of another thread; \
             both are taken in the order in which they returned"
        ));
    }
    recording
}

fn open(path: &str) -> Result<Box<dyn BufRead>> {
    if path == "-" {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(real(path)).with_context(|| format!("{path}: cannot be read"))?;
    Ok(Box::new(BufReader::new(file)))
}
