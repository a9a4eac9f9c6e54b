//! Faults of services and profiles, what Correct repairs, wrong passwords, full providers, and how
//! often a step is tried.

use mapi_logon_model::mapi::{Code, Fault};
use mapi_logon_model::protocol::Answer::{Cancel, Correct, Decline, Retry, Supply};
use mapi_logon_model::protocol::Place::{Q7, Q11, Q13, Q14, Q15, Q17, Q21};
use mapi_logon_model::protocol::Transition::{
    T17, T18, T19, T27, T28, T30, T31, T35, T37, T40, T42, T43, T44, T45, T46, T48, T50,
};
use mapi_logon_model::protocol::{Answer, Choice, Fate, Scripted};

use crate::script::{OFFICE, Script, office, provider, world};

const UI: &str = "[[client]]\nname = 'c'\nprofile = 'Work'\nflags = ['MAPI_LOGON_UI']\n";
const SILENT: &str = "[[client]]\nname = 'c'\nprofile = 'Work'\n";

const CORRECT: Answer = Correct { completed: false };

fn ailing_service(rest: &str) -> Script {
    let service = "name = \"Exchange\"\nfaults = ['invalid-path', 'incompatible-version']";
    let text = OFFICE.replacen("name = \"Exchange\"", service, 1).replace("= 2", "= 1");
    world(&(text + rest)).calls().until(Q7).goes_on().takes(&[T17, T19, T27]).rests_at(Q11)
}

#[test]
fn fault_of_a_service_fails_its_configuration_before_any_prompt() {
    ailing_service(UI)
        .fails(Fault::InvalidPath)
        .takes(&[T30, T45])
        .shows_no("configuration of Exchange is sought")
        .shows("dialog failure:Exchange:MAPI_E_NOT_FOUND opens for c")
        .rests_at(Q15);
    ailing_service(UI).tries().takes(&[T28, T27, T28, T35]);
}

#[test]
fn fault_of_a_service_stays_when_no_more_can_strike() {
    let again = || ailing_service(UI).fails(Fault::InvalidPath).answers(Retry).takes(&[T46]);
    again().rests_at(Q11).tries().takes(&[T31]).rests_at(Q17);
    let corrected = ailing_service(UI).fails(Fault::InvalidPath).answers(CORRECT);
    corrected.repaired().takes(&[T28, T27, T28, T35]);
}

#[test]
fn correct_repairs_paths_and_servers_and_never_the_other_two() {
    let user = UI.to_owned() + "[faults]\nbudget = 1\nrepair = 'user'\n";
    let text = OFFICE.replace("[faults]\nbudget = 2\n", "");
    let tried = || world(&(text.clone() + &user)).calls().until_provider("EXAB");
    for (fault, gone) in [
        (Fault::InvalidPath, true),
        (Fault::ServerUnavailable, true),
        (Fault::ProviderTooNew, false),
        (Fault::ProviderTooOld, false),
        (Fault::DataCorruption, false),
    ] {
        let repaired = Choice::Try(Fate { repaired: true, ..Fate::default() });
        tried().fails(fault).answers(Retry).cannot(repaired);
        if gone {
            tried().fails(fault).answers(CORRECT).repaired();
        } else {
            tried().fails(fault).answers(CORRECT).cannot(repaired);
        }
    }
}

#[test]
fn profile_that_corruption_strikes_is_damaged_for_good() {
    let text =
        OFFICE.replacen("name = \"Work\"", "name = \"Work\"\nfaults = ['data-corruption']", 1);
    let twice =
        "[[client]]\nname = 'c'\nprofile = 'Work'\ncalls = ['MAPILogonEx', 'MAPILogonEx']\n";
    let struck = world(&(text + twice)).calls().until(Q7).fails(Fault::DataCorruption);
    let failed = struck.takes(&[T18]).rests_at(Q21).goes_on().returns(Code::LogonFailed);
    failed.calls().until(Q7).goes_on().takes(&[T18]);
}

#[test]
fn wrong_password_is_asked_for_or_fails_the_try() {
    let wrong = provider("EXMS", "password = 'wrong'");
    let asked = world(&(wrong.clone() + UI)).calls().until_provider("EXMS").tries();
    asked.rests_at(Q14).shows("dialog provider:EXMS opens for c").answers(Supply).rests_at(Q13);
    let silent = || world(&(wrong.clone() + SILENT)).calls().until_provider("EXMS").tries();
    silent().shows("try 1 of run(EXMS) fails: MAPI_E_LOGON_FAILED").rests_at(Q13);
    let found = Choice::Try(Fate { password_found: true, ..Fate::default() });
    world(&(wrong.clone() + SILENT)).calls().until_provider("EXMS").cannot(found);
    silent().chooses(found).shows_no("fails");
}

#[test]
fn full_provider_answers_in_its_own_words() {
    let full = |code: &str| {
        let keys = format!("session_cap = 0, cap_code = '{code}'");
        world(&(provider("EXAB", &keys) + UI)).calls().until_provider("EXAB").tries()
    };
    full("MAPI_E_FAILONEPROVIDER").shows_no("fails").rests_at(Q13);
    full("MAPI_E_LOGON_FAILED").shows("dialog failure:EXAB:MAPI_E_LOGON_FAILED opens for c");
    full("MAPI_E_SESSION_LIMIT").shows("dialog failure:EXAB:MAPI_E_SESSION_LIMIT opens for c");
}

