//! The recording of a run: its calls with their results, and nothing hidden.

use std::collections::BTreeMap;

use mapi_logon_model::scenario::Scenario;
use serde_json::Value;

use crate::act::Deed;
use crate::effect::Seen;
use crate::recording::{DialogEvent, EventLine, ProviderEvent};
use crate::trace::Line;

/// The recording of a run in a world: calls in the order in which they returned, with the steps at
/// which they began and ended as times, their provider calls and their dialogs.
#[must_use]
pub fn recording(lines: &[Line], world: &Scenario) -> Vec<EventLine> {
    let mut open: BTreeMap<String, EventLine> = BTreeMap::new();
    let mut done = Vec::new();
    for line in lines {
        let time = f64::from(u32::try_from(line.step).unwrap_or(u32::MAX)) * 2.0;
        let client = &line.action.client;
        for effect in line.effects.iter().map(|shown| &shown.effect) {
            if let Seen::Called { call, .. } = effect {
                open.insert(client.clone(), begun(line, call, time));
            }
            let Some(event) = open.get_mut(client) else {
                continue;
            };
            note(event, effect);
            if let Seen::Returned { result, session, .. } = effect {
                event.result = Value::from(*result);
                if session.is_none() {
                    (event.profile, event.joined) = (None, None);
                }
                event.end = Some(time + 1.0);
                event.session = session.clone().map_or(Value::Null, Value::from);
                done.extend(open.remove(client));
            }
        }
    }
    done.extend(open.into_values());
    if let Some(first) = done.first_mut() {
        first.scenario = Some(world.to_toml());
    }
    done
}

fn begun(line: &Line, call: &str, time: f64) -> EventLine {
    let mut event = EventLine {
        client: line.action.client.clone(),
        call: call.to_owned(),
        begin: Some(time),
        provider_events: Some(Vec::new()),
        dialogs: Some(Vec::new()),
        ..EventLine::default()
    };
    if let Deed::Begin { parameters: Some(given), .. } = &line.action.deed {
        let profile = given.profile.clone().map_or(Value::Null, Value::from);
        event.args.insert("profile".to_owned(), profile);
        let password = if given.password { Value::from("x") } else { Value::Null };
        event.args.insert("password".to_owned(), password);
        event.args.insert("flags".to_owned(), Value::from(given.flags.clone()));
    }
    event
}

/// Adds what a recorder sees of an effect to the call in progress.
#[expect(clippy::wildcard_enum_match_arm, reason = "a recording shows no more than these")]
fn note(event: &mut EventLine, effect: &Seen) {
    match effect {
        Seen::Provider { provider, call, result, .. } if matches!(*call, "Init" | "Logon") => {
            let (provider, call) = (provider.clone(), (*call).to_owned());
            let result = Some((*result).to_owned());
            event.provider_events.get_or_insert_default().push(ProviderEvent {
                provider,
                call,
                result,
            });
        }
        Seen::Displayed { dialog, .. } => {
            let dialog = DialogEvent::Named(dialog.clone());
            event.dialogs.get_or_insert_default().push(dialog);
        }
        Seen::Answered { answer, .. } => {
            let list = event.dialogs.get_or_insert_default();
            if let Some(DialogEvent::Named(dialog)) = list.last().cloned() {
                list.pop();
                list.push(DialogEvent::Answered { dialog, answer: (*answer).to_owned() });
            }
        }
        Seen::Joined { .. } => event.joined = Some(true),
        Seen::ProfileOpened { profile, .. } => event.profile = Some(profile.clone()),
        _ => {}
    }
}
