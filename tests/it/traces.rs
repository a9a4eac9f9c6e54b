//! The commands that write, replay and explain runs keep their promises.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Ran, files, run, workplace};

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub(crate) fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn check_saves_counterexamples_and_witnesses_that_replay() {
    let folder = workplace("traces-check");
    let witness = folder.join("witness.jsonl");
    let args = ["check", "office", "--trace", text(&witness), "--witness", "RCH-8"];
    assert_eq!(run(&args).code, Some(0));
    assert!(fs::read_to_string(&witness).unwrap().contains("\"property\":\"RCH-8\""));
    let nothing = folder.join("nothing.jsonl");
    let ran = run(&["check", "lost-store", "--trace", text(&nothing)]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.stderr.contains("no property is violated"), "{}", ran.stderr);
    assert!(!nothing.exists());
    assert_eq!(run(&["replay", text(&witness)]).code, Some(0));
    let args = ["check", "office", "--trace", text(&witness), "--witness", "INV-1"];
    assert_eq!(run(&args).code, Some(2));
}

#[test]
fn check_saves_the_run_that_breaks_a_property() {
    let folder = workplace("traces-broken");
    let scenario = folder.join("silent.toml");
    let silent = "[[client]]\nname = 'a'\nflags = ['MAPI_LOGON_UI']\n[user]\nanswers = []\n";
    fs::write(&scenario, silent).unwrap();
    let trace = folder.join("broken.jsonl");
    let ran = run(&["check", text(&scenario), "--trace", text(&trace)]);
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    assert!(fs::read_to_string(&trace).unwrap().contains("\"property\":\"LIV-3\""));
    let replayed = run(&["replay", text(&trace)]);
    assert_eq!(replayed.code, Some(0), "{}", replayed.stdout);
}

#[test]
fn simulate_saves_a_run_that_replays_with_its_seed() {
    let folder = workplace("traces-simulate");
    let trace = folder.join("run.jsonl");
    for more in [&[][..], &["--swarm"]] {
        let args = ["simulate", "four-faults", "--seed", "11", "--runs", "5", "--trace"];
        let args = [&args[..], &[text(&trace)], more].concat();
        assert_eq!(run(&args).code, Some(0));
        assert!(fs::read_to_string(&trace).unwrap().contains("\"seed\":11"));
        assert_eq!(run(&["replay", text(&trace)]).code, Some(0));
    }
}

#[test]
fn generate_writes_suites_that_replay_and_the_same_bytes_each_time() {
    let folder = workplace("traces-generate");
    for criterion in ["states", "transitions", "pairs", "clauses", "outcomes"] {
        let mut made = Vec::new();
        for time in ["first", "second"] {
            let out = folder.join(time).join(criterion);
            let args = ["generate", "lost-store", "--cover", criterion, "--out", text(&out)];
            let ran = run(&[&args[..], &["--format", "json"]].concat());
            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
            let written: Vec<String> = fs::read_dir(&out)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .map(|path| text(&path).to_owned())
                .filter(|path| path.ends_with(".jsonl"))
                .collect();
            let replay = [&["replay".to_owned()][..], &written].concat();
            assert_eq!(run(&replay).code, Some(0));
            let mut texts: Vec<String> =
                written.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
            texts.sort();
            made.push((ran.stdout.clone(), texts));
            let result = json(&ran);
            let coverage = &result["coverage"];
            assert_eq!(coverage["covered"], coverage["reachable"]);
            assert_eq!(result["traces"].as_array().unwrap().len(), written.len());
        }
        assert_eq!(made[0], made[1], "{criterion}");
    }
    let outcomes = json(&run(&["outcomes", "lost-store", "--format", "json"]));
    let suite = folder.join("first/outcomes");
    let shown = fs::read_dir(&suite).unwrap().count() - 3;
    assert_eq!(outcomes.as_array().unwrap().len(), shown, "beside manifest, schema and README");
    let manifest = fs::read_to_string(suite.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["traces"].as_array().unwrap().len(), shown);
    assert!(fs::read_to_string(suite.join("README.md")).unwrap().contains("| Forceable |"));
}

