//! What was recorded of kopano-core's libmapi? One recording for each scenario, and its world.
//!
//! A recorded scenario is one process, so one client. Its calls that administer profiles build the
//! world; what they call of the scripted provider, and what that answers, goes into the world and
//! into the events. Calls that the machine does not know are left out and counted.

use std::collections::BTreeMap;
use std::io::BufRead;

use mapi_logon_model::mapi::LogonFlags;
use mapi_logon_model::scenario::Scenario;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::calls::{flag_words, logon_flags, number};
use crate::lines::{FileError, Lines, json_reason};
use crate::recording::{EventLine, ProviderEvent, Returned};

mod world;

use world::World;

/// The one client of a recorded process.
const CLIENT: &str = "process";

/// Families that are left out, each with the reason.
pub const LEFT_OUT: [(&str, &str); 10] = [
    (
        "concurrent_logon_timeout_short",
        "16000 calls are told as one count, not as events",
    ),
    (
        "delete_profile_in_use",
        "a profile is made anew while sessions live; the machine makes none",
    ),
    (
        "many_sessions",
        "5000 calls are told as one count, not as events",
    ),
    (
        "msg_service_configure",
        "about ConfigureMsgService outside a logon and stores without identifier",
    ),
    (
        "msg_service_create",
        "about entry point calls made by GetProviderTable, outside a logon",
    ),
    ("profile_admin_errors", "about IProfAdmin; no logon is made"),
    (
        "real",
        "the provider was not scripted, so what it was asked and answered is not recorded",
    ),
    (
        "service_admin_errors",
        "about IMsgServiceAdmin; the logon is beside the point",
    ),
    (
        "uninitialize_with_open_session",
        "profiles vanish with the last MAPIUninitialize",
    ),
    (
        "uninitialize_without_initialize",
        "the process was killed by a signal",
    ),
];

/// What the import made of a file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Imported {
    /// The scenarios, in the order of the file.
    pub scenarios: Vec<Imports>,
    /// Scenarios left out, each with the reason.
    pub left_out: Vec<(String, String)>,
    /// Calls that the machine does not know, with how often each came.
    pub dropped: BTreeMap<String, u64>,
}

/// A recorded scenario.
#[derive(Clone, PartialEq, Debug)]
pub struct Imports {
    /// Its name, with `/` as `_`.
    pub name: String,
    /// The world it ran in.
    pub scenario: Scenario,
    /// What was seen.
    pub events: Vec<EventLine>,
}

/// A line of the recording.
#[derive(Deserialize)]
struct Recorded {
    scenario: String,
    call: String,
    #[serde(default)]
    args: Map<String, Value>,
    #[serde(default)]
    hr: String,
    #[serde(default)]
    out: Map<String, Value>,
    #[serde(default)]
    provider_events: Vec<Map<String, Value>>,
}

/// Reads a recording and makes one of each scenario in it.
///
/// # Errors
/// [`FileError`] for the first line that is none of such a recording, and for an empty file.
pub fn import(source: impl BufRead) -> Result<Imported, FileError> {
    let mut lines = Lines::new(source);
    let mut imported = Imported::default();
    let mut group: Vec<Recorded> = Vec::new();
    while let Some(text) = lines.next_line()? {
        let recorded: Recorded = serde_json::from_str(text)
            .map_err(|error| FileError::at(lines.number(), json_reason(&error)))?;
        if group
            .first()
            .is_some_and(|first| first.scenario != recorded.scenario)
        {
            imported.take(&std::mem::take(&mut group));
        }
        group.push(recorded);
    }
    if group.is_empty() {
        return Err(FileError::at(0, "the file is empty; it records nothing"));
    }
    imported.take(&group);
    Ok(imported)
}

impl Imported {
    /// Takes in the lines of one scenario.
    fn take(&mut self, group: &[Recorded]) {
        let Some(first) = group.first() else { return };
        let family = first.scenario.split('/').next().unwrap_or_default();
        let reason = LEFT_OUT.iter().find(|(name, _)| *name == family);
        let result = match reason {
            Some((_, reason)) => Err((*reason).to_owned()),
            None => self.scenario(&first.scenario, group),
        };
        match result {
            Ok(imports) => self.scenarios.push(imports),
            Err(reason) => self.left_out.push((first.scenario.clone(), reason)),
        }
    }

