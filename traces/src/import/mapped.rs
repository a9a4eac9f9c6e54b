//! How does any log of lines become a recording? A map tells, one regular expression a kind of
//! line.

use std::collections::BTreeMap;
use std::io::BufRead;

use regex::{Captures, Regex, RegexBuilder};
use serde::Deserialize;
use serde_json::Value;

use crate::calls::unknown;
use crate::lines::{FileError, Lines};
use crate::recording::{DialogEvent, EventLine, ProviderEvent, Returned};

/// Most bytes a compiled expression may take.
const REGEX_BYTES: usize = 4 << 20;

/// The groups a pattern may name.
const GROUPS: [&str; 16] = [
    "client", "call", "profile", "password", "flags", "store", "provider", "service", "session",
    "result", "begin", "end", "method", "dialog", "answer", "joined",
];

/// A map as its file has it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MapFile {
    event: Vec<EventFile>,
    #[serde(default)]
    rename: BTreeMap<String, BTreeMap<String, String>>,
}

/// A kind of line.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
struct EventFile {
    #[serde(default)]
    kind: Kind,
    pattern: String,
    #[serde(flatten)]
    fixed: BTreeMap<String, String>,
}

/// What a line tells of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// A call with its result.
    #[default]
    Call,
    /// The beginning of a call.
    Begin,
    /// Its end.
    End,
    /// A call MAPI makes into a provider.
    Provider,
    /// A dialog.
    Dialog,
}

/// A map, ready to be used.
#[derive(Clone, Debug)]
pub struct Mapping {
    kinds: Vec<(Kind, Regex, BTreeMap<String, String>)>,
    rename: BTreeMap<String, BTreeMap<String, String>>,
}

/// What became of a log.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Mapped {
    /// The events, in the order in which their calls began.
    pub events: Vec<EventLine>,
    /// Lines that no pattern matches, with their numbers.
    pub unmatched: Vec<(u64, String)>,
    /// How many such lines there are.
    pub unmatched_count: u64,
}

/// Most lines without a match that are kept.
const KEPT: usize = 1000;

impl Mapping {
    /// Reads a map.
    ///
    /// # Errors
    /// One sentence where it is no TOML of this form, or an expression is not usable.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: MapFile = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| {
                text[..span.start.min(text.len())].matches('\n').count() + 1
            });
            format!("{line}: {}", error.message())
        })?;
        if file.event.is_empty() {
            return Err("1: a map has one or more [[event]]".to_owned());
        }
        if let Some(name) = file
            .rename
            .keys()
            .find(|name| !GROUPS.contains(&name.as_str()))
        {
            return Err(format!(
                "1: [rename.{name}]: {}",
                unknown("group", name, GROUPS)
            ));
        }
        let kinds = file.event.into_iter().map(kind).collect::<Result<_, _>>()?;
        Ok(Self {
            kinds,
            rename: file.rename,
        })
    }

    fn has(&self, wanted: Kind) -> bool {
        self.kinds.iter().any(|(kind, _, _)| *kind == wanted)
    }

    /// Applies the map to a log.
    ///
    /// # Errors
    /// [`FileError`] where a line cannot be read, or what it says cannot be.
    pub fn import(&self, source: impl BufRead) -> Result<Mapped, FileError> {
        let mut lines = Lines::new(source);
        let mut reading = Reading {
            map: self,
            open: BTreeMap::new(),
            waiting: BTreeMap::new(),
            done: Mapped::default(),
        };
        while let Some(text) = lines.next_line()? {
            let matched = self.kinds.iter().find_map(|(kind, pattern, fixed)| {
                pattern
                    .captures(text)
                    .map(|captures| (*kind, self.fields(&captures, fixed)))
            });
            let text = text.to_owned();
            let number = lines.number();
            match matched {
                Some((kind, fields)) => reading
                    .line(kind, &fields, number)
                    .map_err(|reason| FileError::at(number, reason))?,
                None => {
                    reading.done.unmatched_count += 1;
                    if reading.done.unmatched.len() < KEPT {
                        reading.done.unmatched.push((number, text));
                    }
                }
            }
        }
        Ok(reading.finish())
    }

    /// What a line says, renamed.
    fn fields(&self, captures: &Captures<'_>, fixed: &BTreeMap<String, String>) -> Fields {
        let mut fields = Fields(fixed.clone());
        for group in GROUPS {
            if let Some(found) = captures.name(group) {
                fields.0.insert(group.to_owned(), found.as_str().to_owned());
            }
        }
        for (group, names) in &self.rename {
            if let Some(value) = fields.0.get_mut(group)
                && let Some(name) = names.get(value.as_str())
            {
                value.clone_from(name);
            }
        }
        fields
    }
}

fn kind(event: EventFile) -> Result<(Kind, Regex, BTreeMap<String, String>), String> {
    let built = RegexBuilder::new(&event.pattern)
        .size_limit(REGEX_BYTES)
        .build();
    let pattern = built.map_err(|error| format!("1: pattern {:?}: {error}", event.pattern))?;
    let named = pattern.capture_names().flatten();
    let known = |name: &&str| !GROUPS.contains(name);
    if let Some(name) = named
        .chain(event.fixed.keys().map(String::as_str))
        .find(known)
    {
        return Err(format!(
            "1: pattern {:?}: {}",
            event.pattern,
            unknown("group", name, GROUPS)
        ));
    }
    Ok((event.kind, pattern, event.fixed))
}

/// What a line says.
struct Fields(BTreeMap<String, String>);

impl Fields {
    fn take(&self, group: &str) -> Option<&str> {
        self.0.get(group).map(String::as_str)
    }

