//! W0 and W1: calls on a live session.

use mapi_logon_model::mapi::{Code, Fault};
use mapi_logon_model::protocol::Place::{Q13, Q17};
use mapi_logon_model::protocol::Transition::{T37, T40, T42, T44, T70, T71, T72, T73, T74};

use crate::script::{Script, provider, world};

fn session(keys: &str, calls: &str) -> Script {
    let profile = provider("EXMS", keys);
    let calls = format!("calls = ['MAPILogonEx', {calls}]");
    let text = format!("{profile}[[client]]\nname = 'tool'\nprofile = 'Work'\n{calls}\n");
    world(&text).calls().completes()
}

#[test]
fn open_store_is_handed_out_and_an_address_book_is_not_found() {
    let opened = session("", "'OpenMsgStore:EXMS', 'OpenMsgStore:EXAB'");
    let opened = opened.calls().takes(&[]).returns(Code::Ok);
    opened.calls().returns(Code::NotFound);
}

#[test]
fn store_that_was_put_off_is_tried_when_it_is_opened() {
    let opened = session("password = \"missing\"", "'OpenMsgStore:EXMS'").calls();
    let opened = opened.takes(&[T72]).rests_at(Q13).tries();
    opened.returns(Code::FailOneProvider);
}

#[test]
fn store_of_a_lost_service_is_refused_without_a_call_to_it() {
    let lost = session("data = \"missing\"", "'OpenMsgStore:EXMS', 'OpenAddressBook'");
    let lost = lost.calls().takes(&[T73]).returns(Code::LogonFailed).shows_no("answers");
    lost.calls().takes(&[T73]).returns(Code::ErrorsReturned);
}

#[test]
fn stores_of_enabled_services_are_listed_and_none_is_started() {
    let table = session("password = \"missing\"", "'GetMsgStoresTable'").calls();
    let table = table.takes(&[]).returns(Code::Ok).shows_no("answers");
    table.shows("tool sees store EXMS").shows("tool sees store INMS");
    let lost = session("data = \"missing\"", "'GetMsgStoresTable'").calls().takes(&[T73]);
    lost.shows("tool sees store INMS").shows_no("sees store EXMS").returns(Code::Ok);
}

#[test]
fn status_table_starts_the_transports_and_shows_all_rows() {
    let table = session("", "'GetStatusTable'").calls().takes(&[T70]);
    let table = table.tries().takes(&[T37, T40, T71]).returns(Code::Ok);
    table.shows("tool sees status row INXP, MAPI_TRANSPORT_PROVIDER: STATUS_AVAILABLE");
}

#[test]
fn transport_that_fails_twice_takes_its_running_siblings_down() {
    let failed = session("", "'GetStatusTable'").calls().fails(Fault::ServerUnavailable);
    let failed = failed.tries().takes(&[T42, T44]);
    let lost = failed.rests_at(Q17).goes_on().returns(Code::Ok);
    lost.shows("tool sees status row INMS, MAPI_STORE_PROVIDER: STATUS_FAILURE");
}

#[test]
fn identity_is_that_of_an_enabled_service() {
    let there = session("", "'QueryIdentity'").calls();
    there.shows("EXAB supplies the identity of tool's session").returns(Code::Ok);
    let lost = session("data = \"missing\"", "'QueryIdentity'").calls();
    lost.takes(&[T73]).returns(Code::NoService);
}

#[test]
fn change_of_the_profile_does_not_reach_the_session() {
    let changed = session("", "'RemoveService:Exchange', 'OpenMsgStore:EXMS'").calls();
    changed.takes(&[T74]).returns(Code::Ok).calls().returns(Code::Ok);
}
