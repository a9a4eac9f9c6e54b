//! What `to_toml` writes is read back as the same scenario, and it is canonical.

use mapi_logon_model::ids::{ServiceId, ServiceSet};
use mapi_logon_model::mapi::{Code, INITIALIZE_CODES, LogonFlags};
use mapi_logon_model::protocol::Call;
use mapi_logon_model::scenario::file::{
    AnyFlags, AnyName, FaultKind, FlagsParameter, LoadSection, OutageSection, ProfileParameter,
    ScenarioFile,
};
use mapi_logon_model::scenario::{Distribution, FaultRate, MAX_WEIGHT, Scenario, Timing, Weights};
use proptest::prelude::*;

use crate::EVERYTHING;
use crate::drawn::worlds;

/// Numbers that a file is decorated by; where they end come zeros, which leave it plain.
struct Tape(std::vec::IntoIter<u8>);

impl Tape {
    /// A number below `bound`.
    fn below(&mut self, bound: usize) -> usize {
        usize::from(self.0.next().unwrap_or(0)) % bound.max(1)
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 1
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// Some of these, in their order.
    fn some<T: Copy>(&mut self, items: &[T]) -> Vec<T> {
        let few = items.iter().filter(|_| self.below(3) == 1);
        few.copied().collect()
    }

    /// A name that still differs from those that differ from it.
    fn odd(&mut self, name: &mut String) {
        let odd = ["", "é", "\"", "\\", "a b", "'", "#", "[x]", "=", "|", "名", ".", "\"'"];
        *name = format!("{}{name}{}", self.pick(&odd), self.pick(&odd));
    }

    fn number(&mut self) -> f64 {
        self.pick(&[1.0, 0.5, 1e-6, 2e4, 123_456.789, 1e12, 0.1 + 0.2])
    }

    fn distribution(&mut self) -> Distribution {
        let (one, other) = (self.number(), self.number());
        let (low, high) = (one.min(other), one.max(other));
        match self.below(4) {
            0 => Distribution::Constant(low),
            1 => Distribution::Uniform(low, high),
            2 => Distribution::Exponential(low),
            _ => Distribution::Lognormal(low, high),
        }
    }
}

/// Gives a world odd names and whatever else a file may say.
fn decorate(file: &mut ScenarioFile, tape: &mut Tape) {
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.name().to_owned()).collect();
    let owned = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect::<Vec<_>>();
    file.name = tape.coin().then(|| "all \"keys\"".to_owned());
    file.subsystem.max_sessions = tape.pick(&[None, Some(0), Some(u32::MAX.into())]);
    let initialize = INITIALIZE_CODES.map(Code::name);
    file.subsystem.init_codes = owned(tape.some(&initialize));
    for provider in file
        .profile
        .iter_mut()
        .flat_map(|profile| &mut profile.service)
        .flat_map(|service| &mut service.provider)
        .chain(&mut file.provider)
    {
        provider.faults = tape.coin().then(|| tape.some(&FaultKind::ALL));
        let few: Vec<_> = codes.iter().map(String::as_str).collect();
        provider.init_codes = owned(tape.some(&few[..8]));
        provider.logon_codes = owned(tape.some(&few[8..12]));
    }
    rename(file, tape);
    for client in &mut file.client {
        let flags: Vec<_> = LogonFlags::all().iter_names().map(|(name, _)| name).collect();
        client.flags = match tape.below(3) {
            0 => FlagsParameter::Any(AnyFlags {
                any: owned(tape.some(&flags[..4])),
                always: owned(tape.some(&flags[4..])),
            }),
            _ => FlagsParameter::These(owned(tape.some(&flags))),
        };
        client.password = tape.pick(&["", "x"]).to_owned();
        client.weight = tape.pick(&[None, Some(0), Some(7), Some(MAX_WEIGHT.into())]);
        match tape.below(5) {
            1 => client.profile = Some("".into()),
            2 => client.profile = Some("no such\u{7}\nprofile".into()),
            3 => client.profile = Some((&*"x".repeat(65)).into()),
            4 => {
                let (any, none) = (owned(tape.some(&["", "P1", "nobody"])), tape.coin());
                let none = none || any.is_empty();
                client.profile = Some(ProfileParameter::Any(AnyName { any, none }));
            }
            _ => {}
        }
        if tape.coin() {
            client.calls = None;
        }
    }
    file.expect.witnesses = owned(tape.some(&["RCH-24", "RCH-3", "RCH-1"]));
    for (key, weight) in Weights::default().named() {
        let weight = tape.pick(&[weight, weight, 0, MAX_WEIGHT]);
        if tape.coin() {
            file.weights.insert(key.to_owned(), weight.into());
        }
    }
    load(file, tape);
}

