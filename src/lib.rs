//! The command `mapi-logon`: arguments, one module per command, and how results look.
//!
//! The state machine is in `mapi-logon-model`, the exhaustive search in `mapi-logon-checker`,
//! random runs in `mapi-logon-sim`, traces and recordings in `mapi-logon-traces`. [`Args`] is the
//! command line; [`command::run`] carries it out and returns an [`exit::Exit`]. [`builtin`] has the
//! embedded scenarios, [`explorable`] makes the model explorable by the checker, [`catalogue`] has
//! everything with a name, [`render`] what several commands print with.
//!
//! ```
//! use clap::Parser;
//! use mapi_logon::exit::Exit;
//! use mapi_logon::{Args, command};
//!
//! let args = Args::parse_from(["mapi-logon", "explain", "RTY-5"]);
//! assert_eq!(command::run(&args)?, Exit::Good);
//! # Ok::<(), anyhow::Error>(())
//! ```

pub mod arguments;
pub mod builtin;
pub mod cached;
pub mod catalogue;
pub mod checks;
pub mod command;
pub mod compare;
pub mod coverage;
pub mod exit;
pub mod explorable;
pub mod explore;
mod intern;
pub mod interrupt;
mod kind;
mod memory;
pub mod mutants;
pub mod outcomes;
pub mod output;
pub mod outputs;
pub mod page;
mod path;
mod program;
pub mod progress;
pub mod quantity;
pub mod reduced;
pub mod render;
pub mod reports;
pub mod run;
pub mod schemas;
pub mod search;
pub mod size;
pub mod survey;
pub mod survivors;
pub mod sweep;
pub mod symmetric;
mod together;
pub mod verdict;

pub use command::Args;
