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

/// A result by name, and by number.
const RESULT_NAME: &str = r"\b(?<result>(?:MAPI_[EW]|[ES])_[A-Z_]+)\b";
const RESULT_NUMBER: &str = r"(?<result>0[xX][0-9A-Fa-f]{8}|\b[89A-Fa-f][0-9A-Fa-f]{7}|0[xX]0)\b";

/// What comes before the number of a result where a log says which of several numbers it is.
const BEFORE_NUMBER: &str = concat!(
    r"(?:\b(?:[Hh][Rr](?:ESULT|esult)?|[Rr]esult|[Rr]c|[Rr]et(?:urn(?:ed|s)?)?|[Ee]rror|[Cc]ode|",
    r"[Ff]ailed|[Ss]tatus)\b|[-=]+>|<[-=]+|\))\s*[=:]*\s*"
);

/// The session that a call obtained, after its result.
const OBTAINED: &str = r"(?:.*?\b[Ss]ession\s*[=:]\s*(?<session>\w+))?";

/// A call into a provider.
const PROVIDER: &str = concat!(
    r"\b(?<provider>\w+)(?:::|[.:! ])\s*(?:\w+(?:::|\.))?",
    r"(?<method>ABProviderInit|MSProviderInit|XPProviderInit|TransportLogon|Logon)\b"
);

/// Who called: a thread or process, or a word at the beginning of the line.
const CLIENTS: [&str; 7] = [
    r"\b[Tt](?:hread|id)(?:[ _-]?[Ii][Dd])?[\s=:]*(?<client>(?:0x)?[0-9A-Fa-f]+)\b",
    r"\b(?:process|proc|pid|PID)[\s=:]*(?<client>[\w.]+)",
    r"\[(?<client>[A-Za-z][\w.]*)(?::\d+)?\]",
    r"\[(?<client>(?:0x)?[0-9A-Fa-f]{2,8})(?:[:/][0-9A-Fa-f]+)?\]",
    r"\b(?<client>\w+\.(?:exe|EXE))\b",
    r"^(?:\[[^\]]*\]\s*|[\d:.,TZ/-]+\s+)+(?<client>0[xX][0-9A-Fa-f]+|[0-9A-Fa-f]{3,8})\b",
    r"^(?:\[[^\]]*\]\s*|[\d:.,TZ/-]+\s+)*(?<client>[A-Za-z]\w*)\b",
];

/// Parameters of a call.
const PARAMETERS: [&str; 4] = [
    r#"\b[Pp]rofile(?:[ _]?[Nn]ame)?\s*[=:]?\s*"(?<profile>[^"]*)""#,
    r"\b(?:fl)?[Ff]lags?\s*[=:]\s*(?<flags>0[xX][0-9A-Fa-f]+|[A-Z_|]+)",
    r#"\b(?:[Ss]tore|[Nn]ame)\s*[=:]\s*"(?<store>[^"]*)""#,
    r"\b[Ss]ession\s*[=:]\s*(?<session>\w+)",
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

/// The kinds of lines that a log has, and what they look like.
struct Kinds {
    /// Results by name and by number, as far as there are such, each with what may come before it.
    results: Vec<String>,
    parameters: String,
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
    let (call, provider) = (known(CALL)?, known(PROVIDER)?);
    let calls: Vec<&str> =
        read.iter().map(|(_, text)| text.as_str()).filter(|text| call.is_match(text)).collect();
    if calls.is_empty() {
        let reason = "no line has the name of a MAPI call, such as MAPILogonEx or OpenMsgStore";
        return Err(FileError::at(0, reason));
    }
    // Where some results are told from other numbers, all are; else the last number of a line is
    // its result.
    let told = known(&format!("{BEFORE_NUMBER}{RESULT_NUMBER}"))?;
    let is_told = read.iter().any(|(_, text)| told.is_match(text));
    let before = if is_told { format!(".*?{BEFORE_NUMBER}") } else { ".*".to_owned() };
    let results = [format!(".*?{RESULT_NAME}"), format!("{before}{RESULT_NUMBER}")];
    let (by_name, by_number) = (known(&results[0])?, known(&results[1])?);
    let has_result = |text: &str| by_name.is_match(text) || by_number.is_match(text);
    let whole = calls.iter().filter(|text| has_result(text)).count();
    // Where most calls have no result in their line, lines with one are the ends of calls.
    let paired = whole * 3 < calls.len() * 2;
    let ends = |text: &str| !provider.is_match(text) && has_result(text);
    let results = results.into_iter().zip([&by_name, &by_number]);
    let results = results.filter(|(_, regex)| read.iter().any(|(_, text)| regex.is_match(text)));
    let kinds = Kinds {
        results: results.map(|(pattern, _)| pattern).collect(),
        parameters: parameters(&calls)?,
        call: !paired,
        begin: paired,
        end: paired && read.iter().any(|(_, text)| ends(text)),
        provider: read.iter().any(|(_, text)| provider.is_match(text) && has_result(text)),
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

/// The pattern of all parameters, in the order in which they stand in most calls.
fn parameters(calls: &[&str]) -> Result<String, FileError> {
    let mut places = Vec::new();
    for pattern in PARAMETERS {
        let regex = known(pattern)?;
        let found: Vec<usize> =
            calls.iter().filter_map(|text| regex.find(text)).map(|one| one.start()).collect();
        let mean = found.iter().sum::<usize>().checked_div(found.len());
        places.push((mean.unwrap_or(usize::MAX), format!("(?:.*?{pattern})?")));
    }
    places.sort_by_key(|(mean, _)| *mean);
    Ok(places.into_iter().map(|(_, pattern)| pattern).collect())
}

fn known(pattern: &str) -> Result<Regex, FileError> {
    Regex::new(pattern).map_err(|error| FileError::at(0, error.to_string()))
}

fn map(kinds: &Kinds, client: &str) -> String {
    let begin = match client {
        "" => "^",
        anchored if anchored.starts_with('^') => "",
        _ => "^.*?",
    };
    let who = format!("{begin}{client}");
    let Kinds { results, parameters, .. } = kinds;
    let mut map = String::new();
    let mut section = |kind: &str, pattern: &str| {
        write!(map, "[[event]]\nkind = \"{kind}\"\npattern = '''{pattern}'''\n\n")
            .unwrap_or_default();
    };
    for result in results.iter().filter(|_| kinds.provider) {
        section("provider", &format!("{who}.*?{PROVIDER}{result}"));
    }
    for result in results.iter().filter(|_| kinds.call) {
        section("call", &format!("{who}.*?{CALL}{parameters}{result}"));
    }
    for result in results.iter().filter(|_| kinds.end) {
        section("end", &format!("{who}{result}{OBTAINED}"));
    }
    if kinds.begin {
        section("begin", &format!("{who}.*?{CALL}{parameters}"));
    }
    map
}
