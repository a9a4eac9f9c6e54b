//! Other logs become recordings without anything being lost on the way.

use mapi_logon_model::policy::Policy;
use mapi_logon_model::scenario::stand_in;
use mapi_logon_traces::explain::{ExplainLimits, ExplainVerdict, explain, hypotheses};
use mapi_logon_traces::import::guess::guess;
use mapi_logon_traces::import::mapi4linux::Imports;
use mapi_logon_traces::import::mapped::{Mapping, ToldCall};
use serde_json::{Value, json};

use crate::support::{Imported, import, recording};

/// A recorded scenario, its steps numbered.
fn recorded(title: &str, calls: &[Value]) -> String {
    let mut text = String::new();
    for (index, call) in calls.iter().enumerate() {
        let mut line = json!({
            "scenario": title, "step": index + 1, "hr": "0x00000000", "name": "S_OK",
            "args": {}, "out": {}, "provider_events": [],
        });
        for (key, value) in call.as_object().unwrap() {
            line[key] = value.clone();
        }
        text += &format!("{line}\n");
    }
    text
}

fn made(profile: &str) -> Value {
    json!({"call": "IProfAdmin::CreateProfile", "args": {"profile": profile}})
}

fn service(name: &str) -> Value {
    json!({"call": "IMsgServiceAdmin2::CreateMsgServiceEx", "args": {"service": name}})
}

fn logon(profile: &str, session: u32) -> Value {
    json!({
        "call": "MAPILogonEx",
        "args": {"profile": profile, "password": null, "flFlags": ["MAPI_EXTENDED"]},
        "out": {"session": session, "profile_of_session": profile},
    })
}

fn store(service: &str, profile: &str) -> Value {
    let calls = json!([
        {"ev": "MSProviderInit", "svc": service, "ret": "0x00000000"},
        {"ev": "MS.Logon", "svc": service, "profile": profile, "ret": "0x00000000"},
        {"ev": "msprovider_destroyed", "svc": service},
    ]);
    let shown = format!("Scripted {service} store");
    json!({
        "call": "IMAPISession::OpenMsgStore", "args": {"store": shown}, "provider_events": calls,
    })
}

fn release(session: u32) -> Value {
    json!({"call": "IMAPISession::Release", "args": {"session": session}})
}

fn imported(text: &str) -> Imported {
    import(text.as_bytes()).unwrap()
}

fn refused(text: &str) -> String {
    import(text.as_bytes()).unwrap_err().to_string()
}

/// The one scenario of a text, explained under a preset.
fn verdict(one: &Imports, preset: &str) -> ExplainVerdict {
    let mut scenario = one.scenario.clone();
    scenario.policy = Policy::preset(preset).unwrap();
    let report = explain(&recording(&one.events), &scenario, &ExplainLimits::default());
    report.unwrap().explanation.verdict
}

#[test]
fn profiles_may_have_services_of_the_same_name() {
    let calls = [
        made("p1"),
        service("SVC_A"),
        service("SVC_B"),
        made("p2"),
        service("SVC_A"),
        logon("p1", 1),
        logon("p2", 2),
        store("A", "p2"),
        store("A", "p1"),
        store("B", "p1"),
        release(2),
        store("A", "p1"),
    ];
    let found = imported(&recorded("two_profiles/same_service", &calls));
    assert_eq!(found.left_out, []);
    let one = &found.scenarios[0];
    let calls: Vec<_> = one.events.iter().map(|event| event.call.as_str()).collect();
    assert_eq!(
        calls,
        [
            "MAPILogonEx",
            "MAPILogonEx",
            "OpenMsgStore:p2/A store",
            "OpenMsgStore:p1/A store",
            "OpenMsgStore:B store",
            "Release",
            "OpenMsgStore:p1/A store",
        ]
    );
    let events = one.events[3].provider_events.as_ref().unwrap();
    assert!(events.iter().all(|event| event.provider == "p1/A store"));
    // The session obtained last is taken unless another is given.
    let sessions: Vec<_> = one.events.iter().map(|event| &event.session).collect();
    assert_eq!(sessions[2..5], [&Value::Null, &json!(1), &json!(1)]);
    assert_eq!(verdict(one, "mapi4linux"), ExplainVerdict::Explained);
    let mut other = one.clone();
    other.events[3].call = "OpenMsgStore:p2/A store".to_owned();
    assert_eq!(verdict(&other, "mapi4linux"), ExplainVerdict::Unexplained);
}

