//! Which properties check a transition?

use super::tables::TRACE;
use super::{Clause, Kind, all, cites, find};

/// The properties that check a transition, in the order of the specification: those its section
/// 11.2 traces to the same seed clauses, and those that cite the transition or a clause it cites.
/// There are none for an id that is no transition.
#[must_use]
pub fn checks(id: &str) -> Vec<&'static Clause> {
    let Some(transition) = find(id).filter(|clause| clause.kind == Kind::Transition) else {
        return Vec::new();
    };
    let traced = |property: &Clause| {
        let mut rows = TRACE.iter();
        rows.any(|(_, machine)| cites(machine, transition.id) && cites(machine, property.id))
    };
    let basis: Vec<_> = all().iter().filter(|clause| cites(transition.source, clause.id)).collect();
    let shares = |property: &Clause| {
        let mut basis = basis.iter();
        cites(property.source, transition.id)
            || basis.any(|clause| cites(property.source, clause.id))
    };
    let properties = all()
        .iter()
        .filter(|clause| matches!(clause.kind, Kind::Invariant | Kind::Witness | Kind::Progress));
    properties.filter(|property| traced(property) || shares(property)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(id: &str) -> Vec<&'static str> {
        checks(id).iter().map(|clause| clause.id).collect()
    }

    #[test]
    fn properties_of_the_trace_and_of_shared_clauses_check_a_transition() {
        for id in ["INV-17", "INV-18", "INV-20", "RCH-3", "LIV-4"] {
            assert!(ids("T-43").contains(&id), "{id}");
        }
        assert_eq!(ids("T-6"), ["INV-1"]);
        assert_eq!(ids("T-76"), ["INV-39", "INV-43", "INV-44"]);
        assert!(ids("INV-17").is_empty() && ids("nothing").is_empty());
    }

    #[test]
    fn few_transitions_have_no_property_of_their_own() {
        let transitions = all().iter().filter(|c| c.kind == Kind::Transition);
        let bare: Vec<_> = transitions
            .filter(|clause| checks(clause.id).is_empty())
            .map(|clause| clause.id)
            .collect();
        assert_eq!(bare, ["T-55", "T-56", "T-57", "T-83"]);
    }
}
