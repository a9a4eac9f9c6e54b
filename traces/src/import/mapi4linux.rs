//! Recordings of kopano-core's libmapi with a scripted provider: a recording and its world for each
//! recorded scenario.
//!
//! A recorded scenario is one process, so one client. Calls that make profiles and services build
//! the world; what the scripted provider answers goes into the world and into the events. What each
//! recorded call means stands in one table; calls that are not in it are left out and counted.

use std::collections::BTreeMap;
use std::io::BufRead;

use mapi_logon_model::mapi::Code;
use mapi_logon_model::scenario::Scenario;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::calls::number;
use crate::lines::{FileError, Lines};
use crate::recording::{EventLine, Recording};

mod event;
mod world;

use event::event;
use world::World;

/// The one client of a recorded process.
const CLIENT: &str = "process";

/// Most bytes of the lines of one recorded scenario, which are kept until its last is read.
const MOST_BYTES: usize = 16 << 20;

/// Most scenarios of a file, whose names are kept.
const MOST_SCENARIOS: usize = 100_000;

/// What a recorded call means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// A profile is made.
    Profile,
    /// A service is put into a profile.
    Service,
    /// A call of this method.
    Call(&'static str),
    /// A call of this method of the session.
    OnSession(&'static str),
    /// It changes the world in a way that the machine does not know.
    Foreign(&'static str),
}

const CALLS: [(&str, Meaning); 12] = [
    (
        "IMsgServiceAdmin::ConfigureMsgService",
        Meaning::Foreign(
            "a service is configured outside a logon, which the machine does not know",
        ),
    ),
    ("IProfAdmin::CreateProfile", Meaning::Profile),
    ("IMsgServiceAdmin2::CreateMsgServiceEx", Meaning::Service),
    ("MAPIInitialize", Meaning::Call("MAPIInitialize")),
    ("MAPIUninitialize", Meaning::Call("MAPIUninitialize")),
    ("MAPILogonEx", Meaning::Call("MAPILogonEx")),
    ("IProfAdmin::DeleteProfile", Meaning::Call("DeleteProfile")),
    ("IMAPISession::OpenMsgStore", Meaning::OnSession("OpenMsgStore")),
    ("IMAPISession::OpenAddressBook", Meaning::OnSession("OpenAddressBook")),
    ("IMAPISession::Logoff", Meaning::OnSession("Logoff")),
    ("IMAPISession::Release", Meaning::OnSession("Release")),
    ("IMsgServiceAdmin::DeleteMsgService", Meaning::OnSession("RemoveService")),
];

/// Events of the scripted provider: whether of its address book, and the call; nothing where they
/// follow from others, or do not belong to a logon.
const PROVIDER_EVENTS: [(&str, Option<(bool, &str)>); 8] = [
    ("ABProviderInit", Some((true, "Init"))),
    ("AB.Logon", Some((true, "Logon"))),
    ("MSProviderInit", Some((false, "Init"))),
    ("MS.Logon", Some((false, "Logon"))),
    ("AB.Logoff", None),
    ("MSGServiceEntry", None),
    ("msprovider_destroyed", None),
    ("store_destroyed", None),
];

/// What was not used, with how often each came.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Dropped {
    /// Calls that the machine does not know.
    pub calls: BTreeMap<String, u64>,
    /// Events of providers that are known neither to the machine nor to the import.
    pub events: BTreeMap<String, u64>,
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

/// The result for a recorded scenario.
#[derive(Clone, PartialEq, Debug)]
pub enum Part {
    /// A recording and its world.
    Imported(Box<Imports>),
    /// Nothing: which scenario, and why.
    LeftOut(String, String),
}

/// A line of the recording.
#[derive(Deserialize)]
#[serde(expecting = "a call: an object with scenario, call, hr and so on")]
struct Recorded {
    scenario: String,
    step: Option<i64>,
    call: String,
    #[serde(default)]
    args: Map<String, Value>,
    #[serde(default)]
    hr: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    out: Map<String, Value>,
    #[serde(default)]
    provider_events: Vec<Map<String, Value>>,
    note: Option<String>,
}

/// A recording that is read scenario by scenario.
pub struct Importer<R> {
    lines: Lines<R>,
    /// The first line of the next scenario.
    ahead: Option<(Recorded, usize)>,
    /// The scenarios met so far, by the name of their file.
    titles: BTreeMap<String, String>,
    dropped: Dropped,
}

impl<R: BufRead> Importer<R> {
    /// Starts at the first line.
    pub fn new(source: R) -> Self {
        Self {
            lines: Lines::new(source),
            ahead: None,
            titles: BTreeMap::new(),
            dropped: Dropped::default(),
        }
    }

    /// What was not used of the scenarios so far.
    pub const fn dropped(&self) -> &Dropped {
        &self.dropped
    }

    /// The next scenario of the file.
    ///
    /// # Errors
    /// [`FileError`] for the first line that is none of such a recording, and for an empty file.
    pub fn next_part(&mut self) -> Result<Option<Part>, FileError> {
        let Some((first, mut kept)) = self.next_line()? else {
            let reason = "the file is empty; it records nothing";
            let empty = self.titles.is_empty();
            return if empty { Err(FileError::at(1, reason)) } else { Ok(None) };
        };
        let title = first.scenario.clone();
        self.remember(&title)?;
        let mut group = vec![first];
        while let Some((recorded, bytes)) = self.next_line()? {
            if recorded.scenario != title {
                self.ahead = Some((recorded, bytes));
                break;
            }
            let before = group.last().and_then(|last: &Recorded| last.step);
            if let (Some(before), Some(step @ 0..)) = (before, recorded.step)
                && step <= before
            {
                let reason = format!("step {step} of {title:?} comes after its step {before}");
                return Err(self.error(reason));
            }
            kept += bytes;
            if kept > MOST_BYTES {
                let reason = format!("{title:?} has more than {MOST_BYTES} bytes");
                return Err(self.error(reason));
            }
            group.push(recorded);
        }
        Ok(Some(match self.imports(&title, &group) {
            Ok(imports) => Part::Imported(Box::new(imports)),
            Err(reason) => Part::LeftOut(title, reason),
        }))
    }

    fn error(&self, reason: String) -> FileError {
        FileError::at(self.lines.number(), reason)
    }

    /// The next line, and how long it is.
    fn next_line(&mut self) -> Result<Option<(Recorded, usize)>, FileError> {
        if let Some(ahead) = self.ahead.take() {
            return Ok(Some(ahead));
        }
        let Some(text) = self.lines.next_line()? else {
            return Ok(None);
        };
        let bytes = text.len();
        let read = serde_json::from_str::<Recorded>(text);
        let recorded = read.map_err(|error| FileError::of_json(self.lines.number(), &error))?;
        recorded.check().map_err(|reason| self.error(reason))?;
        Ok(Some((recorded, bytes)))
    }

    /// All lines of a scenario stand together, and no two share a file.
    fn remember(&mut self, title: &str) -> Result<(), FileError> {
        let file = title.replace('/', "_");
        let reason = match self.titles.get(&file) {
            Some(known) if known == title => {
                format!("the lines of {title:?} are not contiguous")
            }
            Some(known) => format!("{title:?} and {known:?} would both be written to {file}"),
            None if self.titles.len() == MOST_SCENARIOS => {
                format!("the file has more than {MOST_SCENARIOS} scenarios")
            }
            None => {
                self.titles.insert(file, title.to_owned());
                return Ok(());
            }
        };
        Err(self.error(reason))
    }

    fn imports(&mut self, title: &str, group: &[Recorded]) -> Result<Imports, String> {
        let name = title.replace('/', "_");
        if name.contains(['\0', '\\']) || name.len() > 200 || name.starts_with('.') {
            return Err("its name cannot be the name of a file".to_owned());
        }
        check_group(group)?;
        let mut world = World::of(group)?;
        let (mut events, mut decoded) = (Vec::new(), Recording::default());
        for recorded in group {
            match event(recorded, &mut world, &mut self.dropped.events)? {
                Some(event) => {
                    decoded.push(event.clone())?;
                    events.push(event);
                }
                None => *self.dropped.calls.entry(recorded.call.clone()).or_default() += 1,
            }
        }
        let scenario = world.scenario(title, &events)?;
        Ok(Imports { name, scenario, events })
    }
}

/// Can the machine follow these calls?
fn check_group(group: &[Recorded]) -> Result<(), String> {
    let mut initialized: Option<u32> = None;
    for recorded in group {
        let call = recorded.call.as_str();
        let count = call.split_once(" x").map(|(_, rest)| rest.split(' ').next());
        if let Some(Some(count)) = count.filter(|count| count.is_some_and(is_number)) {
            return Err(format!("{count} calls are recorded as one count, not as events"));
        }
        if call == "(process)" {
            return Err(format!("the process ended with {}", recorded.name));
        }
        if let Some(Meaning::Foreign(reason)) = recorded.meaning() {
            return Err(reason.to_owned());
        }
        match (call, initialized) {
            ("MAPIInitialize", Some(0)) => {
                return Err("it initialises MAPI anew, and profiles end with the last \
                            MAPIUninitialize"
                    .to_owned());
            }
            ("MAPIInitialize", count) => initialized = Some(count.unwrap_or(0) + 1),
            ("MAPIUninitialize", Some(count)) => initialized = Some(count.saturating_sub(1)),
            _ => {}
        }
    }
    let logon = group.iter().any(|recorded| recorded.call == "MAPILogonEx");
    logon.then_some(()).ok_or_else(|| "no logon is made in it".to_owned())
}

fn is_number(text: &str) -> bool {
    text.parse::<u64>().is_ok()
}

impl Recorded {
    fn meaning(&self) -> Option<Meaning> {
        let row = CALLS.iter().find(|(call, _)| *call == self.call);
        row.map(|(_, meaning)| *meaning)
    }

    /// Do number and name of the result agree?
    fn check(&self) -> Result<(), String> {
        match (Code::named(&self.name), number(&self.hr)) {
            (Some(code), Some(hr)) if code.value() != hr => Err(format!(
                "`hr` {:?} is not the number of {}, 0x{:08X}",
                self.hr,
                self.name,
                code.value()
            )),
            _ => Ok(()),
        }
    }

    /// An argument that is text.
    fn text(&self, key: &str) -> Option<&str> {
        self.args.get(key).and_then(Value::as_str)
    }

    fn worked(&self) -> bool {
        number(&self.hr) == Some(Code::Ok.value())
    }

    /// The profile that a call of a provider names.
    fn provider_profile(&self) -> Option<&str> {
        let mut events = self.provider_events.iter();
        events.find_map(|event| event.get("profile").and_then(Value::as_str))
    }
}
