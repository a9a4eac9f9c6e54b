//! Q8 and Q9: the credentials of the profile.

use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::Answer::{Cancel, Supply, SupplyIncomplete};
use mapi_logon_model::protocol::Place::{Q7, Q9, Q13, Q21};
use mapi_logon_model::protocol::Transition::{T17, T20, T21, T22, T23, T24, T27, T28, T35};

use crate::script::{OFFICE, Script, world};

fn locked(flags: &str) -> Script {
    let profile = OFFICE.replacen("name = \"Work\"", "name = \"Work\"\npassword = true", 1);
    let client = format!("[[client]]\nname = 'tool'\nprofile = 'Work'\nflags = [{flags}]\n");
    world(&(profile + &client)).calls().until(Q7).goes_on()
}

#[test]
fn password_is_asked_for_where_that_is_allowed() {
    locked("").takes(&[T17, T20]).rests_at(Q21).goes_on().returns(Code::LogonFailed);
    locked("'MAPI_PASSWORD_UI'")
        .takes(&[T17, T21])
        .rests_at(Q9)
        .shows("dialog password opens for tool");
}

#[test]
fn right_password_leads_on_and_nothing_else_does() {
    let asked = || locked("'MAPI_PASSWORD_UI'");
    asked().answers(Supply).takes(&[T22, T27, T28, T27, T28, T35]).rests_at(Q13);
    asked().answers(SupplyIncomplete).takes(&[T23]).goes_on().returns(Code::LogonFailed);
    asked().answers(Cancel).takes(&[T24]).goes_on().returns(Code::UserCancel);
}
