//! In which states may a run rest for ever although an obligation is open?
//!
//! In those in which no actor can act that is fair to the property. They are noted while the graph
//! is explored, and are all there is to progress if no run ever comes back to where it was.

use crate::model::{DESCENT, MAX_PROPERTIES, Marks, Model};
use crate::progress::positions;
use crate::totals::Totals;

/// The progress properties without such a state so far, together where the same actors are fair.
#[derive(Default)]
pub(crate) struct Patience {
    groups: Vec<(u64, Marks)>,
}

impl Patience {
    /// For a model in whose order steps may all go up; nobody asks for others.
    pub(crate) fn of<M: Model>(model: &M, compact: bool) -> Self {
        let mut groups: Vec<(u64, Marks)> = Vec::new();
        if !compact && model.ordered() {
            for property in positions(model) {
                let fair = model.fair(property);
                match groups.iter_mut().find(|group| group.0 == fair) {
                    Some((_, marks)) => *marks |= 1 << property,
                    None => groups.push((fair, 1 << property)),
                }
            }
        }
        Self { groups }
    }

    /// The properties with whose obligation open a run may rest where just these actors can act.
    #[inline]
    pub(crate) fn resting(&self, actors: u64) -> Marks {
        let rests = |(fair, marks): &(u64, Marks)| if fair & actors == 0 { *marks } else { 0 };
        self.groups.iter().fold(0, |all, group| all | rests(group))
    }

    /// Forgets the properties of which a first such state is known, and all if runs may come back.
    pub(crate) fn close(&mut self, totals: &Totals) {
        let known = totals.rests.keys().fold(0, |marks, at| marks | 1 << at);
        let back = totals.hits.contains_key(&MAX_PROPERTIES);
        let closed = if back { !DESCENT } else { known };
        self.groups.iter_mut().for_each(|(_, marks)| *marks &= !closed);
        self.groups.retain(|(_, marks)| *marks != 0);
    }
}
