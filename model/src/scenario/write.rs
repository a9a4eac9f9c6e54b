//! A scenario as a file: canonical text, every default left out, one order, one spelling.

use super::file::{
    AnyFlags, AnyName, ClientSection, Data, ExpectSection, FaultKind, FaultsSection,
    FlagsParameter, LoadSection, OutageSection, ProfileParameter, ProfileSection, ProviderSection,
    Repair, ScenarioFile, ServiceSection, SubsystemSection, UserSection,
};
use crate::ids::{ProviderId, ServiceId};
use crate::mapi::{CAP_CODES, Code, CodeSet, FaultSet, LogonFlags};
use crate::scenario::caller::Client;
use crate::scenario::load::{Load, Weights};
use crate::scenario::parts::{ANSWERS, Answers, Faults, Profile, Provider, Scenario, fault_kinds};

impl Scenario {
    /// The scenario as a file: [`Scenario::parse`] reads an equal one from it.
    ///
    /// What is written follows the lists and sets of names, not the ids inside calls: after taking
    /// a client from `clients`, a service from its profile's set or a provider from its service's,
    /// parsing the text gives the smaller scenario with new ids, or says which call now dangles.
    #[must_use]
    pub fn to_toml(&self) -> String {
        ScenarioFile::from(self).to_toml()
    }
}

impl From<&Scenario> for ScenarioFile {
    fn from(scenario: &Scenario) -> Self {
        let answers = (scenario.answers != Answers::default()).then(|| {
            let bits = ANSWERS.iter().enumerate();
            let given = bits.filter(|(bit, _)| scenario.answers.0 >> bit & 1 == 1);
            given.map(|(_, name)| (*name).to_owned()).collect()
        });
        let weights = scenario.weights.named().zip(Weights::default().named());
        // A number is written as one.
        let owned = |(key, value): (&str, &str)| {
            let number = value.parse::<i64>().map(Into::into);
            (key.to_owned(), number.unwrap_or_else(|_| value.into()))
        };
        Self {
            name: scenario.name.clone(),
            subsystem: SubsystemSection {
                default_profile: scenario.default_name.clone(),
                max_sessions: scenario.max_sessions.map(i64::from),
                init_codes: codes(scenario.init_codes),
            },
            profile: scenario.profiles.iter().map(|one| profile(one, scenario)).collect(),
            provider: scenario.foreign().flat_map(|one| providers(one, scenario)).collect(),
            client: scenario.clients.iter().map(client).collect(),
            user: UserSection { answers },
            faults: faults(&scenario.faults),
            policy: scenario.policy.deviations().map(owned).collect(),
            expect: ExpectSection { witnesses: scenario.expect.clone() },
            timing: scenario.timing,
            load: scenario.load.as_ref().map(|one| load(one, scenario)),
            weights: weights
                .filter(|(own, default)| own != default)
                .map(|((key, weight), _)| (key.to_owned(), weight.into()))
                .collect(),
        }
    }
}

fn profile(profile: &Profile, scenario: &Scenario) -> ProfileSection {
    ProfileSection {
        name: profile.name.clone(),
        state: profile.state,
        faults: profile.corruptible.then_some(FaultKind::DataCorruption).into_iter().collect(),
        password: profile.password,
        service: profile.services.map(|one| service(one, scenario)).collect(),
    }
}

fn service(id: ServiceId, scenario: &Scenario) -> ServiceSection {
    let service = &scenario.services[id.index()];
    ServiceSection {
        name: service.name.clone(),
        data: data(service.complete),
        entry_point: service.entry_point,
        critical: service.critical,
        identity: service.identity,
        faults: kinds(service.faults),
        provider: providers(id, scenario),
    }
}

fn providers(service: ServiceId, scenario: &Scenario) -> Vec<ProviderSection> {
    let providers = scenario.services[service.index()].providers;
    let one = |id: ProviderId| provider(&scenario.providers[id.index()], &scenario.faults);
    providers.map(one).collect()
}

fn provider(provider: &Provider, faults: &Faults) -> ProviderSection {
    ProviderSection {
        name: provider.name.clone(),
        kind: provider.kind,
        session_cap: provider.session_cap.map(i64::from),
        cap_code: (provider.cap_code != CAP_CODES[0]).then(|| provider.cap_code.name().to_owned()),
        data: data(provider.complete),
        password: provider.password,
        faults: (provider.faults != faults.kinds).then(|| kinds(provider.faults)),
        init_codes: codes(provider.init_codes),
        logon_codes: codes(provider.logon_codes),
    }
}

fn client(client: &Client) -> ClientSection {
    ClientSection {
        name: client.name.clone(),
        profile: profile_parameter(client),
        password: if client.password { "x" } else { "" }.to_owned(),
        flags: match client.any_flags {
            None => FlagsParameter::These(flags(client.flags)),
            Some(any) => FlagsParameter::Any(AnyFlags {
                any: flags(any - client.flags),
                always: flags(client.flags),
            }),
        },
        calls: (client.written != ["MAPILogonEx"]).then(|| client.written.clone()),
        weight: (client.weight != 1).then(|| client.weight.into()),
    }
}

fn profile_parameter(client: &Client) -> Option<ProfileParameter> {
    let mut given = client.names.iter().filter_map(|name| name.written.clone());
    if client.any_name {
        let none = client.names.iter().any(|name| name.written.is_none());
        return Some(ProfileParameter::Any(AnyName { any: given.collect(), none }));
    }
    given.next().map(ProfileParameter::Name)
}

fn flags(flags: LogonFlags) -> Vec<String> {
    flags.iter_names().map(|(name, _)| name.to_owned()).collect()
}

const fn data(complete: bool) -> Data {
    if complete { Data::Complete } else { Data::Missing }
}

fn codes(codes: CodeSet) -> Vec<String> {
    codes.iter().map(|code| Code::name(code).to_owned()).collect()
}

fn kinds(faults: FaultSet) -> Vec<FaultKind> {
    let sets = FaultKind::ALL.into_iter().zip(fault_kinds());
    let given = sets.filter(|(_, (_, set))| set.0 & faults.0 != 0);
    given.map(|(kind, _)| kind).collect()
}

fn faults(faults: &Faults) -> FaultsSection {
    FaultsSection {
        budget: faults.budget.limit().unwrap_or(0).into(),
        kinds: (faults.kinds != FaultSet::ALL).then(|| kinds(faults.kinds)),
        repair: match (faults.repair_by_user, faults.repair_by_environment) {
            (true, true) => Repair::Both,
            (true, false) => Repair::User,
            (false, true) => Repair::Environment,
            (false, false) => Repair::Never,
        },
    }
}

fn load(load: &Load, scenario: &Scenario) -> LoadSection {
    let outages = load.outages.iter().filter_map(|outage| {
        Some(OutageSection {
            provider: scenario.providers[outage.provider.index()].name.clone(),
            kind: kinds(outage.kind).first().copied()?,
            from: outage.from,
            to: outage.to,
        })
    });
    LoadSection {
        arrivals_per_second: load.arrivals_per_second,
        logons: Some(i64::try_from(load.logons).unwrap_or(i64::MAX)),
        outage: outages.collect(),
        fault_rate: load.fault_rate,
    }
}
