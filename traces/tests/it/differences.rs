//! The first difference of a recording that nothing explains, and the clause that it offends.

use mapi_logon_model::mapi::Code;
use mapi_logon_traces::explain::Explanation;

use crate::told::{assumed, office, told};

#[test]
fn the_first_difference_names_the_clause_that_is_offended() {
    let call = |provider: &str, call: &str, result: &str| {
        format!(r#"{{"provider":"{provider}","call":"{call}","result":"{result}"}}"#)
    };
    let starts =
        |provider: &str| vec![call(provider, "Init", "S_OK"), call(provider, "Logon", "S_OK")];
    let fails = |provider: &str| call(provider, "Logon", "MAPI_E_NETWORK_ERROR");
    let (exab, exms, inms) = (starts("EXAB"), starts("EXMS"), starts("INMS"));
    let twice = [exab[0].clone(), fails("EXAB"), fails("EXAB")].to_vec();
    let shown = r#""failure:EXAB:MAPI_E_NETWORK_ERROR""#;
    let both = format!("{shown},{shown}");
    let second = [twice.clone(), inms.clone()].concat();
    let none = [vec![exab[0].clone(), fails("EXAB")], inms.clone()].concat();
    let sibling = [twice, exms.clone(), inms.clone()].concat();
    let all = [exab.clone(), exms.clone(), inms.clone()].concat();
    let backwards = [exms, exab, inms].concat();
    for (flags, calls, dialogs, result, clause, text) in [
        (3, &second, Some(both.as_str()), 0, "RTY-5", "after the last try EXAB is given up"),
        (2, &none, None, 0, "RTY-8", "EXAB has a second try"),
        (2, &sibling, None, 0, "DIS-4", "Exchange is disabled"),
        (3, &all, Some("\"password\""), 0, "FLW-13", "that of a provider is `provider:NAME`"),
        (2, &backwards, None, 0, "PRV-2", "where the model calls Init of EXAB"),
        (2, &all, None, 0x8004_0115_u32, "DIS-11", "cannot be answered here"),
    ] {
        let dialogs = dialogs.map_or_else(String::new, |names| format!(",\"dialogs\":[{names}]"));
        let logon = format!(
            r#"{{"client":"outlook","call":"MAPILogonEx","result":{result},
            "args":{{"profile":"Work","flags":{flags}}},"provider_events":[{}]{dialogs}}}"#,
            calls.join(",")
        );
        let logon = logon.replace('\n', "");
        let found = told(&office(), &[&logon], None).unexplained.unwrap();
        let difference = found.difference.unwrap();
        assert_eq!(difference.clauses[0], clause, "{difference:?}");
        assert!(difference.text.contains(text), "{difference:?}");
    }
}

#[test]
fn a_provider_that_was_put_off_is_not_tried_again_in_the_same_call() {
    let mut scenario = office();
    let exms = scenario.providers.iter_mut().find(|one| one.name == "EXMS").unwrap();
    exms.logon_codes.insert(Code::FailOneProvider);
    let logon = r#"{"client":"outlook","call":"MAPILogonEx","args":{"profile":"Work","flags":2},
        "result":0,"provider_events":[
        {"provider":"EXAB","call":"Init","result":"S_OK"},
        {"provider":"EXAB","call":"Logon","result":"S_OK"},
        {"provider":"EXMS","call":"Init","result":"S_OK"},
        {"provider":"EXMS","call":"Logon","result":"MAPI_E_FAILONEPROVIDER"},
        {"provider":"EXMS","call":"Logon","result":"MAPI_E_FAILONEPROVIDER"}]}"#
        .replace('\n', "");
    let clauses = |found: Explanation| found.unexplained.unwrap().difference.unwrap().clauses;
    assert_eq!(clauses(told(&scenario, &[&logon], None)), ["PRV-52", "RTY-10"]);
    // Where no scenario is given, a provider may answer what it is recorded to have answered.
    assert_eq!(clauses(assumed(&[&logon])), ["PRV-52", "RTY-10"]);
}
