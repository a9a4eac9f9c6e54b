//! What an explanation says: the story, the cause, what follows, and why not.

use mapi_logon_model::scenario::Scenario;
use mapi_logon_traces::explain::{
    ExplainLimits, ExplainVerdict, Explanation, assume, derive, explain, hypotheses, one_program,
};

use crate::support::{built_in, read};

pub(crate) fn office() -> Scenario {
    built_in().into_iter().find(|(name, _)| name == "office").unwrap().1
}

/// The explanation of these lines in a scenario, told.
pub(crate) fn told(scenario: &Scenario, lines: &[&str], faults: Option<u32>) -> Explanation {
    let recording = read(&lines.join("\n"));
    let limits = ExplainLimits { faults, ..ExplainLimits::default() };
    let mut report = explain(&recording, scenario, &limits).unwrap();
    report.tell(&recording, &limits, false).unwrap();
    report.explanation
}

/// The same in the world assumed.
pub(crate) fn assumed(lines: &[&str]) -> Explanation {
    let recording = read(&lines.join("\n"));
    let limits = ExplainLimits { faults: Some(u32::MAX), ..ExplainLimits::default() };
    let world = derive(&recording).unwrap();
    let (mut report, _, assumed) = assume(&recording, &world, &limits).unwrap();
    report.tell(&recording, &limits, false).unwrap();
    report.explanation.assumed = Some(assumed);
    report.explanation
}

const WORK: &str =
    r#"{"client":"outlook","call":"MAPILogonEx","args":{"profile":"Work","flags":2},"result":0}"#;
const LOST: &str =
    r#"{"client":"outlook","call":"OpenMsgStore:EXMS","result":"MAPI_E_LOGON_FAILED"}"#;

#[test]
fn the_cause_is_every_minimal_explanation_in_one_sentence() {
    let found = told(&office(), &[WORK, LOST], None);
    assert_eq!((found.verdict, found.faults), (ExplainVerdict::Explained, 1));
    let [cause] = found.causes.as_slice() else { panic!("{:?}", found.causes) };
    assert!(cause.complete);
    // Two providers, and five faults of four kinds.
    assert_eq!(cause.one_of.len(), 10);
    let said = &cause.sentence.text;
    assert!(said.starts_with("one fault of EXAB or EXMS, of any of four kinds,"), "{said}");
    assert!(said.contains("the log cannot tell which"), "{said}");
    assert_eq!(cause.sentence.clauses, ["FLT-1", "FLT-2", "FLT-3", "FLT-4"]);
}

#[test]
fn a_story_says_what_happened_in_every_call_and_no_more_than_is_certain() {
    let found = told(&office(), &[WORK, LOST], None);
    let places: Vec<_> = found.story.iter().map(|one| one.place.as_str()).collect();
    assert_eq!(places, ["line 1", "line 2"]);
    let says =
        |at: usize, text: &str| found.story[at].sentences.iter().any(|one| one.text.contains(text));
    assert!(says(0, "Exchange is disabled for this session, and with it EXAB and EXMS"));
    assert!(!says(0, "strikes"), "which fault it was is not certain: {:?}", found.story[0]);
    assert!(says(1, "the service is disabled"));
    assert_eq!(found.story[1].sentences[0].clauses, ["DIS-4", "OPN-20"]);
    assert!(found.follows[0].text.contains("Log off and on again"), "{:?}", found.follows);
}

#[test]
fn a_recorded_provider_call_leaves_one_cause() {
    let logon = r#"{"client":"outlook","call":"MAPILogonEx","args":{"profile":"Work","flags":2},
        "result":0,"provider_events":[
        {"provider":"EXAB","call":"Init","result":"S_OK"},
        {"provider":"EXAB","call":"Logon","result":"MAPI_E_NETWORK_ERROR"},
        {"provider":"EXAB","call":"Logon","result":"MAPI_E_NETWORK_ERROR"},
        {"provider":"INMS","call":"Init","result":"S_OK"},
        {"provider":"INMS","call":"Logon","result":"S_OK"}]}"#
        .replace('\n', "");
    let found = told(&office(), &[&logon, LOST], None);
    assert_eq!(found.causes[0].one_of.len(), 1, "{found:?}");
    let said = &found.causes[0].sentence.text;
    assert_eq!(said, "server-unavailable of EXAB in the MAPILogonEx of line 1");
}

