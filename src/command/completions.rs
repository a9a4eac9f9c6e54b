//! `mapi-logon completions` and `mapi-logon man`: for shells and for `man`, made from the
//! arguments.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::CommandFactory;
use clap_complete::Shell;

use crate::exit::Exit;
use crate::output;
use crate::path::text_of;

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell that completes
    #[arg(value_enum)]
    shell: Shell,
}

/// Arguments of `man`.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Write a page for every command into this folder, which is created if missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Writes the completions for a shell.
///
/// # Errors
/// When they cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::Args::command(), "mapi-logon", &mut script);
    output::print_document(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Good)
}

/// Writes the man pages.
///
/// # Errors
/// When they cannot be written.
pub fn run_man(args: &ManArgs) -> Result<Exit> {
    let folder = &args.out;
    let wrong = || format!("cannot write {}", text_of(folder));
    std::fs::create_dir_all(folder).with_context(wrong)?;
    clap_mangen::generate_to(super::Args::command(), folder).with_context(wrong)?;
    output::print(&format!("man pages are in {0}; man -l {0}/mapi-logon.1\n", text_of(folder)))?;
    Ok(Exit::Good)
}
