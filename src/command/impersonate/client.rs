//! A real client under the model: started with the shim in its way, answered, judged.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use mapi_logon_impersonate::answers::{Answered, Plan};
use mapi_logon_impersonate::conduct::Ending;
use mapi_logon_impersonate::every::{Bounds, Search};
use mapi_logon_impersonate::finding::collect;
use mapi_logon_impersonate::launch::{Launch, Trouble};
use mapi_logon_impersonate::server::Server;
use mapi_logon_impersonate::stage::{Report, Stage, Stop, opened};

use crate::arguments::{CommandLine, OutputFormat, Subject};
use crate::builtin;
use crate::exit::Exit;
use crate::interrupt;
use crate::output;
use crate::outputs::Outputs;
use crate::path::text_of;
use crate::progress::ProgressLine;
use crate::quantity::{Time, number};
use crate::render::impersonated::{Coverage, ImpersonateResult, answers_text, text};
use crate::render::json::pretty;
use crate::render::text::{Paint, count};
use crate::reports::{Case, CaseVerdict, Reports};

/// Arguments for a real client.
#[derive(Debug, clap::Args)]
pub(super) struct ClientArgs {
    /// The client and its arguments; without it, listen on a loopback port until Ctrl-C
    #[arg(last = true, value_name = "CLIENT")]
    client: Vec<String>,
    /// Run the client once for every sequence of answers that the model allows
    #[arg(long, conflicts_with_all = ["seed", "answers"], requires = "client")]
    every: bool,
    /// Give the answers of a file that a finding wrote, then succeed wherever that is possible
    #[arg(long, value_name = "FILE.json", conflicts_with = "seed")]
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
    /// The shim [default: libmapi_logon.so beside this program, else in adapters/build]
    #[arg(long, value_name = "FILE.so")]
    shim: Option<PathBuf>,
    /// Load the shim before every library of the client, by LD_PRELOAD
    #[arg(long)]
    preload: bool,
    /// Write the answers that led to each finding to this folder
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
    #[command(flatten)]
    reports: Reports,
    /// Write the verdict as text or as JSON
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
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
    if let Some(folder) = &args.record {
        fs::create_dir_all(folder).with_context(|| format!("cannot write {}", text_of(folder)))?;
    }
    let stage = Stage::new(opened(loaded.scenario), args.max_retries);
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
    args.conclude(subject, seed, tally.result)
}

/// Answers whoever calls with the token, until the user ends it.
fn listen(server: &Server, launch: &Launch, plan: Plan, stop: &AtomicBool) -> Report {
    let token = server.begin(plan);
    let port = server.port();
    output::complain("Set these variables for the client, then end with Ctrl-C:");
    output::complain(&format!("export MAPI_LOGON_PORT={port} MAPI_LOGON_TOKEN={token}"));
    for (name, value) in launch.variables() {
        output::complain(&format!("export {name}={value}"));
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
        let own = std::env::current_exe();
        let beside = own.ok().map(|own| own.with_file_name("libmapi_logon.so"));
        let built = PathBuf::from("adapters/build/libmapi_logon.so");
        let mut usual = beside.into_iter().chain([built]);
        let shim = self.shim.clone().or_else(|| usual.find(|one| one.exists()));
        let shim = shim.context(
            "there is no libmapi_logon.so beside this program or in adapters/build; build it with \
             `make -C adapters clients` and name it with --shim FILE.so",
        )?;
        let shim = shim.canonicalize().with_context(|| format!("shim {}", text_of(&shim)))?;
        Ok(Launch {
            words: self.client.clone(),
            shim,
            preload: self.preload,
            deadline: self.deadline.into(),
            expected: self.expect_exit.clone(),
            shown: !self.every,
        })
    }

    fn answers(&self) -> Result<Option<Vec<Answered>>> {
        let Some(path) = &self.answers else { return Ok(None) };
        let shown = text_of(path);
        let text = fs::read_to_string(path).with_context(|| format!("{shown}: cannot be read"))?;
        let read = serde_json::from_str(&text);
        read.map(Some).with_context(|| format!("{shown}: not a file of answers"))
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

    /// Shows and writes what was found.
    fn conclude(
        &self,
        subject: &Subject,
        seed: Option<u64>,
        mut result: ImpersonateResult,
    ) -> Result<Exit> {
        let whole = self.repeat(subject, seed);
        let mut outputs = Outputs::default();
        for finding in &mut result.findings {
            finding.repeat = whole.clone();
            if let Some(folder) = &self.record {
                let path = folder.join(format!("{}.json", finding.kind.name()));
                let line = self.line(subject).option("--answers", [text_of(&path)]);
                finding.repeat = self.client(line);
                outputs.add(Some(&path), || pretty(&finding.answers))?;
            }
        }
        let result = result.decided(subject.strict);
        self.format.show(|paint| text(&result, &whole, paint), || pretty(&result))?;
        self.reports.add_to(&mut outputs, "impersonate", &whole, &cases(&result))?;
        outputs.write()?;
        if result.calls == 0 && !result.interrupted && !self.client.is_empty() {
            output::complain(
                "error: the client made no MAPI call through the shim: it did not load it (try \
                 --preload, or link it with -lmapi_logon), or it never called",
            );
        }
        Ok(result.exit())
    }

    /// The command without what chooses the answers.
    fn line(&self, subject: &Subject) -> CommandLine {
        let usual = Duration::from_secs(10);
        let deadline = Some(self.deadline).filter(|one| Duration::from(*one) != usual);
        subject
            .repeat(CommandLine::new("impersonate"))
            .option("--deadline", deadline)
            .option("--max-retries", Some(self.max_retries).filter(|one| *one != 50))
            .option("--expect-exit", &self.expect_exit)
            .option("--shim", self.shim.as_ref().map(text_of))
            .flag("--preload", self.preload)
    }

    fn client(&self, line: CommandLine) -> String {
        let line = line.flag("--", !self.client.is_empty());
        self.client.iter().fold(line, |line, word| line.word(word)).to_string()
    }

    fn repeat(&self, subject: &Subject, seed: Option<u64>) -> String {
        let line = self
            .line(subject)
            .option("--seed", seed)
            .option("--answers", self.answers.as_ref().map(text_of))
            .flag("--every", self.every)
            .option("--depth", Some(self.depth).filter(|one| *one != 64))
            .option("--runs", Some(self.runs).filter(|one| *one != 10_000))
            .option("--max-time", self.max_time)
            .option("--samples", Some(self.samples).filter(|one| *one != 100));
        self.client(line)
    }
}

/// The findings as test cases.
fn cases(result: &ImpersonateResult) -> Vec<Case> {
    let found = result.findings.iter().map(|one| {
        let name = one.clause.clone().unwrap_or_else(|| one.kind.name().to_owned());
        let run = answers_text(&one.answers, Paint::none()) + &format!("{}\n", one.repeat);
        let verdict = if result.fails(one) {
            CaseVerdict::Failed(one.text.clone(), run)
        } else {
            CaseVerdict::Skipped(format!("advice not followed: {}", one.text))
        };
        Case { name, about: one.text.clone(), verdict, place: None }
    });
    let runs = Case {
        name: format!("{} runs", result.scenario),
        about: "The client ends, and leaves nothing behind, whatever it is answered.".to_owned(),
        verdict: if result.calls == 0 {
            CaseVerdict::Undecided("the client made no MAPI call".to_owned())
        } else {
            CaseVerdict::Passed
        },
        place: None,
    };
    found.chain([runs]).collect()
}
