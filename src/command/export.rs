//! How do runs and state graphs reach other tools? `mapi-logon export`.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use clap::ValueEnum;
use mapi_logon_model::model::Model;
use mapi_logon_traces::export::graph::StateGraph;
use mapi_logon_traces::export::{itf, mermaid, recording};
use mapi_logon_traces::replay::follow_all;
use mapi_logon_traces::write::write_line;

use crate::args::Subject;
use crate::builtin;
use crate::exit::Exit;
use crate::output;

/// Arguments of `export`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A trace; for `dot` and `graphml` a scenario
    input: String,
    /// What it becomes
    #[arg(long, value_enum)]
    to: Target,
    /// Where it goes; standard output if not given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Most states of a graph
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    max_states: usize,
}

/// What a trace or a scenario becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// The trace in the Informal Trace Format, to be read by model checkers, and replayed
    Itf,
    /// The trace as a sequence diagram
    Mermaid,
    /// What a recorder would have seen of the run
    Recording,
    /// The state graph of the scenario for Graphviz
    Dot,
    /// The state graph of the scenario as GraphML
    Graphml,
}

/// Exports.
///
/// # Errors
/// When the input is not usable, or the result cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    let path = &args.input;
    let trace = || File::open(path).with_context(|| format!("{path}: cannot be read"));
    let wrong = |error| anyhow!("{path}:{error}");
    let (text, complete) = match args.to {
        Target::Itf => {
            let document = itf::export(BufReader::new(trace()?)).map_err(wrong)?;
            (serde_json::to_string(&document)? + "\n", true)
        }
        Target::Mermaid => {
            let (_, lines) = follow_all(BufReader::new(trace()?)).map_err(wrong)?;
            (mermaid::diagram(&lines), true)
        }
        Target::Recording => {
            let (_, lines) = follow_all(BufReader::new(trace()?)).map_err(wrong)?;
            let mut bytes = Vec::new();
            for event in recording::recording(&lines) {
                write_line(&mut bytes, &event)?;
            }
            (String::from_utf8(bytes)?, true)
        }
        Target::Dot | Target::Graphml => graph(args)?,
    };
    match &args.out {
        None => output::print(&text)?,
        Some(path) => {
            fs::write(path, &text).with_context(|| format!("cannot write {}", path.display()))?
        }
    }
    if !complete {
        let most = args.max_states;
        output::complain(&format!(
            "inconclusive: the graph has more than {most} states"
        ));
        return Ok(Exit::Inconclusive);
    }
    Ok(Exit::Good)
}

fn graph(args: &Args) -> Result<(String, bool)> {
    let subject = Subject {
        scenario: args.input.clone(),
        policy: None,
        settings: Vec::new(),
    };
    let loaded = builtin::load(&subject)?;
    let graph = StateGraph::explore(&Model::new(loaded.scenario), args.max_states);
    let text = match args.to {
        Target::Graphml => graph.graphml(),
        Target::Dot | Target::Itf | Target::Mermaid | Target::Recording => graph.dot(),
    };
    Ok((text, graph.complete))
}
