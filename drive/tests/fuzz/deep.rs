//! Deep runs: a random run of an accepted scenario is recorded, replayed, exported and explained.

use mapi_logon_model::machine::Model;
use mapi_logon_model::policy::SWITCHES;
use mapi_logon_model::property::PROPERTIES;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_sim::random::{Purpose, Stream};
use mapi_logon_sim::run::{RunEnd, Runner};
use mapi_logon_sim::tally::Tally;
use mapi_logon_traces::explain::{ExplainLimits, ExplainVerdict, explain};
use mapi_logon_traces::export::{itf, recording};
use mapi_logon_traces::recording::Recording;
use mapi_logon_traces::replay::{follow_all, replay};
use mapi_logon_traces::trace::Expect;
use mapi_logon_traces::write::{Trace, write_line};

use crate::mutate::Dice;

/// Most steps of a run.
const STEPS: u64 = 150;

/// Simulates a run, and follows it through everything that reads and writes runs.
pub(crate) fn run(input: &[u8], dice: &mut Dice) -> bool {
    let Ok(mut scenario) = Scenario::parse_bytes(input) else { return false };
    for _ in 0..dice.below(3) {
        let switch = dice.pick(SWITCHES);
        let value: &&str = dice.pick(switch.values);
        scenario.policy.set(switch.name, value).unwrap();
    }
    let model = Model::new(scenario);
    let mut runner = Runner::new(&model, true);
    let mut stream = Stream::new(dice.next(), Purpose::Choices, 0);
    let end = runner.run(0, &mut stream, STEPS, &mut Tally::default());
    let broken: Vec<_> = runner.broken().into_iter().map(|at| PROPERTIES[at].id).collect();
    assert_ne!(end, RunEnd::Broken, "the run breaks {broken:?}");
    let path = runner.path().to_vec();
    let trace = Trace::record(&model, path, Expect::conforms()).unwrap().to_text();
    let replayed = replay(trace.as_bytes()).unwrap();
    assert_eq!(replayed.divergence, None, "the trace does not replay");
    // ITF takes as much time as all the rest.
    if dice.below(8) == 0 {
        let document = itf::export(trace.as_bytes()).unwrap().to_string();
        let replayed = itf::replay(document.as_bytes()).unwrap();
        assert_eq!(replayed.divergence, None, "the ITF does not replay");
    }
    is_explained(&trace);
    true
}

/// What is exported is explained in the world that it names, and the witness replays.
fn is_explained(trace: &str) {
    let (header, lines) = follow_all(trace.as_bytes()).unwrap();
    let world = mapi_logon_traces::replay::world(&header).unwrap();
    let mut text = Vec::new();
    for event in recording::recording(&lines, &world) {
        write_line(&mut text, &event).unwrap();
    }
    if text.is_empty() {
        // Without a call nothing is exported.
        return;
    }
    let exported = Recording::read(text.as_slice()).unwrap();
    let scenario = exported.scenario.clone().unwrap();
    let limits = ExplainLimits { states: 20_000, steps: 2_000_000, ..ExplainLimits::default() };
    let found = explain(&exported, &scenario, &limits).unwrap();
    match found.explanation.verdict {
        ExplainVerdict::Explained => {
            let witness = found.witness(&exported).unwrap();
            let replayed = replay(witness.to_text().as_bytes()).unwrap();
            assert_eq!(replayed.divergence, None, "the witness does not replay");
        }
        // A limit came first, which large worlds may need.
        ExplainVerdict::Inconclusive => assert!(found.explanation.limit.is_some()),
        ExplainVerdict::Unexplained => panic!("the run is not explained:\n{trace}"),
    }
}
