//! What `drive` reports beside a deviation: the second judge, readings, what was left out, goals.

use std::fs;

use serde_json::Value;

use crate::support::{Ran, run, workplace};

const MODEL: &str = env!("CARGO_BIN_EXE_mapi-logon");

/// The model as a system that joins the older of two shared sessions.
const OLDEST: [&str; 5] = [MODEL, "impersonate", "--stdio", "--set", "SHARED_CLASH=oldest"];

/// An adapter in shell that can make these calls, and answers each with this code.
fn shell(calls: &str, code: &str) -> [String; 3] {
    let code = code.replace('"', "\\\"");
    let hello = format!(
        "{{\"op\":\"hello\",\"id\":1,\"protocol\":1,\"system\":\"shell\",\"version\":\"1\",\
         \"calls\":[{calls}],\"clients\":\"one\",\
         \"controls\":{{\"providers\":\"none\",\"dialogs\":\"none\"}}}}"
    );
    let script = format!(
        "read line; echo '{hello}'
         while read line; do
           id=${{line#*\\\"id\\\":}}; id=${{id%%,*}}; id=${{id%%\\}}*}}
           client=${{line#*\\\"client\\\":\\\"}}; client=${{client%%\\\"*}}
           case $line in
             *'\"op\":\"world\"'*) echo \"{{\\\"op\\\":\\\"ready\\\",\\\"id\\\":$id}}\";;
             *'\"op\":\"call\"'*) echo \"{{\\\"op\\\":\\\"returned\\\",\\\"id\\\":$id,\
           \\\"client\\\":\\\"$client\\\",{code}}}\";;
             *) exit 0;;
           esac
         done"
    );
    ["sh".to_owned(), "-c".to_owned(), script]
}

fn drive(options: &[&str], adapter: &[String]) -> Ran {
    let adapter: Vec<_> = adapter.iter().map(String::as_str).collect();
    run(&[&["drive"], options, &["--"], &adapter[..]].concat())
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}{}", ran.stdout, ran.stderr))
}

#[test]
fn a_deviation_that_only_the_order_of_questions_shows_is_reported_as_one() {
    let common = ["drive", "two-shared", "--seed", "2", "--calls", "500", "--format", "json", "--"];
    let ran = run(&[&common[..], &OLDEST].concat());
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    let result = json(&ran);
    let deviations = result["deviations"].as_array().unwrap();
    assert!(deviations.len() > 1, "{}", ran.stdout);
    let unordered = |one: &&Value| one["unordered"] == true;
    assert_eq!(deviations.iter().filter(unordered).count(), 1, "{}", ran.stdout);
    assert_eq!(result.get("disagreements"), None);
}

#[test]
fn the_reading_that_explains_a_deviation_is_named_and_the_command_on_its_page_says_the_same() {
    let folder = workplace("driven-readings");
    let pages = folder.to_str().unwrap();
    let common = ["drive", "two-shared", "--calls", "500", "--html", pages, "--"];
    let ran = run(&[&common[..], &OLDEST].concat());
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    let explains = "--set SHARED_CLASH=oldest explains 2 of 2 deviations";
    assert!(ran.stdout.contains(explains), "{}", ran.stdout);
    let recording = folder.join("two-shared-1.jsonl");
    let page = fs::read_to_string(folder.join("two-shared-1.html")).unwrap();
    assert!(page.contains("--set SHARED_CLASH=oldest"), "{page}");
    let judged = run(&["validate", recording.to_str().unwrap()]);
    assert_eq!(judged.code, Some(1), "{}{}", judged.stdout, judged.stderr);
    let difference = judged.stdout.lines().nth(1).unwrap().trim();
    assert!(ran.stdout.contains(difference.split(" (").next().unwrap()), "{}", judged.stdout);
    let right = ["validate", recording.to_str().unwrap(), "--set", "SHARED_CLASH=oldest"];
    assert_eq!(run(&right).code, Some(0));
}

#[test]
fn a_file_of_expected_deviations_says_nothing_twice_and_nothing_of_other_scenarios() {
    let folder = workplace("driven-blessed");
    let toml = folder.join("known.toml");
    let known = ["--calls", "300", "--deviations", toml.to_str().unwrap()];
    let drive = |options: &[&str]| run(&[&["drive"], options, &known, &["--"], &OLDEST].concat());
    for _ in 0..2 {
        let new = drive(&["two-shared", "--bless"]);
        assert_eq!(new.code, Some(1), "{}{}", new.stdout, new.stderr);
    }
    let text = fs::read_to_string(&toml).unwrap().replace("reason = \"\"", "reason = \"known\"");
    assert_eq!(text.matches("observed = [\"S_OK\"]").count(), 1, "{text}");
    assert!(text.contains("scenario = \"two-shared\""), "{text}");
    fs::write(&toml, &text).unwrap();
    // Nothing that belongs to another scenario is stale, or expected there.
    let other = drive(&["two-libraries"]);
    assert_eq!(other.code, Some(0), "{}{}", other.stdout, other.stderr);
    assert!(other.stdout.contains(" 0 stale"), "{}", other.stdout);
    let entry = text.split("[[deviation]]").nth(1).unwrap();
    fs::write(&toml, format!("{text}\n[[deviation]]{entry}")).unwrap();
    let twice = drive(&["two-shared"]);
    assert_eq!(twice.code, Some(2), "{}{}", twice.stdout, twice.stderr);
    assert!(twice.stderr.contains("says the same as"), "{}", twice.stderr);
}

