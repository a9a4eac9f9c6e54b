//! A log that is read line by line: calls are put together from their lines and handed on.

use std::collections::{BTreeMap, VecDeque};
use std::io::BufRead;

use mapi_logon_model::suggest::unknown;
use serde_json::Value;

use super::{Kind, Mapping, NULLABLE};
use crate::import::clock::Clock;
use crate::lines::{FileError, Lines};
use crate::recording::{DialogEvent, EventLine, LineOrigin, ProviderEvent, Recording, Returned};

/// Most bytes of what a group takes out of a line.
const MOST_FIELD: usize = 1024;

/// Most clients that are in a call at once.
const MOST_OPEN: usize = 4096;

/// Most provider calls and dialogs that wait for the line of their call.
const MOST_WAITING: usize = 1 << 16;

/// An item of a log.
#[derive(Clone, PartialEq, Debug)]
pub enum ToldCall {
    /// A call, when its last line has been read.
    Event(Box<EventLine>),
    /// A line that no pattern matches, with its number.
    Unmatched(u64, String),
    /// A line that says what cannot be, with the pattern that matches it.
    Bad(FileError),
}

/// What a line says; nothing for NULL.
pub(super) struct Fields(pub(super) BTreeMap<String, Option<String>>);

impl Fields {
    fn take(&self, group: &str) -> Option<&str> {
        self.0.get(group)?.as_deref()
    }

    fn client(&self) -> String {
        self.take("client").unwrap_or("client").to_owned()
    }

    fn check(&self) -> Result<(), String> {
        let lengths = self.0.iter().map(|(group, value)| (group, value.iter().map(String::len)));
        let lengths = lengths.flat_map(|(group, bytes)| bytes.map(move |bytes| (group, bytes)));
        let long = lengths.into_iter().find(|(_, bytes)| *bytes > MOST_FIELD);
        long.map_or(Ok(()), |(group, bytes)| {
            Err(format!("`{group}` takes {bytes} bytes, more than {MOST_FIELD}"))
        })
    }
}

/// Why a line is not read in a certain way.
enum Refused {
    /// It is not of this kind: another pattern may read it.
    Reading(String),
    /// It is, and what it says of a call cannot be.
    Call(FileError),
}

impl From<String> for Refused {
    fn from(reason: String) -> Self {
        Self::Reading(reason)
    }
}

/// A log that is read event by event.
pub struct LogImporter<'m, R> {
    map: &'m Mapping,
    /// The name of the log.
    file: String,
    lines: Lines<R>,
    /// The call every client is in.
    open: BTreeMap<String, EventLine>,
    /// Provider calls and dialogs seen before the line of their call.
    waiting: BTreeMap<String, (Vec<ProviderEvent>, Vec<DialogEvent>)>,
    /// How many of these there are.
    held: usize,
    ready: VecDeque<ToldCall>,
    clock: Clock,
    ambiguous: u64,
}

impl Mapping {
    /// Applies the map to a log of this name.
    pub fn import<R: BufRead>(&self, file: &str, source: R) -> LogImporter<'_, R> {
        LogImporter {
            map: self,
            file: file.to_owned(),
            lines: Lines::new(source).of_log(),
            open: BTreeMap::new(),
            waiting: BTreeMap::new(),
            held: 0,
            ready: VecDeque::new(),
            clock: Clock::default(),
            ambiguous: 0,
        }
    }
}

