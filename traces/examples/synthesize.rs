//! Writes a synthetic recording: `synthesize WORLD.toml EVENTS TRIES_PER_FAULT CLIENTS_AT_ONCE`.

use std::io::{BufWriter, Write, stdout};

use mapi_logon_model::scenario::Scenario;
use mapi_logon_traces::synthetic::{Synthesis, synthesize};
use mapi_logon_traces::write::write_line;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [world, events, tries_per_fault, concurrency] = arguments.as_slice() else {
        return Err("usage: synthesize WORLD.toml EVENTS TRIES_PER_FAULT CLIENTS_AT_ONCE".into());
    };
    let scenario = Scenario::parse(&std::fs::read_to_string(world)?)?;
    let synthesis = Synthesis {
        events: events.parse()?,
        seed: 7,
        tries_per_fault: tries_per_fault.parse()?,
        concurrency: concurrency.parse()?,
    };
    let mut out = BufWriter::new(stdout().lock());
    for event in synthesize(scenario, synthesis).events {
        write_line(&mut out, &event)?;
    }
    Ok(out.flush()?)
}
