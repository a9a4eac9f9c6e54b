//! Breadth-first search for a shortest run that breaks a property, within bounds.

use std::sync::atomic::{AtomicBool, Ordering};

use mapi_logon_model::explore::{Visit, Visitor};
use mapi_logon_model::machine::Model;
use mapi_logon_model::observe::{Memory, Observer};
use mapi_logon_model::property::PropertySet;
use mapi_logon_model::protocol::Action;

use crate::judge::Judge;

/// A run that breaks wanted properties.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Found {
    /// What is done.
    pub(super) actions: Vec<Action>,
    /// What the last action breaks.
    pub(super) broken: PropertySet,
}

/// Finds a shortest run that breaks a wanted property; gives up after `most` worlds.
pub(super) fn search(
    model: &Model,
    wanted: PropertySet,
    most: usize,
    stop: &AtomicBool,
) -> Option<Found> {
    let mut search = Search { judge: Judge::new(model), wanted, most, stop, found: None };
    let nothing = Observer::of(model).start();
    let explored = model.explore_with(nothing, &mut search);
    let (node, last, broken) = search.found?;
    let mut actions = explored.run(node);
    actions.push(last);
    Some(Found { actions, broken })
}

/// An exploration that ends with the first wanted property broken.
struct Search<'m> {
    judge: Judge<'m>,
    wanted: PropertySet,
    most: usize,
    stop: &'m AtomicBool,
    /// The node from which an action breaks these.
    found: Option<(usize, Action, PropertySet)>,
}

impl Visitor<Memory> for Search<'_> {
    fn keep(&mut self, visit: &Visit<'_, Memory>) -> Option<Memory> {
        let judge = &mut self.judge;
        judge.remember(visit.kept);
        let marks = judge.see(visit.world, visit.action, visit.step, &visit.cursor);
        let broken = marks.and(self.wanted);
        if self.found.is_none() && !broken.is_empty() {
            self.found = Some((visit.from, visit.action, broken));
        }
        Some(judge.memory().clone())
    }

    fn is_done(&mut self, known: usize) -> bool {
        known > self.most || self.found.is_some() || self.stop.load(Ordering::Relaxed)
    }
}
