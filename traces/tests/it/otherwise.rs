//! What follows for a recording behind an event that no run shows, and behind a lost service.

use mapi_logon_model::policy::Policy;
use mapi_logon_traces::explain::{
    ExplainLimits, ExplainVerdict, Explanation, assume, derive, one_program, otherwise,
};
use serde_json::{Value, json};

use crate::support::read;

/// The log of a groupware client and its tray, with this logon.
fn log(result: &str, dialogs: &Value) -> Vec<Value> {
    let flags = "MAPI_EXTENDED|MAPI_ALLOW_OTHERS|MAPI_LOGON_UI";
    let mut all = vec![
        json!({"client": "ui", "call": "MAPIInitialize", "result": 0}),
        json!({"client": "ui", "call": "MAPILogonEx", "result": result, "session": 1,
            "args": {"profile": "Work", "flags": flags}}),
        json!({"client": "sync", "call": "OpenMsgStore:Folders", "result": 0, "session": 1}),
        json!({"client": "sync", "call": "OpenMsgStore:Mailbox", "session": 1,
            "result": "MAPI_E_LOGON_FAILED"}),
        json!({"client": "tray", "call": "MAPIInitialize", "result": 0}),
        json!({"client": "tray", "call": "MAPILogonEx", "result": 0, "session": 1,
            "args": {"profile": null, "flags": "MAPI_EXTENDED"}}),
        json!({"client": "tray", "call": "Logoff", "result": 0, "session": 1}),
    ];
    if !dialogs.is_null() {
        all[1]["dialogs"] = dialogs.clone();
    }
    all
}

/// The explanation in the world assumed, with what follows otherwise.
fn told(lines: &[Value]) -> Explanation {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let recording = read(&lines.join("\n"));
    let recording = one_program(&recording, |_| false).map_or(recording, |found| found.recording);
    let limits = ExplainLimits { faults: Some(u32::MAX), ..ExplainLimits::default() };
    let world = derive(&recording).unwrap();
    let (mut report, _, assumed) = assume(&recording, &world, &limits).unwrap();
    report.explanation.assumed = Some(assumed);
    let policy = Policy::default();
    report.explanation.otherwise =
        otherwise(&recording, &report.explanation, &limits, None, &policy);
    report.tell(&recording, &limits, false).unwrap();
    report.explanation
}

#[test]
fn behind_an_impossible_result_the_rest_is_explained_with_the_result_that_is_allowed() {
    let found = told(&log("MAPI_W_ERRORS_RETURNED", &Value::Null));
    assert_eq!(found.verdict, ExplainVerdict::Unexplained);
    let stuck = found.unexplained.as_ref().map(|event| event.event);
    assert_eq!((stuck, found.explained), (Some(2), 1));
    let [rest] = found.otherwise.as_slice() else { panic!("{:?}", found.otherwise) };
    assert_eq!(rest.text, "its result taken as S_OK");
    assert_eq!((rest.all, rest.explained, rest.faults, &rest.next), (true, 7, 1, &None));
    assert!(rest.causes[0].text.contains("Mailbox"), "{:?}", rest.causes);
    let events: Vec<_> = rest.story.iter().map(|one| one.event).collect();
    assert_eq!(events, [3, 4, 5, 6, 7]);
    let joins = |text: &str| text.starts_with("joins the shared session");
    assert!(rest.story[3].sentences.iter().any(|one| joins(&one.text)), "{:?}", rest.story);
}

#[test]
fn behind_two_impossible_results_the_second_is_told_with_its_difference() {
    let mut lines = log("MAPI_W_ERRORS_RETURNED", &Value::Null);
    lines[5]["result"] = json!("MAPI_E_USER_CANCEL");
    let found = told(&lines);
    let [rest] = found.otherwise.as_slice() else { panic!("{:?}", found.otherwise) };
    assert_eq!((rest.all, rest.explained), (false, 5));
    let next = rest.next.as_ref().unwrap();
    assert!(next.text.starts_with("event 6 (line 6), tray MAPILogonEx -> MAPI_E_USER_CANCEL"));
}

#[test]
fn an_impossible_password_dialog_may_have_been_the_prompt_of_a_provider() {
    let mut lines = log("S_OK", &json!([{"dialog": "password", "answer": "supply"}]));
    let prompt = "`password` taken as a prompt of Mailbox: write `provider:Mailbox`";
    let [open, asked] = told(&lines).otherwise.try_into().unwrap();
    assert_eq!((&*open.text, open.all), ("its `dialogs` left open", true));
    assert!(asked.text.contains("write `provider:"), "{asked:?}");
    assert!(!asked.all && asked.next.is_some());
    // Where the mailbox can be opened after it, the prompt explains everything.
    lines[3]["result"] = json!(0);
    let found = told(&lines).otherwise;
    let asked = found.iter().find(|one| one.text == prompt);
    assert!(asked.is_some_and(|one| one.all) || found[1].all, "{found:?}");
}

#[test]
fn what_follows_says_who_keeps_the_session_and_what_to_check() {
    let all = |found: &Explanation| -> String {
        found.follows.iter().map(|one| format!("{}\n", one.text)).collect()
    };
    let found = told(&log("S_OK", &Value::Null));
    assert_eq!(found.verdict, ExplainVerdict::Explained);
    let world = found.assumed.as_ref().unwrap().world.join("\n");
    assert!(!world.contains("unnamed"), "a logon that joins needs no profile: {world}");
    let follows = all(&found);
    for said in [
        "all members of the session have to log off before a logon tries again, or one logs on \
         with MAPI_NEW_SESSION: ui never logs off in this log, which keeps the session open",
        "Check for Mailbox that its library is where the profile says, its version fits this \
         MAPI, its server can be reached, its data is not damaged, the right password is stored",
    ] {
        assert!(follows.contains(said), "{said}\n{follows}");
    }
    let mut lines = log("S_OK", &Value::Null);
    lines.push(json!({"client": "ui", "call": "Logoff", "result": 0, "session": 1}));
    let follows = all(&told(&lines));
    assert!(follows.contains("It has ended; the next logon tries Mailbox again."), "{follows}");
}
