//! `mapi-logon explain`: what a name means, what it rests on, and what checks it.

use std::borrow::Cow;

use anyhow::{Result, bail};
use mapi_logon_model::clause::{
    self, Clause, ClauseKind, FLOWCHART_EDGES, FLOWCHART_NODES, STATES,
};
use mapi_logon_model::mapi::{Class, Code, LogonFlags};
use mapi_logon_model::mutant::Mutant;
use mapi_logon_model::property::{Decided, PROPERTIES};
use mapi_logon_model::scenario::Scenario;
use serde::Serialize;

use crate::arguments::OutputFormat;
use crate::builtin;
use crate::catalogue::{Entry, Thing, find, hint, number};
use crate::checks;
use crate::command::list::cell;
use crate::exit::Exit;
use crate::render::json::pretty;

mod mutant;
mod text;
mod value;
mod words;

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A clause, section, transition, state, property, policy, preset, flag, term, scenario or
    /// mutant, a result code by its name or number, or words to look for in the specification
    #[arg(allow_hyphen_values = true)]
    pub id: String,
    /// Write the explanation as text or as JSON
    #[arg(long, value_enum, default_value_t)]
    pub format: OutputFormat,
}

/// Explains.
///
/// # Errors
/// When nothing has this name.
pub fn run(args: &Args) -> Result<Exit> {
    let explanation = explain(&args.id)?;
    args.format.show(|paint| explanation.text(paint), || pretty(&explanation))?;
    Ok(Exit::Good)
}

/// The explanation of a name.
#[derive(Clone, Debug, Serialize)]
struct Explanation {
    id: String,
    kind: &'static str,
    text: String,
    source: &'static str,
    /// Whether one of the documents the specification starts from says it itself.
    seed: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    facts: Vec<Fact>,
    /// The ids it is derived from.
    grounds: Vec<Related>,
    /// The ids that speak of it.
    related: Vec<Related>,
}

/// A further fact under its name.
#[derive(Clone, Debug, Serialize)]
struct Fact {
    name: String,
    value: String,
}

/// Another id that speaks of this one.
#[derive(Clone, Debug, Serialize)]
struct Related {
    id: &'static str,
    kind: &'static str,
    text: Cow<'static, str>,
}

fn explain(written: &str) -> Result<Explanation> {
    if let Some(entry) = find(written) {
        return Ok(Explanation::of(entry));
    }
    if let Some(value) = number(written) {
        if let Some(flags) = flags(written, value) {
            return Ok(flags);
        }
        bail!("{}", anatomy(value));
    }
    let related = mentions(written);
    if !related.is_empty() && hint(written).is_empty() {
        return Ok(Explanation {
            related,
            ..Explanation::blank(written, "word", "A word of these clauses.")
        });
    }
    let near = hint(written);
    if near.is_empty()
        && let Some(found) = words::search(written)
    {
        return Ok(found);
    }
    let ids =
        "; ids look like RTY-5, T-43, INV-17, AMB-2, RETRY_UNIT, MAPI_LOGON_UI or MAPI_E_TIMEOUT";
    bail!("nothing is called `{written}`{}", if near.is_empty() { ids } else { &near })
}

impl Explanation {
    fn blank(id: &str, kind: &'static str, text: &str) -> Self {
        Self {
            id: id.to_owned(),
            kind,
            text: text.to_owned(),
            source: "",
            seed: false,
            facts: Vec::new(),
            grounds: Vec::new(),
            related: Vec::new(),
        }
    }

    fn of(entry: Entry) -> Self {
        let mut own = Self::blank(entry.name, entry.thing.kind(), &sentence(&entry.text));
        let columns = entry.columns.iter().filter(|(name, _)| *name != "kind");
        own.facts = columns.map(|(name, value)| fact(name, cell(name, value))).collect();
        match entry.thing {
            Thing::Clause(clause) => {
                clause.text.clone_into(&mut own.text);
                own.adds_clause(clause);
            }
            Thing::Flag(clause) => clause.into_iter().for_each(|clause| own.relates(clause)),
            Thing::Code(code) => own.adds_code(code),
            Thing::Policy(ambiguity, set_by) => {
                own.facts.extend(value::values(entry.name));
                own.facts.push(fact("set by", set_by.replace("POLICY", entry.name)));
                own.grounds = ambiguity.into_iter().map(Related::of).collect();
                own.related = ambiguity.map_or_else(Vec::new, |one| related(one.id));
            }
            Thing::State => {
                let through = |clause: &Clause| {
                    clause.from.contains(&entry.name) || clause.to.contains(&entry.name)
                };
                own.related = those(through);
            }
            Thing::Preset => own.facts.push(fact("set by", format!("--policy {}", entry.name))),
            Thing::Scenario(text) => {
                own.facts.push(fact("checked by", format!("mapi-logon check {}", entry.name)));
                let shows = Scenario::parse(text).map(|scenario| scenario.expect.join(", "));
                own.facts
                    .extend(shows.ok().filter(|ids| !ids.is_empty()).map(|ids| fact("shows", ids)));
            }
            Thing::Box => own.adds_box(entry.name),
            Thing::Section(section) => {
                own.text = format!("{}. {}", section.title, section.prose());
                own.related = those(|clause| clause.section == section.number);
            }
            Thing::Mutant(mutant) => own.adds_mutant(mutant),
            Thing::Term | Thing::Word => own.related = mentions(entry.name),
        }
        own
    }

