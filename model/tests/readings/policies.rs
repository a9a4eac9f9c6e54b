//! The effect of each switch: every test fails if the machine ignores the switch.

use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::{
    Call, Choice, Effect, Method, Phase, ProviderCall, Status, Transition,
};

use crate::runs::{Seen, every_step, only_run, provider_calls, results, world};

/// One client that fetches mail, so that providers of all kinds start in its logon.
const FETCHER: &str = r#"
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
provider = [
    { name = "MS", kind = "message-store" },
    { name = "XP", kind = "transport" },
    { name = "AB", kind = "address-book" },
]
[[client]]
name = "outlook"
profile = "Work"
flags = ["MAPI_FORCE_DOWNLOAD"]
calls = ["MAPILogonEx", "Logoff"]
"#;

/// A store that lacks what nobody can give it.
const LACKING: &str = r#"
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
provider = [
    { name = "AB", kind = "address-book" },
    { name = "MS", kind = "message-store", data = "missing" },
]
[[client]]
name = "tool"
profile = "Work"
calls = ["MAPILogonEx", "OpenMsgStore:MS", "Logoff"]
"#;

/// Two members of a shared session.
const MEMBERS: &str = r#"
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
provider = [{ name = "MS", kind = "message-store" }]
[[client]]
name = "creator"
profile = "Work"
flags = ["MAPI_ALLOW_OTHERS"]
calls = ["MAPILogonEx", "Logoff"]
[[client]]
name = "member"
calls = ["MAPILogonEx", "OpenMsgStore:MS", "Logoff:MAPI_LOGOFF_SHARED"]
"#;

fn order_of(model: &Model, wanted: ProviderCall) -> Vec<String> {
    let calls = provider_calls(model).into_iter();
    calls.filter(|(_, call)| *call == wanted).map(|(name, _)| name).collect()
}

#[test]
fn logoff_order_is_by_kind_or_by_profile() {
    let order = |value| order_of(&world(FETCHER, &[("LOGOFF_ORDER", value)]), ProviderCall::Logoff);
    assert_eq!(order("xp_ab_ms"), ["XP", "AB", "MS"]);
    assert_eq!(order("profile"), ["MS", "XP", "AB"]);
}

#[test]
fn transports_start_on_need_or_before_the_stores_of_every_logon_with_mail() {
    let text = FETCHER.replace("\"MAPI_FORCE_DOWNLOAD\"", "");
    let order =
        |text: &str, value| order_of(&world(text, &[("XP_START", value)]), ProviderCall::Logon);
    assert_eq!(order(&text, "on_need"), ["AB", "MS"]);
    assert_eq!(order(&text, "after_logon"), ["AB", "XP", "MS"]);
    assert_eq!(order(FETCHER, "on_need"), ["AB", "MS", "XP"]);
    let silent = FETCHER.replace("MAPI_FORCE_DOWNLOAD", "MAPI_NO_MAIL");
    assert_eq!(order(&silent, "after_logon"), ["AB", "MS"]);
}

#[test]
fn books_and_stores_start_in_the_logon_or_where_they_are_opened() {
    let text =
        FETCHER.replace("\"Logoff\"", "\"OpenAddressBook\", \"OpenMsgStore:MS\", \"Logoff\"");
    for (value, books, stores) in [("eager", "logon", "logon"), ("on_open", "book", "store")] {
        let model = world(&text, &[("START", value)]);
        let steps = only_run(&model);
        let place = |name: &str| {
            let starts = |seen: &&Seen| {
                let calls = seen.calls().into_iter();
                calls
                    .filter(|(_, call, _)| *call == ProviderCall::Logon)
                    .any(|(provider, _, _)| model.words().provider(provider) == name)
            };
            let calls: Vec<_> = steps
                .iter()
                .filter(starts)
                .map(|seen| match seen.call(&model) {
                    Some(Call::LogonEx(_)) => "logon",
                    Some(Call::OnSession(_, Method::OpenAddressBook)) => "book",
                    Some(Call::OnSession(_, Method::OpenMsgStore(_))) => "store",
                    _ => "elsewhere",
                })
                .collect();
            calls.join(" ")
        };
        assert_eq!((&*place("AB"), &*place("MS")), (books, stores), "{value}");
        assert_eq!(place("XP"), "logon", "the download stays in the logon");
    }
}

#[test]
fn rows_are_those_of_providers_logged_on_or_of_all() {
    let text = LACKING
        .replace("data = \"missing\"", "password = \"missing\"")
        .replace("OpenMsgStore:MS", "GetStatusTable");
    let rows = |value| {
        let model = world(&text, &[("STATUS_ROWS", value)]);
        let steps = only_run(&model);
        let rows = steps.iter().flat_map(|seen| seen.step.effects.clone());
        let rows = rows.filter_map(|effect| {
            let Effect::StatusRow { row, status, .. } = effect else {
                return None;
            };
            Some((model.words().row(row).to_owned(), status))
        });
        rows.skip(3).collect::<Vec<_>>()
    };
    let book = ("AB".to_owned(), Status::Available);
    assert_eq!(rows("logged_on"), std::slice::from_ref(&book));
    assert_eq!(rows("all"), [book, ("MS".to_owned(), Status::Offline)]);
}

#[test]
fn entry_point_that_ends_unconfigured_is_followed_by_a_try_or_is_the_second_failure() {
    for (value, logons) in [("retry", 2), ("fail", 1)] {
        let text = LACKING.replace("\"OpenMsgStore:MS\", ", "");
        let model = world(&text, &[("ENTRY_ERROR", value)]);
        let store = order_of(&model, ProviderCall::Logon);
        let tries = store.iter().filter(|name| *name == "MS").count();
        assert_eq!(tries, logons, "{value}");
        let steps = every_step(&model);
        let cancelled = steps.iter().any(|seen| seen.takes(Transition::T53));
        assert_eq!(cancelled, value == "fail");
    }
}

