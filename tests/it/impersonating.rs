//! `impersonate` in front of clients with planted faults, and of clients that make given calls.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use mapi_logon::outcomes::outcomes;
use mapi_logon_impersonate::answers::Plan;
use mapi_logon_impersonate::conduct::Ending;
use mapi_logon_impersonate::every::{Bounds, Search};
use mapi_logon_impersonate::launch::{ClientOutput, Launch, Way};
use mapi_logon_impersonate::server::Server;
use mapi_logon_impersonate::stage::{Stage, opened};
use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::LogoffFlags;
use mapi_logon_model::scenario::{Scenario, split_call};
use serde_json::Value;

use crate::support::{Ran, files, root, run, skip, workplace};

/// Builds the shim and its clients, once; none without a compiler.
pub(crate) fn built() -> Option<PathBuf> {
    let usable = |tool: &str| Command::new(tool).arg("--version").output().is_ok();
    for tool in ["cc", "make"] {
        if !usable(tool) {
            skip(tool, "clients in C");
            return None;
        }
    }
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock();
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients");
    let made = Command::new("make")
        .args(["-s", "-C", "adapters", &format!("OUT={}", out.display()), "clients"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    Some(out)
}

/// Plays the subsystem for a client with a planted fault.
pub(crate) fn serve(out: &Path, options: &[&str], client: &[&str]) -> Ran {
    serve_in("tests/data/away.toml", out, options, client)
}

/// Plays the subsystem of a scenario.
pub(crate) fn serve_in(scenario: &str, out: &Path, options: &[&str], client: &[&str]) -> Ran {
    let shim = out.join("libmapi_logon.so");
    let program = out.join("client");
    let common = ["impersonate", scenario, "--shim", shim.to_str().unwrap()];
    run(&[&common, options, &["--", program.to_str().unwrap()], client].concat())
}

/// The kinds of errors and of advice not followed.
pub(crate) fn kinds(ran: &Ran) -> (Vec<String>, Vec<String>) {
    let result: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}{}", ran.stdout, ran.stderr);
    });
    let of = |error: bool| {
        let all = result["findings"].as_array().unwrap().iter();
        let own = all.filter(|one| one["error"] == error);
        own.map(|one| one["kind"].as_str().unwrap().to_owned()).collect()
    };
    (of(true), of(false))
}

#[test]
fn each_client_is_found_to_do_what_was_planted_and_nothing_else() {
    let Some(out) = built() else { return };
    for (client, code, errors, advice) in [
        ("tidy", 0, vec![], vec![]),
        ("forgetful", 1, vec!["left-initialized", "left-session"], vec![]),
        ("leaking", 1, vec!["left-buffers"], vec![]),
        ("impatient", 1, vec!["used-after-logoff"], vec![]),
        ("clinging", 1, vec!["used-after-release"], vec![]),
        ("failing", 1, vec!["status"], vec![]),
        ("service", 0, vec![], vec!["service-with-mail"]),
        ("dismissive", 0, vec![], vec!["shared-logoff"]),
        ("closing", 0, vec![], vec![]),
        ("storming", 1, vec!["storm"], vec![]),
        ("hanging", 1, vec!["hang"], vec![]),
        ("crashing", 1, vec!["crash"], vec![]),
        ("careless", 0, vec![], vec!["not-extended", "may-share", "released-only"]),
    ] {
        let fails = ["storming", "hanging", "crashing", "failing"].contains(&client);
        let profile = if fails { "No" } else { "Work" };
        let expected = if client == "failing" { "0" } else { "0,1" };
        let options =
            ["--every", "--format", "json", "--deadline", "1s", "--expect-exit", expected];
        let ran = serve(&out, &options, &[client, profile]);
        assert_eq!(kinds(&ran).0, errors, "{client}: {}", ran.stdout);
        assert_eq!(kinds(&ran).1, advice, "{client}: {}", ran.stdout);
        assert_eq!(ran.code, Some(code), "{client}: {}{}", ran.stdout, ran.stderr);
    }
    for (scenario, client, advice) in [
        ("lost-store", "asking", None),
        ("lost-store", "ignoring", Some("ignored-warning")),
        ("tests/data/lacking.toml", "tidy", Some("lacks-dialogs")),
    ] {
        let options = ["--every", "--budget", "1", "--format", "json"];
        let ran = serve_in(scenario, &out, &options, &[client]);
        let advice = advice.iter().map(|one| (*one).to_owned()).collect();
        assert_eq!(kinds(&ran), (vec![], advice), "{client}: {}", ran.stdout);
    }
    let strict = serve(&out, &["--strict"], &["careless"]);
    assert_eq!(strict.code, Some(1), "{}", strict.stdout);
}

