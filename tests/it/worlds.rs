//! Which small scenarios are drawn at random? Few of everything, every switch, rich in trouble.

use std::fmt::Write as _;

use mapi_logon_model::model::Model;
use mapi_logon_model::policy::SWITCHES;
use mapi_logon_model::scenario::{ANSWERS, Scenario};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// A scenario as lists of words, so that a test can change one thing and write it again.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) profiles: Vec<Profile>,
    pub(crate) clients: Vec<Client>,
    pub(crate) answers: Vec<&'static str>,
    pub(crate) kinds: Vec<&'static str>,
    pub(crate) budget: u8,
    pub(crate) repair: &'static str,
    pub(crate) policy: Vec<(&'static str, &'static str)>,
    pub(crate) has_default: bool,
    pub(crate) max_sessions: Option<u8>,
}

#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) state: &'static str,
    pub(crate) password: bool,
    pub(crate) services: Vec<Service>,
}

#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) name: String,
    data: &'static str,
    entry_point: &'static str,
    critical: bool,
    identity: bool,
    pub(crate) providers: Vec<Provider>,
}

#[derive(Clone, Debug)]
pub(crate) struct Provider {
    pub(crate) name: String,
    kind: &'static str,
    cap: Option<u8>,
    data: &'static str,
    password: &'static str,
}

#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) name: String,
    pub(crate) profile: Option<String>,
    pub(crate) flags: Vec<&'static str>,
    pub(crate) calls: Vec<String>,
}

pub(crate) const KINDS: [&str; 4] =
    ["invalid-path", "incompatible-version", "server-unavailable", "data-corruption"];
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

impl World {
    pub(crate) fn toml(&self) -> String {
        let mut text = String::new();
        let quoted = |words: &[&str]| {
            words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", ")
        };
        if self.has_default || self.max_sessions.is_some() {
            text.push_str("[subsystem]\n");
        }
        if self.has_default {
            let _ = writeln!(text, "default_profile = {:?}", self.profiles[0].name);
        }
        if let Some(most) = self.max_sessions {
            let _ = writeln!(text, "max_sessions = {most}");
        }
        for profile in &self.profiles {
            profile.write(&mut text);
        }
        for client in &self.clients {
            let _ = writeln!(text, "[[client]]\nname = {:?}", client.name);
            if let Some(profile) = &client.profile {
                let _ = writeln!(text, "profile = {profile:?}");
            }
            let calls: Vec<&str> = client.calls.iter().map(String::as_str).collect();
            let _ = writeln!(text, "flags = [{}]", quoted(&client.flags));
            let _ = writeln!(text, "calls = [{}]", quoted(&calls));
        }
        let _ = writeln!(text, "[user]\nanswers = [{}]", quoted(&self.answers));
        let _ = writeln!(text, "[faults]\nbudget = {}", self.budget);
        let _ = writeln!(text, "kinds = [{}]\nrepair = {:?}", quoted(&self.kinds), self.repair);
        text.push_str("[policy]\n");
        for (name, value) in &self.policy {
            let _ = writeln!(text, "{name} = {value:?}");
        }
        text
    }

    pub(crate) fn model(&self) -> Model {
        let text = self.toml();
        Model::new(Scenario::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}")))
    }
}

impl Profile {
    fn write(&self, text: &mut String) {
        let _ = writeln!(text, "[[profile]]\nname = {:?}\nstate = {:?}", self.name, self.state);
        let _ = writeln!(text, "password = {}", self.password);
        for service in &self.services {
            let _ = writeln!(text, "[[profile.service]]\nname = {:?}", service.name);
            let _ = writeln!(text, "data = {:?}", service.data);
            let _ = writeln!(text, "entry_point = {:?}", service.entry_point);
            let _ = writeln!(text, "critical = {}", service.critical);
            let _ = writeln!(text, "identity = {}", service.identity);
            for provider in &service.providers {
                let _ = writeln!(text, "[[profile.service.provider]]\nname = {:?}", provider.name);
                let _ = writeln!(text, "kind = {:?}\ndata = {:?}", provider.kind, provider.data);
                let _ = writeln!(text, "password = {:?}", provider.password);
                if let Some(cap) = provider.cap {
                    let _ = writeln!(text, "session_cap = {cap}");
                }
            }
        }
    }
}

/// Rarely true.
fn seldom() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.15)
}

