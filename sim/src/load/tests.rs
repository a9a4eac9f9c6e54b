//! Loads as runs of the model: small loads are repeated with all clients in one scenario.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use mapi_logon_model::ids::ClientId;
use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::{Action, Choice, Effect};
use mapi_logon_model::run::Run;
use mapi_logon_model::scenario::{Answers, Scenario};
use mapi_logon_model::world::{Facts, Store};

use super::drive::{Drive, leaving, world_of};
use super::population::Population;
use crate::judge::{Judge, binding};

/// What a load did, for a second opinion.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: Vec<Entry>,
    /// Choices to try for every client after each step.
    probes: BTreeSet<Choice>,
    refused: usize,
}

#[derive(Debug)]
enum Entry {
    /// A client of that kind arrived.
    Arrived(ClientId, ClientId),
    /// A client made a choice, and this could be seen.
    Did(Action, Vec<String>),
}

impl Log {
    pub(super) fn arrived(&mut self, who: ClientId, kind: ClientId) {
        self.entries.push(Entry::Arrived(who, kind));
    }

    pub(super) fn did(
        &mut self,
        model: &Model,
        population: &Population,
        action: Action,
        effects: &[Effect],
    ) {
        self.entries.push(Entry::Did(action, shapes(effects)));
        let mut world = population.clone();
        for client in population.present() {
            for choice in self.probes.iter().copied() {
                let probe = Action { client, choice };
                let done = model.apply(&mut world, probe, &mut Vec::new(), &mut Vec::new());
                if done.is_ok() {
                    world.clone_from(population);
                } else {
                    assert_eq!(&world, population, "{probe:?}");
                    self.refused += 1;
                }
            }
        }
    }
}

const WORLD: &str = r#"
[subsystem]
max_sessions = 4

[[profile]]
name = "Work"

[[profile.service]]
name = "Exchange"
identity = true
provider = [
    { name = "EXAB", kind = "address-book" },
    { name = "EXMS", kind = "message-store", session_cap = 2 },
]

[[profile.service]]
name = "Internet"
data = "missing"
entry_point = "programmatic"
provider = [
    { name = "INMS", kind = "message-store", password = "missing" },
    { name = "INXP", kind = "transport", data = "missing" },
]

[[profile]]
name = "Home"
password = true
service = [{ name = "Local", provider = [{ name = "LOMS", kind = "message-store" }] }]

[[client]]
name = "outlook"
profile = "Work"
flags = ["MAPI_LOGON_UI", "MAPI_ALLOW_OTHERS"]
calls = ["MAPILogonEx", "GetStatusTable", "OpenAddressBook", "Logoff:MAPI_LOGOFF_UI"]

[[client]]
name = "word"
flags = ["MAPI_TIMEOUT_SHORT"]
calls = ["MAPILogonEx", "OpenMsgStore:EXMS", "Logoff:MAPI_LOGOFF_SHARED", "QueryIdentity"]

[[client]]
name = "backup"
profile = "Work"
flags = ["MAPI_NEW_SESSION", "MAPI_NO_MAIL"]

[[client]]
name = "twice"
profile = "Home"
flags = ["MAPI_ALLOW_OTHERS", "MAPI_PASSWORD_UI"]
calls = ["MAPILogonEx", "MAPILogonEx", "OpenMsgStore:LOMS", "Logoff"]

[timing]
profile_load = { constant = 2 }
configure = { constant = 1 }
provider_load = { uniform = [0, 3] }
provider_logon = { exponential = 12 }
server_timeout = { constant = 100 }
user_answer = { lognormal = [10, 50] }
short_timeout = { constant = 15 }
session = { exponential = 60 }

[load]
arrivals_per_second = 40.0
logons = 12
fault_rate = { mtbf = 0.1, mttr = 0.05 }
"#;

