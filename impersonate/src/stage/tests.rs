//! Lines of a shim, and the answers to them.

use super::*;
use crate::finding::Kind;
use crate::wire::said;

fn stage(scenario: &str) -> Stage {
    let text = std::fs::read_to_string(format!("../scenarios/{scenario}.toml")).unwrap();
    Stage::new(opened(Scenario::parse(&text).unwrap()), 3)
}

/// What a process gets for its lines.
fn heard(stage: &mut Stage, process: u32, lines: &[&str]) -> Vec<String> {
    let answers = lines.iter().filter_map(|line| stage.hear(process, said(line).unwrap()));
    answers.map(|answer| answer.line.trim_end().to_owned()).collect()
}

#[test]
fn a_session_lives_from_its_logon_to_its_logoff() {
    let mut stage = stage("lost-store");
    let answers = heard(
        &mut stage,
        1,
        &[
            "MAPILogonEx profile=Work flags=34",
            "MAPIInitialize",
            "MAPILogonEx profile=Nobody flags=34",
            "MAPILogonEx profile=Work flags=34",
            "GetMsgStoresTable session=1",
            "OpenMsgStore session=1 store=none",
            "GetMsgServiceTable session=1",
            "Logoff session=1 flags=0",
            "OpenMsgStore session=1 store=EXMS",
            "Release session=1",
            "MAPIUninitialize",
            "bye buffers=0",
        ],
    );
    let not_initialized = "80040605";
    assert_eq!(
        answers,
        [
            not_initialized,
            "00000000",
            "80040111",
            "00000000 session=1",
            "00000000 rows=EXMS,INMS",
            "8004010f",
            "00000000 rows=Exchange,Internet",
            "00000000",
            "80040108",
            "00000000",
            "00000000",
        ]
    );
    let report = stage.end(Ending::Status(0), &[]);
    let kinds: Vec<_> = report.seen.iter().map(|seen| seen.kind).collect();
    assert_eq!(kinds, [Kind::UsedAfterLogoff]);
}

#[test]
fn sessions_of_other_processes_and_pointers_that_are_over_reach_nothing() {
    let mut stage = stage("lost-store");
    let begins = ["MAPIInitialize", "MAPILogonEx profile=Work flags=34"];
    assert_eq!(heard(&mut stage, 1, &begins)[1], "00000000 session=1");
    assert_eq!(heard(&mut stage, 2, &["MAPIInitialize"]), ["00000000"]);
    assert_eq!(heard(&mut stage, 2, &["Logoff session=1 flags=0"]), ["80040108"]);
    assert_eq!(heard(&mut stage, 1, &["QueryIdentity session=1"]), ["00000000"]);
    // The slot of a released session serves the next one; the old number does not.
    let again = ["Release session=1", "MAPILogonEx profile=Work flags=34"];
    assert_eq!(heard(&mut stage, 1, &again)[1], "00000000 session=2");
    assert_eq!(heard(&mut stage, 1, &["Logoff session=1 flags=0"]), ["80040108"]);
    assert_eq!(heard(&mut stage, 1, &["QueryIdentity session=2"]), ["00000000"]);
    let report = stage.end(Ending::Signal(9), &[]);
    let kinds: Vec<_> = report.seen.iter().map(|seen| seen.kind).collect();
    let expected = [Kind::Crash, Kind::UsedAfterRelease, Kind::ForeignSession, Kind::ReleasedOnly];
    assert_eq!(kinds, expected);
}

#[test]
fn a_storm_and_nonsense_end_a_run() {
    let mut stage = stage("lost-store");
    let fails = ["MAPILogonEx profile=No flags=34"; 4];
    assert_eq!(heard(&mut stage, 1, &["MAPIInitialize"]).len(), 1);
    assert_eq!(heard(&mut stage, 1, &fails).len(), 4);
    assert_eq!(stage.stop(), Some(&Stop::Storm));
    assert_eq!(heard(&mut stage, 1, &fails).len(), 0);
    stage.begin(Plan::of(Vec::new()));
    assert_eq!(heard(&mut stage, 1, &["Dance session=1"]).len(), 0);
    assert_eq!(stage.stop(), Some(&Stop::Nonsense("Dance".to_owned())));
}

#[test]
fn profile_administration_shows_what_is_there_until_a_new_world_begins() {
    let mut stage = stage("lost-store");
    let answers = heard(
        &mut stage,
        1,
        &[
            "GetProfileTable",
            "MAPIInitialize",
            "AdminServices profile=No",
            "AdminServices profile=Work",
            "GetMsgServiceTable profile=Work",
            "GetProviderTable profile=Work",
            "GetProfileTable",
            "DeleteProfile profile=Work",
            "GetProfileTable",
            "AdminServices profile=Work",
            "world",
            "MAPIInitialize",
            "GetProfileTable",
        ],
    );
    assert_eq!(
        answers,
        [
            "80040605",
            "00000000",
            "80040111",
            "00000000",
            "00000000 rows=Exchange,Internet",
            "00000000 rows=EXAB,EXMS,INMS",
            "00000000 rows=Work",
            "00000000",
            "00000000",
            "80040111",
            "00000000",
            "00000000",
            "00000000 rows=Work",
        ]
    );
}

#[test]
fn an_exception_of_windows_is_a_crash_whatever_the_status() {
    let mut stage = stage("lost-store");
    assert_eq!(heard(&mut stage, 1, &["MAPIInitialize", "crash code=3221225477"]).len(), 1);
    let report = stage.end(Ending::Status(5), &[0]);
    let kinds: Vec<_> = report.seen.iter().map(|seen| seen.kind).collect();
    assert_eq!(kinds, [Kind::Crash], "what it leaves behind is not judged");
}
