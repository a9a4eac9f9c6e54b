//! The transition function: one step of one client's call.
//!
//! A step goes from one resting point of a call to the next: what may not be interrupted
//! (SCENARIO rule 1) is one step, and [`Step::taken`] lists every transition on its way. A stage
//! takes what rests and a choice, or what another stage has decided, and says what comes next; one
//! loop follows.

use crate::ids::{ClientId, ProfileId, ProviderId, ServiceId, SessionId};
use crate::machine::model::Model;
use crate::machine::variant::{Faithful, Guard, Variant};
use crate::mapi::{Code, LogonFlags};
use crate::protocol::{
    Action, Attempt, Call, Choice, Effect, Logon, Phase, Place, Taken, Task, Transition,
};
use crate::scenario::Permissions;
use crate::world::{Session, Spent, State, Store};

/// The result of an action.
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

/// What comes next in a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Next {
    /// The call rests.
    Rest(Phase),
    /// The call returns this code; with the session it concerns, if it got at one.
    Return(Code, Option<SessionId>),
    /// Another stage decides.
    Go(Stage),
}

/// A stage that a step passes through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    /// Q5: the choice of a profile.
    Resolve,
    /// Q6: the user is to pick a profile.
    AskProfile,
    /// Q8: the validation of the credentials.
    CheckCredentials(ProfileId),
    /// Q18, phase (a): the forced dialog of the next service after this one.
    ForceAfter(Option<ServiceId>),
    /// Q18, phase (b): the configuration of the next service after this one.
    ConfigureAfter(Option<ServiceId>),
    /// Q11: the configuration of the service.
    Configure(ServiceId, Attempt),
    /// Q11: the check itself, no fault striking.
    Check(ServiceId, Attempt),
    /// Q18, phases (c) to (e): the next provider after this one.
    StartAfter(Option<ProviderId>),
    /// Q14: the logon method of a provider, from its session cap on.
    LogOn(ProviderId, Attempt),
    /// A try of a task has failed.
    Fail(Task, Attempt, Code),
    /// Q15: what the failure of a try leads to that is not final.
    Offer(Task, Attempt, Code),
    /// The further try of a task after this one, by an answer of the user or by itself.
    Retry(Task, Attempt, Code, Option<Corrected>),
    /// Q16: the entry point of the provider's service is called.
    Reconfigure(ProviderId, Attempt),
    /// Q16: that entry point has ended.
    EndEntryPoint(ProviderId, Attempt, Code),
    /// A task has ended, with or without success.
    Finish(Task, Code),
    /// W0: the next provider after this one that a session call needs.
    StartWanted(Option<ProviderId>),
    /// W0, W1: a provider is started in a session call.
    StartLate(ProviderId),
}

/// Whether the user answered `correct` to an offer, rather than `retry`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Corrected(pub(crate) bool);

/// The decision at the entry of a stage.
pub(crate) type Entered = Result<Next, Disabled>;

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
        let mut step = Step::at(state.clone());
        self.step_into(state, action, &mut step)?;
        Ok(step)
    }

    /// Applies `action` to `state` and writes the result into `step`, whose memory is reused.
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
        if !self.sight(state).has(action.client) {
            return Err(Disabled);
        }
        step.state.clone_from(state);
        step.effects.clear();
        step.taken.clear();
        let Step { state: after, effects, taken } = &mut *step;
        match self.wrong() {
            None => self.apply(&mut self.edit(after), action, effects, taken)?,
            Some(wrong) => {
                // A wrong machine goes past the doors.
                self.notes().everything();
                let machine = wrong.machine(self);
                Turn::enter(machine, &mut self.edit(after), wrong, action, effects, taken)?;
                wrong.distort(self, state, action, step)?;
            }
        }
        if let Some(liveness) = self.liveness() {
            let world = (&self.scenario().clients[..], self.slots());
            liveness.forget(world, action.client, &mut step.state);
        }
        Ok(())
    }

    /// Applies `action` in place to a world of any size, and adds what it shows.
    ///
    /// # Errors
    /// [`Disabled`] where the action cannot happen; the world is as it was.
    #[inline]
    pub fn apply<S: Store>(
        &self,
        world: &mut S,
        action: Action,
        effects: &mut Vec<Effect>,
        taken: &mut Vec<Taken>,
    ) -> Result<(), Disabled> {
        Turn::enter(self, world, &Faithful, action, effects, taken)
    }
}

