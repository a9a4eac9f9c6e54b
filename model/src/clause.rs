//! What does each id of the specification say, where does it come from, and what else speaks of it?
//!
//! The text lives in `clauses.tsv`, one line for each id in the order of the specification; this
//! module parses it once and finds clauses by id. The flowchart of session logon and the names of
//! the states are data beside it, so that everything a reader is shown has one home.

mod checks;
mod tables;

pub use checks::checks;
pub use tables::{FLOWCHART_EDGES, FLOWCHART_NODES, STATES};

use std::fmt;
use std::sync::LazyLock;

use crate::suggest::nearest;
use tables::TRACE;

/// One id of the specification with what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The id, such as `RTY-5` or `T-10a`.
    pub id: &'static str,
    /// Whether one of the documents the specification starts from says it itself.
    pub seed: bool,
    /// What kind of statement it is.
    pub kind: Kind,
    /// The statement, readable without its neighbours.
    pub text: &'static str,
    /// Pages of the documentation, then ids of other clauses.
    pub source: &'static str,
    /// The states a transition leaves, separated by commas; empty for every other kind.
    pub from: &'static str,
    /// The states a transition enters, separated by commas; empty also for `T-77`, which leaves
    /// that to `T-78` or `T-79`.
    pub to: &'static str,
    /// The switch that selects a reading of an ambiguity; empty if there is none.
    pub policy: &'static str,
}

/// The kind of a statement, which is also what a driver can do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A statement about MAPI, its clients or its providers.
    Clause,
    /// A row of the transition table, `T-*`.
    Transition,
    /// A property of every state or step, `INV-*`.
    Invariant,
    /// Something at least one run must show, `RCH-*`.
    Witness,
    /// Something that must come about under fairness, `LIV-*`.
    Progress,
    /// A place where a translated document reads otherwise, `TRN-*`.
    Translation,
    /// A question the documents leave open, `AMB-*`.
    Ambiguity,
}

impl Kind {
    /// Every kind, in the order of the specification.
    pub const ALL: [Self; 7] = [
        Self::Clause,
        Self::Transition,
        Self::Invariant,
        Self::Witness,
        Self::Progress,
        Self::Translation,
        Self::Ambiguity,
    ];

    /// The kind in one word, as `clauses.tsv` spells it.
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
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

static CLAUSES: LazyLock<Vec<Clause>> =
    LazyLock::new(|| include_str!("../clauses.tsv").lines().skip(1).filter_map(parse).collect());

/// Every clause, in the order of the specification.
#[must_use]
pub fn all() -> &'static [Clause] {
    &CLAUSES
}

/// The clause with this id; case and hyphens do not matter, so `inv17` is `INV-17`.
#[must_use]
pub fn find(id: &str) -> Option<&'static Clause> {
    all().iter().find(|clause| significant(clause.id).eq(significant(id)))
}

/// Every other clause that speaks of this id, in the order of the specification.
///
/// A clause speaks of an id if its source cites it, alone or in a range such as `T-45..53`, or if
/// the specification traces the id, a seed clause, to it. An unknown id has no related clauses.
#[must_use]
pub fn related(id: &str) -> Vec<&'static Clause> {
    let Some(clause) = find(id) else {
        return Vec::new();
    };
    let traced = |other: &Clause| {
        TRACE.iter().any(|(seeds, machine)| cites(seeds, clause.id) && cites(machine, other.id))
    };
    all()
        .iter()
        .filter(|other| other.id != clause.id)
        .filter(|other| cites(other.source, clause.id) || traced(other))
        .collect()
}

/// Every other clause that this id rests on, in the order of the specification: its source cites
/// it, or the specification traces it to this id. An unknown id rests on nothing.
#[must_use]
pub fn grounds(id: &str) -> Vec<&'static Clause> {
    let Some(clause) = find(id) else {
        return Vec::new();
    };
    let traced = |other: &Clause| {
        let mut rows = TRACE.iter();
        rows.any(|(seeds, machine)| cites(seeds, other.id) && cites(machine, clause.id))
    };
    let grounds = all().iter().filter(|other| other.id != clause.id);
    grounds.filter(|other| cites(clause.source, other.id) || traced(other)).collect()
}

