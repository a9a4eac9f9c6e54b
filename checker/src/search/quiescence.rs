//! Quiescent states: those in which no actor is enabled that is fair to a progress property, so
//! that a fair run may stay there forever.
//!
//! They are noted during the search. Where no run visits a state twice, they alone decide progress.

use crate::marks::Marks;
use crate::search::search_stats::SearchStats;
use crate::system::{ClaimKind, TransitionSystem, positions};

/// The progress properties without a quiescent state so far, grouped by the actors that are fair.
#[derive(Default)]
pub(crate) struct Quiescence {
    groups: Vec<(u64, Marks)>,
}

impl Quiescence {
    /// All progress properties, if the system knows an order.
    pub(crate) fn of<S: TransitionSystem>(system: &S) -> Self {
        if system.ascends(&system.scratch()) { Self::all(system) } else { Self::default() }
    }

    /// All progress properties.
    pub(crate) fn all<S: TransitionSystem>(system: &S) -> Self {
        let mut groups: Vec<(u64, Marks)> = Vec::new();
        for property in positions(system, ClaimKind::Progress) {
            let fair = system.fair(property);
            match groups.iter_mut().find(|group| group.0 == fair) {
                Some((_, marks)) => *marks |= Marks::of(property),
                None => groups.push((fair, Marks::of(property))),
            }
        }
        Self { groups }
    }

    /// The properties to which a state is quiescent in which just `actors` are enabled.
    #[inline]
    pub(crate) fn of_state(&self, actors: u64) -> Marks {
        let quiescent = |(fair, _): &&(u64, Marks)| fair & actors == 0;
        let groups = self.groups.iter().filter(quiescent);
        groups.fold(Marks::NONE, |all, (_, marks)| all | *marks)
    }

    /// Leaves out the properties of which a quiescent state is known, and all if a step went down.
    pub(crate) fn close(&mut self, stats: &SearchStats) {
        let known: Marks = stats.quiescent.keys().copied().collect();
        let known = if stats.descent.is_some() { Marks::ALL } else { known };
        for (_, marks) in &mut self.groups {
            *marks = *marks - known;
        }
        self.groups.retain(|(_, marks)| !marks.is_empty());
    }
}
