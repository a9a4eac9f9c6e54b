//! Partial-order reduction: in a state in which the steps of one actor are independent of all that
//! the others may do before it moves, only those are taken (`docs/engine.md`, "Reduction").

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use crate::cache::reduction::{Knowledge, Pair, grown};
use crate::cache::steps::NO_INTENT;
use crate::cache::{Cached, Tally, Worker};
use crate::check::check;
use crate::clock::Clock;
use crate::error::Error;
use crate::marks::Marks;
use crate::modular::Modular;
use crate::options::{Limits, Options};
use crate::report::{End, Reduction, Report};

/// A reduced search.
#[derive(Debug)]
pub struct Reduced {
    /// What it found. Invariants are decided as without reduction, and so is progress to which all
    /// actors are fair; runs need not be shortest.
    pub report: Report,
    /// The witnesses that it may have missed.
    pub overlooked: Marks,
    /// How many times it explored, the last time with all choices right.
    pub runs: u32,
}

/// Why nothing may be left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Obstacle {
    /// The system cannot be numbered in so few words.
    Outgrown,
    /// The system is not fit for it, for this reason.
    Unsuitable(&'static str),
}

/// The most renamings of a state: as many of its images are looked at.
const MOST_RENAMINGS: usize = 5_040;

/// What a worker has asked of the tables of this run.
#[derive(Default)]
pub(super) struct Choices {
    /// For each level, intent, actor, and part of that, whether they are independent.
    known: Vec<Vec<Vec<Vec<Option<bool>>>>>,
}

impl<M: Modular, const W: usize> Cached<M, W> {
    /// The actor whose steps are enough in the state at hand, if there is one.
    pub(super) fn choose(&self, worker: &mut Worker<M, W>) -> Option<usize> {
        let knowledge = self.knowledge.as_ref()?;
        let actors = worker.parts.len() - 1;
        worker.sites.learn(&self.numbers, &worker.parts);
        let level = self.level(worker.sites.common(&worker.parts));
        (0..actors).find(|actor| {
            let list = self.look_up(worker, *actor);
            let intent = worker.steps.intent(list);
            let mut others = (0..actors).filter(|other| other != actor);
            intent != NO_INTENT
                && others.all(|other| {
                    let pair = (intent, other, worker.parts[other], level);
                    let known = worker.choices.of(pair);
                    *known.get_or_insert_with(|| {
                        let independent =
                            knowledge.is_independent(&self.system, &self.numbers, pair);
                        self.halt_if_hindered(knowledge);
                        independent
                    })
                })
        })
    }

    /// Ends the run if nothing may be left out.
    pub(super) fn halt_if_hindered(&self, knowledge: &Knowledge<M>) {
        if knowledge.obstacle().is_some() {
            self.outgrown.store(true, Relaxed);
        }
    }

    /// The level of a common part.
    pub(super) fn level(&self, common: u128) -> u32 {
        let mask = self.system.waning();
        let level = (common & mask).checked_shr(mask.trailing_zeros());
        level.and_then(|level| u32::try_from(level).ok()).unwrap_or_default()
    }
}

impl Choices {
    fn of(&mut self, (intent, other, part, level): Pair) -> &mut Option<bool> {
        let intents = grown(&mut self.known, level as usize);
        let others = grown(intents, intent as usize);
        grown(grown(others, other), part as usize)
    }
}

/// Explores a modular system, its states in `W` words, leaving out steps that lead to no other
/// verdict on invariants: again and again, until all it relied on was right.
///
/// Or says why nothing may be left out.
///
/// # Errors
/// As [`check`].
pub fn check_reduced<M: Modular, const W: usize>(
    system: M,
    tally: Tally,
    options: &Options<'_>,
) -> Result<Result<Reduced, Obstacle>, Error> {
    let start = Clock::start();
    let Some(cached) = Cached::<M, W>::new(system, tally) else {
        return Ok(Err(Obstacle::Outgrown));
    };
    if cached.system.exchange().is_some_and(|exchange| exchange.renamings() > MOST_RENAMINGS) {
        return Ok(Err(Obstacle::Unsuitable("clients can be exchanged in too many ways")));
    }
    let knowledge = Knowledge::of(&cached.system);
    let cached = Cached { knowledge: Some(knowledge), ..cached };
    let mut runs = 0;
    while let Some(knowledge) = &cached.knowledge {
        runs += 1;
        let left = |time: Duration| time.saturating_sub(start.elapsed());
        let limits = Limits { time: options.limits.time.map(left), ..options.limits };
        let report = check(&cached, &Options { limits, ..options.clone() });
        // A run that was ended so may have failed on its way out.
        if let Some(reason) = knowledge.obstacle() {
            return Ok(Err(Obstacle::Unsuitable(reason)));
        }
        if cached.has_outgrown() {
            break;
        }
        let mut report = report?;
        let complete = report.end == End::Complete;
        if !complete || knowledge.settle(&cached.system, &cached.numbers) {
            cached.translate(&mut report);
            report.reduction = Reduction::Done;
            report.cost.seconds = start.elapsed().as_secs_f64();
            if !complete {
                report.checked = 0;
            }
            return Ok(Ok(Reduced { report, overlooked: knowledge.overlooked(), runs }));
        }
    }
    Ok(Err(Obstacle::Outgrown))
}
