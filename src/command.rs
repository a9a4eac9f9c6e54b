//! Which command does what? One module each: its arguments, and what it does with them.

use anyhow::Result;

use crate::args::{Args, Command};
use crate::exit::Exit;

pub mod bench;
pub mod check;
pub mod diagram;
pub mod explain;
pub mod export;
pub mod generate;
pub mod import;
pub mod list;
pub mod outcomes;
pub mod replay;
pub mod simulate;
pub mod sweep;
pub mod validate;

/// Does what the arguments ask for.
///
/// # Errors
/// When input or arguments are not usable, or a result cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    match &args.command {
        Command::Check(args) => check::run(args),
        Command::Outcomes(args) => outcomes::run(args),
        Command::Simulate(args) => simulate::run(args),
        Command::Sweep(args) => sweep::run(args),
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
