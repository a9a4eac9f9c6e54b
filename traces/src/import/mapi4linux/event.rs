//! What does a line of the recording become? An event, if the machine knows its call.

use std::collections::BTreeMap;

use mapi_logon_model::mapi::LogonFlags;
use serde_json::Value;

use super::world::{World, bare};
use super::{CLIENT, Recorded};
use crate::calls::{flag_words, logon_flags, number};
use crate::recording::{EventLine, ProviderEvent, Returned};

/// Events of providers that follow from others, or do not belong to a logon.
const NOT_USED: [&str; 4] =
    ["AB.Logoff", "MSGServiceEntry", "msprovider_destroyed", "store_destroyed"];

/// Does the scenario begin with a session that was not recorded?
pub(super) fn begins_with_session(title: &str) -> bool {
    title.split('/').any(|part| part == "shared_p0_exists")
}

/// The session whose existence the scenario's name tells; its logon was not recorded.
pub(super) fn earlier_session() -> EventLine {
    let mut event = EventLine {
        client: CLIENT.to_owned(),
        call: "MAPILogonEx".to_owned(),
        result: Value::from("S_OK"),
        session: Value::from(1),
        profile: Some("p0".to_owned()),
        provider_events: Some(Vec::new()),
        dialogs: Some(Vec::new()),
        note: Some("not recorded: the scenario begins with this session".to_owned()),
        ..EventLine::default()
    };
    event.args.insert("profile".to_owned(), Value::from("p0"));
    event.args.insert("password".to_owned(), Value::Null);
    let flags = ["MAPI_ALLOW_OTHERS", "MAPI_EXTENDED"];
    event.args.insert("flags".to_owned(), Value::from(flags.to_vec()));
    event
}

/// The event of a line, if the machine knows its call.
pub(super) fn event(
    title: &str,
    recorded: &Recorded,
    world: &mut World,
    unknown: &mut BTreeMap<String, u64>,
) -> Result<Option<EventLine>, String> {
    let mut event = EventLine {
        client: CLIENT.to_owned(),
        result: result(&recorded.hr)?,
        ..EventLine::default()
    };
    let text = |key: &str| recorded.text(key);
    let on = world.acted_on(recorded);
    event.call = match recorded.call.as_str() {
        "MAPIInitialize" | "MAPIUninitialize" => recorded.call.clone(),
        "MAPILogonEx" => {
            logon(title, recorded, world, &mut event)?;
            recorded.call.clone()
        }
        "IMAPISession::OpenMsgStore" => {
            let store = text("store").unwrap_or_default();
            format!("OpenMsgStore:{}", world.store(&on.profile, store)?)
        }
        "IMAPISession::OpenAddressBook" => "OpenAddressBook".to_owned(),
        "IMAPISession::Logoff" => "Logoff".to_owned(),
        "IMAPISession::Release" => "Release".to_owned(),
        "IProfAdmin::DeleteProfile" => {
            let name = text("profile").unwrap_or_default();
            match world.profile(name) {
                Some(profile) => format!("DeleteProfile:{profile}"),
                None => return Ok(None),
            }
        }
        "IMsgServiceAdmin::DeleteMsgService" => {
            let service = bare(text("service").unwrap_or_default());
            format!("RemoveService:{}", world.service(&on.profile, service)?)
        }
        _ => return Ok(None),
    };
    if !["MAPI", "IProfAdmin::"].iter().any(|other| recorded.call.starts_with(other)) {
        event.session = on.session;
        if event.call == "Logoff" {
            let flags = recorded.args.get("ulFlags").cloned().unwrap_or_default();
            event.args.insert("flags".to_owned(), flags);
        }
    }
    event.provider_events = Some(provider_events(recorded, &on.profile, world, unknown)?);
    // Nobody sat before the recorded process: a dialog would have held it up.
    event.dialogs = Some(Vec::new());
    world.follow(recorded);
    Ok(Some(event))
}

fn logon(
    title: &str,
    recorded: &Recorded,
    world: &World,
    event: &mut EventLine,
) -> Result<(), String> {
    for key in ["profile", "password"] {
        let value = recorded.args.get(key).cloned().unwrap_or_default();
        event.args.insert(key.to_owned(), value);
    }
    let words = match recorded.args.get("flFlags") {
        Some(Value::Array(items)) => {
            let words: Vec<_> = items.iter().filter_map(Value::as_str).collect();
            words.join("|")
        }
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Null | Value::Bool(_) | Value::Object(_)) | None => String::new(),
    };
    let flags = flag_words(logon_flags(&words)? | unnamed(title));
    event.args.insert("flags".to_owned(), Value::from(flags));
    event.session = recorded.out.get("session").cloned().unwrap_or_default();
    let profile = recorded.out.get("profile_of_session").and_then(Value::as_str);
    event.profile = profile.and_then(|name| world.profile(name));
    Ok(())
}

/// Scenarios `flag_alone/NUMBER` are named for their flag: the recorder wrote flags by name, and
/// one without a name not at all.
fn unnamed(title: &str) -> LogonFlags {
    let number = title.strip_prefix("flag_alone/").and_then(number).unwrap_or_default();
    LogonFlags::from_bits_retain(number & !LogonFlags::all().bits())
}

fn result(hr: &str) -> Result<Value, String> {
    match Returned::of(&Value::from(hr)) {
        Ok(Returned::With(code)) => Ok(Value::from(code.name())),
        Ok(Returned::Unknown(_)) => Ok(Value::from(hr)),
        Ok(Returned::Never) | Err(_) => Err(format!("{hr:?} is no HRESULT")),
    }
}

/// The calls of entry points and logon methods; the others follow the recorder's own references.
fn provider_events(
    recorded: &Recorded,
    profile: &str,
    world: &mut World,
    unknown: &mut BTreeMap<String, u64>,
) -> Result<Vec<ProviderEvent>, String> {
    let mut events = Vec::new();
    for one in &recorded.provider_events {
        let text = |key: &str| one.get(key).and_then(Value::as_str).unwrap_or_default();
        let (book, call) = match text("ev") {
            "ABProviderInit" => (true, "Init"),
            "AB.Logon" => (true, "Logon"),
            "MSProviderInit" => (false, "Init"),
            "MS.Logon" => (false, "Logon"),
            other => {
                if !NOT_USED.contains(&other) {
                    *unknown.entry(other.to_owned()).or_default() += 1;
                }
                continue;
            }
        };
        let result = result(text("ret"))?;
        let provider = world.provider(profile, text("svc"), book)?;
        world.answers(&provider, call, &result);
        let result = result.as_str().map(str::to_owned);
        events.push(ProviderEvent { provider, call: call.to_owned(), result });
    }
    Ok(events)
}
