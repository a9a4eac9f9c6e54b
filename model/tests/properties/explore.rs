//! What is there to be found in a scenario? Every state with every memory, breadth first.

use std::fs;
use std::path::Path;

use mapi_logon_model::action::Action;
use mapi_logon_model::model::Model;
use mapi_logon_model::observer::Memory;
use mapi_logon_model::property::{Decided, Moment, PROPERTIES, Property};
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::state::{Changes, State};
use mapi_logon_model::step::Step;

#[expect(clippy::disallowed_types, reason = "only membership is asked")]
type Set<T> = std::collections::HashSet<T>;

/// More states than any scenario here has.
const MOST_STATES: usize = 20_000;

/// What an exploration came to.
#[derive(Default)]
pub(crate) struct Explored {
    /// Properties marked by some step.
    pub(crate) marks: u128,
    /// Obligations open where no run goes on.
    pub(crate) open: u128,
    /// Every state with every memory, in the order in which they were met.
    pub(crate) nodes: Vec<(State, Memory)>,
    /// Steps that take nobody further.
    pub(crate) descents: usize,
    /// States, whatever is remembered.
    pub(crate) states: usize,
}

impl Explored {
    /// The ids of properties that do not hold: marked by a step or pending for ever.
    pub(crate) fn broken(&self) -> Vec<&'static str> {
        self.ids(|bit, property| match property.decided {
            Decided::Never(_) => self.marks >> bit & 1 == 1,
            Decided::Eventually(_) => self.open >> bit & 1 == 1,
            Decided::Sometime(_) | Decided::Elsewhere(_) => false,
        })
    }

    /// Is every part of the witness found?
    pub(crate) fn shows(&self, id: &str) -> bool {
        let mut parts = PROPERTIES.iter().enumerate().filter(|(_, property)| property.id == id);
        parts.all(|(bit, _)| self.marks >> bit & 1 == 1)
    }

    fn ids(&self, wanted: impl Fn(usize, &Property) -> bool) -> Vec<&'static str> {
        let all = PROPERTIES.iter().enumerate();
        let mut ids: Vec<_> = all.filter(|(bit, p)| wanted(*bit, p)).map(|(_, p)| p.id).collect();
        ids.dedup();
        ids
    }
}

/// Visits everything.
pub(crate) fn explore(model: &Model) -> Explored {
    let explored = explore_some(model);
    assert!(explored.nodes.len() < MOST_STATES, "too large for a test");
    explored
}

/// Visits everything, or the first states of it.
pub(crate) fn explore_some(model: &Model) -> Explored {
    let first = (model.initial(), Memory::default());
    let mut known = Set::from([first]);
    let mut explored = Explored { nodes: vec![first], ..Explored::default() };
    let mut step = Step::at(first.0);
    let mut at = 0;
    while let Some(&(state, memory)) = explored.nodes.get(at) {
        let mut reached = Vec::new();
        let mut marks = 0;
        model.each_successor(&state, &mut step, &mut |action: Action, step: &Step| {
            let remembered = model.remember(&state, &memory, action, step);
            marks |= model.judge(&Moment {
                model,
                before: &state,
                action,
                step,
                memory: &memory,
                remembered: &remembered,
            });
            explored.descents += usize::from(!model.ascends(
                &state,
                &Changes::between(model, &state, &step.state),
                &step.state,
            ));
            reached.push((step.state, remembered));
        });
        if reached.is_empty() {
            explored.open |= model.pending(&state, &memory);
        }
        explored.marks |= marks;
        explored.nodes.extend(reached.into_iter().filter(|node| known.insert(*node)));
        at += 1;
        if explored.nodes.len() >= MOST_STATES {
            break;
        }
    }
    let states: Set<_> = explored.nodes.iter().map(|(state, _)| *state).collect();
    explored.states = states.len();
    explored
}

/// The scenario of a text.
pub(crate) fn scenario(text: &str) -> Scenario {
    Scenario::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The scenarios of the repository, with their names, but for the one that is made to be large.
pub(crate) fn named_scenarios() -> Vec<(String, Scenario)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder of scenarios") {
        let path = entry.expect("a file").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        if name != "retry-storm" {
            found.push((name, scenario(&fs::read_to_string(path).expect("a text"))));
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}
