//! The commands: a module for each, with its arguments and what it does.

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::exit::Exit;

pub mod bench;
pub mod check;
pub mod compare;
pub mod diagram;
pub mod explain;
pub mod export;
pub mod generate;
pub mod import;
pub mod list;
pub mod mutants;
pub mod outcomes;
pub mod replay;
pub mod simulate;
pub mod sweep;
pub mod validate;

/// MAPI session logon as a state machine that is checked exhaustively.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Visit every state of a scenario and say which properties hold
    Check(check::Args),
    /// Check every combination of readings, numbers of clients and numbers of faults
    Sweep(sweep::Args),
    /// Compare two readings, scenarios or versions: what clients and users see, what is given up
    Compare(compare::Args),
    /// Measure the strength of the properties: which wrong machines does each kill?
    Mutants(mutants::Args),
    /// Show every outcome of a scenario: what its runs can look like from outside
    Outcomes(outcomes::Args),
    /// Make random runs of a scenario, or run its load in virtual time, from a seed
    Simulate(simulate::Args),
    /// Measure simulated runs and explored states per second on this machine
    Bench(bench::Args),
    /// Replay traces step by step, up to the first line that the model does not allow
    Replay(replay::Args),
    /// Search for a run of the model that explains a recording of a real system
    Validate(validate::Args),
    /// Convert other logs to recordings
    Import(import::Args),
    /// Generate few and short regression traces that together cover a scenario
    Generate(generate::Args),
    /// Write traces and state graphs for other tools
    Export(export::Args),
    /// Explain an id: clause, transition, property, policy, flag, result code
    Explain(explain::Args),
    /// List properties, policies, flags, result codes or built-in scenarios
    List(list::Args),
    /// Draw the state machine as implemented, and the flowchart of session logon
    Diagram(diagram::Args),
}

/// Runs the command that the arguments name.
///
/// # Errors
/// When input or arguments are not usable, or a result cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    match &args.command {
        Command::Check(args) => check::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Outcomes(args) => outcomes::run(args),
        Command::Simulate(args) => simulate::run(args),
        Command::Sweep(args) => sweep::run(args),
        Command::Mutants(args) => mutants::run(args),
        Command::Bench(args) => bench::run(args),
        Command::Replay(args) => replay::run(args),
        Command::Validate(args) => validate::run(args),
        Command::Import(args) => import::run(args),
        Command::Generate(args) => generate::run(args),
        Command::Export(args) => export::run(args),
        Command::Explain(args) => explain::run(args),
        Command::List(args) => list::run(args),
        Command::Diagram(args) => diagram::run(args),
    }
}
