//! Two-phase commit: counts, limits and storage.

#[path = "../../examples/two_phase_commit/model.rs"]
pub(crate) mod model;

use std::num::NonZeroUsize;
use std::sync::Arc;

use mapi_logon_checker::{
    Claim, Decision, End, Limits, Marks, Options, Paths, Report, TransitionSystem, check,
    check_with_stateright,
};
use model::TwoPhaseCommit;

/// Two-phase commit of two words, with claims that are broken: no two managers abort, and every
/// manager decides in the end although nobody need ever do anything.
pub(crate) struct Broken(pub(crate) TwoPhaseCommit);

impl Broken {
    fn wide(state: u64) -> [u64; 2] {
        [state.rotate_left(20), state]
    }
}

impl TransitionSystem for Broken {
    type Scratch = ();

    fn identity(&self) -> String {
        format!("broken {}", self.0.identity())
    }

    fn scratch(&self) {}

    fn words(&self) -> usize {
        2
    }

    /// Where fields begin and end decides nothing.
    fn fields(&self) -> Vec<u32> {
        vec![7, 30, 26, 5, 50]
    }

    fn properties(&self) -> Vec<Claim> {
        let mut properties = self.0.properties();
        properties.push(Claim::invariant("one aborts at most"));
        properties.push(Claim::progress("all decide"));
        properties
    }

    fn initial(&self, each: &mut dyn FnMut(&[u64], Marks)) {
        self.0.initial(&mut |state, marks| each(&Self::wide(state[0]), marks));
    }

    fn successors(&self, (): &mut (), state: &[u64], each: &mut impl FnMut(u32, &[u64], Marks)) {
        self.0.successors(&mut (), &state[1..], &mut |action, next, marks| {
            let aborted = (0..3).filter(|at| next[0] >> (2 * at) & 3 == 3).count();
            each(action, &Self::wide(next[0]), marks.with(3, aborted > 1));
        });
    }

    fn pending(&self, (): &mut (), state: &[u64]) -> Marks {
        Marks::NONE.with(4, (0..3).any(|at| state[1] >> (2 * at) & 2 == 0))
    }

    fn actor(&self, action: u32) -> u8 {
        u8::from(action < 2)
    }

    fn fair(&self, _: usize) -> u64 {
        0
    }
}

fn options<'a>(workers: usize) -> Options<'a> {
    Options { workers: NonZeroUsize::new(workers), paths: Paths::All, ..Options::default() }
}

fn explore(managers: u32, options: &Options<'_>) -> Report {
    let mut report = check(&TwoPhaseCommit::new(managers), options).unwrap();
    report.cost = Default::default();
    report
}

#[test]
fn three_five_and_seven_managers_have_the_states_stateright_counts() {
    for (managers, states) in [(3, 288), (5, 8_832), (7, 296_448)] {
        let report = explore(managers, &options(1));
        assert_eq!((report.states, report.end), (states, End::Complete));
        assert_eq!(report.depth, 3 * managers + 1);
        assert_eq!(report.findings[2].verdict, Decision::Holds);
        assert_eq!(report.levels.iter().sum::<u64>(), states);
    }
}

#[test]
fn any_number_of_workers_gives_the_same_report() {
    let one = explore(5, &options(1));
    for workers in [2, 3, 4] {
        assert_eq!(explore(5, &options(workers)), one, "{workers}");
    }
}

#[test]
fn a_limit_on_states_leaves_verdicts_open_alike_for_any_number_of_workers() {
    let limits = Limits { states: Some(2_000), ..Limits::default() };
    let limited = |workers| explore(5, &Options { limits, ..options(workers) });
    let one = limited(1);
    assert_eq!(one.end, End::States);
    assert!(one.states <= 2_000 && one.checked == one.depth + 1, "{one:?}");
    assert_eq!(one.findings[2].verdict, Decision::Undecided);
    assert!(matches!(one.findings[0].verdict, Decision::Found(_)));
    assert_eq!(limited(2), one);
    assert_eq!(limited(3), one);
}

#[test]
fn a_limit_on_memory_is_kept() {
    let limits = Limits { bytes: Some(100_000), ..Limits::default() };
    let report = explore(7, &Options { limits, ..options(2) });
    assert_eq!(report.end, End::Memory);
    assert_eq!(report.findings[2].verdict, Decision::Undecided);
}

#[test]
fn a_state_takes_eight_bytes_at_most_and_a_long_one_no_more_than_itself_and_half() {
    for workers in [1, 2] {
        let options = Options { paths: Paths::None, ..options(workers) };
        let bytes = |report: Report| report.cost.bytes as f64 / report.states as f64;
        let short = bytes(check(&TwoPhaseCommit::new(7), &options).unwrap());
        assert!(short <= 8.0, "{workers}: {short}");
        let long = bytes(check(&Broken(TwoPhaseCommit::new(7)), &options).unwrap());
        assert!(long <= 24.0, "{workers}: {long}");
    }
}

#[test]
fn stateright_agrees() {
    let ours = explore(4, &options(2));
    let model = Arc::new(TwoPhaseCommit::new(4));
    let theirs = check_with_stateright(model, NonZeroUsize::MIN, None);
    assert_eq!((theirs.states, theirs.transitions), (ours.states, ours.transitions));
    assert_eq!(theirs.depth, ours.depth);
    assert!(matches!(theirs.findings[0].verdict, Decision::Found(_)));
    assert!(matches!(theirs.findings[1].verdict, Decision::Found(_)));
    assert_eq!(theirs.findings[2].verdict, Decision::Holds);
}
