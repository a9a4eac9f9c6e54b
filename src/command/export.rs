//! `mapi-logon export`: runs and state graphs for other tools.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use clap::ValueEnum;
use mapi_logon_model::machine::Model;
use mapi_logon_traces::export::graph::StateGraph;
use mapi_logon_traces::export::{itf, mermaid, recording};
use mapi_logon_traces::replay::{Divergence, follow_far, world};
use mapi_logon_traces::write::write_line;

use crate::arguments::Subject;
use crate::builtin;
use crate::exit::Exit;
use crate::interrupt;
use crate::kind::{Kind, other_kind};
use crate::output;
use crate::outputs::Outputs;
use crate::path::real;
use crate::quantity::number;

/// Arguments of `export`.
#[derive(Debug, clap::Args)]
#[command(mut_arg("scenario", |input| {
    let help = "A trace; for `dot` and `graphml` a scenario";
    input.value_name("INPUT").help(help).required(true).default_value(None)
}))]
pub struct Args {
    /// The input, and for a scenario how it is read.
    #[command(flatten)]
    subject: Subject,
    /// Convert to this format
    #[arg(long, value_enum)]
    to: Target,
    /// Write to this file [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write at most N states of a graph
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = number::<usize>)]
    max_states: usize,
}

/// The format to which a trace or a scenario is converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// The trace in the Informal Trace Format (ITF), for model checkers and `replay`
    Itf,
    /// The trace as a sequence diagram
    Mermaid,
    /// The recording of the run, as a recorder would have written it
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
    interrupt::last_words(|| {
        output::complain("interrupted; nothing was written, since all input must be read first")
    })?;
    Outputs::check(&args.out)?;
    let path = &args.subject.scenario;
    let (text, end) = match args.to {
        Target::Itf | Target::Mermaid | Target::Recording => of_trace(args)?,
        Target::Dot | Target::Graphml => graph(args)?,
    };
    if args.out.is_none() {
        output::print_document(&text)?;
    }
    let mut outputs = Outputs::default();
    outputs.add(args.out.as_ref(), || Ok(text))?;
    outputs.write()?;
    Ok(match end {
        End::Whole => Exit::Good,
        End::Cut => {
            let most = args.max_states;
            output::complain(&format!(
                "inconclusive: the graph has more than {most} states; only these are written"
            ));
            Exit::Inconclusive
        }
        End::Diverges(Divergence { line, part, .. }) => {
            output::complain(&format!(
                "{path}:{line}:1: diverges: `{part}` differs; only what replays is written"
            ));
            Exit::Finding
        }
    })
}

/// How much of its input a result shows.
enum End {
    /// All of it.
    Whole,
    /// `--max-states` states of a larger graph.
    Cut,
    /// The steps before this.
    Diverges(Divergence),
}

fn of_trace(args: &Args) -> Result<(String, End)> {
    let path = &args.subject.scenario;
    if args.subject.is_changed() {
        bail!(
            "{path}: a trace has its own readings and size; --policy, --set, --clients, --budget \
             and --strict are for scenarios (--to dot or graphml)"
        );
    }
    let other = || other_kind(path, Kind::Trace);
    let file =
        File::open(real(path)).with_context(|| format!("{path}: cannot be read{}", other()))?;
    let source = BufReader::new(file);
    let wrong = |error| anyhow!("{path}:{error}{}", other());
    let (text, divergence) = if args.to == Target::Itf {
        let (document, divergence) = itf::export_far(source).map_err(wrong)?;
        (serde_json::to_string(&document)? + "\n", divergence)
    } else {
        let (replay, lines) = follow_far(source).map_err(wrong)?;
        let text = match args.to {
            Target::Recording => {
                let mut bytes = Vec::new();
                let world = world(&replay.header).map_err(|reason| anyhow!("{path}: {reason}"))?;
                for event in recording::recording(&lines, &world) {
                    write_line(&mut bytes, &event)?;
                }
                String::from_utf8(bytes)?
            }
            Target::Mermaid | Target::Itf | Target::Dot | Target::Graphml => {
                mermaid::diagram(&lines)
            }
        };
        (text, replay.divergence)
    };
    Ok((text, divergence.map_or(End::Whole, End::Diverges)))
}

fn graph(args: &Args) -> Result<(String, End)> {
    let loaded = builtin::load(&args.subject)?;
    let graph = StateGraph::explore(&Model::new(loaded.scenario), args.max_states);
    let text = match args.to {
        Target::Graphml => graph.graphml(),
        Target::Dot | Target::Itf | Target::Mermaid | Target::Recording => graph.dot(),
    };
    let end = if graph.complete { End::Whole } else { End::Cut };
    Ok((text, end))
}
