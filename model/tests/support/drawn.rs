//! Small scenario files drawn at random: few of everything, every switch, rich in trouble.

use mapi_logon_model::mapi::{CAP_CODES, ProviderKind};
use mapi_logon_model::policy::SWITCHES;
use mapi_logon_model::scenario::file::{
    AnyFlags, AnyName, ClientSection, Data, FaultKind, FaultsSection, FlagsParameter,
    ProfileParameter, ProfileSection, ProviderSection, Repair, ScenarioFile, ServiceSection,
    SubsystemSection, UserSection,
};
use mapi_logon_model::scenario::{ANSWERS, EntryPoint, Password, ProfileState};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const FLAGS: [&str; 11] = [
    "MAPI_LOGON_UI",
    "MAPI_NEW_SESSION",
    "MAPI_ALLOW_OTHERS",
    "MAPI_USE_DEFAULT",
    "MAPI_FORCE_DOWNLOAD",
    "MAPI_SERVICE_UI_ALWAYS",
    "MAPI_NO_MAIL",
    "MAPI_NT_SERVICE",
    "MAPI_PASSWORD_UI",
    "MAPI_TIMEOUT_SHORT",
    "MAPI_EXPLICIT_PROFILE",
];

/// Worlds small enough to be explored in a moment.
pub(crate) fn worlds() -> impl Strategy<Value = ScenarioFile> {
    let lists = (
        prop::collection::vec(profiles(), 1..3),
        prop::collection::vec(clients(), 1..3),
        prop_oneof![Just(ANSWERS.to_vec()), subsequence(ANSWERS.to_vec(), 3..9)],
        subsequence(FaultKind::ALL.to_vec(), 1..3),
    );
    let repairs = [Repair::Both, Repair::User, Repair::Environment, Repair::Never];
    let foreign = prop::option::weighted(0.2, providers());
    let rest = (
        0..2_i64,
        select(repairs.to_vec()),
        policies(),
        prop::bool::ANY,
        prop::option::weighted(0.1, 1..3_i64),
    );
    (lists, rest, foreign).prop_map(
        |(
            (profile, client, answers, kinds),
            (budget, repair, policy, has_default, most),
            foreign,
        )| {
            let kind = ProviderKind::MessageStore;
            let mut world = ScenarioFile {
                subsystem: SubsystemSection {
                    default_profile: has_default.then(|| "P0".to_owned()),
                    max_sessions: most,
                    ..SubsystemSection::default()
                },
                profile,
                provider: foreign.into_iter().map(|one| ProviderSection { kind, ..one }).collect(),
                client,
                user: UserSection {
                    answers: Some(answers.into_iter().map(str::to_owned).collect()),
                },
                faults: FaultsSection { budget, kinds: Some(kinds), repair },
                policy: policy.into_iter().collect(),
                ..ScenarioFile::default()
            };
            number(&mut world);
            world
        },
    )
}

/// Names everything by its place: P0, S0, R0, c0.
fn number(world: &mut ScenarioFile) {
    let (mut services, mut providers) = (0, 0);
    for (index, profile) in world.profile.iter_mut().enumerate() {
        profile.name = format!("P{index}");
        for service in &mut profile.service {
            service.name = format!("S{services}");
            services += 1;
            for provider in &mut service.provider {
                provider.name = format!("R{providers}");
                providers += 1;
            }
        }
    }
    let store = match world.provider.first_mut() {
        Some(foreign) => {
            foreign.name = format!("R{providers}");
            providers
        }
        None => 1.min(providers - 1),
    };
    for (index, client) in world.client.iter_mut().enumerate() {
        client.name = format!("c{index}");
        for call in client.calls.iter_mut().flatten() {
            if call == "OpenMsgStore:R1" {
                *call = format!("OpenMsgStore:R{store}");
            }
        }
    }
}

/// Rarely true.
fn seldom() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.15)
}

fn data() -> impl Strategy<Value = Data> {
    prop::bool::weighted(0.3).prop_map(
        |missing| {
            if missing { Data::Missing } else { Data::Complete }
        },
    )
}