#[test]
fn services_belong_to_the_profiles_that_their_providers_learn_of() {
    let calls = [
        made("p1"),
        made("p2"),
        service("SVC_A"),
        logon("p1", 1),
        logon("p2", 2),
        store("A", "p1"),
    ];
    let one = &imported(&recorded("shared/other_profile", &calls)).scenarios[0];
    let services = |at: usize| one.scenario.profiles[at].services.len();
    assert_eq!((services(0), services(1)), (1, 0));
    assert_eq!(verdict(one, "mapi4linux"), ExplainVerdict::Explained);
}

#[test]
fn service_that_a_profile_has_twice_is_given_as_the_reason() {
    let calls = [made("p1"), service("SVC_A"), service("SVC_A"), logon("p1", 1)];
    let found = imported(&recorded("twice", &calls));
    assert!(found.left_out[0].1.contains("has service \"A\" twice"));
}

#[test]
fn profiles_with_names_that_no_scenario_has_are_imported() {
    let long = "z".repeat(100);
    for name in [long.as_str(), " lead ", "two\nlines"] {
        let calls = [made(name), service("SVC_A"), logon(name, 1), store("A", name)];
        let found = imported(&recorded("names", &calls));
        assert_eq!(found.left_out, [], "{name:?}");
        let one = &found.scenarios[0];
        assert_eq!(one.scenario.profiles[0].name, stand_in(name));
        assert_eq!(one.events[0].args["profile"], name);
        assert_eq!(verdict(one, "mapi4linux"), ExplainVerdict::Explained, "{name:?}");
    }
    // What deviates from the documentation is still seen.
    let calls = [made(&long), logon(&long, 1)];
    let one = &imported(&recorded("long", &calls)).scenarios[0];
    assert_eq!(verdict(one, "documented"), ExplainVerdict::Unexplained);
    let limits = ExplainLimits::default();
    let found = hypotheses(&recording(&one.events), &one.scenario, &limits, 0, 100_000);
    assert_eq!(found[0].set["PARAMETER_CHECKS"], "off");
}

#[test]
fn scenarios_that_would_share_a_file_are_refused_with_both_names() {
    let one = |title: &str| recorded(title, &[logon("p1", 1)]);
    let told = refused(&[one("a/b"), one("a_b")].concat());
    assert_eq!(told, "2:1: \"a_b\" and \"a/b\" would both be written to a_b");
    let told = refused(&[one("a/b"), one("c"), one("a/b")].concat());
    assert_eq!(told, "3:1: the lines of \"a/b\" are not contiguous");
}

#[test]
fn lines_that_contradict_themselves_are_refused() {
    let mut wrong = logon("p1", 1);
    wrong["hr"] = "0x80040111".into();
    let told = refused(&recorded("a", &[wrong]));
    assert_eq!(told, "1:1: `hr` \"0x80040111\" is not the number of S_OK, 0x00000000");
    let (mut first, mut second) = (logon("p1", 1), release(1));
    (first["step"], second["step"]) = (2.into(), 1.into());
    let told = refused(&recorded("a", &[first, second]));
    assert_eq!(told, "2:1: step 1 of \"a\" comes after its step 2");
}

#[test]
fn scenario_whose_name_is_no_name_of_a_file_is_left_out() {
    let found = imported(&recorded("../../evil", &[logon("p1", 1)]));
    assert_eq!(found.left_out[0].1, "its name cannot be the name of a file");
}

#[test]
fn provider_events_that_are_not_known_are_counted() {
    let mut call = logon("p1", 1);
    call["provider_events"] = json!([{"ev": "Nope"}, {"ev": "store_destroyed"}, {"ev": "Nope"}]);
    let found = imported(&recorded("a", &[call]));
    assert_eq!(found.dropped.events, [("Nope".to_owned(), 2)].into());
}

const MAP: &str = r"
[[event]]
kind = 'begin'
pattern = '^(?<client>\w+) > (?<call>\w+)( flags=(?<flags>\S+))?$'
[[event]]
kind = 'end'
pattern = '^(?<client>\w+) < hr=(?<result>\S+)$'
";

fn results(log: &str) -> Result<Vec<Value>, String> {
    let mapping = Mapping::parse(MAP).unwrap();
    let mut importer = mapping.import("a.log", log.as_bytes());
    let mut found = Vec::new();
    while let Some(told) = importer.next_told().map_err(|error| error.to_string())? {
        match told {
            ToldCall::Event(event) => found.push(event.result),
            ToldCall::Bad(error) => return Err(error.to_string()),
            ToldCall::Unmatched(..) => {}
        }
    }
    Ok(found)
}