/// One step in the making.
pub(crate) struct Turn<'a, S, V> {
    pub(crate) model: &'a Model,
    pub(crate) world: &'a mut S,
    pub(super) variant: &'a V,
    pub(crate) effects: &'a mut Vec<Effect>,
    pub(super) taken: &'a mut Vec<Taken>,
    pub(crate) client: ClientId,
    /// The call in progress.
    pub(crate) call: Call,
    /// The session it makes or acts on.
    pub(crate) session: SessionId,
    /// The flags of the logon that made the attachment it acts through, or its own.
    pub(crate) flags: LogonFlags,
    /// The flags of the logon that makes, or made, the session.
    made_by: LogonFlags,
    pub(crate) at: Place,
}

impl<'a, S: Store, V: Variant> Turn<'a, S, V> {
    /// Makes the whole step.
    fn enter(
        model: &'a Model,
        world: &'a mut S,
        variant: &'a V,
        action: Action,
        effects: &'a mut Vec<Effect>,
        taken: &'a mut Vec<Taken>,
    ) -> Result<(), Disabled> {
        let client = action.client;
        let phase = world.client(client).phase;
        let call = match (world.client(client).call, action.choice) {
            (Some(call), _) | (None, Choice::Begin(call)) => call,
            (None, _) => Call::Initialize,
        };
        let mut turn = Turn {
            model,
            world,
            variant,
            effects,
            taken,
            client,
            call: variant.call(call),
            session: SessionId::NONE,
            flags: LogonFlags::empty(),
            made_by: LogonFlags::empty(),
            at: phase.row().place,
        };
        turn.orient();
        let next = turn.dispatch(phase, action.choice)?;
        turn.follow(next, call);
        Ok(())
    }

    /// Which session the call is about, and which flags rule it.
    #[inline]
    fn orient(&mut self) {
        match self.call {
            Call::LogonEx(logon) => {
                (self.flags, self.made_by) = (logon.flags, logon.flags);
                let session = self.world.establishes(self.client, logon.slot);
                self.session = session.unwrap_or(SessionId::NONE);
            }
            Call::OnSession(number, _) => {
                if let Some(held) = self.world.attachment(self.client, number) {
                    self.session = held.session;
                    self.flags = self.variant.flags(held.flags);
                    self.made_by = self.flags_of(held.session);
                }
            }
            Call::Initialize | Call::Uninitialize | Call::DeleteProfile(_) => {}
        }
    }

    /// Sends the choice to the stage in which the call rests.
    fn dispatch(&mut self, phase: Phase, choice: Choice) -> Entered {
        match phase {
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
            Phase::Checking(service, attempt) => self.checking(service, attempt, choice),
            Phase::Informing(task, attempt, code) => self.informing(task, (attempt, code), choice),
            Phase::Reconfiguring(provider, attempt) => {
                self.reconfiguring(provider, attempt, choice)
            }
            Phase::Disabling(task, code) => self.disabling(task, code, choice),
            Phase::Finishing => self.finishing(choice),
            Phase::Undoing(code) => self.undoing(code, choice),
            Phase::Confirming => self.confirming(choice),
        }
    }

    /// Follows the stages until the call rests or returns.
    fn follow(&mut self, mut next: Next, call: Call) {
        let mut known = 0;
        loop {
            if !V::FAITHFUL {
                next = self.misled(next, &mut known);
            }
            next = match next {
                Next::Go(stage) => self.pass(stage),
                Next::Rest(phase) => {
                    let me = self.world.client_mut(self.client);
                    (me.call, me.phase) = (Some(call), phase);
                    return;
                }
                Next::Return(code, session) => return self.returns(call, code, session),
            };
        }
    }

