//! Tables that the model does not have, and that the scenario answers: profiles, services,
//! providers.

use mapi_logon_model::ids::{ClientId, ProfileId};
use mapi_logon_model::protocol::{Call, Status};
use mapi_logon_model::scenario::{Named, ProfileState};
use mapi_logon_traces::calls;

use super::Stage;
use crate::oracle::Row;
use crate::wire::Asked;

impl Stage {
    /// The rows of a table of profile administration; none for what gives no table.
    pub(super) fn rows(&self, process: u32, asked: &Asked) -> Vec<Row> {
        if !asked.name.ends_with("Table") {
            return Vec::new();
        }
        let (model, scenario) = (self.oracle.model(), self.oracle.model().scenario());
        if asked.name == "GetProfileTable" {
            let all = (0..scenario.profiles.len()).map(ProfileId::from);
            let there = all.filter(|profile| self.exists(*profile));
            let default = match scenario.default_profile {
                Named::Profile(profile) => Some(profile),
                Named::Nothing | Named::Unknown => None,
            };
            let row = |profile: ProfileId| {
                let status = (default == Some(profile)).then_some(Status::Available);
                (scenario.profiles[profile.index()].name.clone(), status)
            };
            return there.map(row).collect();
        }
        let Some(profile) = self.profile(process, asked) else { return Vec::new() };
        let Some(state) = self.oracle.states(self.belief).next() else { return Vec::new() };
        let removed = model.sight(state).removed();
        let profile = &scenario.profiles[profile.index()];
        if asked.name == "GetProviderTable" {
            let all = profile.providers.into_iter();
            let kept = all.filter(|one| !removed.contains(scenario.providers[one.index()].service));
            return kept.map(|one| (model.words().provider(one).to_owned(), None)).collect();
        }
        let kept = profile.services.into_iter().filter(|one| !removed.contains(*one));
        kept.map(|one| (model.words().service(one).to_owned(), None)).collect()
    }

    /// The profile that is named, or that of the session.
    pub(super) fn profile(&self, process: u32, asked: &Asked) -> Option<ProfileId> {
        let model = self.oracle.model();
        if let Some(name) = &asked.profile {
            let call = calls::call(model.scenario(), &format!("DeleteProfile:{name}")).ok()?;
            let Call::DeleteProfile(profile) = call else { return None };
            return Some(profile).filter(|profile| self.exists(*profile));
        }
        let sight = model.sight(self.oracle.states(self.belief).next()?);
        let held = sight.attachment(ClientId::from(process as usize - 1), Some(self.slot(asked)));
        sight.session(held?.session).profile()
    }

    /// Whether a profile is there now.
    fn exists(&self, profile: ProfileId) -> bool {
        let model = self.oracle.model();
        let gone = model.scenario().profiles[profile.index()].state == ProfileState::Deleted;
        let mut states = self.oracle.states(self.belief);
        !gone && states.next().is_some_and(|state| !model.sight(state).marked().contains(profile))
    }
}
