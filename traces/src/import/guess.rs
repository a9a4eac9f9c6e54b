//! A map guessed from a log: call names, HRESULTs, names of threads and well-known parameters.

use std::fmt::Write as _;
use std::io::BufRead;

use regex::Regex;

use super::mapped::Mapping;
use crate::lines::{FileError, Lines};

/// Most lines of a log that are looked at.
const LOOKED_AT: usize = 10_000;

/// Calls as logs write them, with or without their interface.
const CALL: &str = concat!(
    r"(?:\w+(?:::|\.|->))?(?<call>MAPILogonEx|MAPIInitialize|MAPIUninitialize|OpenMsgStore|",
    r"OpenAddressBook|GetStatusTable|GetMsgStoresTable|QueryIdentity|DeleteProfile|",
    r"DeleteMsgService|Logoff)\b"
);

/// A result, by name or number.
const RESULT: &str = concat!(
    r"(?<result>0[xX][0-9A-Fa-f]{8}\b|\b[89A-Fa-f][0-9A-Fa-f]{7}\b|",
    r"\b(?:MAPI_[EW]|[ES])_[A-Z_]+\b|0[xX]0\b)"
);

/// A call into a provider.
const PROVIDER: &str = concat!(
    r"\b(?<provider>\w+)(?:::|[.:! ])\s*(?:\w+(?:::|\.))?",
    r"(?<method>ABProviderInit|MSProviderInit|XPProviderInit|TransportLogon|Logon)\b"
);

/// Who called: a thread or process, or a word at the beginning of the line.
const CLIENTS: [&str; 6] = [
    r"\b[Tt](?:hread|id)(?:[ _-]?[Ii][Dd])?[\s=:]*(?<client>(?:0x)?[0-9A-Fa-f]+)\b",
    r"\b(?:process|proc|pid|PID)[\s=:]*(?<client>[\w.]+)",
    r"\[(?<client>[A-Za-z][\w.]*)(?::\d+)?\]",
    r"\[(?<client>(?:0x)?[0-9A-Fa-f]{2,8})(?:[:/][0-9A-Fa-f]+)?\]",
    r"\b(?<client>\w+\.(?:exe|EXE))\b",
    r"^(?:\[[^\]]*\]\s*|[\d:.,TZ/-]+\s+)*(?<client>[A-Za-z]\w*)\b",
];

/// Parameters, in the order in which they stand in a call.
const PARAMETERS: [&str; 4] = [
    r#"(?:.*?\b[Pp]rofile(?:[ _]?[Nn]ame)?\s*[=:]?\s*"(?<profile>[^"]*)")?"#,
    r"(?:.*?\b(?:fl)?[Ff]lags?\s*[=:]\s*(?<flags>0[xX][0-9A-Fa-f]+|[A-Z_|]+))?",
    r#"(?:.*?\b(?:[Ss]tore|[Nn]ame)\s*[=:]\s*"(?<store>[^"]*)")?"#,
    r"(?:.*?\b[Ss]ession\s*[=:]\s*(?<session>\w+))?",
];

/// A map that was guessed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Guess {
    /// The map.
    pub map: String,
    /// The lines that it covers, each with the kind of event that it is.
    pub covered: Vec<(u64, &'static str, String)>,
    /// How many lines were looked at.
    pub lines: usize,
}

/// The kinds of lines that a log has.
struct Kinds {
    call: bool,
    begin: bool,
    end: bool,
    provider: bool,
}

/// Guesses a map for a log.
///
/// # Errors
/// [`FileError`] where the log cannot be read, or no line of it looks like a call of MAPI.
pub fn guess(log: impl BufRead) -> Result<Guess, FileError> {
    let mut lines = Lines::new(log).of_log();
    let mut read = Vec::new();
    while read.len() < LOOKED_AT
        && let Some(text) = lines.next_line()?
    {
        let text = text.to_owned();
        read.push((lines.number(), text));
    }
    let (call, result, provider) = (known(CALL)?, known(RESULT)?, known(PROVIDER)?);
    let calls: Vec<&str> =
        read.iter().map(|(_, text)| text.as_str()).filter(|text| call.is_match(text)).collect();
    if calls.is_empty() {
        let reason = "no line has the name of a MAPI call, such as MAPILogonEx or OpenMsgStore";
        return Err(FileError::at(0, reason));
    }
    let whole = calls.iter().filter(|text| result.is_match(text)).count();
    // Where most calls have no result in their line, lines with one are the ends of calls.
    let paired = whole * 3 < calls.len() * 2;
    let ends = |text: &str| !provider.is_match(text) && result.is_match(text);
    let kinds = Kinds {
        call: !paired,
        begin: paired,
        end: paired && read.iter().any(|(_, text)| ends(text)),
        provider: read.iter().any(|(_, text)| provider.is_match(text) && result.is_match(text)),
    };
    let client = client(&call, &calls)?;
    let map = map(&kinds, client);
    let mapping = Mapping::parse(&map)?;
    let covered = read
        .iter()
        .filter_map(|(number, text)| Some((*number, mapping.kind_of(text)?, text.clone())));
    Ok(Guess { covered: covered.collect(), lines: read.len(), map })
}

/// The pattern of the caller that most lines of calls match, the first of several; empty where few
/// do.
fn client(call: &Regex, calls: &[&str]) -> Result<&'static str, FileError> {
    let regexes: Vec<Regex> = CLIENTS.into_iter().map(known).collect::<Result<_, _>>()?;
    let mut best = ("", calls.len() / 2);
    for (pattern, regex) in CLIENTS.into_iter().zip(regexes) {
        let matches = calls.iter().filter(|text| {
            let found = regex.captures(text).and_then(|found| found.name("client"));
            found.is_some_and(|found| !call.is_match(found.as_str()))
        });
        let count = matches.count();
        if count > best.1 {
            best = (pattern, count);
        }
    }
    Ok(best.0)
}

fn known(pattern: &str) -> Result<Regex, FileError> {
    Regex::new(pattern).map_err(|error| FileError::at(0, error.to_string()))
}

fn map(kinds: &Kinds, client: &str) -> String {
    let begin = if client.starts_with('^') || client.is_empty() { "" } else { "^.*?" };
    let who = if client.is_empty() { "^.*?".to_owned() } else { format!("{begin}{client}.*?") };
    let parameters = PARAMETERS.concat();
    let mut map = String::new();
    let mut section = |kind: &str, pattern: &str| {
        write!(map, "[[event]]\nkind = \"{kind}\"\npattern = '''{pattern}'''\n\n")
            .unwrap_or_default();
    };
    if kinds.provider {
        section("provider", &format!("{who}{PROVIDER}.*?{RESULT}"));
    }
    if kinds.call {
        section("call", &format!("{who}{CALL}{parameters}.*{RESULT}"));
    }
    if kinds.end {
        section("end", &format!("{who}{RESULT}"));
    }
    if kinds.begin {
        section("begin", &format!("{who}{CALL}{parameters}"));
    }
    map
}
