//! Readers under mutated input, and random runs of mutated scenarios: no panic, no abort, no
//! endless loop, no wrong verdict.
//!
//! A few hundred inputs of each kind by default, as many as `MAPI_LOGON_FUZZ_CASES` says on
//! request, from number `MAPI_LOGON_FUZZ_FIRST` on. Every input follows from its number. One that
//! is not survived is written to the folder for temporary files, and belongs into `regressions/`,
//! in a file whose name begins with that of the test, once it is mended.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod deep;
mod mutate;
mod readers;
mod seeds;

use std::fs::{self, File};
use std::io::{Seek, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{sleep, spawn};
use std::time::Duration;

use mutate::{Dice, mutated};

/// Inputs of each kind by default.
const CASES: u64 = 250;

/// The longest time that an input may take.
const PATIENCE: Duration = Duration::from_secs(60);

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

/// Has a reader read what is kept of earlier findings, then mutated seeds. The reader says whether
/// it accepted the input.
fn fuzz(name: &str, seeds: &[Vec<u8>], reader: impl Fn(&[u8], &mut Dice) -> bool) {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/regressions");
    for path in fs::read_dir(kept).into_iter().flatten().map(|entry| entry.unwrap().path()) {
        if path.file_name().unwrap().to_string_lossy().starts_with(name) {
            reader(&fs::read(path).unwrap(), &mut Dice::new(0));
        }
    }
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let place = |what: &str| temporary.join(format!("fuzz-{name}-{what}"));
    // Says which input it was even if the process is aborted.
    let mut log = File::create(place("case")).unwrap();
    let watch = Watch::begin(name);
    let (first, cases) =
        (number("MAPI_LOGON_FUZZ_FIRST", 0), number("MAPI_LOGON_FUZZ_CASES", CASES));
    let mut accepted = 0;
    for case in first..first + cases {
        let mut dice = Dice::new(case);
        let input = mutated(&mut dice, seeds);
        log.rewind().unwrap();
        writeln!(log, "{case}").unwrap();
        watch.0.store(case + 1, Ordering::Relaxed);
        match catch_unwind(AssertUnwindSafe(|| reader(&input, &mut dice))) {
            Ok(is_accepted) => accepted += u64::from(is_accepted),
            Err(panic) => {
                let path: PathBuf = place(&case.to_string());
                fs::write(&path, &input).unwrap();
                eprintln!("case {case} of {name}: {}", path.display());
                resume_unwind(panic);
            }
        }
    }
    println!("{name}: {cases} inputs, {accepted} accepted");
}

/// Ends the process when one input takes too long.
struct Watch(Arc<AtomicU64>);

impl Watch {
    fn begin(name: &str) -> Self {
        let case = Arc::new(AtomicU64::new(0));
        let (watched, name) = (Arc::downgrade(&case), name.to_owned());
        spawn(move || {
            let mut last = 0;
            while let Some(case) = watched.upgrade().map(|case| case.load(Ordering::Relaxed)) {
                if case > 0 && case == last {
                    eprintln!("case {} of {name} does not end", case - 1);
                    std::process::exit(101);
                }
                last = case;
                sleep(PATIENCE);
            }
        });
        Self(case)
    }
}

#[test]
fn no_scenario_is_too_much_for_its_reader() {
    fuzz("scenario", &seeds::scenarios(), readers::scenario);
}

#[test]
fn no_name_of_a_policy_is_too_much_for_its_reader() {
    fuzz("policy", &seeds::policies(), readers::policy);
}

#[test]
fn no_map_is_too_much_for_its_reader() {
    fuzz("map", &seeds::maps(), readers::map);
}

#[test]
fn no_log_is_too_much_for_a_map() {
    fuzz("log", &seeds::logs(), readers::log);
}

#[test]
fn no_log_is_too_much_for_who_proposes_a_map() {
    fuzz("guess", &seeds::logs(), readers::unknown_log);
}

#[test]
fn no_trace_is_too_much_for_its_reader() {
    fuzz("trace", &seeds::traces(), readers::trace);
}

#[test]
fn no_recording_is_too_much_for_its_reader() {
    fuzz("recording", &seeds::recordings(), readers::recording);
}

#[test]
fn no_itf_document_is_too_much_for_its_reader() {
    fuzz("itf", &seeds::itf(), readers::itf);
}

#[test]
fn no_recording_of_libmapi_is_too_much_for_its_reader() {
    fuzz("libmapi", &seeds::libmapi(), readers::libmapi);
}

#[test]
fn no_load_is_too_much_for_the_simulation() {
    fuzz("load", &seeds::loads(), readers::load);
}

#[test]
fn no_line_of_an_adapter_is_too_much_for_drive() {
    fuzz("protocol", &seeds::protocol(), readers::protocol);
}

#[test]
fn no_file_of_deviations_is_too_much_for_its_reader() {
    fuzz("deviations", &seeds::deviations(), readers::deviations);
}

#[test]
fn every_run_of_an_accepted_scenario_replays_and_is_explained_and_its_witness_replays() {
    fuzz("deep", &seeds::scenarios(), deep::run);
}
