//! A run in words, step by step.

use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::protocol::{Action, Effect};
use mapi_logon_model::world::World;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::render::text::{Paint, Table, Tone, paragraph};

/// One step of a run.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// Its place in the run, from 1.
    pub step: usize,
    /// Who chose: a client, the user, a provider, a service, the clock or MAPI.
    pub actor: String,
    /// What was chosen.
    pub action: String,
    /// The transitions taken, in order.
    pub transitions: Vec<String>,
    /// What somebody outside could see, in order.
    pub effects: Vec<String>,
    /// The parts of the state that changed.
    pub changes: Vec<Changed>,
    /// Which effects are not implied by the action and the changes.
    #[serde(skip)]
    news: Vec<bool>,
}

/// A part of the state before and after a step.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    /// Which part.
    pub part: String,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
}

/// Describes the run that begins in `start` and takes the actions one after the other.
///
/// The first step has the number `from`. The run ends early at an action that cannot happen.
#[must_use]
pub fn tell(model: &Model, start: &World, actions: &[Action], from: usize) -> Vec<Told> {
    let mut world = start.clone();
    let mut told = Vec::new();
    for (number, action) in (from..).zip(actions) {
        let Ok(step) = model.step(&world.state, *action) else {
            break;
        };
        let cursor = model.advance(&world.cursor, action.client, &step);
        let after = World { cursor, state: step.state.clone() };
        told.push(Told::of(model, number, &world, *action, &step, &after));
        world = after;
    }
    told
}

/// Is an effect not implied by the action and the changes?
const fn is_news(effect: Effect) -> bool {
    !matches!(
        effect,
        Effect::Called { .. }
            | Effect::Answered { .. }
            | Effect::Initialized { .. }
            | Effect::Struck { .. }
            | Effect::Repaired { .. }
    )
}

impl From<mapi_logon_model::describe::Change> for Changed {
    fn from(change: mapi_logon_model::describe::Change) -> Self {
        Self { part: change.part, before: change.before, after: change.after }
    }
}

impl Told {
    /// Describes a step from one world to another.
    #[must_use]
    pub fn of(
        model: &Model,
        number: usize,
        before: &World,
        action: Action,
        step: &Step,
        after: &World,
    ) -> Self {
        let words = model.words();
        let state = &before.state;
        let changes = words.changes(before, after).into_iter();
        Self {
            step: number,
            actor: words.actor(state, action),
            action: words.action(state, action),
            transitions: step.taken.iter().map(|taken| taken.transition.id().to_owned()).collect(),
            effects: step.effects.iter().map(|effect| words.effect(*effect)).collect(),
            changes: changes.map(Changed::from).collect(),
            news: step.effects.iter().map(|effect| is_news(*effect)).collect(),
        }
    }

    /// The step without what changes inside the machine, and without effects that its action says.
    #[must_use]
    pub fn from_outside(mut self) -> Self {
        let mut news = std::mem::take(&mut self.news).into_iter();
        self.effects.retain(|_| news.next().unwrap_or(true));
        self.changes.clear();
        self
    }

    /// The step as lines.
    #[must_use]
    pub fn text(&self, paint: Paint) -> String {
        let ids = self.transitions.join(", ");
        let number = paint.paint(Tone::Strong, &format!("{:>4}", self.step));
        let ids = paint.paint(Tone::Faint, &ids);
        let mut text = format!("{number}  {} {}  {ids}\n", self.actor, self.action);
        for (at, effect) in self.effects.iter().enumerate() {
            if self.news.get(at) == Some(&false) {
                continue;
            }
            text += &paragraph(effect, 8);
        }
        let mut changes = Table::new(paint, 8);
        for Changed { part, before, after } in &self.changes {
            let change = format!("{part}: {before} -> {after}");
            changes.toned([(Tone::Faint, change.as_str())]);
        }
        text + &changes.render()
    }
}
