//! A session's life as seen from outside: objects, rows, downloads and the transitions taken.

use mapi_logon_model::protocol::Place::{W0, W3, W4};
use mapi_logon_model::protocol::Transition::{T73, T80, T81, T83};
use mapi_logon_model::protocol::{Answer, Call, Choice, Effect, Method, ProviderCall};

use crate::runs::{Seen, every_step, only_run, provider_calls, world};

use ProviderCall::{
    AddressTypes, Init, Load, Logoff, Logon, Notify, Release, ReleaseLogon, Shutdown,
};

/// One store with these keys, one client with these flags and calls.
fn store(keys: &str, flags: &str, calls: &str) -> String {
    format!(
        "[[profile]]\nname = 'Work'\n[[profile.service]]\nname = 'Exchange'\nidentity = true\n\
         provider = [{{ name = 'MS', kind = 'message-store', {keys} }}]\n\
         [[client]]\nname = 'tool'\nprofile = 'Work'\nflags = [{flags}]\ncalls = [{calls}]\n"
    )
}

fn calls_of(text: &str) -> Vec<ProviderCall> {
    let calls = provider_calls(&world(text, &[])).into_iter();
    calls.map(|(_, call)| call).collect()
}

#[test]
fn object_of_a_logon_that_is_put_off_ends_with_its_task() {
    let text = store("password = 'missing'", "", "'MAPILogonEx', 'OpenMsgStore:MS', 'Logoff'")
        + "[faults]\nrepair = 'never'\n";
    let once = [Load, Init, Logon, Shutdown, Release];
    assert_eq!(calls_of(&text), [once, once].concat());
}

#[test]
fn object_is_kept_for_the_second_try_and_ends_with_the_second_failure() {
    let text = store("data = 'missing'", "", "'MAPILogonEx', 'Logoff'");
    assert_eq!(calls_of(&text), [Load, Init, Logon, Logon, Shutdown, Release]);
    let text = store("", "", "'MAPILogonEx', 'Logoff'");
    let whole = [Load, Init, Logon, Logoff, ReleaseLogon, Shutdown, Release];
    assert_eq!(calls_of(&text), whole);
}

#[test]
fn object_ends_with_the_offer_that_is_declined() {
    let text = store("data = 'missing'", "'MAPI_LOGON_UI'", "'MAPILogonEx'");
    let model = world(&text, &[]);
    let steps = every_step(&model);
    let declined = |seen: &&Seen| seen.action.choice == Choice::Answer(Answer::Decline);
    let declined: Vec<_> = steps.iter().filter(declined).collect();
    assert!(!declined.is_empty());
    for seen in declined {
        let calls: Vec<_> = seen.calls().iter().map(|(_, call, _)| *call).collect();
        assert_eq!(calls, [Shutdown, Release]);
    }
}

/// A transport that a table or a download needs, and a store that may be lost.
const MAIL: &str = r#"
[[profile]]
name = "Work"
[[profile.service]]
name = "Internet"
provider = [{ name = "XP", kind = "transport" }]
[[profile.service]]
name = "Exchange"
identity = true
provider = [
    { name = "AB", kind = "address-book" },
    { name = "MS", kind = "message-store", data = "missing" },
]
[[client]]
name = "tool"
profile = "Work"
flags = []
calls = ["MAPILogonEx", "GetStatusTable", "QueryIdentity", "OpenAddressBook", "Logoff"]
"#;

#[test]
fn transport_on_demand_logs_on_without_traffic_that_a_notice_then_enables() {
    let model = world(MAIL, &[]);
    let steps = only_run(&model);
    let started = steps.iter().find(|seen| seen.is_called(AddressTypes)).unwrap();
    assert_eq!(started.call(&model), Some(Call::OnSession(None, Method::GetStatusTable)));
    let words: Vec<_> =
        started.step.effects.iter().map(|effect| model.words().effect(*effect)).collect();
    assert_eq!(
        words[..6],
        [
            "XP LoadLibrary answers S_OK",
            "XP XPProviderInit answers S_OK",
            "XP TransportLogon (LOGON_NO_INBOUND, LOGON_NO_OUTBOUND) answers S_OK",
            "XP AddressTypes answers S_OK",
            "XP TransportNotify answers S_OK",
            "MAPIUID and status row of XP are registered in tool's session",
        ]
    );
    let notified = steps.iter().filter(|seen| seen.is_called(Notify)).count();
    assert_eq!(notified, 1);
}

