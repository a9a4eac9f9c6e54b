//! A run of a model, walked step by step.

use std::borrow::Borrow;

use crate::ids::ClientId;
use crate::machine::{Disabled, Model, Step};
use crate::protocol::{Action, Call, Choice};
use crate::world::State;
use crate::world::{Cursor, World};

/// A run of a model, its own or a borrowed one: where it is, and the step that led there. Walking
/// on allocates nothing.
#[derive(Clone, Debug)]
pub struct Run<M> {
    model: M,
    before: World,
    /// Its state is where the run is.
    step: Step,
    cursor: Cursor,
    /// Do clients make the calls their scenario lists, and no other?
    listed: bool,
}

impl<M: Borrow<Model>> Run<M> {
    /// A run before its first step, whose clients make the calls their scenario lists.
    #[must_use]
    pub fn new(model: M) -> Self {
        let known: &Model = model.borrow();
        Self {
            before: known.start(),
            step: Step::at(known.initial()),
            cursor: known.beginning(),
            listed: true,
            model,
        }
    }

    /// A run before its first step, whose clients make any calls.
    #[must_use]
    pub fn of_any_calls(model: M) -> Self {
        Self { listed: false, ..Self::new(model) }
    }

    /// Goes back to the beginning.
    pub fn restart(&mut self) {
        self.step.state.clone_from(self.model.borrow().first());
        self.cursor = self.model.borrow().beginning();
    }

    /// Goes to that world.
    pub fn resume(&mut self, world: &World) {
        self.step.state.clone_from(&world.state);
        self.cursor = world.cursor;
    }

    /// The model.
    #[inline]
    #[must_use]
    pub fn model(&self) -> &Model {
        self.model.borrow()
    }
    /// The state that the run has come to.
    #[inline]
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.step.state
    }
    /// How far the clients have come in their lists of calls.
    #[inline]
    #[must_use]
    pub const fn cursor(&self) -> &Cursor {
        &self.cursor
    }
    /// The world in which the last step began.
    #[inline]
    #[must_use]
    pub const fn before(&self) -> &World {
        &self.before
    }
    /// The last step.
    #[inline]
    #[must_use]
    pub const fn step(&self) -> &Step {
        &self.step
    }

    /// The call the client makes next, or is in.
    #[must_use]
    pub fn listed_call(&self, client: ClientId) -> Option<Call> {
        self.model().listed_call(&self.cursor, client)
    }
    /// Has every client made all its calls?
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.model().has_ended(&self.cursor)
    }

    /// Takes an action; where calls are listed, only the next one can begin.
    ///
    /// # Errors
    /// [`Disabled`] where the action cannot happen. The run is where it was, but no longer knows
    /// its last step.
    #[inline]
    pub fn take(&mut self, action: Action) -> Result<(), Disabled> {
        let begins = match action.choice {
            Choice::Begin(call) => Some(call),
            Choice::Refuse(_) => Some(Call::Initialize),
            Choice::Proceed
            | Choice::TimeOut
            | Choice::Try(_)
            | Choice::Postpone
            | Choice::Configure { .. }
            | Choice::Answer(_) => None,
        };
        let lists = |call| self.model().lists(&self.cursor, action.client, call);
        if self.listed && begins.is_some_and(|call| !lists(call)) {
            return Err(Disabled);
        }
        std::mem::swap(&mut self.before.state, &mut self.step.state);
        self.before.cursor = self.cursor;
        let (model, step): (&Model, _) = (self.model.borrow(), &mut self.step);
        let taken = model.step_into(&self.before.state, action, step);
        if taken.is_err() {
            std::mem::swap(&mut self.before.state, &mut step.state);
        } else if self.listed {
            self.cursor = model.advance(&self.cursor, action.client, step);
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::Scenario;

    use super::*;

    #[test]
    fn run_takes_listed_calls_alone_and_stays_where_an_action_is_refused() {
        let text = "[[profile]]\nname = 'P'\n[[client]]\nname = 'a'\nprofile = 'P'\n\
                    calls = ['MAPILogonEx', 'Logoff']\n";
        let model = Model::new(Scenario::parse(text).unwrap());
        let mut run = Run::new(&model);
        let client = ClientId(0);
        let mut first = Vec::new();
        while let Some(call) = run.listed_call(client) {
            let begins = model.sight(run.state()).client(client).call().is_none();
            let (other, choice) = if begins {
                (Choice::Begin(Call::Uninitialize), Choice::Begin(call))
            } else {
                (Choice::TimeOut, Choice::Proceed)
            };
            let before = (run.state().clone(), *run.cursor());
            let refused = Action { client, choice: other };
            assert_eq!(run.take(refused), Err(Disabled));
            assert_eq!((run.state(), run.cursor()), (&before.0, &before.1));
            run.take(Action { client, choice }).unwrap();
            assert_eq!((&run.before().state, &run.before().cursor), (&before.0, &before.1));
            first.extend(run.step().effects.clone());
        }
        assert!(run.has_ended() && first.iter().filter(|effect| effect.is_return()).count() == 2);
        run.restart();
        assert_eq!((run.state(), run.cursor()), (&model.initial(), &model.beginning()));
    }
}
