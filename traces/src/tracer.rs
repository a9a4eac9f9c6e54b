//! The tracer: the one walker along written and chosen actions.
//!
//! Replaying, recording, witnesses and synthetic recordings step the machine through a [`Tracer`].
//! Where clients make any calls, it knows which logon each session pointer comes from, and how many
//! faults may still strike.

use std::hash::Hasher;

use fnv::FnvHasher;
use mapi_logon_model::ids::ClientId;
use mapi_logon_model::machine::{Disabled, Model, Step};
use mapi_logon_model::protocol::{Action, Call, Choice, Effect, Fate, Logon};
use mapi_logon_model::run::Run;
use mapi_logon_model::scenario::{Budget, Scenario};
use mapi_logon_model::world::{Cursor, Session, Slots, State, World};

use crate::act::{Act, Deed, Parameters};
use crate::calls;
use crate::names::Names;
use crate::trace::Line;

/// The number of a slot that no client has: a session pointer that leads nowhere any more.
pub const DEAD: u8 = u8::MAX;

/// A run under way, with what its lines need to say.
#[derive(Clone, Debug)]
pub struct Tracer {
    run: Run<Model>,
    steps: u64,
    logons: Option<Logons>,
    left: Option<u32>,
    last: Option<Action>,
}

/// The logons of a run whose calls are given.
#[derive(Clone, Debug)]
struct Logons {
    /// How many each client has made.
    made: Vec<u32>,
    /// For each slot, which of its client's logons used it last, from 1.
    of_slot: Vec<u32>,
}

/// A scenario whose clients make any calls, and the number of sessions each can hold at once.
///
/// `faults` replaces its budget: none, or any number for who counts them.
#[must_use]
pub fn any_calls(mut scenario: Scenario, slots: Slots, faults: Option<u32>) -> Model {
    for client in &mut scenario.clients {
        client.calls.clear();
        client.written.clear();
    }
    set_budget(&mut scenario, faults);
    Model::with_slots(scenario, slots)
}

fn set_budget(scenario: &mut Scenario, faults: Option<u32>) {
    match faults {
        None => {}
        Some(0) => scenario.faults.budget = Budget::Limited(0),
        Some(_) => scenario.faults.budget = Budget::Unlimited,
    }
}

impl Tracer {
    /// A run that makes the calls the scenario lists.
    #[must_use]
    pub fn listed(model: Model) -> Self {
        Self::new(Run::new(model), None, None)
    }

    /// A run that makes any calls in a model of [`any_calls`]; `faults` may strike in all, where
    /// that is not what the scenario says.
    #[must_use]
    pub fn given(model: Model, faults: Option<u32>) -> Self {
        let logons = Logons {
            made: vec![0; model.scenario().clients.len()],
            of_slot: vec![0; model.slots().len()],
        };
        Self::new(Run::of_any_calls(model), Some(logons), faults)
    }

    const fn new(run: Run<Model>, logons: Option<Logons>, left: Option<u32>) -> Self {
        Self { run, steps: 0, logons, left, last: None }
    }

    /// The run.
    #[must_use]
    pub const fn run(&self) -> &Run<Model> {
        &self.run
    }

    /// The model it steps.
    #[must_use]
    pub fn model(&self) -> &Model {
        self.run.model()
    }

    /// The state it is in.
    #[must_use]
    pub const fn state(&self) -> &State {
        self.run.state()
    }

    /// The world it is in.
    #[must_use]
    pub fn world(&self) -> World {
        World { state: self.run.state().clone(), cursor: *self.run.cursor() }
    }

    /// The effects of the last step.
    #[must_use]
    pub fn effects(&self) -> &[Effect] {
        &self.run.step().effects
    }

    /// The action of the last step.
    #[must_use]
    pub const fn last(&self) -> Option<Action> {
        self.last
    }

