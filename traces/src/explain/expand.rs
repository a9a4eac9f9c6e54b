//! Successors of a candidate that fit what is known of the calls in progress.

use mapi_logon_model::ids::{ClientId, ClientSet};
use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::protocol::{Action, Choice};
use mapi_logon_model::world::World;

use super::belief::{Belief, Progress};
use super::expected::{Mismatch, Taken};
use crate::tracer::strikes;

/// Which choices are taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum FaultMode {
    /// Those by which no fault strikes.
    Without,
    /// Those by which one does.
    With,
    /// Of those by which one does, the first for each client.
    First,
    /// All.
    Both,
}

/// The places in which steps are made, kept from one search to the next.
#[derive(Debug)]
pub(super) struct Scratch {
    /// The candidate's state.
    pub(super) from: World,
    pub(super) step: Step,
    /// Some client had no slot left for a further session pointer.
    pub(super) full: bool,
}

/// A step that was tried.
pub(super) struct Tried<'a> {
    pub(super) action: Action,
    pub(super) before: &'a World,
    pub(super) step: &'a Step,
    /// What the calls in progress have shown then, or why the step is none of theirs.
    pub(super) fits: Result<Progress, Mismatch>,
}

/// One candidate, to be expanded.
pub(super) struct Expansion<'a> {
    pub(super) model: &'a Model,
    pub(super) belief: &'a Belief,
    pub(super) scratch: &'a mut Scratch,
    /// What its calls have shown.
    pub(super) progress: &'a Progress,
    /// Counts the steps.
    pub(super) work: &'a mut u64,
}

impl Expansion<'_> {
    /// Tries every step of these clients from the state in the scratch.
    pub(super) fn each(
        &mut self,
        movers: ClientSet,
        mode: FaultMode,
        mut each: impl FnMut(Tried<'_>),
    ) {
        for client in movers {
            self.each_of(client, mode, &mut each);
        }
    }

    fn each_of(&mut self, client: ClientId, mode: FaultMode, each: &mut impl FnMut(Tried<'_>)) {
        let (model, belief, progress) = (self.model, self.belief, self.progress);
        let Some(open) = &belief.open[client.index()] else {
            return;
        };
        if progress.returned.contains(client) {
            return;
        }
        let Scratch { from, step, full } = &mut *self.scratch;
        let mut tried = false;
        let mut attempt = |choice: Choice| {
            let wanted = match mode {
                FaultMode::Without => !strikes(choice),
                FaultMode::With => strikes(choice),
                FaultMode::First => strikes(choice) && !tried,
                FaultMode::Both => true,
            };
            let action = Action { client, choice };
            if !wanted || model.step_into(&from.state, action, step).is_err() {
                return;
            }
            *self.work += 1;
            tried = true;
            let taken = Taken { model, before: from, action, step };
            let mut shown = progress.clone();
            let fits = open.expected.fits(taken, &mut shown).map(|()| shown);
            each(Tried { action, before: from, step, fits });
        };
        let sight = model.sight(&from.state);
        if sight.client(client).call().is_some() {
            model.continuations(sight, client, &mut attempt);
        } else {
            match progress.labels.call(model, &from.state, client, open.begun) {
                Some(call) => model.beginnings(client, call, &mut attempt),
                None => *full = true,
            }
        }
    }
}
