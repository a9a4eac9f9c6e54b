//! Worlds: a scenario as adapters are given it, and back; the part of it that can be driven.

use mapi_logon_model::ids::{ClientId, LOGONS};
use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::{Code, CodeSet, Fault, FaultSet};
use mapi_logon_model::scenario::file::{
    ClientSection, Data, ProfileSection, ProviderSection, ScenarioFile, ServiceSection,
    SubsystemSection,
};
use mapi_logon_model::scenario::{Provider, Scenario, ScenarioError};
use mapi_logon_model::world::Slots;
use mapi_logon_traces::tracer::any_calls;

use crate::protocol::{ClientSpec, ProfileSpec, ProviderSpec, ServiceSpec, World};

/// After how long a logon with `MAPI_TIMEOUT_SHORT` should give up, in milliseconds.
const SHORT: u64 = 5;

/// Most session pointers that one client keeps.
const POINTERS: usize = 4;

/// The scenario without what nobody can make happen to a system from outside: faults that strike
/// before a provider is asked, or inside the profile.
#[must_use]
pub fn drivable(mut scenario: Scenario) -> Scenario {
    let mut hidden = FaultSet::default();
    hidden.insert(Fault::InvalidPath);
    hidden.insert(Fault::ProviderTooOld);
    scenario.leave_out(hidden);
    scenario.init_codes = CodeSet::default();
    for service in &mut scenario.services {
        service.faults = FaultSet::default();
    }
    for profile in &mut scenario.profiles {
        profile.corruptible = false;
    }
    (scenario.timing, scenario.load) = (None, None);
    scenario
}

/// Room for the session pointers of clients that make any calls.
fn pointers(clients: usize) -> Slots {
    Slots::of(vec![POINTERS.min(LOGONS / clients.max(1)); clients])
}

/// The model of a scenario whose clients make any calls; faults are counted by who follows it.
#[must_use]
pub fn opened(scenario: Scenario) -> Model {
    let slots = pointers(scenario.clients.len());
    let budget = scenario.faults.budget.limit().map_or(u32::MAX, u32::from);
    any_calls(scenario, slots, Some(budget))
}

impl World {
    /// The world of a scenario.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Self {
        let profile = |profile: &mapi_logon_model::scenario::Profile| ProfileSpec {
            name: profile.name.clone(),
            state: profile.state,
            password: profile.password,
            services: profile.services.map(|id| service(scenario, id.index())).collect(),
        };
        let client = |client: &mapi_logon_model::scenario::Client| ClientSpec {
            name: client.name.clone(),
            initialized: !client.initializes,
        };
        Self {
            profiles: scenario.profiles.iter().map(profile).collect(),
            providers: scenario.foreign().flat_map(|id| providers(scenario, id.index())).collect(),
            default_profile: scenario.default_name.clone(),
            clients: scenario.clients.iter().map(client).collect(),
            max_sessions: scenario.max_sessions,
            short_timeout_ms: SHORT,
        }
    }

    /// The scenario of a world whose providers answer what the tool chooses.
    ///
    /// # Errors
    /// [`ScenarioError`] where scenarios have no such world.
    pub fn scenario(&self) -> Result<Scenario, ScenarioError> {
        let file = ScenarioFile {
            subsystem: SubsystemSection {
                default_profile: self.default_profile.clone(),
                max_sessions: self.max_sessions.map(i64::from),
                init_codes: Vec::new(),
            },
            profile: self.profiles.iter().map(profile_section).collect(),
            provider: self.providers.iter().map(provider_section).collect(),
            client: self.clients.iter().map(client_section).collect(),
            ..ScenarioFile::default()
        };
        let mut scenario = Scenario::parse(&file.to_toml())?;
        for provider in &mut scenario.providers {
            for code in Code::ALL.iter().filter(|code| **code != Code::Ok) {
                provider.init_codes.insert(*code);
                provider.logon_codes.insert(*code);
            }
        }
        Ok(scenario)
    }

    /// The client of this name.
    #[must_use]
    pub fn client(&self, name: &str) -> Option<ClientId> {
        self.clients.iter().position(|client| client.name == name).map(ClientId::from)
    }
}

/// The providers of a service.
fn providers(scenario: &Scenario, service: usize) -> Vec<ProviderSpec> {
    let provider = |provider: &Provider| ProviderSpec {
        name: provider.name.clone(),
        kind: provider.kind,
        complete: provider.complete,
        password: provider.password,
    };
    let all = scenario.services[service].providers;
    all.map(|id| provider(&scenario.providers[id.index()])).collect()
}

fn service(scenario: &Scenario, index: usize) -> ServiceSpec {
    let service = &scenario.services[index];
    ServiceSpec {
        name: service.name.clone(),
        complete: service.complete,
        entry_point: service.entry_point,
        critical: service.critical,
        identity: service.identity,
        providers: providers(scenario, index),
    }
}

fn provider_section(provider: &ProviderSpec) -> ProviderSection {
    ProviderSection {
        name: provider.name.clone(),
        kind: provider.kind,
        ..ProviderSection::default()
    }
}

fn profile_section(profile: &ProfileSpec) -> ProfileSection {
    let service = |service: &ServiceSpec| ServiceSection {
        name: service.name.clone(),
        data: if service.complete { Data::Complete } else { Data::Missing },
        entry_point: service.entry_point,
        critical: service.critical,
        identity: service.identity,
        provider: service.providers.iter().map(provider_section).collect(),
        ..ServiceSection::default()
    };
    ProfileSection {
        name: profile.name.clone(),
        state: profile.state,
        password: profile.password,
        service: profile.services.iter().map(service).collect(),
        ..ProfileSection::default()
    }
}

fn client_section(client: &ClientSpec) -> ClientSection {
    let first = if client.initialized { "MAPILogonEx" } else { "MAPIInitialize" };
    ClientSection {
        name: client.name.clone(),
        calls: Some(vec![first.to_owned()]),
        ..ClientSection::default()
    }
}
