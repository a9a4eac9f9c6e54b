//! Results of calls before, without and after MAPIInitialize: INI-1 to INI-4, INI-12.

use mapi_logon_model::protocol::{Choice, Transition};
use std::collections::BTreeSet;

use mapi_logon_model::mapi::{Code, INITIALIZE_CODES};
use mapi_logon_model::scenario::Scenario;

use crate::runs::{Seen, every_step, results, world};

fn text(init_codes: &str, flags: &str, calls: &str) -> String {
    format!(
        "[subsystem]\ninit_codes = [{init_codes}]\n\
         [[profile]]\nname = 'Work'\n[[profile.service]]\nname = 'Exchange'\n\
         provider = [{{ name = 'MS', kind = 'message-store' }}]\n\
         [[client]]\nname = 'tool'\nprofile = 'Work'\nflags = [{flags}]\ncalls = [{calls}]\n"
    )
}

#[test]
fn calls_before_initialisation_and_after_the_count_is_back_at_zero_are_refused() {
    let calls = "'MAPIUninitialize', 'DeleteProfile:Work', 'MAPILogonEx', 'MAPIInitialize',
        'MAPIInitialize', 'MAPILogonEx', 'MAPIUninitialize', 'QueryIdentity', 'MAPIUninitialize',
        'QueryIdentity', 'Logoff', 'MAPILogonEx', 'MAPIInitialize', 'QueryIdentity'";
    use Code::{InvalidObject, NoService, NotInitialized as Not, Ok};
    let expected = [Not, Not, Not, Ok, Ok, Ok, Ok, NoService, Ok, Not, Not, Not, Ok, InvalidObject];
    assert_eq!(results(&world(&text("", "", calls), &[])), expected);
}

#[test]
fn session_calls_of_a_client_that_never_obtained_one_are_left_out_even_uninitialised() {
    let calls = "'QueryIdentity', 'MAPIInitialize', 'Logoff', 'MAPIUninitialize', 'Release'";
    let model = world(&text("", "", calls), &[]);
    assert_eq!(results(&model), [Code::Ok, Code::Ok]);
}

#[test]
fn first_initialisation_may_answer_what_the_scenario_lets_it() {
    let all = INITIALIZE_CODES.map(|code| format!("'{}'", code.name())).join(", ");
    let answers = |flags: &str| {
        let calls = "'MAPIInitialize', 'MAPIInitialize', 'MAPILogonEx'";
        let model = world(&text(&all, flags, calls), &[]);
        let steps = every_step(&model);
        let refused = |seen: &&Seen| matches!(seen.action.choice, Choice::Refuse(_));
        for seen in steps.iter().filter(refused) {
            let tool = seen.action.client;
            assert_eq!(
                model.sight(&seen.before.state).client(tool).initialized(),
                0,
                "a nested call only counts"
            );
            assert_eq!(model.sight(&seen.step.state).client(tool).initialized(), 0);
            assert!(!seen.takes(Transition::T1), "T-1 asks for success");
        }
        let unready = |seen: &&Seen| {
            seen.takes(Transition::T2) && seen.returned() == Some(Code::NotInitialized)
        };
        assert!(steps.iter().any(|seen| unready(&seen)), "who failed is not initialised");
        let codes = steps.iter().filter(refused).filter_map(Seen::returned);
        codes.collect::<BTreeSet<_>>()
    };
    let every: BTreeSet<_> = INITIALIZE_CODES.into_iter().collect();
    assert_eq!(answers("'MAPI_NT_SERVICE'"), every);
    let mut others = every;
    others.remove(&Code::TooComplex);
    assert_eq!(answers(""), others, "step 2 concerns Windows services alone");
}

#[test]
fn implied_initialisation_never_fails() {
    let model = world(&text("'MAPI_E_VERSION'", "", "'MAPILogonEx'"), &[]);
    assert_eq!(results(&model), [Code::Ok]);
}

#[test]
fn code_that_mapiinitialize_does_not_have_is_an_error() {
    let error = Scenario::parse(&text("'MAPI_E_TIMEOUT'", "", "'MAPILogonEx'")).unwrap_err();
    assert!(error.message.contains("MAPI_E_TOO_COMPLEX"), "{error}");
}