#[test]
fn step_is_tried_as_often_as_the_reading_says() {
    for tries in 1..=4 {
        let mut script = office(UI).read("TRIES", &tries.to_string());
        script = script.calls().until_provider("EXAB").fails(Fault::ServerUnavailable);
        for _ in 1..tries {
            script = script.rests_at(Q15).answers(Retry).takes(&[T48]).tries();
        }
        script.rests_at(Q17);
    }
}

#[test]
fn unit_of_a_whole_logon_spends_its_further_try_once() {
    let spent = || {
        let logon = office(UI).read("RETRY_UNIT", "logon").calls().until_provider("EXAB");
        let failed = logon.fails(Fault::ServerUnavailable).takes(&[T37, T42, T43, T45]);
        failed.answers(Retry).repaired().until_provider("EXMS")
    };
    spent().fails(Fault::ServerUnavailable).takes(&[T37, T42, T44]).rests_at(Q17);
    let declined = office(UI).read("RETRY_UNIT", "logon").calls().until_provider("EXAB");
    declined.fails(Fault::ServerUnavailable).answers(Decline).rests_at(Q17);
}

#[test]
fn missing_configuration_ends_a_silent_logon_where_read_so_and_a_fault_does_not() {
    let silent = |script: Script| script.read("MISSING_CFG_NOUI", "fail_logon");
    let text = OFFICE.replacen("name = \"Exchange\"", "name = \"Exchange\"\ndata = 'missing'", 1);
    let missing = silent(world(&(text + SILENT))).calls().until(Q7).goes_on();
    missing.takes(&[T17, T19, T27, T30]).rests_at(Q21);
    let service = "name = \"Exchange\"\nfaults = ['invalid-path']";
    let text = OFFICE.replacen("name = \"Exchange\"", service, 1);
    let struck = silent(world(&(text + SILENT))).calls().until(Q7).goes_on();
    struck.fails(Fault::InvalidPath).takes(&[T30, T50]).rests_at(Q11).tries().takes(&[T31]);
}

#[test]
fn first_failure_of_a_spent_service_is_final_and_has_the_effect_of_a_final_one() {
    let data = "data = 'missing'";
    let text = provider("EXMS", data) + SILENT;
    let spent = |value: &str| {
        let read = world(&text).read("RETRY_UNIT", "service").read("UNCONFIGURED_TWICE", value);
        read.calls().until_provider("EXAB").fails(Fault::ServerUnavailable).repaired()
    };
    spent("disable").until_provider("EXMS").tries().takes(&[T37, T42, T44]).rests_at(Q17);
    spent("keep").until_provider("EXMS").tries().shows_no("disabled").rests_at(Q13);
}

#[test]
fn session_limit_ends_a_logon_where_read_so_and_no_session_call() {
    let keys = "session_cap = 0";
    let calls = "calls = ['MAPILogonEx', 'OpenMsgStore:EXMS']\n";
    let text = provider("EXMS", keys) + SILENT + calls;
    let read = |script: Script| script.read("LIMIT_EFFECT", "logon_failed");
    let ended = read(world(&text)).calls().until_provider("EXMS").tries().tries();
    ended.rests_at(Q21).goes_on().returns(Code::LogonFailed);
    let late = read(world(&text)).read("START", "on_open").calls().completes().calls();
    late.tries().tries().rests_at(Q17).goes_on().returns(Code::SessionLimit);
}

#[test]
fn further_try_resumes_where_the_last_one_failed_whatever_its_code() {
    let keys = "init_codes = ['MAPI_E_NETWORK_ERROR'], logon_codes = ['MAPI_E_NETWORK_ERROR']";
    let tried = || world(&(provider("EXAB", keys) + UI)).calls().until_provider("EXAB");
    let code = Code::NetworkError;
    let at = |scripted| Choice::Try(Fate { scripted: Some(scripted), ..Fate::default() });
    let logon = tried().chooses(at(Scripted::Logon(code))).shows_no("Shutdown").answers(Retry);
    logon.cannot(at(Scripted::Init(code))).tries().shows_no("LoadLibrary").takes(&[T40, T35]);
    let load = tried().chooses(at(Scripted::Init(code))).answers(Retry).takes(&[T48]);
    load.tries().shows("EXAB LoadLibrary answers S_OK").takes(&[T37, T40, T35]);
}

#[test]
fn cancelled_entry_point_leaves_the_object_as_it_was() {
    let keys = "init_codes = ['MAPI_E_UNCONFIGURED']";
    let script = world(&(provider("EXAB", keys) + UI)).read("TRIES", "3");
    let unconfigured =
        Choice::Try(Fate { scripted: Some(Scripted::Init(Code::Unconfigured)), ..Fate::default() });
    let cancelled = script.calls().until_provider("EXAB").chooses(unconfigured);
    let cancelled = cancelled.answers(Retry).answers(Cancel).answers(Retry).takes(&[T48]);
    cancelled.rests_at(Q13).tries().shows("EXAB LoadLibrary answers S_OK");
}
