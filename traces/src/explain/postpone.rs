//! Postponement: candidates that the machine can also reach later need not be kept.
//!
//! At an event of one client's call the others may have gone on meanwhile or not. Where they have
//! not, they still can.

use mapi_logon_model::ids::{ClientId, ClientSet};

use super::belief::{Antichain, Belief, Candidate};
use super::expand::{Expansion, FaultMode};
use super::search::Engine;

impl Engine<'_> {
    /// Drops the candidates to which others lead by steps of clients other than this one.
    pub(super) fn postpone(&mut self, belief: &mut Belief, client: ClientId, faults: u32) {
        let mut others = ClientSet::EMPTY;
        for (index, open) in belief.open.iter().enumerate() {
            if open.is_some() && index != client.index() {
                others.insert(index.into());
            }
        }
        let count = belief.candidates.len();
        if count < 2 || others.is_empty() {
            return;
        }
        let mut all = Antichain::default();
        for candidate in std::mem::take(&mut belief.candidates) {
            all.like(self.model, (&candidate.state, &candidate.progress), self.dominance);
            all.insert(candidate);
        }
        let (mut reached, mut expanded) = (vec![false; count], vec![false; count]);
        for root in 0..count {
            let mut open = if reached[root] { vec![] } else { vec![root] };
            while let Some(at) = open.pop() {
                if !std::mem::replace(&mut expanded[at], true) {
                    self.each_after(belief, others, at, faults, &mut all, |other| {
                        if other != root {
                            reached[other] = true;
                            open.push(other);
                        }
                    });
                }
            }
        }
        let kept = all.met.into_iter().zip(reached);
        let kept = kept.filter(|(_, reached)| !reached);
        belief.candidates = kept.map(|(candidate, _)| candidate).collect();
    }

    /// Every candidate that one step of these clients from another leads to, or to one that
    /// dominates it.
    fn each_after(
        &mut self,
        belief: &Belief,
        movers: ClientSet,
        at: usize,
        faults: u32,
        all: &mut Antichain,
        mut each: impl FnMut(usize),
    ) {
        let Candidate { state, progress, cost, .. } = all.met[at].clone();
        self.scratch.from.state = state;
        let mode = if cost < faults { FaultMode::Both } else { FaultMode::Without };
        let (model, dominance) = (self.model, self.dominance);
        let mut expansion = Expansion {
            model,
            belief,
            scratch: &mut self.scratch,
            progress: &progress,
            work: &mut self.work,
        };
        expansion.each(movers, mode, |tried| {
            let Ok(progress) = tried.fits else { return };
            let after = &tried.step.state;
            let cost = cost + dominance.price(tried.action.choice);
            let rank = (dominance.mask(model, after), cost);
            for known in all.like(model, (after, &progress), dominance) {
                if dominance.dominates(rank, known.rank) {
                    each(known.number as usize);
                }
            }
        });
    }
}
