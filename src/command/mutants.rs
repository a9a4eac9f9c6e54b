//! `mapi-logon mutants`: wrong variants of the machine, and which property kills each.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use anyhow::Result;
use clap::ValueEnum;
use mapi_logon_model::mutant::Mutation;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::suggest;

use crate::arguments::{CommandLine, Subject};
use crate::builtin::{self, SCENARIOS};
use crate::exit::Exit;
use crate::interrupt;
use crate::mutants::{Ground, Tried, attempt};
use crate::output;
use crate::outputs::Outputs;
use crate::progress::ProgressLine;
use crate::quantity::{number, positive};
use crate::render::json::pretty;
use crate::render::mutated::Mutants;
use crate::render::text::{Paint, count};
use crate::reports::Reports;
use crate::size::resized;

/// Arguments of `mutants`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Try mutants in these scenario files or built-in scenarios instead of a set
    #[arg(value_name = "SCENARIO")]
    names: Vec<String>,
    /// Try mutants in this set of built-in scenarios
    #[arg(long, value_enum, default_value_t, conflicts_with = "names")]
    scenarios: Set,
    /// Try only this mutant; may be repeated
    #[arg(long = "mutant", value_name = "ID", value_parser = mutation)]
    mutations: Vec<Mutation>,
    /// Stop exploring a mutant in a scenario after N states
    #[arg(long, value_name = "N", default_value_t = MAX_STATES, value_parser = number::<u64>)]
    max_states: u64,
    /// Try N mutants at a time [default: one per core]
    #[arg(long, value_name = "N", value_parser = positive::<NonZeroUsize>)]
    workers: Option<NonZeroUsize>,
    #[command(flatten)]
    reports: Reports,
    /// Write the result as text, as JSON or as the page docs/mutants.md
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// States of a mutant in one scenario that are explored by default.
const MAX_STATES: u64 = 5_000_000;

/// The form of the result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text for people
    #[default]
    Human,
    /// JSON for programs
    Json,
    /// The page docs/mutants.md
    Markdown,
}

/// A set of built-in scenarios.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Set {
    /// All but retry-storm; anyone with one client and without faults
    #[default]
    Default,
    /// All, as they are
    All,
}

/// Tries mutants.
///
/// # Errors
/// When a scenario is not usable, it cannot be explored, or the result not be written.
pub fn run(args: &Args) -> Result<Exit> {
    Outputs::check(args.reports.paths())?;
    let stop = interrupt::listen()?;
    let progress = ProgressLine::begin();
    let grounds = args.grounds(progress, stop);
    let Some(grounds) = grounds.inspect_err(|_| progress.end())? else {
        let stopped = stop.load(Ordering::Relaxed);
        return Ok(if stopped { Exit::Interrupted } else { Exit::Inconclusive });
    };
    let mutations = args.mutations();
    let tried = args.attempt_all(&mutations, &grounds, progress, stop);
    progress.end();
    let tried = tried?;
    let complete = tried.len() == mutations.len();
    let whole = args.mutations.is_empty();
    let result = Mutants::of(&tried, &grounds, whole && complete);
    let repeat = args.repeat().to_string();
    let mut outputs = Outputs::default();
    args.reports.add_to(&mut outputs, "mutants", &repeat, &result.cases())?;
    match args.format {
        Format::Human => output::print(&(result.text(Paint::for_output()) + "\n" + &repeat + "\n")),
        Format::Json => output::print_json(&pretty(&result)?),
        Format::Markdown => output::print_document(&result.page()),
    }?;
    outputs.write()?;
    Ok(if !complete {
        Exit::Interrupted
    } else if result.agrees() {
        Exit::Good
    } else {
        Exit::Finding
    })
}

