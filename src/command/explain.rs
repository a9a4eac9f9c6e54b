//! What does an id mean? `mapi-logon explain`: clauses, properties, policies, states, codes.

use anyhow::{Result, bail};
use mapi_logon_model::clause::{self, Clause, Kind, STATES};
use mapi_logon_model::mapi::{Code, LogoffFlags, LogonFlags};
use mapi_logon_model::policy::{SWITCHES, Switch};
use mapi_logon_model::property::{Decided, PROPERTIES};
use mapi_logon_model::suggest;
use serde::Serialize;

use crate::args::Format;
use crate::builtin;
use crate::checks;
use crate::exit::Exit;
use crate::output;
use crate::render::json::pretty;
use crate::render::text::Paint;

mod named;
mod text;

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A clause, transition, state, property, policy, preset, flag, scenario, or a result code by
    /// its name or number
    #[arg(allow_hyphen_values = true)]
    pub id: String,
    /// How the explanation is written
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Explains.
///
/// # Errors
/// When nothing has that id.
pub fn run(args: &Args) -> Result<Exit> {
    let explanation = explain(&args.id)?;
    let text = match args.format {
        Format::Human => explanation.text(Paint::for_output()),
        Format::Json => pretty(&explanation)?,
    };
    output::print(&text)?;
    Ok(Exit::Good)
}

/// All that is said of an id.
#[derive(Clone, Debug, Serialize)]
struct Explanation {
    id: &'static str,
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
    name: &'static str,
    value: String,
}

/// Another id that speaks of this one.
#[derive(Clone, Debug, Serialize)]
struct Related {
    id: &'static str,
    kind: &'static str,
    text: &'static str,
}

/// The clause that defines a flag: the one that gives its number.
#[must_use]
pub fn clause_of_flag(name: &str) -> Option<&'static Clause> {
    let defines = |clause: &&Clause| {
        clause.text.strip_prefix(name).is_some_and(|rest| rest.starts_with(" (0x"))
    };
    clause::all().iter().find(defines)
}

fn explain(written: &str) -> Result<Explanation> {
    let same = |name: &str| name.eq_ignore_ascii_case(written);
    if let Some(clause) = clause::find(written) {
        return Ok(of_clause(clause, clause.id, Vec::new()));
    }
    if let Some(code) = Code::ALL.iter().find(|code| same(code.name())) {
        return Ok(of_code(*code));
    }
    if let Some((name, clause)) = flag_names()
        .find(|name| same(name))
        .and_then(|name| clause_of_flag(name).map(|clause| (name, clause)))
    {
        let mut explanation = of_clause(clause, name, vec![fact("clause", clause.id)]);
        explanation.kind = "flag";
        return Ok(explanation);
    }
    if let Some(switch) = SWITCHES.iter().find(|switch| same(switch.name)) {
        return Ok(of_switch(switch));
    }
    if let Some(state) = STATES.iter().find(|(id, name, _)| same(id) || same(name)) {
        return Ok(of_state(*state));
    }
    if let Some(explanation) = named::explain(written) {
        return Ok(explanation);
    }
    if let Some(value) = named::number(written) {
        bail!("{}", named::anatomy(value));
    }
    bail!("nothing is called `{written}`{}", hint(written))
}

fn flag_names() -> impl Iterator<Item = &'static str> {
    let logon = LogonFlags::all().iter_names().map(|(name, _)| name);
    logon.chain(LogoffFlags::all().iter_names().map(|(name, _)| name))
}

fn hint(written: &str) -> String {
    let clauses = clause::all().iter().map(|clause| clause.id);
    let codes = Code::ALL.iter().map(|code| code.name());
    let switches = SWITCHES.iter().map(|switch| switch.name);
    let states = STATES.iter().map(|(id, _, _)| *id);
    let near = suggest::hint(
        written,
        clauses
            .chain(codes)
            .chain(flag_names())
            .chain(switches)
            .chain(states)
            .chain(named::names()),
    );
    if near.is_empty() {
        "; ids look like RTY-5, T-43, INV-17, AMB-2, RETRY_UNIT, MAPI_LOGON_UI or MAPI_E_TIMEOUT"
            .to_owned()
    } else {
        near
    }
}

