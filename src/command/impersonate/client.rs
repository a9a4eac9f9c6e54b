//! A real client under the model: started with the shim in its way, answered, judged.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use mapi_logon_impersonate::answers::{Answered, Plan};
use mapi_logon_impersonate::conduct::Ending;
use mapi_logon_impersonate::every::{Bounds, Search};
use mapi_logon_impersonate::finding::collect;
use mapi_logon_impersonate::launch::{ClientOutput, Launch, Trouble, Way};
use mapi_logon_impersonate::pace::Pace;
use mapi_logon_impersonate::record::answers;
use mapi_logon_impersonate::server::Server;
use mapi_logon_impersonate::stage::{Report, Stage, Stop, opened};
use mapi_logon_impersonate::wine::{Wine, is_windows};
use mapi_logon_model::scenario::Budget;
use mapi_logon_traces::export::recording;
use mapi_logon_traces::recording::Recording;
use mapi_logon_traces::replay::{Reader, follow_far, world};

use crate::arguments::{OutputFormat, Subject, quoted};
use crate::builtin;
use crate::exit::Exit;
use crate::interrupt;
use crate::output;
use crate::outputs::Outputs;
use crate::path::text_of;
use crate::progress::ProgressLine;
use crate::quantity::{Time, number};
use crate::render::impersonated::{Coverage, ImpersonateResult};
use crate::render::text::count;
use crate::reports::Reports;

mod conclude;

