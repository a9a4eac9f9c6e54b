//! `mapi-logon drive`: a real MAPI held against the specification.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use mapi_logon_drive::bench::{Bench, Driven, Unusable};
use mapi_logon_drive::campaign::{Campaign, Deviating, Limits, Tally};
use mapi_logon_drive::choose::Script;
use mapi_logon_drive::course::{End, Patience, Status};
use mapi_logon_drive::expected::{Deviations, Expectation};
use mapi_logon_drive::moves::Move;
use mapi_logon_drive::process::Process;
use mapi_logon_drive::shrink::{Shrunk, shrink};
use mapi_logon_model::scenario::Scenario;
use mapi_logon_traces::explain::ExplainVerdict;
use mapi_logon_traces::recording::EventLine;

use crate::arguments::{CommandLine, OutputFormat, Subject};
use crate::builtin;
use crate::exit::Exit;
use crate::interrupt;
use crate::output;
use crate::outputs::Outputs;
use crate::progress::ProgressLine;
use crate::quantity::{Time, number};
use crate::render::driven::{Deviation, DriveResult, Latency, Outcome, Verdict, text};
use crate::render::json::pretty;
use crate::render::text::{Paint, count};
use crate::reports::{Case, CaseVerdict, Reports};

mod aims;
mod readings;

use aims::{Aimed, Aims};
use readings::{explained, learnt};

/// Arguments of `drive`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// The adapter and its arguments
    #[arg(last = true, required = true, value_name = "ADAPTER")]
    adapter: Vec<String>,
    /// Draw calls and answers at random from this seed
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Stop after N calls
    #[arg(long, value_name = "N", default_value = "10000", value_parser = number::<u64>)]
    calls: u64,
    /// Make N calls in a world
    #[arg(long, value_name = "N", default_value_t = 25)]
    per_world: usize,
    /// Stop after N worlds
    #[arg(long, value_name = "N")]
    worlds: Option<u64>,
    /// Stop after this time
    #[arg(long, value_name = "TIME")]
    max_time: Option<Time>,
    /// Stop after N new deviations
    #[arg(long, value_name = "N", default_value_t = 10)]
    max_deviations: usize,
    #[command(flatten)]
    aims: Aims,
    /// Make the moves of a saved run again, in place of random ones
    #[arg(long, value_name = "RUN.json", conflicts_with_all = ["calls", "worlds", "per_world"])]
    replay: Option<PathBuf>,
    /// A call that must go on and does not for this time hangs
    #[arg(long, value_name = "TIME", default_value = "10s")]
    deadline: Time,
    /// A call that may wait and says nothing for this time waits
    #[arg(long, value_name = "TIME", default_value = "250ms")]
    quiet_after: Time,
    /// An adapter that does not answer `hello` or `world` for this time is broken
    #[arg(long, value_name = "TIME", default_value = "60s")]
    start: Time,
    /// Let providers answer S_OK without being asked
    #[arg(long)]
    preset: bool,
    /// Measure: calls a second and the latency of each call
    #[arg(long)]
    bench: bool,
    /// The deviations that are expected of this system
    #[arg(long, value_name = "FILE.toml")]
    deviations: Option<PathBuf>,
    /// Write the new deviations to the file of expected ones, each to be given a reason
    #[arg(long, requires = "deviations")]
    bless: bool,
    /// Measure which switches of the reading this system needs, by leaving each out
    #[arg(long)]
    learn: bool,
    /// Write a recording of every world to this folder, with its moves
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
    #[command(flatten)]
    reports: Reports,
    /// Write the verdict as text or as JSON
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

/// Most recordings on which switches are left out.
const LEARNT: usize = 100;