#[test]
fn results_are_known_however_a_log_writes_them() {
    for (written, name) in [
        ("80040111", "MAPI_E_LOGON_FAILED"),
        ("8004010f", "MAPI_E_NOT_FOUND"),
        ("0x80040111", "MAPI_E_LOGON_FAILED"),
        ("-2147221231", "MAPI_E_LOGON_FAILED"),
        ("2147746065", "MAPI_E_LOGON_FAILED"),
        ("E_FAIL", "MAPI_E_CALL_FAILED"),
        ("E_INVALIDARG", "MAPI_E_INVALID_PARAMETER"),
        ("E_OUTOFMEMORY", "MAPI_E_NOT_ENOUGH_MEMORY"),
        ("E_ACCESSDENIED", "MAPI_E_NO_ACCESS"),
        ("E_NOINTERFACE", "MAPI_E_INTERFACE_NOT_SUPPORTED"),
        ("800401FF", "0x800401FF"),
        ("00000000", "S_OK"),
    ] {
        let log = format!("a > MAPILogonEx\na < hr={written}\n");
        assert_eq!(results(&log), Ok(vec![name.into()]), "{written}");
    }
}

#[test]
fn errors_of_a_log_have_the_lines_of_the_log() {
    let cases = [
        (
            "a > MAPILogonEx flags=MAPI_NEW_SESION\nb\na < hr=0\n",
            "3:1: the call that begins in line 1: ",
        ),
        ("a > MAPILogonEx\n\na < hr=FINE\n", "3:1: unknown result `FINE`"),
        ("a < hr=0\n", "1:1: this line ends a call, but no open call of client \"a\""),
        ("a > MAPILogon\n", "1:1: unknown call `MAPILogon`"),
    ];
    for (log, told) in cases {
        let found = results(log).unwrap_err();
        assert!(found.starts_with(told), "{found:?} instead of {told:?}");
    }
    let long = format!("{} > MAPILogonEx\n", "a".repeat(2000));
    let told = results(&long).unwrap_err();
    assert_eq!(told, "1:1: `client` takes 2000 bytes, more than 1024 (pattern 1 of the map)");
}

#[test]
fn what_a_log_leaves_open_is_bounded() {
    let clients: String = (0..5000).map(|n| format!("c{n} > MAPILogonEx\n")).collect();
    let told = results(&clients).unwrap_err();
    assert_eq!(told, "4097:1: more than 4096 clients are in a call (pattern 1 of the map)");
    let mapping = Mapping::parse("[[event]]\nkind = 'dialog'\npattern = '(?<dialog>.)'").unwrap();
    let dialogs = "x\n".repeat(70_000);
    let told = mapping.import("a.log", dialogs.as_bytes()).next_told().unwrap();
    assert!(matches!(told, Some(ToldCall::Bad(error)) if error.line == 65_537));
}

#[test]
fn errors_of_a_map_name_what_was_meant() {
    let cases = [
        ("[[event]]\nkind = 'begn'\npattern = ''", "did you mean `begin`?"),
        ("[[evnt]]\npattern = ''", "did you mean `event`?"),
        ("event = 1", "1:9: a value must be a list, not `1`"),
        ("[[event]]\npattern = '(?<clent>.)'", "did you mean `client`?"),
    ];
    for (map, meant) in cases {
        let told = Mapping::parse(map).unwrap_err().to_string();
        assert!(told.contains(meant), "{told:?} instead of {meant:?}");
        assert!(!told.contains("File"), "{told:?}");
    }
}

fn told(map: &str, log: &str) -> Vec<ToldCall> {
    let mapping = Mapping::parse(map).unwrap();
    let mut importer = mapping.import("a.log", log.as_bytes());
    std::iter::from_fn(|| importer.next_told().unwrap()).collect()
}

#[test]
fn events_keep_the_lines_they_come_from() {
    let log = "noise\na > MAPILogonEx\nb > MAPILogonEx\na < hr=0\n";
    let all = told(MAP, log);
    let origins = all.iter().filter_map(|one| match one {
        ToldCall::Event(event) => event.origin.as_ref().map(|at| (&*at.file, at.line, at.end)),
        ToldCall::Unmatched(..) | ToldCall::Bad(_) => None,
    });
    assert_eq!(origins.collect::<Vec<_>>(), [("a.log", 2, Some(4)), ("a.log", 3, None)]);
}

#[test]
fn an_import_goes_on_after_a_bad_line() {
    let all = told(MAP, "a < hr=0\na > MAPILogonEx\na < hr=FINE\na < hr=0\n");
    let bad = all.iter().filter(|one| matches!(one, ToldCall::Bad(_))).count();
    let events = all.iter().filter(|one| matches!(one, ToldCall::Event(_))).count();
    assert_eq!((bad, events), (2, 1));
}