/// A scenario with one client for each that arrived.
fn with_all(scenario: &Scenario, kinds: &[ClientId]) -> Scenario {
    let mut whole = scenario.clone();
    whole.clients.clear();
    for (number, kind) in kinds.iter().enumerate() {
        let mut client = scenario.clients[kind.index()].clone();
        client.name = format!("{} {number}", client.name);
        let left = std::iter::repeat_n(leaving(scenario), client.logons());
        client.calls.extend(left);
        client.written.resize(client.calls.len(), String::new());
        whole.clients.push(client);
    }
    whole
}

/// What could be seen, without the numbers of clients and sessions. Whoever goes takes its
/// libraries along, and in a load nobody listens to notifications.
fn shapes(effects: &[Effect]) -> Vec<String> {
    let is_compared = |effect: &&Effect| {
        let library = matches!(effect, Effect::LibraryLoaded { .. } | Effect::LibraryFreed { .. });
        !library && !matches!(effect, Effect::Notified { .. })
    };
    let shape = |effect: &Effect| {
        let mut shape = format!("{effect:?}");
        for id in ["ClientId(", "SessionId("] {
            let parts = shape.split(id);
            let bare = parts.map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit()));
            shape = bare.collect::<Vec<_>>().join(id);
        }
        shape
    };
    effects.iter().filter(is_compared).map(shape).collect()
}

/// Makes the load again, and returns the number of steps.
fn replay(scenario: &Scenario, log: &[Entry], population: &Population) -> usize {
    let arrivals = log.iter().filter_map(|entry| match entry {
        Entry::Arrived(_, kind) => Some(*kind),
        Entry::Did(..) => None,
    });
    let model = world_of(&with_all(scenario, &arrivals.collect::<Vec<_>>()));
    let (mut run, mut judge) = (Run::new(&model), Judge::new(&model));
    // Ids are used again, arrivals are not.
    let (mut arrived, mut steps) = (BTreeMap::new(), 0);
    let mut number = 0..;
    for entry in log {
        let (action, seen) = match entry {
            Entry::Arrived(who, _) => {
                arrived.insert(*who, ClientId(number.next().unwrap()));
                continue;
            }
            Entry::Did(action, seen) => (*action, seen),
        };
        let client = arrived[&action.client];
        let action = Action { client, ..action };
        let at = format!("{:?}: {action:?} after {steps} steps", scenario.name);
        assert!(run.take(action).is_ok(), "{at}");
        assert_eq!(&shapes(&run.step().effects), seen, "{at}");
        let marks = judge.see(run.before(), action, run.step(), run.cursor());
        assert!(marks.and(binding(scenario)).is_empty(), "{at}");
        steps += 1;
    }
    let sight = model.sight(run.state());
    assert_eq!(sight.open_sessions().next(), None, "all have logged off");
    assert_eq!(lasting(sight.shared()), lasting(population.shared()));
    steps
}

/// What stays when everybody has gone: all but libraries.
fn lasting(shared: Facts<'_>) -> String {
    let text = format!("{shared:?}");
    let (lasting, _) = text.split_once(", libraries").unwrap();
    lasting.to_owned()
}

/// Runs a load with these probes and returns its result.
fn run(scenario: &Scenario, seed: u64, probes: BTreeSet<Choice>) -> Drive<'_> {
    let (timing, load) = super::sections(scenario).unwrap();
    let mut drive = Drive::new(scenario, timing, load, seed);
    drive.log.probes = probes;
    assert_eq!(drive.run(&AtomicBool::new(false)), Ok(false));
    let left = drive.population.present().count();
    assert_eq!(left, 0, "nobody is stuck, {:?} {seed}", scenario.name);
    drive
}

/// Runs a load and makes it again.
fn again(scenario: &Scenario, seed: u64) -> usize {
    let drive = run(scenario, seed, BTreeSet::new());
    replay(scenario, &drive.log.entries, &drive.population)
}

