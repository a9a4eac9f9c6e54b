//! Interchangeable things of a scenario, and things that only look so.

use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::symmetry::{Ordered, Symmetry};
use schemars::JsonSchema;
use serde::Serialize;

use crate::render::text::grouped;

/// The classes of a scenario, in its names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Classes {
    /// In how many ways names can be exchanged, the scenario staying as it is.
    renamings: u64,
    /// Clients with equal definitions.
    clients: Vec<Vec<String>>,
    /// Profiles that can be exchanged with all that is in them.
    profiles: Vec<Vec<String>>,
    /// Services and providers with equal definitions whose order in their profile runs show.
    ordered: Vec<Vec<String>>,
}

impl Classes {
    /// The classes of this scenario.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Self {
        let symmetry = Symmetry::of(scenario);
        let services = |id: mapi_logon_model::ids::ServiceId| &scenario.services[id.index()];
        let providers = |id: mapi_logon_model::ids::ProviderId| &scenario.providers[id.index()];
        let ordered = |ordered: &Ordered| match *ordered {
            Ordered::Services(set) => set.map(|id| services(id).name.clone()).collect(),
            Ordered::Providers(set) => set.map(|id| providers(id).name.clone()).collect(),
        };
        let clients = symmetry
            .clients()
            .iter()
            .map(|class| class.map(|id| scenario.clients[id.index()].name.clone()).collect());
        let profiles = symmetry
            .profiles()
            .into_iter()
            .map(|class| class.map(|id| scenario.profiles[id.index()].name.clone()).collect());
        Self {
            renamings: symmetry.order(),
            clients: clients.collect(),
            profiles: profiles.collect(),
            ordered: scenario.told_apart_by_order().iter().map(ordered).collect(),
        }
    }

    /// As one sentence for people.
    #[must_use]
    pub fn text(&self) -> String {
        let equal = |class: &Vec<String>| class.join(" = ");
        let mut parts: Vec<String> = self.clients.iter().map(equal).collect();
        let contents = |class| format!("{} with all that is in them", equal(class));
        parts.extend(self.profiles.iter().map(contents));
        if parts.is_empty() {
            parts.push("nothing is interchangeable".to_owned());
        } else {
            let ways = grouped(self.renamings);
            parts.push(format!("one of up to {ways} equivalent states is explored"));
        }
        for class in &self.ordered {
            let names = class.join(", ");
            parts.push(format!("{names}: equal, but distinguished by their order"));
        }
        parts.join("; ")
    }
}
