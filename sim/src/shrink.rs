//! What is the least that breaks the same property? Fewer steps, in a smaller scenario.
//!
//! First steps are dropped that the failure does not need, then clients, profiles, services,
//! providers, calls, faults and flags. A cut is kept if what is left of the run, or a short search,
//! still breaks the property. At the end the smaller scenario is searched breadth first: the run
//! found is a shortest one there is, unless the search has to give up.

use std::sync::atomic::{AtomicBool, Ordering};

use mapi_logon_model::action::Action;
use mapi_logon_model::model::Model;
use mapi_logon_model::scenario::{Scenario, Weights};
use mapi_logon_model::step::Step;

use crate::judge::{Judge, breaking, with_ids_of};
use crate::simulate::Failure;

mod cut;
mod search;
#[cfg(test)]
mod tests;

use cut::{Cut, SORTS};
use search::search;

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
    /// What it breaks, bit `i` for entry `i` of the list of properties.
    pub broken: u128,
    /// Is no run of this scenario that breaks it shorter?
    pub shortest: bool,
}

/// Makes a failure small, or as small as it has become when `stop` is set.
#[must_use]
pub fn shrink(failure: &Failure, build: &Build<'_>, stop: &AtomicBool) -> Shrunk {
    let first = failure.broken & failure.broken.wrapping_neg();
    let shrinker = Shrinker { build, stop, wanted: with_ids_of(first) & breaking() };
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
        left = Shrunk { shortest: true, ..shrinker.judged(left.scenario, found) };
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
    wanted: u128,
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
                    Some(actions) if actions.len() < left.actions.len() => left.actions = actions,
                    Some(_) | None => from = to,
                }
            }
            size /= 2;
        }
    }

    /// Drops parts of the scenario until none can be dropped; whether any was.
    fn drop_parts(&self, left: &mut Shrunk) -> bool {
        let mut any = false;
        let mut again = true;
        while again {
            again = false;
            for sort in SORTS {
                // From the last to the first: a cut renumbers only what stands behind it.
                for cut in sort(&left.scenario).into_iter().rev() {
                    if self.stopped() {
                        return any;
                    }
                    if let Some(smaller) = self.without(left, cut) {
                        *left = smaller;
                        again = true;
                        any = true;
                    }
                }
            }
        }
        any
    }

    /// What is left after a cut, if it still fails.
    fn without(&self, left: &Shrunk, cut: Cut) -> Option<Shrunk> {
        let scenario = cut.apply(&left.scenario)?;
        let model = (self.build)(scenario);
        let actions: Vec<_> = left.actions.iter().filter_map(|one| cut.carry(*one)).collect();
        let found = replay(&model, &actions, self.wanted)
            .or_else(|| search(&model, self.wanted, GLANCE, self.stop))?;
        Some(self.judged(model.scenario().clone(), found))
    }

    /// The failure that a run is.
    fn judged(&self, scenario: Scenario, actions: Vec<Action>) -> Shrunk {
        let model = (self.build)(scenario);
        let broken = broken_by(&model, &actions) & self.wanted;
        Shrunk { scenario: model.scenario().clone(), actions, broken, shortest: false }
    }
}

/// Takes the actions one after the other, leaving out those that cannot happen, until a wanted
/// property is broken; the actions taken, if one is.
fn replay(model: &Model, actions: &[Action], wanted: u128) -> Option<Vec<Action>> {
    let mut state = model.initial();
    let mut step = Step::at(state);
    let mut judge = Judge::new(model);
    let mut taken = Vec::new();
    for action in actions {
        if model.step_into(&state, *action, &mut step).is_err() {
            continue;
        }
        taken.push(*action);
        if judge.see(model, &state, *action, &step) & wanted != 0 {
            return Some(taken);
        }
        state = step.state;
    }
    None
}

/// What the last of the actions breaks.
fn broken_by(model: &Model, actions: &[Action]) -> u128 {
    let mut state = model.initial();
    let mut step = Step::at(state);
    let mut judge = Judge::new(model);
    let mut marks = 0;
    for action in actions {
        if model.step_into(&state, *action, &mut step).is_ok() {
            marks = judge.see(model, &state, *action, &step);
            state = step.state;
        }
    }
    marks & breaking()
}