#[test]
fn what_the_adapter_lacks_is_left_out_said_and_does_not_hide_what_comes_after_it() {
    let folder = workplace("driven-lacking");
    let junit = folder.join("junit.xml");
    let adapter = shell("\"MAPILogonEx\",\"Logoff\"", "\"result\":\"0x80040111\"");
    let options = ["service-account", "--cover", "transitions", "--calls", "20", "--junit"];
    let ran = drive(&[&options[..], &[junit.to_str().unwrap()]].concat(), &adapter);
    for said in [
        "No logon succeeded: nothing but refusals was judged",
        "the adapter does not support ",
        "OpenMsgStore, QueryIdentity",
        "out of reach: T-",
    ] {
        assert!(ran.stdout.contains(said), "{said}: {}{}", ran.stdout, ran.stderr);
    }
    let silent = drive(&["no-default", "--calls", "20"], &adapter);
    let said = "MAPI_LOGON_UI (it shows no dialogs)";
    assert!(silent.stdout.contains(said), "{}{}", silent.stdout, silent.stderr);
    let xml = fs::read_to_string(&junit).unwrap();
    let names: Vec<_> = xml.split("<testcase name=\"").skip(1).collect();
    let names: Vec<_> = names.iter().filter_map(|rest| rest.split('"').next()).collect();
    let distinct: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!(names.len(), distinct.len(), "{xml}");
    assert!(xml.contains("service-account T-79"), "{xml}");
    assert!(xml.contains("service-account without OpenMsgStore"), "{xml}");
}

#[test]
fn clients_of_an_adapter_without_mapiinitialize_are_initialised() {
    let adapter = shell("\"MAPILogonEx\"", "\"result\":\"0x80040111\"");
    let ran = drive(&["untidy-clients", "--calls", "20", "--format", "json"], &adapter);
    let result = json(&ran);
    let allowed = result["deviations"][0]["allowed"].to_string();
    assert!(!allowed.contains("MAPI_E_NOT_INITIALIZED"), "{}", ran.stdout);
    assert!(result["unsupported"].to_string().contains("MAPIInitialize"), "{}", ran.stdout);
}

#[test]
fn the_address_of_a_session_is_an_identity_and_0_is_not() {
    let logon = |identity: &str| {
        let calls = "\"MAPILogonEx\"";
        let mut adapter = shell(
            calls,
            &format!("\"result\":\"0x00000000\",\"session\":$id,\"identity\":{identity}"),
        );
        adapter[2] = adapter[2].replace(
            "\"dialogs\":\"none\"}",
            "\"dialogs\":\"none\"},\"observes\":{\"session_identity\":true}",
        );
        let lenient = ["service-account", "--set", "PARAMETER_CHECKS=off"];
        drive(&[&lenient[..], &["--worlds", "1", "--per-world", "1"]].concat(), &adapter)
    };
    let address = logon("140737353969664");
    assert_eq!(address.code, Some(0), "{}{}", address.stdout, address.stderr);
    let none = logon("0");
    assert_eq!(none.code, Some(4), "{}{}", none.stdout, none.stderr);
    assert!(none.stderr.contains("`identity` are whole numbers from 1"), "{}", none.stderr);
}

#[test]
fn a_step_counts_as_covered_only_once_the_system_has_gone_on_as_the_model_does() {
    // It starts providers of services that are disabled for the session, which T-36 skips.
    let mutant = [MODEL, "impersonate", "--stdio", "--mutant", "never-disabled"];
    let common = ["drive", "service-account", "--cover", "transitions", "--calls", "300"];
    let ran = run(&[&common[..], &["--format", "json", "--"], &mutant].concat());
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    let coverage = &json(&ran)["coverage"];
    let covered: Vec<_> = coverage["covered"].as_array().unwrap().iter().collect();
    assert!(covered.contains(&&"T-1".into()), "{coverage}");
    assert!(!covered.contains(&&"T-36".into()), "{coverage}");
}

#[test]
fn a_trace_that_is_left_says_why_and_nothing_but_open_traces_is_exit_3() {
    let folder = workplace("driven-left");
    let suite = folder.join("suite");
    let suite = suite.to_str().unwrap();
    let made = run(&["generate", "session-limit", "--cover", "transitions", "--out", suite]);
    assert_eq!(made.code, Some(0), "{}{}", made.stdout, made.stderr);
    let adapter = shell("\"MAPILogonEx\"", "\"result\":\"0x80040111\"");
    let ran = drive(&["session-limit", "--suite", suite], &adapter);
    assert!(matches!(ran.code, Some(1 | 3)), "{}{}", ran.stdout, ran.stderr);
    let words: Vec<_> = ran.stdout.split_whitespace().collect();
    let said = words.join(" ");
    assert!(said.contains("(followed to step "), "{}", ran.stdout);
    let why = ["deviated: ", "the adapter cannot make ", "'s call returned "];
    assert!(why.iter().any(|why| said.contains(why)), "{}", ran.stdout);
}

#[test]
fn a_hang_says_what_is_left_open_and_that_it_ended_the_run() {
    let script = crate::support::root().join("adapters/broken/broken.sh");
    let common = ["drive", "office", "--deadline", "20ms", "--", "sh"];
    let ran = run(&[&common[..], &[script.to_str().unwrap(), "never-returns"]].concat());
    assert!(ran.stdout.contains("No other call is in progress"), "{}", ran.stdout);
    assert!(ran.stdout.contains("stopped: 8 worlds hung in the same way"), "{}", ran.stdout);
}