/// Arguments for a real client.
#[derive(Debug, clap::Args)]
pub(super) struct ClientArgs {
    /// The client and its arguments; without it, listen on a loopback port until Ctrl-C
    #[arg(last = true, value_name = "CLIENT")]
    client: Vec<String>,
    /// Run the client once for every sequence of answers that the model allows
    #[arg(long, conflicts_with_all = ["seed", "answers"], requires = "client")]
    every: bool,
    /// Give the answers of a file that a finding wrote, of a recording or of a trace, then succeed
    /// wherever that is possible
    #[arg(long, value_name = "FILE", conflicts_with = "seed")]
    answers: Option<PathBuf>,
    /// Vary only the first N answers of a run
    #[arg(long, value_name = "N", requires = "every", default_value_t = 64)]
    depth: usize,
    /// Stop the search after N runs
    #[arg(long, value_name = "N", requires = "every", default_value = "10000")]
    #[arg(value_parser = number::<u64>)]
    runs: u64,
    /// Stop the search after this time
    #[arg(long, value_name = "TIME", requires = "every")]
    max_time: Option<Time>,
    /// After a search that was stopped, make N runs with answers drawn at random
    #[arg(long, value_name = "N", requires = "every", default_value_t = 100)]
    samples: u64,
    /// A client that has not ended after this time hangs
    #[arg(long, value_name = "TIME", default_value = "10s")]
    deadline: Time,
    /// A client that repeats a call after N failures without a success storms
    #[arg(long, value_name = "N", default_value_t = 50)]
    max_retries: u64,
    /// Accept only these exit statuses of the client [default: any]
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    expect_exit: Vec<i32>,
    /// The shim [default: libmapi_logon.so, for Windows programs mapi32.dll, beside this program,
    /// else in adapters/build]
    #[arg(long, value_name = "FILE")]
    shim: Option<PathBuf>,
    /// Load the shim before every library of the client, by LD_PRELOAD
    #[arg(long)]
    preload: bool,
    /// Run a Windows program in this Wine prefix, with mapi32.dll beside the program [default: an
    /// empty prefix, removed at the end]
    #[arg(long, value_name = "DIR", conflicts_with = "preload")]
    wine_prefix: Option<PathBuf>,
    /// Run a Windows program with Wine's own mapi32.dll, and the shim registered behind it
    #[arg(long, conflicts_with_all = ["preload", "wine_prefix"])]
    dll_path_ex: bool,
    /// Write the answers that led to each finding to this folder
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
    /// Write a page about each finding to this folder, with the recording of its run
    #[arg(long, value_name = "DIR")]
    html: Option<PathBuf>,
    /// Play the times of the scenario and its outages, each multiplied by this factor
    #[arg(long, value_name = "FACTOR", conflicts_with = "every", value_parser = factor)]
    timing: Option<f64>,
    /// Give the client standard input and output; write the verdict to standard error
    #[arg(long, requires = "client", conflicts_with = "every")]
    pass_through: bool,
    #[command(flatten)]
    reports: Reports,
    /// Write the verdict as text or as JSON
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

fn factor(text: &str) -> Result<f64, String> {
    let factor = text.parse().ok().filter(|factor: &f64| factor.is_finite() && *factor > 0.0);
    factor.ok_or_else(|| "a number over 0 is needed, such as 0.01".to_owned())
}

/// What the runs came to.
#[derive(Debug, Default)]
struct Tally {
    result: ImpersonateResult,
    nonsense: Option<String>,
}

/// Plays the subsystem of a client.
///
/// # Errors
/// When the scenario, the client, the shim or a file is not usable.
pub(super) fn run(subject: &Subject, args: &ClientArgs, seed: Option<u64>) -> Result<Exit> {
    let loaded = builtin::load(subject)?;
    Outputs::check(args.reports.paths())?;
    let (launch, answers) = (args.launch()?, args.answers()?);
    for folder in args.record.iter().chain(&args.html) {
        fs::create_dir_all(folder).with_context(|| format!("cannot write {}", text_of(folder)))?;
    }
    let mut scenario = loaded.scenario.clone();
    if args.timing.is_some() && scenario.load.is_some() {
        // Outages decide, however many there are.
        scenario.faults.budget = Budget::Unlimited;
    }
    let pace = args.timing.map(|factor| Pace::new(&scenario, factor, seed.unwrap_or(1)));
    let stage = Stage::new(opened(scenario), args.max_retries).paced(pace);
    let server = Server::listen(stage).context("cannot listen on a loopback port")?;
    let stop = interrupt::listen()?;
    let plan = match (answers, seed) {
        (Some(answers), _) => Plan::given(answers),
        (None, Some(seed)) => Plan::drawn(seed, 0),
        (None, None) => Plan::given(Vec::new()),
    };
    let mut tally = Tally::default();
    tally.result.scenario = loaded.name;
    tally.result.policy.clone_from(&subject.policy);
    tally.result.client.clone_from(&args.client);
    tally.result.seed = seed;
    if args.client.is_empty() {
        tally.add(&listen(&server, &launch, plan, stop), None);
    } else if args.every {
        args.search(&server, &launch, stop, &mut tally)?;
    } else {
        match launch.run(&server, plan, stop) {
            Ok(report) => tally.add(&report, None),
            Err(trouble) => tally.troubled(trouble)?,
        }
    }
    if let Some(line) = tally.nonsense {
        output::complain(&format!("error: the shim sent a line that is no message: {line:?}"));
        return Ok(Exit::BrokenProtocol);
    }
    args.conclude(subject, &loaded.scenario, seed, tally.result)
}

/// Answers whoever calls with the token, until the user ends it.
fn listen(server: &Server, launch: &Launch, plan: Plan, stop: &AtomicBool) -> Report {
    output::complain("Set these variables for the client, then end with Ctrl-C:");
    for (name, value) in server.begin(plan).into_iter().chain(launch.variables()) {
        output::complain(&format!("export {name}={}", quoted(&value)));
    }
    while !stop.swap(false, Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(20));
    }
    server.end(Ending::Status(0), &[])
}

impl Tally {
    fn add(&mut self, report: &Report, coverage: Option<Coverage>) {
        let result = &mut self.result;
        result.runs += 1;
        result.calls += report.calls;
        result.most_processes = result.most_processes.max(report.processes);
        result.most_threads = result.most_threads.max(report.threads);
        result.every = coverage.or(result.every);
        result.departed = result.departed.or(report.departed);
        for what in &report.unmodelled {
            if !result.unmodelled.contains(what) {
                result.unmodelled.push(what.clone());
            }
        }
        match &report.stop {
            Some(Stop::Nonsense(line)) => self.nonsense = Some(line.clone()),
            Some(Stop::Blocked) => result.blocked += 1,
            Some(Stop::Storm) | None => {}
        }
        collect(&mut result.findings, &report.seen, &report.answered);
    }

    fn troubled(&mut self, trouble: Trouble) -> Result<()> {
        match trouble {
            Trouble::Start(why) => bail!(why),
            Trouble::Interrupted => self.result.interrupted = true,
        }
        Ok(())
    }
}

