//! Exhaustive exploration of a scenario: every world with every memory.

use std::fs;
use std::path::Path;

use mapi_logon_model::explore::Visit;
use mapi_logon_model::machine::Model;
use mapi_logon_model::observe::{Memory, Observer};
use mapi_logon_model::property::{Decided, Moment, PROPERTIES, Properties, Property, PropertySet};
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::world::{Changes, World};

#[expect(clippy::disallowed_types, reason = "only membership is asked")]
pub(crate) type Set<T> = std::collections::HashSet<T>;

/// More states than any scenario here has.
const MOST_STATES: usize = 20_000;

/// What an exploration came to.
#[derive(Default)]
pub(crate) struct Explored {
    /// Properties marked by some step.
    pub(crate) marks: PropertySet,
    /// Properties tested by some step, or whose obligation is open in some state.
    pub(crate) tested: PropertySet,
    /// Obligations open where no run goes on.
    pub(crate) open: PropertySet,
    /// Every state with every memory, in the order in which they were met.
    pub(crate) nodes: Vec<(World, Memory)>,
    /// Steps that take nobody further.
    pub(crate) descents: usize,
    /// States, whatever is remembered.
    pub(crate) states: usize,
}

impl Explored {
    /// The ids of properties that do not hold: marked by a step or pending forever.
    pub(crate) fn broken(&self) -> Vec<&'static str> {
        self.ids(|bit, property| match property.decided {
            Decided::Never(_) => self.marks.contains(bit),
            Decided::Eventually(_) => self.open.contains(bit),
            Decided::Sometime(_) | Decided::Elsewhere(_) => false,
        })
    }

    /// Is every part of the witness found?
    pub(crate) fn shows(&self, id: &str) -> bool {
        let mut parts = PROPERTIES.iter().enumerate().filter(|(_, property)| property.id == id);
        parts.all(|(bit, _)| self.marks.contains(bit))
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
    let mut explored = Explored::default();
    let (observer, properties) = (Observer::of(model), Properties::of(model));
    let mut remembered = observer.start();
    let keep = |visit: &Visit<'_, Memory>| {
        let Visit { world, kept, action, step, cursor, .. } = *visit;
        observer.remember(model, (world, kept), (action, step, &cursor), &mut remembered);
        let judged = properties.judge(&Moment {
            model,
            before: world,
            action,
            step,
            memory: kept,
            remembered: &remembered,
        });
        explored.marks = explored.marks.or(judged.marks);
        explored.tested = explored.tested.or(judged.tested);
        let changes = Changes::between(world, &step.state, &cursor);
        let ascends = model.ascends(world, (&step.state, &cursor), &changes);
        explored.descents += usize::from(!ascends);
        Some(remembered.clone())
    };
    let mut goes_on = Set::default();
    let first = observer.start();
    let found = model.explore(first, MOST_STATES, keep, |from, _, _| {
        goes_on.insert(from);
    });
    for node in 0..found.len() {
        let (world, memory) = (found.world(model, node), found.kept(node).clone());
        let moment = (&world.state, &memory);
        let open = properties.open(model, moment, PropertySet::ALL);
        explored.tested = explored.tested.or(open);
        if found.complete && !goes_on.contains(&node) {
            explored.open = explored.open.or(open.and(properties.obligations()));
        }
        explored.nodes.push((world, memory));
    }
    let states: Set<_> = explored.nodes.iter().map(|(world, _)| world).collect();
    explored.states = states.len();
    explored
}

/// The scenario of a text.
pub(crate) fn scenario(text: &str) -> Scenario {
    Scenario::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The scenarios of the repository, with their names, but for those that are made to be large.
pub(crate) fn named_scenarios() -> Vec<(String, Scenario)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder of scenarios") {
        let path = entry.expect("a file").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        if name != "retry-storm" && name != "anyone" {
            found.push((name, scenario(&fs::read_to_string(path).expect("a text"))));
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}
