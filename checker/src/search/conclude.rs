//! The conclusion of a search: liveness, runs, and the report.
//!
//! All workers conclude together, as runs are reconstructed from the states each of them owns, and
//! come to the same report.

use crate::error::Error;
use crate::liveness::decide::{Cycle, Cycles, decide, decided};
use crate::options::{Options, Paths};
use crate::report::{
    Cost, Decision, End, Example, Finding, Lasso, Path, PathStep, Reduction, Report,
};
use crate::search::control::Control;
use crate::search::level_stats::Hit;
use crate::search::paths::{Goal, paths};
use crate::search::search_stats::{LevelCounts, SearchStats};
use crate::search::worker::Explored;
use crate::system::{ClaimKind, TransitionSystem};

/// The report, on every worker.
pub(crate) fn conclude<S: TransitionSystem>(
    system: &S,
    options: &Options<'_>,
    control: &Control<'_>,
    explored: Explored,
) -> Result<Report, Error> {
    let seconds = control.seconds();
    let Explored { shard, mut dataflow, mut foreign, stats, resumed, end } = explored;
    let complete = end == End::Complete;
    let (cycles, stopped) = if !complete {
        (Vec::new(), None)
    } else if stats.descent.is_none() {
        (decided(system, &stats), None)
    } else if foreign.matters(system) {
        let message = "some step goes down in its order of states, so several processes must \
                       explore it without a cache";
        return Err(Error::Model(message.into()));
    } else {
        decide(system, &shard, &mut dataflow, control, stats.states())?
    };
    let (workers, bytes) = (dataflow.peers(), stats.bytes);
    let cost = Cost { workers, seconds, resumed, bytes, lists: None };
    let found = (&stats, complete, cycles);
    let report = report(system, options, found, |goals| {
        paths(system, &shard, (&mut dataflow, &mut foreign), goals)
    })?;
    let unsaved = control.unsaved().map(str::to_owned);
    Ok(Report { end: stopped.unwrap_or(end), unsaved, cost, ..report })
}

/// The report of what was found; `paths` reconstructs the runs to states.
pub(crate) fn report<S: TransitionSystem>(
    system: &S,
    options: &Options<'_>,
    (stats, complete, cycles): (&SearchStats, bool, Cycles),
    paths: impl FnOnce(&[Goal]) -> Result<Vec<Path>, Error>,
) -> Result<Report, Error> {
    let mut wanted = Wanted::default();
    let mut findings = wanted.findings(system, options.paths, stats, complete, cycles);
    let mut first_stuck = stats.stuck.as_ref().map(|(depth, state)| {
        wanted.run(options.paths != Paths::None, *depth, state, Use::Stuck);
        Example { depth: *depth, path: None }
    });
    let found = paths(&wanted.goals)?;
    wanted.place(found, &mut findings, &mut first_stuck);
    let sum = |count: fn(&LevelCounts) -> u64| stats.levels.iter().map(count).sum();
    Ok(Report {
        sweep_line: None,
        states: stats.states(),
        transitions: sum(|level| level.transitions),
        depth: stats.depth(),
        terminal: sum(|level| level.terminal),
        stuck: sum(|level| level.stuck),
        first_stuck,
        findings,
        end: End::Complete,
        checked: stats.expanded,
        missed: None,
        unsaved: None,
        levels: stats.levels.iter().map(|level| level.states).collect(),
        reduction: Reduction::Unasked,
        cost: Cost::default(),
    })
}

/// The states to which runs are wanted, and what for.
#[derive(Default)]
struct Wanted {
    goals: Vec<Goal>,
    uses: Vec<Use>,
}

/// What a run is wanted for.
enum Use {
    /// It shows this property when this step is added.
    Step(usize, PathStep),
    /// It shows this property.
    State(usize),
    /// It leads to the first stuck state.
    Stuck,
}

impl Wanted {
    /// The findings, still without runs.
    fn findings<S: TransitionSystem>(
        &mut self,
        system: &S,
        paths: Paths,
        stats: &SearchStats,
        complete: bool,
        cycles: Cycles,
    ) -> Vec<Finding> {
        let mut cycles = cycles.into_iter().peekable();
        let mut findings = Vec::new();
        for (at, property) in system.properties().into_iter().enumerate() {
            let cycle = cycles.next_if(|(of, _)| *of == at).map(|(_, cycle)| cycle);
            let verdict = match (property.kind, stats.hits.get(&at)) {
                (ClaimKind::Invariant, Some((depth, hit))) => {
                    Decision::Violated(self.example(at, *depth, hit, paths != Paths::None))
                }
                (ClaimKind::Witness, Some((depth, hit))) => {
                    Decision::Found(self.example(at, *depth, hit, paths == Paths::All))
                }
                (ClaimKind::Invariant, None) if complete => Decision::Holds,
                (ClaimKind::Witness, None) if complete => Decision::NotFound,
                (ClaimKind::Progress, _) => match cycle {
                    Some(Some(cycle)) => Decision::Starved(self.lasso(at, cycle, paths)),
                    Some(None) => Decision::Holds,
                    None => Decision::Undecided,
                },
                (ClaimKind::Invariant | ClaimKind::Witness, None) => Decision::Undecided,
            };
            findings.push(Finding { property, verdict, tested: stats.times_tested(at) });
        }
        findings
    }

    fn example(&mut self, at: usize, depth: u32, hit: &Hit, wanted: bool) -> Example {
        if depth == 0 {
            self.run(wanted, 0, &hit.target, Use::State(at));
        } else {
            let step = PathStep { action: hit.action, state: hit.target.clone() };
            self.run(wanted, depth - 1, &hit.source, Use::Step(at, step));
        }
        Example { depth, path: None }
    }

    fn lasso(&mut self, at: usize, cycle: Cycle, paths: Paths) -> Lasso {
        let wanted = paths != Paths::None;
        self.run(wanted, cycle.level, &cycle.state, Use::State(at));
        Lasso { depth: cycle.level, stem: None, loop_state: cycle.state, cycle: cycle.steps }
    }

    /// Adds the run to `state`, if it is wanted.
    fn run(&mut self, wanted: bool, depth: u32, state: &[u64], purpose: Use) {
        if wanted {
            self.goals.push((depth, state.to_vec()));
            self.uses.push(purpose);
        }
    }

    /// Puts each run where it is wanted.
    fn place(self, paths: Vec<Path>, findings: &mut [Finding], stuck: &mut Option<Example>) {
        for (purpose, mut path) in self.uses.into_iter().zip(paths) {
            match purpose {
                Use::Step(at, step) => {
                    path.steps.push(step);
                    set(&mut findings[at].verdict, path);
                }
                Use::State(at) => set(&mut findings[at].verdict, path),
                Use::Stuck => stuck.iter_mut().for_each(|stuck| stuck.path = Some(path.clone())),
            }
        }
    }
}

fn set(verdict: &mut Decision, path: Path) {
    match verdict {
        Decision::Violated(example) | Decision::Found(example) => example.path = Some(path),
        Decision::Starved(lasso) => lasso.stem = Some(path),
        Decision::Holds | Decision::NotFound | Decision::Undecided => {}
    }
}
