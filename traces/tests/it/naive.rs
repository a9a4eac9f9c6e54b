//! The verdict on a recording is that of a search that knows no tricks at all.

use mapi_logon_model::ids::ClientId;
use mapi_logon_model::machine::Model;
use mapi_logon_model::protocol::{Action, Call, Choice, Effect, Fate};
use mapi_logon_model::scenario::{Budget, Scenario};
use mapi_logon_model::world::World;
use mapi_logon_traces::calls::call;
use mapi_logon_traces::explain::{ExplainLimits, ExplainVerdict, explain};
use mapi_logon_traces::export::recording::recording;
use mapi_logon_traces::recording::{EventLine, Returned};
use mapi_logon_traces::trace::Expect;
use mapi_logon_traces::write::Trace;
use proptest::prelude::*;
use serde_json::Value;

use crate::support::{self, built_in};

/// Scenarios small enough to be searched without tricks.
const SMALL: [&str; 15] = [
    "cancelled-prompt",
    "deferred-password",
    "delete-in-use",
    "foreign-store",
    "four-faults",
    "lost-store",
    "missing-configuration",
    "no-default",
    "profile-password",
    "session-limit",
    "shared-logoff",
    "shared-session",
    "two-users",
    "wait-behind-dialog",
    "late-start",
];

/// Readings of which none, the first, or both are in force.
const SHARING: [(&str, &str); 2] = [("SHARED_SESSIONS", "by_profile"), ("MUTEX", "off")];

/// The scenario with exactly the calls that were seen.
fn with_calls(mut scenario: Scenario, events: &[EventLine]) -> Scenario {
    let world = scenario.clone();
    for client in &mut scenario.clients {
        let own = events.iter().filter(|event| event.client == client.name);
        let written: Vec<String> = own.map(|event| event.call.clone()).collect();
        let mut calls = Vec::new();
        for text in &written {
            let logons = calls.iter().filter(|call: &&Call| call.logon().is_some());
            let slot = u8::try_from(logons.count()).unwrap();
            let named = call(&world, text).unwrap();
            let logon = named.logon().map(|_| Call::LogonEx(client.logon(slot)));
            calls.push(logon.unwrap_or(named));
        }
        (client.calls, client.written) = (calls, written);
    }
    scenario
}

/// Every run that shows the events, by trying everything, with at most this many faults.
fn shows(scenario: &Scenario, events: &[EventLine], faults: u8) -> bool {
    let mut scenario = with_calls(scenario.clone(), events);
    scenario.faults.budget = Budget::Limited(faults);
    let model = Model::new(scenario);
    let own = |client: ClientId, call: u8| {
        let name = &model.scenario().clients[client.index()].name;
        let mut own = events.iter().filter(|event| event.client == *name);
        own.nth(usize::from(call)).unwrap()
    };
    let returned = |world: &World, event: &EventLine| {
        let mut clients = model.scenario().clients.iter();
        let client = clients.position(|client| client.name == event.client);
        let same = events.iter().filter(|one| one.client == event.client);
        let place = same.take_while(|one| *one != event).count();
        usize::from(world.cursor.position(client.unwrap().into())) > place
    };
    let may_begin = |world: &World, event: &EventLine| {
        let before = |other: &&EventLine| other.end.unwrap() < event.begin.unwrap();
        events.iter().filter(before).all(|other| returned(world, other))
    };
    let mut seen: Vec<World> = vec![model.start()];
    let mut at = 0;
    while at < seen.len() {
        let world = seen[at].clone();
        at += 1;
        if model.has_ended(&world.cursor) {
            return true;
        }
        model.successors(&world, |action, step, cursor| {
            let now = world.cursor.position(action.client);
            let event = own(action.client, now);
            if matches!(action.choice, Choice::Begin(_)) && !may_begin(&world, event) {
                return;
            }
            let ended = step.effects.iter().find_map(|effect| {
                let Effect::Returned { result, .. } = effect else {
                    return None;
                };
                Some(*result)
            });
            if let Some(code) = ended {
                let skips = cursor.position(action.client) != now + 1;
                if skips || Returned::of(&event.result) != Ok(Returned::With(code)) {
                    return;
                }
            }
            let after = World { state: step.state.clone(), cursor };
            if !seen.contains(&after) {
                seen.push(after);
            }
        });
    }
    false
}

