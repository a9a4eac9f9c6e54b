//! Coverage of random runs: transitions taken and witnesses shown, of all the scenario has.

use std::sync::atomic::{AtomicBool, Ordering};

use mapi_logon_model::machine::Model;
use mapi_logon_model::property::{Kind, PROPERTIES};
use mapi_logon_model::protocol::Transition;
use mapi_logon_sim::simulate::Simulation;
use mapi_logon_sim::tally::Transitions;

use crate::survey;

/// How much of what a scenario can do its runs did.
#[derive(Clone, Debug, Default)]
pub struct RunCoverage {
    /// Transitions taken.
    pub taken: Transitions,
    /// Transitions the scenario can take, where that is known.
    pub possible: Option<Transitions>,
    /// Was the search for what the scenario can do interrupted?
    pub interrupted: bool,
    /// Witnesses that the runs showed.
    pub witnesses: Vec<&'static str>,
    /// Witnesses that the scenario may have and no run showed.
    pub unseen: Vec<&'static str>,
}

impl RunCoverage {
    /// The coverage of runs of a model.
    #[must_use]
    pub fn of(model: &Model, simulation: &Simulation, stop: &AtomicBool) -> Self {
        let (taken, complete) = survey::taken_in(model, Some(stop));
        let possible: Transitions = taken.into_iter().map(|taken| taken.transition).collect();
        let (found, all_found) = survey::witnesses(model, stop);
        let interrupted = !(complete && all_found) && stop.load(Ordering::Relaxed);
        let complete = complete && all_found;
        let shown = |bit: usize| simulation.tally.shown.contains(bit);
        let (mut witnesses, mut unseen) = (Vec::new(), Vec::new());
        // The entries of an id stand together; a witness is seen when all that it asks for is.
        for entries in PROPERTIES.chunk_by(|one, next| one.id == next.id) {
            let bits = PROPERTIES.iter().enumerate();
            let mut bits = bits.filter(|(bit, property)| {
                let possible = !complete || found.contains(*bit);
                property.id == entries[0].id
                    && property.kind == Kind::Witness
                    && property.not_applicable(model.scenario()).is_none()
                    && possible
            });
            if bits.clone().next().is_some() {
                let seen = bits.all(|(bit, _)| shown(bit));
                if seen { &mut witnesses } else { &mut unseen }.push(entries[0].id);
            }
        }
        let possible = complete.then_some(possible);
        Self { taken: simulation.tally.taken, possible, interrupted, witnesses, unseen }
    }

    /// Transitions that the scenario can take and no run took.
    #[must_use]
    pub fn missed(&self) -> Vec<&'static str> {
        let possible = self.possible.unwrap_or_default();
        let missed = possible.iter().filter(|transition| !self.taken.contains(*transition));
        missed.map(Transition::id).collect()
    }

    /// How many transitions are possible at most, as far as that is known.
    #[must_use]
    pub fn of_how_many(&self) -> usize {
        self.possible.map_or(Transition::ALL.len(), |possible| possible.len() as usize)
    }

    /// How many transitions were taken, for people.
    #[must_use]
    pub fn transitions(&self) -> String {
        let (taken, of) = (self.taken.len(), self.of_how_many());
        let missed = self.missed();
        match self.possible {
            None if self.interrupted => format!(
                "{taken} of all {of}; interrupted before the number that the scenario can take \
                 was known"
            ),
            None => format!(
                "{taken} of all {of}; the scenario has too many states to count those that it \
                 can take"
            ),
            Some(possible) => {
                let others = |one: &Transition| !possible.contains(*one);
                let also = self.taken.iter().filter(others).count();
                let mut text = format!("{} of the {of} it can take", taken as usize - also);
                if also > 0 {
                    text += &format!(", and {also} that only its variations can");
                }
                if !missed.is_empty() {
                    text += &format!("; not {}", missed.join(", "));
                }
                text
            }
        }
    }

    /// How many witnesses were seen, for people.
    #[must_use]
    pub fn witnesses(&self) -> String {
        let Self { witnesses, unseen, .. } = self;
        let all = witnesses.len() + unseen.len();
        let which = if self.possible.is_some() { "it can show" } else { "that may apply" };
        let mut text = format!("{} of the {all} {which}", witnesses.len());
        if !unseen.is_empty() {
            text += &format!("; not {}", unseen.join(", "));
        }
        text
    }
}
