//! The corpus is what is generated now, and all of it replays.

use mapi_logon_model::machine::Model;
use mapi_logon_model::mutant::Mutant;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_traces::cover::{Criterion, cover, mutants};
use mapi_logon_traces::replay::replay;
use mapi_logon_traces::trace::TraceVerdict;

use crate::support::{built_in, files, keeps, root};
use crate::worlds::WORLDS;

/// Most states of a scenario whose suites are kept.
const STATES: usize = 50_000;

/// Criteria by which suites are kept; pairs show all states and transitions, too.
const KEPT: [Criterion; 2] = [Criterion::Transitions, Criterion::Pairs];

#[test]
fn conforming_suites_are_what_is_generated_now() {
    let mut now = Vec::new();
    for (name, scenario) in built_in() {
        let model = Model::new(scenario);
        for criterion in KEPT {
            let suite = cover(&model, criterion, STATES);
            if !suite.coverage.complete {
                continue;
            }
            assert_eq!(suite.coverage.covered, suite.coverage.reachable, "{name}");
            for (number, trace) in suite.traces.iter().enumerate() {
                let file = format!("{name}-{}-{:02}.jsonl", criterion.name(), number + 1);
                now.push((file, trace.to_text()));
            }
        }
    }
    keeps(&root().join("traces/corpus/conforming"), "jsonl", &now);
}

/// Mutants that only leave something out: every run of theirs is one of the machine's.
const IDLE: [Mutant; 4] = [
    Mutant::OfferIgnored,
    Mutant::TimeoutNever,
    Mutant::LossPostponed,
    Mutant::ConfirmationIgnored,
];

#[test]
fn violating_traces_are_what_the_mutants_do_now() {
    let mut worlds = built_in();
    worlds.extend(
        WORLDS.iter().map(|(name, text)| ((*name).to_owned(), Scenario::parse(text).unwrap())),
    );
    let mut now = Vec::new();
    let mut unseen = Vec::new();
    for mutant in Mutant::ALL {
        let mut traces = worlds.iter().filter_map(|(_, scenario)| {
            mutants::divergence(&Model::new(scenario.clone()), *mutant, STATES)
        });
        match traces.next() {
            Some(trace) => now.push((format!("{}.jsonl", mutant.name()), trace.to_text())),
            None => unseen.push(*mutant),
        }
    }
    assert_eq!(unseen, IDLE, "mutants that no scenario shows");
    keeps(&root().join("traces/corpus/violating"), "jsonl", &now);
}

#[test]
fn every_trace_of_the_corpus_replays_as_it_says() {
    for folder in ["conforming", "violating"] {
        let paths = files(&root().join("traces/corpus").join(folder), "jsonl");
        assert!(!paths.is_empty(), "{folder}");
        for path in paths {
            let text = std::fs::read(&path).unwrap();
            let replayed = replay(text.as_slice()).unwrap();
            let expect = &replayed.header.expect;
            let line = replayed.divergence.as_ref().map(|one| one.line);
            assert_eq!(line, expect.line, "{}", path.display());
            let diverges = expect.verdict == TraceVerdict::Diverges;
            assert_eq!(diverges, line.is_some(), "{}", path.display());
        }
    }
}

#[test]
fn suites_of_outcomes_show_every_outcome_once() {
    for (name, scenario) in built_in() {
        let suite = cover(&Model::new(scenario), Criterion::Outcomes, STATES);
        if suite.coverage.complete {
            assert_eq!(suite.coverage.covered, suite.coverage.reachable, "{name}");
            assert_eq!(suite.coverage.size, suite.coverage.at_least, "{name}");
            for trace in &suite.traces {
                assert_eq!(replay(trace.to_text().as_bytes()).unwrap().divergence, None);
            }
        }
    }
}

#[test]
fn no_suite_is_smaller_than_its_bound() {
    for (name, scenario) in built_in() {
        let model = Model::new(scenario);
        for criterion in [Criterion::States, Criterion::Transitions, Criterion::Pairs] {
            let coverage = cover(&model, criterion, STATES).coverage;
            if coverage.complete {
                assert!(coverage.at_least.traces <= coverage.size.traces, "{name}");
                assert!(coverage.at_least.steps <= coverage.size.steps, "{name}");
            }
        }
    }
}