impl Args {
    /// The command that gives the same result.
    fn repeat(&self) -> CommandLine {
        let all = (self.scenarios == Set::All).then_some("all");
        let line =
            self.names.iter().fold(CommandLine::new("mutants"), |line, name| line.word(name));
        line.option("--scenarios", all)
            .option("--mutant", self.mutations.iter().map(|one| one.id()))
            .option("--max-states", (self.max_states != MAX_STATES).then_some(self.max_states))
    }

    /// The mutants asked for, or all.
    fn mutations(&self) -> Vec<Mutation> {
        if self.mutations.is_empty() { Mutation::all().collect() } else { self.mutations.clone() }
    }

    /// The scenarios asked for, explored, the smallest first; nothing if a limit or an interrupt
    /// ends that.
    fn grounds(&self, progress: ProgressLine, stop: &AtomicBool) -> Result<Option<Vec<Ground>>> {
        let mut grounds = Vec::new();
        for (name, scenario) in self.chosen()? {
            progress.say(&format!("the machine in {name}"));
            let Some(ground) = Ground::explore(name.clone(), scenario, self.max_states, stop)?
            else {
                progress.end();
                let most = count(self.max_states, "state");
                let limit = format!("{name} has more than {most}; raise --max-states");
                let stopped = stop.load(Ordering::Relaxed);
                let why = if stopped { "interrupted" } else { &limit };
                output::complain(&format!("nothing was tried: {why}"));
                return Ok(None);
            };
            grounds.push(ground);
        }
        grounds.sort_by_key(Ground::states);
        Ok(Some(grounds))
    }

    fn chosen(&self) -> Result<Vec<(String, Scenario)>> {
        if !self.names.is_empty() {
            let load = |name: &String| {
                let subject = Subject { scenario: name.clone(), ..Subject::default() };
                builtin::load_active(&subject).map(|loaded| (loaded.name, loaded.scenario))
            };
            return self.names.iter().map(load).collect();
        }
        let mut chosen = Vec::new();
        for (name, text) in SCENARIOS {
            let scenario = Scenario::parse(text)?;
            let scenario = match (self.scenarios, *name) {
                (Set::Default, "retry-storm") => continue,
                (Set::Default, "anyone") => resized(scenario, Some(1), Some(0))?,
                (Set::Default | Set::All, _) => scenario,
            };
            chosen.push(((*name).to_owned(), scenario));
        }
        Ok(chosen)
    }

    /// What becomes of the mutants, in order; of those tried before an interrupt.
    fn attempt_all(
        &self,
        mutations: &[Mutation],
        grounds: &[Ground],
        progress: ProgressLine,
        stop: &AtomicBool,
    ) -> Result<Vec<Tried>> {
        let cores = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let workers = self.workers.unwrap_or_else(cores).get();
        let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let work = || -> Result<()> {
            while let Some((at, mutation)) = claim(&next, mutations) {
                let Some(tried) = attempt(mutation, grounds, self.max_states, stop)? else {
                    return Ok(());
                };
                let mut done = done.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                done.push((at, tried));
                progress.say(&format!("{} of {} mutants", done.len(), mutations.len()));
            }
            Ok(())
        };
        thread::scope(|scope| {
            let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            let join = |thread: thread::ScopedJoinHandle<'_, Result<()>>| match thread.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            threads.into_iter().try_for_each(join)
        })?;
        let mut done = done.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        done.sort_by_key(|(at, _)| *at);
        Ok(done.into_iter().map(|(_, tried)| tried).collect())
    }
}

/// The next mutant that nobody tries yet.
fn claim(next: &AtomicUsize, mutations: &[Mutation]) -> Option<(usize, Mutation)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    mutations.get(at).map(|mutation| (at, *mutation))
}

/// Reads the id of a mutant.
fn mutation(written: &str) -> Result<Mutation, String> {
    Mutation::named(written).ok_or_else(|| {
        let ids: Vec<String> = Mutation::all().map(Mutation::id).collect();
        let hint = suggest::hint(written, ids.iter().map(String::as_str));
        format!("no mutant is called `{written}`{hint}")
    })
}
