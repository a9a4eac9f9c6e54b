//! A map guessed from a log: call names, HRESULTs, names of threads and well-known parameters.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufRead};

use regex::Regex;

use super::mapped::Mapping;
use crate::lines::{FileError, Lines};

mod patterns;

use patterns::{
    BEFORE_NUMBER, CALLS, CLIENTS, DIALOG, OBTAINED, PARAMETERS, PLACED_STORE, PROVIDER,
    RESULT_NAME, RESULT_NUMBER, STORE_CALL, call,
};

/// Most lines of a log that are looked at.
const LOOKED_AT: usize = 10_000;

/// Most letters of a word that marks the lines of a kind.
const MARK: usize = 16;

/// A map that was guessed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Guess {
    /// The map.
    pub map: String,
    /// The lines that it covers, each with the kind of event that it is.
    pub covered: Vec<(u64, &'static str, String)>,
    /// How many lines were looked at.
    pub lines: usize,
    /// How many lines that it does not cover speak of dialogs.
    pub dialogs: usize,
}

/// What is known of a log.
struct Known<'l> {
    /// The pattern of the caller; empty where there is none.
    client: &'static str,
    call: Regex,
    provider: Regex,
    /// Patterns of results by name and by number, each with what may come before it.
    results: [(String, Regex); 2],
    lines: Vec<&'l str>,
}

/// The lines of a log by kind.
struct Kinds<'l> {
    begins: Vec<&'l str>,
    ends: Vec<&'l str>,
    /// Calls with their results.
    calls: Vec<&'l str>,
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
    let map = Known::of(read.iter().map(|(_, text)| text.as_str()).collect())?.map()?;
    // The map is tried out, so that every line is told as what it is taken for.
    let mapping = Mapping::parse(&map)?;
    let mut importer = mapping.import("", io::empty());
    let dialog = known(DIALOG)?;
    let (mut covered, mut dialogs) = (Vec::new(), 0);
    for (number, text) in &read {
        match importer.take(text, *number) {
            Ok(Some(kind)) => covered.push((*number, kind.name(), text.clone())),
            Ok(None) | Err(_) => dialogs += usize::from(dialog.is_match(text)),
        }
    }
    Ok(Guess { covered, lines: read.len(), map, dialogs })
}

impl<'l> Known<'l> {
    fn of(lines: Vec<&'l str>) -> Result<Self, FileError> {
        let call = known(&call(CALLS))?;
        let calls: Vec<&str> = lines.iter().copied().filter(|text| call.is_match(text)).collect();
        if calls.is_empty() {
            let reason = "no line has the name of a MAPI call, such as MAPILogonEx or OpenMsgStore";
            return Err(FileError::at(0, reason));
        }
        // Where some results are told from other numbers, all are; else the last number of a line
        // is its result.
        let told = known(&format!("{BEFORE_NUMBER}{RESULT_NUMBER}"))?;
        let is_told = lines.iter().any(|text| told.is_match(text));
        let before = if is_told { format!(".*?{BEFORE_NUMBER}") } else { ".*".to_owned() };
        let result = |pattern: String| {
            let regex = known(&pattern)?;
            Ok((pattern, regex))
        };
        let results =
            [result(format!(".*?{RESULT_NAME}"))?, result(format!("{before}{RESULT_NUMBER}"))?];
        let client = client(&call, &calls)?;
        Ok(Self { client, call, provider: known(PROVIDER)?, results, lines })
    }

    fn has_result(&self, text: &str) -> bool {
        self.results.iter().any(|(_, result)| result.is_match(text))
    }

