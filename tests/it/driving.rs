//! `drive` in front of adapters: good ones, wrong ones and broken ones.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::adapters::{PLAIN, built};
use crate::support::{Ran, files, root, run, skip, workplace};

const MODEL: &str = env!("CARGO_BIN_EXE_mapi-logon");

/// Drives office through an adapter, with a few options.
fn drive(options: &[&str], adapter: &[&str]) -> Ran {
    let common = ["drive", "office", "--calls", "500", "--start", "500ms"];
    run(&[&common, options, &["--"], adapter].concat())
}

#[test]
fn the_model_behind_a_pipe_conforms_and_equal_seeds_write_equal_bytes() {
    let [one, other] = [0; 2].map(|_| drive(&[], &[MODEL, "impersonate", "--stdio"]));
    assert_eq!(one.code, Some(0), "{}{}", one.stdout, one.stderr);
    assert!(one.stdout.starts_with("CONFORMS: mapi-logon model"), "{}", one.stdout);
    assert_eq!(one.stdout, other.stdout);
}

#[test]
fn a_wrong_system_is_found_shrunk_reported_and_expected_once_a_reason_is_given() {
    let folder = workplace("driven");
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (junit, sarif, toml) = (file("junit.xml"), file("found.sarif"), file("known.toml"));
    let mutant = [MODEL, "impersonate", "--stdio", "--mutant", "TRN-16"];
    let drive = |options: &[&str]| {
        let common = ["drive", "two-users", "--calls", "500", "--max-deviations", "1"];
        run(&[&common, options, &["--"], &mutant].concat())
    };
    let new = drive(&[
        "--junit",
        &junit,
        "--sarif",
        &sarif,
        "--deviations",
        &toml,
        "--bless",
        "--format",
        "json",
    ]);
    assert_eq!(new.code, Some(1), "{}{}", new.stdout, new.stderr);
    let result: Value = serde_json::from_str(&new.stdout).unwrap();
    let deviation = &result["deviations"][0];
    assert_eq!((&deviation["shown"], &deviation["repeated"]), (&3.into(), &3.into()));
    let moves = deviation["moves"].as_array().unwrap();
    let calls = moves.iter().filter(|one| one["move"] == "call").count();
    assert!(calls <= 8, "{calls} calls");
    assert!(fs::read_to_string(&junit).unwrap().contains("<failure"));
    let report: Value = serde_json::from_str(&fs::read_to_string(&sarif).unwrap()).unwrap();
    assert_eq!(report["runs"][0]["results"][0]["ruleId"], deviation["clause"]);
    // Without a reason it still fails; with one it is expected.
    let text = fs::read_to_string(&toml).unwrap();
    let again = drive(&["--deviations", &toml]);
    assert_eq!(again.code, Some(1), "{}", again.stdout);
    assert!(again.stdout.contains("without a reason: "), "{}", again.stdout);
    fs::write(&toml, text.replace("reason = \"\"", "reason = \"on purpose\"")).unwrap();
    let known = drive(&["--deviations", &toml]);
    assert_eq!(known.code, Some(0), "{}", known.stdout);
    // A system that conforms makes the expectation stale.
    let right = [MODEL, "impersonate", "--stdio"];
    let common = ["drive", "two-users", "--calls", "500", "--deviations", &toml, "--"];
    let stale = run(&[&common[..], &right].concat());
    assert_eq!(stale.code, Some(1), "{}", stale.stdout);
    assert!(stale.stdout.contains("stale: "), "{}", stale.stdout);
}

/// A reference subsystem that finds stores that no session has.
const UNKNOWN_STORE: [&str; 2] = ["--fault", "unknown-store"];

#[test]
fn a_world_goes_on_after_an_expected_deviation_unless_the_file_says_stop() {
    let Some(out) = built("plain", PLAIN) else { return };
    let folder = workplace("driven-on");
    let toml = folder.join("known.toml");
    let reference = out.join("reference");
    let adapter = [&[reference.to_str().unwrap()][..], &UNKNOWN_STORE].concat();
    let drive = |then: &str| {
        let entry = concat!(
            "system = 'reference'\nversion = '1'\n[[deviation]]\nid = 'any-store'\n",
            "call = 'OpenMsgStore'\nclause = 'INV-51'\nstatus = 'result'\n",
            "observed = ['S_OK']\nreason = 'on purpose'\n",
        );
        fs::write(&toml, format!("{entry}{then}")).unwrap();
        let common = ["drive", "home-and-work", "--calls", "500", "--format", "json"];
        let known = ["--deviations", toml.to_str().unwrap(), "--"];
        let ran = run(&[&common[..], &known, &adapter].concat());
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        let result: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert!(result["expected"][0]["met"]["deviated"].as_u64() > Some(0), "{}", ran.stdout);
        result["worlds"].as_u64().unwrap()
    };
    // Worlds that end early hold fewer calls.
    let worlds = drive("");
    assert!(drive("then = 'stop'\n") > worlds + 5, "{worlds}");
}

