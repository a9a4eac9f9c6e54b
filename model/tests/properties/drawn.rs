//! The properties hold of scenarios drawn at random.

use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::LogonFlags;
use mapi_logon_model::policy::SWITCHES;
use mapi_logon_model::property::given_up_by;
use mapi_logon_model::scenario::{Answers, Password, Scenario};
use proptest::prelude::*;

use crate::explore::{explore_some, named_scenarios, scenario};
use crate::worlds::WORLDS;

/// What is changed about a scenario.
#[derive(Clone, Debug)]
struct Change {
    readings: Vec<(usize, usize)>,
    flags: Vec<u32>,
    services: Vec<u8>,
    providers: Vec<u8>,
    any_answer: bool,
}

fn changes() -> impl Strategy<Value = Change> {
    let readings = prop::collection::vec((0..SWITCHES.len(), 0..3_usize), 0..4);
    let flags = prop::collection::vec(prop::option::weighted(0.3, 0..18_u32), 3);
    let flags = flags.prop_map(|flags| {
        flags.into_iter().map(|flag| flag.map_or(0, |bit| 1 << bit)).collect::<Vec<_>>()
    });
    let services = prop::collection::vec(0..10_u8, 3);
    let providers = prop::collection::vec(0..16_u8, 5);
    (readings, flags, services, providers, any::<bool>()).prop_map(
        |(readings, flags, services, providers, any_answer)| Change {
            readings,
            flags,
            services,
            providers,
            any_answer,
        },
    )
}

fn changed(mut scenario: Scenario, change: &Change) -> Scenario {
    for (switch, value) in &change.readings {
        let switch = &SWITCHES[*switch];
        let value = switch.values[value % switch.values.len()];
        scenario.policy.set(switch.name, value).expect("a reading of the list");
    }
    for (client, flag) in scenario.clients.iter_mut().zip(&change.flags) {
        client.set_flags(client.flags ^ LogonFlags::from_bits_truncate(*flag));
    }
    for (service, drawn) in scenario.services.iter_mut().zip(&change.services) {
        service.complete &= *drawn > 1;
        service.critical |= *drawn == 9;
    }
    for (provider, drawn) in scenario.providers.iter_mut().zip(&change.providers) {
        provider.complete &= *drawn > 1;
        if (2..4).contains(drawn) {
            provider.password = Password::Missing;
        }
        if *drawn > 13 {
            provider.session_cap = Some(1);
        }
    }
    if change.any_answer {
        scenario.answers = Answers::default();
    }
    scenario
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn no_property_is_broken_in_a_scenario_that_is_drawn(
        at in any::<prop::sample::Index>(),
        change in changes(),
    ) {
        let own = WORLDS.iter().map(|(_, text)| scenario(text));
        let named = named_scenarios().into_iter().map(|(_, scenario)| scenario);
        let all: Vec<_> = named.chain(own).collect();
        let scenario = changed(at.get(&all).clone(), &change);
        let model = Model::new(scenario.clone());
        // Users who do not answer every dialog may keep the mutex forever (LIV-3).
        let explored = explore_some(&model);
        prop_assert_eq!(explored.descents, 0);
        let mut broken = explored.broken();
        broken.retain(|id| *id != "LIV-3" && given_up_by(id, &scenario).is_empty());
        prop_assert!(broken.is_empty(), "{broken:?} in\n{}", scenario.to_toml());
    }
}