#[test]
fn a_third_try_is_named_with_the_clause_it_offends() {
    let logon = r#"{"client":"outlook","call":"MAPILogonEx","args":{"profile":"Work","flags":2},
        "result":0,"provider_events":[
        {"provider":"EXAB","call":"Init","result":"S_OK"},
        {"provider":"EXAB","call":"Logon","result":"MAPI_E_NETWORK_ERROR"},
        {"provider":"EXAB","call":"Logon","result":"MAPI_E_NETWORK_ERROR"},
        {"provider":"EXAB","call":"Logon","result":"MAPI_E_NETWORK_ERROR"}]}"#
        .replace('\n', "");
    let found = told(&office(), &[&logon], None).unexplained.unwrap();
    let difference = found.difference.unwrap();
    assert_eq!(
        difference.text,
        "provider call 4: third Logon of EXAB; one second try and no third"
    );
    assert_eq!(difference.clauses, ["RTY-5"]);
    assert!(found.nearest.len() <= 3 && found.ways >= found.nearest.len());
}

#[test]
fn where_logon_methods_alone_are_recorded_entry_points_are_not_compared() {
    let event = |provider: &str, result: &str| {
        format!(r#"{{"provider":"{provider}","call":"Logon","result":"{result}"}}"#)
    };
    let logon = |calls: &[&str]| {
        let events = format!("\"result\":0,\"provider_events\":[{}]", calls.join(","));
        WORK.replace("\"result\":0", &events)
    };
    let tried = &*event("EXAB", "MAPI_E_NETWORK_ERROR");
    let good = ["EXAB", "EXMS", "INMS"].map(|name| event(name, "S_OK"));
    let all: Vec<&str> = good.iter().map(String::as_str).collect();
    assert_eq!(told(&office(), &[&logon(&all)], None).verdict, ExplainVerdict::Explained);
    let found = told(&office(), &[&logon(&[&[tried], &all[..]].concat())], None);
    assert_eq!(found.verdict, ExplainVerdict::Explained, "{:?}", found.unexplained);
    let thrice = [&[tried, tried], &all[..]].concat();
    let found = told(&office(), &[&logon(&thrice)], None).unexplained.unwrap();
    let difference = found.difference.unwrap().text;
    assert_eq!(difference, "provider call 3: third Logon of EXAB; one second try and no third");
    assert_eq!(found.why_not, [], "no word of sessions that were not joined");
}

#[test]
fn store_of_another_profile_is_explained_as_one_of_no_service() {
    let logon = WORK.replace("outlook", "chooser");
    let open = r#"{"client":"chooser","call":"OpenMsgStore:Y-MS","result":0}"#;
    let (_, scenario) = built_in().into_iter().find(|(name, _)| name == "home-and-work").unwrap();
    let found = told(&scenario, &[&logon, open], None).unexplained.unwrap();
    let [why] = found.why_not.as_slice() else { panic!("{found:?}") };
    assert!(why.text.starts_with("the profile of the session has no store Y-MS;"));
    assert_eq!(why.clauses, ["PRV-60", "OPN-5"]);
    let (recording, limits) = (read(&[&logon, open].join("\n")), ExplainLimits::default());
    let told = hypotheses(&recording, &scenario, &limits, 1, 5_000_000);
    let [fact] = told[0].world.as_slice() else { panic!("{told:?}") };
    assert_eq!(fact.text, "Y-MS belongs to no service, and is opened by an identifier");
    assert_eq!(fact.line, "[[provider]] in place of [[profile.service.provider]]");
}

#[test]
fn why_nothing_could_be_joined_is_said() {
    let tray = r#"{"client":"word","call":"MAPILogonEx","args":{"profile":null,"flags":0},
        "result":0,"joined":true}"#
        .replace('\n', "");
    // A logon that names nothing and succeeds has most likely joined a session.
    for tray in [tray.clone(), tray.replace(",\"joined\":true", "")] {
        let found = told(&office(), &[WORK, &tray], Some(0)).unexplained.unwrap();
        let why: Vec<_> = found.why_not.iter().map(|one| one.text.as_str()).collect();
        let missing = "no shared session to join: line 1 lacks MAPI_ALLOW_OTHERS";
        assert!(why.contains(&missing), "{tray}: {why:?}");
    }
}