#[test]
fn what_a_logon_registers_its_logoff_removes() {
    let model = world(MAIL, &[]);
    let mut there = Vec::new();
    let mut most = 0;
    for seen in only_run(&model) {
        for effect in seen.step.effects {
            if let Effect::Registered { provider, registered, .. } = effect {
                if registered {
                    there.push(provider);
                } else {
                    let place = there.iter().position(|one| *one == provider).unwrap();
                    there.remove(place);
                }
                most = most.max(there.len());
            }
        }
    }
    assert_eq!((there.len(), most), (0, 2));
}

#[test]
fn every_call_that_meets_a_disabled_service_says_so() {
    let model = world(MAIL, &[]);
    let concerned: Vec<_> = only_run(&model)
        .iter()
        .filter(|seen| seen.takes(T73))
        .map(|seen| seen.call(&model))
        .collect();
    let calls = [Method::GetStatusTable, Method::QueryIdentity, Method::OpenAddressBook];
    let calls = calls.map(|method| Some(Call::OnSession(None, method)));
    assert_eq!(concerned, calls);
    let healthy = MAIL.replace(", data = \"missing\"", "");
    assert!(!only_run(&world(&healthy, &[])).iter().any(|seen| seen.takes(T73)));
}

#[test]
fn status_table_shows_three_rows_of_mapi_and_one_for_each_provider_by_its_type() {
    let rows = |flags: &str| {
        let text = MAIL.replace("flags = []", &format!("flags = [{flags}]"));
        let model = world(&text, &[]);
        let steps = only_run(&model);
        let effects = steps.iter().flat_map(|seen| seen.step.effects.clone());
        let rows = effects.filter(|effect| matches!(effect, Effect::StatusRow { .. }));
        let words = rows.map(|effect| model.words().effect(effect));
        words.map(|row| row.replace("tool sees status row ", "")).collect::<Vec<_>>()
    };
    let available = "STATUS_AVAILABLE";
    assert_eq!(
        rows(""),
        [
            format!("Work, MAPI_SUBSYSTEM: {available}"),
            format!("spooler, MAPI_SPOOLER: {available}"),
            format!("integrated address book, MAPI_AB: {available}"),
            format!("XP, MAPI_TRANSPORT_PROVIDER: {available}"),
            "AB, MAPI_AB_PROVIDER: STATUS_FAILURE".to_owned(),
        ]
    );
    let without_mail = rows("'MAPI_NO_MAIL'");
    assert_eq!(without_mail[1], "spooler, MAPI_SPOOLER: STATUS_FAILURE");
    assert!(!without_mail.iter().any(|row| row.starts_with("XP")));
}

#[test]
fn download_is_attempted_on_request_by_a_session_with_mail() {
    let downloads = |flags: &str| {
        let text = MAIL.replace("flags = []", &format!("flags = [{flags}]"));
        let steps = only_run(&world(&text, &[]));
        let effects = steps.iter().flat_map(|seen| seen.step.effects.clone());
        let told = effects.filter_map(|effect| {
            let Effect::Spooler { told, download, .. } = effect else {
                return None;
            };
            Some((told, download))
        });
        told.collect::<Vec<_>>()
    };
    assert_eq!(downloads(""), [(true, false)]);
    assert_eq!(downloads("'MAPI_FORCE_DOWNLOAD'"), [(true, true)]);
    assert_eq!(downloads("'MAPI_FORCE_DOWNLOAD', 'MAPI_NO_MAIL'"), [(false, false)]);
}

#[test]
fn release_leads_down_like_a_logoff_or_leaves_the_others_in_peace() {
    let text = store("", "'MAPI_ALLOW_OTHERS'", "'MAPILogonEx', 'Release'");
    let model = world(&text, &[]);
    let last = only_run(&model).pop().unwrap();
    assert_eq!(last.taken(), [(T83, W0, W3), (T80, W3, W3), (T81, W3, W4)]);
    let text = text.clone() + "[[client]]\nname = 'other'\ncalls = ['MAPILogonEx', 'Release']\n";
    let steps = every_step(&world(&text, &[]));
    let leaves = |seen: &Seen| seen.taken() == [(T83, W0, W4)];
    assert!(steps.iter().any(leaves));
}
