//! The parting of two machines: a run of one is followed in the other, choice by choice.
//!
//! Choices and effects are compared in words, which name the things of a scenario, so that two
//! scenarios can be compared, and runs that an earlier version wrote.

use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::observe::Record;
use mapi_logon_model::protocol::Action;
use mapi_logon_model::world::World;
use schemars::JsonSchema;
use serde::Serialize;

use crate::outcomes::CallRecord;
use crate::run::{Told, tell};

/// Most steps after the parting; a run that is longer is cut there.
const STEPS: usize = 200;

/// The first step of a run that another machine does not take as the first one does.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Parting {
    /// The number of the step, from 1; one more than the run has where the other goes on.
    pub step: usize,
    /// What the other machine does instead.
    #[serde(flatten)]
    pub instead: Instead,
}

/// What a machine does where another does something else.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "instead")]
#[schemars(deny_unknown_fields)]
pub enum Instead {
    /// It makes the same choice, and shows something else.
    Shows {
        /// What, in order.
        effects: Vec<String>,
    },
    /// It shows the same, and leaves the session in another state.
    Returns {
        /// What the call comes to.
        call: Box<CallRecord>,
    },
    /// It cannot make the choice, or goes on where the run ends.
    Allows {
        /// What can be chosen there; nothing where all calls have ended.
        choices: Vec<String>,
    },
}

/// A run as far as a machine takes it.
#[derive(Clone, Debug)]
pub struct Followed {
    /// What is chosen up to the parting, the step of the parting included if it can be taken.
    pub actions: Vec<Action>,
    /// Where the machine parts from the run.
    pub parting: Option<Parting>,
    /// Where the machine is then.
    world: World,
}

/// Follows a run, which led to these records, in a machine.
#[must_use]
pub fn follow(model: &Model, run: &[Told], calls: &[CallRecord]) -> Followed {
    let mut followed = Followed { actions: Vec::new(), parting: None, world: model.start() };
    for (at, told) in run.iter().enumerate() {
        let parts = |instead| Some(Parting { step: at + 1, instead });
        let Some((action, step, next)) = chosen(model, &followed.world, told) else {
            let choices = choices(model, &followed.world);
            followed.parting = parts(Instead::Allows { choices });
            return followed;
        };
        let own = tell(model, &followed.world, &[action], at + 1).into_iter();
        let effects: Vec<_> = own.flat_map(|own| own.from_outside().effects).collect();
        followed.actions.push(action);
        if effects != told.effects {
            followed.parting = parts(Instead::Shows { effects });
        } else if let Some(call) = returns(model, &followed.world, action, &step, calls) {
            followed.parting = parts(Instead::Returns { call: Box::new(call) });
        }
        followed.world = next;
        if followed.parting.is_some() {
            return followed;
        }
    }
    if !model.has_ended(&followed.world.cursor) {
        let choices = choices(model, &followed.world);
        followed.parting =
            Some(Parting { step: run.len() + 1, instead: Instead::Allows { choices } });
    }
    followed
}

impl Followed {
    /// How the machine goes on after the parting: as the run does where that is possible, else with
    /// the first choice that it offers.
    #[must_use]
    pub fn rest(&self, model: &Model, run: &[Told]) -> Vec<Action> {
        let mut world = self.world.clone();
        let mut left = run.get(self.actions.len()..).unwrap_or_default();
        let mut actions = Vec::new();
        while actions.len() < STEPS && !model.has_ended(&world.cursor) {
            let as_told = (0..left.len())
                .find_map(|at| chosen(model, &world, &left[at]).map(|taken| (at, taken)));
            let (action, next) = match as_told {
                Some((at, (action, _, next))) => {
                    left = &left[at + 1..];
                    (action, next)
                }
                None => match first(model, &world) {
                    Some(taken) => taken,
                    None => break,
                },
            };
            actions.push(action);
            world = next;
        }
        actions
    }
}

/// The choice that reads so, and what it does.
fn chosen(model: &Model, world: &World, told: &Told) -> Option<(Action, Step, World)> {
    let mut found = None;
    model.successors(world, |action, step, cursor| {
        let words = model.words();
        if found.is_none()
            && words.action(&world.state, action) == told.action
            && words.actor(&world.state, action) == told.actor
        {
            let next = World { state: step.state.clone(), cursor };
            found = Some((action, step.clone(), next));
        }
    });
    found
}

/// The first choice of all.
fn first(model: &Model, world: &World) -> Option<(Action, World)> {
    let mut found = None;
    model.successors(world, |action, step, cursor| {
        let next = || World { state: step.state.clone(), cursor };
        found = found.take().or_else(|| Some((action, next())));
    });
    found
}

/// All choices in words.
fn choices(model: &Model, world: &World) -> Vec<String> {
    let words = model.words();
    let mut choices = Vec::new();
    model.successors(world, |action, _, _| {
        let (actor, choice) =
            (words.actor(&world.state, action), words.action(&world.state, action));
        choices.push(format!("{actor} {choice}"));
    });
    choices
}

/// What the call that returns in a step comes to, if that is not in the records.
fn returns(
    model: &Model,
    world: &World,
    action: Action,
    step: &Step,
    calls: &[CallRecord],
) -> Option<CallRecord> {
    let record = Record::of(model, world, action, step)?;
    let number = record.session.map(|_| 1);
    let own = CallRecord::new(model, &record, number);
    let same = |one: &&CallRecord| (&one.client, one.call) == (&own.client, own.call);
    let other = calls.iter().find(same)?;
    // Dialogs are effects; sessions are numbered, and names chosen, within an outcome.
    let plain = CallRecord {
        dialogs: None,
        name: own.name.clone(),
        session: other.session.map(|_| 1),
        ..other.clone()
    };
    (own != plain).then_some(own)
}