/// Renames things and what refers to them.
fn rename(file: &mut ScenarioFile, tape: &mut Tape) {
    let (mut profiles, mut services, mut providers) = (Vec::new(), Vec::new(), Vec::new());
    for profile in &mut file.profile {
        tape.odd(&mut profile.name);
        profiles.push(profile.name.clone());
        for service in &mut profile.service {
            tape.odd(&mut service.name);
            services.push(service.name.clone());
            for provider in &mut service.provider {
                tape.odd(&mut provider.name);
                providers.push(provider.name.clone());
            }
        }
    }
    for foreign in &mut file.provider {
        tape.odd(&mut foreign.name);
        providers.push(foreign.name.clone());
    }
    file.subsystem.default_profile = tape.coin().then(|| profiles[0].clone());
    for client in &mut file.client {
        tape.odd(&mut client.name);
        client.profile = tape.coin().then(|| (&*profiles[0]).into());
        let pick = |names: &[String], tape: &mut Tape| names[tape.below(names.len())].clone();
        let calls = [
            "MAPIInitialize".to_owned(),
            "MAPILogonEx".to_owned(),
            format!("OpenMsgStore:{}", pick(&providers, tape)),
            format!("DeleteProfile:{}", pick(&profiles, tape)),
            format!("RemoveService:{}", pick(&services, tape)),
            "Logoff:MAPI_LOGOFF_UI|MAPI_LOGOFF_SHARED".to_owned(),
            "Logoff".to_owned(),
            "Release".to_owned(),
            "MAPIUninitialize".to_owned(),
        ];
        let few: Vec<_> = calls.iter().map(String::as_str).collect();
        client.calls = Some(tape.some(&few).into_iter().map(str::to_owned).collect());
    }
}

fn load(file: &mut ScenarioFile, tape: &mut Tape) {
    if tape.coin() {
        return;
    }
    let mut durations = || {
        if tape.coin() { tape.distribution() } else { Distribution::default() }
    };
    file.timing = Some(Timing {
        profile_load: durations(),
        configure: durations(),
        provider_load: durations(),
        provider_logon: durations(),
        server_timeout: durations(),
        user_answer: durations(),
        ..Timing::default()
    });
    if tape.coin() || file.client.iter().all(|client| client.weight == Some(0)) {
        return;
    }
    let services = file.profile.iter().flat_map(|profile| &profile.service);
    let outages = services.flat_map(|service| &service.provider).map(|provider| {
        let from = tape.number().min(2e4);
        OutageSection {
            provider: provider.name.clone(),
            kind: tape.pick(&FaultKind::ALL),
            from,
            to: from + 0.125,
        }
    });
    file.load = Some(LoadSection {
        outage: outages.collect(),
        arrivals_per_second: tape.number().min(1e9),
        logons: Some(1 + i64::try_from(tape.below(100)).unwrap()),
        fault_rate: tape.coin().then(|| FaultRate { mtbf: tape.number(), mttr: tape.number() }),
    });
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        world in worlds(),
        numbers in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut file = world;
        decorate(&mut file, &mut Tape(numbers.into_iter()));
        let text = file.to_toml();
        prop_assert_eq!(&ScenarioFile::parse(&text), &Ok(file), "{}", text);
        let scenario = Scenario::parse(&text).unwrap();
        let canonical = scenario.to_toml();
        prop_assert_eq!(&Scenario::parse(&canonical), &Ok(scenario), "{}", canonical);
        let again = Scenario::parse(&canonical).unwrap().to_toml();
        prop_assert_eq!(again, canonical);
    }
}

#[test]
fn canonical_text_leaves_defaults_out() {
    let scenario = Scenario::parse("client = [{ name = 'c', calls = ['MAPILogonEx'] }]").unwrap();
    assert_eq!(scenario.to_toml(), "[[client]]\nname = \"c\"\n");
    let scenario = Scenario::parse(EVERYTHING).unwrap();
    assert_eq!(Scenario::parse(&scenario.to_toml()).unwrap(), scenario);
}

#[test]
fn what_is_taken_out_of_the_lists_is_not_written() {
    let mut scenario = Scenario::parse(EVERYTHING).unwrap();
    scenario.clients.remove(0);
    scenario.profiles[0].services = ServiceSet::EMPTY;
    scenario.load = None;
    let smaller = Scenario::parse(&scenario.to_toml()).unwrap();
    assert_eq!((smaller.clients.len(), smaller.services.len(), smaller.providers.len()), (1, 1, 1));
    assert_eq!(smaller.profiles[1].services, ServiceSet::only(ServiceId(0)));
    assert_eq!(smaller.clients[0].calls, [Call::LogonEx(smaller.clients[0].logon(0))]);
}