    /// Sorts the lines: the end of a call is a result of a client that is in that call.
    fn by_kind(&self) -> Result<Kinds<'l>, FileError> {
        let client = known(self.client)?;
        let mut kinds = Kinds { begins: Vec::new(), ends: Vec::new(), calls: Vec::new() };
        let mut open = BTreeMap::new();
        let is_of_provider = |text: &str| self.provider.is_match(text) && self.has_result(text);
        for text in self.lines.iter().copied().filter(|text| !is_of_provider(text)) {
            let named = |regex: &Regex, group| {
                regex.captures(text).and_then(|found| Some(found.name(group)?.as_str()))
            };
            let (who, call) = (named(&client, "client"), named(&self.call, "call"));
            let in_it = open.get(&who).is_some_and(|open| call.is_none() || call == Some(*open));
            match (call, self.has_result(text)) {
                (Some(call), false) => {
                    open.insert(who, call);
                    kinds.begins.push(text);
                }
                (_, true) if in_it => {
                    open.remove(&who);
                    kinds.ends.push(text);
                }
                (Some(_), true) => kinds.calls.push(text),
                (None, _) => {}
            }
        }
        // Where nearly all calls have their results, those without never returned.
        let Kinds { begins, ends, calls } = &mut kinds;
        if ends.len() * 2 < begins.len() && calls.len() * 2 >= begins.len() {
            calls.append(begins);
            calls.append(ends);
        }
        Ok(kinds)
    }

    /// The word between caller and call that all lines of a kind have, and no others of these.
    fn mark(&self, lines: &[&str], others: [&[&str]; 2]) -> Result<String, FileError> {
        let client = known(self.client)?;
        let words = |text: &str| -> Vec<String> {
            let from = client.captures(text).and_then(|found| Some(found.name("client")?.end()));
            let to = self.call.find(text).map_or(0, |found| found.start());
            let between = text.get(from.unwrap_or_default()..to).unwrap_or_default();
            between.split_whitespace().map(str::to_owned).collect()
        };
        let has = |text: &str, word: &str| text.split_whitespace().any(|one| one == word);
        let is_mark = |word: &String| {
            word.len() <= MARK
                && !word.contains(|letter: char| letter.is_ascii_digit())
                && lines.iter().all(|text| has(text, word) && words(text).contains(word))
                && !others.into_iter().flatten().any(|text| has(text, word))
        };
        let first = lines.first().map_or_else(Vec::new, |text| words(text));
        let mark = first.into_iter().find(is_mark).filter(|_| lines.len() > 1);
        Ok(mark.map_or_else(String::new, |word| format!(r".*?\s{}\s", regex::escape(&word))))
    }

    /// The map.
    fn map(&self) -> Result<String, FileError> {
        let Kinds { begins, ends, calls } = self.by_kind()?;
        let who = match self.client {
            "" => "^".to_owned(),
            anchored if anchored.starts_with('^') => anchored.to_owned(),
            client => format!("^.*?{client}"),
        };
        let mut map = String::new();
        let mut section = |kind: &str, pattern: &str| {
            write!(map, "[[event]]\nkind = \"{kind}\"\npattern = '''{pattern}'''\n\n")
                .unwrap_or_default();
        };
        for (pattern, result) in &self.results {
            let has = |text: &&str| self.provider.is_match(text) && result.is_match(text);
            if self.lines.iter().any(has) {
                section("provider", &format!("{who}.*?{PROVIDER}{pattern}"));
            }
        }
        let mark = self.mark(&ends, [&begins, &calls])?;
        for (pattern, result) in &self.results {
            if ends.iter().any(|text| result.is_match(text)) {
                section("end", &format!("{who}{mark}{pattern}{OBTAINED}"));
            }
        }
        let mark = self.mark(&calls, [&begins, &ends])?;
        for (pattern, result) in &self.results {
            if calls.iter().any(|text| result.is_match(text)) {
                for call in with_parameters(&calls)? {
                    section("call", &format!("{who}{mark}.*?{call}{pattern}"));
                }
            }
        }
        let mark = self.mark(&begins, [&ends, &calls])?;
        for call in with_parameters(&begins)? {
            section("begin", &format!("{who}{mark}.*?{call}"));
        }
        Ok(map)
    }
}

/// Patterns of calls with their parameters: one of all, or another for stores that are named by
/// their place alone; none where there is no call.
fn with_parameters(calls: &[&str]) -> Result<Vec<String>, FileError> {
    if calls.is_empty() {
        return Ok(Vec::new());
    }
    let with = |names: &str, parameters: String| format!("{}{parameters}", call(names));
    let opens = known(&call(STORE_CALL))?;
    let opens: Vec<&str> = calls.iter().copied().filter(|text| opens.is_match(text)).collect();
    let [profile, flags, store, session] = PARAMETERS;
    let (named, placed) = (known(store[0])?, known(PLACED_STORE)?);
    if !opens.iter().any(|text| placed.is_match(text) && !named.is_match(text)) {
        return Ok(vec![with(CALLS, parameters(calls, &PARAMETERS)?)]);
    }
    let others: Vec<_> = CALLS.split('|').filter(|name| *name != STORE_CALL).collect();
    Ok(vec![
        with(STORE_CALL, parameters(&opens, &[&[PLACED_STORE], flags, session])?),
        with(&others.join("|"), parameters(calls, &[profile, flags, session])?),
    ])
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

/// The pattern of all parameters as most calls write them, in the order in which they stand there.
fn parameters(calls: &[&str], all: &[&[&str]]) -> Result<String, FileError> {
    let mut places = Vec::new();
    for ways in all {
        let mut likeliest = (usize::MAX, ways[0]);
        for pattern in *ways {
            let regex = known(pattern)?;
            let found: Vec<usize> =
                calls.iter().filter_map(|text| regex.find(text)).map(|one| one.start()).collect();
            if let Some(mean) = found.iter().sum::<usize>().checked_div(found.len()) {
                likeliest = (mean, *pattern);
                break;
            }
        }
        places.push((likeliest.0, format!("(?:.*?{})?", likeliest.1)));
    }
    places.sort_by_key(|(mean, _)| *mean);
    Ok(places.into_iter().map(|(_, pattern)| pattern).collect())
}

fn known(pattern: &str) -> Result<Regex, FileError> {
    Regex::new(pattern).map_err(|error| FileError::at(0, error.to_string()))
}
