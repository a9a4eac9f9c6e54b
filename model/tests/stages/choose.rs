//! Q4: join or establish.

use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::Place::{Q4, Q21};
use mapi_logon_model::protocol::Transition::{T9, T10, T10a, T11, T61};

use crate::script::{OFFICE, Script, office, world};

const MEMBERS: &str = r#"
[[client]]
name = "outlook"
profile = "Work"
flags = ["MAPI_ALLOW_OTHERS"]
calls = ["MAPILogonEx", "Logoff"]
[[client]]
name = "word"
profile = "Home"
[[client]]
name = "tray"
profile = "Work"
flags = ["MAPI_NEW_SESSION", "MAPI_ALLOW_OTHERS"]
"#;

fn shared() -> Script {
    office(MEMBERS).client("outlook").calls().completes().returns(Code::Ok)
}

#[test]
fn shared_session_is_joined_whatever_name_is_passed() {
    shared()
        .client("word")
        .calls()
        .until(Q4)
        .goes_on()
        .takes(&[T9, T61])
        .shows("word joins outlook's session")
        .returns(Code::Ok);
}

#[test]
fn new_session_bypasses_the_shared_one() {
    shared()
        .client("tray")
        .calls()
        .until(Q4)
        .goes_on()
        .takes(&[T10, T11])
        .shows("tray's session is begun");
}

#[test]
fn nothing_to_join_leads_to_a_session_of_its_own() {
    let ended = shared().calls().returns(Code::Ok);
    ended.client("word").calls().until(Q4).goes_on().takes(&[T10, T11]);
}

#[test]
fn second_shared_session_may_be_refused() {
    let refused = office(MEMBERS).read("SHARED_CLASH", "refuse").client("outlook");
    let refused = refused.calls().completes().client("tray").calls().until(Q4);
    refused.goes_on().takes(&[T10a]).rests_at(Q21).completes().returns(Code::LogonFailed);
}

#[test]
fn full_subsystem_begins_no_session_but_lets_others_join() {
    let full = || {
        let text = format!("[subsystem]\nmax_sessions = 1\n{OFFICE}{MEMBERS}");
        world(&text).client("outlook").calls().completes()
    };
    full().client("tray").calls().until(Q4).goes_on().takes(&[T10a]);
    full().client("word").calls().until(Q4).goes_on().takes(&[T9, T61]);
}
