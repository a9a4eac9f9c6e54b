//! What happened along a run? Step by step, in words.

use mapi_logon_model::action::Action;
use mapi_logon_model::effect::Effect;
use mapi_logon_model::model::Model;
use mapi_logon_model::state::State;
use serde::Serialize;

use crate::render::text::{Paint, Table, Tone, paragraph};

/// One step of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Told {
    /// Its place in the run, from 1.
    step: usize,
    /// Who chose: a client, the user, a provider, a service, the clock or MAPI.
    actor: String,
    /// What was chosen.
    action: String,
    /// The transitions taken, in order.
    transitions: Vec<&'static str>,
    /// What somebody outside could see, in order.
    effects: Vec<String>,
    /// The parts of the state that are not what they were.
    changes: Vec<Changed>,
    /// Which effects the action and the changes do not say already.
    #[serde(skip)]
    news: Vec<bool>,
}

/// A part of the state before and after a step.
#[derive(Clone, Debug, Serialize)]
struct Changed {
    part: String,
    before: String,
    after: String,
}

/// Tells the run that begins in `start` and takes the actions one after the other.
///
/// The first step has the number `from`. The run ends early at an action that cannot happen.
#[must_use]
pub fn tell(model: &Model, start: &State, actions: &[Action], from: usize) -> Vec<Told> {
    let words = model.words();
    let mut state = *start;
    let mut told = Vec::new();
    for (number, action) in (from..).zip(actions) {
        let Ok(step) = model.step(&state, *action) else {
            break;
        };
        let changes = words.changes(&state, &step.state).into_iter();
        let news = |effect: &Effect| {
            !matches!(
                effect,
                Effect::Called { .. }
                    | Effect::Answered { .. }
                    | Effect::Initialized { .. }
                    | Effect::Struck(..)
                    | Effect::Repaired(_)
            )
        };
        told.push(Told {
            step: number,
            actor: words.actor(&state, *action),
            action: words.action(&state, *action),
            transitions: step.taken.iter().map(|taken| taken.transition.id()).collect(),
            effects: step.effects.iter().map(|effect| words.effect(*effect)).collect(),
            changes: changes.map(Changed::from).collect(),
            news: step.effects.iter().map(news).collect(),
        });
        state = step.state;
    }
    told
}

impl From<mapi_logon_model::describe::Change> for Changed {
    fn from(change: mapi_logon_model::describe::Change) -> Self {
        Self { part: change.part, before: change.before, after: change.after }
    }
}

impl Told {
    /// The step as lines.
    #[must_use]
    pub fn text(&self, paint: Paint) -> String {
        let ids = self.transitions.join(", ");
        let number = paint.paint(Tone::Strong, &format!("{:>4}", self.step));
        let ids = paint.paint(Tone::Faint, &ids);
        let mut text = format!("{number}  {} {}  {ids}\n", self.actor, self.action);
        for (effect, _) in self.effects.iter().zip(&self.news).filter(|(_, news)| **news) {
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
