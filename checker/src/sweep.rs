//! Sweep-line search: states are forgotten once all states of their measure are known.
//!
//! Every step increases the measure of its state. So when all states of a lesser measure have been
//! expanded, the list of the least measure is complete: it is sorted, freed of duplicates, expanded
//! and forgotten, and there is no visited set (Christensen, Kristensen, Mailund 2001). The states
//! of a measure are in one list per depth, which makes the least depth of every state known, and
//! with it all that a breadth-first search finds.

use crate::clock::Clock;
use crate::error::Error;
use crate::liveness::decide::decided;
use crate::options::{Limits, Options};
use crate::report::{Cost, End, Report, SweepLine};
use crate::search::conclude::report;
use crate::search::control::Control;
use crate::search::search_stats::SearchStats;
use crate::sweep::disk::Disk;
use crate::sweep::found::{add, merge};
use crate::sweep::front::{Front, Turn};
use crate::sweep::journal::{Journal, Record};
use crate::sweep::judge::Judge;
use crate::sweep::runs::{Levels, runs};
use crate::system::TransitionSystem;

mod disk;
mod found;
mod front;
mod journal;
mod judge;
mod lane;
mod latest;
mod lists;
mod merge;
mod rows;
mod runs;

/// The end of a sweep.
pub(crate) enum Swept {
    /// There is a report.
    Report(Box<Report>),
    /// States must be kept.
    Fallback(SweepLine),
}

/// A sweep in progress.
struct Sweep<'a, S: TransitionSystem> {
    system: &'a S,
    options: &'a Options<'a>,
    control: &'a Control<'a>,
    front: Front<'a, Judge<'a, S>>,
    stats: SearchStats,
    saved: Option<(&'a Journal, &'a Disk)>,
    /// The states that an earlier process expanded.
    before: Vec<lane::Past>,
}

/// Sweeps over all states with a number of workers.
pub(crate) fn sweep<S: TransitionSystem>(
    system: &S,
    options: &Options<'_>,
    workers: usize,
) -> Result<Swept, Error> {
    if options.cluster.as_ref().is_some_and(|cluster| cluster.hosts.len() > 1) {
        let message = "a sweep needs all lists in one process: leave out the other processes";
        return Err(Error::Cluster(message.into()));
    }
    if !is_measured(system) {
        return Ok(Swept::Fallback(SweepLine::Unmeasured));
    }
    let (journal, record) = match &options.checkpoints {
        None => (None, None),
        Some(checkpoints) => match Journal::open(system, checkpoints)? {
            None => return Ok(Swept::Fallback(SweepLine::Descended)),
            Some((journal, record)) => (Some(journal), record),
        },
    };
    let disk = journal.as_ref().map(|journal| journal.disk(record.as_ref()));
    // How many states there are is known after a measure, and more bytes go to disk.
    let bytes = options.limits.bytes.filter(|_| disk.is_none());
    let limits = Limits { states: None, bytes, ..options.limits };
    let limited = Options { limits, ..options.clone() };
    let control = Control::new(&limited, workers);
    let resumed = record.as_ref().map(|record| record.stats.depth());
    let Record { stats, waiting, past, .. } = record.unwrap_or_default();
    let most = options.limits.bytes.and_then(|bytes| usize::try_from(bytes).ok());
    let spill = disk.as_ref().map(|disk| (disk, most.unwrap_or(usize::MAX)));
    let judges = (0..workers).map(|_| Judge::new(system, &control)).collect();
    let mut sweep = Sweep {
        system,
        options,
        control: &control,
        front: Front::new(system.words(), judges, spill, waiting),
        stats,
        saved: journal.as_ref().zip(disk.as_ref()),
        before: past,
    };
    let end = sweep.explore(resumed.is_some())?;
    let report = match end {
        Some(end) => Some(sweep.conclude(end, resumed)?),
        None => None,
    };
    drop(sweep);
    if let (None, Some(journal), Some(disk)) = (&report, journal, &disk) {
        journal.discard(disk)?;
    }
    let fallback = Swept::Fallback(SweepLine::Descended);
    Ok(report.map_or(fallback, |report| Swept::Report(Box::new(report))))
}

/// Does the system know a measure?
fn is_measured<S: TransitionSystem>(system: &S) -> bool {
    let (mut scratch, mut measured) = (system.scratch(), true);
    system.initial(&mut |state, _| measured &= system.measure(&mut scratch, state).is_some());
    measured
}

