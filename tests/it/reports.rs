//! Reports for continuous integration: every finding with the command that repeats it.

use std::fs;

use serde_json::Value;

use crate::support::{files, run, workplace};

#[test]
fn findings_are_reported_to_continuous_integration_with_the_command_that_repeats_them() {
    let folder = workplace("reports");
    let (junit, sarif) = (folder.join("junit.xml"), folder.join("found.sarif"));
    let good = fs::read_to_string(&files("traces/corpus/conforming", ".jsonl")[0]).unwrap();
    let wrong = folder.join("wrong.jsonl");
    fs::write(&wrong, good.replacen("\"taken\":[\"T-6\"]", "\"taken\":[\"T-7\"]", 1)).unwrap();
    let silent = "tests/data/silent-user.toml";
    let commands: [(&[&str], i32, &str); 4] = [
        (&["check", silent], 1, "LIV-"),
        (&["sweep", silent, "--budget", "0"], 1, "faults = 0"),
        (&["replay", wrong.to_str().unwrap()], 1, "wrong.jsonl"),
        (&["mutants", "lost-store", "--mutant", "drop:T-1"], 0, "drop:T-1"),
    ];
    for (args, code, name) in commands {
        let reports = ["--junit", junit.to_str().unwrap(), "--sarif", sarif.to_str().unwrap()];
        let ran = run(&[args, &reports].concat());
        assert_eq!(ran.code, Some(code), "{args:?}: {}{}", ran.stdout, ran.stderr);
        let xml = fs::read_to_string(&junit).unwrap();
        assert!(xml.contains(name), "{args:?}: {xml}");
        let report: Value = serde_json::from_str(&fs::read_to_string(&sarif).unwrap()).unwrap();
        let results = report["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.is_empty(), code == 0, "{args:?}");
        assert_eq!(xml.contains("<failure"), code == 1, "{args:?}: {xml}");
        for result in results {
            let text = result["message"]["text"].as_str().unwrap();
            assert!(text.contains(&format!("Repeat: mapi-logon {}", args[0])), "{text}");
        }
    }
}

#[test]
fn recording_that_is_unexplained_is_a_result_at_its_line() {
    let folder = workplace("reports-validate");
    let (recording, sarif) = (folder.join("log.jsonl"), folder.join("found.sarif"));
    let args = ["import", "--map", "tests/data/helpdesk.toml", "tests/data/helpdesk.log", "--out"];
    assert_eq!(run(&[&args[..], &[recording.to_str().unwrap()]].concat()).code, Some(0));
    let args = ["validate", recording.to_str().unwrap(), "--scenario", "office", "--faults", "0"];
    let ran = run(&[&args[..], &["--sarif", sarif.to_str().unwrap()]].concat());
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let report: Value = serde_json::from_str(&fs::read_to_string(&sarif).unwrap()).unwrap();
    let found = &report["runs"][0]["results"][0];
    let place = &found["locations"][0]["physicalLocation"];
    assert_eq!(place["region"]["startLine"], 3, "{report}");
    let rule = found["ruleId"].as_str().unwrap();
    assert!(mapi_logon_model::clause::find(rule).is_some(), "{rule} is a clause");
    assert_eq!(report["runs"][0]["tool"]["driver"]["rules"][0]["id"], rule);
    let text = found["message"]["text"].as_str().unwrap();
    assert!(text.contains("OpenMsgStore:EXMS returned MAPI_E_LOGON_FAILED; "), "{text}");
}
