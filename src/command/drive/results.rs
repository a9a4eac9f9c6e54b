//! Results of driving: recordings, the file of expected deviations, test cases, several scenarios.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use mapi_logon_drive::bench::Driven;
use mapi_logon_drive::expected::{Deviations, Expectation, Met, Then};
use mapi_logon_drive::protocol::Hello;
use mapi_logon_traces::recording::EventLine;

use crate::output;
use crate::outputs::Outputs;
use crate::path::text_of;
use crate::render::driven::{Coverage, DriveResult, steps};
use crate::render::text::{Paint, count};
use crate::reports::{Case, CaseVerdict};

/// A recording as a file has it.
pub(crate) fn lines(recording: &[EventLine]) -> String {
    let line = |event| serde_json::to_string(event).unwrap_or_default() + "\n";
    recording.iter().map(line).collect()
}

/// Keeps a world in a folder: its recording, and its moves, which can be made again.
pub(super) fn keep(folder: &Path, name: &str, driven: &Driven) -> Result<()> {
    let mut outputs = Outputs::default();
    outputs.add_in(folder, &format!("{name}.jsonl"), || Ok(lines(&driven.recording)))?;
    let moves = || Ok(serde_json::to_string_pretty(&driven.moves)? + "\n");
    outputs.add_in(folder, &format!("{name}.run.json"), moves)?;
    outputs.write()
}

/// The expected deviations of a file; none where there is no file yet and one is to be written.
pub(super) fn expected(path: Option<&PathBuf>, bless: bool) -> Result<Deviations> {
    let Some(path) = path.filter(|path| !bless || path.exists()) else {
        return Ok(Deviations::default());
    };
    let shown = text_of(path);
    let text = fs::read_to_string(path)
        .map_err(|error| anyhow!("{shown}: {error}; with `--bless` a first one is written"))?;
    Deviations::parse(&text).map_err(|error| anyhow!("{shown}:{error}"))
}

/// Warns where the file is about another system, another version or another preset.
pub(super) fn warn_of_another(
    path: Option<&PathBuf>,
    expected: &Deviations,
    hello: &Hello,
    policy: Option<&str>,
) {
    let about = expected.is_about_another(&hello.system, &hello.version, policy);
    if let (Some(path), Some(about)) = (path.filter(|path| path.exists()), about) {
        output::complain(&format!("warning: {} {about}", text_of(path)));
    }
}

/// The expected deviations and the new ones.
pub(super) fn blessed(result: &DriveResult, mut file: Deviations) -> Deviations {
    (file.system, file.version) = (result.system.clone(), result.version.clone());
    file.policy.clone_from(&result.policy);
    for new in &result.deviations {
        let (call, _) = mapi_logon_model::scenario::split_call(&new.call);
        let expectation = Expectation {
            id: fresh(&file, call),
            scenario: Some(result.scenario.clone()),
            call: call.to_owned(),
            client: None,
            clause: new.clause.clone(),
            status: new.status,
            observed: vec![new.observed.clone()],
            reason: String::new(),
            link: None,
            since: None,
            until: None,
            then: Then::default(),
            elsewhere: false,
        };
        if !file.deviation.iter().any(|known| known.says(&expectation)) {
            file.deviation.push(expectation);
        }
    }
    file
}

/// An id that no deviation of the file has.
fn fresh(file: &Deviations, call: &str) -> String {
    let taken = |id: &String| file.deviation.iter().any(|one| one.id == *id);
    let mut ids = (file.deviation.len() + 1..).map(|at| format!("{}-{at}", call.to_lowercase()));
    ids.find(|id| !taken(id)).unwrap_or_default()
}

/// The deviations as test cases.
pub(super) fn cases(result: &DriveResult) -> Vec<Case> {
    let new = result.deviations.iter().map(|one| Case {
        name: one.clause.clone(),
        about: one.head(),
        verdict: CaseVerdict::New(one.head(), steps(one, Paint::none())),
        place: None,
    });
    let expected = result.expected.iter().map(|one| Case {
        name: one.clause.clone(),
        about: format!("{}: {} deviates from {}", one.id, one.call, one.clause),
        verdict: match (one.stale, one.met.deviated) {
            (true, _) => {
                let times = count(one.met.conformed, "time");
                CaseVerdict::Gone(format!(
                    "{} did not happen; {} did {times} what the model allows. Take {} out of the \
                     file if the system was mended",
                    one.id, one.call, one.id
                ))
            }
            (false, 0) => CaseVerdict::Skipped(format!("not exercised; {}", one.reason)),
            (false, _) => CaseVerdict::Known(
                format!("{} deviates as expected.", one.call),
                one.reason.clone(),
            ),
        },
        place: None,
    });
    let left_out = result.unsupported.iter().map(|what| Case {
        name: format!("{} without {what}", result.scenario),
        about: "The adapter supports what the scenario asks for.".to_owned(),
        verdict: CaseVerdict::Skipped(format!("the adapter does not support {what}")),
        place: None,
    });
    let goals = result.coverage.iter().flat_map(|coverage| goals(&result.scenario, coverage));
    let worlds = Case {
        name: format!("{} worlds", result.scenario),
        about: "Every question, answer and result is one that the model allows.".to_owned(),
        verdict: CaseVerdict::Passed,
        place: None,
    };
    let traces = result.suite.iter().map(|one| Case {
        name: one.name.clone(),
        about: "The system shows this run of the model.".to_owned(),
        verdict: if one.is_reached() {
            CaseVerdict::Passed
        } else {
            let why = one.left.as_deref().unwrap_or("the system took another branch");
            CaseVerdict::Undecided(format!("followed to step {}: {why}", one.shown))
        },
        place: None,
    });
    new.chain(expected).chain(traces).chain(goals).chain(left_out).chain([worlds]).collect()
}

/// The goals of a scenario as test cases.
fn goals(scenario: &str, coverage: &Coverage) -> Vec<Case> {
    let covered = &coverage.covered;
    let case = |goal: &str, verdict| Case {
        name: format!("{scenario} {goal}"),
        about: "The system shows it.".to_owned(),
        verdict,
        place: None,
    };
    let shown = covered.covered.iter().map(|goal| case(goal, CaseVerdict::Passed));
    let refused = covered.refused.iter().map(|one| {
        let tries = count(one.tries.into(), "time");
        let why = format!("refused: it took another branch or deviated {tries}");
        case(&one.goal, CaseVerdict::Skipped(why))
    });
    let open = covered
        .open
        .iter()
        .map(|goal| case(goal, CaseVerdict::Undecided("a limit left it untried".to_owned())));
    let beyond = covered
        .beyond
        .iter()
        .map(|one| case(&one.id, CaseVerdict::Skipped(format!("out of reach: {}", one.why))));
    shown.chain(refused).chain(open).chain(beyond).collect()
}

/// Decides on scenarios that were driven together: what is expected need not happen in each.
pub(super) fn together(results: &mut [DriveResult]) {
    for result in &mut *results {
        result.decide();
    }
    let Some(first) = results.first() else { return };
    for at in 0..first.expected.len() {
        let met = results.iter().map(|one| one.expected[at].met);
        let met = met.fold(Met::default(), |all, one| Met {
            deviated: all.deviated + one.deviated,
            conformed: all.conformed + one.conformed,
        });
        for result in &mut *results {
            result.expected[at].stale &= met.is_stale();
            result.decide();
        }
    }
}
