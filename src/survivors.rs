//! Mutants that are known to survive, each with the reason.

const LIST: &str = include_str!("survivors.tsv");

/// Id and reason of each.
pub fn survivors() -> impl Iterator<Item = (&'static str, &'static str)> {
    LIST.lines().filter_map(|line| line.split_once('\t'))
}

/// Why a mutant is known to survive, if it is.
#[must_use]
pub fn reason(id: &str) -> Option<&'static str> {
    survivors().find(|(known, _)| *known == id).map(|(_, reason)| reason)
}