fn providers() -> impl Strategy<Value = ProviderSection> {
    let kinds = [
        ProviderKind::AddressBook,
        ProviderKind::MessageStore,
        ProviderKind::MessageStore,
        ProviderKind::Transport,
    ];
    let cap = prop::option::weighted(0.3, Just(1));
    let codes = CAP_CODES.map(|code| code.name().to_owned());
    let code = prop::option::of(select(codes.to_vec()));
    let password = prop_oneof![
        8 => Just(Password::Stored),
        1 => Just(Password::Missing),
        1 => Just(Password::Wrong),
    ];
    let parts = (select(kinds.to_vec()), cap, code, data(), password);
    parts.prop_map(|(kind, session_cap, cap_code, data, password)| ProviderSection {
        kind,
        session_cap,
        cap_code,
        data,
        password,
        ..ProviderSection::default()
    })
}

fn services() -> impl Strategy<Value = ServiceSection> {
    let entry_points = [EntryPoint::Dialog, EntryPoint::Programmatic, EntryPoint::None];
    let list = prop::collection::vec(providers(), 1..3);
    let flags = (seldom(), prop::bool::ANY);
    let faults =
        prop_oneof![4 => Just(Vec::new()), 1 => subsequence(FaultKind::ALL.to_vec(), 1..3)];
    let parts = (data(), faults, select(entry_points.to_vec()), flags, list);
    parts.prop_map(|(data, faults, entry_point, (critical, identity), provider)| ServiceSection {
        data,
        faults,
        entry_point,
        critical,
        identity,
        provider,
        ..ServiceSection::default()
    })
}

fn profiles() -> impl Strategy<Value = ProfileSection> {
    let state = prop_oneof![
        4 => Just(ProfileState::Valid),
        1 => Just(ProfileState::Damaged),
        1 => Just(ProfileState::Deleted),
    ];
    let list = prop::collection::vec(services(), 1..3);
    let damage = seldom().prop_map(|may| may.then_some(FaultKind::DataCorruption));
    let parts = (state, damage, seldom(), list);
    parts.prop_map(|(state, damage, password, service)| ProfileSection {
        state,
        faults: damage.into_iter().collect(),
        password,
        service,
        ..ProfileSection::default()
    })
}

fn clients() -> impl Strategy<Value = ClientSection> {
    let names = [Some("P0"), Some("P0"), Some("P1"), Some("nobody"), None];
    let flags = subsequence(FLAGS.to_vec(), 0..5);
    let more = [
        "OpenAddressBook",
        "OpenMsgStore",
        "GetStatusTable",
        "GetMsgStoresTable",
        "QueryIdentity",
        "Logoff",
    ];
    let more = subsequence(more.to_vec(), 0..3);
    let parts = (parameters(names.to_vec()), flags, more, any::<u8>());
    parts.prop_map(|((profile, any_flags), flags, more, any)| {
        let more = more.into_iter().map(|call| match call {
            "OpenMsgStore" => format!("OpenMsgStore:R{}", any % 2),
            "Logoff" if any % 4 == 0 => "Logoff:MAPI_LOGOFF_SHARED".to_owned(),
            call => call.to_owned(),
        });
        let calls = std::iter::once("MAPILogonEx".to_owned()).chain(more);
        ClientSection {
            profile,
            flags: match any_flags {
                None => flags.into_iter().map(str::to_owned).collect(),
                Some(any) => FlagsParameter::Any(AnyFlags {
                    any: any.into_iter().map(str::to_owned).collect(),
                    always: flags.into_iter().map(str::to_owned).collect(),
                }),
            },
            calls: Some(calls.collect()),
            ..ClientSection::default()
        }
    })
}

/// A profile name and flags besides those that are always set, some of them left to each logon.
fn parameters(
    names: Vec<Option<&'static str>>,
) -> impl Strategy<Value = (Option<ProfileParameter>, Option<Vec<&'static str>>)> {
    let one = select(names).prop_map(|name| name.map(ProfileParameter::from));
    let several = subsequence(vec!["", "P0", "P1", "nobody"], 1..3);
    let several = several.prop_map(|any| {
        let any = any.into_iter().map(str::to_owned).collect();
        Some(ProfileParameter::Any(AnyName { any, none: false }))
    });
    let profile = prop_oneof![6 => one, 1 => several];
    (profile, prop::option::weighted(0.15, subsequence(FLAGS.to_vec(), 0..3)))
}

fn policies() -> impl Strategy<Value = Vec<(String, toml::Value)>> {
    let switch = select(SWITCHES.to_vec()).prop_flat_map(|switch| {
        let values = select(switch.values.to_vec());
        values.prop_map(move |value| (switch.name.to_owned(), value.into()))
    });
    prop::collection::vec(switch, 0..3)
}
