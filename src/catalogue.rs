//! The catalogue: everything that has a name, for `list` and `explain`.

use mapi_logon_model::clause::{self, Clause, FLOWCHART_NODES, STATES, Section};
use mapi_logon_model::mapi::{Code, LogoffFlags, LogonFlags};
use mapi_logon_model::policy::{ELSEWHERE, PRESETS, SWITCHES};
use mapi_logon_model::property::{Decided, PROPERTIES};
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::suggest;
use serde_json::{Value, json};

use crate::builtin::SCENARIOS;

/// A named thing.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it is.
    pub thing: Thing,
    /// Its name.
    pub name: &'static str,
    /// Another name; may be empty.
    pub alias: &'static str,
    /// Its description, in sentences or a phrase.
    pub text: String,
    /// What a list shows beside the name.
    pub columns: Vec<(&'static str, Value)>,
}

/// The kinds of things, with what else is known of one.
#[derive(Clone, Copy, Debug)]
pub enum Thing {
    /// An id of the specification.
    Clause(&'static Clause),
    /// A result code.
    Code(Code),
    /// A flag, with the clause that defines it.
    Flag(Option<&'static Clause>),
    /// A policy, with its entry in the ambiguity register and how it is set.
    Policy(Option<&'static Clause>, &'static str),
    /// A state of a call or an attachment.
    State,
    /// A bundle of policies.
    Preset,
    /// A built-in scenario, with its text.
    Scenario(&'static str),
    /// A box of the flowchart of session logon.
    Box,
    /// A section of the specification.
    Section(&'static Section),
    /// A term that the specification defines.
    Term,
    /// A word that results print.
    Word,
}

impl Thing {
    /// The kind in a word or two.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Clause(clause) => clause.kind.name(),
            Self::Code(_) => "code",
            Self::Flag(_) => "flag",
            Self::Policy(..) => "policy",
            Self::State => "state",
            Self::Preset => "preset",
            Self::Scenario(_) => "scenario",
            Self::Box => "box of the flowchart of session logon",
            Self::Section(_) => "section",
            Self::Term => "term",
            Self::Word => "word",
        }
    }
}

/// Everything that has a name, in the order in which names are looked up.
#[must_use]
pub fn entries() -> Vec<Entry> {
    let clauses = clause::all().iter().map(of_clause);
    let things = clauses.chain(codes()).chain(flags()).chain(policies());
    let things = things.chain(states()).chain(presets()).chain(scenarios());
    things.chain(boxes()).chain(sections()).chain(terms()).chain(words()).collect()
}

/// The entry of this name, whatever its capitals; ids may lack their hyphen, and codes may be
/// written as numbers.
#[must_use]
pub fn find(written: &str) -> Option<Entry> {
    if let Some(clause) = clause::find(written) {
        return Some(of_clause(clause));
    }
    let name = written.strip_prefix("SPEC ").unwrap_or(written);
    let same = |known: &str| !known.is_empty() && known.eq_ignore_ascii_case(name);
    let called = |entry: &Entry| same(entry.name) || same(entry.alias);
    let found = entries().into_iter().find(called);
    let valued = || number(written).and_then(Code::valued).map(of_code);
    found.or_else(valued)
}

/// `; did you mean …?` for an unknown name, or nothing.
#[must_use]
pub fn hint(written: &str) -> String {
    suggest::hint(written, entries().iter().map(|entry| entry.name))
}

/// The 32 bits of a result as logs write them: hexadecimal with or without `0x`, decimal, or
/// decimal with a sign. Eight digits that begin with 8 or more are hexadecimal.
#[must_use]
pub fn number(written: &str) -> Option<u32> {
    let lower = written.to_ascii_lowercase();
    let bare = lower.len() == 8 && lower.starts_with(['8', '9', 'a', 'b', 'c', 'd', 'e', 'f']);
    if let Some(digits) = lower.strip_prefix("0x").or(bare.then_some(lower.as_str())) {
        return u32::from_str_radix(digits, 16).ok();
    }
    let signed = || lower.parse::<i32>().ok().map(i32::cast_unsigned);
    lower.parse::<u32>().ok().or_else(signed)
}

/// The first sentence of a text, without its full stop.
#[must_use]
pub fn first_sentence(text: &str) -> &str {
    let first = text.split_once(". ").map_or(text, |(first, _)| first);
    first.trim_end_matches('.')
}

fn entry(thing: Thing, name: &'static str, text: impl Into<String>) -> Entry {
    Entry { thing, name, alias: "", text: text.into(), columns: Vec::new() }
}

fn of_clause(clause: &'static Clause) -> Entry {
    let mut entry = entry(Thing::Clause(clause), clause.id, clause.text);
    entry.columns = vec![("kind", json!(clause.kind.name())), ("section", json!(clause.section))];
    if clause.kind.is_property() {
        entry.columns.push(("decided", json!(how_decided(clause.id))));
    }
    entry
}

/// How `check` decides an id; it may ask for several things.
fn how_decided(id: &str) -> Vec<&'static str> {
    let entries = PROPERTIES.iter().filter(|entry| entry.id == id);
    let mut ways: Vec<_> = entries
        .map(|entry| match entry.decided {
            Decided::Never(_) => "every step",
            Decided::Sometime(_) => "some step",
            Decided::Eventually(_) => "every run",
            Decided::Elsewhere(_) => "not by check",
        })
        .collect();
    ways.dedup();
    if ways.is_empty() { vec!["not yet"] } else { ways }
}

fn codes() -> impl Iterator<Item = Entry> {
    Code::ALL.iter().copied().map(of_code)
}

fn of_code(code: Code) -> Entry {
    let mut entry = entry(Thing::Code(code), code.name(), code.role());
    entry.columns =
        vec![("value", json!(format!("0x{:08X}", code.value()))), ("clause", json!(code.id()))];
    entry
}

fn flags() -> impl Iterator<Item = Entry> {
    let logon = LogonFlags::all();
    let logon = logon.iter_names().map(|(name, flag)| (name, flag.bits(), "MAPILogonEx"));
    let logoff = LogoffFlags::all();
    let logoff = logoff.iter_names().map(|(name, flag)| (name, flag.bits(), "Logoff"));
    let all: Vec<_> = logon.chain(logoff).collect();
    all.into_iter().map(|(name, bits, method)| {
        let defines = |clause: &&Clause| clause.text.starts_with(&format!("{name} (0x"));
        let clause = clause::all().iter().find(defines);
        let text = clause.and_then(|clause| clause.text.split_once(": "));
        let mut entry = entry(Thing::Flag(clause), name, text.unwrap_or_default().1);
        entry.columns = vec![
            ("value", json!(format!("0x{bits:08X}"))),
            ("method", json!(method)),
            ("clause", json!(clause.map_or("", |clause| clause.id))),
        ];
        entry
    })
}

fn policies() -> impl Iterator<Item = Entry> {
    let switches = SWITCHES.iter().map(|switch| {
        let set_by = "--set POLICY=VALUE, or [policy] in a scenario";
        let thing = Thing::Policy(clause::find(switch.ambiguity), set_by);
        let mut entry = entry(thing, switch.name, switch.effect);
        entry.columns =
            vec![("values", json!(switch.values)), ("ambiguity", json!(switch.ambiguity))];
        entry
    });
    let elsewhere = ELSEWHERE.iter().map(|policy| {
        let ambiguity = clause::find(policy.ambiguity);
        let text = ambiguity.map_or("", |clause| clause.text);
        entry(Thing::Policy(ambiguity, policy.set_by), policy.name, text)
    });
    switches.chain(elsewhere)
}

fn states() -> impl Iterator<Item = Entry> {
    STATES.iter().map(|(id, name, meaning)| {
        let text =
            if meaning.is_empty() { (*name).to_owned() } else { format!("{name}: {meaning}") };
        Entry { alias: name, ..entry(Thing::State, id, text) }
    })
}

fn presets() -> impl Iterator<Item = Entry> {
    PRESETS.iter().map(|preset| {
        let settings = preset.settings.iter();
        let settings: Vec<_> = settings.map(|(name, value)| format!("{name}={value}")).collect();
        let mut entry = entry(Thing::Preset, preset.name, preset.about);
        entry.columns.push(("settings", json!(settings)));
        entry
    })
}

fn scenarios() -> impl Iterator<Item = Entry> {
    SCENARIOS.iter().map(|(name, text)| {
        let scenario = Scenario::parse(text).unwrap_or_default();
        let mut entry = entry(Thing::Scenario(text), name, story(text));
        entry.columns = vec![
            ("clients", json!(scenario.clients.len())),
            ("services", json!(scenario.services.len() - scenario.foreign().count())),
            ("faults", json!(scenario.faults.budget.limit())),
        ];
        entry
    })
}

/// The comment at the head of a scenario, up to its first empty line.
fn story(text: &str) -> String {
    let comment = text.lines().map_while(|line| line.strip_prefix('#'));
    let lines = comment.map(str::trim).take_while(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

fn boxes() -> impl Iterator<Item = Entry> {
    FLOWCHART_NODES.iter().map(|(id, says)| entry(Thing::Box, id, *says))
}

fn sections() -> impl Iterator<Item = Entry> {
    let numbered = clause::sections().iter().filter(|section| !section.number.is_empty());
    numbered.map(|section| entry(Thing::Section(section), section.number, section.title))
}

/// The terms of the vocabulary, each under its own name: `session`, not `session σ`.
fn terms() -> impl Iterator<Item = Entry> {
    clause::terms().iter().flat_map(|(terms, definition)| {
        let names = terms.split(" / ").flat_map(|part| part.split(", "));
        names.map(move |name| {
            let symbol = name.rsplit_once(' ');
            let symbol = symbol.filter(|(_, last)| last.chars().count() == 1);
            Entry {
                alias: name.split_once('(').map_or("", |(predicate, _)| predicate),
                ..entry(Thing::Term, symbol.map_or(name, |(word, _)| word), definition)
            }
        })
    })
}

/// The words of `docs/glossary.md`.
fn words() -> impl Iterator<Item = Entry> {
    let rows = include_str!("../docs/glossary.md").lines();
    let rows = rows.filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
    let rows = rows.filter_map(|row| row.split_once("` | "));
    rows.map(|(word, meaning)| entry(Thing::Word, word, meaning.replace('`', "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_logs_write_them() {
        let written = ["0x80040111", "0X80040111", "80040111", "2147746065", "-2147221231"];
        for written in written {
            assert_eq!(number(written), Some(0x8004_0111), "{written}");
            assert_eq!(find(written).unwrap().name, "MAPI_E_LOGON_FAILED");
        }
        assert_eq!(number("T-1"), None);
    }

    #[test]
    fn whatever_has_a_name_is_found_by_it() {
        for entry in entries() {
            assert!(!entry.text.is_empty(), "{}", entry.name);
            assert!(find(&entry.name.to_lowercase()).is_some(), "{}", entry.name);
        }
        for (written, name) in [("SPEC 7.1", "7.1"), ("Inform", "Q15"), ("ui_cfg", "ui_cfg(L)")] {
            assert_eq!(find(written).unwrap().name, name);
        }
    }

    #[test]
    fn every_flag_and_every_code_has_the_clause_that_the_specification_gives_it() {
        for entry in entries() {
            if let Thing::Flag(clause) = entry.thing {
                assert!(clause.is_some(), "{}", entry.name);
            }
            if let Thing::Code(code) = entry.thing {
                let row = clause::find(code.id()).unwrap().text;
                let value = format!(" = 0x{:08X}: ", code.value());
                assert!(row.starts_with(code.name()) && row.contains(&value), "{row}");
            }
        }
    }
}
