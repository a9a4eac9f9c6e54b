//! Is what `to_toml` writes read back as the same scenario, and is it canonical?

use proptest::prelude::*;

use super::*;
use crate::policy::SWITCHES;

/// Numbers that a scenario is drawn from; where they end come zeros, which draw the plainest.
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

    /// A name that differs from others by its `number`.
    fn name(&mut self, number: usize) -> String {
        let odd = ["", "é", "\"", "\\", "a b", "'", "#", "[x]", "=", ":", "|", "名", "."];
        format!("{}{number}{}", self.pick(&odd), self.pick(&odd))
    }

    fn kinds(&mut self) -> FaultSet {
        let mask = self.below(16);
        let chosen = fault_kinds().into_iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1);
        FaultSet(chosen.fold(0, |all, (_, (_, kind))| all | kind.0))
    }

    fn number(&mut self) -> f64 {
        self.pick(&[1.0, 0.5, 1e-6, 2e4, 123_456.789, 1e12, 0.1 + 0.2])
    }

    fn distribution(&mut self) -> Distribution {
        let (one, other) = (self.number(), self.number());
        let (low, high) = (one.min(other), one.max(other));
        match self.below(4) {
            0 => Distribution::Constant(low),
            1 => Distribution::Uniform { low, high },
            2 => Distribution::Exponential { mean: low },
            _ => Distribution::Lognormal { median: low, p95: high },
        }
    }
}

fn draw(numbers: Vec<u8>) -> Scenario {
    let mut tape = Tape(numbers.into_iter());
    let faults = Faults {
        budget: u8::try_from(tape.below(16)).unwrap(),
        kinds: tape.kinds(),
        repair_by_user: tape.coin(),
        repair_by_environment: tape.coin(),
    };
    let mut scenario = Scenario { faults, ..Scenario::default() };
    for _ in 0..tape.below(4) {
        draw_profile(&mut tape, &mut scenario);
    }
    for _ in 0..=tape.below(3) {
        draw_client(&mut tape, &mut scenario);
    }
    draw_rules(&mut tape, &mut scenario);
    draw_load(&mut tape, &mut scenario);
    scenario
}

fn draw_profile(tape: &mut Tape, scenario: &mut Scenario) {
    let id = ProfileId::from(scenario.profiles.len());
    let states = [ProfileState::Valid, ProfileState::Damaged, ProfileState::Deleted];
    let entry_points = [EntryPoint::Dialog, EntryPoint::Programmatic, EntryPoint::None];
    let mut profile = Profile {
        name: tape.name(id.index()),
        state: tape.pick(&states),
        password: tape.coin(),
        services: ServiceSet::EMPTY,
        providers: ProviderSet::EMPTY,
    };
    for _ in 0..tape.below(3) {
        let id = ServiceId::from(scenario.services.len());
        let mut providers = ProviderSet::EMPTY;
        for _ in 0..=tape.below(2) {
            let number = scenario.providers.len();
            providers.insert(number.into());
            let inherited = scenario.faults.kinds;
            scenario.providers.push(Provider {
                name: tape.name(number),
                service: id,
                kind: tape.pick(&ProviderKind::ALL),
                session_cap: tape.coin().then_some(number.try_into().unwrap()),
                complete: tape.coin(),
                password_stored: tape.coin(),
                faults: if tape.coin() { tape.kinds() } else { inherited },
                init_codes: CodeSet(u64::from(tape.coin()) << 3),
                logon_codes: CodeSet(u64::from(tape.coin()) << 5 | u64::from(tape.coin())),
            });
        }
        scenario.services.push(Service {
            name: tape.name(id.index()),
            profile: ProfileId::from(scenario.profiles.len()),
            complete: tape.coin(),
            entry_point: tape.pick(&entry_points),
            critical: tape.coin(),
            identity: tape.coin(),
            providers,
        });
        profile.services.insert(id);
        profile.providers = profile.providers.or(providers);
    }
    scenario.profiles.push(profile);
}

fn draw_client(tape: &mut Tape, scenario: &mut Scenario) {
    let id = ClientId::from(scenario.clients.len());
    let names: Vec<_> = scenario.profiles.iter().map(|profile| profile.name.clone()).collect();
    let profile = match tape.below(5) {
        0 => None,
        1 => Some(String::new()),
        2 => Some("no such\u{7}\nprofile".to_owned()),
        3 => Some("x".repeat(65)),
        _ => names.get(tape.below(names.len())).cloned(),
    };
    let number = 1 << tape.below(32) | 1 << tape.below(32);
    let mut client = Client {
        name: tape.name(id.index()),
        named: profile.as_deref().map_or(Named::Nothing, |name| scenario.resolve(name)),
        name_too_long: profile.as_ref().is_some_and(|name| name.len() > 64),
        profile,
        password: tape.coin(),
        flags: LogonFlags::from_bits_truncate(number),
        calls: Vec::new(),
        written: Vec::new(),
        initializes: false,
        weight: tape.pick(&[1, 0, 7, MAX_WEIGHT]),
    };
    for position in 0..tape.below(5) {
        let (call, written) = draw_call(tape, scenario);
        if matches!(call, Call::LogonEx(_)) {
            let call = u8::try_from(position).unwrap();
            scenario.logons.push(Logon { client: id, call });
        }
        client.initializes |= matches!(call, Call::Initialize | Call::Uninitialize);
        client.calls.push(call);
        client.written.push(written);
    }
    scenario.clients.push(client);
}

