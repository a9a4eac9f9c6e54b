//! What does an action do? One pure function; the tables it dispatches to are one file a stage.
//!
//! A step goes from one resting point of a call to the next: what may not be interrupted
//! (SCENARIO.md, rule 1) is one step, and [`Step::taken`] lists every transition on its way.

use crate::action::{Action, Choice};
use crate::effect::Effect;
use crate::ids::ClientId;
use crate::model::Model;
use crate::state::{Phase, State};
use crate::transition::{Place, Taken, Transition};

mod call;
mod choices;
mod choose;
mod configure;
mod credentials;
mod finish;
mod logoff;
mod profile;
mod provider;
mod recover;
mod session;
mod start;

/// What an action leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The moment after.
    pub state: State,
    /// What could be seen, in order.
    pub effects: Vec<Effect>,
    /// The transitions taken, in order.
    pub taken: Vec<Taken>,
}

/// The action cannot happen in that state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the action cannot happen here")]
pub struct Disabled;

impl Step {
    /// A step to fill, for [`Model::step_into`].
    #[must_use]
    pub fn at(state: State) -> Self {
        Self { state, effects: Vec::with_capacity(32), taken: Vec::with_capacity(32) }
    }
}

impl Model {
    /// Applies `action` to `state`.
    ///
    /// # Errors
    /// [`Disabled`] where the action cannot happen in that state.
    pub fn step(&self, state: &State, action: Action) -> Result<Step, Disabled> {
        let mut step = Step::at(*state);
        self.step_into(state, action, &mut step)?;
        Ok(step)
    }

    /// Applies `action` to `state` and writes the outcome to `step`, whose lists are reused.
    ///
    /// # Errors
    /// [`Disabled`] where the action cannot happen; `step` then holds nothing of meaning.
    #[inline]
    pub fn step_into(
        &self,
        state: &State,
        action: Action,
        step: &mut Step,
    ) -> Result<(), Disabled> {
        step.state.clone_from(state);
        step.effects.clear();
        step.taken.clear();
        if action.client.index() >= self.scenario().clients.len() {
            return Err(Disabled);
        }
        let at = self.place(state, action.client);
        let mut turn = Turn {
            model: self.machine(),
            state: &mut step.state,
            effects: &mut step.effects,
            taken: &mut step.taken,
            client: action.client,
            at,
        };
        turn.dispatch(action.choice)?;
        self.distort(state, action, step)
    }

    /// Calls `each` with every enabled action and what it does, clients in file order.
    pub fn successors(&self, state: &State, mut each: impl FnMut(Action, &Step)) {
        let mut step = Step::at(*state);
        self.each_successor(state, &mut step, &mut each);
    }

    /// As [`Model::successors`], with a step whose lists are reused.
    pub fn each_successor(
        &self,
        state: &State,
        step: &mut Step,
        each: &mut impl FnMut(Action, &Step),
    ) {
        for index in 0..self.scenario().clients.len() {
            let client = ClientId::from(index);
            self.candidates(state, client, &mut |choice| {
                let action = Action { client, choice };
                if self.step_into(state, action, step).is_ok() {
                    each(action, step);
                }
            });
        }
    }
}

/// One step in the making.
pub(crate) struct Turn<'a> {
    pub(crate) model: &'a Model,
    pub(crate) state: &'a mut State,
    pub(crate) effects: &'a mut Vec<Effect>,
    taken: &'a mut Vec<Taken>,
    pub(crate) client: ClientId,
    at: Place,
}

/// The outcome of a stage's table.
pub(crate) type Verdict = Result<(), Disabled>;

impl Turn<'_> {
    /// Sends the choice to the table of the stage in which the call rests.
    fn dispatch(&mut self, choice: Choice) -> Verdict {
        match self.state.clients[self.client.index()].phase {
            Phase::Ready => self.ready(choice),
            Phase::Waiting => self.waiting(choice),
            Phase::Choosing => self.choosing(choice),
            Phase::PickingProfile => self.picking_profile(choice),
            Phase::Opening { profile, origin } => self.opening(profile, origin, choice),
            Phase::GivingPassword => self.giving_password(choice),
            Phase::Forced(service) => self.forced(service, choice),
            Phase::Prompting(service, attempt) => self.prompting(service, attempt, choice),
            Phase::Trying(provider, attempt) => self.trying(provider, attempt, choice),
            Phase::Asking(provider, attempt, asked) => {
                self.asking(provider, attempt, asked, choice)
            }
            Phase::Informing(task, code) => self.informing(task, code, choice),
            Phase::Reconfiguring { provider, corrected } => {
                self.reconfiguring(provider, corrected, choice)
            }
            Phase::Disabling(task, code) => self.disabling(task, code, choice),
            Phase::Finishing => self.finishing(choice),
            Phase::Undoing(code) => self.undoing(code, choice),
            Phase::Confirming => self.confirming(choice),
        }
    }

    /// Takes a transition to the state `to`.
    #[inline]
    pub(crate) fn takes(&mut self, transition: Transition, to: Place) {
        self.taken.push(Taken { transition, from: self.at, to });
        self.at = to;
    }

    /// Another instance's state is meant from here on (a session's, another call's).
    #[inline]
    pub(crate) fn stands_at(&mut self, at: Place) {
        self.at = at;
    }

    /// Something can be seen.
    #[inline]
    pub(crate) fn shows(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// The call rests here until the next step.
    #[inline]
    pub(crate) fn rests(&mut self, phase: Phase) {
        self.state.clients[self.client.index()].phase = phase;
    }
}
