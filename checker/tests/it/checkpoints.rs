//! Checkpoints: a resumed search ends like one that was never interrupted.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mapi_logon_checker::{Checkpoints, End, Error, Limits, Options, Paths, Report, check};

use crate::mortal::Mortal;
use crate::two_phase_commit::{Broken, model::TwoPhaseCommit};

/// A directory that is removed with this value.
pub(crate) struct Dir(pub(crate) PathBuf);

impl Dir {
    pub(crate) fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn options(dir: &Dir, workers: usize, resume: bool) -> Options<'static> {
    let checkpoints = Checkpoints { dir: dir.0.clone(), every: Duration::ZERO, resume };
    let workers = NonZeroUsize::new(workers);
    let checkpoints = Some(checkpoints);
    Options { workers, paths: Paths::All, checkpoints, ..Options::default() }
}

fn result(report: Result<Report, Error>) -> Report {
    Report { cost: Default::default(), ..report.unwrap() }
}

/// Dies after `expansions`, is resumed, dies again, and so on to the end.
fn die_and_resume(name: &str, workers: &[usize], mut expansions: u64) {
    let dir = Dir::new(name);
    let whole = Options { paths: Paths::All, ..Options::default() };
    let expected = result(check(&Broken(TwoPhaseCommit::new(5)), &whole));
    let mut lives = 0;
    loop {
        let options = options(&dir, workers[lives % workers.len()], true);
        lives += 1;
        let model = Mortal::new(Broken(TwoPhaseCommit::new(5)), expansions);
        expansions += expansions / 8;
        if let Some(Ok(report)) = model.check(&options) {
            assert_eq!(result(Ok(report)), expected, "{lives} lives");
            break;
        }
        assert!(lives < 100, "no life gets any further");
    }
    assert!(lives > 3, "{lives} lives");
}

#[test]
fn search_survives_any_number_of_deaths() {
    die_and_resume("exact", &[1], 1_100);
}

#[test]
fn search_survives_with_other_numbers_of_workers() {
    die_and_resume("workers", &[2, 1, 3, 3], 1_200);
}

#[test]
fn search_stopped_by_a_limit_goes_on_with_a_higher_one() {
    let dir = Dir::new("limit");
    let model = TwoPhaseCommit::new(5);
    let limits = Limits { states: Some(3_000), ..Limits::default() };
    let first = Options { limits, ..options(&dir, 2, false) };
    assert_eq!(check(&model, &first).unwrap().end, End::States);
    let second = result(check(&model, &options(&dir, 2, true)));
    let whole = Options { paths: Paths::All, ..Options::default() };
    assert_eq!(second, result(check(&model, &whole)));
}

/// A directory with the checkpoint of an unfinished search.
fn unfinished(name: &str) -> Dir {
    let dir = Dir::new(name);
    let model = Mortal::new(TwoPhaseCommit::new(5), 2_000);
    assert!(model.check(&options(&dir, 1, false)).is_none());
    dir
}

fn refusal(dir: &Dir, managers: u32, resume: bool) -> String {
    match check(&TwoPhaseCommit::new(managers), &options(dir, 1, resume)) {
        Err(Error::Checkpoint(message)) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn checkpoint_is_not_overwritten_unasked() {
    let dir = unfinished("unasked");
    assert!(refusal(&dir, 5, false).contains("holds a checkpoint"));
}

#[test]
fn checkpoint_of_another_search_is_refused() {
    let dir = unfinished("foreign");
    assert!(refusal(&dir, 6, true).contains("another search"));
}

#[test]
fn damaged_checkpoint_is_refused() {
    for (name, file) in [("torn-manifest", "manifest-0"), ("torn-states", "states-0-0")] {
        let dir = unfinished(name);
        let path = dir.0.join(file);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 4;
        fs::write(&path, &bytes).unwrap();
        assert!(refusal(&dir, 5, true).contains("damaged"));
        bytes.truncate(middle);
        fs::write(&path, &bytes).unwrap();
        assert!(refusal(&dir, 5, true).contains("damaged"));
    }
}

#[test]
fn what_was_never_finished_is_cut_off() {
    let dir = unfinished("tail");
    let path = dir.0.join("states-0-0");
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend([7; 1_001]);
    fs::write(&path, bytes).unwrap();
    fs::write(dir.0.join("manifest-0.new"), [1, 2, 3]).unwrap();
    let model = TwoPhaseCommit::new(5);
    let report = result(check(&model, &options(&dir, 1, true)));
    assert_eq!(report.states, 8_832);
}
