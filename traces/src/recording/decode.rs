//! The meaning of an event's fields: aliases resolved, numbers decoded.

use mapi_logon_model::protocol::CALL_NAMES;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::suggest::unknown;
use serde_json::Value;

use super::{Detail, EventLine, RecordedEvent, Recording, Returned};
use crate::calls;

/// Other names that interfaces give to a method of a scenario.
const ALIASES: [(&str, &str); 2] =
    [("DeleteMsgService", "RemoveService"), ("OpenMessageStore", "OpenMsgStore")];

/// Arguments that say nothing about the logon.
const WITHOUT_MEANING: [&str; 5] = ["ulUIParam", "ulReserved", "lpInterface", "lppSession", "hwnd"];

/// A method without its interface, as scenarios write it, and what follows its colon.
#[must_use]
pub fn bare_method(written: &str) -> (String, Option<String>) {
    let bare = written.rsplit("::").next().unwrap_or(written);
    let bare = bare.strip_prefix("IMAPISession.").unwrap_or(bare);
    let (method, target) = mapi_logon_model::scenario::split_call(bare);
    let alias = ALIASES.iter().find(|(name, _)| *name == method);
    let method = alias.map_or(method, |(_, method)| method);
    (method.to_owned(), target.map(str::to_owned))
}

impl Recording {
    pub(super) fn decode(&mut self, seen: EventLine, line: u64) -> Result<RecordedEvent, String> {
        if let Some(written) = seen.scenario {
            if !self.events.is_empty() {
                return Err("`scenario` stands in the first event alone".to_owned());
            }
            let read = Scenario::parse(&written);
            self.scenario = Some(read.map_err(|error| format!("the scenario, {error}"))?);
        }
        let (method, after_colon) = bare_method(&seen.call);
        let method = CALL_NAMES.into_iter().find(|name| *name == method);
        let method = method.ok_or_else(|| unknown("call", &seen.call, CALL_NAMES))?;
        let detail = Detail {
            profile: seen.profile,
            joined: seen.joined,
            kind: seen.kind,
            services: seen.services,
            providers: seen.providers,
            provider_events: seen.provider_events,
            dialogs: seen.dialogs,
            origin: seen.origin,
        };
        let mut event = RecordedEvent {
            line,
            client: seen.client,
            method,
            target: None,
            name: None,
            password: None,
            flags: None,
            result: Returned::of(&seen.result)?,
            begin: seen.begin,
            end: seen.end,
            session: seen.session,
            seen: detail.into(),
        };
        match event.method {
            "Logoff" => {
                let flags = calls::logoff_flags(after_colon.as_deref().unwrap_or_default())?;
                event.flags = Some(flags.bits());
            }
            _ => event.target = after_colon,
        }
        for (key, value) in seen.args {
            if !event.argument(&key, value)? {
                *self.unused.entry(key).or_default() += 1;
            }
        }
        event.check_target()?;
        Ok(event)
    }
}

impl RecordedEvent {
    /// Reads an argument; returns whether it is used.
    fn argument(&mut self, key: &str, value: Value) -> Result<bool, String> {
        match (key, self.method) {
            // The machine has no pointers: what a null one is answered is not in it.
            ("lppSession", "MAPILogonEx") if value.is_null() => {
                return Err("a null out pointer is not modelled (PAR-7); leave the call out".into());
            }
            ("store" | "entryid" | "lpEntryID", "OpenMsgStore") if value.is_null() => {
                return Err(
                    "a null entry identifier is not modelled (OPN-5); leave the call out".into()
                );
            }
            ("profile" | "profile_name" | "lpszProfileName", "MAPILogonEx") => {
                self.name = Some(text_or_null(key, value)?);
            }
            ("password" | "lpszPassword", "MAPILogonEx") => {
                let password = text_or_null(key, value)?;
                self.password = Some(password.is_some_and(|password| !password.is_empty()));
            }
            ("flags" | "flFlags" | "ulFlags", "MAPILogonEx") => {
                self.flags = Some(calls::logon_flags(&flag_text(key, value)?)?.bits());
            }
            ("flags" | "flFlags" | "ulFlags", "Logoff") => {
                self.flags = Some(calls::logoff_flags(&flag_text(key, value)?)?.bits());
            }
            ("store" | "provider" | "target" | "name", "OpenMsgStore")
            | ("profile" | "target" | "name", "DeleteProfile")
            | ("service" | "target" | "name", "RemoveService") => {
                self.target = text_or_null(key, value)?;
            }
            ("session", _) => self.session = value,
            ("flags" | "flFlags" | "ulFlags", _) => {}
            _ => return Ok(WITHOUT_MEANING.contains(&key)),
        }
        Ok(true)
    }

    fn check_target(&self) -> Result<(), String> {
        let needs = matches!(self.method, "OpenMsgStore" | "DeleteProfile" | "RemoveService");
        match (&self.target, needs) {
            (None, true) => Err(format!("`{}` does not say what it acts on", self.method)),
            (Some(target), false) => {
                Err(format!("`{}` takes nothing after a colon: {target:?}", self.method))
            }
            (Some(_), true) | (None, false) => Ok(()),
        }
    }

    /// The label of the session, as text.
    ///
    /// # Errors
    /// One sentence where it is neither text nor number.
    pub fn label(&self) -> Result<Option<String>, String> {
        match &self.session {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text.clone())),
            Value::Number(number) => Ok(Some(number.to_string())),
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                Err("`session` must be a name or a number".to_owned())
            }
        }
    }
}

fn text_or_null(key: &str, value: Value) -> Result<Option<String>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(format!("argument `{key}` must be a string or null"))
        }
    }
}

/// Flags as one text: names and numbers joined by `|`.
fn flag_text(key: &str, value: Value) -> Result<String, String> {
    let word = |value: Value| match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            Err(format!("argument `{key}` must be names, a number, or a list of both"))
        }
    };
    match value {
        Value::Array(items) => {
            let words: Result<Vec<_>, _> = items.into_iter().map(word).collect();
            Ok(words?.join("|"))
        }
        value @ (Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Object(_)) => word(value),
    }
}
