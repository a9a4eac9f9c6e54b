//! Recordings in which a store is opened that belongs to no service (PRV-60).

use mapi_logon_traces::explain::{
    Assumed, ExplainLimits, ExplainVerdict, Explanation, assume, derive, explain,
};

use crate::support::{built_in, read};

const LOGON: &str =
    r#"{"client":"outlook","call":"MAPILogonEx","args":{"profile":"Work","flags":2},"result":0}"#;

fn opened(client: &str, result: &str) -> String {
    format!(r#"{{"client":"{client}","call":"OpenMsgStore:ARCHIVE","result":"{result}"}}"#)
}

/// The explanation of these lines in the built-in scenario `foreign-store`, told.
fn told(lines: &[&str]) -> Explanation {
    let recording = read(&lines.join("\n"));
    let mut all = built_in().into_iter();
    let (_, scenario) = all.find(|(name, _)| name == "foreign-store").unwrap();
    let limits = ExplainLimits::default();
    let mut report = explain(&recording, &scenario, &limits).unwrap();
    report.tell(&recording, &limits, false).unwrap();
    report.explanation
}

/// What is assumed where no scenario is given.
fn assumed(lines: &[&str]) -> (ExplainVerdict, Assumed) {
    let recording = read(&lines.join("\n"));
    let plainest = derive(&recording).unwrap();
    let (report, _, assumed) = assume(&recording, &plainest, &ExplainLimits::default()).unwrap();
    (report.explanation.verdict, assumed)
}

#[test]
fn foreign_store_that_is_lost_leaves_the_session_sound_without_a_word_of_services() {
    let lost = opened("outlook", "MAPI_E_NOT_FOUND");
    let again = opened("outlook", "MAPI_E_LOGON_FAILED");
    let other = r#"{"client":"outlook","call":"OpenMsgStore:EXMS","result":"S_OK"}"#;
    let found = told(&[LOGON, &lost, &again, other]);
    assert_eq!(found.verdict, ExplainVerdict::Explained, "{:?}", found.unexplained);
    let text = "ARCHIVE, which belongs to no service, is lost for this session";
    let story: Vec<_> = found.story.iter().flat_map(|call| &call.sentences).collect();
    let loss = story.iter().find(|one| one.text == text).unwrap_or_else(|| panic!("{story:?}"));
    assert_eq!(loss.clauses, ["PRV-60", "AMB-50"]);
    let follows: Vec<_> = found.follows.iter().map(|one| one.text.as_str()).collect();
    let sound = "The session of line 1 is sound: ARCHIVE cannot be used in it. Log off and on \
                 again when the cause is gone.";
    assert_eq!(follows, [sound]);
}

#[test]
fn foreign_store_is_not_unknown_to_a_session_that_has_not_lost_it() {
    let lost = opened("outlook", "MAPI_E_LOGON_FAILED");
    assert_eq!(told(&[LOGON, &lost]).verdict, ExplainVerdict::Unexplained);
}

#[test]
fn store_that_sessions_on_two_profiles_open_is_assumed_to_belong_to_no_service() {
    let home = LOGON.replace("Work", "Home").replace("outlook", "word");
    let (first, second) = (opened("outlook", "S_OK"), opened("word", "S_OK"));
    let (verdict, assumed) = assumed(&[LOGON, &home, &first, &second]);
    assert_eq!(verdict, ExplainVerdict::Explained);
    let chosen = assumed.chosen.unwrap();
    let [fact] = chosen.world.as_slice() else { panic!("{chosen:?}") };
    assert_eq!((fact.clause.as_str(), chosen.price), ("PRV-60", 1));
}

#[test]
fn store_that_a_logon_left_alone_and_opening_started_may_belong_to_no_service() {
    let calls = |name: &str| {
        let call =
            |call: &str| format!(r#"{{"provider":"{name}","call":"{call}","result":"S_OK"}}"#);
        format!(r#""provider_events":[{},{}]"#, call("Init"), call("Logon"))
    };
    let logon = LOGON.replace(r#""result":0"#, &format!(r#""result":0,{}"#, calls("EXAB")));
    let open = opened("outlook", "S_OK").replace('}', &format!(",{}}}", calls("ARCHIVE")));
    let (verdict, assumed) = assumed(&[&logon, &open]);
    assert_eq!(verdict, ExplainVerdict::Explained);
    let all: Vec<_> = assumed.chosen.iter().chain(&assumed.or).flat_map(|one| &one.world).collect();
    assert!(all.iter().any(|fact| fact.clause == "PRV-60"), "{all:?}");
}