/// Drives.
///
/// # Errors
/// When the scenario, the adapter or a file is not usable.
pub fn run(args: &Args) -> Result<Exit> {
    let loaded = builtin::load(&args.subject)?;
    Outputs::check(args.reports.paths())?;
    let (expected, stop) = (args.expected()?, interrupt::listen()?);
    if let Some(folder) = &args.record {
        fs::create_dir_all(folder).with_context(|| format!("cannot write {}", folder.display()))?;
    }
    let mut process = Process::start(args.adapter.clone(), stop).map_err(|error| anyhow!(error))?;
    let driven = args.drive(&mut process, &loaded.scenario, &expected, stop);
    let mut result = match driven {
        Ok(result) => result,
        Err(Trouble::Adapter(Unusable::Broken(broken))) => {
            output::complain(&format!("error: {broken}"));
            return Ok(Exit::BrokenProtocol);
        }
        Err(Trouble::Adapter(Unusable::Interrupted)) => return Ok(Exit::Interrupted),
        Err(Trouble::Adapter(Unusable::World(what))) => {
            output::complain(&format!("out of reach: the adapter does not support {what}"));
            return Ok(Exit::Inconclusive);
        }
        Err(Trouble::Adapter(Unusable::Gone(error))) => bail!(error),
        Err(Trouble::Other(error)) => return Err(error),
    };
    process.wait(Duration::from_secs(2));
    result.scenario = loaded.name;
    let repeat = args.repeat().to_string();
    args.format.show(|paint| text(&result, &repeat, paint), || pretty(&result))?;
    let mut outputs = Outputs::default();
    args.reports.add_to(&mut outputs, "drive", &repeat, &cases(&result))?;
    if args.bless {
        outputs.add(args.deviations.as_ref(), || Ok(blessed(&result, expected).to_toml()))?;
    }
    outputs.write()?;
    Ok(result.exit())
}

/// Why a campaign came to no result.
enum Trouble {
    Adapter(Unusable),
    Other(anyhow::Error),
}

impl From<Unusable> for Trouble {
    fn from(unusable: Unusable) -> Self {
        Self::Adapter(unusable)
    }
}

impl From<anyhow::Error> for Trouble {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

impl Args {
    fn expected(&self) -> Result<Deviations> {
        let Some(path) = &self.deviations else { return Ok(Deviations::default()) };
        if self.bless && !path.exists() {
            return Ok(Deviations::default());
        }
        let shown = path.display();
        let text = fs::read_to_string(path).with_context(|| format!("{shown}: cannot be read"))?;
        Deviations::parse(&text).map_err(|error| anyhow!("{shown}: {error}"))
    }

    fn limits(&self) -> Limits {
        Limits {
            seed: self.seed,
            calls: self.calls,
            per_world: self.per_world,
            worlds: self.worlds.unwrap_or(u64::MAX),
            time: self.max_time.map(Duration::from),
            deviations: self.max_deviations,
            patience: Patience {
                deadline: self.deadline.into(),
                quiet: self.quiet_after.into(),
                start: self.start.into(),
            },
            preset: self.preset,
            withhold: !self.bench,
        }
    }

    fn drive(
        &self,
        process: &mut Process,
        scenario: &Scenario,
        expected: &Deviations,
        stop: &AtomicBool,
    ) -> Result<DriveResult, Trouble> {
        let limits = self.limits();
        let mut bench = Bench::new(process, scenario, &limits)?;
        let progress = ProgressLine::begin();
        let (mut recordings, mut latency) = (Vec::new(), Latency::default());
        let Aimed { tally, coverage, suite } = {
            let mut each = |driven: &Driven, tally: &Tally| {
                progress.say(&format!("{} of {}", tally.calls, count(limits.calls, "call")));
                if self.learn && recordings.len() < LEARNT && driven.end == End::Complete {
                    recordings.push(driven.recording.clone());
                }
                if self.bench {
                    latency.add(&driven.times);
                }
                self.keep(driven)
            };
            match &self.replay {
                None => {
                    let campaign = Campaign::new(&limits, expected, stop);
                    self.aims.drive(&mut bench, campaign, &mut each, stop)?
                }
                Some(path) => Aimed::of(replayed(&mut bench, path, expected)?),
            }
        };
        let mut deviations = Vec::new();
        for found in &tally.deviating {
            let small = shrink(&mut bench, &found.finding, &found.driven, stop)?;
            deviations.push(self.judged(found, &small, bench.scenario())?);
        }
        progress.end();
        let hello = bench.hello().clone();
        let learnt = if self.learn { learnt(&recordings, bench.scenario()) } else { Vec::new() };
        bench.end();
        let outcomes = expected.deviation.iter().zip(&tally.met);
        Ok(DriveResult {
            verdict: Verdict::Conforms,
            scenario: String::new(),
            policy: self.subject.policy.clone(),
            system: hello.system,
            version: hello.version,
            seed: self.seed,
            worlds: tally.worlds,
            calls: tally.calls,
            answers: tally.answers,
            deviations,
            expected: outcomes.map(|(one, met)| Outcome::of(one, *met)).collect(),
            unsupported: tally.unsupported,
            coverage,
            suite,
            learnt,
            latency: self.bench.then(|| latency.summary(tally.took)),
            interrupted: stop.load(Ordering::Relaxed),
        }
        .decided())
    }