#[test]
fn a_profile_that_is_assumed_to_be_missing_is_told() {
    let refused = WORK.replace(":0}", ":\"MAPI_E_LOGON_FAILED\"}");
    let found = assumed(&[&refused]);
    assert_eq!(found.assumed.unwrap().world, ["no profile \"Work\""]);
}

#[test]
fn a_fact_that_the_scenario_lacks_is_a_hypothesis_with_its_line() {
    let open = r#"{"client":"outlook","call":"OpenMsgStore:EXMS","result":"0x8004011D"}"#;
    let recording = read(&[WORK, open].join("\n"));
    let limits = ExplainLimits::default();
    let found = explain(&recording, &office(), &limits).unwrap().explanation;
    let why = &found.unexplained.as_ref().unwrap().why_not;
    assert!(why[0].text.contains("logon_codes = [\"MAPI_E_FAILONEPROVIDER\"]"), "{why:?}");
    let told = hypotheses(&recording, &office(), &limits, found.explained, 5_000_000);
    let lines: Vec<_> = told.iter().flat_map(|one| &one.world).map(|one| &*one.line).collect();
    assert!(lines.contains(&"password = \"missing\""), "{told:?}");
    assert!(lines.contains(&"logon_codes = [\"MAPI_E_FAILONEPROVIDER\"]"), "{told:?}");
}

#[test]
fn a_provider_that_is_put_off_is_explained_from_the_recording_alone() {
    let open = r#"{"client":"outlook","call":"OpenMsgStore:EXMS","result":"0x8004011D"}"#;
    let found = assumed(&[WORK, open]);
    assert_eq!(found.verdict, ExplainVerdict::Explained);
    let assumed = found.assumed.unwrap();
    let chosen = assumed.chosen.unwrap();
    assert_eq!(chosen.world[0].text, "no password is stored for EXMS");
    assert_eq!(chosen.price, 1);
    let others: Vec<_> = assumed.or.iter().map(|one| &*one.world[0].clause).collect();
    assert_eq!(others, ["LIM-5", "AMB-35"]);
}

#[test]
fn other_codes_are_explained_from_the_recording_alone() {
    for code in [
        "MAPI_E_NETWORK_ERROR",
        "MAPI_E_UNCONFIGURED",
        "MAPI_E_LOGON_FAILED",
        "MAPI_E_SESSION_LIMIT",
        "MAPI_E_NO_ACCESS",
    ] {
        let open = format!(r#"{{"client":"outlook","call":"OpenMsgStore:S","result":"{code}"}}"#);
        assert_eq!(assumed(&[WORK, &open]).verdict, ExplainVerdict::Explained, "{code}");
    }
}

#[test]
fn provider_calls_of_a_call_that_never_returned_count() {
    let line = |result: &str| {
        let asked = r#"{"client":"outlook","call":"MAPILogonEx",
            "args":{"profile":"Work","flags":2},"provider_events":[
            {"provider":"EXAB","call":"Init","result":"S_OK"},
            {"provider":"EXAB","call":"Logon","result":"ANSWER"}]}"#;
        asked.replace('\n', "").replace("ANSWER", result)
    };
    let possible = told(&office(), &[&line("S_OK")], Some(0));
    assert_eq!(possible.verdict, ExplainVerdict::Explained);
    let impossible = told(&office(), &[&line("MAPI_E_NO_ACCESS")], Some(0));
    assert_eq!(impossible.verdict, ExplainVerdict::Unexplained);
}