#[test]
fn suites_report_the_clauses_they_cover_and_which_schedules_can_be_forced() {
    let folder = workplace("traces-clauses");
    let clauses = folder.join("clauses");
    let args = ["generate", "office", "--cover", "clauses", "--format", "json", "--out"];
    let suite = json(&run(&[&args[..], &[text(&clauses)]].concat()));
    let covered = &suite["coverage"]["clauses"];
    assert_eq!(covered["covered"], suite["coverage"]["covered"]);
    assert!(covered["covered"].as_u64() < covered["of"].as_u64(), "{covered}");
    let forceable = |scenario: &str| {
        let out = folder.join(scenario);
        let args = ["generate", scenario, "--cover", "pairs", "--format", "json", "--out"];
        let suite = json(&run(&[&args[..], &[text(&out)]].concat()));
        let traces = suite["traces"].as_array().unwrap().clone();
        traces.iter().map(|trace| trace["forceable"] == true).collect::<Vec<_>>()
    };
    assert!(forceable("lost-store").iter().all(|one| *one), "one client alone");
    assert!(forceable("office").contains(&false), "two clients at the same time");
}

#[test]
fn too_small_a_limit_is_inconclusive() {
    let folder = workplace("traces-limit");
    let args = ["generate", "office", "--cover", "states", "--max-states", "10", "--out"];
    let ran = run(&[&args[..], &[text(&folder)]].concat());
    assert_eq!(ran.code, Some(3), "{}", ran.stdout);
    let reached = "8 of the 8 states found before the limit covered; ";
    assert!(ran.stdout.contains(reached), "{}", ran.stdout);
}

#[test]
fn pairs_that_no_run_shows_are_listed_with_the_reason() {
    let folder = workplace("traces-pairs");
    let args = ["generate", "lost-store", "--cover", "pairs", "--out"];
    let args = [&args[..], &[text(&folder), "--format", "json"]].concat();
    let coverage = json(&run(&args))["coverage"].clone();
    let uncovered = coverage["uncovered"].as_array().unwrap();
    let ids = uncovered.iter().map(|one| one["id"].as_str().unwrap());
    let counts = ids.clone().filter_map(|id| id.strip_suffix(" pairs"));
    let counted: usize = counts.map(|count| count.parse::<usize>().unwrap()).sum();
    let named = ids.filter_map(|id| id.split_once(" then "));
    let named: usize = named.map(|(_, seconds)| seconds.split(", ").count()).sum();
    let all = mapi_logon_model::protocol::Transition::ALL.len().pow(2);
    let shown = usize::try_from(coverage["reachable"].as_u64().unwrap()).unwrap();
    assert!(named > 0);
    assert_eq!(counted + named + shown, all);
}

#[test]
fn replay_stops_at_the_line_that_differs() {
    let folder = workplace("traces-replay");
    let good = &files("traces/corpus/conforming", ".jsonl")[0];
    let changed = folder.join("changed.jsonl");
    let lines = fs::read_to_string(good).unwrap();
    let broken = lines.replacen("\"taken\":[\"T-6\"]", "\"taken\":[\"T-7\"]", 1);
    assert_ne!(lines, broken);
    fs::write(&changed, &broken).unwrap();
    let ran = run(&["replay", text(good), text(&changed)]);
    assert_eq!(ran.code, Some(1));
    let line = broken.lines().position(|line| line.contains("[\"T-7\"]")).unwrap() + 1;
    assert!(ran.stdout.contains(&format!("changed.jsonl:{line}:1: diverges")), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("`taken[0]` differs\n  file says:  \"T-7\"\n  model says: \"T-6\""),
        "{}",
        ran.stdout
    );
    let ran = run(&["replay", text(&changed), "--format", "json"]);
    let result = &json(&ran)[0];
    assert_eq!((&result["verdict"], &result["part"]), (&"diverges".into(), &"taken".into()));
}