    /// The names of the scenario.
    #[must_use]
    pub fn names(&self) -> Names<'_> {
        match &self.logons {
            None => Names::of(self.model()),
            Some(logons) => Names::with_logons(self.model(), &logons.of_slot),
        }
    }

    /// Takes a step.
    ///
    /// # Errors
    /// [`Disabled`] where the action cannot happen, its call is not the listed one, or no more
    /// faults may strike; the run stays where it is.
    pub fn take(&mut self, action: Action) -> Result<(), Disabled> {
        let strikes = strikes(action.choice);
        if strikes && self.left == Some(0) {
            return Err(Disabled);
        }
        self.run.take(action)?;
        self.steps += 1;
        self.last = Some(action);
        self.left = self.left.map(|left| left - u32::from(strikes));
        self.count_logon(action);
        Ok(())
    }

    fn count_logon(&mut self, action: Action) {
        let Choice::Begin(Call::LogonEx(logon)) = action.choice else {
            return;
        };
        let slot = self.model().slots().of_client(action.client, logon.slot);
        if let (Some(logons), Some(slot)) = (&mut self.logons, slot) {
            let made = &mut logons.made[action.client.index()];
            *made += 1;
            logons.of_slot[slot.index()] = *made;
        }
    }

    /// Takes a step and writes it down; nothing where it cannot be taken.
    pub fn record(&mut self, action: Action) -> Option<Line> {
        let act = self.names().act(self.state(), action);
        self.take(action).ok()?;
        Some(self.line(act))
    }

    /// Takes the step that is written so; nothing where a name is not known, or it cannot be taken.
    pub fn follow(&mut self, act: &Act) -> Option<Line> {
        let client = self.names().client_named(&act.client)?;
        let choice = match &act.deed {
            Deed::Begin { call, parameters, on } => {
                Choice::Begin(self.begun(client, call, parameters.as_ref(), on.as_deref())?)
            }
            Deed::Proceed
            | Deed::TimeOut
            | Deed::Try { .. }
            | Deed::Postpone
            | Deed::Refuse { .. }
            | Deed::Configure { .. }
            | Deed::Answer { .. } => self.names().choice(&act.deed)?,
        };
        let action = Action { client, choice };
        let mut own = self.names().act(self.state(), action);
        self.keep_words(act, choice, &mut own);
        self.take(action).ok()?;
        Some(self.line(own))
    }

    /// Where calls are given, names of profiles and of dead pointers stay as they were written.
    fn keep_words(&self, act: &Act, choice: Choice, own: &mut Act) {
        let (Some(_), Deed::Begin { parameters, on, .. }) = (&self.logons, &act.deed) else {
            return;
        };
        let (given, written) = (parameters, on);
        if let Deed::Begin { parameters, on, .. } = &mut own.deed {
            if let (Some(own), Some(given)) = (parameters, given) {
                own.profile.clone_from(&given.profile);
            }
            if matches!(choice, Choice::Begin(Call::OnSession(Some(DEAD), _))) {
                on.clone_from(written);
            }
        }
    }

    /// The call that begins so.
    fn begun(
        &self,
        client: ClientId,
        written: &str,
        parameters: Option<&Parameters>,
        on: Option<&str>,
    ) -> Option<Call> {
        if self.logons.is_none() {
            let listed = self.run.listed_call(client)?;
            let same = self.model().words().call(listed) == written;
            return self.chosen(client, listed, parameters).filter(|_| same);
        }
        let scenario = self.model().scenario();
        Some(match calls::call(scenario, written).ok()? {
            Call::LogonEx(_) => {
                let given = parameters?;
                Call::LogonEx(Logon {
                    slot: free_slot(self.model(), self.state(), client)?,
                    name: calls::name_parameter(scenario, given.profile.as_deref()),
                    password: given.password,
                    flags: calls::logon_flags(&given.flags.join("|")).ok()?,
                })
            }
            Call::OnSession(_, method) => Call::OnSession(
                match on {
                    None => None,
                    Some(name) => Some(self.pointer(client, name)?),
                },
                method,
            ),
            call @ (Call::Initialize | Call::Uninitialize | Call::DeleteProfile(_)) => call,
        })
    }

    /// The listed call, with the parameters given if the client chooses them.
    fn chosen(&self, client: ClientId, listed: Call, given: Option<&Parameters>) -> Option<Call> {
        let scenario = self.model().scenario();
        let Call::LogonEx(logon) = listed else {
            return Some(listed);
        };
        if !scenario.clients[client.index()].is_any_caller() {
            return Some(listed);
        }
        let given = given?;
        Some(Call::LogonEx(Logon {
            name: calls::name_parameter(scenario, given.profile.as_deref()),
            flags: calls::logon_flags(&given.flags.join("|")).ok()?,
            ..logon
        }))
    }

    /// The number of the slot that the client's logon of this name used, if none has used it since.
    fn pointer(&self, client: ClientId, name: &str) -> Option<u8> {
        let logons = self.logons.as_ref()?;
        let (owner, number) = name.rsplit_once('/')?;
        let number: u32 = number.parse().ok()?;
        if self.names().client_named(owner)? != client
            || !(1..=logons.made[client.index()]).contains(&number)
        {
            return None;
        }
        let slots = self.model().slots();
        let used = |at: &u8| {
            let slot = slots.of_client(client, *at);
            slot.is_some_and(|slot| logons.of_slot[slot.index()] == number)
        };
        Some((0..slots.count(client)).find(used).unwrap_or(DEAD))
    }

    /// The actions that are enabled, as they are written; of given calls only those in progress.
    #[must_use]
    pub fn possible(&self) -> Vec<Act> {
        let (names, state) = (self.names(), self.state());
        let mut acts = Vec::new();
        if self.logons.is_none() {
            let each = |action, _: &Step, _| acts.push(names.act(state, action));
            self.model().successors(&self.world(), each);
            return acts;
        }
        let sight = self.model().sight(state);
        for client in sight.clients() {
            self.model().continuations(sight, client, &mut |choice| {
                let action = Action { client, choice };
                if self.model().step(state, action).is_ok() {
                    acts.push(names.act(state, action));
                }
            });
        }
        acts
    }

    /// The last step, written down as this act.
    fn line(&self, act: Act) -> Line {
        let names = self.names();
        let effects = self.run.step().effects.iter();
        let taken = self.run.step().taken.iter();
        Line {
            step: self.steps,
            action: act,
            effects: effects.map(|effect| names.effect(*effect)).collect(),
            taken: taken.map(|one| one.transition.id().to_owned()).collect(),
            state: digest(self.model(), self.state(), self.run.cursor()),
        }
    }
}

