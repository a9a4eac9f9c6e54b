//! The recording file: one line for each call that was seen, with whatever is known of it.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::ops::Deref;

use mapi_logon_model::mapi::{Code, LogonFlags};
use mapi_logon_model::scenario::Scenario;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::calls;
use crate::lines::{FileError, Lines};

mod decode;

pub use decode::bare_method;

/// A line of a recording.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventLine {
    /// Who called.
    pub client: String,
    /// What was called: a method of scenario files, with or without its interface and target.
    pub call: String,
    /// The arguments; what is not given is as the scenario has it for the client.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, Value>,
    /// The result by name or number; `null` or absent for a call that never returned.
    #[serde(default)]
    pub result: Value,
    /// When the call began, in any unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begin: Option<f64>,
    /// When it returned, in the same unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<f64>,
    /// A label of the session obtained or acted on.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub session: Value,
    /// The profile of the session obtained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Was an existing session joined?
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<bool>,
    /// `individual` or `shared`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Services of the session, each `enabled` or `disabled`, when the call returned.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub services: BTreeMap<String, String>,
    /// Run-states of providers of the session when the call returned.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub providers: BTreeMap<String, String>,
    /// The calls MAPI made into providers during the call: all of the kinds that are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_events: Option<Vec<ProviderEvent>>,
    /// The dialogs displayed during the call, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialogs: Option<Vec<DialogEvent>>,
    /// Where the call stands in the log that was imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<LineOrigin>,
    /// A remark; not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The scenario file of the world that was recorded; in the first event alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
}

/// The lines of a log from which an event was imported.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineOrigin {
    /// The log.
    pub file: String,
    /// The line of the call, from 1.
    pub line: u64,
    /// The line of its end, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<u64>,
}

/// A call MAPI made into a provider.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderEvent {
    /// Which provider.
    pub provider: String,
    /// `Init` or `Logon`.
    pub call: String,
    /// Its answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
}

/// A dialog that was displayed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a dialog is written \"password\", or with its answer \
                 {\"dialog\": \"password\", \"answer\": \"supply\"}"
)]
pub enum DialogEvent {
    /// Its name, as outcomes have it.
    Named(String),
    /// Its name, and what the user answered.
    Answered {
        /// The name.
        dialog: String,
        /// The answer, as scenarios name it.
        answer: String,
    },
}

impl DialogEvent {
    /// The name of the dialog.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Named(name) | Self::Answered { dialog: name, .. } => name,
        }
    }
}

/// A call that was seen, decoded.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordedEvent {
    /// The line of the file, from 1.
    pub line: u64,
    /// Who called.
    pub client: String,
    /// The method, as scenarios write it.
    pub method: &'static str,
    /// Store, profile or service.
    pub target: Option<String>,
    /// The profile name parameter, where given: absent inside for NULL.
    pub name: Option<Option<String>>,
    /// Was a password passed, where that is known?
    pub password: Option<bool>,
    /// The flags, where given; of a logon with their undefined bits.
    pub flags: Option<u32>,
    /// What the call returned.
    pub result: Returned,
    /// When the call began, in any unit.
    pub begin: Option<f64>,
    /// When it returned, in the same unit.
    pub end: Option<f64>,
    /// The label of the session, as it was written.
    pub session: Value,
    /// Everything else.
    pub seen: Details,
}

/// What most events do not have: without any of it, it takes no room in a long recording.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Details(Option<Box<Detail>>);

/// What was seen of a call beside its result, as it was written.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Detail {
    /// The profile of the session obtained.
    pub profile: Option<String>,
    /// Was an existing session joined?
    pub joined: Option<bool>,
    /// `individual` or `shared`.
    pub kind: Option<String>,
    /// Services of the session, each `enabled` or `disabled`, when the call returned.
    pub services: BTreeMap<String, String>,
    /// Run-states of providers of the session when the call returned.
    pub providers: BTreeMap<String, String>,
    /// The calls MAPI made into providers during the call.
    pub provider_events: Option<Vec<ProviderEvent>>,
    /// The dialogs displayed during the call.
    pub dialogs: Option<Vec<DialogEvent>>,
    /// Where the call stands in the log that was imported.
    pub origin: Option<LineOrigin>,
}

impl Detail {
    const NONE: Self = Self {
        profile: None,
        joined: None,
        kind: None,
        services: BTreeMap::new(),
        providers: BTreeMap::new(),
        provider_events: None,
        dialogs: None,
        origin: None,
    };
}

impl From<Detail> for Details {
    fn from(detail: Detail) -> Self {
        Self((detail != Detail::NONE).then(|| Box::new(detail)))
    }
}

