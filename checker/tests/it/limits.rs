//! Limits, interrupts and progress reports.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mapi_logon_checker::{
    Claim, Decision, End, Error, Limits, Marks, Options, Paths, Pulse, TransitionSystem, check,
};

use crate::graphs::Graph;
use crate::two_phase_commit::model::TwoPhaseCommit;

fn options<'a>(limits: Limits) -> Options<'a> {
    let workers = NonZeroUsize::new(2);
    Options { workers, limits, paths: Paths::All, ..Options::default() }
}

/// A graph that raises a flag when progress is decided.
struct Flagged<'a>(Graph, &'a AtomicBool);

impl TransitionSystem for Flagged<'_> {
    type Scratch = bool;

    fn identity(&self) -> String {
        self.0.identity()
    }

    fn scratch(&self) -> bool {
        self.0.scratch()
    }

    fn words(&self) -> usize {
        self.0.words()
    }

    fn properties(&self) -> Vec<Claim> {
        self.0.properties()
    }

    fn initial(&self, each: &mut dyn FnMut(&[u64], Marks)) {
        self.0.initial(each);
    }

    fn successors(
        &self,
        down: &mut bool,
        state: &[u64],
        each: &mut impl FnMut(u32, &[u64], Marks),
    ) {
        self.0.successors(down, state, each);
    }

    fn pending(&self, down: &mut bool, state: &[u64]) -> Marks {
        // Nobody asks before the search is over.
        self.1.store(true, Ordering::Relaxed);
        TransitionSystem::pending(&self.0, down, state)
    }
}

#[test]
fn interrupted_search_reports_partial_results() {
    let interrupt = AtomicBool::new(true);
    let options = Options { interrupt: Some(&interrupt), ..options(Limits::default()) };
    let report = check(&TwoPhaseCommit::new(7), &options).unwrap();
    assert_eq!(report.end, End::Interrupted);
    assert!(report.states < 296_448 && report.checked < 22);
    assert_eq!(report.states, report.levels.iter().sum::<u64>());
    assert_eq!(report.findings[2].verdict, Decision::Undecided);
}

#[test]
fn search_ends_when_its_time_is_over() {
    let limits = Limits { time: Some(Duration::ZERO), ..Limits::default() };
    let report = check(&TwoPhaseCommit::new(7), &options(limits)).unwrap();
    assert_eq!(report.end, End::Time);
}

#[test]
fn interrupt_while_progress_is_decided_leaves_only_progress_open() {
    let flag = AtomicBool::new(false);
    let (nodes, interrupt) = ((0..9).collect::<Vec<u64>>(), Some(&flag));
    let chain: Vec<(u64, u64, u8)> = nodes.iter().map(|&node| (node, node + 1, 0)).collect();
    let graph = Flagged(Graph::new(&chain).pending(&nodes), &flag);
    let report = check(&graph, &Options { interrupt, ..options(Limits::default()) }).unwrap();
    assert_eq!((report.end, report.states), (End::Interrupted, 10));
    assert_eq!(report.findings[0].verdict, Decision::Holds);
    assert_eq!(report.findings[2].verdict, Decision::Undecided);
}

#[test]
fn search_that_is_watched_reports_its_progress() {
    let pulses: Mutex<Vec<Pulse>> = Mutex::default();
    let interrupt = AtomicBool::new(false);
    let watch = |pulse: &Pulse| {
        let mut pulses = pulses.lock().unwrap();
        pulses.push(*pulse);
        interrupt.store(pulses.len() == 2, Ordering::Relaxed);
    };
    let limits = Limits { states: Some(30_000_000), ..Limits::default() };
    let options = Options { watch: Some(&watch), interrupt: Some(&interrupt), ..options(limits) };
    let report = check(&TwoPhaseCommit::new(12), &options).unwrap();
    assert_eq!(report.end, End::Interrupted);
    let pulses = pulses.into_inner().unwrap();
    assert!(pulses[0].states > 0 && pulses[0].rate > 0.0 && pulses[0].bytes > 0);
    assert!(pulses[1].states > pulses[0].states && pulses[1].depth >= pulses[0].depth);
}

#[test]
fn model_that_never_begins_breaks_nothing_and_shows_nothing() {
    let graph = Graph { words: 1, ..Graph::default() };
    for workers in [1, 2] {
        let workers = NonZeroUsize::new(workers);
        let report = check(&graph, &Options { workers, ..Options::default() }).unwrap();
        assert_eq!((report.end, report.states, report.depth), (End::Complete, 0, 0));
        assert_eq!(report.findings[0].verdict, Decision::Holds);
        assert_eq!(report.findings[1].verdict, Decision::NotFound);
        assert_eq!(report.findings[2].verdict, Decision::Holds);
    }
}

#[test]
fn model_whose_states_have_no_words_is_refused() {
    let graph = Graph { words: 0, initial: vec![0], ..Graph::default() };
    assert!(matches!(check(&graph, &Options::default()), Err(Error::Model(_))));
}
