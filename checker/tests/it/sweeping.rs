//! Sweep-line search: the reports of the ordinary search, without its memory.

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use mapi_logon_checker::{
    Checkpoints, Claim, Cluster, Decision, End, Error, Limits, Marks, Options, Paths, Report,
    SweepLine, TransitionSystem, check,
};
use proptest::prelude::*;

use crate::checkpoints::Dir;
use crate::mortal::Mortal;
use crate::random::graphs;
use crate::two_phase_commit::model::TwoPhaseCommit;

/// States thrown by dice: a state is a height and a place, and its steps lead up.
#[derive(Clone, Debug)]
struct Dice {
    seed: u64,
    words: usize,
    /// Heights, and places of each.
    heights: u64,
    places: u64,
    /// The states, one of this number, from which a step leads down.
    down: Option<u64>,
}

impl Dice {
    fn new(seed: u64, words: usize) -> Self {
        Self { seed, words, heights: 60, places: 90, down: None }
    }

    fn throw(&self, state: &[u64], nth: u64) -> u64 {
        let mixed = (self.seed ^ nth << 32 ^ state[0]).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 17
    }

    fn encode(&self, height: u64, place: u64) -> Vec<u64> {
        let first = place * self.heights + height;
        (0..self.words as u64).map(|word| first.rotate_left(7 * word as u32)).collect()
    }

    fn height(&self, state: &[u64]) -> u64 {
        state[0] % self.heights
    }
}

impl TransitionSystem for Dice {
    type Scratch = u64;

    fn identity(&self) -> String {
        format!("{self:?}")
    }

    fn scratch(&self) -> u64 {
        0
    }

    fn words(&self) -> usize {
        self.words
    }

    fn properties(&self) -> Vec<Claim> {
        let rare = (0..4).map(|at| Claim::invariant(format!("no {at}")));
        let seen = (0..3).map(|at| Claim::witness(format!("some {at}")));
        let met = (0..3).map(|at| Claim::progress(format!("met {at}")));
        rare.chain(seen).chain(met).collect()
    }

    fn initial(&self, each: &mut dyn FnMut(&[u64], Marks)) {
        for place in 0..3 {
            each(&self.encode(place, place), Marks::NONE.with(4, place == 2));
        }
    }

    fn successors(
        &self,
        tested: &mut u64,
        state: &[u64],
        each: &mut impl FnMut(u32, &[u64], Marks),
    ) {
        *tested += u64::from(state[0].is_multiple_of(7));
        for nth in 0..self.throw(state, 99) % 5 {
            let thrown = self.throw(state, nth);
            let mut height = self.height(state) + 1 + thrown % 3;
            if self.down.is_some_and(|down| state[0] % down == 1) {
                height = self.height(state);
            }
            if height < self.heights {
                let next = self.encode(height, thrown / 3 % self.places);
                let mark = thrown % 1009;
                let marks = Marks::NONE
                    .with(0, mark == 0)
                    .with(1, mark == 5 && nth > 0)
                    .with(2, mark == 7 && height > 40)
                    .with(5, mark < 10)
                    .with(6, height == self.heights);
                each(nth as u32, &next, marks);
            }
        }
    }

    fn tested(&self, tested: &mut u64, each: &mut dyn FnMut(usize, u64)) {
        each(3, std::mem::take(tested));
    }

    fn measure(&self, _: &mut u64, state: &[u64]) -> Option<u64> {
        Some(self.height(state))
    }

    fn may_end(&self, _: &mut u64, state: &[u64]) -> bool {
        state[0].is_multiple_of(3)
    }

    fn pending(&self, _: &mut u64, state: &[u64]) -> Marks {
        Marks::NONE.with(7, state[0] % 5 == 3).with(8, state[0] % 5 == 1)
    }

    fn actor(&self, action: u32) -> u8 {
        action as u8
    }

    fn fair(&self, property: usize) -> u64 {
        if property == 8 { !1 } else { u64::MAX }
    }
}

fn options<'a>(workers: usize, sweep_line: bool) -> Options<'a> {
    let workers = NonZeroUsize::new(workers);
    Options { workers, sweep_line, paths: Paths::All, ..Options::default() }
}

/// The report, without what differs between the ways to it.
fn report<S: TransitionSystem>(system: &S, options: &Options<'_>) -> Report {
    outcome(system, options).1
}

/// The outcome of the sweep line, too.
fn outcome<S: TransitionSystem>(system: &S, options: &Options<'_>) -> (Option<SweepLine>, Report) {
    let report = check(system, options).unwrap();
    (report.sweep_line, Report { sweep_line: None, cost: Default::default(), ..report })
}