#[test]
fn scenarios_are_driven_one_after_the_other_and_new_deviations_have_pages() {
    let folder = workplace("driven-pages");
    let pages = folder.to_str().unwrap();
    let sarif = folder.join("found.sarif");
    let ran = run(&[
        "drive",
        "two-users",
        "lost-store",
        "--calls",
        "300",
        "--max-deviations",
        "1",
        "--html",
        pages,
        "--sarif",
        sarif.to_str().unwrap(),
        "--",
        MODEL,
        "impersonate",
        "--stdio",
        "--mutant",
        "TRN-16",
    ]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.stdout.matches("mapi-logon model").count(), 2, "{}", ran.stdout);
    let page = fs::read_to_string(folder.join("two-users-1.html")).unwrap();
    assert!(page.contains("UNEXPLAINED"), "{page}");
    let report: Value = serde_json::from_str(&fs::read_to_string(&sarif).unwrap()).unwrap();
    assert_eq!(report["runs"][0]["results"][0]["baselineState"], "new");
    // The moves that were kept lead there again.
    let moves = folder.join("two-users-1.run.json");
    let replay = ["drive", "two-users", "--replay", moves.to_str().unwrap(), "--"];
    let model = [MODEL, "impersonate", "--stdio", "--mutant", "TRN-16"];
    assert_eq!(run(&[&replay[..], &model].concat()).code, Some(1));
}

/// Faults of the reference that its own scenario does not put within reach, and the built-in
/// scenarios that do.
const ELSEWHERE: [(&str, &[&str]); 3] = [
    ("untidy-clients", &["uninitialize-twice", "initialize-once", "initialized-by-nature"]),
    ("anyone", &["both-ui-flags", "leak-mutex", "join-checks-name", "unknown-name-code"]),
    ("office", &["keep-siblings", "empty-fails", "logon-without-init", "die-in-question"]),
];

#[test]
fn every_fault_of_the_reference_is_found_and_shrinks_to_at_most_8_calls_on_average() {
    let Some(out) = built("plain", PLAIN) else { return };
    let reference = out.join("reference").to_str().unwrap().to_owned();
    let listed = Command::new(&reference).arg("--list-faults").output().unwrap().stdout;
    let listed = String::from_utf8(listed).unwrap();
    let faults = listed.lines().filter_map(|line| line.split_whitespace().next());
    let (mut number, mut calls, mut missed) = (0, 0, Vec::new());
    for fault in faults {
        let elsewhere = ELSEWHERE.iter().find(|(_, faults)| faults.contains(&fault));
        let scenario = elsewhere.map_or("adapters/reference/every-fault.toml", |(name, _)| name);
        let limits = ["--calls", "5000", "--max-deviations", "1", "--deadline", "1s"];
        let command = [&["drive", scenario, "--format", "json"][..], &limits, &["--"]].concat();
        let ran = run(&[&command[..], &[reference.as_str(), "--fault", fault]].concat());
        let result: Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
        let Some(moves) = result["deviations"][0]["moves"].as_array() else {
            missed.push((fault.to_owned(), ran.stderr));
            continue;
        };
        number += 1;
        calls += moves.iter().filter(|one| one["move"] == "call").count();
    }
    assert!(missed.is_empty(), "{missed:?}");
    assert!(number >= 24 && calls <= 8 * number, "{calls} calls for {number} faults");
}

#[test]
fn the_reference_conforms_in_every_built_in_scenario_that_it_can_have() {
    let Some(out) = built("plain", PLAIN) else { return };
    let (scenarios, reference) = (files("scenarios", ".toml"), out.join("reference"));
    let scenarios = scenarios.iter().map(|path| path.to_str().unwrap());
    let (foreign, scenarios): (Vec<_>, Vec<_>) =
        scenarios.partition(|path| path.ends_with("foreign-store.toml"));
    let limits = ["--policy", "documented", "--calls", "200", "--"];
    let driven = |scenarios: &[&str]| {
        let common = [&["drive"], scenarios, &limits].concat();
        run(&[&common[..], &[reference.to_str().unwrap()]].concat())
    };
    let ran = driven(&scenarios);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.stdout.matches("CONFORMS").count(), scenarios.len(), "{}", ran.stdout);
    // The kit has no stores without a service, and says so.
    let ran = driven(&foreign);
    assert_eq!((ran.code, foreign.len()), (Some(3), 1), "{}{}", ran.stdout, ran.stderr);
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(said.contains("providers of no service"), "{said}");
}

