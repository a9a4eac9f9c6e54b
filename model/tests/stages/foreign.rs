//! A store that belongs to no service (PRV-60).

use mapi_logon_model::mapi::{Code, Fault};
use mapi_logon_model::protocol::Place::{Q13, Q17};
use mapi_logon_model::protocol::Transition::{T37, T38, T40, T44, T54, T72, T73};

use crate::script::{OFFICE, Script, world};

fn session(keys: &str, calls: &str) -> Script {
    let archive = format!("[[provider]]\nname = 'PST'\nkind = 'message-store'\n{keys}\n");
    let calls = format!("calls = ['MAPILogonEx', {calls}]");
    let client = format!("[[client]]\nname = 'tool'\nprofile = 'Work'\n{calls}\n");
    world(&format!("{OFFICE}{archive}{client}")).calls()
}

#[test]
fn no_logon_starts_a_foreign_store() {
    let logon = session("", "'OpenMsgStore:PST'").until_provider("INMS").tries().goes_on();
    let opened = logon.returns(Code::Ok).calls().takes(&[T72]).rests_at(Q13);
    opened.tries().takes(&[T37, T40]).shows("PST Logon answers S_OK");
}

#[test]
fn foreign_store_that_is_open_is_handed_out_without_a_call_to_it() {
    let opened = session("", "'OpenMsgStore:PST', 'OpenMsgStore:PST'").completes();
    let again = opened.calls().tries().returns(Code::Ok).calls();
    again.takes(&[]).returns(Code::Ok).shows_no("answers");
}

#[test]
fn foreign_store_that_fails_twice_is_lost_alone() {
    let calls = "'OpenMsgStore:PST', 'OpenMsgStore:PST', 'OpenMsgStore:EXMS', 'QueryIdentity'";
    let failed = session("", calls).completes().calls().fails(Fault::InvalidPath);
    let failed = failed.tries().takes(&[T38, T44]).rests_at(Q17).goes_on();
    let lost = failed.takes(&[T54]).shows("PST is disabled in tool's session");
    let lost = lost.returns(Code::NotFound).calls();
    let lost = lost.takes(&[T73]).returns(Code::LogonFailed).shows_no("answers");
    lost.calls().returns(Code::Ok).calls().shows("EXAB supplies the identity of tool's session");
}

#[test]
fn foreign_store_that_is_put_off_is_tried_again_when_it_is_opened_again() {
    let calls = "'OpenMsgStore:PST', 'OpenMsgStore:PST'";
    let off = session("password = 'missing'", calls).completes().calls().tries();
    let again = off.returns(Code::FailOneProvider).calls();
    again.takes(&[T72]).tries().returns(Code::FailOneProvider);
}

#[test]
fn second_try_of_an_unconfigured_foreign_store_calls_no_entry_point() {
    let failed = session("data = 'missing'", "'OpenMsgStore:PST'").completes().calls().tries();
    failed.rests_at(Q13).shows_no("entry point").tries().goes_on().returns(Code::Unconfigured);
}

#[test]
fn tables_show_a_foreign_store_by_its_status_row_alone() {
    let calls = "'GetStatusTable', 'OpenMsgStore:PST', 'GetMsgStoresTable', 'GetStatusTable'";
    let before = session("", calls).completes().calls().completes().shows_no("row PST");
    let stores = before.calls().tries().calls().shows("tool sees store EXMS");
    let status = stores.shows_no("sees store PST").calls();
    status.shows("tool sees status row PST, MAPI_STORE_PROVIDER: STATUS_AVAILABLE");
}

#[test]
fn foreign_store_is_logged_off_with_the_session() {
    let opened = session("", "'OpenMsgStore:PST', 'Logoff'").completes().calls().tries();
    opened.calls().shows("PST Logoff answers S_OK");
}
