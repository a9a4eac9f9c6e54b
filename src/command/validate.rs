//! `mapi-logon validate`: the search for runs that show exactly what recordings show.

use std::fmt::{self, Display};
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use anyhow::{Result, bail};
use clap::ValueEnum;
use mapi_logon_model::ids::BUDGET;
use mapi_logon_traces::explain::{ExplainLimits, ExplainVerdict, Explained};
use mapi_logon_traces::recording::Recording;

use crate::arguments::{CommandLine, OutputFormat, Setting, preset, setting};
use crate::command::show::add_scenario;
use crate::exit::Exit;
use crate::interrupt;
use crate::kind::with_folders;
use crate::output;
use crate::outputs::Outputs;
use crate::page::{self, AssumedRun, Story};
use crate::path;
use crate::progress::ProgressLine;
use crate::quantity::{MemorySize, number};
use crate::render::explained::{Validated, summary, text, tone};
use crate::render::json::pretty;
use crate::render::text::{Paint, count};
use crate::reports::{Case, CaseVerdict, Reports};

mod judge;

pub(super) use judge::HYPOTHESES;
use judge::Judged;

/// Arguments of `validate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Recordings, folders of them (*.jsonl), or `-` for standard input
    #[arg(required = true, value_name = "RECORDING", value_parser = path::parser())]
    recordings: Vec<String>,
    /// Assume this scenario, a file or a built-in one [default: the plainest in which the
    /// recording can have been made]
    #[arg(long, value_name = "SCENARIO", value_parser = path::parser())]
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
    /// Save the run that explains the recording, as a trace; of one recording
    #[arg(long, value_name = "FILE")]
    witness: Option<PathBuf>,
    /// Save the scenario in which the recording was explained; of one recording
    #[arg(long, value_name = "FILE")]
    save_scenario: Option<PathBuf>,
    /// What may be assumed about the world where no scenario is given
    #[arg(long, value_enum, default_value_t, conflicts_with = "scenario")]
    assume: Assume,
    /// Tell every event, also of a long recording; of several recordings list every one
    #[arg(long)]
    all: bool,
    /// Write the reports as a page for a browser, with runs that show what is explained
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

