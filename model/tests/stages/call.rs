//! Q0 to Q3: a call begins and waits for its turn.

use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::Choice;
use mapi_logon_model::protocol::Place::{Q3, Q4};
use mapi_logon_model::protocol::Transition::{T1, T2, T3, T4, T5, T6, T7, T82};

use crate::script::office;

const TWO: &str = r#"
[[client]]
name = "outlook"
profile = "Work"
[[client]]
name = "reminder"
profile = "Work"
flags = ["MAPI_TIMEOUT_SHORT"]
"#;

#[test]
fn first_call_initialises_checks_its_parameters_and_waits() {
    office(TWO).client("outlook").calls().takes(&[T1, T3, T5]).rests_at(Q3);
}

#[test]
fn mutex_is_taken_when_it_is_free_and_nobody_times_out_then() {
    office(TWO)
        .client("reminder")
        .calls()
        .cannot(Choice::TimeOut)
        .goes_on()
        .takes(&[T6])
        .shows("reminder takes the mutex")
        .rests_at(Q4);
}

#[test]
fn who_finds_the_mutex_held_waits_or_times_out_if_it_asked_to() {
    let held = || office(TWO).client("outlook").calls().goes_on().client("reminder").calls();
    held().cannot(Choice::Proceed);
    held().does_time_out().takes(&[T7]).returns(Code::Timeout);
    let held = office(TWO).client("reminder").calls().goes_on();
    held.client("outlook").calls().cannot(Choice::Proceed).cannot(Choice::TimeOut);
}

#[test]
fn parameter_error_is_returned_before_the_mutex_is_asked_for() {
    let refused = |keys: &str| {
        let client = format!("[[client]]\nname = 'tool'\n{keys}\n");
        office(&client).calls().takes(&[T1, T3, T4])
    };
    refused("password = 'x'").returns(Code::LogonFailed);
    refused("flags = ['MAPI_LOGON_UI', 'MAPI_PASSWORD_UI']").returns(Code::LogonFailed);
    refused(&format!("profile = '{}'", "x".repeat(65))).returns(Code::LogonFailed);
    let client = "[[client]]\nname = 'tool'\npassword = 'x'\n";
    let specific = office(client).read("PARAM_ERROR", "specific");
    specific.calls().returns(Code::InvalidParameter);
}

#[test]
fn windows_service_with_mail_is_served_or_a_parameter_error() {
    let service = |flags: &str| {
        office(&format!("[[client]]\nname = 'tool'\nprofile = 'Work'\nflags = [{flags}]\n"))
    };
    let read = |flags: &str| service(flags).read("SERVICE_NO_MAIL", "error");
    service("'MAPI_NT_SERVICE'").calls().takes(&[T1, T3, T5]);
    read("'MAPI_NT_SERVICE', 'MAPI_NO_MAIL'").calls().takes(&[T1, T3, T5]);
    read("'MAPI_NT_SERVICE'").calls().takes(&[T1, T3, T4]).returns(Code::LogonFailed);
    let specific = read("'MAPI_NT_SERVICE'").read("PARAM_ERROR", "specific");
    specific.calls().returns(Code::InvalidParameter);
}

#[test]
fn calls_outside_initialisation_and_after_logoff_reach_nothing() {
    let calls =
        "calls = ['MAPILogonEx', 'MAPIInitialize', 'MAPILogonEx', 'Logoff', 'QueryIdentity']";
    office(&format!("[[client]]\nname = 'tool'\nprofile = 'Work'\n{calls}\n"))
        .calls()
        .takes(&[T2])
        .returns(Code::NotInitialized)
        .calls()
        .takes(&[T1])
        .calls()
        .completes()
        .returns(Code::Ok)
        .calls()
        .returns(Code::Ok)
        .calls()
        .takes(&[T82])
        .returns(Code::InvalidObject);
}
