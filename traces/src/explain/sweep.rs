//! The states that can be reached while a call goes on: what providers may be asked, whether the
//! call may keep waiting.

use std::collections::BTreeSet;
use std::hash::Hash;

use indexmap::IndexSet;
use mapi_logon_model::ids::{ClientId, ClientSet, ProviderId};
use mapi_logon_model::machine::Step;
use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::{Choice, Effect, ProviderCall};
use mapi_logon_model::world::State;
use rustc_hash::FxBuildHasher;

use super::belief::{Belief, Candidate, Progress};
use super::expand::{Expansion, FaultMode, Tried};
use super::expected::Mismatch;
use super::search::Engine;
use crate::tracer::strikes;

/// Most states that are looked at.
const STATES: usize = 20_000;

/// May a call go on without a sign?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Waiting {
    /// It may return or ask, and it may keep waiting.
    May,
    /// It must return or ask: nothing keeps it waiting.
    MustReturn,
    /// It must keep waiting until something else happens.
    MustWait,
}

/// What becomes of a step.
pub(super) enum Next<T> {
    /// It is followed, and this is kept where it leads.
    Follow(T),
    /// It is not followed.
    Skip,
    /// Nor is any other that begins in a later state.
    Stop,
}

impl Engine<'_> {
    /// Visits every state that steps of the calls in progress reach. `each` says what becomes of
    /// every step; its number is that of the state in which the step begins.
    pub(super) fn sweep<T: Clone + Eq + Hash>(
        &mut self,
        belief: &Belief,
        first: &T,
        faults: u32,
        mut each: impl FnMut(usize, &T, &Tried<'_>) -> Next<T>,
    ) -> IndexSet<(State, Progress, T), FxBuildHasher> {
        let everybody = ClientSet::first_n(belief.open.len());
        let mut known = IndexSet::default();
        let mut costs = Vec::new();
        for one in &belief.candidates {
            let node = (one.state.clone(), one.progress.clone(), first.clone());
            if known.insert(node) {
                costs.push(one.cost);
            }
        }
        let (mut at, mut stopped) = (0, false);
        while let Some((state, progress, kept)) = known.get_index(at).cloned() {
            if stopped || known.len() >= STATES {
                break;
            }
            self.scratch.from.state.clone_from(&state);
            let cost = costs[at];
            let mode = if cost < faults { FaultMode::Both } else { FaultMode::Without };
            let mut expansion = Expansion {
                model: self.model,
                belief,
                scratch: &mut self.scratch,
                progress: &progress,
                work: &mut self.work,
            };
            expansion.each(everybody, mode, |tried| {
                let next = each(at, &kept, &tried);
                stopped |= matches!(next, Next::Stop);
                let (Next::Follow(kept), Ok(progress)) = (next, tried.fits) else {
                    return;
                };
                if known.insert((tried.step.state.clone(), progress, kept)) {
                    costs.push(cost + u32::from(strikes(tried.action.choice)));
                }
            });
            at += 1;
        }
        known
    }

    /// Tries every step of the client's call from a candidate.
    fn tries(
        &mut self,
        belief: &Belief,
        (from, client): (&Candidate, ClientId),
        faults: u32,
        each: impl FnMut(Tried<'_>),
    ) {
        self.scratch.from.state.clone_from(&from.state);
        let mode = if from.cost < faults { FaultMode::Both } else { FaultMode::Without };
        let mut expansion = Expansion {
            model: self.model,
            belief,
            scratch: &mut self.scratch,
            progress: &from.progress,
            work: &mut self.work,
        };
        expansion.each(ClientSet::only(client), mode, each);
    }

    /// The codes with which a provider may answer the question that MAPI has asked in the client's
    /// call.
    pub(super) fn codes(&mut self, belief: &Belief, client: ClientId, faults: u32) -> Vec<Code> {
        let mut codes = BTreeSet::new();
        for one in &belief.candidates {
            self.tries(belief, (one, client), faults, |tried| {
                if let Err(Mismatch::Question(code)) = tried.fits {
                    codes.insert(code);
                }
            });
        }
        codes.into_iter().collect()
    }

    /// Drops the candidates in which the client's call cannot go on with the answer it has got.
    pub(super) fn keep_answered(&mut self, belief: &mut Belief, client: ClientId, faults: u32) {
        let mut candidates = std::mem::take(&mut belief.candidates);
        candidates.retain(|one| {
            let mut goes_on = false;
            self.tries(belief, (one, client), faults, |tried| {
                goes_on |= matches!(tried.fits, Ok(_) | Err(Mismatch::Ahead));
            });
            goes_on
        });
        belief.candidates = candidates;
    }

    /// Whether the client's call may keep waiting, if nobody outside does anything.
    pub(super) fn waiting(&mut self, belief: &Belief, client: ClientId, faults: u32) -> Waiting {
        let mut moves = BTreeSet::new();
        let known = self.sweep(belief, &(), faults, |from, (), tried| {
            let moved = match tried.fits {
                // Users whose dialogs are not seen answer when they like.
                Ok(_) => !matches!(tried.action.choice, Choice::Answer(_)),
                // It must ask; what others must ask keeps them where they are.
                Err(Mismatch::Ahead) => tried.action.client == client,
                Err(_) => false,
            };
            if moved {
                moves.insert(from);
            }
            follow_fitting(tried, ())
        });
        let returned = |progress: &Progress| progress.returned.contains(client);
        let mut nodes = known.iter().enumerate();
        let waits = nodes.any(|(at, (_, one, ()))| !moves.contains(&at) && !returned(one));
        match (waits, known.iter().any(|(_, one, ())| returned(one))) {
            (true, true) => Waiting::May,
            (true, false) => Waiting::MustWait,
            (false, _) => Waiting::MustReturn,
        }
    }
}

/// A step that fits is followed.
pub(super) fn follow_fitting<T>(tried: &Tried<'_>, kept: T) -> Next<T> {
    if tried.fits.is_ok() { Next::Follow(kept) } else { Next::Skip }
}

/// The calls of entry points and logon methods that a step shows.
pub fn calls_of(step: &Step) -> impl Iterator<Item = (ProviderId, ProviderCall, Code)> {
    step.effects.iter().filter_map(|effect| {
        if let Effect::Provider {
            provider,
            call: call @ (ProviderCall::Init | ProviderCall::Logon),
            result,
            ..
        } = *effect
        {
            Some((provider, call, result))
        } else {
            None
        }
    })
}