    /// Keeps a world in the folder of recordings.
    fn keep(&self, driven: &Driven) -> Result<(), Unusable> {
        let Some(folder) = &self.record else { return Ok(()) };
        let name = format!("world-{:05}", driven.number);
        let moves = serde_json::to_string_pretty(&driven.moves).unwrap_or_default();
        let kept = fs::write(folder.join(format!("{name}.jsonl")), lines(&driven.recording))
            .and_then(|()| fs::write(folder.join(format!("{name}.run.json")), moves + "\n"));
        kept.map_err(|error| Unusable::Gone(format!("{}: {error}", folder.display())))
    }

    /// A deviation with what the second judge says.
    fn judged(&self, found: &Deviating, small: &Shrunk, scenario: &Scenario) -> Result<Deviation> {
        let explanation = explained(&small.recording, scenario)?;
        let decides = matches!(small.finding.status, Status::Result | Status::Question);
        if decides && explanation.verdict == ExplainVerdict::Explained {
            bail!(
                "the two judges disagree: {} of {} was refused while it happened, and its \
                 recording is explained; this is a fault of mapi-logon:\n{}",
                small.finding.observed,
                small.finding.call,
                lines(&small.recording)
            );
        }
        Ok(Deviation::of(found, small, explanation))
    }

    fn repeat(&self) -> CommandLine {
        let line = self.subject.repeat(CommandLine::new("drive"));
        let line = line
            .option("--seed", (self.replay.is_none()).then_some(self.seed))
            .option("--calls", (self.replay.is_none()).then_some(self.calls))
            .option("--replay", self.replay.as_ref().map(|path| path.display()))
            .flag("--preset", self.preset);
        let line = self
            .aims
            .repeat(line)
            .option("--deviations", self.deviations.as_ref().map(|path| path.display()))
            .word("--");
        self.adapter.iter().fold(line, |line, word| line.word(word))
    }
}

/// The moves of a saved run, made again.
fn replayed(
    bench: &mut Bench<'_>,
    path: &PathBuf,
    expected: &Deviations,
) -> Result<Tally, Trouble> {
    let shown = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("{shown}: cannot be read"))?;
    let moves: Vec<Move> =
        serde_json::from_str(&text).with_context(|| format!("{shown}: not a saved run"))?;
    let driven = bench.drive(0, &mut Script::new(moves))?;
    Ok(Tally::of(driven, expected))
}

/// A recording as a file has it.
fn lines(recording: &[EventLine]) -> String {
    let line = |event| serde_json::to_string(event).unwrap_or_default() + "\n";
    recording.iter().map(line).collect()
}

/// The expected deviations and the new ones.
fn blessed(result: &DriveResult, mut file: Deviations) -> Deviations {
    (file.system, file.version) = (result.system.clone(), result.version.clone());
    file.policy.clone_from(&result.policy);
    for new in &result.deviations {
        let (call, _) = mapi_logon_model::scenario::split_call(&new.call);
        file.deviation.push(Expectation {
            id: format!("{}-{}", call.to_lowercase(), file.deviation.len() + 1),
            call: call.to_owned(),
            client: None,
            clause: new.clause.clone(),
            status: new.status,
            observed: vec![new.observed.clone()],
            reason: String::new(),
            link: None,
            since: None,
            until: None,
        });
    }
    file
}

/// The deviations as test cases.
fn cases(result: &DriveResult) -> Vec<Case> {
    let new = result.deviations.iter().map(|one| Case {
        name: one.clause.clone(),
        about: one.head(),
        verdict: CaseVerdict::Failed(one.head(), crate::render::driven::steps(one, Paint::none())),
        place: None,
    });
    let expected = result.expected.iter().map(|one| Case {
        name: one.id.clone(),
        about: format!("{} deviates from {}", one.call, one.clause),
        verdict: if one.stale {
            let head = format!("{} no longer happens; take it out of the file", one.id);
            CaseVerdict::Failed(head.clone(), head)
        } else {
            CaseVerdict::Skipped(one.reason.clone())
        },
        place: None,
    });
    let worlds = Case {
        name: format!("{} worlds", result.scenario),
        about: "Every question, answer and result is one that the model allows.".to_owned(),
        verdict: CaseVerdict::Passed,
        place: None,
    };
    new.chain(expected).chain([worlds]).collect()
}
