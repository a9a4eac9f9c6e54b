//! `drive` in front of adapters: good ones, wrong ones and broken ones.

use std::fs;

use serde_json::Value;

use crate::adapters::{PLAIN, built};
use crate::support::{Ran, root, run, workplace};

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

#[test]
fn a_broken_adapter_is_exit_4_with_the_line_and_what_was_expected() {
    let returned = r#"echo '{"op":"returned","id":9,"client":"outlook","result":"0x80040111"}'"#;
    let note = r#"while :; do echo '{"op":"note","text":"hm"}' || exit; done"#;
    let cases = [
        ("dies at once", vec!["sh".into(), "-c".into(), "exit 3".into()], "exit status: 3"),
        ("silent", vec!["sleep".into(), "60".into()], "nothing came in 0.5 s"),
        ("speaks of nothing", shell("echo hello; cat"), "line: hello"),
        ("answers nobody", shell(&format!("{returned}; cat")), "belongs to no open call"),
        ("floods", shell(note), "1000 remarks came in a row"),
    ];
    for (what, adapter, expected) in cases {
        let adapter: Vec<_> = adapter.iter().map(String::as_str).collect();
        let ran = drive(&[], &adapter);
        assert_eq!(ran.code, Some(4), "{what}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(expected), "{what}: {}", ran.stderr);
        assert!(ran.stderr.contains("expected: "), "{what}: {}", ran.stderr);
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