fn draw_call(tape: &mut Tape, scenario: &Scenario) -> (Call, String) {
    let plain = |call, name: &str| (call, name.to_owned());
    let logon = || plain(Call::LogonEx(scenario.logons.len().into()), "MAPILogonEx");
    let index = tape.below(32);
    match tape.below(12) {
        1 => plain(Call::Initialize, "MAPIInitialize"),
        2 => plain(Call::Uninitialize, "MAPIUninitialize"),
        3 => plain(Call::Release, "Release"),
        4 => plain(Call::OpenAddressBook, "OpenAddressBook"),
        5 => plain(Call::GetStatusTable, "GetStatusTable"),
        6 => plain(Call::QueryIdentity, "QueryIdentity"),
        7 => plain(Call::Logoff(LogoffFlags::empty()), "Logoff"),
        8 => plain(Call::Logoff(LogoffFlags::all()), "Logoff:MAPI_LOGOFF_UI|MAPI_LOGOFF_SHARED"),
        9 => scenario.providers.get(index).map_or_else(logon, |provider| {
            let written = format!("OpenMsgStore:{}", provider.name);
            (Call::OpenMsgStore(index.into()), written)
        }),
        10 => scenario.profiles.get(index).map_or_else(logon, |profile| {
            (Call::DeleteProfile(index.into()), format!("DeleteProfile:{}", profile.name))
        }),
        11 => scenario.services.get(index).map_or_else(logon, |service| {
            (Call::RemoveService(index.into()), format!("RemoveService:{}", service.name))
        }),
        _ => logon(),
    }
}

fn draw_rules(tape: &mut Tape, scenario: &mut Scenario) {
    scenario.name = tape.coin().then(|| tape.name(0));
    scenario.default_name = tape.coin().then(|| tape.name(0));
    if let Some(name) = &scenario.default_name {
        scenario.default_profile = scenario.resolve(name);
    }
    scenario.max_sessions = tape.coin().then_some(u32::MAX);
    scenario.init_codes = CodeSet(u64::from(tape.coin()) << Code::Version as u8);
    scenario.answers = Answers(u16::try_from(tape.below(256) + 256 * tape.below(2)).unwrap());
    for _ in 0..tape.below(4) {
        let switch = tape.pick(SWITCHES);
        scenario.policy.set(switch.name, tape.pick(switch.values)).unwrap();
    }
    scenario.expect = (0..tape.below(3)).map(|number| format!("RCH-{}", 24 - number)).collect();
    for (_, weight) in scenario.weights.named_mut() {
        *weight = tape.pick(&[*weight, 0, MAX_WEIGHT]);
    }
}

fn draw_load(tape: &mut Tape, scenario: &mut Scenario) {
    if tape.coin() {
        return;
    }
    let mut timing = Timing::default();
    for (_, duration) in timing.named_mut() {
        if tape.coin() {
            *duration = tape.distribution();
        }
    }
    scenario.timing = Some(timing);
    if tape.coin() || scenario.clients.iter().all(|client| client.weight == 0) {
        return;
    }
    let mut outages = Vec::new();
    for index in 0..scenario.providers.len() {
        let (_, kind) = tape.pick(&fault_kinds());
        let from = tape.number().min(2e4);
        outages.push(Outage { provider: index.into(), kind, from, to: from + 0.125 });
    }
    scenario.load = Some(Load {
        arrivals_per_second: tape.number().min(1e9),
        logons: 1 + u64::try_from(tape.below(100)).unwrap(),
        outages,
        fault_rate: tape.coin().then(|| FaultRate { mtbf: tape.number(), mttr: tape.number() }),
    });
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(numbers in proptest::collection::vec(any::<u8>(), 0..200)) {
        let scenario = draw(numbers);
        let text = scenario.to_toml();
        let read = Scenario::parse(&text);
        prop_assert_eq!(&read, &Ok(scenario), "{}", text);
        prop_assert_eq!(read.map(|read| read.to_toml()), Ok(text));
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
    assert_eq!(smaller.clients[0].calls, [Call::LogonEx(LogonId(0))]);
}