impl ClientArgs {
    fn launch(&self) -> Result<Launch> {
        let program = self.client.first().map(Path::new).or(self.shim.as_deref());
        let dll = cfg!(windows) || program.is_some_and(is_windows);
        let wine = dll && !cfg!(windows);
        let (registered, prefix) = (self.dll_path_ex, self.wine_prefix.is_some());
        for (given, option, fits, kind, other) in [
            (registered, "--dll-path-ex", wine, "a Windows program under Wine", "--preload"),
            (prefix, "--wine-prefix", wine, "a Windows program under Wine", "--preload"),
            (self.preload, "--preload", !dll, "a native client", "--dll-path-ex"),
        ] {
            if given && !fits {
                bail!("{option} is for {kind}: leave it out, or use {other}");
            }
        }
        let (name, target) =
            if dll { ("mapi32.dll", "windows") } else { ("libmapi_logon.so", "clients") };
        let own = std::env::current_exe();
        let beside = own.ok().map(|own| own.with_file_name(name));
        let built = Path::new("adapters/build").join(name);
        let mut usual = beside.into_iter().chain([built]);
        let shim = self.shim.clone().or_else(|| usual.find(|one| one.exists()));
        let shim = shim.with_context(|| {
            format!(
                "there is no {name} beside this program or in adapters/build; build it with \
                 `make -C adapters {target}` and name it with --shim FILE",
            )
        })?;
        let shim = shim.canonicalize().with_context(|| format!("shim {}", text_of(&shim)))?;
        let way = match &self.wine_prefix {
            Some(prefix) if wine => {
                let wine = Wine::of(prefix, &shim);
                Way::Wine(wine.with_context(|| format!("Wine prefix {}", text_of(prefix)))?)
            }
            None if wine => {
                let wine = Wine::new(&shim, self.dll_path_ex);
                Way::Wine(wine.context("cannot make a Wine prefix")?)
            }
            Some(_) | None if self.preload => Way::Preloaded(shim),
            Some(_) | None => Way::Found(shim),
        };
        Ok(Launch {
            words: self.client.clone(),
            way,
            deadline: self.deadline.into(),
            expected: self.expect_exit.clone(),
            output: match (self.every, self.pass_through) {
                (true, _) => ClientOutput::Hidden,
                (false, false) => ClientOutput::Shown,
                (false, true) => ClientOutput::PassedThrough,
            },
        })
    }

    fn answers(&self) -> Result<Option<Vec<Answered>>> {
        let Some(path) = &self.answers else { return Ok(None) };
        let shown = text_of(path);
        let text = fs::read_to_string(path).with_context(|| format!("{shown}: cannot be read"))?;
        if text.starts_with('[') {
            let read = serde_json::from_str(&text);
            return read.map(Some).with_context(|| format!("{shown}: not a file of answers"));
        }
        let recording = if Reader::new(text.as_bytes()).is_ok() {
            let wrong = |error| anyhow!("{shown}:{error}");
            let (replay, lines) = follow_far(text.as_bytes()).map_err(wrong)?;
            let world = world(&replay.header).map_err(|reason| anyhow!("{shown}: {reason}"))?;
            let mut whole = Recording::default();
            for event in recording::recording(&lines, &world) {
                whole.push(event).map_err(|error| anyhow!("{shown}: {error}"))?;
            }
            whole
        } else {
            let read = Recording::read(text.as_bytes());
            read.map_err(|error| anyhow!("{shown}:{error}: no answers, recording or trace"))?
        };
        Ok(Some(answers(&recording.events)))
    }

    /// Runs the client for every sequence of answers.
    fn search(
        &self,
        server: &Server,
        launch: &Launch,
        stop: &AtomicBool,
        tally: &mut Tally,
    ) -> Result<()> {
        let mut search = Search::new(Bounds {
            depth: self.depth,
            runs: self.runs,
            time: self.max_time.map(Duration::from),
            samples: self.samples,
            seed: 1,
        });
        let progress = ProgressLine::begin();
        while let Some(plan) = search.plan() {
            match launch.run(server, plan, stop) {
                Ok(report) => {
                    search.learn(&report);
                    let mut coverage = Coverage::from(search.tried());
                    coverage.complete &= !server.is_incomplete();
                    tally.add(&report, Some(coverage));
                }
                Err(trouble) => tally.troubled(trouble)?,
            }
            // A client that never calls has one run, and one that is interrupted no more.
            if tally.result.interrupted || tally.nonsense.is_some() || tally.result.calls == 0 {
                break;
            }
            progress.say(&count(tally.result.runs, "run"));
        }
        progress.end();
        if let Some(every) = &mut tally.result.every {
            *every = Coverage::from(search.tried());
            every.complete &= !server.is_incomplete() && !tally.result.interrupted;
        }
        Ok(())
    }
}
