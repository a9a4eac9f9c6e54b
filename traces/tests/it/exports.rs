//! Other tools can read what is exported.

use std::fs;

use mapi_logon_model::machine::Model;
use mapi_logon_traces::export::graph::StateGraph;
use mapi_logon_traces::export::{itf, mermaid};
use mapi_logon_traces::replay::{follow_all, replay};
use serde_json::Value;

use crate::support::{built_in, files, root};

fn corpus() -> Vec<Vec<u8>> {
    let paths = files(&root().join("traces/corpus/conforming"), "jsonl");
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// The schema of Apalache's ADR 15, as this repository keeps it.
fn itf_schema() -> Value {
    let text = fs::read_to_string(root().join("tests/data/itf.schema.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn itf_files_are_read_by_the_crate_itf_and_fit_the_schema() {
    let validator = jsonschema::validator_for(&itf_schema()).unwrap();
    for trace in corpus() {
        let document = itf::export(trace.as_slice()).unwrap();
        if let Err(error) = validator.validate(&document) {
            panic!("{error}");
        }
        let read = states_read(&document.to_string());
        let (_, lines) = follow_all(trace.as_slice()).unwrap();
        assert_eq!(read, lines.len() + 1);
        for state in document["states"].as_array().unwrap() {
            for (name, value) in state.as_object().unwrap() {
                let fine = value.is_string() || value.get("#bigint").is_some() || name == "#meta";
                assert!(fine, "{name}: {value}");
            }
        }
    }
}

#[test]
fn itf_files_replay_and_every_changed_variable_is_noticed() {
    let trace = &corpus()[0];
    let document = itf::export(trace.as_slice()).unwrap();
    let text = document.to_string();
    assert_eq!(itf::replay(text.as_bytes()).unwrap().divergence, None);
    let states = document["states"].as_array().unwrap().len();
    let vars = document["vars"].as_array().unwrap().clone();
    for at in 0..states {
        for name in vars.iter().step_by(3).filter_map(Value::as_str) {
            let mut changed = document.clone();
            changed["states"][at][name] = Value::from("something else");
            let replayed = itf::replay(changed.to_string().as_bytes()).unwrap();
            let divergence = replayed.divergence.unwrap();
            assert_eq!((divergence.line, divergence.part), (at as u64 + 1, "variables"));
        }
    }
}

#[test]
fn lassos_keep_their_loop() {
    let trace = String::from_utf8(corpus()[0].clone()).unwrap();
    let last = trace.lines().count() - 1;
    let lasso = |to: usize| {
        let to = format!("\"loop\":{to},\"expect\":");
        trace.replacen("\"expect\":", &to, 1)
    };
    for to in [0, 1, last + 1] {
        let divergence = replay(lasso(to).as_bytes()).unwrap().divergence.unwrap();
        assert_eq!((divergence.line, divergence.part), (1, "loop"), "{to}");
    }
    let document = itf::export(lasso(last).as_bytes()).unwrap();
    assert_eq!(document["loop"], Value::from(last));
    assert_eq!(itf::replay(document.to_string().as_bytes()).unwrap().divergence, None);
}

#[test]
fn sequence_diagrams_have_a_lane_for_all_who_take_part() {
    for trace in corpus() {
        let (_, lines) = follow_all(trace.as_slice()).unwrap();
        let diagram = mermaid::diagram(&lines);
        assert!(diagram.starts_with("sequenceDiagram\n    autonumber\n    participant c0 as "));
        let lanes: Vec<&str> = diagram
            .lines()
            .filter_map(|line| line.trim().strip_prefix("participant "))
            .map(|lane| lane.split(' ').next().unwrap())
            .collect();
        for line in diagram.lines().filter(|line| line.contains(">>")) {
            let (from, rest) = line.trim().split_once('-').unwrap();
            let to = rest.trim_start_matches(['-', '>']).split(':').next().unwrap();
            for lane in [from, to] {
                assert!(lanes.contains(&lane) || lane == "user", "{line}");
            }
        }
    }
}

#[test]
fn calls_into_a_provider_that_succeed_one_after_the_other_are_one_arrow() {
    let lines: Vec<_> =
        corpus().iter().map(|trace| follow_all(trace.as_slice()).unwrap().1).collect();
    let diagrams = lines.iter().map(|lines| mermaid::diagram(lines)).collect::<String>();
    assert!(
        diagrams.contains("MAPI->>p0: LoadLibrary, ProviderInit, Logon\n    p0-->>MAPI: S_OK\n")
    );
    assert!(diagrams.contains(": Logoff, ReleaseLogon, Shutdown, Release\n"));
    assert!(!diagrams.contains(": Load\n") && !diagrams.contains(": Init\n"));
}

#[test]
fn states_that_differ_are_called_differently() {
    let (_, scenario) = built_in().into_iter().find(|(name, _)| name == "lost-store").unwrap();
    let graph = StateGraph::explore(&Model::new(scenario), 1_000);
    let names: std::collections::BTreeSet<_> = graph.states.iter().collect();
    assert_eq!(names.len(), graph.states.len(), "{:#?}", graph.states);
}

#[test]
fn state_graphs_are_whole_and_well_formed() {
    let (_, scenario) = built_in().into_iter().find(|(name, _)| name == "lost-store").unwrap();
    let graph = StateGraph::explore(&Model::new(scenario.clone()), 1_000);
    assert!(graph.complete);
    let dot = graph.dot();
    assert_eq!(dot.matches(" -> ").count(), graph.steps.len());
    let text = graph.graphml();
    assert_eq!(text.matches("<node ").count(), graph.states.len());
    assert_eq!(text.matches("<edge ").count(), graph.steps.len());
    let tags = |open: &str, close: &str| (text.matches(open).count(), text.matches(close).count());
    for (open, close) in [("<node ", "</node>"), ("<edge ", "</edge>"), ("<data ", "</data>")] {
        let (opened, closed) = tags(open, close);
        assert_eq!(opened, closed);
    }
    assert!(!StateGraph::explore(&Model::new(scenario), 5).complete);
}

/// How many states the crate `itf` finds in a file.
fn states_read(text: &str) -> usize {
    let trace: ::itf::Trace<::itf::Value> = ::itf::trace_from_str(text).unwrap();
    trace.states.len()
}
