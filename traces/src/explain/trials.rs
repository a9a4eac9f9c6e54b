//! Trials: a recording explained under changes of the reading and of the world, each tried once.

use std::collections::{BTreeMap, BTreeSet};

use mapi_logon_model::policy::{Policy, SWITCHES};
use mapi_logon_model::scenario::Scenario;

use super::change::{Change, changed};
use super::decide::explain;
use super::limits::ExplainLimits;
use super::verdict::{ExplainVerdict, Hypothesis};
use crate::recording::Recording;

/// Most sets of changes that are carried on to larger ones.
const CARRIED: usize = 12;

/// Changes of the policy in force, and of the world.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) struct Changes {
    pub(super) set: BTreeMap<&'static str, &'static str>,
    pub(super) world: BTreeSet<Change>,
}

impl Changes {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.set.len() + self.world.len()
    }

    /// How much they ask a reader to believe: a fact as much as a fault; the documentation's own
    /// second reading of when stores start as much; other readings more, what only some systems do
    /// most.
    pub(super) fn price(&self) -> u32 {
        let readings = self.set.keys().map(|name| {
            let switch = SWITCHES.iter().find(|switch| switch.name == *name);
            match switch.map_or("", |switch| switch.ambiguity) {
                _ if *name == "START" => 1,
                "real systems" => 3,
                _ => 2,
            }
        });
        readings.sum::<u32>() + u32::try_from(self.world.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn of_policy(from: &Policy, to: &Policy) -> Self {
        let pairs = from.settings().zip(to.settings());
        let set = pairs.filter(|(from, to)| from != to).map(|(_, to)| to).collect();
        Self { set, world: BTreeSet::new() }
    }

    /// The same with one more change of the world.
    pub(super) fn with(&self, change: &Change) -> Option<Self> {
        let mut more = self.clone();
        more.world.insert(change.clone()).then_some(more)
    }

    /// The scenario under these changes.
    pub(super) fn apply(&self, scenario: &Scenario) -> Option<Scenario> {
        let mut scenario = changed(scenario, &self.world)?;
        for (name, value) in &self.set {
            scenario.policy.set(name, value).ok()?;
        }
        Some(scenario)
    }

    pub(super) fn hypothesis(&self, preset: Option<&str>, tested: Tested) -> Hypothesis {
        let set = self.set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Hypothesis {
            preset: preset.map(str::to_owned),
            set: set.collect(),
            world: self.world.iter().map(Change::fact).collect(),
            explained: tested.explained,
            faults: tested.faults,
            price: self.price() + tested.faults,
        }
    }
}

/// What is explained under changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Tested {
    pub(super) explained: usize,
    pub(super) faults: u32,
    /// Is it the whole recording?
    pub(super) all: bool,
}

/// Tries changes and remembers the result of each.
pub(super) struct Trials<'a> {
    recording: &'a Recording,
    scenario: &'a Scenario,
    limits: &'a ExplainLimits<'a>,
    /// How many steps may still be taken.
    left: u64,
    known: BTreeMap<Changes, Option<Tested>>,
}

impl<'a> Trials<'a> {
    pub(super) const fn new(
        recording: &'a Recording,
        scenario: &'a Scenario,
        limits: &'a ExplainLimits<'a>,
        steps: u64,
    ) -> Self {
        Self { recording, scenario, limits, left: steps, known: BTreeMap::new() }
    }

    /// How much is explained under these changes; nothing where that cannot be tried.
    pub(super) fn test(&mut self, changes: &Changes) -> Option<Tested> {
        if let Some(known) = self.known.get(changes) {
            return *known;
        }
        if self.left == 0 {
            return None;
        }
        let tested = self.try_out(changes);
        self.known.insert(changes.clone(), tested);
        tested
    }

    fn try_out(&mut self, changes: &Changes) -> Option<Tested> {
        let scenario = changes.apply(self.scenario)?;
        let steps = self.limits.steps.min(self.left);
        let limits = ExplainLimits { steps, details: false, ..*self.limits };
        let report = explain(self.recording, &scenario, &limits).ok()?;
        self.left = self.left.saturating_sub(report.work.max(1));
        let explanation = report.explanation;
        Some(Tested {
            explained: explanation.explained,
            faults: explanation.faults,
            all: explanation.verdict == ExplainVerdict::Explained,
        })
    }

    /// Sets that explain everything, of the least size at which there is one: every change by
    /// itself, then the sets that explain more than their parts, with one change more.
    pub(super) fn grow(
        &mut self,
        explained: usize,
        most: usize,
        one_more: impl Fn(&Changes) -> Vec<Changes>,
    ) -> Vec<(Changes, Tested)> {
        let mut carried: Vec<(usize, Changes)> = vec![(explained, Changes::default())];
        for _ in 0..most {
            let mut found = Vec::new();
            let mut better: BTreeSet<(usize, Changes)> = BTreeSet::new();
            for (least, base) in &carried {
                for changes in one_more(base) {
                    let Some(tested) = self.test(&changes) else {
                        continue;
                    };
                    if tested.all {
                        found.push((changes, tested));
                    } else if tested.explained > *least {
                        better.insert((usize::MAX - tested.explained, changes));
                    }
                }
            }
            if !found.is_empty() || better.is_empty() {
                return found;
            }
            let best = better.into_iter().take(CARRIED);
            carried = best.map(|(rest, changes)| (usize::MAX - rest, changes)).collect();
        }
        Vec::new()
    }
}