#[test]
fn failure_may_be_put_off_to_the_first_use_or_not() {
    let promises = |value| {
        let model = world(LACKING, &[("DEFERRED", value)]);
        let steps = every_step(&model);
        let early = steps.iter().any(|seen| seen.action.choice == Choice::Postpone);
        // The logon has reported no failure; the opening call does.
        let late = |seen: &Seen| {
            matches!(seen.call(&model), Some(Call::OnSession(_, Method::OpenMsgStore(_))))
                && seen.calls().iter().any(|(_, _, code)| *code == Code::Unconfigured)
        };
        (early, steps.iter().any(late))
    };
    assert_eq!(promises("off"), (false, false));
    assert_eq!(promises("on"), (true, true));
}

#[test]
fn short_timeout_waits_a_while_or_not_at_all() {
    let text = MEMBERS.replace(
        "[[client]]\nname = \"member\"",
        "[[client]]\nname = \"member\"\nflags = [\"MAPI_TIMEOUT_SHORT\"]",
    );
    for (value, waits) in [("bounded", true), ("try_lock", false)] {
        let model = world(&text, &[("TIMEOUT_MODE", value)]);
        let steps = every_step(&model);
        let mine = |seen: &&Seen| model.words().client(seen.action.client) == "member";
        let waiting = |seen: &Seen| {
            let after = model.sight(&seen.step.state);
            after.client(seen.action.client).phase() == Phase::Waiting
        };
        assert_eq!(steps.iter().filter(mine).any(waiting), waits, "{value}");
        let at_once = |seen: &Seen| seen.takes(Transition::T3) && seen.takes(Transition::T7);
        assert_eq!(steps.iter().filter(mine).any(at_once), !waits, "{value}");
    }
}

#[test]
fn running_siblings_are_quarantined_or_logged_off_at_once() {
    for (value, at_once) in [("quarantine", false), ("logoff_now", true)] {
        let model = world(LACKING, &[("SIBLINGS", value)]);
        let steps = only_run(&model);
        let lost = steps.iter().find(|seen| seen.takes(Transition::T54)).unwrap();
        assert_eq!(lost.is_called(ProviderCall::Logoff), at_once, "{value}");
        let last = steps.last().unwrap();
        let before = model.sight(&last.before.state);
        let session = before.session_held(lost.action.client);
        let kept = !before.session(session.unwrap()).running().is_empty();
        assert_eq!(kept, !at_once, "{value}");
        assert_eq!(last.is_called(ProviderCall::Logoff), !at_once, "{value}");
    }
}

/// Is there a step of this client's Logoff after which the other still holds the session, and one
/// after which it holds it no more?
fn others_hold(model: &Model, client: &str) -> (bool, bool) {
    let steps = every_step(model);
    let leaves = |seen: &&Seen| {
        model.words().client(seen.action.client) == client
            && matches!(seen.call(model), Some(Call::OnSession(_, Method::Logoff(_))))
            && seen.returned() == Some(Code::Ok)
    };
    let count = |state| model.sight(state).attachments().len();
    let shared: Vec<_> = steps
        .iter()
        .filter(leaves)
        .filter(|seen| count(&seen.before.state) == 2)
        .map(|seen| count(&seen.step.state))
        .collect();
    (shared.contains(&1), shared.contains(&0))
}

#[test]
fn session_ends_with_its_last_member_or_with_its_creator() {
    for (value, holds) in [("last", (true, false)), ("creator", (false, true))] {
        let model = world(MEMBERS, &[("SHARED_END", value)]);
        assert_eq!(others_hold(&model, "creator"), holds, "{value}");
    }
}

#[test]
fn creator_ends_the_session_by_its_first_logoff_from_either_attachment() {
    let client = MEMBERS.split("[[client]]\nname = \"member\"").next().unwrap();
    let twice = "[\"MAPILogonEx\", \"MAPILogonEx\", \"Logoff\", \"Logoff\"]";
    let text = client.replace("[\"MAPILogonEx\", \"Logoff\"]", twice);
    for (value, last) in [("last", Code::Ok), ("creator", Code::InvalidObject)] {
        let model = world(&text, &[("SHARED_END", value)]);
        assert_eq!(results(&model), [Code::Ok, Code::Ok, Code::Ok, last], "{value}");
    }
}

#[test]
fn shared_logoff_notifies_the_others_or_logs_them_off() {
    for (value, holds) in [("notify", (true, false)), ("force", (false, true))] {
        let model = world(MEMBERS, &[("LOGOFF_SHARED", value)]);
        assert_eq!(others_hold(&model, "member"), holds, "{value}");
    }
}

#[test]
fn logon_that_lost_all_services_fails_by_an_edge_of_its_own() {
    let text = LACKING.replace("\"OpenMsgStore:MS\", ", "");
    let all = |value| world(&text, &[("ALL_DISABLED", value)]);
    assert_eq!(results(&all("ok")), [Code::Ok, Code::Ok]);
    assert_eq!(results(&all("fail")), [Code::LogonFailed]);
    let steps = only_run(&all("fail"));
    let model = all("fail");
    let gives_up = |seen: &&Seen| {
        let before = model.sight(&seen.before.state);
        before.client(seen.action.client).phase() == Phase::Finishing
    };
    let edge = steps.iter().find(gives_up).unwrap();
    assert_eq!(edge.taken(), []);
    assert!(!steps.iter().any(|seen| seen.takes(Transition::T55)));
}