#[test]
fn of_several_patterns_the_first_that_makes_sense_is_taken() {
    let map = format!(
        "{MAP}[[event]]\npattern = '^(?<client>\\w+) < hr=(?<result>0)$'\n\
        call = 'MAPIInitialize'\n"
    );
    let mapping = Mapping::parse(&map).unwrap();
    let mut importer = mapping.import("a.log", "a < hr=0\n".as_bytes());
    let told = importer.next_told().unwrap();
    assert!(matches!(told, Some(ToldCall::Event(event)) if event.call == "MAPIInitialize"));
    assert_eq!(importer.ambiguous(), 1);
}

#[test]
fn a_guess_takes_no_flags_and_no_session_for_a_result() {
    for (enters, leaves) in [
        ("{} entered", "{} returned hr=0x00000000 session=0x04F1A230"),
        ("> {}", "< {} hr=0x00000000 session=0x04F1A230"),
        ("--> {}", "<-- {} rc=0x00000000 session=0x04F1A230"),
        ("Calling {}", "{} returned: 0x00000000, session=0x04F1A230"),
        ("begin {}", "end {} = 0x00000000 session=0x04F1A230"),
    ] {
        let mut log = String::new();
        for (at, (with, without)) in [
            ("MAPILogonEx(profile=\"Work\", flags=0x00000022)", "MAPILogonEx()"),
            ("OpenMsgStore(session=0x04F1A230, store=\"Ann\", flags=0x10)", "OpenMsgStore()"),
        ]
        .iter()
        .enumerate()
        {
            for line in [enters.replace("{}", with), leaves.replace("{}", without)] {
                log += &format!("2026-11-20 08:59:5{at}.201 [0x1A2C] DEBUG {line}\n");
            }
        }
        let found = guess(log.as_bytes()).unwrap();
        let events: Vec<_> = told(&found.map, &log)
            .into_iter()
            .filter_map(|one| match one {
                ToldCall::Event(event) => Some(event),
                ToldCall::Unmatched(..) | ToldCall::Bad(_) => None,
            })
            .collect();
        let results: Vec<_> = events.iter().map(|event| event.result.to_string()).collect();
        assert_eq!(results, ["\"S_OK\""; 2], "{log}{}", found.map);
        assert_eq!(events[1].args["store"], "Ann", "{log}{}", found.map);
        assert_eq!(events[1].session, "0x04F1A230", "{log}{}", found.map);
    }
}

#[test]
fn a_guessed_map_reads_the_log() {
    let log = "2026-02-27 08:58:42.021 [1b44] MAPILogonEx profile=\"Work\" flags=0x8\n\
               2026-02-27 08:58:43.500 [1b44] MAPILogonEx returned 0x00000000\n\
               2026-02-27 08:58:44.000 [1b44] chatter\n\
               2026-02-27 08:58:44.100 [1b44] IMAPISession::OpenMsgStore store=\"Ann\"\n\
               2026-02-27 08:58:45.000 [1b44] OpenMsgStore failed: MAPI_E_FAILONEPROVIDER\n";
    let found = guess(log.as_bytes()).unwrap();
    let covered: Vec<_> = found.covered.iter().map(|(line, kind, _)| (*line, *kind)).collect();
    assert_eq!(covered, [(1, "begin"), (2, "end"), (4, "begin"), (5, "end")], "{}", found.map);
    let events: Vec<_> = told(&found.map, log)
        .into_iter()
        .filter_map(|one| match one {
            ToldCall::Event(event) => Some((event.client, event.call, event.args, event.result)),
            ToldCall::Unmatched(..) | ToldCall::Bad(_) => None,
        })
        .collect();
    assert_eq!(events.len(), 2);
    assert_eq!((&*events[0].0, &*events[0].1), ("1b44", "MAPILogonEx"));
    assert_eq!(events[0].2["profile"], "Work");
    assert_eq!(events[1].2["store"], "Ann");
    assert_eq!(events[1].3, "MAPI_E_FAILONEPROVIDER");
    assert!(guess("nothing\n".as_bytes()).is_err());
}

#[test]
fn a_bare_number_after_the_time_is_guessed_to_be_the_thread() {
    let log = "08:58:42.021 0x1a2c > MAPILogonEx profile=\"P\" flags=0x20\n\
               08:58:42.921 0x1a2c < 0x00000000\n";
    let found = guess(log.as_bytes()).unwrap();
    let told = told(&found.map, log);
    let [ToldCall::Event(event)] = told.as_slice() else { panic!("{}", found.map) };
    assert_eq!((&*event.client, &*event.call), ("0x1a2c", "MAPILogonEx"));
    assert!(!found.map.contains("MAPI_[EW]"), "no result has a name: {}", found.map);
}
