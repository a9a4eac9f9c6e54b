//! Q15 to Q17: a failed try, the offer, the second try, the entry point, the loss of the service.

use mapi_logon_model::mapi::{Code, Fault};
use mapi_logon_model::protocol::Answer::{
    Cancel, Correct, Decline, Retry, Supply, SupplyIncomplete,
};
use mapi_logon_model::protocol::Choice;
use mapi_logon_model::protocol::Place::{Q12, Q13, Q15, Q16, Q17, Q21};
use mapi_logon_model::protocol::Transition::{
    T29, T35, T37, T38, T40, T42, T43, T44, T45, T46, T47, T48, T49, T50, T51, T52, T53, T54, T55,
};

use crate::script::{OFFICE, Script, provider, world};

fn at_store(service: &str, keys: &str, flags: &str) -> Script {
    let profile = provider("EXMS", keys).replacen(
        "name = \"Exchange\"",
        &format!("name = \"Exchange\"\n{service}"),
        1,
    );
    let client = format!("[[client]]\nname = 'tool'\nprofile = 'Work'\nflags = [{flags}]\n");
    world(&(profile + &client)).calls().until_provider("EXMS")
}

fn informed() -> Script {
    let failed = at_store("", "", "'MAPI_LOGON_UI'").fails(Fault::InvalidPath);
    failed
        .takes(&[T38, T43, T45])
        .rests_at(Q15)
        .shows("dialog failure:EXMS:MAPI_E_NOT_FOUND opens for tool")
}

#[test]
fn retry_repeats_the_step_and_a_second_failure_is_final() {
    informed()
        .answers(Retry)
        .takes(&[T48])
        .rests_at(Q13)
        .tries()
        .takes(&[T38, T44])
        .rests_at(Q17)
        .shows("try 2 of run(EXMS) fails: MAPI_E_NOT_FOUND")
        .goes_on()
        .shows("Exchange is disabled in tool's session");
}

#[test]
fn corrected_cause_lets_the_second_try_succeed() {
    let corrected = informed().answers(Correct { completed: false }).takes(&[T48]);
    corrected.repaired().shows("EXMS Logon answers S_OK").shows_no("disabled");
}

#[test]
fn declined_offer_is_the_second_failure() {
    informed().answers(Decline).takes(&[T49]).rests_at(Q17).goes_on().shows_no("Logon");
    let aborts = at_store("", "", "'MAPI_LOGON_UI'").read("DECLINE_EFFECT", "abort_logon");
    let aborts = aborts.calls().until_provider("EXMS").fails(Fault::InvalidPath).answers(Decline);
    aborts.takes(&[T49]).rests_at(Q21).goes_on().returns(Code::UserCancel);
}

#[test]
fn unconfigured_provider_leads_through_the_entry_point_of_its_service() {
    let missing = || {
        let asked = at_store("", "data = \"missing\"", "'MAPI_LOGON_UI'").tries();
        asked.answers(Cancel).takes(&[T42, T43, T45])
    };
    // A cancel is no want of configuration: the logon method is tried again.
    missing().answers(Retry).takes(&[T48]);
    let entry = || {
        let silent = at_store("entry_point = \"dialog\"", "data = \"missing\"", "'MAPI_LOGON_UI'");
        let unconfigured = silent.tries();
        unconfigured.answers(SupplyIncomplete).answers(Retry)
    };
    entry().takes(&[T47, T51]).rests_at(Q16).shows("dialog configure:Exchange opens for tool");
    entry().answers(Supply).takes(&[T52]).tries().shows("EXMS Logon answers S_OK");
    entry().answers(Cancel).takes(&[T53]).rests_at(Q17);
}

#[test]
fn without_dialogs_the_second_try_follows_by_itself() {
    let silent = |entry: &str| {
        let service = format!("entry_point = \"{entry}\"");
        at_store(&service, "data = \"missing\"", "").tries()
    };
    silent("dialog").takes(&[T37, T42, T43, T50, T51, T52]).shows_no("dialog");
    silent("none").takes(&[T37, T42, T43, T50, T52]);
    let programmatic = || silent("programmatic").rests_at(Q16);
    let done = programmatic().does_configure(true).takes(&[T52]).tries();
    done.takes(&[T40, T35]);
    programmatic().does_configure(false).tries().takes(&[T42, T44]).cannot(Choice::TimeOut);
}

#[test]
fn failed_configuration_is_tried_again_with_data_or_without() {
    let profile =
        OFFICE.replacen("name = \"Exchange\"", "name = \"Exchange\"\ndata = \"missing\"", 1);
    let client = "[[client]]\nname = 'tool'\nprofile = 'Work'\nflags = ['MAPI_LOGON_UI']\n";
    let cancelled = || {
        let text = format!("{profile}{client}");
        let prompted = world(&text).calls().until(Q12);
        prompted.answers(Cancel).rests_at(Q15)
    };
    let completed = cancelled().answers(Correct { completed: true });
    completed.shows("configuration of Exchange is stored").rests_at(Q13);
    let again = cancelled().answers(Retry).takes(&[T46, T29]);
    again.answers(Cancel).rests_at(Q17);
}

#[test]
fn loss_of_a_critical_service_fails_the_logon() {
    let lost = at_store("critical = true", "", "").fails(Fault::InvalidPath).tries();
    lost.rests_at(Q17).goes_on().takes(&[T55]).rests_at(Q21).goes_on().returns(Code::LogonFailed);
    let lost = at_store("", "", "").fails(Fault::InvalidPath).tries().goes_on();
    lost.takes(&[T54, T35]);
}
