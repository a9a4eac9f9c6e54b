//! `mapi-logon validate`: the search for a run that shows exactly what a recording shows.

use std::fmt::{self, Display};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result, anyhow};
use clap::ValueEnum;
use mapi_logon_model::policy::Policy;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_traces::explain::{
    ExplainLimits, ExplainVerdict, Explained, Explanation, Program, assume, derive, explain,
    hypotheses, one_program,
};
use mapi_logon_traces::recording::Recording;

use crate::arguments::{CommandLine, OutputFormat, Setting, Subject, preset, setting};
use crate::builtin;
use crate::exit::Exit;
use crate::interrupt;
use crate::kind::{Kind, other_kind};
use crate::memory::{most_bytes, resident};
use crate::output;
use crate::outputs::Outputs;
use crate::page::{self, AssumedRun, Story};
use crate::progress::ProgressLine;
use crate::quantity::{MemorySize, number};
use crate::render::explained::text;
use crate::render::json::pretty;
use crate::render::text::{Paint, Tone, count, grouped};
use crate::reports::{Case, CaseVerdict, Reports};

/// Arguments of `validate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The recording, or `-` for standard input
    recording: String,
    /// Assume this scenario, a file or a built-in one [default: the plainest in which the
    /// recording can have been made]
    #[arg(long, value_name = "SCENARIO")]
    scenario: Option<String>,
    /// Use the readings of a known implementation (see `list presets`); overrides the scenario
    #[arg(long, value_name = "PRESET", value_parser = preset)]
    policy: Option<String>,
    /// Set the reading of an ambiguity (see `list policies`); may be repeated
    #[arg(long = "set", value_name = "POLICY=VALUE", value_parser = setting)]
    settings: Vec<Setting>,
    /// Allow a run N hidden faults, in place of the scenario's budget
    #[arg(long, value_name = "N", value_parser = number::<u32>)]
    faults: Option<u32>,
    /// Stop when the model may be in more than N states at once
    #[arg(
        long,
        value_name = "N",
        default_value_t = ExplainLimits::default().states,
        value_parser = number::<usize>
    )]
    max_states: usize,
    /// Stop after N steps of the search [default: 60 million, or 300 for each event]
    #[arg(long, value_name = "N", value_parser = number::<u64>)]
    max_steps: Option<u64>,
    /// Stop when this program takes this much memory: megabytes, or with a unit as in 2GB [default:
    /// half of what is available]
    #[arg(long, value_name = "SIZE")]
    max_memory: Option<MemorySize>,
    /// Save the run that explains the recording, as a trace
    #[arg(long, value_name = "FILE")]
    witness: Option<PathBuf>,
    /// Save the scenario in which the recording was explained
    #[arg(long, value_name = "FILE")]
    save_scenario: Option<PathBuf>,
    /// What may be assumed about the world where no scenario is given
    #[arg(long, value_enum, default_value_t, conflicts_with = "scenario")]
    assume: Assume,
    /// Tell every event, also of a long recording
    #[arg(long)]
    all: bool,
    /// Write the report as a page for a browser, with a run that shows what is explained
    #[arg(long, value_name = "FILE.html")]
    html: Option<PathBuf>,
    #[command(flatten)]
    reports: Reports,
    /// Write the verdict as text or as JSON
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

/// What may be assumed about a world that no scenario describes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Assume {
    /// The cheapest facts that make the recording possible, each told
    #[default]
    Facts,
    /// Nothing but what the recording shows
    None,
}

impl Display for Assume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::None { "none" } else { "facts" })
    }
}

/// Steps that the search may take for each event of a long recording.
const STEPS: u64 = 300;

/// Steps that the search for hypotheses may take.
const HYPOTHESES: u64 = 5_000_000;

/// Validates.
///
/// # Errors
/// When recording or scenario are not usable, or the verdict cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    let path = &args.recording;
    let files = args.witness.iter().chain(&args.save_scenario).chain(&args.html);
    Outputs::check(files.chain(args.reports.paths()))?;
    let recording = Recording::read(open(path)?)
        .map_err(|error| anyhow!("{path}:{error}{}", other_kind(path, Kind::Recording)))?;
    for (argument, times) in &recording.unused {
        output::note(&format!("note: {path}: argument `{argument}` is not used ({times}x)"));
    }
    let recording = args.one_program(recording);
    let plainest = args.world(&recording)?;
    let (stop, progress) = (interrupt::listen()?, ProgressLine::begin());
    let watch = |done: usize, of: usize| {
        progress.say(&format!("{} of {}", grouped(done as u64), count(of as u64, "event")));
    };
    let most = most_bytes(args.max_memory);
    let full = || most.is_some_and(|most| resident().is_some_and(|bytes| bytes > most));
    let limits = ExplainLimits {
        full: Some(&full),
        stop: Some(stop),
        watch: Some(&watch),
        ..args.limits(&recording)
    };
    let at_line = |error| anyhow!("{path}:{error}");
    let (mut report, scenario) = match (args.has_world(&recording), args.assume) {
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
    }
    report.tell(&recording, &limits, args.all).map_err(at_line)?;
    progress.end();
    args.format.show(
        |paint| text(&report.explanation, &args.repeat().to_string(), args.all, paint),
        || pretty(&report.explanation),
    )?;
    let mut outputs = Outputs::default();
    outputs.add(args.witness.as_ref(), || witness(&report, &recording))?;
    outputs
        .add(args.save_scenario.as_ref(), || Ok(scenario.to_toml().trim_end().to_owned() + "\n"))?;
    args.add_pages(&mut outputs, &report, &recording)?;
    outputs.write()?;
    if stop.load(Ordering::Relaxed) {
        return Ok(Exit::Interrupted);
    }
    Ok(exit(&report.explanation))
}