fn missing() -> impl Strategy<Value = &'static str> {
    prop::bool::weighted(0.3).prop_map(|yes| if yes { "missing" } else { "complete" })
}

fn providers() -> impl Strategy<Value = Provider> {
    let kind = select(vec!["address-book", "message-store", "message-store", "transport"]);
    let cap = prop::option::weighted(0.3, 1..2_u8);
    let password = seldom().prop_map(|yes| if yes { "missing" } else { "stored" });
    (kind, cap, missing(), password).prop_map(|(kind, cap, data, password)| Provider {
        name: String::new(),
        kind,
        cap,
        data,
        password,
    })
}

fn services() -> impl Strategy<Value = Service> {
    let entry_point = select(vec!["dialog", "programmatic", "none"]);
    let list = prop::collection::vec(providers(), 1..3);
    (missing(), entry_point, seldom(), any::<bool>(), list).prop_map(
        |(data, entry_point, critical, identity, providers)| Service {
            name: String::new(),
            data,
            entry_point,
            critical,
            identity,
            providers,
        },
    )
}

fn profiles() -> impl Strategy<Value = Profile> {
    let state = select(vec!["valid", "valid", "valid", "valid", "damaged", "deleted"]);
    let list = prop::collection::vec(services(), 1..3);
    (state, seldom(), list).prop_map(|(state, password, services)| Profile {
        name: String::new(),
        state,
        password,
        services,
    })
}

fn clients() -> impl Strategy<Value = Client> {
    let profile = select(vec![Some("P0"), Some("P0"), Some("P1"), Some("nobody"), None]);
    let flags = subsequence(FLAGS.to_vec(), 0..5);
    let more = subsequence(
        vec!["OpenAddressBook", "OpenMsgStore", "GetStatusTable", "QueryIdentity", "Logoff"],
        0..3,
    );
    (profile, flags, more, any::<u8>()).prop_map(|(profile, flags, more, any)| Client {
        name: String::new(),
        profile: profile.map(str::to_owned),
        flags,
        calls: std::iter::once("MAPILogonEx".to_owned())
            .chain(more.into_iter().map(|call| match call {
                "OpenMsgStore" => format!("OpenMsgStore:R{}", any % 2),
                "Logoff" if any % 4 == 0 => "Logoff:MAPI_LOGOFF_SHARED".to_owned(),
                call => call.to_owned(),
            }))
            .collect(),
    })
}

fn policies() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let switch = select(SWITCHES.to_vec()).prop_flat_map(|switch| {
        select(switch.values.to_vec()).prop_map(move |value| (switch.name, value))
    });
    prop::collection::vec(switch, 0..3).prop_map(|mut list| {
        list.sort_unstable();
        list.dedup_by_key(|(name, _)| *name);
        list
    })
}

/// Worlds small enough to be explored in a moment.
pub(crate) fn worlds() -> impl Strategy<Value = World> {
    let lists = (
        prop::collection::vec(profiles(), 1..3),
        prop::collection::vec(clients(), 1..3),
        prop_oneof![Just(ANSWERS.to_vec()), subsequence(ANSWERS.to_vec(), 3..9)],
        subsequence(KINDS.to_vec(), 1..3),
    );
    let numbers = (0..2_u8, select(vec!["both", "user", "environment", "never"]));
    let rest = (policies(), any::<bool>(), prop::option::weighted(0.1, 1..3_u8));
    (lists, numbers, rest).prop_map(
        |((profiles, clients, answers, kinds), (budget, repair), (policy, default, most))| {
            let mut world = World {
                profiles,
                clients,
                answers,
                kinds,
                budget,
                repair,
                policy,
                has_default: default,
                max_sessions: most,
            };
            world.number();
            world
        },
    )
}

impl World {
    /// Names everything by its place: P0, S0, R0, c0.
    fn number(&mut self) {
        let (mut services, mut providers) = (0, 0);
        for (index, profile) in self.profiles.iter_mut().enumerate() {
            profile.name = format!("P{index}");
            for service in &mut profile.services {
                service.name = format!("S{services}");
                services += 1;
                for provider in &mut service.providers {
                    provider.name = format!("R{providers}");
                    providers += 1;
                }
            }
        }
        for (index, client) in self.clients.iter_mut().enumerate() {
            client.name = format!("c{index}");
            for call in &mut client.calls {
                if call == "OpenMsgStore:R1" && providers < 2 {
                    "OpenMsgStore:R0".clone_into(call);
                }
            }
        }
    }
}
