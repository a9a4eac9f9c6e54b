//! Shrinking of a failure: fewer steps, in a smaller scenario, break the same property.
//!
//! First steps are dropped that the failure does not need, then clients, profiles, services,
//! providers, calls, faults and flags. A cut is kept if what is left of the run, or a short search,
//! still breaks the property. At the end the smaller scenario is searched breadth first: the run
//! found is a shortest one, unless the search reaches its limit.

use std::sync::atomic::{AtomicBool, Ordering};

use mapi_logon_model::machine::Model;
use mapi_logon_model::property::PropertySet;
use mapi_logon_model::protocol::{Action, Choice};
use mapi_logon_model::run::Run;
use mapi_logon_model::scenario::{Scenario, Weights};

use crate::judge::{Judge, breaking, with_ids_of};
use crate::simulate::Failure;

mod cut;
mod search;
#[cfg(test)]
mod tests;

use cut::{Cut, SORTS};
use search::{Found, search};

/// States a search may visit to save a cut.
const GLANCE: usize = 2_000;

/// States the last search may visit.
const LOOK: usize = 200_000;

/// Makes a model of a scenario, perhaps a wrong one.
pub type Build<'a> = dyn Fn(Scenario) -> Model + Sync + 'a;

/// A failure made small.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The scenario that is left.
    pub scenario: Scenario,
    /// What is done; the last action breaks the property.
    pub actions: Vec<Action>,
    /// What it breaks.
    pub broken: PropertySet,
    /// No run of this scenario that breaks it is shorter.
    pub shortest: bool,
}

/// Makes a failure small, or as small as it has become when `stop` is set.
#[must_use]
pub fn shrink(failure: &Failure, build: &Build<'_>, stop: &AtomicBool) -> Shrunk {
    let mut broken = failure.broken;
    let first = broken.next().map_or(PropertySet::EMPTY, PropertySet::only);
    let shrinker = Shrinker { build, stop, wanted: with_ids_of(first).and(breaking()) };
    let scenario = plain(&failure.scenario);
    let mut left = Shrunk {
        actions: failure.actions.clone(),
        broken: failure.broken,
        shortest: false,
        scenario,
    };
    shrinker.drop_steps(&mut left);
    loop {
        let smaller = shrinker.drop_parts(&mut left);
        if left.shortest && !smaller {
            return left;
        }
        let model = build(left.scenario.clone());
        let Some(found) = search(&model, shrinker.wanted, LOOK, stop) else {
            return left;
        };
        left = Shrunk {
            scenario: left.scenario,
            actions: found.actions,
            broken: found.broken,
            shortest: true,
        };
    }
}

/// What says how runs are drawn does not matter to a run that has been made.
fn plain(scenario: &Scenario) -> Scenario {
    Scenario {
        timing: None,
        load: None,
        weights: Weights::default(),
        expect: Vec::new(),
        ..scenario.clone()
    }
}

struct Shrinker<'a> {
    build: &'a Build<'a>,
    stop: &'a AtomicBool,
    /// The property, with all entries that share its id.
    wanted: PropertySet,
}

impl Shrinker<'_> {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Drops runs of steps, halves first and single steps last.
    fn drop_steps(&self, left: &mut Shrunk) {
        let model = (self.build)(left.scenario.clone());
        let mut size = left.actions.len().div_ceil(2);
        while size > 0 && !self.stopped() {
            let mut from = 0;
            while from < left.actions.len() {
                let to = (from + size).min(left.actions.len());
                let rest = [&left.actions[..from], &left.actions[to..]].concat();
                match replay(&model, &rest, self.wanted) {
                    Some(found) if found.actions.len() < left.actions.len() => {
                        left.actions = found.actions;
                    }
                    Some(_) | None => from = to,
                }
            }
            size /= 2;
        }
    }

    /// Drops parts of the scenario until none can be dropped; whether any was.
    fn drop_parts(&self, left: &mut Shrunk) -> bool {
        let mut cuts = 0;
        loop {
            let before = cuts;
            for sort in SORTS {
                // From the last to the first: a cut renumbers only what stands behind it.
                for cut in sort(&left.scenario).into_iter().rev() {
                    if self.stopped() {
                        return cuts > 0;
                    }
                    if let Some(smaller) = self.without(left, cut) {
                        *left = smaller;
                        cuts += 1;
                    }
                }
            }
            if cuts == before {
                return cuts > 0;
            }
        }
    }

    /// What is left after a cut, if it still fails.
    fn without(&self, left: &Shrunk, cut: Cut) -> Option<Shrunk> {
        let scenario = cut.apply(&left.scenario)?;
        let model = (self.build)(scenario);
        let actions = left.actions.iter().filter_map(|one| cut.carry(*one));
        let found = replay(&model, &actions.collect::<Vec<_>>(), self.wanted)
            .or_else(|| search(&model, self.wanted, GLANCE, self.stop))?;
        Some(Shrunk {
            scenario: model.scenario().clone(),
            actions: found.actions,
            broken: found.broken,
            shortest: false,
        })
    }
}

/// Takes the actions one after the other, leaving out those that cannot happen, until a wanted
/// property is broken.
fn replay(model: &Model, actions: &[Action], wanted: PropertySet) -> Option<Found> {
    let mut run = Run::new(model);
    let mut judge = Judge::new(model);
    let mut taken = Vec::new();
    for action in actions {
        let mut action = *action;
        if let Choice::Begin(call) = &mut action.choice {
            // Whichever call comes next in what is left of the scenario.
            let listed = run.listed_call(action.client).unwrap_or(*call);
            if !model.lists(run.cursor(), action.client, *call) {
                *call = listed;
            }
        }
        if run.take(action).is_err() {
            continue;
        }
        taken.push(action);
        let marks = judge.see(run.before(), action, run.step(), run.cursor());
        let broken = marks.and(wanted);
        if !broken.is_empty() {
            let actions = taken;
            return Some(Found { actions, broken });
        }
    }
    None
}