    /// Source, grounds and related clauses of a clause, without its own kind of facts.
    fn relates(&mut self, clause: &'static Clause) {
        self.source = clause.source;
        self.seed = clause.seed;
        let grounds = clause::grounds(clause.id);
        let mut related = clause::related(clause.id);
        let checkers = clause::checks(clause.id);
        related.retain(|one| !checkers.contains(one));
        related.extend(checkers);
        related.retain(|one| !grounds.contains(one));
        if !clause.is_modelled() {
            related.retain(|one| !one.kind.is_machine());
        }
        self.grounds = grounds.into_iter().map(Related::of).collect();
        self.related = related.into_iter().map(Related::of).collect();
    }

    fn adds_clause(&mut self, clause: &'static Clause) {
        self.relates(clause);
        let rows = clause.facts.iter();
        self.facts.extend(rows.map(|(name, value)| fact(&name.to_lowercase(), *value)));
        for gap in clause.gaps() {
            self.facts.push(fact(gap.extent.name(), gap.about));
        }
        match clause.kind {
            ClauseKind::Transition => {
                self.facts.push(fact("leaves", states(clause.from)));
                self.facts.push(fact("enters", states(clause.to)));
                let scenario = checks::scenario_that_takes(clause.id);
                self.facts.extend(
                    scenario.map(|name| fact("taken in", format!("mapi-logon check {name}"))),
                );
                self.facts.push(fact("row", checks::ROW_TEST));
                self.facts.push(fact("taking it", checks::TAKEN_TEST));
            }
            ClauseKind::Witness => {
                let by = builtin::that_shows(clause.id).map_or_else(
                    || "no built-in scenario".to_owned(),
                    |name| format!("mapi-logon check {name} --property {}", clause.id),
                );
                self.facts.push(fact("shown by", by));
                self.facts.extend(parts(clause.id));
            }
            ClauseKind::Invariant | ClauseKind::Progress => {
                self.facts.extend(checked_by(clause.id));
                self.facts.extend(parts(clause.id));
            }
            ClauseKind::Ambiguity => {
                let switch =
                    |policy: &clause::Reading| fact(policy.name, policy.values.join(" | "));
                self.facts.extend(clause.policies.iter().map(switch));
            }
            ClauseKind::Translation => {
                let mutant = Mutant::named(clause.id);
                self.facts.extend(mutant.map(|one| fact("wrong machine", one.wrong())));
            }
            ClauseKind::Clause => {}
        }
    }

    fn adds_code(&mut self, code: Code) {
        self.source = clause::find(code.id()).map_or("", |clause| clause.source);
        let success = if code.is_success() { "yes" } else { "no" };
        self.facts.push(fact("success", success));
        self.related = of_code(code);
    }

    fn adds_box(&mut self, id: &str) {
        self.source = "amapi_47.gif";
        self.seed = true;
        for (from, to, label, clause) in FLOWCHART_EDGES.iter() {
            let (name, other) = match (*from == id, *to == id) {
                (true, _) => ("goes to", to),
                (_, true) => ("comes from", from),
                _ => continue,
            };
            let says = FLOWCHART_NODES.iter().find(|(known, _)| known == other);
            let says = says.map_or("", |(_, says)| says);
            let label = if label.is_empty() { String::new() } else { format!("{label}: ") };
            self.facts.push(fact(name, format!("{label}{other} {says}")));
            self.related.extend(clause::find(clause).map(Related::of));
        }
        self.related.dedup_by_key(|related| related.id);
    }
}

