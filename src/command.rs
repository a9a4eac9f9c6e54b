//! Which command does what? One module each: its arguments, and what it does with them.

use anyhow::Result;

use crate::args::{Args, Command};
use crate::exit::Exit;

pub mod bench;
pub mod check;
pub mod diagram;
pub mod explain;
pub mod list;
pub mod outcomes;
pub mod simulate;

/// Does what the arguments ask for.
///
/// # Errors
/// When input or arguments are not usable, or a result cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    match &args.command {
        Command::Check(args) => check::run(args),
        Command::Outcomes(args) => outcomes::run(args),
        Command::Simulate(args) => simulate::run(args),
        Command::Bench(args) => bench::run(args),
        Command::Explain(args) => explain::run(args),
        Command::List(args) => list::run(args),
        Command::Diagram(args) => diagram::run(args),
    }
}