impl Deref for Details {
    type Target = Detail;

    fn deref(&self) -> &Detail {
        self.0.as_deref().unwrap_or(const { &Detail::NONE })
    }
}

/// How a call came back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Returned {
    /// Not at all.
    Never,
    /// With a code of SPEC 6.1.
    With(Code),
    /// With a number the specification does not know.
    Unknown(u32),
}

/// All that was seen.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Recording {
    /// The calls, in the order of the file.
    pub events: Vec<RecordedEvent>,
    /// The world that was recorded, where the recording says.
    pub scenario: Option<Scenario>,
    /// Arguments that are not used, with how often each came.
    pub unused: BTreeMap<String, u64>,
}

impl Recording {
    /// Reads a recording.
    ///
    /// # Errors
    /// [`FileError`] for the first line that is not an event, and for a file without any.
    pub fn read(source: impl BufRead) -> Result<Self, FileError> {
        let mut lines = Lines::new(source).kept();
        let mut recording = Self::default();
        while let Some(text) = lines.next_line()? {
            let read = serde_json::from_str(text);
            let number = lines.number();
            let line = read.map_err(|error| FileError::of_json(number, &error))?;
            let decoded = recording.decode(line, number);
            let event = decoded.map_err(|reason| FileError::at(number, reason))?;
            recording.events.push(event);
        }
        if recording.events.is_empty() {
            return Err(FileError::at(1, "the recording is empty; it shows nothing to explain"));
        }
        recording.check_times()?;
        Ok(recording)
    }

    /// Adds an event, as if it had been read.
    ///
    /// # Errors
    /// One sentence where it cannot be decoded.
    pub fn push(&mut self, line: EventLine) -> Result<(), String> {
        let number = self.events.len() as u64 + 1;
        let event = self.decode(line, number)?;
        self.events.push(event);
        Ok(())
    }

    /// Either every event has its times or none; every call begins before it ends.
    fn check_times(&self) -> Result<(), FileError> {
        let timed = self.events[0].begin.is_some();
        for event in &self.events {
            let (begin, end) = (event.begin, event.end);
            let returned = event.result != Returned::Never;
            if begin.is_some() != timed || returned && end.is_some() != timed {
                let reason = "`begin` and `end` must stand in every event or in none";
                return Err(FileError::at(event.line, reason));
            }
            if let (Some(begin), Some(end)) = (begin, end)
                && end < begin
            {
                let reason = format!("the call ends ({end}) before it begins ({begin})");
                return Err(FileError::at(event.line, reason));
            }
        }
        Ok(())
    }
}

impl RecordedEvent {
    /// The call as scenarios write it.
    #[must_use]
    pub fn written(&self) -> String {
        let flags = match self.method {
            "Logoff" => {
                let flags = self.flags.unwrap_or_default();
                let known = mapi_logon_model::mapi::LogoffFlags::from_bits_retain(flags);
                let names: Vec<_> = known.iter_names().map(|(name, _)| name).collect();
                names.join("|")
            }
            _ => String::new(),
        };
        match (&self.target, flags.as_str()) {
            (Some(target), _) => format!("{}:{target}", self.method),
            (None, "") => self.method.to_owned(),
            (None, flags) => format!("{}:{flags}", self.method),
        }
    }

    /// The flags of a logon, where given.
    #[must_use]
    pub fn logon_flags(&self) -> Option<LogonFlags> {
        self.flags.map(LogonFlags::from_bits_retain)
    }
}

impl Returned {
    /// Reads a result by name or number.
    ///
    /// # Errors
    /// One sentence where it is neither.
    pub fn of(value: &Value) -> Result<Self, String> {
        match value {
            Value::Null => Ok(Self::Never),
            Value::String(text) => match (Code::named(text), calls::number(text)) {
                (Some(code), _) => Ok(Self::With(code)),
                (None, Some(number)) => Ok(Self::numbered(number)),
                (None, None) => {
                    let names = Code::ALL.iter().map(|code| code.name());
                    let hint = mapi_logon_model::suggest::hint(text, names);
                    let text = mapi_logon_model::suggest::quoted(text);
                    Err(format!("unknown result {text}; a name of SPEC 6.1 or a number{hint}"))
                }
            },
            Value::Number(number) => {
                let number = calls::number(&number.to_string());
                number.map(Self::numbered).ok_or_else(|| "the result is not an HRESULT".to_owned())
            }
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                Err("`result` must be a name or a number".to_owned())
            }
        }
    }

    fn numbered(number: u32) -> Self {
        Code::valued(number).map_or(Self::Unknown(number), Self::With)
    }
}
