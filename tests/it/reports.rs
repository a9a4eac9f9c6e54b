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

/// Is this a character that XML or HTML does not have?
fn is_foreign(letter: char) -> bool {
    let nonchar = u32::from(letter) & 0xfffe == 0xfffe;
    nonchar || letter.is_control() && !"\n\t\r".contains(letter)
}

#[test]
fn names_with_characters_that_xml_does_not_have_make_no_file_ill_formed() {
    let folder = workplace("reports-foreign");
    let scenario = folder.join("x\u{1}\u{fffe}.toml");
    let text = "[[profile]]\nname = \"P\\uFFFE\"\n[[profile.service]]\nname = \"<S\\uFFFF>\"\n\
                [[profile.service.provider]]\nname = \"M&\\uFFFE\"\nkind = \"message-store\"\n\
                [[client]]\nname = \"a\\uFFFE\"\nprofile = \"P\\uFFFE\"\n[load]\nlogons = 3\n\
                arrivals_per_second = 1.0\n[timing]\nprovider_load = { constant = 1 }\n\
                [expect]\nwitnesses = [\"RCH-5\"]\n";
    fs::write(&scenario, text).unwrap();
    let recording = folder.join("log.jsonl");
    let text = "{\"client\":\"a\\uFFFE\",\"call\":\"MAPILogonEx\",\"result\":\"E_FAIL\",\
                \"origin\":{\"file\":\"l\\u001b[1mog\",\"line\":1}}\n";
    fs::write(&recording, text).unwrap();
    let (scenario, recording) = (scenario.to_str().unwrap(), recording.to_str().unwrap());
    let commands: [(&str, &[&str], &[&str]); 7] = [
        ("check", &[scenario], &["--html", "--junit", "--sarif"]),
        ("sweep", &[scenario, "--set", "START=all"], &["--plot", "--junit", "--sarif"]),
        ("simulate", &[scenario, "--load"], &["--plot", "--html"]),
        ("outcomes", &[scenario], &["--html"]),
        ("explore", &[scenario], &["--html"]),
        ("compare", &[scenario, "--against", "START=on_open"], &["--html"]),
        ("validate", &[recording], &["--html", "--junit", "--sarif"]),
    ];
    for (command, args, files) in commands {
        let paths = files.iter().map(|file| {
            let ending = file.replace("--plot", "svg").replace("--junit", "xml").replace("--", "");
            (*file, folder.join(format!("{command}.{ending}")))
        });
        let paths: Vec<_> = paths.collect();
        let mut all = [&[command], args].concat();
        all.extend(paths.iter().flat_map(|(file, path)| [*file, path.to_str().unwrap()]));
        let ran = run(&all);
        assert!(matches!(ran.code, Some(0 | 1)), "{all:?}: {}", ran.stderr);
        for (file, path) in paths {
            let text = fs::read_to_string(&path).unwrap();
            let foreign = text.chars().find(|letter| is_foreign(*letter) && file != "--sarif");
            assert_eq!(foreign, None, "{command} {file}");
            assert!(!text.contains("<S"), "{command} {file}: a name is no element");
        }
    }
    let graph = run(&["export", scenario, "--to", "graphml"]).stdout;
    assert!(!graph.contains(is_foreign) && graph.starts_with("<?xml"), "{graph}");
}
