//! The command's process: its exit code is [`mapi_logon::exit::Exit`].

use std::process::ExitCode;

use mapi_logon::exit::Exit;
use mapi_logon::{Args, command, output};

fn main() -> ExitCode {
    let args = match Args::read() {
        Ok(args) => args,
        Err(usage) if usage.use_stderr() => {
            output::complain(usage.render().to_string().trim_end());
            return Exit::BadInput.into();
        }
        Err(help) => return ended(output::print(&help.render().to_string()).map(|()| Exit::Good)),
    };
    output::begin(args.appearance);
    ended(command::run(&args))
}

fn ended(result: anyhow::Result<Exit>) -> ExitCode {
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            output::complain(&format!("error: {error:#}"));
            Exit::BadInput.into()
        }
    }
}