impl<S: TransitionSystem> Sweep<'_, S> {
    /// Expands measure by measure until nothing waits, or there is a reason to stop; none if a step
    /// does not increase the measure.
    fn explore(&mut self, resumed: bool) -> Result<Option<End>, Error> {
        if !resumed && let Some((lane, judge)) = self.front.lanes.first_mut() {
            judge.initial(lane);
            let (found, counts) = judge.end();
            merge(self.system, &mut self.stats, found);
            add(&mut self.stats, counts);
        }
        let every = self.options.checkpoints.as_ref().map(|checkpoints| checkpoints.every);
        let mut clock = Clock::start();
        let end = loop {
            let Some(mut turn) = self.front.next() else {
                break End::Complete;
            };
            if let Some(end) = self.limit(&mut turn)? {
                self.front.put_back(turn);
                break end;
            }
            self.control.begin(self.stats.depth(), self.front.states() + turn.states, None);
            self.front.lanes.iter_mut().for_each(|(_, judge)| judge.begin(&self.stats));
            let whole = self.front.run(turn)?;
            if self.front.lanes.iter().any(|(_, judge)| judge.descended) {
                return Ok(None);
            }
            for (_, judge) in &mut self.front.lanes {
                let (found, counts) = judge.end();
                merge(self.system, &mut self.stats, found);
                if whole {
                    add(&mut self.stats, counts);
                }
            }
            if !whole {
                let ended = self.control.halt().or(self.control.full());
                break ended.unwrap_or(End::Interrupted);
            }
            if every.is_some_and(|every| clock.elapsed() >= every) {
                self.save()?;
                clock = Clock::start();
            }
        };
        self.save()?;
        Ok(Some(end))
    }

    /// Why the next measure may not have its turn, if so.
    fn limit(&mut self, turn: &mut Turn) -> Result<Option<End>, Error> {
        let halted = self.control.check();
        if halted.is_some() {
            return Ok(halted);
        }
        let Some(most) = self.options.limits.states else {
            return Ok(None);
        };
        let left = most.saturating_sub(self.stats.states());
        let fits = turn.states <= left || self.front.count(turn)? <= left;
        Ok((!fits).then_some(End::States))
    }

    /// Makes sure that the sweep can be resumed from here.
    fn save(&mut self) -> Result<(), Error> {
        let Some((journal, disk)) = self.saved else {
            return Ok(());
        };
        self.front.spill()?;
        let record = Record {
            stats: self.stats.clone(),
            waiting: self.front.waiting().cloned().collect(),
            past: self.past(),
            codebook: self.system.codebook(),
            ..Record::default()
        };
        journal.write(disk, record)
    }

    /// The states that were expanded, where they are kept on disk.
    fn past(&self) -> Vec<lane::Past> {
        self.before.iter().chain(self.front.past()).cloned().collect()
    }

    /// The report.
    fn conclude(&mut self, end: End, resumed: Option<u32>) -> Result<Report, Error> {
        let (complete, seconds) = (end == End::Complete, self.control.seconds());
        // Every state nearer than those that wait has been expanded.
        let levels = u32::try_from(self.stats.levels.len()).unwrap_or(u32::MAX);
        self.stats.expanded = self.front.nearest().unwrap_or(levels);
        let cycles = if complete { decided(self.system, &self.stats) } else { Vec::new() };
        let sum = |bytes: fn(&Judge<'_, S>) -> usize| {
            self.front.lanes.iter().map(|(_, judge)| bytes(judge) as u64).sum()
        };
        let (peak, lists) = (sum(|judge| judge.peak), sum(|judge| judge.lists));
        let workers = self.front.lanes.len();
        let levels = match self.saved {
            Some((_, disk)) => Levels::Disk(disk, self.past()),
            None => Levels::again(self.stats.levels.iter().map(|it| it.states).collect(), lists),
        };
        let found = (&self.stats, complete, cycles);
        let found = report(self.system, self.options, found, |goals| {
            runs(self.system, workers, levels, goals)
        })?;
        let cost = Cost { workers, seconds, resumed, bytes: peak, lists: Some(lists) };
        Ok(Report { end, cost, sweep_line: Some(SweepLine::Used), ..found })
    }
}
