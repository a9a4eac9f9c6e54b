//! Can a search be ended, and watched?

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mapi_logon_checker::{End, Limits, Options, Paths, Pulse, Verdict, check};

use crate::graphs::{Edge, Graph};
use crate::two_phase_commit::model::TwoPhaseCommit;

fn options<'a>(limits: Limits) -> Options<'a> {
    let workers = NonZeroUsize::new(2);
    Options {
        workers,
        limits,
        paths: Paths::All,
        ..Options::default()
    }
}

#[test]
fn interrupted_search_tells_what_it_knows() {
    let interrupt = AtomicBool::new(true);
    let options = Options {
        interrupt: Some(&interrupt),
        ..options(Limits::default())
    };
    let report = check(&TwoPhaseCommit::new(7), &options).unwrap();
    assert_eq!(report.end, End::Interrupted);
    assert!(report.states < 296_448 && report.checked < 22);
    assert_eq!(report.states, report.levels.iter().sum::<u64>());
    assert_eq!(report.findings[2].verdict, Verdict::Undecided);
}

#[test]
fn search_ends_when_its_time_is_over() {
    let limits = Limits {
        time: Some(Duration::ZERO),
        ..Limits::default()
    };
    let report = check(&TwoPhaseCommit::new(7), &options(limits)).unwrap();
    assert_eq!(report.end, End::Time);
}

#[test]
fn search_that_is_watched_tells_how_far_it_is() {
    let pulses: Mutex<Vec<Pulse>> = Mutex::default();
    let interrupt = AtomicBool::new(false);
    let watch = |pulse: &Pulse| {
        let mut pulses = pulses.lock().unwrap();
        pulses.push(*pulse);
        interrupt.store(pulses.len() == 2, Ordering::Relaxed);
    };
    let limits = Limits {
        states: Some(30_000_000),
        ..Limits::default()
    };
    let options = Options {
        watch: Some(&watch),
        interrupt: Some(&interrupt),
        ..options(limits)
    };
    let report = check(&TwoPhaseCommit::new(12), &options).unwrap();
    assert_eq!(report.end, End::Interrupted);
    let pulses = pulses.into_inner().unwrap();
    assert!(pulses[0].states > 0 && pulses[0].rate > 0.0 && pulses[0].bytes > 0);
    assert!(pulses[1].states > pulses[0].states && pulses[1].depth >= pulses[0].depth);
}

#[test]
fn search_that_is_to_stop_at_a_violation_ends_with_its_level() {
    let edge = |from, to, marks| Edge {
        from,
        to,
        actor: 0,
        marks,
    };
    let edges = vec![edge(0, 1, 0), edge(0, 2, 1), edge(1, 3, 2), edge(2, 4, 0)];
    let graph = Graph {
        words: 2,
        initial: vec![0],
        edges,
        ends: vec![3, 4],
        ..Graph::default()
    };
    let stop = Options {
        stop_at_violation: true,
        ..options(Limits::default())
    };
    let report = check(&graph, &stop).unwrap();
    assert_eq!(
        (report.end, report.states, report.checked),
        (End::Violation, 3, 1)
    );
    assert!(
        matches!(&report.findings[0].verdict, Verdict::Violated(example) if example.depth == 1)
    );
    assert_eq!(report.findings[1].verdict, Verdict::Undecided);
    let on = check(&graph, &options(Limits::default())).unwrap();
    assert_eq!((on.end, on.states), (End::Complete, 5));
    assert!(matches!(&on.findings[1].verdict, Verdict::Found(example) if example.depth == 2));
}
