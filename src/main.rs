//! With which code does the command end? See [`mapi_logon::exit::Exit`].

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
