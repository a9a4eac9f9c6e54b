//! What does the command `mapi-logon` do? Reads arguments, asks model and checker, writes results.
//!
//! What MAPI logon is stands in `mapi-logon-model`, how every state is visited in
//! `mapi-logon-checker`. This crate ties them together: one module for each command under
//! [`command`], what they share beside it, and how results look under [`render`].

pub mod args;
pub mod builtin;
pub mod checks;
pub mod command;
pub mod coverage;
pub mod exit;
pub mod explorable;
mod intern;
pub mod interrupt;
mod memory;
pub mod outcomes;
pub mod output;
pub mod outputs;
pub mod progress;
pub mod quantity;
pub mod render;
mod rival;
pub mod run;
pub mod search;
pub mod survey;
pub mod sweep;
pub mod symmetric;
pub mod verdict;

pub use args::Args;