fn of_clause(clause: &'static Clause, id: &'static str, facts: Vec<Fact>) -> Explanation {
    let mut facts = facts;
    match clause.kind {
        Kind::Transition => {
            facts.push(fact("leaves", &states(clause.from)));
            facts.push(fact("enters", &states(clause.to)));
            if let Some(name) = checks::scenario_that_takes(clause.id) {
                facts.push(fact("taken in", &format!("mapi-logon check {name}")));
            }
            facts.push(fact("row", checks::ROW_TEST));
            facts.push(fact("taking it", checks::TAKEN_TEST));
        }
        Kind::Witness => {
            let by = builtin::that_shows(clause.id);
            let by = by.map_or_else(
                || "no built-in scenario".to_owned(),
                |name| format!("mapi-logon check {name} --property {}", clause.id),
            );
            facts.push(fact("shown by", &by));
            facts.extend(parts(clause.id));
        }
        Kind::Invariant | Kind::Progress => {
            facts.push(fact("checked by", &checked_by(clause.id)));
            facts.extend(parts(clause.id));
        }
        Kind::Ambiguity if !clause.policy.is_empty() => {
            facts.push(fact("policy", clause.policy));
            let switch = SWITCHES.iter().find(|switch| switch.name == clause.policy);
            facts.extend(switch.map(values));
        }
        Kind::Ambiguity | Kind::Clause | Kind::Translation => {}
    }
    let grounds: Vec<_> = clause::grounds(clause.id).into_iter().map(Related::of).collect();
    let checkers = clause::checks(clause.id);
    let related = clause::related(clause.id).into_iter();
    let related = related.filter(|one| checkers.iter().all(|other| other.id != one.id));
    let related = related.chain(checkers.iter().copied()).map(Related::of);
    let related = related.filter(|one| grounds.iter().all(|other| other.id != one.id)).collect();
    Explanation {
        id,
        kind: clause.kind.name(),
        text: clause.text.to_owned(),
        source: clause.source,
        seed: clause.seed,
        facts,
        grounds,
        related,
    }
}

fn of_code(code: Code) -> Explanation {
    let facts = vec![
        fact("value", &format!("0x{:08X}", code.value())),
        fact("clause", code.id()),
        fact("success", if code.is_success() { "yes" } else { "no" }),
    ];
    Explanation {
        id: code.name(),
        kind: "code",
        text: sentence(code.role()),
        source: clause::find(code.id()).map_or("", |clause| clause.source),
        seed: false,
        facts,
        grounds: Vec::new(),
        related: mentions(code.name()),
    }
}

fn of_switch(switch: &'static Switch) -> Explanation {
    let ambiguity = clause::find(switch.ambiguity);
    let related = clause::related(switch.ambiguity).into_iter().map(Related::of).collect();
    let default = switch.values.first().copied().unwrap_or_default();
    Explanation {
        id: switch.name,
        kind: "policy",
        text: ambiguity.map_or_else(|| sentence(switch.effect), |clause| clause.text.to_owned()),
        source: ambiguity.map_or("", |clause| clause.source),
        seed: false,
        facts: vec![
            values(switch),
            fact("default", default),
            fact("set by", &format!("--set {}=VALUE, or [policy] in a scenario", switch.name)),
        ],
        grounds: ambiguity.map(Related::of).into_iter().collect(),
        related,
    }
}

fn of_state((id, name, text): (&'static str, &'static str, &'static str)) -> Explanation {
    let through = |clause: &&'static Clause| {
        let lists = [clause.from, clause.to];
        lists.iter().flat_map(|list| list.split(',')).any(|state| state == id)
    };
    Explanation {
        id,
        kind: "state",
        text: format!("{name}: {text}."),
        source: "",
        seed: false,
        facts: Vec::new(),
        grounds: Vec::new(),
        related: clause::all().iter().filter(through).map(Related::of).collect(),
    }
}

impl Related {
    fn of(clause: &'static Clause) -> Self {
        Self { id: clause.id, kind: clause.kind.name(), text: clause.text }
    }
}

/// The command that decides a property, or who else does.
fn checked_by(id: &str) -> String {
    let elsewhere = PROPERTIES.iter().find_map(|entry| match entry.decided {
        Decided::Elsewhere(reason) if entry.id == id => Some(reason),
        Decided::Elsewhere(_)
        | Decided::Never(_)
        | Decided::Sometime(_)
        | Decided::Eventually(_) => None,
    });
    match elsewhere {
        Some(reason) => format!("not by check: {reason}"),
        None => format!("mapi-logon check --property {id}"),
    }
}

/// The things a property asks for, if they are several.
fn parts(id: &str) -> Option<Fact> {
    let entries = PROPERTIES.iter().filter(|entry| entry.id == id && !entry.part.is_empty());
    let parts: Vec<_> = entries.map(|entry| entry.part).collect();
    (!parts.is_empty()).then(|| fact("parts", &parts.join("; ")))
}

/// The clauses whose text names a code or a switch.
fn mentions(name: &str) -> Vec<Related> {
    let names = |clause: &&'static Clause| {
        let mut words = clause.text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.any(|word| word == name)
    };
    clause::all().iter().filter(names).map(Related::of).collect()
}

fn fact(name: &'static str, value: &str) -> Fact {
    Fact { name, value: value.to_owned() }
}

fn values(switch: &Switch) -> Fact {
    fact("values", &switch.values.join(" | "))
}

/// `Q13,Q14` as `Q13 Load, Q14 Logon`.
fn states(list: &str) -> String {
    let named = list.split(',').map(|id| {
        let state = STATES.iter().find(|(known, _, _)| *known == id);
        state.map_or_else(|| "depends".to_owned(), |(id, name, _)| format!("{id} {name}"))
    });
    named.collect::<Vec<_>>().join(", ")
}

/// A phrase as a sentence.
fn sentence(phrase: &str) -> String {
    let mut letters = phrase.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}
