//! Warnings about what is admissible in a scenario, but probably not intended.

use crate::scenario::parts::{Named, Scenario};
use crate::suggest;

impl Scenario {
    /// One sentence for each thing that is admissible and probably not intended, in file order.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let profiles = || self.profiles.iter().map(|profile| profile.name.as_str());
        if let (Named::Unknown, Some(name)) = (self.default_profile, &self.default_name) {
            let hint = suggest::hint(name, profiles());
            warnings.push(format!("no profile is named {name:?}, the default profile{hint}"));
        }
        for client in &self.clients {
            let who = format!("client {:?}", client.name);
            for name in client.names.iter().filter(|name| !name.too_long) {
                if let (Named::Unknown, Some(name)) = (name.named, &name.written) {
                    let hint = suggest::hint(name, profiles());
                    warnings.push(format!("{who}: no profile is named {name:?}{hint}"));
                }
            }
            let logon = client.calls.iter().position(|call| call.logon().is_some());
            let early = &client.written[..logon.unwrap_or(client.written.len())];
            for (call, written) in client.calls.iter().zip(early) {
                if call.on().is_some() {
                    let message = "no MAPILogonEx comes before it, so it is left out";
                    warnings.push(format!("{who}: call {written:?}: {message}"));
                }
            }
        }
        let struck = self.providers.iter().any(|provider| !provider.faults.is_empty())
            || self.services.iter().any(|service| !service.faults.is_empty())
            || self.profiles.iter().any(|profile| profile.corruptible);
        if !self.faults.budget.is_spent() && !struck {
            warnings.push("the fault budget is not 0, but no fault can strike".to_owned());
        }
        warnings
    }
}
