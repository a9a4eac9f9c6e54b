//! What was recorded of kopano-core's libmapi? One recording for each scenario, and its world.
//!
//! A recorded scenario is one process, so one client. Its calls that administer profiles build the
//! world; what they call of the scripted provider, and what that answers, goes into the world and
//! into the events. Calls that the machine does not know are left out and counted.

use std::collections::BTreeMap;
use std::io::BufRead;

use mapi_logon_model::mapi::Code;
use mapi_logon_model::scenario::Scenario;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::calls::number;
use crate::lines::{FileError, Lines, json_reason};
use crate::recording::EventLine;

mod event;
mod world;

use world::World;

/// The one client of a recorded process.
const CLIENT: &str = "process";

/// Most bytes of the lines of one recorded scenario, which are kept until its last is read.
const MOST_BYTES: usize = 16 << 20;

/// Most scenarios of a file, whose names are kept.
const MOST_SCENARIOS: usize = 100_000;

/// Families that are left out, each with the reason.
pub const LEFT_OUT: [(&str, &str); 10] = [
    ("concurrent_logon_timeout_short", "16000 calls are told as one count, not as events"),
    ("delete_profile_in_use", "a profile is made anew while sessions live; the machine makes none"),
    ("many_sessions", "5000 calls are told as one count, not as events"),
    (
        "msg_service_configure",
        "about ConfigureMsgService outside a logon and stores without identifier",
    ),
    ("msg_service_create", "about entry point calls made by GetProviderTable, outside a logon"),
    ("profile_admin_errors", "about IProfAdmin; no logon is made"),
    ("real", "the provider was not scripted, so what it was asked and answered is not recorded"),
    ("service_admin_errors", "about IMsgServiceAdmin; the logon is beside the point"),
    ("uninitialize_with_open_session", "profiles vanish with the last MAPIUninitialize"),
    ("uninitialize_without_initialize", "the process was killed by a signal"),
];

/// What the import made of a file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Imported {
    /// The scenarios, in the order of the file.
    pub scenarios: Vec<Imports>,
    /// Scenarios left out, each with the reason.
    pub left_out: Vec<(String, String)>,
    /// What was not used of all.
    pub dropped: Dropped,
}

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

/// What became of a recorded scenario.
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
}

/// A recording that is read scenario by scenario.
pub struct Importer<R> {
    lines: Lines<R>,
    /// Has there been any line?
    begun: bool,
    /// The first line of the next scenario.
    ahead: Option<Recorded>,
    /// The scenarios met so far, by the name of their file.
    titles: BTreeMap<String, String>,
    dropped: Dropped,
}

/// Reads a recording and makes one of each scenario in it.
///
/// # Errors
/// [`FileError`] for the first line that is none of such a recording, and for an empty file.
pub fn import(source: impl BufRead) -> Result<Imported, FileError> {
    let mut importer = Importer::new(source);
    let mut imported = Imported::default();
    while let Some(part) = importer.next_part()? {
        match part {
            Part::Imported(imports) => imported.scenarios.push(*imports),
            Part::LeftOut(title, reason) => imported.left_out.push((title, reason)),
        }
    }
    imported.dropped = importer.dropped;
    Ok(imported)
}

impl<R: BufRead> Importer<R> {
    /// Starts at the first line.
    pub const fn new(source: R) -> Self {
        Self {
            lines: Lines::new(source),
            begun: false,
            ahead: None,
            titles: BTreeMap::new(),
            dropped: Dropped { calls: BTreeMap::new(), events: BTreeMap::new() },
        }
    }

    /// What was not used of the scenarios so far.
    pub const fn dropped(&self) -> &Dropped {
        &self.dropped
    }