#[test]
fn threads_that_share_a_session_are_one_program() {
    let lines = [
        r#"{"client":"ui","call":"MAPILogonEx","args":{"profile":"Work"},"result":0,"session":1}"#,
        r#"{"client":"sync","call":"OpenMsgStore:S","result":0,"session":1}"#,
    ];
    let recording = read(&lines.join("\n"));
    let program = one_program(&recording, |_| false).unwrap();
    let joined = program.recording;
    assert_eq!(program.threads, [("sync".to_owned(), "ui".to_owned())].into());
    assert_eq!(program.moved, [0; 0]);
    let limits = ExplainLimits { faults: Some(0), ..ExplainLimits::default() };
    let found = explain(&joined, &derive(&joined).unwrap(), &limits).unwrap().explanation;
    assert_eq!(found.verdict, ExplainVerdict::Explained);
    let alone = explain(&recording, &derive(&recording).unwrap(), &limits).unwrap().explanation;
    let why = alone.unexplained.unwrap().why_not;
    assert!(why[0].text.contains("[rename.client] sync = \"ui\""), "{why:?}");
}

#[test]
fn programs_that_share_a_session_stay_apart() {
    let line = |client: &str, call: &str, args: &str| {
        format!(
            r#"{{"client":"{client}","call":"{call}","args":{{{args}}},"result":0,"session":1}}"#
        )
    };
    let lines = [
        line("ui", "MAPILogonEx", r#""profile":"Work","flags":"MAPI_ALLOW_OTHERS""#),
        line("sync", "OpenMsgStore:S", ""),
        line("tray", "MAPILogonEx", r#""profile":null,"flags":0"#),
        line("sync", "OpenMsgStore:S", ""),
        line("tray", "Logoff", ""),
        line("ui", "Logoff", ""),
    ];
    let recording = read(&lines.join("\n"));
    let threads = |is_client: fn(&str) -> bool| {
        one_program(&recording, is_client).map(|program| program.threads)
    };
    assert_eq!(threads(|_| false), Some([("sync".to_owned(), "ui".to_owned())].into()));
    // A scenario tells clients apart that it has.
    assert_eq!(threads(|name| name == "sync"), None);
}

#[test]
fn overlapping_calls_of_one_program_are_taken_one_after_the_other() {
    let lines = [
        r#"{"client":"ui","begin":1,"end":2,"call":"MAPILogonEx","args":{"profile":"Work"},"#,
        r#""session":1,"result":0}"#,
        "\n",
        r#"{"client":"sync","begin":3,"end":6,"call":"OpenMsgStore:S","session":1,"#,
        r#""result":"MAPI_E_LOGON_FAILED"}"#,
        "\n",
        r#"{"client":"ui","begin":4,"end":5,"call":"OpenAddressBook","session":1,"result":0}"#,
        "\n",
        r#"{"client":"ui","begin":7,"call":"Logoff","session":1,"result":null}"#,
    ];
    let program = one_program(&read(&lines.concat()), |_| false).unwrap();
    assert_eq!(program.moved, [2]);
    let joined = program.recording;
    let limits = ExplainLimits::default();
    let found = assume(&joined, &derive(&joined).unwrap(), &limits).unwrap().0;
    assert_eq!(found.explanation.verdict, ExplainVerdict::Explained);
    // Two calls that hang leave no order.
    let hanging = lines.concat().replace(r#","end":6"#, "");
    let hanging = hanging.replace("\"MAPI_E_LOGON_FAILED\"", "null");
    assert!(one_program(&read(&hanging), |_| false).is_none());
}

#[test]
fn call_that_never_returned_is_told_with_what_it_may_wait_for() {
    let lines = [
        r#"{"client":"a","call":"MAPILogonEx","args":{"profile":"Work"},"result":null,"begin":1}"#,
        r#"{"client":"b","call":"MAPILogonEx","args":{"profile":"Work"},"result":null,"begin":2}"#,
    ];
    let recording = read(&lines.join("\n"));
    let limits = ExplainLimits::default();
    let mut found = assume(&recording, &derive(&recording).unwrap(), &limits).unwrap().0;
    found.tell(&recording, &limits, false).unwrap();
    let story = &found.explanation.story;
    assert_eq!(story.len(), 2);
    let says =
        |at: usize, words: &str| story[at].sentences.iter().any(|one| one.text.contains(words));
    assert!(says(0, "had not returned when the log ended"), "{story:?}");
    assert!(says(1, "the logon mutex, if the logon of line 1 holds it"), "{story:?}");
}

#[test]
fn dialogs_are_told_apart_by_what_is_shown_where_names_are_shared() {
    let scenario = Scenario::parse(
        "[[profile]]\nname = 'Work'\n[[profile.service]]\nname = 'MSEMS'\n\
         [[profile.service.provider]]\nname = 'MSEMS'\nkind = 'message-store'\n\
         [[client]]\nname = 'c'\nprofile = 'Work'\nflags = ['MAPI_LOGON_UI']\n[faults]\nbudget = 1",
    );
    let logon = r#"{"client":"c","call":"MAPILogonEx","result":"S_OK","provider_events":[
        {"provider":"MSEMS","call":"Init","result":"S_OK"},
        {"provider":"MSEMS","call":"Logon","result":"MAPI_E_NETWORK_ERROR"},
        {"provider":"MSEMS","call":"Logon","result":"MAPI_E_NETWORK_ERROR"}],
        "dialogs":[{"dialog":"failure:MSEMS","answer":"retry"}]}"#
        .replace('\n', "");
    assert_eq!(told(&scenario.unwrap(), &[&logon], None).verdict, ExplainVerdict::Explained);
}

#[test]
fn logons_whose_arguments_were_not_recorded_name_a_profile_that_exists() {
    let logon = r#"{"client":"a","call":"MAPILogonEx","result":"S_OK","dialogs":["failure:S"],
        "provider_events":[{"provider":"S","call":"Init","result":"S_OK"},
        {"provider":"S","call":"Logon","result":"MAPI_E_NETWORK_ERROR"},
        {"provider":"S","call":"Logon","result":"S_OK"}]}"#;
    let store = r#"{"client":"a","call":"OpenMsgStore:S","result":"S_OK"}"#;
    let recording = read(&[&logon.replace('\n', ""), store].join("\n"));
    let scenario = derive(&recording).unwrap();
    let limits = ExplainLimits::default();
    let (found, _, assumed) = assume(&recording, &scenario, &limits).unwrap();
    assert_eq!(found.explanation.verdict, ExplainVerdict::Explained);
    assert_eq!((found.explanation.faults, &assumed.chosen), (1, &None));
    let said =
        "a passes the profile name \"unnamed\" and MAPI_LOGON_UI; the recording does not say";
    assert_eq!(assumed.world.last().unwrap(), said);
    // NULL is an argument, and another than none: no name is put in its place.
    let null = read(r#"{"client":"a","call":"MAPILogonEx","args":{"profile":null},"result":0}"#);
    let (found, _, assumed) = assume(&null, &derive(&null).unwrap(), &limits).unwrap();
    assert_eq!(found.explanation.verdict, ExplainVerdict::Unexplained);
    assert!(assumed.world.iter().all(|fact| !fact.contains("passes the profile name")));
}

#[test]
fn a_question_that_is_open_when_the_recording_ends_has_no_answer_yet() {
    // An answer would be a second fault where one is allowed.
    let mut scenario = office();
    scenario.policy.set("TRIES", "1").unwrap();
    let line = r#"{"client":"outlook","call":"MAPILogonEx","args":{"flags":"0x00000009",
        "profile":"Work"},"begin":1.0,"dialogs":[],"provider_events":[
        {"provider":"EXAB","call":"Init","result":"S_OK"},
        {"provider":"EXAB","call":"Logon","result":"MAPI_E_NETWORK_ERROR"},
        {"provider":"INMS","call":"Init"}]}"#;
    let explanation = told(&scenario, &[&line.replace('\n', " ")], None);
    assert_eq!(explanation.verdict, ExplainVerdict::Explained);
    assert_eq!(explanation.faults, 1);
}
