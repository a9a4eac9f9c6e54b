//! Every section and key is read.

use mapi_logon_model::ids::{ProfileId, ProviderId, ProviderSet, ServiceId, ServiceSet};
use mapi_logon_model::mapi::{FaultSet, LogoffFlags, ProviderKind};
use mapi_logon_model::policy::RetryUnit;
use mapi_logon_model::protocol::{Call, Method};
use mapi_logon_model::scenario::{
    Answers, Client, Distribution, EntryPoint, FaultRate, Faults, Named, Outage, Password,
    ProfileState, Scenario, Weights, split_call, stand_in,
};

use crate::EVERYTHING;

#[test]
fn every_key_is_read() {
    let scenario = Scenario::parse(EVERYTHING).unwrap();
    assert_eq!(scenario.name.as_deref(), Some("all keys"));
    assert_eq!(scenario.default_profile, Named::Profile(ProfileId(0)));
    assert_eq!(scenario.max_sessions, Some(8));
    let [work, old] = scenario.profiles.as_slice() else { panic!() };
    assert!(work.password && old.state == ProfileState::Deleted);
    assert_eq!((work.services, old.services), (ServiceSet(0b01), ServiceSet(0b10)));
    assert_eq!((work.providers, old.providers), (ProviderSet(0b011), ProviderSet(0b100)));
    let [exchange, fax] = scenario.services.as_slice() else { panic!() };
    assert!(!exchange.complete && exchange.critical && exchange.identity);
    assert_eq!(exchange.entry_point, EntryPoint::Programmatic);
    assert_eq!((fax.entry_point, fax.profile), (EntryPoint::None, Some(ProfileId(1))));
    let [ab, ms, xp] = scenario.providers.as_slice() else { panic!() };
    assert_eq!((ab.session_cap, ab.complete, ab.password), (Some(1), false, Password::Missing));
    assert_eq!(ab.faults, FaultSet(0b00110), "both directions of a version mismatch");
    assert_eq!(ms.faults, FaultSet(0b01001), "the kinds of [faults]");
    assert_eq!((xp.kind, xp.service), (ProviderKind::Transport, ServiceId(1)));
    assert_eq!(scenario.answers, Answers(0b1001));
    assert!(scenario.faults.repair_by_user && !scenario.faults.repair_by_environment);
    assert_eq!(scenario.policy.retry_unit, RetryUnit::Service);
    assert_eq!(scenario.expect, ["RCH-3", "RCH-24"]);
    assert_eq!((scenario.weights.answers[2], scenario.weights.fault), (0, 1_000_000));
}

#[test]
fn provider_outside_every_service_is_one_of_its_own_that_no_profile_has() {
    let foreign = "[[provider]]\nname = \"PST\"\nkind = \"message-store\"\nsession_cap = 1\n";
    let scenario = Scenario::parse(&format!("{EVERYTHING}\n{foreign}")).unwrap();
    let [.., archive] = scenario.services.as_slice() else { panic!() };
    assert_eq!((archive.profile, archive.entry_point), (None, EntryPoint::None));
    assert_eq!(scenario.foreign(), ServiceSet::only(ServiceId(2)));
    assert_eq!(archive.providers, ProviderSet::only(ProviderId(3)));
    assert_eq!(scenario.providers[3].session_cap, Some(1));
    assert!(scenario.profiles.iter().all(|one| !one.services.contains(ServiceId(2))));
    assert!(scenario.to_toml().contains(foreign));
    assert_eq!(Scenario::parse(&scenario.to_toml()).unwrap(), scenario);
}

#[test]
fn calls_are_read_and_kept_as_written() {
    let scenario = Scenario::parse(EVERYTHING).unwrap();
    let [outlook, mapisend] = scenario.clients.as_slice() else { panic!() };
    let on_session = |method| Call::OnSession(None, method);
    let expected = [
        Call::Initialize,
        Call::LogonEx(outlook.logon(0)),
        on_session(Method::OpenMsgStore(ProviderId(1))),
        on_session(Method::OpenAddressBook),
        on_session(Method::GetStatusTable),
        on_session(Method::QueryIdentity),
        on_session(Method::RemoveService(ServiceId(1))),
        Call::DeleteProfile(ProfileId(1)),
        on_session(Method::Logoff(LogoffFlags::all())),
        Call::LogonEx(outlook.logon(1)),
        on_session(Method::Logoff(LogoffFlags::empty())),
        on_session(Method::Release),
        Call::Uninitialize,
    ];
    assert_eq!(outlook.calls, expected);
    assert_eq!(split_call(&outlook.written[2]), ("OpenMsgStore", Some("EXMS")));
    let logoff = ("Logoff", Some("MAPI_LOGOFF_SHARED|MAPI_LOGOFF_UI"));
    assert_eq!(split_call(&outlook.written[8]), logoff);
    assert!(outlook.initializes && !mapisend.initializes);
    let named = |client: &Client| client.only_name().map(|name| name.named);
    assert_eq!(named(outlook), Some(Named::Unknown));
    assert_eq!(named(mapisend), Some(Named::Nothing));
    assert_eq!((outlook.password, mapisend.password), (false, true));
    assert_eq!(mapisend.calls, [Call::LogonEx(mapisend.logon(0))]);
    assert_eq!((outlook.weight, mapisend.weight), (3, 1));
}

