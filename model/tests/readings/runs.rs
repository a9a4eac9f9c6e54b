//! What can be seen of a small world? Every step of it, or its one run.

use std::collections::BTreeMap;

use mapi_logon_model::action::Action;
use mapi_logon_model::effect::{Effect, ProviderCall};
use mapi_logon_model::ids::ProviderId;
use mapi_logon_model::mapi::Code;
use mapi_logon_model::model::Model;
use mapi_logon_model::scenario::{Call, Scenario};
use mapi_logon_model::state::State;
use mapi_logon_model::step::Step;
use mapi_logon_model::transition::{Place, Transition};

/// A step with where it begins.
pub(crate) struct Seen {
    pub(crate) before: State,
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
    let mut states = vec![model.initial()];
    let mut steps = Vec::new();
    let mut at = 0;
    while let Some(&before) = states.get(at) {
        model.successors(&before, |action, step| {
            if !states.contains(&step.state) {
                states.push(step.state);
            }
            let step = step.clone();
            steps.push(Seen { before, action, step });
        });
        at += 1;
    }
    steps
}

/// The steps of a world that has one run.
pub(crate) fn only_run(model: &Model) -> Vec<Seen> {
    let steps = every_step(model);
    let mut leaving: BTreeMap<usize, usize> = BTreeMap::new();
    let mut states: Vec<State> = Vec::new();
    for seen in &steps {
        let known = states.iter().position(|state| *state == seen.before);
        let place = known.unwrap_or_else(|| {
            states.push(seen.before);
            states.len() - 1
        });
        *leaving.entry(place).or_default() += 1;
    }
    assert!(leaving.values().all(|count| *count == 1), "several runs");
    steps
}

impl Seen {
    /// The call that the step belongs to.
    pub(crate) fn call(&self, model: &Model) -> Option<Call> {
        model.next_call(&self.before, self.action.client)
    }
    /// What is called of providers.
    pub(crate) fn calls(&self) -> Vec<(ProviderId, ProviderCall, Code)> {
        let called = |effect: &Effect| {
            let Effect::Provider { provider, call, code, .. } = *effect else {
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
            let Effect::Returned { code, .. } = *effect else {
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
