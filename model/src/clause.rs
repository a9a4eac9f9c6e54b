//! The specification: every id with what it says, where it comes from, and what speaks of it.
//!
//! There is one source, `docs/spec.md`: the clauses, the states, the flowchart and the list of what
//! the machine does not have yet are read from the tables and headings of that text, once.

mod checks;
mod citation;
mod document;
mod machine;
mod rows;
#[cfg(test)]
mod tests;

pub use checks::checks;
pub use citation::cited;
pub use document::Section;
pub use machine::{FLOWCHART_EDGES, FLOWCHART_NODES, STATES};

use std::fmt;
use std::sync::LazyLock;

use document::{DOCUMENT, plain};
use machine::TRACE;

/// One id of the specification with what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The id, such as `RTY-5` or `T-10a`.
    pub id: &'static str,
    /// The number of the section it stands in, such as `3.6`.
    pub section: &'static str,
    /// Whether one of the documents the specification starts from says it itself.
    pub seed: bool,
    /// What kind of statement it is.
    pub kind: ClauseKind,
    /// The statement.
    pub text: &'static str,
    /// Pages of the documentation, then ids of other clauses; may be empty.
    pub source: &'static str,
    /// What else its row says: head of the column and cell.
    pub facts: &'static [(&'static str, &'static str)],
    /// The states a transition leaves; empty for every other kind.
    pub from: &'static [&'static str],
    /// The states a transition enters; empty also for `T-77`, which leaves that to `T-78` or
    /// `T-79`.
    pub to: &'static [&'static str],
    /// The switches that select a reading of an ambiguity.
    pub policies: &'static [Reading],
}

/// A switch of the ambiguity register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its name.
    pub name: &'static str,
    /// Its values, the default first; empty where the register names none.
    pub values: &'static [&'static str],
}

/// What the specification has and the machine does not: a row of the tables at the head of the
/// specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Ids, sections, a call, or a switch with the values concerned.
    pub what: &'static str,
    /// What is missing.
    pub about: &'static str,
    /// How much of it is missing, and for how long.
    pub extent: Extent,
}

/// How much of a clause the machine does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it, until it is written.
    NotYet,
    /// All of it: it speaks of what the machine does not model.
    Whole,
    /// A part of it.
    Part,
}

impl Extent {
    /// The extent in a few words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotYet => "not yet",
            Self::Whole => "not modelled",
            Self::Part => "modelled in part, without",
        }
    }
}

/// The kind of a statement, which is also what a driver can do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClauseKind {
    /// A statement about MAPI, its clients or its providers.
    Clause,
    /// A row of the transition table, `T-*`.
    Transition,
    /// A property of every state or step, `INV-*`.
    Invariant,
    /// Something at least one run must show, `RCH-*`.
    Witness,
    /// Something that must happen eventually under fairness, `LIV-*`.
    Progress,
    /// A sentence that a translated document reads differently, `TRN-*`.
    Translation,
    /// A question the documents leave open, `AMB-*`.
    Ambiguity,
}

impl ClauseKind {
    /// The kind of what has this id.
    fn of(id: &str) -> Self {
        match id.split('-').next() {
            Some("T") => Self::Transition,
            Some("INV") => Self::Invariant,
            Some("RCH") => Self::Witness,
            Some("LIV") => Self::Progress,
            Some("TRN") => Self::Translation,
            Some("AMB") => Self::Ambiguity,
            Some(_) | None => Self::Clause,
        }
    }

    /// The kind in one word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clause => "clause",
            Self::Transition => "transition",
            Self::Invariant => "invariant",
            Self::Witness => "witness",
            Self::Progress => "progress",
            Self::Translation => "translation",
            Self::Ambiguity => "ambiguity",
        }
    }

    /// Whether it speaks of what the machine does: a transition or a property.
    #[must_use]
    pub const fn is_machine(self) -> bool {
        matches!(self, Self::Transition) || self.is_property()
    }

    /// Whether it is a property, decided by `check` or elsewhere.
    #[must_use]
    pub const fn is_property(self) -> bool {
        matches!(self, Self::Invariant | Self::Witness | Self::Progress)
    }
}

impl fmt::Display for ClauseKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

static CLAUSES: LazyLock<(Vec<Clause>, Vec<String>)> = LazyLock::new(|| rows::clauses(&DOCUMENT));

