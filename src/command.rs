//! The commands: a module for each, with its arguments and what it does.

use anyhow::Result;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::exit::Exit;
use crate::output::Appearance;

pub mod bench;
pub mod check;
pub mod compare;
pub mod completions;
pub mod diagram;
pub mod drive;
pub mod explain;
pub mod explore;
pub mod export;
pub mod generate;
pub mod impersonate;
pub mod import;
pub mod list;
pub mod mutants;
pub mod outcomes;
pub mod replay;
pub mod show;
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
    /// How results look.
    #[command(flatten)]
    pub appearance: Appearance,
}

impl Args {
    /// Reads the command line. A number below zero belongs to the option before it, which says what
    /// it takes instead.
    ///
    /// # Errors
    /// What is wrong with it, or the help that it asks for.
    pub fn read() -> Result<Self, clap::Error> {
        let command = Self::command().mut_subcommands(|one| {
            one.mut_args(|arg| {
                let takes_values = arg.get_action().takes_values();
                arg.allow_negative_numbers(takes_values)
            })
        });
        Self::from_arg_matches(&command.try_get_matches()?)
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Visit every state of a scenario and say which properties hold
    #[command(after_help = "Example: mapi-logon check office --property RCH-8 --html office.html")]
    Check(check::Args),
    /// Check every combination of readings, numbers of clients and numbers of faults
    #[command(after_help = "Example: mapi-logon sweep office --set RETRY_UNIT=all --clients 1..2")]
    Sweep(sweep::Args),
    /// Compare two readings, scenarios or versions: what clients and users see, what is given up
    #[command(
        after_help = "Example: mapi-logon compare office --against mapi4linux --html compared.html"
    )]
    Compare(compare::Args),
    /// Measure the strength of the properties: which wrong machines does each kill?
    #[command(after_help = "Example: mapi-logon mutants office --mutant drop:T-6")]
    Mutants(mutants::Args),
    /// Show every outcome of a scenario: what its runs can look like from outside
    #[command(after_help = "Example: mapi-logon outcomes wait-behind-dialog --dialogs")]
    Outcomes(outcomes::Args),
    /// Make random runs of a scenario, or run its load in virtual time, from a seed
    #[command(after_help = "Example: mapi-logon simulate monday-morning --load --plot load.svg")]
    Simulate(simulate::Args),
    /// Measure simulated runs and explored states per second on this machine
    #[command(after_help = "Example: mapi-logon bench office")]
    Bench(bench::Args),
    /// Replay traces step by step, up to the first line that the model does not allow
    #[command(after_help = "Example: mapi-logon replay suite --html replayed.html")]
    Replay(replay::Args),
    /// Write the state graph of a scenario as a page to click through
    #[command(
        after_help = "Example: mapi-logon explore office --html office.html --property RCH-8"
    )]
    Explore(explore::Args),
    /// Search for a run of the model that explains a recording of a real system
    #[command(
        after_help = "Example: mapi-logon validate log.jsonl --scenario office --html why.html"
    )]
    Validate(validate::Args),
    /// Drive a real MAPI through an adapter and hold it against the specification
    #[command(after_help = "Example: mapi-logon drive office -- mapi-logon impersonate --stdio")]
    Drive(drive::Args),
    /// Play the MAPI subsystem of a real client, with every failure the documentation allows
    #[command(after_help = "Example: mapi-logon impersonate office --every -- ./client")]
    Impersonate(impersonate::Args),
    /// Convert other logs to recordings
    #[command(after_help = "Example: mapi-logon import --map map.toml program.log --out log.jsonl")]
    Import(import::Args),
    /// Generate few and short regression traces that together cover a scenario
    #[command(after_help = "Example: mapi-logon generate office --cover pairs --out suite")]
    Generate(generate::Args),
    /// Write traces and state graphs for other tools
    #[command(after_help = "Example: mapi-logon export run.jsonl --to mermaid")]
    Export(export::Args),
    /// Explain an id: clause, transition, property, policy, flag, result code
    #[command(after_help = "Example: mapi-logon explain 0x80040111")]
    Explain(explain::Args),
    /// List properties, policies, flags, result codes or built-in scenarios
    #[command(after_help = "Example: mapi-logon list scenarios")]
    List(list::Args),
    /// Write a scenario file to begin with
    #[command(after_help = "Example: mapi-logon new my.toml --from office")]
    New(show::NewArgs),
    /// Write the text of a built-in scenario
    #[command(after_help = "Example: mapi-logon show office")]
    Show(show::Args),
    /// Write the JSON Schema of a file that is read or written
    #[command(after_help = "Example: mapi-logon schema scenario")]
    Schema(show::SchemaArgs),
    /// Write completions for a shell
    #[command(after_help = "Example: mapi-logon completions bash")]
    Completions(completions::Args),
    /// Write man pages
    #[command(after_help = "Example: mapi-logon man --out man")]
    Man(completions::ManArgs),
    /// Draw the state machine as implemented, and the flowchart of session logon
    #[command(after_help = "Example: mapi-logon diagram --format dot")]
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
        Command::Drive(args) => drive::run(args),
        Command::Impersonate(args) => impersonate::run(args),
        Command::Import(args) => import::run(args),
        Command::Generate(args) => generate::run(args),
        Command::Export(args) => export::run(args),
        Command::Explore(args) => explore::run(args),
        Command::Explain(args) => explain::run(args),
        Command::List(args) => list::run(args),
        Command::New(args) => show::run_new(args),
        Command::Show(args) => show::run(args),
        Command::Schema(args) => show::run_schema(args),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => completions::run_man(args),
        Command::Diagram(args) => diagram::run(args),
    }
}
