//! Q5 to Q7: a profile name is found and the profile opened.

use mapi_logon_model::ids::ProfileId;
use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::Answer;
use mapi_logon_model::protocol::Place::{Q4, Q6, Q7, Q13, Q21};
use mapi_logon_model::protocol::Transition::{
    T10, T11, T12, T13, T14, T15, T16, T17, T18, T19, T27, T28, T35,
};

use crate::script::{OFFICE, Script, world};

fn chosen(keys: &str) -> Script {
    let broken = "[[profile]]\nname = 'Broken'\nstate = 'damaged'\n";
    let text = format!(
        "[subsystem]\ndefault_profile = 'Work'\n{OFFICE}{broken}[[client]]\nname = 'tool'\n{keys}\n"
    );
    world(&text).calls().until(Q4).goes_on()
}

#[test]
fn name_that_is_given_wins_over_the_default() {
    let keys = "profile = 'Broken'\nflags = ['MAPI_USE_DEFAULT']";
    chosen(keys).takes(&[T10, T11]).shows("tool is to use Broken (the name parameter)");
}

#[test]
fn default_is_used_on_request_alone() {
    let wanted = chosen("flags = ['MAPI_USE_DEFAULT']");
    wanted.takes(&[T10, T12]).shows("tool is to use Work (the default profile)");
    chosen("").takes(&[T10, T14]).rests_at(Q21).goes_on().returns(Code::LogonFailed);
}

#[test]
fn user_picks_a_profile_or_cancels() {
    let asked = || {
        let asked = chosen("flags = ['MAPI_LOGON_UI']").takes(&[T10, T13]).rests_at(Q6);
        asked.shows("dialog profile opens for tool")
    };
    asked().answers(Answer::Pick(ProfileId(0))).takes(&[T15]).rests_at(Q7);
    let cancelled = asked().answers(Answer::Cancel).takes(&[T16]);
    cancelled.goes_on().returns(Code::UserCancel);
}

#[test]
fn valid_profile_is_opened_and_its_services_are_configured() {
    let opened = chosen("profile = 'Work'").goes_on();
    opened.takes(&[T17, T19, T27, T28, T27, T28, T35]).rests_at(Q13);
}

#[test]
fn profile_that_cannot_be_opened_fails_the_logon_or_asks_for_another() {
    chosen("profile = 'Broken'").goes_on().takes(&[T18]).goes_on().returns(Code::LogonFailed);
    let text =
        format!("{OFFICE}[[client]]\nname = 'tool'\nprofile = 'None'\nflags = ['MAPI_LOGON_UI']\n");
    let asks = world(&text).read("BAD_NAME_UI", "reprompt").calls().until(Q7);
    asks.goes_on().takes(&[T13]).rests_at(Q6);
}
