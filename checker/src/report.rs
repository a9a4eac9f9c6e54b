//! The report of a search: a verdict for every property, runs that show it, and counts.

use serde::{Deserialize, Serialize};

use crate::system::Claim;

/// One step of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathStep {
    /// The number of the action taken.
    pub action: u32,
    /// The state it leads to, encoded.
    pub state: Vec<u64>,
}

/// A run from an initial state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The initial state, encoded.
    pub initial: Vec<u64>,
    /// The steps from there.
    pub steps: Vec<PathStep>,
}

impl Path {
    /// The state at the end.
    pub fn last(&self) -> &[u64] {
        self.steps.last().map_or(&self.initial, |step| &step.state)
    }
}

/// A run that violates an invariant or shows a witness: its last step, or its initial state if it
/// has no steps, is marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// Steps of the shortest such run.
    pub depth: u32,
    /// The run, if it was asked for: the least of the shortest.
    pub path: Option<Path>,
}

/// A fair run that never meets an obligation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lasso {
    /// Steps of the stem.
    pub depth: u32,
    /// The shortest run to the cycle, if it was asked for.
    pub stem: Option<Path>,
    /// The state at the end of the stem, where the cycle begins and ends.
    pub loop_state: Vec<u64>,
    /// The steps of the cycle. Without any, the run stays in the loop state forever: no fair actor
    /// is enabled there.
    pub cycle: Vec<PathStep>,
}

/// The finding of the search about a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Invariant or progress: holds in everything that can happen.
    Holds,
    /// Invariant: a shortest run violates it.
    Violated(Example),
    /// Progress: a fair run never meets its obligation.
    Starved(Lasso),
    /// Witness: a shortest run shows it.
    Found(Example),
    /// Witness: nothing that can happen shows it.
    NotFound,
    /// The search ended too early to tell.
    Undecided,
}

/// A property with its verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The property.
    pub property: Claim,
    /// The finding about it.
    pub verdict: Decision,
    /// How many steps or states of levels expanded to their end tested it.
    pub tested: u64,
}

/// Why the search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// Everything was visited.
    Complete,
    /// The limit on states was reached.
    States,
    /// The limit on memory was reached.
    Memory,
    /// The limit on time was reached.
    Time,
    /// The interrupt was set.
    Interrupted,
}

/// The outcome of [`Options::sweep_line`](crate::Options::sweep_line).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SweepLine {
    /// States were forgotten behind it.
    Used,
    /// They were kept: the system knows no [measure](crate::TransitionSystem::measure).
    Unmeasured,
    /// They were kept: a step does not increase the measure.
    Descended,
}

/// What the search took. Unlike all else in a report it differs from run to run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// Workers, over all processes.
    pub workers: usize,
    /// Seconds spent visiting states.
    pub seconds: f64,
    /// The level at which the search was resumed, if it was.
    pub resumed: Option<u32>,
    /// The most bytes that states and frontier took, and the working memory that grows with them,
    /// over all processes.
    pub bytes: u64,
    /// Of a sweep: the most bytes that states which wait took.
    pub lists: Option<u64>,
}

/// Whether a search left steps out (see [`check_reduced`](crate::check_reduced)).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Reduction {
    /// Nobody asked for it.
    #[default]
    Unasked,
    /// It did.
    Done,
    /// It could not, for this reason, and explored every state.
    Impossible(&'static str),
}

/// What the search found. All but [`Report::cost`] is the same for any number of workers and
/// processes, unless memory, time or an interrupt ended the search.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The outcome of the sweep line, if one was asked for.
    pub sweep_line: Option<SweepLine>,
    /// Different states in completed levels; those expanded, if a sweep ended early.
    pub states: u64,
    /// Steps out of states whose level was expanded.
    pub transitions: u64,
    /// The last level: the longest of all shortest runs to a state.
    pub depth: u32,
    /// States without successors, among those expanded.
    pub terminal: u64,
    /// Terminal states in which a run may not end.
    pub stuck: u64,
    /// A shortest run to a stuck state.
    pub first_stuck: Option<Example>,
    /// The properties with their verdicts, in the order of the transition system.
    pub findings: Vec<Finding>,
    /// Why the search ended.
    pub end: End,
    /// All runs of at most this number of steps were checked.
    pub checked: u32,
    /// The probability that a state was missed, for
    /// [stateright](crate::check_with_stateright), which knows states by their hashes.
    pub missed: Option<f64>,
    /// Why the search went on without further checkpoints, if one could not be written.
    pub unsaved: Option<String>,
    /// States of each level.
    pub levels: Vec<u64>,
    /// Was partial-order reduction used? Then all counts are of the states that are left.
    pub reduction: Reduction,
    /// What it took.
    pub cost: Cost,
}

impl Report {
    /// Completes the report with a further search of the same properties, whose cost comes on top;
    /// `settle` combines the two findings on the property at a position.
    pub fn complete_with(
        &mut self,
        further: Self,
        mut settle: impl FnMut(usize, &mut Finding, Finding),
    ) {
        let both = self.findings.iter_mut().zip(further.findings).enumerate();
        both.for_each(|(at, (own, found))| settle(at, own, found));
        if further.end != End::Complete {
            (self.end, self.checked) = (further.end, further.checked);
        }
        self.cost.seconds += further.cost.seconds;
        self.cost.bytes = self.cost.bytes.max(further.cost.bytes);
    }

    /// Calls `each` with every state in it.
    pub(crate) fn each_state(&mut self, each: &mut impl FnMut(&mut Vec<u64>)) {
        if let Some(Example { path: Some(path), .. }) = &mut self.first_stuck {
            path.each_state(each);
        }
        for finding in &mut self.findings {
            match &mut finding.verdict {
                Decision::Violated(example) | Decision::Found(example) => {
                    example.path.iter_mut().for_each(|path| path.each_state(each));
                }
                Decision::Starved(lasso) => {
                    lasso.stem.iter_mut().for_each(|path| path.each_state(each));
                    each(&mut lasso.loop_state);
                    lasso.cycle.iter_mut().for_each(|step| each(&mut step.state));
                }
                Decision::Holds | Decision::NotFound | Decision::Undecided => {}
            }
        }
    }
}

impl Path {
    fn each_state(&mut self, each: &mut impl FnMut(&mut Vec<u64>)) {
        each(&mut self.initial);
        self.steps.iter_mut().for_each(|step| each(&mut step.state));
    }
}