impl<R: BufRead> LogImporter<'_, R> {
    /// How many lines several patterns match; of these the first decides that makes sense.
    #[must_use]
    pub const fn ambiguous(&self) -> u64 {
        self.ambiguous
    }

    /// How many letters are no UTF-8 and were read as Windows-1252.
    #[must_use]
    pub fn replaced(&self) -> u64 {
        self.lines.replaced()
    }

    /// The next item of the log; calls in the order in which they end.
    ///
    /// # Errors
    /// [`FileError`] where a line cannot be read.
    pub fn next_told(&mut self) -> Result<Option<ToldCall>, FileError> {
        while self.ready.is_empty() {
            let Some(text) = self.lines.next_line()? else {
                let Some((_, event)) = self.open.pop_first() else {
                    break;
                };
                if let Err(error) = self.end(event) {
                    return Ok(Some(ToldCall::Bad(error)));
                }
                continue;
            };
            let (text, number) = (text.to_owned(), self.lines.number());
            match self.take(&text, number) {
                Ok(Some(_)) => {}
                Ok(None) => return Ok(Some(ToldCall::Unmatched(number, text))),
                Err(error) => return Ok(Some(ToldCall::Bad(error))),
            }
        }
        Ok(self.ready.pop_front())
    }

    /// Takes a line as the first of its readings that makes sense, and returns which; nothing
    /// where no pattern matches.
    ///
    /// # Errors
    /// [`FileError`] where no reading makes sense.
    pub(in crate::import) fn take(
        &mut self,
        text: &str,
        number: u64,
    ) -> Result<Option<Kind>, FileError> {
        let read = self.map.read(text);
        self.ambiguous += u64::from(read.len() > 1);
        let mut wrong = None;
        for (pattern, kind, fields) in read {
            let of_pattern = |reason: &str| format!("{reason} (pattern {pattern} of the map)");
            let line = fields.check().map_err(Refused::Reading);
            match line.and_then(|()| self.line(kind, &fields, number)) {
                Ok(()) => return Ok(Some(kind)),
                Err(Refused::Reading(reason)) => {
                    wrong.get_or_insert(FileError::at(number, of_pattern(&reason)));
                }
                Err(Refused::Call(error)) => {
                    let reason = of_pattern(&error.reason);
                    return Err(FileError { reason, ..error });
                }
            }
        }
        wrong.map_or(Ok(None), Err)
    }

    fn line(&mut self, kind: Kind, fields: &Fields, number: u64) -> Result<(), Refused> {
        let client = fields.client();
        match kind {
            Kind::Call => {
                let mut event = self.begin(fields, number)?;
                self.result(&mut event, fields, number)?;
                self.end(event).map_err(|error| error.reason)?;
            }
            Kind::Begin => {
                let event = self.begin(fields, number)?;
                if self.open.len() >= MOST_OPEN && !self.open.contains_key(&client) {
                    return Err(format!("more than {MOST_OPEN} clients are in a call").into());
                }
                if let Some(unfinished) = self.open.insert(client, event) {
                    self.end(unfinished).map_err(Refused::Call)?;
                }
            }
            Kind::End => {
                let open = self.open.get(&client).cloned();
                let mut event = open.ok_or_else(|| {
                    format!(
                        "this line ends a call, but no open call of client {client:?} was \
                             seen before it"
                    )
                })?;
                self.result(&mut event, fields, number)?;
                self.open.remove(&client);
                self.end(event).map_err(Refused::Call)?;
            }
            Kind::Provider => {
                let provider = fields.take("provider").or_else(|| fields.take("store"));
                let provider = provider.ok_or("the line names no provider".to_owned())?.to_owned();
                let call = provider_call(fields.take("method").unwrap_or("Logon"))?;
                let result = fields.take("result").map(code).transpose()?;
                self.lists(&client)?.0.push(ProviderEvent { provider, call, result });
            }
            Kind::Dialog => {
                let dialog = fields.take("dialog").ok_or("the line names no dialog".to_owned())?;
                let (dialog, answer) =
                    (dialog.to_owned(), fields.take("answer").map(str::to_owned));
                self.lists(&client)?.1.push(match answer {
                    Some(answer) => DialogEvent::Answered { dialog, answer },
                    None => DialogEvent::Named(dialog),
                });
            }
        }
        Ok(())
    }

    /// Where another provider call or dialog of the client goes.
    fn lists(
        &mut self,
        client: &str,
    ) -> Result<&mut (Vec<ProviderEvent>, Vec<DialogEvent>), String> {
        if self.held >= MOST_WAITING {
            return Err(format!(
                "more than {MOST_WAITING} provider calls and dialogs wait for the line of their \
                 call"
            ));
        }
        self.held += 1;
        Ok(self.waiting.entry(client.to_owned()).or_default())
    }

    fn begin(&mut self, fields: &Fields, number: u64) -> Result<EventLine, String> {
        let call = fields.take("call").ok_or("the line names no call")?.to_owned();
        let origin = Some(LineOrigin { file: self.file.clone(), line: number, end: None });
        let mut event = EventLine { client: fields.client(), call, origin, ..EventLine::default() };
        arguments(fields, &mut event);
        event.begin = self.time(fields, "begin", number)?;
        Ok(event)
    }

    fn result(
        &mut self,
        event: &mut EventLine,
        fields: &Fields,
        number: u64,
    ) -> Result<(), String> {
        arguments(fields, event);
        if let Some(origin) = &mut event.origin {
            origin.end = Some(number).filter(|end| *end != origin.line);
        }
        if let Some(result) = fields.take("result") {
            event.result = Value::from(code(result)?);
            event.end = self.time(fields, "end", number)?;
        }
        if let Some(joined) = fields.take("joined") {
            event.joined = Some(matches!(joined, "true" | "yes" | "1"));
        }
        Ok(())
    }

    /// Hands a call on, with the provider calls and dialogs of its client seen so far; it is
    /// decoded once, so that errors are reported at its line.
    fn end(&mut self, mut event: EventLine) -> Result<(), FileError> {
        let (calls, dialogs) = self.waiting.remove(&event.client).unwrap_or_default();
        self.held -= calls.len() + dialogs.len();
        event.provider_events = self.map.has(Kind::Provider).then_some(calls);
        let all = !dialogs.is_empty() || self.map.shows_dialogs_of(&event.client);
        event.dialogs = all.then_some(dialogs);
        if let Err(reason) = Recording::default().push(event.clone()) {
            let begun = event.origin.as_ref().map_or(0, |origin| origin.line);
            return Err(match event.origin.and_then(|origin| origin.end) {
                Some(end) => {
                    let call = format!("the call of lines {begun} and {end} is left out");
                    FileError::at(begun, format!("{call}: {reason}"))
                }
                None => FileError::at(begun, reason),
            });
        }
        self.ready.push_back(ToldCall::Event(Box::new(event)));
        Ok(())
    }

    /// The time of a call: as the line has it; else its line, where beginnings have lines.
    fn time(&mut self, fields: &Fields, group: &str, number: u64) -> Result<Option<f64>, String> {
        match fields.take(group) {
            Some(text) => self.clock.read(text).map(Some).ok_or_else(|| {
                format!(
                    "`{group}` is no time: {text:?}; write a number, 08:58:42.021 or \
                         2026-02-27T08:58:42, or leave it out: then line numbers are used"
                )
            }),
            None if self.map.has(Kind::Begin) => {
                Ok(Some(f64::from(u32::try_from(number).unwrap_or(u32::MAX))))
            }
            None => Ok(None),
        }
    }
}

/// Arguments of a call, decoded when the recording is read.
fn arguments(fields: &Fields, event: &mut EventLine) {
    for key in NULLABLE {
        if let Some(value) = fields.0.get(key) {
            event.args.insert(key.to_owned(), Value::from(value.clone()));
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
///
/// Eight hexadecimal digits of which the first has the severity bit are an HRESULT with or without
/// `0x`: logs print it so \[DER\].
fn code(written: &str) -> Result<String, String> {
    let failed = |digit: char| digit.to_digit(16).is_some_and(|digit| digit >= 8);
    let bare = written.len() == 8
        && written.starts_with(failed)
        && written.chars().all(|digit| digit.is_ascii_hexdigit());
    let value = if bare { Value::from(format!("0x{written}")) } else { Value::from(written) };
    match Returned::of(&value)? {
        Returned::With(code) => Ok(code.name().to_owned()),
        Returned::Unknown(number) => Ok(format!("0x{number:08X}")),
        Returned::Never => Err("the line has no result".to_owned()),
    }
}
