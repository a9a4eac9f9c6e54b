//! The properties that check a transition.

use super::{Clause, ClauseKind, all, cited, find, is_together};

/// The properties that check a transition, in the order of the specification: those its section
/// 11.2 traces to the same seed clauses, and those whose source cites the transition or a clause
/// that its own source cites. There are none for an id that is not a transition.
#[must_use]
pub fn checks(id: &str) -> Vec<&'static Clause> {
    let Some(transition) = find(id).filter(|clause| clause.kind == ClauseKind::Transition) else {
        return Vec::new();
    };
    let mut basis = cited(transition.source);
    basis.push(transition.id.to_owned());
    let shares = |property: &Clause| {
        let own = cited(property.source);
        own.iter().any(|id| basis.contains(id))
    };
    let properties = all().iter().filter(|clause| clause.kind.is_property());
    properties
        .filter(|property| is_together(transition.id, property.id) || shares(property))
        .collect()
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
        assert_eq!(
            ids("T-76"),
            [
                "INV-39", "INV-43", "INV-44", "INV-51", "INV-52", "INV-53", "INV-54", "INV-55",
                "INV-56", "INV-102", "INV-103"
            ]
        );
        assert!(ids("INV-17").is_empty() && ids("nothing").is_empty());
    }

    #[test]
    fn every_transition_has_a_property_of_its_own() {
        let transitions = all().iter().filter(|c| c.kind == ClauseKind::Transition);
        let bare: Vec<_> = transitions
            .filter(|clause| checks(clause.id).is_empty())
            .map(|clause| clause.id)
            .collect();
        assert_eq!(bare, [""; 0]);
    }
}