static TERMS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let rows = DOCUMENT.tables_of("0.2").flat_map(|table| &table.rows);
    rows.map(|row| (plain(&row[0]), plain(&row[1]))).collect()
});

static GAPS: LazyLock<Vec<Gap>> = LazyLock::new(|| {
    let rows = |heading| DOCUMENT.tables_of(heading).flat_map(|table| &table.rows);
    let gap = |what: &str, about: &str, extent| Gap {
        what: plain(what).leak(),
        about: plain(about).leak(),
        extent,
    };
    let missing = rows("Not in the machine yet");
    let missing = missing.map(|row| gap(&row[0], &row[1], Extent::NotYet));
    let outside = rows("Outside the machine").map(|row| {
        let extent = if row[1] == "part" { Extent::Part } else { Extent::Whole };
        gap(&row[0], &row[2], extent)
    });
    missing.chain(outside).collect()
});

/// Every clause, in the order of the specification.
#[must_use]
pub fn all() -> &'static [Clause] {
    &CLAUSES.0
}

/// Every section, in the order of the specification.
#[must_use]
pub fn sections() -> &'static [Section] {
    &DOCUMENT.sections
}

/// The terms that the specification defines, with their definitions (SPEC 0.2).
#[must_use]
pub fn terms() -> &'static [(String, String)] {
    &TERMS
}

/// Where the machine falls short of the specification.
#[must_use]
pub fn gaps() -> &'static [Gap] {
    &GAPS
}

/// The clause with this id; case and hyphens do not matter, so `inv17` is `INV-17`.
#[must_use]
pub fn find(id: &str) -> Option<&'static Clause> {
    all().iter().find(|clause| significant(clause.id).eq(significant(id)))
}

/// Every other clause that speaks of this id, in the order of the specification.
///
/// A clause speaks of an id if its row cites it, alone or in a range such as `T-45..53`, or if
/// the specification traces the id, a seed clause, to it. An unknown id has no related clauses.
#[must_use]
pub fn related(id: &str) -> Vec<&'static Clause> {
    others(id, |own, other| other.cites(own.id) || is_traced(own.id, other.id))
}

/// Every other clause that this id rests on, in the order of the specification: its row cites it,
/// or the specification traces it to this id. An unknown id rests on nothing.
#[must_use]
pub fn grounds(id: &str) -> Vec<&'static Clause> {
    others(id, |own, other| own.cites(other.id) || is_traced(other.id, own.id))
}

/// The other clauses that a test chooses beside the one with this id.
fn others(id: &str, test: impl Fn(&Clause, &Clause) -> bool) -> Vec<&'static Clause> {
    let Some(own) = find(id) else {
        return Vec::new();
    };
    let others = all().iter().filter(|other| other.id != own.id);
    others.filter(|other| test(own, other)).collect()
}

impl Clause {
    /// Whether its row cites this id: as its source, in its statement, or beside it.
    fn cites(&self, id: &str) -> bool {
        let facts = self.facts.iter().map(|(_, fact)| *fact);
        facts.chain([self.text, self.source]).any(|text| covers(text, id))
    }

    /// Where the machine falls short of it.
    pub fn gaps(&self) -> impl Iterator<Item = &'static Gap> {
        gaps().iter().filter(|gap| covers(gap.what, self.id))
    }

    /// Whether the machine has something of it.
    #[must_use]
    pub fn is_modelled(&self) -> bool {
        self.gaps().all(|gap| gap.extent == Extent::Part)
    }
}

/// Whether the specification traces the seed clause to the transition or property.
fn is_traced(seed: &str, id: &str) -> bool {
    let mut rows = TRACE.iter();
    rows.any(|(seeds, machine)| covers(seeds, seed) && covers(machine, id))
}

/// Whether the specification traces the same seed clauses to both.
fn is_together(transition: &str, property: &str) -> bool {
    let mut rows = TRACE.iter();
    rows.any(|(_, machine)| covers(machine, transition) && covers(machine, property))
}

/// Whether a text cites this id.
fn covers(text: &str, id: &str) -> bool {
    cited(text).iter().any(|one| one == id)
}

/// The characters of an id that distinguish it from others.
fn significant(id: &str) -> impl Iterator<Item = char> {
    id.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase())
}
