//! `mapi-logon drive`: a real MAPI held against the specification.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use mapi_logon_drive::bench::{Bench, Driven, Unusable};
use mapi_logon_drive::campaign::{Campaign, Tally};
use mapi_logon_drive::course::End;
use mapi_logon_drive::expected::Deviations;
use mapi_logon_drive::process::Process;
use mapi_logon_drive::shrink::shrink;

use crate::arguments::{CommandLine, OutputFormat, Subject};
use crate::builtin::{self, Loaded};
use crate::exit::Exit;
use crate::interrupt;
use crate::output;
use crate::outputs::Outputs;
use crate::path::text_of;
use crate::progress::ProgressLine;
use crate::render::driven::{Deviation, DriveResult, Measured, Outcome, Verdict, curve, text};
use crate::render::json::pretty;
use crate::render::svg::svg_file;
use crate::render::text::count;
use crate::reports::Reports;

mod aims;
mod limits;
mod readings;
mod results;
mod second;

use aims::{Aimed, Aims, Trouble, replayed};
use limits::LimitArgs;
use readings::{Suggestions, learnt};
pub(super) use results::lines;
use results::{blessed, cases, expected, together, warn_of_another};
pub(super) use second::explained;
use second::{Found, Page};

/// Arguments of `drive`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// More scenarios, driven one after the other
    #[arg(value_name = "SCENARIO")]
    others: Vec<String>,
    /// The adapter and its arguments
    #[arg(last = true, required = true, value_name = "ADAPTER")]
    adapter: Vec<String>,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    aims: Aims,
    /// Make the moves of a saved run again, in place of random ones
    #[arg(long, value_name = "RUN.json", conflicts_with_all = ["calls", "worlds", "per_world"])]
    replay: Option<PathBuf>,
    /// Measure: calls a second and the latency of each call
    #[arg(long)]
    bench: bool,
    /// With --bench: draw the percentiles of each call
    #[arg(long, value_name = "FILE.svg", value_parser = svg_file)]
    #[arg(requires = "bench", conflicts_with = "others")]
    plot: Option<PathBuf>,
    /// The deviations that are expected of this system
    #[arg(long, value_name = "FILE.toml")]
    deviations: Option<PathBuf>,
    /// Write the new deviations to the file of expected ones, each to be given a reason
    #[arg(long, requires = "deviations")]
    bless: bool,
    /// Measure which switches of the reading this system needs, by leaving each out
    #[arg(long)]
    learn: bool,
    /// Write a recording of every world to this folder, with its moves, and judge it again
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
    /// Write each new deviation to this folder: a page for a browser, the recording and the moves
    #[arg(long, value_name = "DIR")]
    html: Option<PathBuf>,
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
    let blessed = args.deviations.iter().filter(|_| args.bless);
    Outputs::check(args.reports.paths().chain(&args.plot).chain(blessed))?;
    let (expected, stop) = (expected(args.deviations.as_ref(), args.bless)?, interrupt::listen()?);
    for folder in args.record.iter().chain(&args.html) {
        fs::create_dir_all(folder).with_context(|| format!("cannot write {}", text_of(folder)))?;
    }
    let (mut results, mut pages, mut beyond) = (Vec::new(), Vec::new(), false);
    for subject in args.subjects() {
        let loaded = builtin::load(&subject)?;
        let process = Process::start(args.adapter.clone(), stop);
        let mut process = process.map_err(|error| anyhow!(error))?;
        match args.drive(&mut process, (&subject, &loaded), &expected, stop) {
            Ok((result, own)) => {
                results.push(result);
                pages.extend(own);
            }
            Err(Trouble::Adapter(Unusable::Broken(broken))) => {
                output::complain(&format!("error: {broken}"));
                return Ok(Exit::BrokenProtocol);
            }
            Err(Trouble::Adapter(Unusable::Interrupted)) => return Ok(Exit::Interrupted),
            Err(Trouble::Adapter(Unusable::World(what))) => {
                let name = loaded.name;
                output::complain(&format!(
                    "out of reach: {name}: the adapter does not support {what}"
                ));
                beyond = true;
            }
            Err(Trouble::Adapter(Unusable::Gone(error))) => bail!(error),
            Err(Trouble::Other(error)) => return Err(error),
        }
        process.wait(Duration::from_secs(2));
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    together(&mut results);
    args.write(&results, pages, expected)?;
    let exits = results.iter().map(DriveResult::exit);
    Ok(exits.chain(beyond.then_some(Exit::Inconclusive)).max_by_key(gravity).unwrap_or(Exit::Good))
}

/// Of several verdicts the gravest counts.
const fn gravity(exit: &Exit) -> u8 {
    match exit {
        Exit::Good => 0,
        Exit::Inconclusive => 1,
        Exit::Finding => 2,
        Exit::Interrupted => 3,
        Exit::BrokenProtocol | Exit::BadInput => 4,
    }
}

/// The new deviations, made small.
#[derive(Default)]
struct Small {
    deviations: Vec<Deviation>,
    disagreements: Vec<String>,
    suggestions: Suggestions,
    pages: Vec<Page>,
}

impl Args {
    /// The scenarios, under the same reading.
    fn subjects(&self) -> impl Iterator<Item = Subject> {
        let other = |name: &String| Subject { scenario: name.clone(), ..self.subject.clone() };
        std::iter::once(self.subject.clone()).chain(self.others.iter().map(other))
    }