/// The known id that looks most like this one, if any is near.
#[must_use]
pub fn suggest(id: &str) -> Option<&'static str> {
    nearest(id, all().iter().map(|clause| clause.id))
}

/// One line of the file; trailing empty columns may be absent.
fn parse(line: &'static str) -> Option<Clause> {
    let mut columns = line.split('\t');
    let mut column = || columns.next().unwrap_or_default();
    let id = column();
    let seed = column() == "seed";
    let name = column();
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name)?;
    let (text, source, from, to, policy) = (column(), column(), column(), column(), column());
    Some(Clause { id, seed, kind, text, source, from, to, policy })
}

/// The characters of an id that tell it from others.
fn significant(id: &str) -> impl Iterator<Item = char> {
    id.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase())
}

/// Whether a list of pages, ids and ranges of ids covers this id.
fn cites(list: &str, id: &str) -> bool {
    list.split([' ', ',', ';'])
        .any(|word| word == id || word.split_once("..").is_some_and(|ends| covers(ends, id)))
}

/// Whether the range `T-45..53` (by number) or `PAR-12a..f` (by letter) includes this id.
fn covers((first, last): (&str, &str), id: &str) -> bool {
    let (Some(first), Some(id)) = (parts(first), parts(id)) else {
        return false;
    };
    let ((family, low, letter), (own_family, number, own_letter)) = (first, id);
    family == own_family
        && last.parse::<u16>().map_or_else(
            |_| number == low && (letter..=last).contains(&own_letter),
            |high| (low..=high).contains(&number),
        )
}

