//! Stateless model checking of a client: a run for every sequence of answers that the model allows
//! and the client can tell from others, depth first.

use std::time::Duration;

use crate::answers::{Answered, KEPT, Plan};
use crate::clock::Moment;
use crate::stage::Report;

/// How far the search goes.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most answers of a run that are varied.
    pub depth: usize,
    /// Most runs of the search.
    pub runs: u64,
    /// Longest time of the search.
    pub time: Option<Duration>,
    /// Runs with answers drawn at random, after a search that was not complete.
    pub samples: u64,
    /// From which seed.
    pub seed: u64,
}

/// The search, between two runs.
#[derive(Debug)]
pub struct Search {
    bounds: Bounds,
    began: Moment,
    next: Option<Vec<Answered>>,
    tried: Tried,
}

/// How much was tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tried {
    /// Runs of the search.
    pub runs: u64,
    /// Runs with answers drawn at random.
    pub sampled: u64,
    /// The search gave every sequence of answers.
    pub complete: bool,
    /// Sequences of answers that were begun and not gone on with, where the search ended early.
    pub left: u64,
    /// Runs in which the client did not make the calls it made before with the same answers.
    pub departed: u64,
    /// Most answers of a run.
    pub longest: usize,
}

impl Search {
    /// A search before its first run.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        let tried = Tried { complete: true, ..Tried::default() };
        Self { bounds, began: Moment::now(), next: Some(Vec::new()), tried }
    }

    /// The answers of the next run; nothing when the search is over.
    pub fn plan(&mut self) -> Option<Plan> {
        let Bounds { runs, time, samples, seed, .. } = self.bounds;
        let late = time.is_some_and(|time| self.began.elapsed() >= time);
        if self.next.is_some() && (self.tried.runs >= runs || late) {
            let rest = self.next.take().unwrap_or_default();
            self.tried.left += left(&rest) + 1;
            self.tried.complete = false;
        }
        if let Some(next) = &self.next {
            return Some(Plan::of(next.clone()));
        }
        let sample = !self.tried.complete && self.tried.sampled < samples && !late;
        sample.then(|| Plan::drawn(seed, self.tried.sampled))
    }

    /// A run of the plan has come to this.
    pub fn learn(&mut self, report: &Report) {
        self.tried.longest = self.tried.longest.max(report.answered.len());
        let Some(planned) = self.next.take() else {
            self.tried.sampled += 1;
            return;
        };
        self.tried.runs += 1;
        if report.departed.is_some() || report.answered.len() < planned.len() {
            // What lies behind is not the place that was to be searched: go on beside it.
            self.tried.departed += 1;
            self.tried.complete = false;
            self.next = beside(planned);
            return;
        }
        let mut path = report.answered.clone();
        if path.len() > self.bounds.depth || path.len() == KEPT {
            let beyond = &path[self.bounds.depth.min(path.len())..];
            let open = left(beyond);
            self.tried.complete &= open == 0 && path.len() < KEPT;
            self.tried.left += open;
            path.truncate(self.bounds.depth);
        }
        self.next = beside(path);
    }

    /// How much was tried so far.
    #[must_use]
    pub const fn tried(&self) -> Tried {
        self.tried
    }
}

/// The next sequence in the order of the search: the last answer that has another is changed.
fn beside(mut path: Vec<Answered>) -> Option<Vec<Answered>> {
    while let Some(last) = path.pop() {
        let (at, of) = last.choice;
        if at + 1 < of {
            path.push(Answered { choice: (at + 1, of), ..last });
            return Some(path);
        }
    }
    None
}

/// How many answers beside those of the path were not given yet.
fn left(path: &[Answered]) -> u64 {
    path.iter().map(|one| (one.choice.1 - one.choice.0).saturating_sub(1) as u64).sum()
}