/// Options of a sweep that spills more than a number of bytes.
fn spilling<'a>(dir: &Dir, workers: usize, bytes: u64) -> Options<'a> {
    let checkpoints =
        Checkpoints { dir: dir.0.clone(), every: Duration::from_secs(60), resume: false };
    let limits = Limits { bytes: Some(bytes), ..Limits::default() };
    Options { checkpoints: Some(checkpoints), limits, ..options(workers, true) }
}

#[test]
fn sweep_reports_what_a_search_does() {
    for seed in 0..6 {
        let dice = Dice::new(seed, 1 + seed as usize % 4);
        let expected = report(&dice, &options(1, false));
        assert!(expected.states > 3_000, "{expected:?}");
        for workers in 1..4 {
            let swept = report(&dice, &options(workers, true));
            assert_eq!(format!("{swept:#?}"), format!("{expected:#?}"), "{seed}, {workers}");
        }
    }
}

proptest! {
    #[test]
    fn sweep_of_any_graph_that_ascends_reports_what_a_search_does(graph in graphs()) {
        let mut graph = graph;
        graph.edges.retain(|edge| edge.from < edge.to);
        graph.ordered = true;
        let expected = report(&graph, &options(1, false));
        for workers in 1..4 {
            prop_assert_eq!(&report(&graph, &options(workers, true)), &expected);
        }
    }

    #[test]
    fn graph_that_descends_is_searched_instead(graph in graphs()) {
        let mut graph = graph;
        graph.ordered = true;
        let expected = report(&graph, &options(1, false));
        let (outcome, swept) = outcome(&graph, &options(2, true));
        prop_assert_eq!(swept, expected);
        prop_assert_ne!(outcome, Some(SweepLine::Unmeasured));
    }
}

#[test]
fn step_down_is_seen_and_reported() {
    let dice = Dice { down: Some(701), ..Dice::new(3, 2) };
    let expected = report(&dice, &options(1, false));
    for workers in 1..4 {
        let (outcome, swept) = outcome(&dice, &options(workers, true));
        assert_eq!((outcome, swept), (Some(SweepLine::Descended), expected.clone()));
    }
    let dir = Dir::new("sweep-down");
    let swept = outcome(&dice, &spilling(&dir, 2, 1 << 16));
    assert_eq!(swept, (Some(SweepLine::Descended), expected));
}

#[test]
fn system_without_a_measure_is_searched_instead() {
    let model = TwoPhaseCommit::new(4);
    let expected = report(&model, &options(1, false));
    let swept = outcome(&model, &options(1, true));
    assert_eq!(swept, (Some(SweepLine::Unmeasured), expected));
}

#[test]
fn disk_changes_nothing_but_memory() {
    for (seed, bytes) in [(0, 1 << 14), (1, 1 << 15), (2, 1 << 16), (3, 1 << 22)] {
        let dice = Dice { places: 400, ..Dice::new(seed, 1 + seed as usize) };
        let expected = report(&dice, &options(1, true));
        for workers in 1..4 {
            let dir = Dir::new(&format!("spill-{seed}-{workers}"));
            let options = spilling(&dir, workers, bytes);
            assert_eq!(report(&dice, &options), expected, "{seed}, {workers}");
        }
    }
}

#[test]
fn sweep_that_spills_keeps_to_its_memory() {
    let dice = Dice { heights: 90, places: 3_000, ..Dice::new(11, 2) };
    let unbounded = check(&dice, &options(1, true)).unwrap();
    let least = unbounded.cost.bytes / 4;
    for workers in 1..3 {
        let dir = Dir::new(&format!("memory-{workers}"));
        let swept = check(&dice, &spilling(&dir, workers, least)).unwrap();
        assert!(swept.cost.bytes <= least, "{} of {least}", swept.cost.bytes);
        assert_eq!(swept.levels, unbounded.levels);
    }
}

/// Dies after `expansions`, is resumed, dies again, and so on to the end.
fn die_and_resume(name: &str, workers: &[usize], bytes: u64, mut expansions: u64) {
    let dir = Dir::new(name);
    let dice = Dice::new(5, 2);
    let expected = report(&dice, &options(1, false));
    let mut lives = 0;
    loop {
        let mut options = spilling(&dir, workers[lives % workers.len()], bytes);
        let checkpoints = options.checkpoints.take();
        let again = Checkpoints { every: Duration::ZERO, resume: true, dir: dir.0.clone() };
        options.checkpoints = checkpoints.map(|_| again);
        lives += 1;
        let model = Mortal::new(dice.clone(), expansions);
        expansions += expansions / 16;
        if let Some(Ok(report)) = model.check(&options) {
            let report = Report { sweep_line: None, cost: Default::default(), ..report };
            assert_eq!(report, expected, "{lives} lives");
            break;
        }
        assert!(lives < 100, "no life gets any further");
    }
    assert!(lives > 3, "{lives} lives");
}