/// `T-10a` as `("T", 10, "a")`.
fn parts(id: &str) -> Option<(&str, u16, &str)> {
    let (family, rest) = id.split_once('-')?;
    let digits = rest.trim_end_matches(|end: char| end.is_ascii_lowercase());
    Some((family, digits.parse().ok()?, &rest[digits.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(kind: Kind) -> usize {
        all().iter().filter(|clause| clause.kind == kind).count()
    }

    fn related_ids(id: &str) -> Vec<&'static str> {
        related(id).iter().map(|clause| clause.id).collect()
    }

    #[test]
    fn every_line_of_the_file_is_a_clause() {
        assert_eq!(all().len(), include_str!("../clauses.tsv").lines().count() - 1);
        assert_eq!(all().len(), 625);
        assert_eq!(Kind::ALL.map(count), [390, 77, 48, 24, 11, 23, 52]);
        assert_eq!(all().iter().filter(|clause| clause.seed).count(), 66);
    }

    #[test]
    fn ids_are_distinct_and_kinds_follow_from_them() {
        for (position, clause) in all().iter().enumerate() {
            let found = find(clause.id).unwrap();
            assert!(std::ptr::eq(found, &raw const all()[position]), "{} is double", clause.id);
            let kind = match clause.id.split('-').next().unwrap() {
                "T" => Kind::Transition,
                "INV" => Kind::Invariant,
                "RCH" => Kind::Witness,
                "LIV" => Kind::Progress,
                "TRN" => Kind::Translation,
                "AMB" => Kind::Ambiguity,
                _ => Kind::Clause,
            };
            assert_eq!(clause.kind, kind, "{}", clause.id);
        }
    }

    #[test]
    fn transitions_are_complete_and_name_known_states() {
        for number in (1..=61).chain(70..=84) {
            assert!(find(&format!("T-{number}")).is_some(), "T-{number} is missing");
        }
        let known = |state: &str| STATES.iter().any(|(number, _, _)| *number == state);
        for clause in all() {
            let transition = clause.kind == Kind::Transition;
            assert_eq!(!clause.from.is_empty(), transition, "{}", clause.id);
            assert_eq!(!clause.to.is_empty(), transition && clause.id != "T-77", "{}", clause.id);
            let states = [clause.from, clause.to];
            let mut states =
                states.iter().filter(|list| !list.is_empty()).flat_map(|list| list.split(','));
            assert!(states.all(known), "{}", clause.id);
        }
    }

    #[test]
    fn ambiguities_name_their_switches() {
        let without =
            [5, 14, 20, 21, 25, 29, 30, 32, 33, 35, 39, 40, 41, 42, 44, 45, 46, 48, 50, 51, 52];
        for number in 1..=52 {
            let clause = find(&format!("AMB-{number}")).unwrap();
            assert_eq!(clause.policy.is_empty(), without.contains(&number), "{}", clause.id);
        }
        assert!(all().iter().all(|c| c.policy.is_empty() || c.kind == Kind::Ambiguity));
    }

    #[test]
    fn texts_and_sources_are_plain_sentences() {
        for clause in all() {
            assert!((10..=340).contains(&clause.text.len()), "{}", clause.id);
            assert!(!clause.source.is_empty(), "{} has no source", clause.id);
            let whole = format!("{}{}{}", clause.text, clause.source, clause.policy);
            assert!(whole.is_ascii() && !clause.text.contains(['*', '`']), "{}", clause.id);
        }
    }

    #[test]
    fn cited_ids_exist() {
        let lists = all().iter().map(|clause| clause.source);
        for list in lists.chain(TRACE.iter().flat_map(|(seeds, machine)| [*seeds, *machine])) {
            for word in list.split([' ', ',', ';']).filter(|word| !word.starts_with("es-")) {
                let (first, last) = word.split_once("..").unwrap_or((word, ""));
                let Some((_, low, _)) = parts(first) else {
                    continue;
                };
                let covered = all().iter().filter(|clause| cites(word, clause.id)).count();
                let high = last.parse().unwrap_or(low);
                assert!(low <= high && covered > usize::from(high - low), "{word} in {list}");
            }
        }
    }

    #[test]
    fn ids_are_found_however_they_are_typed() {
        for (typed, id) in [("t-43", "T-43"), ("inv17", "INV-17"), ("T-10A", "T-10a")] {
            assert_eq!(find(typed).unwrap().id, id);
        }
        assert!(find("T-62").is_none() && find("").is_none());
    }

    #[test]
    fn near_ids_are_suggested_and_far_ones_are_not() {
        assert_eq!(suggest("RYT-5"), Some("RTY-5"));
        assert_eq!(suggest("inv-177"), Some("INV-17"));
        assert_eq!(suggest("session"), None);
    }

    #[test]
    fn related_clauses_are_those_that_cite_the_id_or_are_traced_from_it() {
        let retry = related_ids("rty-5");
        for id in ["T-30", "T-45", "T-50", "T-53", "INV-17", "INV-18", "LIV-7", "AMB-1"] {
            assert!(retry.contains(&id), "{id}");
        }
        assert!(!retry.contains(&"RTY-5") && !retry.contains(&"T-54"));
        assert!(related_ids("FLW-8").contains(&"INV-12"));
        assert!(related_ids("T-80").contains(&"LIV-9"));
        assert_eq!(related_ids("PAR-12d"), ["PAR-12", "T-14", "RCH-24", "AMB-26"]);
        assert_eq!(related("nothing"), Vec::<&Clause>::new());
    }

    #[test]
    fn grounds_are_what_a_source_cites_and_the_seeds_it_is_traced_from() {
        let grounds: Vec<_> = grounds("INV-17").iter().map(|clause| clause.id).collect();
        for id in ["RTY-5", "DIS-1", "AMB-1", "AMB-2", "RTY-1"] {
            assert!(grounds.contains(&id), "{id}");
        }
        assert!(super::grounds("nothing").is_empty());
    }

    #[test]
    fn flowchart_is_closed_and_cites_its_clauses() {
        let known = |node: &str| FLOWCHART_NODES.iter().any(|(name, _)| *name == node);
        for (from, to, _, _) in FLOWCHART_EDGES {
            assert!(known(from) && known(to));
        }
        for number in 2..=17 {
            let id = format!("FLW-{number}");
            let cites = |edge: &(_, _, _, &str)| edge.3 == id;
            assert!(FLOWCHART_EDGES.iter().any(cites), "{id}");
        }
        assert_eq!(FLOWCHART_NODES.len(), 15);
        assert_eq!(FLOWCHART_EDGES.len(), 18);
        assert_eq!(STATES.len(), 28);
    }
}