    fn client(&self) -> String {
        self.take("client").unwrap_or("client").to_owned()
    }
}

/// A log under way.
struct Reading<'m> {
    map: &'m Mapping,
    /// The call every client is in.
    open: BTreeMap<String, EventLine>,
    /// Provider calls and dialogs seen before the line of their call.
    waiting: BTreeMap<String, (Vec<ProviderEvent>, Vec<DialogEvent>)>,
    done: Mapped,
}

impl Reading<'_> {
    fn line(&mut self, kind: Kind, fields: &Fields, number: u64) -> Result<(), String> {
        let client = fields.client();
        match kind {
            Kind::Call => {
                let mut event = self.begin(fields, number)?;
                self.end(&mut event, fields, number)?;
                self.done.events.push(event);
            }
            Kind::Begin => {
                let event = self.begin(fields, number)?;
                if let Some(unfinished) = self.open.insert(client, event) {
                    self.done.events.push(unfinished);
                }
            }
            Kind::End => {
                let open = self.open.remove(&client);
                let mut event =
                    open.ok_or_else(|| format!("{client:?} is in no call that could end"))?;
                self.end(&mut event, fields, number)?;
                self.done.events.push(event);
            }
            Kind::Provider => {
                let provider = fields.take("provider").or_else(|| fields.take("store"));
                let provider = provider.ok_or("the line names no provider")?.to_owned();
                let call = provider_call(fields.take("method").unwrap_or("Logon"))?;
                let result = fields.take("result").map(code).transpose()?;
                self.lists(&client).0.push(ProviderEvent {
                    provider,
                    call,
                    result,
                });
            }
            Kind::Dialog => {
                let dialog = fields
                    .take("dialog")
                    .ok_or("the line names no dialog")?
                    .to_owned();
                let answer = fields.take("answer").map(str::to_owned);
                self.lists(&client).1.push(match answer {
                    Some(answer) => DialogEvent::Answered { dialog, answer },
                    None => DialogEvent::Named(dialog),
                });
            }
        }
        Ok(())
    }

    fn lists(&mut self, client: &str) -> &mut (Vec<ProviderEvent>, Vec<DialogEvent>) {
        self.waiting.entry(client.to_owned()).or_default()
    }

    fn begin(&self, fields: &Fields, number: u64) -> Result<EventLine, String> {
        let call = fields
            .take("call")
            .ok_or("the line names no call")?
            .to_owned();
        let mut event = EventLine {
            client: fields.client(),
            call,
            ..EventLine::default()
        };
        arguments(fields, &mut event);
        event.begin = self.time(fields, "begin", number)?;
        Ok(event)
    }

    fn end(&mut self, event: &mut EventLine, fields: &Fields, number: u64) -> Result<(), String> {
        arguments(fields, event);
        if let Some(result) = fields.take("result") {
            event.result = Value::from(code(result)?);
            event.end = self.time(fields, "end", number)?;
        }
        if let Some(joined) = fields.take("joined") {
            event.joined = Some(matches!(joined, "true" | "yes" | "1"));
        }
        self.attach(event);
        Ok(())
    }

    /// Hands the provider calls and dialogs seen so far to the client's call.
    fn attach(&mut self, event: &mut EventLine) {
        let (calls, dialogs) = self.waiting.remove(&event.client).unwrap_or_default();
        event.provider_events = self.map.has(Kind::Provider).then_some(calls);
        event.dialogs = self.map.has(Kind::Dialog).then_some(dialogs);
    }

    /// The time of a call: as the line has it; else its line, where beginnings have lines.
    fn time(&self, fields: &Fields, group: &str, number: u64) -> Result<Option<f64>, String> {
        match fields.take(group) {
            Some(text) => {
                let time = text.parse().ok().filter(|time: &f64| time.is_finite());
                time.map(Some)
                    .ok_or_else(|| format!("`{group}` is no number: {text:?}"))
            }
            None if self.map.has(Kind::Begin) => {
                Ok(Some(f64::from(u32::try_from(number).unwrap_or(u32::MAX))))
            }
            None => Ok(None),
        }
    }

    fn finish(mut self) -> Mapped {
        for (_, mut event) in std::mem::take(&mut self.open) {
            self.attach(&mut event);
            self.done.events.push(event);
        }
        self.done
    }
}

/// Arguments of a call, decoded when the recording is read.
fn arguments(fields: &Fields, event: &mut EventLine) {
    for key in ["profile", "password", "flags", "store", "service"] {
        if let Some(value) = fields.take(key) {
            let value = if value == "NULL" {
                Value::Null
            } else {
                Value::from(value)
            };
            event.args.insert(key.to_owned(), value);
        }
    }
    if let Some(session) = fields.take("session") {
        event.session = Value::from(session);
    }
}

fn provider_call(written: &str) -> Result<String, String> {
    let bare = written.rsplit(['.', ':']).next().unwrap_or(written);
    match bare {
        "Init" | "MSProviderInit" | "ABProviderInit" | "XPProviderInit" => Ok("Init".to_owned()),
        "Logon" | "TransportLogon" => Ok("Logon".to_owned()),
        _ => Err(unknown("provider call", written, ["Init", "Logon"])),
    }
}

/// A result by its name where it has one, else as a number.
fn code(written: &str) -> Result<String, String> {
    match Returned::of(&Value::from(written))? {
        Returned::With(code) => Ok(code.name().to_owned()),
        Returned::Unknown(number) => Ok(format!("0x{number:08X}")),
        Returned::Never => Err("there is no result".to_owned()),
    }
}