    fn scenario(&mut self, title: &str, group: &[Recorded]) -> Result<Imports, String> {
        let mut world = World::of(title, group)?;
        let mut events = Vec::new();
        if title.split('/').any(|part| part == "shared_p0_exists") {
            events.push(earlier_session());
        }
        for recorded in group {
            match event(title, recorded, &mut world)? {
                Some(event) => events.push(event),
                None => *self.dropped.entry(recorded.call.clone()).or_default() += 1,
            }
        }
        if events.is_empty() {
            return Err("no call of it is known to the machine".to_owned());
        }
        let scenario = world.scenario(title, &events)?;
        let name = title.replace('/', "_");
        if name.contains(['\0', '\\']) || name.len() > 200 || name.starts_with('.') {
            return Err("its name is no name of a file".to_owned());
        }
        Ok(Imports {
            name,
            scenario,
            events,
        })
    }
}

/// The session whose existence the scenario's name tells; its logon was not recorded.
fn earlier_session() -> EventLine {
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
    event
        .args
        .insert("flags".to_owned(), Value::from(flags.to_vec()));
    event
}

/// The event of a line, if the machine knows its call.
fn event(title: &str, recorded: &Recorded, world: &mut World) -> Result<Option<EventLine>, String> {
    let mut event = EventLine {
        client: CLIENT.to_owned(),
        result: result(&recorded.hr)?,
        ..EventLine::default()
    };
    let text = |key: &str| recorded.args.get(key).and_then(Value::as_str);
    event.call = match recorded.call.as_str() {
        "MAPIInitialize" | "MAPIUninitialize" => recorded.call.clone(),
        "MAPILogonEx" => {
            logon(title, recorded, world, &mut event)?;
            recorded.call.clone()
        }
        "IMAPISession::OpenMsgStore" => {
            let store = text("store").unwrap_or_default();
            format!("OpenMsgStore:{}", world.store(store)?)
        }
        "IMAPISession::OpenAddressBook" => "OpenAddressBook".to_owned(),
        "IMAPISession::Logoff" => "Logoff".to_owned(),
        "IMAPISession::Release" => "Release".to_owned(),
        "IProfAdmin::DeleteProfile" => {
            let name = text("profile").unwrap_or_default();
            if !world.has_profile(name) {
                return Ok(None);
            }
            format!("DeleteProfile:{name}")
        }
        "IMsgServiceAdmin::DeleteMsgService" => {
            format!(
                "RemoveService:{}",
                world::bare(text("service").unwrap_or_default())
            )
        }
        _ => return Ok(None),
    };
    if event.call != "MAPILogonEx" {
        event.session = recorded.args.get("session").cloned().unwrap_or_default();
        if event.call == "Logoff" {
            let flags = recorded.args.get("ulFlags").cloned().unwrap_or_default();
            event.args.insert("flags".to_owned(), flags);
        }
    }
    event.provider_events = Some(provider_events(recorded, world)?);
    // Nobody sat before the recorded process: a dialog would have held it up.
    event.dialogs = Some(Vec::new());
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
    let profile = recorded
        .out
        .get("profile_of_session")
        .and_then(Value::as_str);
    event.profile = profile
        .filter(|name| world.has_profile(name))
        .map(str::to_owned);
    Ok(())
}

/// Scenarios `flag_alone/NUMBER` are named for their flag: the recorder wrote flags by name, and
/// one without a name not at all.
fn unnamed(title: &str) -> LogonFlags {
    let number = title
        .strip_prefix("flag_alone/")
        .and_then(number)
        .unwrap_or_default();
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
fn provider_events(recorded: &Recorded, world: &mut World) -> Result<Vec<ProviderEvent>, String> {
    let mut events = Vec::new();
    for one in &recorded.provider_events {
        let text = |key: &str| one.get(key).and_then(Value::as_str).unwrap_or_default();
        let (book, call) = match text("ev") {
            "ABProviderInit" => (true, "Init"),
            "AB.Logon" => (true, "Logon"),
            "MSProviderInit" => (false, "Init"),
            "MS.Logon" => (false, "Logon"),
            _ => continue,
        };
        let result = result(text("ret"))?;
        let provider = world.provider(text("svc"), book)?;
        world.answers(&provider, call, &result);
        let result = result.as_str().map(str::to_owned);
        events.push(ProviderEvent {
            provider,
            call: call.to_owned(),
            result,
        });
    }
    Ok(events)
}