    /// The next scenario of the file.
    ///
    /// # Errors
    /// As of [`import`].
    pub fn next_part(&mut self) -> Result<Option<Part>, FileError> {
        let first = match self.ahead.take() {
            Some(first) => first,
            None => match self.line()? {
                Some((first, _)) => first,
                None if !self.begun => {
                    return Err(FileError::at(1, "the file is empty; it records nothing"));
                }
                None => return Ok(None),
            },
        };
        self.begun = true;
        let title = first.scenario.clone();
        self.remember(&title)?;
        let (mut group, mut kept) = (vec![first], 0);
        while let Some((recorded, bytes)) = self.line()? {
            if recorded.scenario != title {
                self.ahead = Some(recorded);
                break;
            }
            let before = group.last().and_then(|last: &Recorded| last.step);
            if let (Some(before), Some(step)) = (before, recorded.step)
                && step <= before
                && step != KILLED
            {
                let reason = format!("step {step} of {title:?} comes after its step {before}");
                return Err(self.mistake(reason));
            }
            kept += bytes;
            if kept > MOST_BYTES {
                let reason = format!("{title:?} has more than {MOST_BYTES} bytes");
                return Err(self.mistake(reason));
            }
            group.push(recorded);
        }
        Ok(Some(self.part(title, &group)))
    }

    fn mistake(&self, reason: String) -> FileError {
        FileError::at(self.lines.number(), reason)
    }

    /// The next line, and how long it is.
    fn line(&mut self) -> Result<Option<(Recorded, usize)>, FileError> {
        let Some(text) = self.lines.next_line()? else {
            return Ok(None);
        };
        let bytes = text.len();
        let read = serde_json::from_str(text).map_err(|error| json_reason(&error));
        let read = read.and_then(|recorded: Recorded| {
            recorded.check()?;
            Ok((recorded, bytes))
        });
        read.map(Some).map_err(|reason| self.mistake(reason))
    }

    /// All lines of a scenario stand together, and no two share a file.
    fn remember(&mut self, title: &str) -> Result<(), FileError> {
        let file = file_name(title);
        match self.titles.get(&file) {
            Some(known) if known == title => {
                let reason = format!("the lines of {title:?} do not stand together");
                return Err(self.mistake(reason));
            }
            Some(known) => {
                let reason = format!("{title:?} and {known:?} would both be written to {file}");
                return Err(self.mistake(reason));
            }
            None if self.titles.len() == MOST_SCENARIOS => {
                let reason = format!("the file has more than {MOST_SCENARIOS} scenarios");
                return Err(self.mistake(reason));
            }
            None => {}
        }
        if is_file_name(&file) {
            self.titles.insert(file, title.to_owned());
        }
        Ok(())
    }

    fn part(&mut self, title: String, group: &[Recorded]) -> Part {
        let family = title.split('/').next().unwrap_or_default();
        let reason = LEFT_OUT.iter().find(|(name, _)| *name == family);
        let imports = match reason {
            Some((_, reason)) => Err((*reason).to_owned()),
            None => self.imports(&title, group),
        };
        match imports {
            Ok(imports) => Part::Imported(Box::new(imports)),
            Err(reason) => Part::LeftOut(title, reason),
        }
    }

    fn imports(&mut self, title: &str, group: &[Recorded]) -> Result<Imports, String> {
        let name = file_name(title);
        if !is_file_name(&name) {
            return Err("its name is no name of a file".to_owned());
        }
        let mut world = World::of(title, group)?;
        let mut events = Vec::new();
        if event::begins_with_session(title) {
            events.push(event::earlier_session());
        }
        for recorded in group {
            match event::event(title, recorded, &mut world, &mut self.dropped.events)? {
                Some(event) => events.push(event),
                None => *self.dropped.calls.entry(recorded.call.clone()).or_default() += 1,
            }
        }
        if events.is_empty() {
            return Err("no call of it is known to the machine".to_owned());
        }
        let scenario = world.scenario(title, &events)?;
        Ok(Imports { name, scenario, events })
    }
}

/// The step of a line that says that the process was killed.
const KILLED: i64 = -1;

impl Recorded {
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
}

fn file_name(title: &str) -> String {
    title.replace('/', "_")
}

fn is_file_name(name: &str) -> bool {
    !name.contains(['\0', '\\']) && name.len() <= 200 && !name.starts_with('.')
}
