//! Partial-order reduction: a search that leaves out steps which lead to no other verdict, and one
//! without reduction for what that leaves undecided.

use std::time::Duration;

use mapi_logon_checker::{
    Decision, End, Error, Finding, Limits, Marks, Obstacle, Options, Paths, Reduced, Reduction,
    Report, check_reduced,
};
use mapi_logon_model::property::{PROPERTIES, PropertySet};

use crate::cached::{Steps, check_cached, tally};
use crate::explorable::{Explorable, Parted, Whole, marks};
use crate::symmetric::{Symmetric, check_symmetric};

/// Which states a reduced search explores.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Explored {
    /// Every state that is left.
    #[default]
    Every,
    /// One of each class of states that become each other by renaming ([`Symmetric`]).
    OneOfEachClass,
}

impl Explored {
    /// Explores the model without reduction.
    fn whole(self, world: &Explorable, options: &Options<'_>) -> Result<Report, Error> {
        match self {
            Self::Every => check_cached(world, options),
            Self::OneOfEachClass => check_symmetric(world, options, Steps::Remembered),
        }
    }

    /// Explores it with reduction, or says why not.
    fn reduced(self, world: &Explorable, options: &Options<'_>) -> Attempt {
        match self {
            Self::Every => reduced(world, options),
            Self::OneOfEachClass => {
                let classes = Symmetric::new(world);
                let mut reduced = reduced(&classes, options)?;
                if let Ok(reduced) = &mut reduced {
                    classes.lift_report(&mut reduced.report);
                }
                Ok(reduced)
            }
        }
    }
}

/// A reduced search, or why there is none.
type Attempt = Result<Result<Reduced, &'static str>, Error>;

/// Explores the model with reduction (see `docs/engine.md`). The report says whether that could be
/// done; if not, it is that of an unreduced search.
///
/// # Errors
/// As [`mapi_logon_checker::check`].
pub fn check_with_reduction(
    world: &Explorable,
    options: &Options<'_>,
    explored: Explored,
) -> Result<Report, Error> {
    let apart = world.unfair();
    let first = world.asking(world.asked().without(apart));
    let reduced = if first.observes() {
        explored.reduced(&first, options)?
    } else {
        Err("no order of steps can be left out for the properties asked for")
    };
    match reduced {
        Err(reason) => {
            let report = explored.whole(world, options)?;
            Ok(Report { reduction: Reduction::Impossible(reason), ..report })
        }
        Ok(Reduced { mut report, overlooked, .. }) => {
            if report.end == End::Complete {
                let left = left(&report, overlooked, options.paths);
                decide_in_full((world, explored), options, left.or(apart), &mut report)?;
            }
            Ok(report)
        }
    }
}

/// A reduced search with states in as few words as will do, or why there is none.
fn reduced(system: &impl Whole, options: &Options<'_>) -> Attempt {
    const TOO_MANY: &str = "clients or their states are too many to be numbered";
    let Some(parted) = Parted::of(system.clone()) else {
        return Ok(Err(TOO_MANY));
    };
    let tally = tally(system.explorable().counts());
    let reduced = match check_reduced::<_, 1>(parted.clone(), tally, options)? {
        Err(Obstacle::Outgrown) => check_reduced::<_, 2>(parted, tally, options)?,
        reduced => reduced,
    };
    Ok(reduced.map_err(|obstacle| match obstacle {
        Obstacle::Outgrown => TOO_MANY,
        Obstacle::Unsuitable(reason) => reason,
    }))
}

/// What is left to a search without reduction: witnesses that may have been missed, and what is
/// shown by a run to which a shorter one may exist.
fn left(report: &Report, overlooked: Marks, paths: Paths) -> PropertySet {
    let findings = report.findings.iter().enumerate();
    let left = findings.filter(|(at, finding)| match finding.verdict {
        Decision::Violated(_) | Decision::Starved(_) => true,
        Decision::Found(_) => paths == Paths::All,
        Decision::NotFound => overlooked.contains(*at),
        Decision::Holds | Decision::Undecided => false,
    });
    left.fold(PropertySet::EMPTY, |all, (at, _)| all.with(at))
}

/// Decides these properties by exploring the whole model, as far as they need it.
fn decide_in_full(
    (world, explored): (&Explorable, Explored),
    options: &Options<'_>,
    left: PropertySet,
    report: &mut Report,
) -> Result<(), Error> {
    if left.is_empty() {
        return Ok(());
    }
    let is_progress = |at: usize| PROPERTIES[at].is_eventual();
    let until = (!left.into_iter().any(is_progress)).then(|| marks(left));
    let used = Duration::from_secs_f64(report.cost.seconds);
    let time = options.limits.time.map(|time| time.saturating_sub(used));
    let limits = Limits { time, ..options.limits };
    let options = Options { until, limits, ..options.clone() };
    let whole = world.asking(left);
    let decided = explored.whole(&whole, &options)?;
    report.complete_with(decided, |at, finding, decided| {
        if left.contains(at) {
            settle(finding, decided);
        }
    });
    Ok(())
}

/// Takes over what a search without reduction has found, unless that knows less.
fn settle(finding: &mut Finding, decided: Finding) {
    let known = !matches!(finding.verdict, Decision::Holds | Decision::NotFound);
    if !(known && decided.verdict == Decision::Undecided) {
        finding.verdict = decided.verdict;
        finding.tested = finding.tested.max(decided.tested);
    }
}
