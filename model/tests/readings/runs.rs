//! Observation of a small world: every step of it, or its one run.

use std::collections::BTreeMap;

use mapi_logon_model::explore::Visit;
use mapi_logon_model::ids::ProviderId;
use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::{Action, Call, Effect, Place, ProviderCall, Transition};
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::world::World;

/// A step with where it begins.
pub(crate) struct Seen {
    pub(crate) before: World,
    pub(crate) action: Action,
    pub(crate) step: Step,
}

/// The world of a text under some readings.
pub(crate) fn world(text: &str, readings: &[(&str, &str)]) -> Model {
    let mut scenario = Scenario::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    for (switch, value) in readings {
        scenario.policy.set(switch, value).expect("a reading of the list");
    }
    Model::new(scenario)
}

/// Every step that some run makes.
pub(crate) fn every_step(model: &Model) -> Vec<Seen> {
    let mut steps = Vec::new();
    let keep = |visit: &Visit<'_, ()>| {
        steps.push(Seen {
            before: visit.world.clone(),
            action: visit.action,
            step: visit.step.clone(),
        });
        Some(())
    };
    model.explore((), usize::MAX, keep, |_, _, _| {});
    steps
}

/// The steps of a world that has one run.
pub(crate) fn only_run(model: &Model) -> Vec<Seen> {
    let steps = every_step(model);
    let mut leaving: BTreeMap<usize, usize> = BTreeMap::new();
    let mut worlds: Vec<&World> = Vec::new();
    for seen in &steps {
        let known = worlds.iter().position(|world| **world == seen.before);
        let place = known.unwrap_or_else(|| {
            worlds.push(&seen.before);
            worlds.len() - 1
        });
        *leaving.entry(place).or_default() += 1;
    }
    assert!(leaving.values().all(|count| *count == 1), "several runs");
    steps
}

impl Seen {
    /// The call that the step belongs to.
    pub(crate) fn call(&self, model: &Model) -> Option<Call> {
        model.sight(&self.before.state).call_of(self.action)
    }
    /// What is called of providers.
    pub(crate) fn calls(&self) -> Vec<(ProviderId, ProviderCall, Code)> {
        let called = |effect: &Effect| {
            let Effect::Provider { provider, call, result: code, .. } = *effect else {
                return None;
            };
            Some((provider, call, code))
        };
        self.step.effects.iter().filter_map(called).collect()
    }
    /// Is this called of any provider?
    pub(crate) fn is_called(&self, wanted: ProviderCall) -> bool {
        self.calls().iter().any(|(_, call, _)| *call == wanted)
    }
    /// What the call returns.
    pub(crate) fn returned(&self) -> Option<Code> {
        self.step.effects.iter().find_map(|effect| {
            let Effect::Returned { result: code, .. } = *effect else {
                return None;
            };
            Some(code)
        })
    }
    /// The transitions taken, from where to where.
    pub(crate) fn taken(&self) -> Vec<(Transition, Place, Place)> {
        let taken = self.step.taken.iter();
        taken.map(|one| (one.transition, one.from, one.to)).collect()
    }
    /// Is the transition taken?
    pub(crate) fn takes(&self, transition: Transition) -> bool {
        self.taken().iter().any(|(one, _, _)| *one == transition)
    }
}

/// Every call of a provider in the order of the one run, by the provider's name.
pub(crate) fn provider_calls(model: &Model) -> Vec<(String, ProviderCall)> {
    let steps = only_run(model);
    let calls = steps.iter().flat_map(Seen::calls);
    let named = |(provider, call, _): (ProviderId, ProviderCall, Code)| {
        (model.words().provider(provider).to_owned(), call)
    };
    calls.map(named).collect()
}

/// What every call of the one run returns, in order.
pub(crate) fn results(model: &Model) -> Vec<Code> {
    only_run(model).iter().filter_map(Seen::returned).collect()
}