#[test]
fn sweep_survives_any_number_of_deaths() {
    for (number, expansions) in [701, 997, 1_409].into_iter().enumerate() {
        die_and_resume(&format!("sweep-deaths-{number}"), &[1], 1 << 14, expansions);
    }
}

#[test]
fn sweep_survives_with_other_numbers_of_workers() {
    die_and_resume("sweep-workers", &[2, 1, 3, 3], 1 << 15, 900);
}

#[test]
fn sweep_ends_at_the_same_measure_for_any_number_of_workers() {
    let dice = Dice::new(1, 1);
    let whole = report(&dice, &options(1, false));
    for states in [0, 1, 500, 2_000] {
        let limits = Limits { states: Some(states), ..Limits::default() };
        let one = report(&dice, &Options { limits, ..options(1, true) });
        assert_eq!(one.end, End::States);
        assert!(one.states <= states);
        for (level, (some, all)) in one.levels.iter().zip(&whole.levels).enumerate() {
            assert!(if (level as u32) < one.checked { some == all } else { some <= all });
        }
        let three = report(&dice, &Options { limits, ..options(3, true) });
        assert_eq!(one, three);
    }
}

#[test]
fn sweep_stopped_by_a_limit_goes_on_with_a_higher_one() {
    let dice = Dice::new(4, 3);
    let dir = Dir::new("sweep-limit");
    let mut options = spilling(&dir, 2, 1 << 20);
    options.limits.states = Some(1_500);
    assert_eq!(check(&dice, &options).unwrap().end, End::States);
    options.limits.states = None;
    let Err(Error::Checkpoint(message)) = check(&dice, &options) else { panic!("overwritten") };
    assert!(message.contains("holds a checkpoint"), "{message}");
    let Some(checkpoints) = &mut options.checkpoints else { panic!("none") };
    checkpoints.resume = true;
    assert_eq!(report(&dice, &options), report(&dice, &self::options(1, false)));
    let other = check(&Dice::new(9, 3), &options);
    assert!(matches!(other, Err(Error::Checkpoint(message)) if message.contains("another search")));
}

#[test]
fn limits_and_interrupts_end_a_sweep_with_what_is_known() {
    let dice = Dice::new(2, 1);
    let time = Limits { time: Some(Duration::ZERO), ..Limits::default() };
    let bytes = Limits { bytes: Some(1_000), ..Limits::default() };
    let interrupt = AtomicBool::new(true);
    let interrupted = Options { interrupt: Some(&interrupt), ..options(1, true) };
    for (options, end) in [
        (Options { limits: time, ..options(1, true) }, End::Time),
        (Options { limits: bytes, ..options(1, true) }, End::Memory),
        (interrupted, End::Interrupted),
    ] {
        let report = check(&dice, &options).unwrap();
        assert_eq!(report.end, end);
        assert_eq!(report.states, report.levels.iter().sum::<u64>());
        assert_eq!(report.findings[0].verdict, Decision::Undecided);
    }
}

#[test]
fn damaged_list_is_refused() {
    let dice = Dice::new(6, 2);
    let dir = Dir::new("sweep-damaged");
    let mut options = spilling(&dir, 1, 1 << 14);
    options.limits.states = Some(1_500);
    assert_eq!(check(&dice, &options).unwrap().end, End::States);
    for file in std::fs::read_dir(&dir.0).unwrap() {
        let path = file.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        if path.file_name().unwrap().to_str().unwrap().starts_with("list-") {
            bytes.iter_mut().for_each(|byte| *byte ^= 4);
            std::fs::write(&path, bytes).unwrap();
        }
    }
    options.limits.states = None;
    let Some(checkpoints) = &mut options.checkpoints else { panic!("none") };
    checkpoints.resume = true;
    let refused = check(&dice, &options);
    assert!(matches!(refused, Err(Error::Checkpoint(message)) if message.contains("damaged")));
}

#[test]
fn sweep_of_several_processes_is_refused() {
    let cluster = Cluster::from_hosts("localhost:4701\nlocalhost:4702", 0).unwrap();
    let options = Options { cluster: Some(cluster), ..options(1, true) };
    let refused = check(&Dice::new(0, 1), &options);
    assert!(matches!(refused, Err(Error::Cluster(message)) if message.contains("one process")));
}
