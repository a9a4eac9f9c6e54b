//! What follows from a search that has ended?
//!
//! All workers conclude together, since runs are reconstructed from the states each of them owns,
//! and come to the same report.

use crate::control::Control;
use crate::error::Error;
use crate::fabric::Fabric;
use crate::model::{Kind, Model};
use crate::options::{Options, Paths};
use crate::progress::{Cycle, Cycles, decide, decided};
use crate::report::{Cost, End, Example, Finding, Lasso, Path, Report, Step, Verdict};
use crate::shard::Shard;
use crate::tally::Hit;
use crate::totals::{Level, Totals};
use crate::trace::{Goal, trace};
use crate::worker::Explored;

/// The report, on every worker.
pub(crate) fn conclude<M: Model, F: Fabric>(
    model: &M,
    options: &Options<'_>,
    control: &Control<'_>,
    explored: Explored<F>,
) -> Result<Report, Error> {
    let seconds = control.seconds();
    let Explored { mut shard, mut fabric, totals, resumed, end } = explored;
    let complete = end == End::Complete;
    let (cycles, stopped) = if complete && !shard.compact() {
        match decided(model, &totals) {
            Some(cycles) => (cycles, None),
            None => decide(model, &mut shard, &mut fabric, control, totals.states())?,
        }
    } else {
        (Vec::new(), None)
    };
    let end = stopped.unwrap_or(end);
    let mut wanted = Wanted::default();
    let mut findings = wanted.findings(model, options.paths, &totals, complete, cycles);
    let stuck = totals.stuck.as_ref().map(|(depth, state)| {
        if options.paths != Paths::None {
            wanted.goals.push((*depth, state.clone()));
            wanted.uses.push(Use::Stuck);
        }
        Example { depth: *depth, path: None }
    });
    let first_stuck = wanted.walk(model, &shard, &mut fabric, &mut findings, stuck)?;
    let (workers, bytes) = (fabric.peers(), totals.bytes);
    let cost = Cost { workers, seconds, resumed, bytes };
    let sum = |count: fn(&Level) -> u64| totals.levels.iter().map(count).sum();
    Ok(Report {
        storage: options.storage,
        states: totals.states(),
        transitions: sum(|level| level.transitions),
        depth: totals.depth(),
        terminal: sum(|level| level.terminal),
        stuck: sum(|level| level.stuck),
        first_stuck,
        findings,
        end,
        checked: totals.expanded,
        tested: totals.tested,
        missed: totals.missed(options.storage, model.words()),
        levels: totals.levels.iter().map(|level| level.states).collect(),
        cost,
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
    Step(usize, Step),
    /// It shows this property.
    State(usize),
    /// It leads to the first stuck state.
    Stuck,
}

impl Wanted {
    /// The findings, still without runs.
    fn findings<M: Model>(
        &mut self,
        model: &M,
        paths: Paths,
        totals: &Totals,
        complete: bool,
        cycles: Cycles,
    ) -> Vec<Finding> {
        let mut cycles = cycles.into_iter().peekable();
        let mut findings = Vec::new();
        for (at, property) in model.properties().into_iter().enumerate() {
            let cycle = cycles.next_if(|(of, _)| *of == at).map(|(_, cycle)| cycle);
            let verdict = match (property.kind, totals.hits.get(&at)) {
                (Kind::Invariant, Some((depth, hit))) => {
                    Verdict::Violated(self.example(at, *depth, hit, paths != Paths::None))
                }
                (Kind::Witness, Some((depth, hit))) => {
                    Verdict::Found(self.example(at, *depth, hit, paths == Paths::All))
                }
                (Kind::Invariant, None) if complete => Verdict::Holds,
                (Kind::Witness, None) if complete => Verdict::NotFound,
                (Kind::Progress, _) => match cycle {
                    Some(Some(cycle)) => Verdict::Starved(self.lasso(at, cycle, paths)),
                    Some(None) => Verdict::Holds,
                    None => Verdict::Undecided,
                },
                (Kind::Invariant | Kind::Witness, None) => Verdict::Undecided,
            };
            findings.push(Finding { property, verdict });
        }
        findings
    }

    fn example(&mut self, at: usize, depth: u32, hit: &Hit, wanted: bool) -> Example {
        if wanted && depth == 0 {
            self.goals.push((0, hit.target.clone()));
            self.uses.push(Use::State(at));
        } else if wanted {
            self.goals.push((depth - 1, hit.source.clone()));
            let step = Step { action: hit.action, state: hit.target.clone() };
            self.uses.push(Use::Step(at, step));
        }
        Example { depth, path: None }
    }

    fn lasso(&mut self, at: usize, cycle: Cycle, paths: Paths) -> Lasso {
        if paths != Paths::None {
            self.goals.push((cycle.level, cycle.knot.clone()));
            self.uses.push(Use::State(at));
        }
        Lasso { depth: cycle.level, stem: None, knot: cycle.knot, cycle: cycle.steps }
    }

    /// Finds the runs and puts each where it is wanted.
    fn walk<M: Model, F: Fabric>(
        self,
        model: &M,
        shard: &Shard,
        fabric: &mut F,
        findings: &mut [Finding],
        mut stuck: Option<Example>,
    ) -> Result<Option<Example>, Error> {
        let paths = trace(model, shard, fabric, &self.goals)?;
        for (purpose, mut path) in self.uses.into_iter().zip(paths) {
            match purpose {
                Use::Step(at, step) => {
                    path.steps.push(step);
                    set(&mut findings[at].verdict, path);
                }
                Use::State(at) => set(&mut findings[at].verdict, path),
                Use::Stuck => stuck = stuck.map(|stuck| Example { path: Some(path), ..stuck }),
            }
        }
        Ok(stuck)
    }
}

fn set(verdict: &mut Verdict, path: Path) {
    match verdict {
        Verdict::Violated(example) | Verdict::Found(example) => example.path = Some(path),
        Verdict::Starved(lasso) => lasso.stem = Some(path),
        Verdict::Holds | Verdict::NotFound | Verdict::Undecided => {}
    }
}