/// Validates.
///
/// # Errors
/// When a recording or the scenario is not usable, or the verdicts cannot be written; those on the
/// other recordings are written all the same.
pub fn run(args: &Args) -> Result<Exit> {
    let paths = with_folders(&args.recordings, &[".jsonl"], "recording")?;
    let is_one = paths.len() == 1;
    for (option, path) in [("--witness", &args.witness), ("--save-scenario", &args.save_scenario)] {
        if path.is_some() && !is_one {
            bail!("{option} takes one recording; {} are given", paths.len());
        }
    }
    let files = args.witness.iter().chain(&args.save_scenario).chain(&args.html);
    Outputs::check(files.chain(args.reports.paths()))?;
    let stop = interrupt::listen()?;
    let progress = ProgressLine::begin();
    let (mut all, mut unread) = (Vec::new(), 0);
    for path in &paths {
        match args.judge(path, stop, progress) {
            Ok(judged) => all.push(judged),
            Err(error) if is_one => return Err(error),
            Err(error) => {
                output::complain(&format!("error: {error:#}"));
                unread += 1;
            }
        }
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    progress.end();
    if !all.is_empty() {
        args.show(is_one, &all)?;
        args.write(&all)?;
    }
    if unread > 0 {
        bail!("{unread} of {} cannot be used", count(paths.len() as u64, "recording"));
    }
    let has = |verdict| all.iter().any(|one| one.verdict() == verdict);
    Ok(match stop.load(Ordering::Relaxed) {
        true => Exit::Interrupted,
        false if has(ExplainVerdict::Unexplained) => Exit::Finding,
        false if has(ExplainVerdict::Inconclusive) => Exit::Inconclusive,
        false => Exit::Good,
    })
}

/// A recording as a part of a page.
pub(super) fn part(
    report: &Explained,
    recording: &Recording,
    (name, repeat): (&str, &str),
    all: bool,
) -> Result<AssumedRun> {
    let explanation = &report.explanation;
    let trace = report.witness(recording).ok().map(|trace| trace.to_text());
    let replayed = trace.map(|trace| Story::of_trace(trace.as_bytes())).transpose()?;
    let shown = report.shown(recording).unwrap_or_default();
    Ok(AssumedRun {
        recording: name.to_owned(),
        verdict: tone(explanation.verdict),
        headline: Validated { recording: name, explanation }.headline(),
        report: text(explanation, repeat, all, Paint::none()),
        story: replayed
            .map(|replayed| replayed.story.of_log(shown))
            .filter(|story| !story.is_empty()),
    })
}

impl Args {
    /// Writes the verdicts: of one recording its whole report, of several a summary.
    fn show(&self, is_one: bool, all: &[Judged]) -> Result<()> {
        let repeat = self.repeat(&self.recordings);
        let validated = || -> Vec<Validated<'_>> { all.iter().map(Judged::validated).collect() };
        self.format.show(
            |paint| match all {
                [one] if is_one => text(one.explanation(), &repeat, self.all, paint),
                _ => summary(&validated(), self.all, &repeat, paint),
            },
            || match all {
                [one] if is_one => pretty(one.explanation()),
                _ => pretty(&validated()),
            },
        )
    }

    /// Writes everything that is asked for beside the verdicts.
    fn write(&self, all: &[Judged]) -> Result<()> {
        let mut outputs = Outputs::default();
        if let [one] = all {
            outputs.add(self.witness.as_ref(), || one.witness())?;
            if let Some(file) = &self.save_scenario {
                let text = one.scenario.to_toml().trim_end().to_owned() + "\n";
                add_scenario(&mut outputs, file, &text)?;
                let faults = one.explanation().faults;
                if u32::try_from(BUDGET).is_ok_and(|most| faults > most) {
                    output::complain(&format!(
                        "note: a scenario allows at most {BUDGET} faults; with it, add --faults \
                         {faults}"
                    ));
                }
            }
        }
        let repeat = self.repeat(&self.recordings);
        outputs.add(self.html.as_ref(), || {
            let own = |one: &Judged| {
                let repeat = self.repeat([&one.path]);
                part(&one.report, &one.recording, (&one.path, &repeat), self.all)
            };
            let runs = all.iter().map(own).collect::<Result<Vec<_>>>()?;
            Ok(page::validated(&runs, &repeat))
        })?;
        let cases: Vec<_> = all.iter().map(|one| self.case(one)).collect();
        self.reports.add_to(&mut outputs, "validate", &repeat, &cases)?;
        outputs.write()
    }

    /// The report on a recording, as it stands under its name.
    fn report(&self, one: &Judged) -> String {
        text(one.explanation(), &self.repeat([&one.path]), self.all, Paint::none())
    }

    /// The verdict on a recording as a test case.
    fn case(&self, one: &Judged) -> Case {
        let explanation = one.explanation();
        let (headline, report) = (one.validated().headline(), self.report(one));
        let verdict = match (explanation.verdict, one.validated().offended()) {
            (ExplainVerdict::Explained, _) => CaseVerdict::Passed,
            (ExplainVerdict::Unexplained, Some(clause)) => {
                CaseVerdict::Against(clause.to_owned(), headline, report)
            }
            (ExplainVerdict::Unexplained, None) => CaseVerdict::Failed(headline, report),
            (ExplainVerdict::Inconclusive, _) => CaseVerdict::Undecided(headline),
        };
        let line = explanation.unexplained.as_ref().map_or(1, |event| event.line);
        Case {
            name: one.path.clone(),
            about: "Some run of the model shows exactly this recording.".to_owned(),
            verdict,
            place: Some((one.path.clone(), line)),
        }
    }

    /// The command that gives the same verdicts.
    fn repeat<'n>(&self, recordings: impl IntoIterator<Item = &'n String>) -> String {
        let line = CommandLine::new("validate");
        let line = recordings.into_iter().fold(line, |line, path| line.word(path));
        line.option("--scenario", &self.scenario)
            .option("--policy", &self.policy)
            .option("--set", &self.settings)
            .option("--faults", self.faults)
            .option("--assume", Some(self.assume).filter(|assume| *assume != Assume::default()))
            .to_string()
    }
}
