//! The follower accepts what the machine does, event by event, and judges as explaining does.

use mapi_logon_model::ids::{ClientId, ProviderId};
use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::{Code, LogoffFlags, LogonFlags};
use mapi_logon_model::protocol::{
    Call, Dialog, Effect, Logon, Method, NameParameter, ProviderCall,
};
use mapi_logon_model::scenario::{Budget, Scenario};
use mapi_logon_model::world::{Slots, World};
use mapi_logon_traces::explain::{Begun, Came, Deviation, Follower, Known, Waiting};
use mapi_logon_traces::recording::Returned;
use mapi_logon_traces::tracer::any_calls;
use proptest::prelude::*;

use crate::support::built_in;

/// Everything that can be fed is fed.
const ALL: Known = Known { provider_calls: true, dialogs: true };

fn open_world(scenario: Scenario) -> Model {
    let slots = Slots::of(vec![4; scenario.clients.len()]);
    any_calls(scenario, slots, Some(u32::MAX))
}

const fn came(result: Code) -> Came {
    Came { result: Returned::With(result), session: None, joined: None }
}

/// Feeds an effect to the follower, which must know it for possible.
#[expect(clippy::wildcard_enum_match_arm, reason = "a follower is fed no more than these")]
fn feed(follower: &mut Follower<'_>, client: ClientId, effect: Effect) {
    match effect {
        Effect::Called { call, .. } => {
            let begun = match call {
                Call::LogonEx(logon) => Begun::Logon(logon),
                Call::OnSession(_, method) => Begun::OnSession(None, method),
                other @ (Call::Initialize | Call::Uninitialize | Call::DeleteProfile(_)) => {
                    Begun::Other(other)
                }
            };
            follower.begin(client, begun).unwrap();
        }
        Effect::Provider {
            provider,
            call: call @ (ProviderCall::Init | ProviderCall::Logon),
            result,
            ..
        } => {
            let codes = follower.asked(client, provider, call).unwrap();
            assert!(codes.contains(&result), "{result:?} is none of {codes:?}");
            assert_eq!(follower.may_wait(client), Waiting::MustWait);
            follower.answered(client, result);
        }
        Effect::Displayed { dialog, .. } => {
            follower.displayed(client, dialog).unwrap();
            assert_eq!(follower.may_wait(client), Waiting::MustWait);
        }
        Effect::Answered { answer, .. } => follower.replied(client, answer),
        Effect::Returned { result, .. } => {
            let ways = follower.possible(client);
            assert!(ways.iter().any(|way| way.result == result.name()));
            assert_ne!(follower.may_wait(client), Waiting::MustWait);
            // Nobody answers so in any scenario: refused, and nothing is lost.
            let wrong = follower.returned(client, came(Code::Busy)).unwrap_err();
            assert_eq!(wrong, Deviation::Possible(ways));
            follower.returned(client, came(result)).unwrap();
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 150,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_run_of_the_machine_is_followed_event_by_event(
        which in 0_usize..1000,
        picks in prop::collection::vec(0_usize..1000, 60),
    ) {
        let scenarios = built_in();
        let (_, mut scenario) = scenarios[which % scenarios.len()].clone();
        // Budgets are counted by the follower.
        scenario.faults.budget = Budget::Limited(3);
        let model = Model::new(scenario.clone());
        let open = open_world(scenario);
        let mut follower = Follower::new(&open, ALL).with_faults(3);
        let mut world = model.start();
        for pick in picks {
            let mut enabled = Vec::new();
            model.successors(&world, |action, step, cursor| {
                enabled.push((action, step.clone(), cursor));
            });
            let Some((action, step, cursor)) = enabled.get(pick % enabled.len().max(1)) else {
                break;
            };
            for effect in &step.effects {
                feed(&mut follower, action.client, *effect);
            }
            let (state, cursor) = (step.state.clone(), *cursor);
            world = World { state, cursor };
            prop_assert!(follower.states().count() > 0);
        }
    }
}

fn office() -> (Model, Logon) {
    let scenario = Scenario::parse(concat!(
        "[[profile]]\nname = 'Work'\n[[profile.service]]\nname = 'S'\n",
        "[[profile.service.provider]]\nname = 'MS'\nkind = 'message-store'\n",
        "[[client]]\nname = 'one'\n[[client]]\nname = 'two'\n",
    ));
    let logon = Logon {
        name: NameParameter::Name { profile: Some(0_usize.into()), too_long: false },
        ..Logon::default()
    };
    (open_world(scenario.unwrap()), logon)
}

const ONE: ClientId = ClientId(0);
const TWO: ClientId = ClientId(1);
const STORE: ProviderId = ProviderId(0);

#[test]
fn an_answer_withheld_holds_a_call_and_whoever_waits_for_the_mutex() {
    let (model, logon) = office();
    let mut follower = Follower::new(&model, ALL).with_faults(u32::MAX);
    follower.begin(ONE, Begun::Logon(logon)).unwrap();
    // MAPI has to call the provider before anything else can be seen of the call.
    assert_eq!(follower.may_wait(ONE), Waiting::MustReturn);
    let wrong = follower.asked(ONE, STORE, ProviderCall::Logon);
    assert!(wrong.is_err(), "the entry point comes first");
    let codes = follower.asked(ONE, STORE, ProviderCall::Init).unwrap();
    assert_eq!(codes, [Code::Ok, Code::Version]);
    assert_eq!(follower.may_wait(ONE), Waiting::MustWait);
    follower.begin(TWO, Begun::Logon(logon)).unwrap();
    assert_eq!(follower.may_wait(TWO), Waiting::MustWait);
    follower.answered(ONE, Code::Ok);
    let codes = follower.asked(ONE, STORE, ProviderCall::Logon).unwrap();
    assert_eq!(codes, [Code::Ok, Code::NetworkError, Code::CorruptData]);
    follower.answered(ONE, Code::Ok);
    assert_eq!(follower.may_wait(ONE), Waiting::MustReturn);
    follower.returned(ONE, came(Code::Ok)).unwrap();
    assert_eq!(follower.may_wait(TWO), Waiting::MustReturn);
    let codes = follower.asked(TWO, STORE, ProviderCall::Init).unwrap();
    assert_eq!(codes, [Code::Ok, Code::Version]);
}

#[test]
fn a_call_that_gives_up_waiting_returns_while_the_mutex_is_held() {
    let (model, logon) = office();
    let mut follower = Follower::new(&model, ALL);
    follower.begin(ONE, Begun::Logon(logon)).unwrap();
    let codes = follower.asked(ONE, STORE, ProviderCall::Init);
    assert_eq!(codes, Ok(vec![Code::Ok]));
    let flags = LogonFlags::MAPI_TIMEOUT_SHORT;
    follower.begin(TWO, Begun::Logon(Logon { flags, ..logon })).unwrap();
    assert_eq!(follower.may_wait(TWO), Waiting::MustReturn);
    let results: Vec<_> = follower.possible(TWO).into_iter().map(|way| way.result).collect();
    assert_eq!(results, [Code::Timeout.name()]);
    follower.returned(TWO, came(Code::Timeout)).unwrap();
}

#[test]
fn sessions_are_distinguished_by_their_numbers() {
    let (model, logon) = office();
    let mut follower = Follower::new(&model, Known::default());
    let logoff = Method::Logoff(LogoffFlags::empty());
    for session in [7, 8] {
        follower.begin(ONE, Begun::Logon(logon)).unwrap();
        let session = Some(session);
        follower.returned(ONE, Came { session, ..came(Code::Ok) }).unwrap();
    }
    for (session, result) in [(7, Code::Ok), (7, Code::InvalidObject), (8, Code::Ok)] {
        follower.begin(ONE, Begun::OnSession(Some(session), logoff)).unwrap();
        follower.returned(ONE, came(result)).unwrap();
    }
    // A shared session is one, however many join it.
    let flags = LogonFlags::MAPI_ALLOW_OTHERS;
    let shared = Logon { flags, ..logon };
    follower.begin(ONE, Begun::Logon(shared)).unwrap();
    follower.begin(TWO, Begun::Logon(logon)).unwrap();
    let other = Came { session: Some(2), joined: Some(true), ..came(Code::Ok) };
    follower.returned(TWO, other).unwrap();
    let wrong = Came { session: Some(1), ..came(Code::Ok) };
    assert!(follower.returned(ONE, wrong).is_err());
    let same = Came { session: Some(2), ..came(Code::Ok) };
    follower.returned(ONE, same).unwrap();
}

#[test]
fn a_dialog_keeps_a_call_waiting_until_it_is_answered() {
    let (_, scenario) =
        built_in().into_iter().find(|(name, _)| name == "missing-configuration").unwrap();
    let model = open_world(scenario.clone());
    let mut follower = Follower::new(&model, ALL);
    let client = &scenario.clients[0];
    let ui = LogonFlags::MAPI_LOGON_UI;
    let logon = Logon { flags: client.flags | ui, ..client.logon(0) };
    follower.begin(ONE, Begun::Logon(logon)).unwrap();
    let service = scenario.services.iter().position(|service| !service.complete);
    let dialog = Dialog::Configure(service.unwrap().into());
    follower.displayed(ONE, dialog).unwrap();
    assert_eq!(follower.may_wait(ONE), Waiting::MustWait);
    assert!(follower.returned(ONE, came(Code::Ok)).is_err());
}
