//! Mutants of the machine on trial: each is compared with the machine, step by step, and where the
//! two differ the checker decides whether a property says so.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use mapi_logon_checker::{self as checker, End, Limits, Options, Paths, check};
use mapi_logon_model::explore::Explored;
use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::mutant::{Mutation, Rule};
use mapi_logon_model::property::{Kind, PROPERTIES, PropertySet};
use mapi_logon_model::protocol::Action;
use mapi_logon_model::scenario::Scenario;

use crate::explorable::{Counts, Explorable};

/// A scenario on which mutants are tried, with all that the machine does in it.
#[derive(Debug)]
pub struct Ground {
    /// What the scenario is called.
    pub name: String,
    right: Model,
    explored: Explored<()>,
    /// The properties that the machine itself breaks, since a reading gives them up.
    excused: PropertySet,
}

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A property killed it.
    Killed {
        /// Which.
        by: &'static str,
        /// In which scenario, by its place.
        ground: usize,
    },
    /// It does what the machine does, wherever its rule is applied.
    Equivalent,
    /// It differs from the machine, and no property says so.
    Survived {
        /// In which scenario the run is the shortest, by its place.
        ground: usize,
        /// The run; the last step is the first that differs.
        run: Vec<Action>,
    },
    /// No scenario applies its rule.
    Unreached,
    /// A limit ended a search before a verdict.
    Undecided,
}

/// A mutant that was tried.
#[derive(Clone, Debug)]
pub struct Tried {
    /// Which.
    pub mutation: Mutation,
    /// What became of it.
    pub fate: Fate,
    /// States that the checker visited for that.
    pub states: u64,
}

/// Everything but witnesses.
fn judges() -> PropertySet {
    PropertySet::ALL.those(|at| PROPERTIES.get(at).is_some_and(|one| one.kind != Kind::Witness))
}

/// The machine with its judges.
fn judged(model: Model) -> Explorable {
    Explorable::new(model, judges()).counting(Counts::Nothing)
}

impl Ground {
    /// Explores the machine in a scenario; nothing if it has more than `most` states, or after an
    /// interrupt: what the machine itself breaks must be known.
    ///
    /// # Errors
    /// When the checker cannot explore it.
    pub fn explore(
        name: String,
        scenario: Scenario,
        most: u64,
        interrupt: &AtomicBool,
    ) -> Result<Option<Self>> {
        let right = Model::new(scenario).forgetting();
        let limits = Limits { states: Some(most), ..Limits::default() };
        let interrupt = Some(interrupt);
        let options = Options { paths: Paths::None, limits, interrupt, ..Options::default() };
        let report = check(&judged(right.clone().mutated(Rule::NOTHING)), &options)?;
        if report.end != End::Complete {
            return Ok(None);
        }
        let excused = broken(&report).fold(PropertySet::EMPTY, |set, (at, _)| set.with(at));
        let explored = right.explore((), usize::MAX, |_| Some(()), |_, _, _| {});
        Ok(Some(Self { name, right, explored, excused }))
    }

    /// How many states the machine has here.
    #[must_use]
    pub fn states(&self) -> usize {
        self.explored.len()
    }

    /// The machine here.
    #[must_use]
    pub const fn machine(&self) -> &Model {
        &self.right
    }

    /// The mutant here.
    #[must_use]
    pub fn mutated(&self, mutation: Mutation) -> Model {
        self.right.clone().mutated(mutation)
    }

    /// The shortest run in whose last step the mutant differs from the machine: in what is enabled,
    /// in what it shows or in where it leads; nothing after an interrupt.
    #[must_use]
    pub fn parting(&self, wrong: &Model, interrupt: &AtomicBool) -> Option<Vec<Action>> {
        let right = &self.right;
        let [mut own, mut other] = [Step::at(right.initial()), Step::at(right.initial())];
        for node in 0..self.explored.len() {
            if interrupt.load(Ordering::Relaxed) {
                return None;
            }
            let world = self.explored.world(right, node);
            let mut parting = None;
            for client in right.sight(&world.state).clients() {
                wrong.candidates(&world, client, &mut |choice| {
                    if parting.is_some() {
                        return;
                    }
                    let action = Action { client, choice };
                    let enabled = right.step_into(&world.state, action, &mut own).is_ok();
                    let possible = wrong.step_into(&world.state, action, &mut other).is_ok();
                    let same = (&own.state, &own.effects) == (&other.state, &other.effects);
                    if enabled != possible || enabled && !same {
                        parting = Some(action);
                    }
                });
            }
            if let Some(action) = parting {
                let mut run = self.explored.run(node);
                run.push(action);
                return Some(run);
            }
        }
        None
    }
}

/// The properties that a report says are broken, with the length of the run that shows it.
fn broken(report: &checker::Report) -> impl Iterator<Item = (usize, u32)> {
    report.findings.iter().enumerate().filter_map(|(at, finding)| match &finding.verdict {
        checker::Decision::Violated(example) => Some((at, example.depth)),
        checker::Decision::Starved(lasso) => Some((at, lasso.depth)),
        checker::Decision::Holds
        | checker::Decision::Found(_)
        | checker::Decision::NotFound
        | checker::Decision::Undecided => None,
    })
}

/// Tries a mutant on all grounds, in order, until a property kills it; nothing after an
/// interrupt.
///
/// # Errors
/// When the checker cannot explore it.
pub fn attempt(
    mutation: Mutation,
    grounds: &[Ground],
    most: u64,
    interrupt: &AtomicBool,
) -> Result<Option<Tried>> {
    let (mut states, mut applied, mut undecided) = (0, false, false);
    let mut shortest: Option<(usize, Vec<Action>)> = None;
    for (at, ground) in grounds.iter().enumerate() {
        let wrong = ground.mutated(mutation);
        let parting = ground.parting(&wrong, interrupt);
        applied |= wrong.was_mutation_applied();
        if interrupt.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let Some(run) = parting else {
            continue;
        };
        if shortest.as_ref().is_none_or(|(_, known)| run.len() < known.len()) {
            shortest = Some((at, run));
        }
        let limits = Limits { states: Some(most), ..Limits::default() };
        let options = Options {
            workers: Some(std::num::NonZeroUsize::MIN),
            paths: Paths::None,
            limits,
            interrupt: Some(interrupt),
            ..Options::default()
        };
        let report = check(&judged(wrong), &options)?;
        states += report.states;
        let found = broken(&report).filter(|(at, _)| !ground.excused.contains(*at));
        if let Some((by, _)) = found.min_by_key(|(at, depth)| (*depth, *at)) {
            let fate = Fate::Killed { by: PROPERTIES[by].id, ground: at };
            return Ok(Some(Tried { mutation, fate, states }));
        }
        if report.end == End::Interrupted {
            return Ok(None);
        }
        undecided |= report.end != End::Complete;
    }
    let fate = match shortest {
        _ if undecided => Fate::Undecided,
        Some((ground, run)) => Fate::Survived { ground, run },
        None if applied => Fate::Equivalent,
        None => Fate::Unreached,
    };
    Ok(Some(Tried { mutation, fate, states }))
}