/// The number of the client's first slot that is free: it holds no pointer, and no session that was
/// established through it lives on.
#[must_use]
pub fn free_slot(model: &Model, state: &State, client: ClientId) -> Option<u8> {
    let (slots, sight) = (model.slots(), model.sight(state));
    (0..slots.count(client)).find(|number| {
        slots.of_client(client, *number).is_some_and(|slot| {
            *sight.session(slot.session()) == Session::NONE
                && sight.attachments().iter().all(|held| held.slot != slot)
        })
    })
}

/// Does a fault strike?
pub(crate) const fn strikes(choice: Choice) -> bool {
    matches!(choice, Choice::Try(Fate { struck: Some(_), .. }))
}

/// A step of a run that makes the calls the scenario lists, from a state to a world, as traces
/// write it.
#[must_use]
pub fn written(
    model: &Model,
    number: u64,
    before: &State,
    action: Action,
    step: &Step,
    cursor: &Cursor,
) -> Line {
    let names = Names::of(model);
    Line {
        step: number,
        action: names.act(before, action),
        effects: step.effects.iter().map(|effect| names.effect(*effect)).collect(),
        taken: step.taken.iter().map(|one| one.transition.id().to_owned()).collect(),
        state: digest(model, &step.state, cursor),
    }
}

/// 64 bits of all named parts of a world; part of the trace format.
fn digest(model: &Model, state: &State, cursor: &Cursor) -> String {
    let mut hasher = FnvHasher::default();
    for (part, value) in model.words().details(state, cursor) {
        hasher.write(part.as_bytes());
        hasher.write(b"=");
        hasher.write(value.as_bytes());
        hasher.write(b"\n");
    }
    format!("{:016x}", hasher.finish())
}
