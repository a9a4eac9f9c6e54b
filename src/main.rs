//! The command's process: its exit code is [`mapi_logon::exit::Exit`].

use std::process::ExitCode;

use clap::Parser;
use mapi_logon::exit::Exit;
use mapi_logon::{Args, command, output};

fn main() -> ExitCode {
    match command::run(&Args::parse()) {
        Ok(exit) => exit.into(),
        Err(error) => {
            output::complain(&format!("error: {error:#}"));
            Exit::BadInput.into()
        }
    }
}