const fn exit(explanation: &Explanation) -> Exit {
    match explanation.verdict {
        ExplainVerdict::Explained => Exit::Good,
        ExplainVerdict::Unexplained => Exit::Finding,
        ExplainVerdict::Inconclusive => Exit::Inconclusive,
    }
}

fn open(path: &str) -> Result<Box<dyn BufRead>> {
    if path == "-" {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(path).with_context(|| format!("{path}: cannot be read"))?;
    Ok(Box::new(BufReader::new(file)))
}

/// The run that explains the recording, as a trace.
fn witness(report: &Explained, recording: &Recording) -> Result<String> {
    let trace = report.witness(recording).map_err(|error| anyhow!("{error}"))?;
    let mut bytes = Vec::new();
    trace.write(&mut bytes)?;
    Ok(String::from_utf8(bytes)?)
}

/// The report on a recording as a page for a browser.
///
/// # Errors
/// When the run that explains it cannot be told.
pub(super) fn browser_page(
    report: &Explained,
    recording: &Recording,
    (name, repeat): (&str, &str),
    all: bool,
) -> Result<String> {
    let verdict = match report.explanation.verdict {
        ExplainVerdict::Explained => (Tone::Good, "EXPLAINED"),
        ExplainVerdict::Unexplained => (Tone::Bad, "UNEXPLAINED"),
        ExplainVerdict::Inconclusive => (Tone::Plain, "INCONCLUSIVE"),
    };
    let trace = report.witness(recording).ok().map(|trace| trace.to_text());
    let story = trace.map(|trace| Story::of_trace(trace.as_bytes())).transpose()?;
    let text = text(&report.explanation, repeat, all, Paint::none());
    let assumed = AssumedRun { recording: name, verdict, report: &text, repeat };
    Ok(page::validated(&assumed, story.map(|replayed| replayed.story).as_ref()))
}

impl Args {
    /// The recording with the threads of each program as one client, where no scenario tells
    /// clients apart.
    fn one_program(&self, recording: Recording) -> Recording {
        if self.has_world(&recording) {
            return recording;
        }
        let Some(Program { recording, threads, moved }) = one_program(&recording) else {
            return recording;
        };
        for (thread, client) in threads {
            output::complain(&format!(
                "note: {thread} uses a session that {client} obtained; both count as {client}"
            ));
        }
        if let [first, rest @ ..] = moved.as_slice() {
            let others =
                if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            output::complain(&format!(
                "note: the call of line {first}{others} overlapped one of another thread; both are \
                 taken in the order in which they returned"
            ));
        }
        recording
    }

    /// Whether the command line or the recording says in which world it was made.
    const fn has_world(&self, recording: &Recording) -> bool {
        self.scenario.is_some() || recording.scenario.is_some()
    }

    /// The world of the recording, its policy as the command line has it.
    fn world(&self, recording: &Recording) -> Result<Scenario> {
        if let Some(scenario) = &self.scenario {
            let subject = Subject {
                scenario: scenario.clone(),
                policy: self.policy.clone(),
                settings: self.settings.clone(),
                ..Subject::default()
            };
            return Ok(builtin::load(&subject)?.scenario);
        }
        let mut scenario = match &recording.scenario {
            Some(scenario) => scenario.clone(),
            None => derive(recording).map_err(|error| {
                anyhow!("{}: no scenario can be derived ({error}); give --scenario", self.recording)
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
        let plenty = ExplainLimits::default().steps;
        ExplainLimits {
            faults: self.faults.or(any),
            states: self.max_states,
            steps: self
                .max_steps
                .unwrap_or_else(|| plenty.max(recording.events.len() as u64 * STEPS)),
            ..ExplainLimits::default()
        }
    }

    /// Adds the page and the reports, if they are asked for.
    fn add_pages(
        &self,
        outputs: &mut Outputs,
        report: &Explained,
        recording: &Recording,
    ) -> Result<()> {
        let repeat = self.repeat().to_string();
        outputs.add(self.html.as_ref(), || {
            browser_page(report, recording, (&self.recording, &repeat), self.all)
        })?;
        let case = self.case(&report.explanation, &repeat);
        self.reports.add_to(outputs, "validate", &repeat, &[case])
    }

    /// The verdict as a test case.
    fn case(&self, explanation: &Explanation, repeat: &str) -> Case {
        let report = || text(explanation, repeat, self.all, Paint::none());
        let first = || report().lines().next().unwrap_or_default().to_owned();
        let verdict = match explanation.verdict {
            ExplainVerdict::Explained => CaseVerdict::Passed,
            ExplainVerdict::Unexplained => CaseVerdict::Failed(first(), report()),
            ExplainVerdict::Inconclusive => CaseVerdict::Undecided(first()),
        };
        let line = explanation.unexplained.as_ref().map_or(1, |event| event.line);
        Case {
            name: self.recording.clone(),
            about: "Some run of the model shows exactly this recording.".to_owned(),
            verdict,
            place: Some((self.recording.clone(), line)),
        }
    }

    /// The command that gives the same verdict.
    fn repeat(&self) -> CommandLine {
        CommandLine::new("validate")
            .word(&self.recording)
            .option("--scenario", &self.scenario)
            .option("--policy", &self.policy)
            .option("--set", &self.settings)
            .option("--faults", self.faults)
            .option("--assume", Some(self.assume).filter(|assume| *assume != Assume::default()))
    }
}