/// A run of a model, its choices picked by numbers; seldom with a fault.
fn drawn(model: &Model, picks: &[usize]) -> Vec<Action> {
    let mut world = model.start();
    let mut actions = Vec::new();
    for pick in picks {
        let mut enabled = Vec::new();
        model.successors(&world, |action, step, cursor| {
            let state = step.state.clone();
            enabled.push((action, World { state, cursor }));
        });
        let harmful =
            |action: &Action| matches!(action.choice, Choice::Try(Fate { struck: Some(_), .. }));
        if pick % 5 != 0 && enabled.iter().any(|(action, _)| !harmful(action)) {
            enabled.retain(|(action, _)| !harmful(action));
        }
        let Some((action, next)) = enabled.get(pick % enabled.len().max(1)) else {
            break;
        };
        actions.push(*action);
        world = next.clone();
    }
    actions
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_verdict_is_that_of_a_search_without_tricks(
        which in 0_usize..SMALL.len(),
        picks in prop::collection::vec(0_usize..1000, 60),
        lies in prop::collection::vec((0_usize..20, 0_usize..4), 0..2),
        wider in prop::collection::vec(0_u8..12, 12),
        reading in 0_usize..8,
    ) {
        let (_, mut scenario) =
            built_in().into_iter().find(|(name, _)| name == SMALL[which]).unwrap();
        // Sessions that are shared by profile make other steps matter to a logon.
        for (switch, value) in &SHARING[..reading.saturating_sub(5)] {
            scenario.policy.set(switch, value).unwrap();
        }
        let model = Model::new(scenario.clone());
        let run = drawn(&model, &picks);
        let trace = Trace::record(&model, run, Expect::conforms()).unwrap();
        let mut events = recording(&trace.lines, &scenario);
        events.retain(|event| !event.result.is_null());
        prop_assume!(!events.is_empty());
        for event in &mut events {
            (event.provider_events, event.dialogs) = (None, None);
            (event.profile, event.joined, event.session) = (None, None, Value::Null);
            event.scenario = None;
        }
        for (at, code) in lies {
            let codes = ["S_OK", "MAPI_E_LOGON_FAILED", "MAPI_E_NOT_FOUND", "MAPI_E_USER_CANCEL"];
            let at = at % events.len();
            events[at].result = Value::from(codes[code]);
        }
        widen(&mut events, &wider);
        let budget = scenario.faults.budget.limit().unwrap();
        let least = (0..=budget).find(|faults| shows(&scenario, &events, *faults));
        let seen = support::recording(&events);
        let found = explain(&seen, &scenario, &ExplainLimits::default()).unwrap().explanation;
        let agree = found.verdict == ExplainVerdict::Explained;
        prop_assert_eq!(agree, least.is_some(), "{:?}\n{:?}", found, events);
        prop_assert!(found.fewest);
        if let Some(least) = least {
            prop_assert_eq!(found.faults, u32::from(least));
        }
    }
}

/// Moves ends back, so that calls of different clients overlap more than they did.
fn widen(events: &mut [EventLine], by: &[u8]) {
    for at in 0..events.len() {
        let end = events[at].end.unwrap();
        let next = events
            .iter()
            .filter(|other| other.client == events[at].client && other.begin.unwrap() > end)
            .map(|other| other.begin.unwrap())
            .fold(f64::INFINITY, f64::min);
        let wanted = end + f64::from(by[at % by.len()]);
        events[at].end = Some(wanted.min(next - 0.5));
    }
}