    /// Writes what came of it.
    fn write(&self, results: &[DriveResult], pages: Vec<Page>, expected: Deviations) -> Result<()> {
        for result in results {
            self.format.show(|paint| text(result, paint), || pretty(result))?;
        }
        let mut outputs = Outputs::default();
        let cases: Vec<_> = results.iter().flat_map(cases).collect();
        let repeat = self.repeat(&self.subject).to_string();
        self.reports.add_to(&mut outputs, "drive", &repeat, &cases)?;
        if let Some(folder) = &self.html {
            for (name, text) in pages {
                outputs.add_in(folder, &name, || Ok(text))?;
            }
        }
        if let [DriveResult { system, latency: Some(rates), .. }] = results {
            outputs.add(self.plot.as_ref(), || curve(system, rates))?;
        }
        if self.bless {
            let blessed = results.iter().fold(expected, |file, result| blessed(result, file));
            outputs.add(self.deviations.as_ref(), || Ok(blessed.to_toml()))?;
        }
        outputs.write()
    }

    fn drive(
        &self,
        process: &mut Process,
        (subject, loaded): (&Subject, &Loaded),
        expected: &Deviations,
        stop: &AtomicBool,
    ) -> Result<(DriveResult, Vec<Page>), Trouble> {
        let (limits, progress) = (self.limits.limits(!self.bench), ProgressLine::begin());
        process.watch(move |what| progress.say(what));
        let mut bench = Bench::new(process, &loaded.scenario, &limits)?;
        let expected = &expected.within(&loaded.name, &loaded.scenario);
        bench.expect(expected);
        let policy = self.subject.policy.as_deref();
        warn_of_another(self.deviations.as_ref(), expected, bench.hello(), policy);
        let driven = bench.scenario().clone();
        let (mut recordings, mut latency) = (Vec::new(), Measured::default());
        let mut disagreements = Vec::new();
        let Aimed { tally, coverage, suite } = {
            let mut each = |world: &Driven, tally: &Tally| {
                progress.say(&format!("{} of {}", tally.calls, count(limits.calls, "call")));
                if self.learn && recordings.len() < LEARNT && world.end == End::Complete {
                    recordings.push(world.followed());
                }
                if self.bench {
                    latency.add(&world.times);
                }
                disagreements.extend(self.keep(&loaded.name, world, &driven)?);
                Ok(())
            };
            let campaign = Campaign::new(&limits, expected, stop);
            match &self.replay {
                None => self.aims.drive(&mut bench, campaign, &mut each, stop)?,
                Some(path) => Aimed::of(replayed(&mut bench, campaign, path, &mut each)?),
            }
        };
        let mut small = Small { disagreements, ..Small::default() };
        self.shrink(&mut bench, (&tally, &loaded.name), &mut small, stop)?;
        progress.end();
        let (hello, mut unsupported) = (bench.hello().clone(), bench.left_out());
        let more = tally.unsupported.iter().filter(|what| !bench.left_out().contains(what));
        unsupported.extend(more.cloned());
        let learnt = if self.learn { learnt(&recordings, &driven) } else { Vec::new() };
        bench.end();
        let outcomes = expected.deviation.iter().zip(&tally.met);
        let result = DriveResult {
            verdict: Verdict::Conforms,
            scenario: loaded.name.clone(),
            policy: self.subject.policy.clone(),
            system: hello.system,
            version: hello.version,
            seed: self.limits.seed,
            worlds: tally.worlds,
            calls: tally.calls,
            answers: tally.answers,
            logons: tally.logons,
            deviations: small.deviations,
            disagreements: small.disagreements,
            readings: small.suggestions.readings(),
            expected: outcomes.map(|(one, met)| Outcome::of(one, *met)).collect(),
            unsupported,
            stopped: tally.stopped,
            undecided: tally.undecided,
            coverage,
            suite,
            learnt,
            latency: self
                .bench
                .then(|| latency.summary(tally.took, (&loaded.scenario, limits.seed))),
            interrupted: stop.load(Ordering::Relaxed),
            repeat: self.repeat(subject).to_string(),
        };
        Ok((result, small.pages))
    }

    /// Makes each new deviation small, and has the second judge look at it.
    fn shrink(
        &self,
        bench: &mut Bench<'_>,
        (tally, scenario): (&Tally, &str),
        all: &mut Small,
        stop: &AtomicBool,
    ) -> Result<(), Trouble> {
        let driven = bench.scenario().clone();
        for found in &tally.deviating {
            let small = shrink(bench, &found.finding, &found.driven, stop)?;
            let name = format!("{scenario}-{}", all.deviations.len() + 1);
            let judged = self.judged(Found { found, small: &small, name: &name }, &driven)?;
            all.suggestions.add(&judged.hypotheses);
            all.disagreements.extend(judged.disagreement);
            all.deviations.push(judged.deviation);
            all.pages.extend(judged.pages);
        }
        Ok(())
    }

    fn repeat(&self, subject: &Subject) -> CommandLine {
        let line = subject.repeat(CommandLine::new("drive"));
        let line = self
            .limits
            .repeat(line, self.replay.is_some())
            .option("--replay", self.replay.as_ref().map(text_of))
            .flag("--bench", self.bench)
            .flag("--learn", self.learn);
        let line = self
            .aims
            .repeat(line)
            .option("--deviations", self.deviations.as_ref().map(text_of))
            .word("--");
        self.adapter.iter().fold(line, |line, word| line.word(word))
    }
}