    fn pass(&mut self, stage: Stage) -> Next {
        match stage {
            Stage::Resolve => self.resolve(),
            Stage::AskProfile => self.ask_profile(),
            Stage::CheckCredentials(profile) => self.check_credentials(profile),
            Stage::ForceAfter(done) => self.force_after(done),
            Stage::ConfigureAfter(done) => self.configure_after(done),
            Stage::Configure(service, attempt) => self.configure(service, attempt),
            Stage::StartAfter(done) => self.start_after(done),
            Stage::LogOn(provider, attempt) => self.log_on(provider, attempt),
            Stage::Fail(task, attempt, code) => self.fail(task, attempt, code),
            Stage::Check(service, attempt) => self.check(service, attempt),
            Stage::Offer(task, attempt, code) => self.offer(task, attempt, code),
            Stage::Retry(task, attempt, code, answer) => self.retry(task, attempt, code, answer),
            Stage::Reconfigure(provider, attempt) => self.reconfigure(provider, attempt),
            Stage::EndEntryPoint(provider, attempt, code) => {
                self.end_entry_point(provider, attempt, code)
            }
            Stage::Finish(task, code) => self.finish(task, code),
            Stage::StartWanted(done) => self.start_wanted(done),
            Stage::StartLate(provider) => self.start_late(provider),
        }
    }

    /// The call is over.
    fn returns(&mut self, call: Call, code: Code, session: Option<SessionId>) {
        let client = self.client;
        let me = self.world.client_mut(client);
        (me.call, me.phase) = (None, Phase::Ready);
        me.spent = Spent::NONE;
        self.shows(Effect::Returned { client, call, result: code, session });
    }

    /// Takes a transition that leads to one state.
    #[inline]
    pub(crate) fn takes(&mut self, transition: Transition) {
        self.takes_to(transition, transition.to()[0]);
    }

    /// Takes a transition to one of the states it leads to.
    #[inline]
    pub(crate) fn takes_to(&mut self, transition: Transition, to: Place) {
        debug_assert!(
            !V::FAITHFUL || transition.from().contains(&self.at) && transition.to().contains(&to),
            "{transition:?} from {:?} to {to:?}",
            self.at
        );
        self.taken.push(Taken { transition, from: self.at, to });
        self.at = to;
    }

    /// Something can be seen.
    #[inline]
    pub(crate) fn shows(&mut self, effect: Effect) {
        if V::FAITHFUL || self.variant.shows(self.taken, self.at, &effect) {
            self.effects.push(effect);
        }
    }

    /// Whether a condition of the documentation holds.
    #[inline]
    pub(crate) fn holds(&self, guard: Guard, condition: bool) -> bool {
        self.variant.guard(guard, condition)
    }

    /// The flags of the logon that established the session.
    #[inline]
    pub(crate) fn flags_of(&self, session: SessionId) -> LogonFlags {
        self.variant.flags(self.world.session(session).flags)
    }

    /// What the logon permits that makes, or made, the session.
    #[inline]
    pub(crate) fn may(&self) -> Permissions {
        self.permits(self.made_by)
    }

    /// What flags permit.
    #[inline]
    pub(crate) fn permits(&self, flags: LogonFlags) -> Permissions {
        self.variant.permits(flags, self.model.permissions(flags))
    }

    /// The parameters of the call, if it is a logon.
    #[inline]
    pub(crate) const fn logon(&self) -> Option<Logon> {
        self.call.logon()
    }

    /// The session that the call makes or acts on.
    #[inline]
    pub(crate) fn slot(&self) -> Session {
        *self.world.session(self.session)
    }

    /// The same, to be changed.
    #[inline]
    pub(crate) fn slot_mut(&mut self) -> &mut Session {
        self.world.session_mut(self.session)
    }
}