#[test]
fn load_of_a_built_in_scenario_is_a_run_of_the_model() {
    let times = WORLD[WORLD.find("[timing]").unwrap()..].replace("logons = 12", "logons = 8");
    for file in std::fs::read_dir("../scenarios").unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("[timing]").next().unwrap().to_owned() + &times;
        let mut scenario = Scenario::parse(&text).unwrap();
        scenario.answers = Answers::default();
        let steps: usize = (0..40).map(|seed| again(&scenario, seed)).sum();
        assert!(steps > 1_000, "{}: {steps}", path.display());
    }
}

const POLICIES: [&str; 6] = [
    "",
    "[policy]\nSHARED_END = 'creator'\nSIBLINGS = 'logoff_now'",
    "[policy]\nLOGOFF_SHARED = 'force'\nSHARED_CLASH = 'oldest'",
    "[policy]\nSHARED_CLASH = 'refuse'\nTIMEOUT_MODE = 'try_lock'",
    "[policy]\nMUTEX = 'off'",
    "[policy]\nLOGOFF = 'off'",
];

#[test]
fn load_is_a_run_of_the_model() {
    let mut steps = 0;
    for policy in POLICIES {
        let scenario = Scenario::parse(&format!("{WORLD}{policy}")).unwrap();
        steps += (0..150).map(|seed| again(&scenario, seed)).sum::<usize>();
    }
    assert!(steps > 50_000, "{steps}");
}

#[test]
fn client_logs_on_as_often_as_it_lists() {
    let flags = "\"MAPI_NO_MAIL\"]";
    let often = format!("{flags}\ncalls = [{}]", "'MAPILogonEx', ".repeat(8));
    let text = WORLD.replace(flags, &often).replace("logons = 12", "logons = 7");
    let scenario = Scenario::parse(&text.replace("max_sessions = 4", "")).unwrap();
    let sessions = |seed| run(&scenario, seed, BTreeSet::new()).report(false).peak_sessions;
    assert!((0..20).map(sessions).max() > Some(8));
    (0..20).for_each(|seed| assert!(again(&scenario, seed) > 0));
}

#[test]
fn choice_that_is_refused_leaves_the_world_as_it_was() {
    for policy in POLICIES {
        let scenario = Scenario::parse(&format!("{WORLD}{policy}")).unwrap();
        let first = run(&scenario, 0, BTreeSet::new());
        let made = first.log.entries.iter().filter_map(|entry| match entry {
            Entry::Arrived(..) => None,
            Entry::Did(action, _) => Some(action.choice),
        });
        let never = [Choice::Postpone, Choice::Refuse(Code::NotInitialized)];
        let probes: BTreeSet<_> = made.chain(never).collect();
        let refused = run(&scenario, 1, probes).log.refused;
        assert!(refused > 5_000, "{refused}");
    }
}

#[test]
fn client_that_waits_for_two_sessions_keeps_neither_from_others() {
    let clients = r#"
[[client]]
name = "reader"
profile = "Work"
flags = ["MAPI_ALLOW_OTHERS"]
calls = ["MAPILogonEx", "OpenMsgStore:EXMS", "OpenMsgStore:EXMS", "OpenMsgStore:EXMS"]
weight = 5

[[client]]
name = "leaver"
profile = "Work"
flags = ["MAPI_ALLOW_OTHERS", "MAPI_NEW_SESSION"]
calls = ["MAPIInitialize", "MAPILogonEx", "MAPILogonEx", "MAPIUninitialize"]

[policy]
START = "on_open"
REUSE_OPEN_STORE = "off"
MUTEX = "off"
"#;
    let (profiles, rest) = WORLD.split_once("[[client]]").unwrap();
    let profiles = profiles.replace("max_sessions = 4", "").replace(", session_cap = 2", "");
    let times = rest[rest.find("[timing]").unwrap()..].replace("logons = 12", "logons = 200");
    let scenario = Scenario::parse(&format!("{profiles}{clients}{times}")).unwrap();
    for seed in 0..8 {
        run(&scenario, seed, BTreeSet::new());
    }
}
