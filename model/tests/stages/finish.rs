//! Q19 to Q21: a logon ends with a session, or is undone.

use mapi_logon_model::mapi::{Code, Fault};
use mapi_logon_model::protocol::Place::{Q19, Q21};
use mapi_logon_model::protocol::Transition::{T57, T58, T59, T60, T61};

use crate::script::{OFFICE, Script, office, world};

fn finishing(flags: &str) -> Script {
    let client = format!("[[client]]\nname = 'tool'\nprofile = 'Work'\nflags = [{flags}]\n");
    office(&client).calls().until(Q19).goes_on()
}

#[test]
fn session_opens_and_the_spooler_learns_of_it_if_there_is_mail() {
    let opened = finishing("").takes(&[T57, T59, T61]).returns(Code::Ok);
    opened.shows("tool's session is open").shows("tool releases the mutex");
    finishing("'MAPI_NO_MAIL'").takes(&[T58, T59, T61]);
}

#[test]
fn nothing_survives_a_logon_that_fails() {
    let critical = OFFICE.replacen("identity = true", "critical = true", 1);
    let client = "[[client]]\nname = 'tool'\nprofile = 'Work'\n";
    let failed = world(&format!("{critical}{client}")).calls().until_provider("EXMS");
    let failed = failed.fails(Fault::InvalidPath).tries().goes_on().rests_at(Q21).goes_on();
    failed
        .takes(&[T60])
        .shows("EXAB Logoff answers S_OK")
        .shows("tool releases the mutex")
        .returns(Code::LogonFailed);
}

#[test]
fn session_without_any_service_is_a_session_or_none() {
    let missing = OFFICE.replace("name = \"Exchange\"", "name = \"Exchange\"\ndata = \"missing\"");
    let missing = missing.replace("name = \"Internet\"", "name = \"Internet\"\ndata = \"missing\"");
    let text = format!("{missing}[[client]]\nname = 'tool'\nprofile = 'Work'\n");
    world(&text).calls().completes().returns(Code::Ok);
    let fails = world(&text).read("ALL_DISABLED", "fail").calls().completes();
    fails.returns(Code::LogonFailed);
}
