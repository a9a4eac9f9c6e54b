//! Q13 and Q14: providers are loaded and logged on.

use mapi_logon_model::mapi::{Code, Fault};
use mapi_logon_model::protocol::Answer::Supply;
use mapi_logon_model::protocol::Choice;
use mapi_logon_model::protocol::Place::{Q13, Q14, Q19};
use mapi_logon_model::protocol::Transition::{
    T35, T36, T37, T38, T39, T40, T41, T42, T43, T44, T45, T50, T54, T56,
};

use crate::script::{OFFICE, Script, provider, world};

const CLIENT: &str = "[[client]]\nname = 'tool'\nprofile = 'Work'\n";

fn with(keys: &str, flags: &str) -> Script {
    let profile = provider("EXMS", keys);
    world(&format!("{profile}{CLIENT}flags = [{flags}]\n")).calls().until_provider("EXMS")
}

#[test]
fn address_books_start_first_stores_next_transports_not_at_all() {
    let started = world(&format!("{OFFICE}{CLIENT}")).calls().until_provider("EXAB");
    let started = started.tries().takes(&[T37, T40, T35]).shows("EXAB Logon answers S_OK");
    let started = started.until_provider("INMS").tries();
    started.takes(&[T37, T40, T56]).rests_at(Q19);
    let fetches = with("", "'MAPI_FORCE_DOWNLOAD'").until_provider("INXP");
    fetches.tries().takes(&[T37, T40, T56]);
}

#[test]
fn fault_fails_the_try_where_it_strikes() {
    let ui = || with("", "'MAPI_LOGON_UI'");
    let path = ui().fails(Fault::InvalidPath).takes(&[T38, T43, T45]);
    path.shows("EXMS LoadLibrary answers MAPI_E_NOT_FOUND");
    let version = ui().fails(Fault::ProviderTooNew).takes(&[T39, T43, T45]);
    version.shows("EXMS MSProviderInit answers MAPI_E_VERSION");
    ui().fails(Fault::ProviderTooOld)
        .takes(&[T39, T43, T45])
        .shows("EXMS Release of the provider object answers S_OK");
    let server = ui().fails(Fault::ServerUnavailable).takes(&[T37, T42, T43, T45]);
    server.shows("EXMS Logon answers MAPI_E_NETWORK_ERROR");
}

#[test]
fn missing_password_puts_the_provider_off_or_is_asked_for() {
    let silent = with("password = \"missing\"", "").tries();
    silent.takes(&[T37, T41, T35]).shows("EXMS Logon answers MAPI_E_FAILONEPROVIDER");
    let asked = with("password = \"missing\"", "'MAPI_LOGON_UI'").tries();
    let asked = asked.takes(&[T37]).rests_at(Q14);
    asked.answers(Supply).takes(&[T40, T35]).shows("password of EXMS is stored");
}

#[test]
fn warning_is_a_success_and_a_full_provider_a_failure() {
    let warned = with("logon_codes = [\"MAPI_W_ERRORS_RETURNED\"]", "");
    warned.provider_answers(Code::ErrorsReturned).takes(&[T37, T40, T35]);
    let full = with("session_cap = 0", "'MAPI_LOGON_UI'").tries();
    full.takes(&[T37, T42, T43, T45]).shows("EXMS Logon answers MAPI_E_SESSION_LIMIT");
    with("", "").cannot(Choice::Postpone);
}

#[test]
fn provider_of_a_disabled_service_is_passed_over() {
    let profile = OFFICE.replacen("name = \"EXAB\"", "name = \"EXAB\", data = \"missing\"", 1);
    let twice = world(&format!("{profile}{CLIENT}")).calls().until_provider("EXAB").tries();
    let twice = twice.rests_at(Q13).tries().takes(&[T42, T44]);
    twice.goes_on().takes(&[T54, T36, T35]).shows("Exchange is disabled in tool's session");
}

#[test]
fn second_try_may_find_the_fault_gone() {
    let silent = with("", "").fails(Fault::ServerUnavailable);
    silent.takes(&[T37, T42, T43, T50]).repaired().takes(&[T40, T35]);
}
