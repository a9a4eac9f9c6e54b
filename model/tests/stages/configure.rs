//! Q10 to Q12: the forced round, and the configuration of every service.

use mapi_logon_model::protocol::Answer::{Cancel, Supply, SupplyIncomplete};
use mapi_logon_model::protocol::Place::{Q7, Q10, Q12, Q13, Q15};
use mapi_logon_model::protocol::Transition::{
    T17, T19, T25, T26, T27, T28, T29, T30, T31, T32, T33, T35, T45, T50,
};

use crate::script::{OFFICE, Script, world};

fn opened(flags: &str, data: &str) -> Script {
    let service = format!("name = \"Internet\"\ndata = \"{data}\"");
    let profile = OFFICE.replacen("name = \"Internet\"", &service, 1);
    let client = format!("[[client]]\nname = 'tool'\nprofile = 'Work'\nflags = [{flags}]\n");
    world(&(profile + &client)).calls().until(Q7).goes_on()
}

#[test]
fn forced_round_asks_for_each_service_once_whatever_is_answered() {
    opened("'MAPI_SERVICE_UI_ALWAYS'", "complete")
        .takes(&[T17, T19, T25])
        .rests_at(Q10)
        .shows("dialog configure:Exchange opens for tool")
        .answers(Cancel)
        .takes(&[T26, T25])
        .shows("dialog configure:Internet opens for tool")
        .answers(Supply)
        .takes(&[T26, T27, T28, T27, T28, T35])
        .rests_at(Q13);
}

#[test]
fn what_the_profile_lacks_the_user_is_asked_for() {
    let asked = || {
        let asked = opened("'MAPI_LOGON_UI'", "missing").takes(&[T17, T19, T27, T28, T27, T29]);
        asked.rests_at(Q12).shows("configuration of Internet is sought: missing")
    };
    asked().answers(Supply).takes(&[T32, T35]).shows("configuration of Internet is stored");
    asked().answers(Cancel).takes(&[T33, T45]).rests_at(Q15);
    asked()
        .answers(SupplyIncomplete)
        .takes(&[T33, T45])
        .shows("try 1 of cfg(Internet) fails: MAPI_E_UNCONFIGURED");
}

#[test]
fn without_dialogs_both_tries_fail_by_themselves() {
    opened("", "missing").takes(&[T17, T19, T27, T28, T27, T30, T50, T31]).shows_no("dialog");
}
