//! Many random runs, in any number of threads, counted as if there were one.
//!
//! Every run has its own streams of chance, so it does not matter who makes it. Runs are made in
//! batches, batches are added up in their order, and nothing behind the first batch with a run that
//! breaks a property is counted: the report is the same however many threads there are.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use mapi_logon_model::machine::Model;
use mapi_logon_model::property::PropertySet;
use mapi_logon_model::protocol::Action;
use mapi_logon_model::scenario::Scenario;

use crate::random::{Purpose, Stream};
use crate::run::{RunEnd, Runner};
use crate::swarm::vary;
use crate::tally::Tally;

/// Runs of one batch.
const BATCH: u64 = 256;

/// Which runs are made, and how.
pub struct Plan<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Makes a model of a scenario, perhaps a wrong one.
    pub build: &'a (dyn Fn(Scenario) -> Model + Sync),
    /// The seed of all random numbers.
    pub seed: u64,
    /// The number of the first run.
    pub first: u64,
    /// How many runs.
    pub runs: u64,
    /// Most steps of a run.
    pub steps: u64,
    /// Draw a variation of the scenario for each run.
    pub swarm: bool,
    /// Judge every step.
    pub judging: bool,
    /// How many threads make runs.
    pub threads: NonZeroUsize,
    /// Set to end early.
    pub stop: &'a AtomicBool,
    /// Called after every batch with the number of runs counted.
    pub watch: Option<&'a (dyn Fn(u64) + Sync)>,
}

/// What the runs showed.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// Counts, of every run up to the failing one.
    pub tally: Tally,
    /// The first run that broke a property.
    pub failure: Option<Failure>,
    /// Runs were left out because `stop` was set.
    pub interrupted: bool,
}

/// A run that broke a property.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Its number.
    pub run: u64,
    /// The scenario, or the variation of it, that was run.
    pub scenario: Scenario,
    /// What was done; the last action broke the property.
    pub actions: Vec<Action>,
    /// What was broken.
    pub broken: PropertySet,
}

/// What a batch of runs showed, or all batches so far.
#[derive(Default)]
struct Batch {
    tally: Tally,
    failure: Option<Failure>,
}

/// Batches that wait for earlier ones, and the sum of those that do not.
#[derive(Default)]
struct Sum {
    next: u64,
    waiting: BTreeMap<u64, Batch>,
    total: Batch,
}

/// Makes the runs of a plan.
#[must_use]
pub fn simulate(plan: &Plan<'_>) -> Simulation {
    let next = AtomicU64::new(0);
    let sum = Mutex::new(Sum::default());
    thread::scope(|scope| {
        for _ in 1..plan.threads.get() {
            scope.spawn(|| work(plan, &next, &sum));
        }
        work(plan, &next, &sum);
    });
    let sum = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
    let Batch { tally, failure } = sum.total;
    let interrupted = failure.is_none() && tally.runs < plan.runs;
    Simulation { tally, failure, interrupted }
}

/// Makes batches until none are left.
fn work(plan: &Plan<'_>, next: &AtomicU64, sum: &Mutex<Sum>) {
    let model = (plan.build)(plan.scenario.clone());
    let mut runner = Runner::new(&model, plan.judging);
    if !plan.swarm {
        runner = runner.remembering();
    }
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let from = number.saturating_mul(BATCH);
        if from >= plan.runs {
            return;
        }
        let to = from.saturating_add(BATCH).min(plan.runs);
        let Some(batch) = make(plan, &mut runner, from, to) else {
            return;
        };
        let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
        sum.add(number, batch);
        if let Some(watch) = plan.watch {
            watch(sum.total.tally.runs);
        }
        if sum.total.failure.is_some() {
            return;
        }
    }
}

/// Makes a batch, up to its first failure, unless `stop` is set.
fn make(plan: &Plan<'_>, runner: &mut Runner<'_>, from: u64, to: u64) -> Option<Batch> {
    let mut batch = Batch::default();
    for offset in from..to {
        if plan.stop.load(Ordering::Relaxed) {
            return None;
        }
        let run = plan.first.wrapping_add(offset);
        let tally = &mut batch.tally;
        batch.failure = if plan.swarm {
            let mut chance = Stream::new(plan.seed, Purpose::Swarm, run);
            let model = (plan.build)(vary(plan.scenario, &mut chance));
            make_one(plan, &mut Runner::new(&model, plan.judging), run, tally)
        } else {
            make_one(plan, runner, run, tally)
        };
        if batch.failure.is_some() {
            break;
        }
    }
    Some(batch)
}

fn make_one(
    plan: &Plan<'_>,
    runner: &mut Runner<'_>,
    run: u64,
    tally: &mut Tally,
) -> Option<Failure> {
    let mut chance = Stream::new(plan.seed, Purpose::Choices, run);
    let end = runner.run(run, &mut chance, plan.steps, tally);
    (end == RunEnd::Broken).then(|| Failure {
        run,
        scenario: runner.model().scenario().clone(),
        actions: runner.path().to_vec(),
        broken: runner.broken(),
    })
}

impl Sum {
    /// Adds a batch when its turn comes.
    fn add(&mut self, number: u64, batch: Batch) {
        self.waiting.insert(number, batch);
        while self.total.failure.is_none()
            && let Some(batch) = self.waiting.remove(&self.next)
        {
            self.total.tally.add(&batch.tally);
            self.total.failure = batch.failure;
            self.next += 1;
        }
    }
}
