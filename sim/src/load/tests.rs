//! Is a load a run of the model? Small ones are made again by a scenario that holds all clients.

use std::sync::atomic::AtomicBool;

use mapi_logon_model::action::{Action, Choice};
use mapi_logon_model::effect::Effect;
use mapi_logon_model::ids::{BUDGET, ClientId, LogonId};
use mapi_logon_model::mapi::FaultSet;
use mapi_logon_model::model::Model;
use mapi_logon_model::scenario::{Answers, Call, Logon, Scenario};
use mapi_logon_model::step::Step;

use super::crowd::MemberId;
use super::drive::Drive;
use super::window::{leaving, logons};
use crate::judge::{Judge, breaking};

/// What a load did, for a second opinion.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    /// A client of that kind arrived.
    Arrived(MemberId, u8),
    /// A client made a choice, and this could be seen.
    Did(MemberId, Choice, Vec<String>),
}

const WORLD: &str = r#"
[subsystem]
max_sessions = 4

[[profile]]
name = "Work"

[[profile.service]]
name = "Exchange"
identity = true

[[profile.service.provider]]
name = "EXAB"
kind = "address-book"

[[profile.service.provider]]
name = "EXMS"
kind = "message-store"
session_cap = 2

[[profile.service]]
name = "Internet"
data = "missing"
entry_point = "programmatic"

[[profile.service.provider]]
name = "INMS"
kind = "message-store"
password = "missing"

[[profile.service.provider]]
name = "INXP"
kind = "transport"
data = "missing"

[[profile]]
name = "Home"
password = true

[[profile.service]]
name = "Local"

[[profile.service.provider]]
name = "LOMS"
kind = "message-store"

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
logons = 6

[load.fault_rate]
mtbf = 0.1
mttr = 0.05
"#;

/// A scenario with one client for each that arrived.
fn with_all(scenario: &Scenario, kinds: &[u8]) -> Scenario {
    let mut whole = scenario.clone();
    whole.clients.clear();
    whole.logons.clear();
    whole.faults.budget = u8::try_from(BUDGET).unwrap();
    whole.faults.repair_by_environment = true;
    whole.providers.iter_mut().for_each(|provider| provider.faults = FaultSet::ALL);
    for (number, kind) in kinds.iter().enumerate() {
        let mut client = scenario.clients[usize::from(*kind)].clone();
        client.name = format!("{} {number}", client.name);
        let left = std::iter::repeat_n(leaving(scenario), logons(&client));
        client.calls.extend(left);
        client.written.resize(client.calls.len(), String::new());
        for (place, call) in client.calls.iter_mut().enumerate() {
            if matches!(call, Call::LogonEx(_)) {
                *call = Call::LogonEx(LogonId::from(whole.logons.len()));
                let call = u8::try_from(place).unwrap();
                whole.logons.push(Logon { client: ClientId::from(number), call });
            }
        }
        whole.clients.push(client);
    }
    whole
}

/// What could be seen, without the numbers of clients and sessions.
pub(super) fn shapes(step: &Step) -> Vec<String> {
    // Others are notified outside the window; whoever has gone takes its libraries along.
    let told_elsewhere = |effect: &&Effect| {
        let library = matches!(effect, Effect::LibraryLoaded(_) | Effect::LibraryFreed(_));
        !library && !matches!(effect, Effect::Notified { .. })
    };
    let number = |word: &str| word.starts_with("ClientId") || word.starts_with("LogonId");
    let shape = |effect: &Effect| {
        let text = format!("{effect:?}");
        let parts = text.split_inclusive([' ', '(', ')', ',']);
        let mut shape = String::new();
        let mut skipping = false;
        for part in parts {
            if skipping {
                skipping = false;
                continue;
            }
            skipping = number(part);
            shape += part;
        }
        shape
    };
    step.effects.iter().filter(told_elsewhere).map(shape).collect()
}

fn replay(scenario: &Scenario, log: &[Entry], world: &mapi_logon_model::state::State) -> usize {
    let mut members = Vec::new();
    let mut kinds = Vec::new();
    for entry in log {
        if let Entry::Arrived(member, kind) = entry {
            members.push(*member);
            kinds.push(*kind);
        }
    }
    let model = Model::new(with_all(scenario, &kinds));
    let mut state = model.initial();
    let mut judge = Judge::new(&model);
    let mut steps = 0;
    for entry in log {
        let Entry::Did(member, choice, seen) = entry else {
            continue;
        };
        let client = members.iter().position(|one| one == member).unwrap().into();
        let action = Action { client, choice: *choice };
        let step = model.step(&state, action);
        let step = step.unwrap_or_else(|_| panic!("{action:?} after {steps} steps"));
        assert_eq!(&shapes(&step), seen, "{:?}: {action:?} after {steps} steps", scenario.name);
        let marks = judge.see(&model, &state, action, &step);
        assert_eq!(marks & breaking(), 0, "{action:?} after {steps} steps");
        state = step.state;
        steps += 1;
    }
    assert!(state.open_sessions().next().is_none(), "everybody has logged off");
    let everybodys = |state: &mapi_logon_model::state::State| {
        (state.configured(), state.supplied(), state.passwords(), state.marked(), state.current())
    };
    assert_eq!(everybodys(&state), everybodys(world));
    steps
}

fn again(scenario: &Scenario, seed: u64) -> usize {
    let (timing, load) = super::check(scenario).unwrap();
    let mut drive = Drive::new(scenario, timing, load, seed);
    assert_eq!(drive.run(&AtomicBool::new(false)), Ok(false));
    assert_eq!(drive.crowd.len(), 0, "nobody is stuck, {:?} {seed}", scenario.name);
    replay(scenario, &drive.log, &drive.crowd.world)
}

#[test]
fn load_of_a_built_in_scenario_is_a_run_of_the_model() {
    let times = WORLD[WORLD.find("[timing]").unwrap()..].replace("logons = 6", "logons = 4");
    for file in std::fs::read_dir("../scenarios").unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("[timing]").next().unwrap().to_owned() + &times;
        let mut scenario = Scenario::parse(&text).unwrap();
        scenario.answers = Answers::default();
        let steps: usize = (0..40).map(|seed| again(&scenario, seed)).sum();
        assert!(steps > 500, "{}: {steps}", path.display());
    }
}

#[test]
fn load_is_a_run_of_the_model() {
    let policies = [
        "",
        "[policy]\nSHARED_END = 'creator'\nSIBLINGS = 'logoff_now'",
        "[policy]\nLOGOFF_SHARED = 'force'\nSHARED_CLASH = 'oldest'",
        "[policy]\nSHARED_CLASH = 'refuse'\nTIMEOUT_MODE = 'try_lock'",
        "[policy]\nMUTEX = 'off'",
        "[policy]\nLOGOFF = 'off'",
    ];
    let mut steps = 0;
    for policy in policies {
        let scenario = Scenario::parse(&format!("{WORLD}{policy}")).unwrap();
        for seed in 0..150 {
            steps += again(&scenario, seed);
        }
    }
    assert!(steps > 20_000, "{steps}");
}