#[test]
fn the_adapter_in_python_conforms_within_its_reach() {
    if Command::new("python3").arg("--version").output().is_err() {
        return skip("python3", "the adapter in Python");
    }
    let script = root().join("adapters/python/adapter.py");
    let common = ["drive", "office", "two-libraries", "--calls", "500", "--", "python3"];
    let ran = run(&[&common[..], &[script.to_str().unwrap()]].concat());
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.stdout.matches("CONFORMS").count(), 2, "{}", ran.stdout);
}

#[test]
fn what_is_expected_of_mapi4linux_is_all_that_deviates() {
    let Some(adapter) = std::env::var_os("MAPI_LOGON_MAPI4LINUX") else {
        let what = "its deviations (MAPI_LOGON_MAPI4LINUX names the adapter)";
        return skip("kopano-core's libmapi", what);
    };
    let file = |name: &str| root().join("adapters/mapi4linux").join(name).display().to_string();
    let (scenario, known) = (file("two-services.toml"), file("deviations.toml"));
    let common = ["drive", &scenario, "--policy", "mapi4linux", "--deviations", &known, "--"];
    let ran = run(&[&common[..], &[adapter.to_str().unwrap()]].concat());
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn goals_of_the_reference_are_covered_and_a_generated_suite_is_played() {
    let Some(out) = built("plain", PLAIN) else { return };
    let folder = workplace("driven-goals");
    let suite = folder.join("suite");
    let (suite, reference) = (suite.to_str().unwrap(), out.join("reference"));
    let reference = reference.to_str().unwrap();
    let covered = run(&["drive", "lost-store", "--cover", "transitions", "--", reference]);
    assert_eq!(covered.code, Some(0), "{}{}", covered.stdout, covered.stderr);
    assert!(covered.stdout.contains(" 0 refused, 0 open"), "{}", covered.stdout);
    let made = run(&["generate", "joined-twice", "--cover", "transitions", "--out", suite]);
    assert_eq!(made.code, Some(0), "{}{}", made.stdout, made.stderr);
    let played = run(&["drive", "joined-twice", "--suite", suite, "--", reference]);
    assert_eq!(played.code, Some(0), "{}{}", played.stdout, played.stderr);
    assert!(!played.stdout.contains("not reached"), "{}", played.stdout);
}

#[test]
fn a_recorded_world_is_explained_and_its_moves_can_be_made_again() {
    let folder = workplace("driven-recorded");
    let model = [MODEL, "impersonate", "--stdio"];
    let kept = folder.to_str().unwrap();
    let ran = drive(&["--worlds", "2", "--record", kept], &model);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let recording = folder.join("world-00001.jsonl");
    let judged = run(&["validate", recording.to_str().unwrap(), "--scenario", "office"]);
    assert_eq!(judged.code, Some(0), "{}", judged.stdout);
    let moves = folder.join("world-00001.run.json");
    let common = ["drive", "office", "--replay", moves.to_str().unwrap(), "--"];
    let again = run(&[&common[..], &model].concat());
    assert_eq!(again.code, Some(0), "{}{}", again.stdout, again.stderr);
    assert!(again.stdout.contains("25 calls in 1 world"), "{}", again.stdout);
}

/// An adapter in shell that answers `hello` and `world` well, and then does this at a call.
fn shell(at_call: &str) -> Vec<String> {
    let hello = concat!(
        r#"{"op":"hello","id":1,"protocol":1,"system":"shell","version":"1","#,
        r#""calls":["MAPILogonEx"],"clients":"threads","#,
        r#""controls":{"providers":"live","dialogs":"scripted"},"#,
        r#""observes":{"provider_calls":true,"session_identity":true}}"#,
    );
    let script = format!(
        "read line; echo '{hello}'; read line; echo '{{\"op\":\"ready\",\"id\":2}}'; \
         read line; {at_call}"
    );
    ["sh", "-c", &script].map(str::to_owned).to_vec()
}

/// How an adapter breaks the protocol, and what is said of it.
const BROKEN: [(&str, &str); 13] = [
    ("dies-at-once", "it ended: exit status: 3"),
    ("silent", "nothing came in 0.5 s; is the output flushed after every line?"),
    ("wrong-version", "such as {\"op\":\"hello\",\"id\":1,\"protocol\":1,"),
    ("never-ready", "expected: `ready` or `unsupported` with id 2"),
    ("dies-when-idle", "it ended before the first call of the world: exit status: 3"),
    ("garbage", "line: MAPILogonEx called"),
    ("no-object", "line: [1,2,3]"),
    ("unknown-op", "unknown variant `done`, expected one of `hello`"),
    ("unknown-id", "expected: the `id` and `client` of an open call (3 of tool)"),
    ("same-handle", "`session` 7 is repeated"),
    ("two-answers", "this belongs to no open call"),
    ("long-line", "more than 1048576 bytes"),
    ("floods", "1000 remarks came in a row"),
];

#[test]
fn a_broken_adapter_is_exit_4_with_the_line_and_what_was_expected() {
    let script = root().join("adapters/broken/broken.sh");
    for (kind, expected) in BROKEN {
        let common = ["drive", "two-libraries", "--calls", "50", "--start", "500ms", "--", "sh"];
        let ran = run(&[&common[..], &[script.to_str().unwrap(), kind]].concat());
        assert_eq!(ran.code, Some(4), "{kind}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(expected), "{kind}: {}", ran.stderr);
        assert!(ran.stderr.contains("expected: "), "{kind}: {}", ran.stderr);
    }
}

#[test]
fn a_system_that_always_hangs_ends_the_campaign_after_some_deadlines() {
    let script = root().join("adapters/broken/broken.sh");
    let common = ["drive", "office", "--deadline", "20ms", "--", "sh"];
    let ran = run(&[&common[..], &[script.to_str().unwrap(), "never-returns"]].concat());
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("hangs: no sign for 0.02 s"), "{}", ran.stdout);
    assert!(ran.stdout.contains("seen in 8 worlds"), "{}", ran.stdout);
}

#[test]
fn a_death_after_the_first_call_of_a_world_is_the_systems() {
    let script = root().join("adapters/broken/broken.sh");
    let common = ["drive", "two-libraries", "--worlds", "3", "--format", "json", "--", "sh"];
    let ran = run(&[&common[..], &[script.to_str().unwrap(), "dies-between"]].concat());
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    let result: Value = serde_json::from_str(&ran.stdout).unwrap();
    let found = result["deviations"].as_array().unwrap();
    let died = found.iter().find(|one| one["status"] == "dies").unwrap();
    assert_eq!(died["observed"], "died (exit status: 3) after the return");
    assert_eq!((&died["shown"], died["moves"].as_array().unwrap().len()), (&3.into(), 1));
    assert_eq!(result["worlds"], 3, "{}", ran.stdout);
}

#[test]
fn a_file_about_another_system_is_said_to_be_so_and_wrong_files_are_named_with_the_place() {
    let folder = workplace("driven-files");
    let path = folder.join("known.toml");
    let drive = |text: &str, options: &[&str]| {
        fs::write(&path, text).unwrap();
        let common = ["drive", "no-default"];
        run(&[&common[..], options, &["--", MODEL, "impersonate", "--stdio"]].concat())
    };
    let known = ["--deviations", path.to_str().unwrap(), "--worlds", "1"];
    let other = drive("system = 'other'\nversion = '7'\n", &known);
    assert_eq!(other.code, Some(0), "{}{}", other.stdout, other.stderr);
    let warning = "is about other 7, and this is mapi-logon model 0.1.0";
    assert!(other.stderr.contains(warning), "{}", other.stderr);
    let shown = path.display();
    for (text, options, wrong) in [
        ("system = 1\n", &known[..], format!("{shown}:1:10: ")),
        ("system = 'a'\nversion = '1'\n[[deviation]]\n", &known[..], format!("{shown}:3:1: ")),
        ("foo", &["--replay", known[1]], format!("{shown}:1:2: ")),
        ("", &["--suite", "nowhere"], "`mapi-logon generate SCENARIO --out nowhere`".to_owned()),
    ] {
        let ran = drive(text, options);
        assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(&wrong), "{wrong}: {}", ran.stderr);
    }
}

#[test]
fn a_system_that_dies_or_hangs_in_a_call_deviates_and_nothing_is_left_behind() {
    for (adapter, word) in [("exit 9", "died (exit status: 9)"), ("sleep 61.25", "no sign")] {
        let adapter = shell(adapter);
        let adapter: Vec<_> = adapter.iter().map(String::as_str).collect();
        let ran = drive(&["--worlds", "1", "--deadline", "50ms"], &adapter);
        assert_eq!(ran.code, Some(1), "{word}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains(word), "{}", ran.stdout);
    }
    let left = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok).any(|one| {
        let line = fs::read(one.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).replace('\0', " ").starts_with("sleep 61.25")
    });
    assert!(!left, "a process of an adapter is left in {}", root().display());
}
