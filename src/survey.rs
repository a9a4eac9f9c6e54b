//! The transitions that the machine takes in the built-in scenarios, and the witnesses it shows.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use mapi_logon_model::explore::{Visit, Visitor};
use mapi_logon_model::machine::Model;
use mapi_logon_model::observe::{Memory, Observer};
use mapi_logon_model::property::PropertySet;
use mapi_logon_model::protocol::Taken;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_sim::judge::{Judge, showing};

use crate::builtin::SCENARIOS;

/// Most worlds of a scenario that are visited; the shallowest. Larger scenarios repeat themselves.
const WORLDS: usize = 10_000;

/// Every transition taken in some run of some built-in scenario, from where to where.
///
/// # Errors
/// When a built-in scenario cannot be read.
pub fn taken() -> Result<BTreeSet<Taken>> {
    let mut taken = BTreeSet::new();
    for (name, text) in SCENARIOS {
        let scenario = Scenario::parse(text).with_context(|| format!("scenario {name}"))?;
        taken.append(&mut taken_in(&Model::new(scenario).forgetting(), None).0);
    }
    Ok(taken)
}

/// Every transition taken in some run of a scenario, and whether every world was visited.
#[must_use]
pub fn taken_in(model: &Model, interrupt: Option<&AtomicBool>) -> (BTreeSet<Taken>, bool) {
    let mut survey = Survey {
        interrupt,
        note: |visit: &Visit<'_, ()>, taken: &mut BTreeSet<Taken>| {
            taken.extend(&visit.step.taken);
        },
        noted: BTreeSet::new(),
    };
    let complete = model.explore_with((), &mut survey).complete;
    (survey.noted, complete)
}

/// The witnesses that some run of a scenario shows, and whether every world was visited.
#[must_use]
pub fn witnesses(model: &Model, interrupt: &AtomicBool) -> (PropertySet, bool) {
    let mut judge = Judge::new(model);
    let mut survey = Survey {
        interrupt: Some(interrupt),
        note: |visit: &Visit<'_, Memory>, shown: &mut PropertySet| {
            judge.remember(visit.kept);
            let marks = judge.see(visit.world, visit.action, visit.step, &visit.cursor);
            *shown = shown.or(marks.and(showing()));
            judge.memory().clone()
        },
        noted: PropertySet::EMPTY,
    };
    let nothing = Observer::of(model).start();
    let complete = model.explore_with(nothing, &mut survey).complete;
    (survey.noted, complete)
}

/// Notes something of every step, and says what is kept.
struct Survey<'a, F, T> {
    interrupt: Option<&'a AtomicBool>,
    note: F,
    noted: T,
}

impl<K, T, F: FnMut(&Visit<'_, K>, &mut T) -> K> Visitor<K> for Survey<'_, F, T> {
    fn keep(&mut self, visit: &Visit<'_, K>) -> Option<K> {
        Some((self.note)(visit, &mut self.noted))
    }

    fn is_done(&mut self, known: usize) -> bool {
        let stop = self.interrupt;
        known >= WORLDS || stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }
}