#[test]
fn load_is_read() {
    let scenario = Scenario::parse(EVERYTHING).unwrap();
    let (timing, load) = (scenario.timing.unwrap(), scenario.load.unwrap());
    assert_eq!(timing.profile_load, Distribution::Constant(2.0));
    assert_eq!(timing.configure, Distribution::Uniform(0.5, 1.5));
    assert_eq!(timing.provider_load, Distribution::Constant(0.0), "work not given takes no time");
    assert_eq!(timing.provider_logon, Distribution::Exponential(12.0));
    assert_eq!(timing.user_answer, Distribution::Lognormal(4e3, 2e4));
    assert_eq!(timing.short_timeout, Distribution::Constant(5e3));
    assert_eq!((load.arrivals_per_second, load.logons), (20.0, 1000));
    let kind = FaultSet(0b00110);
    assert_eq!(load.outages, [Outage { provider: ProviderId(1), kind, from: 60.0, to: 180.0 }]);
    assert_eq!(load.fault_rate, Some(FaultRate { mtbf: 3600.0, mttr: 120.0 }));
}

#[test]
fn defaults_are_the_documented_ones() {
    let scenario = Scenario::parse("client = [{ name = 'c' }]").unwrap();
    assert_eq!(scenario.clients[0].written, ["MAPILogonEx"]);
    assert_eq!((scenario.answers, scenario.faults), (Answers(0x1ff), Faults::default()));
    assert_eq!((scenario.max_sessions, scenario.default_profile), (None, Named::Nothing));
    assert_eq!((scenario.timing, scenario.load), (None, None));
    assert_eq!(scenario.weights, Weights::default());
}

#[test]
fn long_and_empty_profile_parameters_are_the_models_business() {
    let long = "ä".repeat(65);
    let text =
        format!("client = [{{ name = 'a', profile = '{long}' }}, {{ name = 'b', profile = '' }}]");
    let scenario = Scenario::parse(&text).unwrap();
    let [a, b] = scenario.clients.as_slice() else { panic!() };
    let [a, b] = [&a.names[0], &b.names[0]];
    assert!(a.too_long && a.named == Named::Unknown);
    assert!(!b.too_long && b.named == Named::Nothing && b.written.as_deref() == Some(""));
    assert!(scenario.warnings().is_empty());
}

#[test]
fn names_that_no_scenario_has_are_resolved_by_their_stand_ins() {
    let long = |end: &str| "ä".repeat(64) + end;
    let names = [long("x"), long("y"), " Work".into(), "Work ".into(), "Wo\nrk".into()];
    let stand_ins: Vec<_> = names.iter().map(|name| stand_in(name)).collect();
    let profiles: Vec<_> = stand_ins.iter().map(|name| format!("{{ name = '{name}' }}")).collect();
    let text = format!("profile = [{}]\nclient = [{{ name = 'a' }}]", profiles.join(","));
    let scenario = Scenario::parse(&text).unwrap();
    for (index, name) in names.iter().enumerate() {
        assert_eq!(scenario.resolve(name), Named::Profile(index.into()), "{name:?}");
    }
    assert_eq!(scenario.resolve("Work"), Named::Unknown);
    assert_eq!(stand_in("Work"), "Work");
}

#[test]
fn warnings_name_what_was_probably_meant() {
    let text = r#"
        subsystem = { default_profile = "Home" }
        profile = [{ name = "Work" }]
        faults = { budget = 1 }
        client = [{ name = "c", profile = "Wrok", calls = ["Release", "MAPILogonEx", "Release"] }]
    "#;
    let expected = [
        "no profile is named \"Home\", the default profile",
        "client \"c\": no profile is named \"Wrok\"; did you mean `Work`?",
        "client \"c\": call \"Release\": no MAPILogonEx comes before it, so it is left out",
        "the fault budget is not 0, but no fault can strike",
    ];
    assert_eq!(Scenario::parse(text).unwrap().warnings(), expected);
}