#[test]
fn fifty_threads_lose_nothing_and_a_forked_process_is_told_apart() {
    let Some(out) = built() else { return };
    let ran = serve(&out, &["--format", "json", "--deadline", "2min"], &["threads"]);
    let result: Value = serde_json::from_str(&ran.stdout).unwrap();
    // A visit makes MAPILogonEx, GetMsgStoresTable, OpenMsgStore, Logoff and Release.
    assert_eq!(result["calls"], 2 + 50 * 2 * 5, "{}", ran.stdout);
    assert_eq!((ran.code, kinds(&ran).0), (Some(0), vec![]), "{}", ran.stdout);
    let ran = serve(&out, &["--format", "json"], &["sharing"]);
    let result: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(result["most_processes"], 2, "{}", ran.stdout);
    assert_eq!(kinds(&ran).0, ["foreign-session"], "{}", ran.stdout);
}

#[test]
fn a_finding_is_reported_and_repeated_from_its_answers() {
    let Some(out) = built() else { return };
    let folder = workplace("impersonated");
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (junit, sarif) = (file("junit.xml"), file("found.sarif"));
    let options =
        ["--every", "--record", folder.to_str().unwrap(), "--junit", &junit, "--sarif", &sarif];
    let ran = serve(&out, &options, &["forgetful"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    assert!(fs::read_to_string(&junit).unwrap().contains("<failure"));
    assert!(fs::read_to_string(&sarif).unwrap().contains("OFF-1"));
    let kept = file("left-session.json");
    assert!(ran.stdout.contains(&format!("--answers {kept}")), "{}", ran.stdout);
    let again = serve(&out, &["--answers", &kept, "--format", "json"], &["forgetful"]);
    assert_eq!(kinds(&again).0, ["left-initialized", "left-session"]);
    // Another client departs from the plan, and that is said.
    let other = serve(&out, &["--answers", &kept], &["tidy", "No"]);
    assert!(other.stdout.contains("other calls than planned"), "{}", other.stdout);
}

#[test]
fn a_client_that_never_calls_is_no_tidy_client() {
    let Some(out) = built() else { return };
    let ran = serve(&out, &[], &["silent"]);
    assert_eq!(ran.code, Some(4), "{}", ran.stdout);
    assert!(ran.stderr.contains("made no MAPI call"), "{}", ran.stderr);
    let missing = run(&["impersonate", "--shim", "/nowhere.so", "--", "true"]);
    assert_eq!(missing.code, Some(2), "{}", missing.stderr);
}

#[test]
fn equal_seeds_give_equal_reports_and_a_search_that_is_cut_says_so() {
    let Some(out) = built() else { return };
    let [one, other] = [0; 2].map(|_| serve(&out, &["--seed", "7", "--format", "json"], &["tidy"]));
    assert_eq!(one.stdout, other.stdout);
    let cut = serve(&out, &["--every", "--runs", "2", "--samples", "3"], &["tidy"]);
    assert_eq!(cut.code, Some(3), "{}", cut.stdout);
    assert!(cut.stdout.contains("Not complete"), "{}", cut.stdout);
    assert!(cut.stdout.contains("3 runs with answers drawn"), "{}", cut.stdout);
}

#[test]
fn a_stranger_without_the_token_gets_no_answer_and_disturbs_nobody() {
    let Some(out) = built() else { return };
    let text = fs::read_to_string(root().join("scenarios/lost-store.toml")).unwrap();
    let stage = Stage::new(opened(Scenario::parse(&text).unwrap()), 50);
    let server = Server::listen(stage).unwrap();
    for greeting in ["hello 1 wrong 1 1\nMAPIInitialize\n", "GET / HTTP/1.1\r\n\r\n", "\n"] {
        let mut stranger = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
        stranger.write_all(greeting.as_bytes()).unwrap();
        let mut heard = Vec::new();
        // A connection that is reset has heard nothing either.
        stranger.read_to_end(&mut heard).unwrap_or_default();
        assert!(heard.is_empty(), "{heard:?}");
    }
    let mut silent = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    silent.write_all(b"hello").unwrap();
    let launch = launch(&out, "client", &["tidy".to_owned()]);
    let report = launch.run(&server, Plan::given(Vec::new()), &AtomicBool::new(false)).unwrap();
    assert_eq!((report.ending, report.seen.len(), report.processes), (Ending::Status(0), 0, 1));
}

fn launch(out: &Path, client: &str, arguments: &[String]) -> Launch {
    let program = out.join(client).to_str().unwrap().to_owned();
    Launch {
        words: [&[program], arguments].concat(),
        way: Way::Found(out.join("libmapi_logon.so")),
        deadline: Duration::from_secs(60),
        expected: Vec::new(),
        output: ClientOutput::Hidden,
    }
}

type Sequences = BTreeSet<Vec<(String, String)>>;

/// What a client that makes exactly the calls of the scenario gets, over all answers.
fn every(out: &Path, scenario: &Scenario) -> Sequences {
    let client = &scenario.clients[0];
    let name = client.names[0].written.clone().unwrap_or_else(|| "-".to_owned());
    let password = if client.password { "secret" } else { "-" }.to_owned();
    let mut arguments = vec![name, password, client.flags.bits().to_string()];
    let written = client.written.iter().map(|call| match split_call(call) {
        ("Logoff", Some(flags)) => {
            let all = flags.split('|').filter_map(LogoffFlags::from_name);
            format!("Logoff:{}", all.fold(0, |bits, flag| bits | flag.bits()))
        }
        _ => call.clone(),
    });
    let begins = (!client.initializes).then(|| "MAPIInitialize".to_owned());
    arguments.extend(begins.into_iter().chain(written));
    let server = Server::listen(Stage::new(opened(scenario.clone()), 1000)).unwrap();
    let bounds = Bounds { depth: 64, runs: 100_000, time: None, samples: 0, seed: 1 };
    let mut search = Search::new(bounds);
    let launch = launch(out, "scripted", &arguments);
    let mut found = Sequences::new();
    while let Some(plan) = search.plan() {
        let report = launch.run(&server, plan, &AtomicBool::new(false)).unwrap();
        search.learn(&report);
        let own = report.answered.iter().skip(usize::from(!client.initializes));
        found.insert(
            own.map(|one| (split_call(&one.call).0.to_owned(), one.result.clone())).collect(),
        );
    }
    assert!(search.tried().complete, "{:?}", search.tried());
    found
}

/// The calls that a client in C can make: it has no pointer to a session that it did not obtain.
fn made(all: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut held = 0;
    let mut makes = |(call, result): &(String, String)| match call.as_str() {
        "MAPILogonEx" => {
            held += usize::from(!result.starts_with("MAPI_E"));
            true
        }
        "MAPIInitialize" | "MAPIUninitialize" | "DeleteProfile" => true,
        "Release" if held > 0 => {
            held -= 1;
            true
        }
        _ => held > 0,
    };
    all.filter(|one| makes(one)).collect()
}

#[test]
fn a_client_that_makes_the_calls_of_a_scenario_sees_exactly_its_outcomes() {
    let Some(out) = built() else { return };
    let mut compared = 0;
    for path in files("scenarios", ".toml") {
        let scenario = Scenario::parse(&fs::read_to_string(&path).unwrap()).unwrap();
        let [client] = scenario.clients.as_slice() else { continue };
        let chooses = client.is_any_caller();
        if chooses || (!scenario.init_codes.is_empty() && !client.initializes) {
            continue;
        }
        let found = outcomes(&Model::new(scenario.clone()), false, 1_000_000);
        assert!(found.complete, "{}", path.display());
        let theirs: Sequences = found
            .outcomes
            .iter()
            .map(|calls| {
                let all = calls.iter();
                made(all.map(|one| (one.method.clone(), one.result.clone().into_owned())))
            })
            .collect();
        assert_eq!(every(&out, &scenario), theirs, "{}", path.display());
        compared += 1;
    }
    assert!(compared >= 8, "{compared} scenarios");
}
