//! A table of bad texts, one for every kind of error, and the message each must give.

use mapi_logon_model::ids;
use mapi_logon_model::scenario::Scenario;

/// Cases: a text, then `=> ` and the message, then an empty line.
const TABLE: &str = include_str!("mistakes.txt");

fn mistake(text: &str) -> String {
    Scenario::parse(text).expect_err(text).to_string()
}

#[test]
fn every_error_has_its_place_and_says_what_is_admissible() {
    let mut found = String::new();
    for case in TABLE.split_inclusive("\n\n") {
        let (text, _) = case.split_once("=> ").expect("a message after the text");
        found += &format!("{text}=> {}\n\n", mistake(text.trim_end_matches('\n')));
    }
    if std::env::var_os("MAPI_LOGON_RENEW").is_some() {
        let table = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenario/mistakes.txt");
        std::fs::write(table, &found).unwrap();
        return;
    }
    for (found, expected) in found.split("\n\n").zip(TABLE.split("\n\n")) {
        assert_eq!(found, expected);
    }
}

/// `count` texts with their numbers, one after the other.
fn many(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect()
}

#[test]
fn empty_files_have_no_client() {
    for text in ["", " \n\t\r\n", "\u{feff}"] {
        let expected = "1:1: the file is empty; a scenario has one or more [[client]]";
        assert_eq!(mistake(text), expected, "{text:?}");
    }
}

#[test]
fn limits_are_admissible_and_more_is_not() {
    let client = |number| format!("[[client]]\nname = 'c{number}'\n");
    assert!(Scenario::parse(&many(ids::CLIENTS, client)).is_ok());
    let expected = "65:1: a scenario has at most 32 clients";
    assert_eq!(mistake(&many(ids::CLIENTS + 1, client)), expected);

    let profile = |number| format!("[[profile]]\nname = 'p{number}'\n");
    assert!(Scenario::parse(&(many(ids::PROFILES, profile) + &client(0))).is_ok());
    let expected = "17:1: a scenario has at most 8 profiles";
    assert_eq!(mistake(&many(ids::PROFILES + 1, profile)), expected);

    let service = |n| {
        let provider = format!("provider = [{{ name = 'p{n}', kind = 'transport' }}]");
        format!("[[profile.service]]\nname = 's{n}'\n{provider}\n")
    };
    let services = |count| profile(0) + &many(count, service) + &client(0);
    assert!(Scenario::parse(&services(ids::SERVICES)).is_ok());
    let expected = "51:1: a scenario has at most 16 services";
    assert_eq!(mistake(&services(ids::SERVICES + 1)), expected);

    let provider = |n| format!("{{ name = 'p{n}', kind = 'transport' }},\n");
    let providers = |count| {
        let providers = many(count, provider);
        format!("{}[[profile.service]]\nname = 's'\nprovider = [\n{providers}]\n", profile(0))
            + &client(0)
    };
    assert!(Scenario::parse(&providers(ids::PROVIDERS)).is_ok());
    let expected = "38:1: a scenario has at most 32 providers";
    assert_eq!(mistake(&providers(ids::PROVIDERS + 1)), expected);
}

#[test]
fn calls_have_limits() {
    let calls = |count, call| {
        let calls = many(count, |_| format!("'{call}',\n"));
        format!("[[client]]\nname = 'c'\ncalls = [\n{calls}]\n")
    };
    assert!(Scenario::parse(&calls(ids::CALLS, "Logoff")).is_ok());
    let expected = "36:1: a client has at most 32 calls";
    assert_eq!(mistake(&calls(ids::CALLS + 1, "Logoff")), expected);

    let [one, other] = ["c", "d"].map(|name| {
        let all = calls(ids::CALLS, "MAPILogonEx");
        all.replace("'c'", &format!("'{name}'"))
    });
    let all = one + &other;
    assert_eq!(2 * ids::CALLS, ids::LOGONS);
    assert!(Scenario::parse(&all).is_ok());
    let expected = "73:1: a scenario has at most 64 MAPILogonEx calls";
    assert_eq!(mistake(&format!("{all}[[client]]\nname = 'e'")), expected);
    let expected = "75:10: a scenario has at most 64 MAPILogonEx calls";
    let more = format!("{all}[[client]]\nname = 'e'\ncalls = ['MAPILogonEx']");
    assert_eq!(mistake(&more), expected);
}

#[test]
fn bytes_that_are_not_utf_8_are_told_with_their_place() {
    let error = Scenario::parse_bytes(b"# \xc3\xa4\n# \xc3\xa4 \xe4 \xff").unwrap_err();
    let expected = "2:5: byte 0xE4 is not UTF-8; a scenario is UTF-8 text";
    assert_eq!(error.to_string(), expected);
    let error = Scenario::parse_bytes(b"x = '\xc3").unwrap_err();
    assert_eq!(error.to_string(), "1:6: byte 0xC3 is not UTF-8; a scenario is UTF-8 text");
    let scenario = Scenario::parse_bytes("client = [{ name = 'ä' }]".as_bytes()).unwrap();
    assert_eq!(scenario.clients[0].name, "ä");
}

#[test]
fn columns_count_characters_and_not_the_byte_order_mark() {
    assert!(mistake("\u{feff}nam = 'x'").starts_with("1:1: unknown key `nam`"));
    let text = "client = [{ name = 'äöü', x = 1 }]";
    assert!(mistake(text).starts_with("1:27: unknown key `x`; it is one of `name`"));
    assert!(mistake(&format!("# \r\n{text}\r\n")).starts_with("2:27: unknown key `x`"));
}

#[test]
fn messages_stay_on_one_line_and_short() {
    let long = "n".repeat(100_000);
    for text in [
        format!("{long} = 1"),
        format!("client = [{{ name = '{long}' }}]"),
        format!("client = [{{ name = 'c', flags = ['{long}'] }}]"),
        format!("client = [{{ name = 'c', calls = ['OpenMsgStore:{long}'] }}]"),
        format!("client = [{{ name = 'c', weight = 1{} }}]", "0".repeat(100_000)),
        format!("client = [{{ name = 'c' }}]\npolicy.{long} = 1"),
        "\"a\\n\\u001b[31m\" = 1".to_owned(),
    ] {
        let message = mistake(&text);
        assert!(message.len() < 1000, "{}", message.len());
        assert!(!message.chars().any(char::is_control), "{message:?}");
    }
}