#[test]
fn folder_is_replayed_and_expected_divergences_are_no_findings() {
    let ran = run(&["replay", "traces/corpus/violating", "traces/corpus/conforming"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    let first = ran.stdout.lines().next().unwrap();
    assert!(first.contains(" conform, ") && first.ends_with(" diverge as expected"), "{first}");
    let one = &files("traces/corpus/violating", ".jsonl")[0];
    let ran = run(&["replay", text(one)]);
    assert!(ran.stdout.contains(", as expected (mutant "), "{}", ran.stdout);
    let folder = workplace("traces-unexpected");
    let good = fs::read_to_string(&files("traces/corpus/conforming", ".jsonl")[0]).unwrap();
    let wrong = good.replacen("\"verdict\":\"conforms\"", "\"verdict\":\"diverges\"", 1);
    fs::write(folder.join("wrong.jsonl"), wrong).unwrap();
    let ran = run(&["replay", text(&folder)]);
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    assert!(ran.stdout.contains("although it is kept to diverge"), "{}", ran.stdout);
}

#[test]
fn a_log_becomes_a_recording_and_is_explained() {
    let folder = workplace("traces-import");
    let recording = folder.join("helpdesk.jsonl");
    let args = ["import", "--map", "tests/data/helpdesk.toml", "tests/data/helpdesk.log"];
    let ran = run(&[&args[..], &["--out", text(&recording), "--unmatched"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("4 events; 2 lines matched by no expression"), "{}", ran.stderr);
    assert!(ran.stderr.contains("helpdesk.log:8:1: "), "{}", ran.stderr);
    let witness = folder.join("witness.jsonl");
    let args = ["validate", text(&recording), "--scenario", "office", "--witness", text(&witness)];
    let ran = run(&args);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    assert!(ran.stdout.contains("with 1 hidden fault"), "{}", ran.stdout);
    assert_eq!(run(&["replay", text(&witness)]).code, Some(0));
    let args = ["validate", text(&recording), "--scenario", "office", "--faults", "0"];
    let ran = run(&[&args[..], &["--format", "json"]].concat());
    assert_eq!(ran.code, Some(1));
    let result = json(&ran);
    assert_eq!(result["unexplained"]["event"], 3);
    assert_eq!(result["unexplained"]["nearest"][0]["possible"]["result"], "S_OK");
}

#[test]
fn recordings_of_libmapi_are_explained_by_its_preset_alone() {
    let folder = workplace("traces-real");
    let args = ["import", "--format", "mapi4linux-recording", "tests/data/mapi4linux.jsonl"];
    let ran = run(&[&args[..], &["--out", text(&folder)]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("left out: real/"), "{}", ran.stderr);
    let name = "store_logon_once_then_ok_code=MAPI_E_NO_ACCESS";
    let (recording, scenario) =
        (folder.join(format!("{name}.jsonl")), folder.join(format!("{name}.toml")));
    let args = ["validate", text(&recording), "--scenario", text(&scenario), "--format", "json"];
    let documented = run(&args);
    assert_eq!(documented.code, Some(1));
    let sets = json(&documented)["hypotheses"].clone();
    assert!(sets[0]["set"].get("START").is_some(), "{sets}");
    let ran = run(&[&args[..], &["--policy", "mapi4linux"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    let result = json(&ran);
    assert_eq!(result["verdict"], "explained");
    assert_eq!(result["events"], result["explained"]);
    // The world it ran in is a scenario like any other.
    assert_eq!(run(&["outcomes", text(&scenario), "--policy", "mapi4linux"]).code, Some(0));
}

#[test]
fn exports_are_written_and_itf_replays() {
    let folder = workplace("traces-export");
    let trace = &files("traces/corpus/conforming", ".jsonl")[0];
    let itf = folder.join("run.itf.json");
    let args = ["export", text(trace), "--to", "itf", "--out", text(&itf)];
    assert_eq!(run(&args).code, Some(0));
    assert_eq!(run(&["replay", text(&itf)]).code, Some(0));
    let ran = run(&["export", text(trace), "--to", "mermaid"]);
    assert!(ran.stdout.starts_with("sequenceDiagram\n"));
    for (target, begins) in [("dot", "digraph"), ("graphml", "<?xml")] {
        let ran = run(&["export", "lost-store", "--to", target]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stdout.starts_with(begins));
        let ran = run(&["export", "office", "--to", target, "--max-states", "5"]);
        assert_eq!(ran.code, Some(3));
        assert!(ran.stderr.contains("only these are written"), "{}", ran.stderr);
    }
    let recording = folder.join("recording.jsonl");
    let args = ["export", text(trace), "--to", "recording", "--out", text(&recording)];
    assert_eq!(run(&args).code, Some(0));
    let ran = run(&["validate", text(&recording)]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn trace_that_diverges_is_exported_as_far_as_it_replays() {
    let folder = workplace("traces-export-far");
    let trace = &files("traces/corpus/violating", ".jsonl")[0];
    let itf = folder.join("far.itf.json");
    let args = ["export", text(trace), "--to", "itf", "--out", text(&itf)];
    let ran = run(&args);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let replayed = json(&run(&["replay", text(trace), "--format", "json"]))[0].clone();
    let place = format!(".jsonl:{}:1: diverges", replayed["line"]);
    assert!(ran.stderr.contains(&place), "{}", ran.stderr);
    let own = json(&run(&["replay", text(&itf), "--format", "json"]))[0].clone();
    assert_eq!((&own["verdict"], &own["steps"]), (&"conforms".into(), &replayed["steps"]));
    for target in ["mermaid", "recording"] {
        let ran = run(&["export", text(trace), "--to", target]);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        assert!(!ran.stdout.is_empty());
    }
}
