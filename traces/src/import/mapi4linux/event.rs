//! The event of a recorded line, if the machine knows its call.

use std::collections::BTreeMap;

use mapi_logon_model::mapi::Code;
use serde_json::Value;

use super::world::{World, bare};
use super::{CLIENT, Meaning, PROVIDER_EVENTS, Recorded};
use crate::calls::number;
use crate::recording::{EventLine, ProviderEvent};

/// The event of a line, if the machine knows its call.
pub(super) fn event(
    recorded: &Recorded,
    world: &mut World,
    unknown: &mut BTreeMap<String, u64>,
) -> Result<Option<EventLine>, String> {
    let on = world.acted_on(recorded);
    let mut event = EventLine {
        client: CLIENT.to_owned(),
        result: Value::from(named(&recorded.hr)?),
        // The recorded process had no user: a dialog would have blocked it.
        dialogs: Some(Vec::new()),
        note: recorded.note.clone(),
        ..EventLine::default()
    };
    let method = match recorded.meaning() {
        Some(Meaning::Call(method)) => method,
        Some(Meaning::OnSession(method)) => {
            event.session = on.session;
            method
        }
        Some(Meaning::Profile | Meaning::Service | Meaning::Foreign(_)) | None => return Ok(None),
    };
    let text = |key: &str| recorded.text(key).unwrap_or_default();
    let target = match method {
        "OpenMsgStore" => Some(world.store(&on.profile, text("store"))?),
        "RemoveService" => Some(world.service(&on.profile, bare(text("service")))?),
        "DeleteProfile" => match world.profile(text("profile")) {
            Some(profile) => Some(profile),
            None => return Ok(None),
        },
        _ => None,
    };
    event.call = target.map_or(method.to_owned(), |target| format!("{method}:{target}"));
    let argument = |key: &str| recorded.args.get(key).cloned().unwrap_or_default();
    if method == "Logoff" {
        event.args.insert("flags".to_owned(), argument("ulFlags"));
    }
    if method == "MAPILogonEx" {
        for (key, own) in [("profile", "profile"), ("password", "password"), ("flags", "flFlags")] {
            event.args.insert(key.to_owned(), argument(own));
        }
        event.session = recorded.out.get("session").cloned().unwrap_or_default();
        let profile = recorded.out.get("profile_of_session").and_then(Value::as_str);
        event.profile = profile.and_then(|name| world.profile(name));
    }
    event.provider_events = Some(provider_events(recorded, &on.profile, world, unknown)?);
    world.follow(recorded);
    Ok(Some(event))
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
        let known = PROVIDER_EVENTS.iter().find(|(name, _)| *name == text("ev"));
        let Some((_, meaning)) = known else {
            *unknown.entry(text("ev").to_owned()).or_default() += 1;
            continue;
        };
        let Some((book, call)) = *meaning else {
            continue;
        };
        let result = named(text("ret"))?;
        let provider = world.provider(profile, text("svc"), book)?;
        world.answers(&provider, call, &result);
        events.push(ProviderEvent { provider, call: call.to_owned(), result: Some(result) });
    }
    Ok(events)
}

/// A result by its name, if it has one.
fn named(hr: &str) -> Result<String, String> {
    let number = number(hr).ok_or_else(|| format!("{hr:?} is not an HRESULT"))?;
    let name = Code::valued(number).map(|code| code.name().to_owned());
    Ok(name.unwrap_or_else(|| hr.to_owned()))
}