impl Related {
    fn of(clause: &'static Clause) -> Self {
        Self { id: clause.id, kind: clause.kind.name(), text: clause.text.into() }
    }
}

/// A number as flags of a logon, if it has no other bits.
fn flags(written: &str, value: u32) -> Option<Explanation> {
    let flags = LogonFlags::from_bits(value).filter(|flags| !flags.is_empty())?;
    let mut explanation = Explanation::blank(written, "flags", "Flags of MAPILogonEx.");
    explanation.facts = flags
        .iter_names()
        .map(|(name, _)| {
            let text = find(name).map_or_else(String::new, |entry| sentence(&entry.text));
            fact(name, text)
        })
        .collect();
    Some(explanation)
}

/// What the bits of an unnamed result code say (SPEC 6.1).
fn anatomy(value: u32) -> String {
    let severity = if value >> 31 == 1 { "failure" } else { "success" };
    let facility = value >> 16 & 0x7FF;
    let own = match facility {
        4 => " (of the interface itself)",
        7 => " (Win32)",
        _ => "",
    };
    format!(
        "0x{value:08X} is a {severity}, facility {facility}{own}, code 0x{:04X}; \
         logon gives it no name (`mapi-logon list codes`)",
        value & 0xFFFF
    )
}

/// The command that decides a property, or what else does; nothing if nothing does yet.
fn checked_by(id: &str) -> Option<Fact> {
    let entry = PROPERTIES.iter().find(|entry| entry.id == id)?;
    let by = match entry.decided {
        Decided::Elsewhere(reason) => format!("not by check: {reason}"),
        Decided::Never(_) | Decided::Sometime(_) | Decided::Eventually(_) => {
            format!("mapi-logon check --property {id}")
        }
    };
    Some(fact("checked by", by))
}

/// The things a property asks for, if they are several.
fn parts(id: &str) -> Option<Fact> {
    let entries = PROPERTIES.iter().filter(|entry| entry.id == id && !entry.part.is_empty());
    let parts: Vec<_> = entries.map(|entry| entry.part).collect();
    (!parts.is_empty()).then(|| fact("parts", parts.join("; ")))
}

/// The clauses for which a test holds.
fn those(test: impl Fn(&Clause) -> bool) -> Vec<Related> {
    let clauses = clause::all().iter().filter(|clause| test(clause));
    clauses.map(Related::of).collect()
}

/// The clauses that speak of an id.
fn related(id: &str) -> Vec<Related> {
    clause::related(id).into_iter().map(Related::of).collect()
}

/// The clauses whose text has a word or phrase; hyphens and capitals do not matter.
fn mentions(phrase: &str) -> Vec<Related> {
    let plain = |text: &str| text.to_lowercase().replace('-', " ");
    let phrase = plain(phrase.trim());
    if phrase.is_empty() { Vec::new() } else { those(|clause| has(&plain(clause.text), &phrase)) }
}

/// The clauses that speak of a code: by its name, in full or in short, or by its class, where it is
/// the only code of that class.
fn of_code(code: Code) -> Vec<Related> {
    let short = code.name().get("MAPI_E_".len()..).unwrap_or_default();
    let class = match code.class() {
        Class::Skip => "SKIP",
        Class::Conf => "CONF",
        Class::Canc => "CANC",
        Class::Succ | Class::Fail => "",
    };
    let names = [code.name(), short, class];
    those(|clause| names.iter().any(|name| !name.is_empty() && has(clause.text, name)))
}

/// Does the text have this phrase, and not as a part of longer words?
fn has(text: &str, phrase: &str) -> bool {
    let joins = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(phrase).any(|(at, _)| {
        !text[..at].ends_with(joins) && !text[at + phrase.len()..].starts_with(joins)
    })
}

fn fact(name: &str, value: impl Into<String>) -> Fact {
    Fact { name: name.to_owned(), value: value.into() }
}

/// `Q13 Load, Q14 Logon`.
fn states(numbers: &[&str]) -> String {
    let known = STATES.iter().filter(|(number, _, _)| numbers.contains(number));
    let named: Vec<_> = known.map(|(number, name, _)| format!("{number} {name}")).collect();
    if named.is_empty() { "depends".to_owned() } else { named.join(", ") }
}

/// A phrase as a sentence.
fn sentence(phrase: &str) -> String {
    let mut letters = phrase.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let mut sentence: String = first.into_iter().chain(letters).collect();
    if !sentence.ends_with(['.', '?']) {
        sentence.push('.');
    }
    sentence
}
