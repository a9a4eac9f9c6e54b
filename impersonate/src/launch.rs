//! A client that is a process: started in a group of its own with the shim in its way, waited for,
//! and ended for certain.

use std::io::stderr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::answers::Plan;
use crate::clock::Moment;
use crate::conduct::Ending;
use crate::server::Server;
use crate::stage::Report;

/// How a client is run.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The program and its arguments.
    pub words: Vec<String>,
    /// The shim.
    pub shim: PathBuf,
    /// Whether it is loaded before every other library, else only found by its name.
    pub preload: bool,
    /// How long the client may take.
    pub deadline: Duration,
    /// The statuses with which it may end; empty for any.
    pub expected: Vec<i32>,
    /// Whether what it prints is shown, on standard error.
    pub shown: bool,
}

/// Why a client was not judged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// It cannot be started, and why.
    Start(String),
    /// The user has interrupted the tool.
    Interrupted,
}

/// Longest pause between two looks at the client.
const PAUSE: Duration = Duration::from_millis(20);

impl Launch {
    /// Runs the client once.
    ///
    /// # Errors
    /// [`Trouble`] when it cannot be started, or the user interrupts the tool.
    pub fn run(&self, server: &Server, plan: Plan, stop: &AtomicBool) -> Result<Report, Trouble> {
        let token = server.begin(plan);
        let mut child = self.start(server.port(), &token).map_err(Trouble::Start)?;
        let began = Moment::now();
        let mut status = None;
        let over = || began.elapsed() >= self.deadline;
        while status.is_none() && !over() && !server.is_stopped() {
            if stop.load(Ordering::Relaxed) {
                kill(&mut child);
                let _judged = server.end(Ending::Stopped, &[]);
                return Err(Trouble::Interrupted);
            }
            status = child.try_wait().map_err(|error| Trouble::Start(error.to_string()))?;
            if status.is_none() {
                let pause = began.elapsed() / 16;
                thread::sleep(pause.clamp(Duration::from_micros(100), PAUSE));
            }
        }
        // Its other processes may outlive the first, but not its time.
        while status.is_some() && !server.quiet(PAUSE) && !over() && !server.is_stopped() {
            if stop.load(Ordering::Relaxed) {
                break;
            }
        }
        let hung = status.is_none() || server.connections() > 0;
        kill(&mut child);
        let ending = match status.filter(|_| !hung) {
            Some(status) => ending(status),
            None => Ending::Hung,
        };
        Ok(server.end(ending, &self.expected))
    }

    fn start(&self, port: u16, token: &str) -> Result<Child, String> {
        let (program, arguments) = self.words.split_first().ok_or("no client is named")?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null());
        if self.shown {
            command.stdout(stderr()).stderr(Stdio::inherit());
        } else {
            command.stdout(Stdio::null()).stderr(Stdio::null());
        }
        command.env("MAPI_LOGON_PORT", port.to_string()).env("MAPI_LOGON_TOKEN", token);
        for (name, value) in self.variables() {
            command.env(name, value);
        }
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let started = command.spawn();
        started.map_err(|error| format!("client {program:?} cannot be started: {error}"))
    }

    /// The variables by which programs find the shim.
    #[must_use]
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let folder = self.shim.parent().unwrap_or(&self.shim).display().to_string();
        let before = |name: &str, own: String| match std::env::var(name) {
            Ok(others) if !others.is_empty() => format!("{own}:{others}"),
            Ok(_) | Err(_) => own,
        };
        let mut all = vec![("LD_LIBRARY_PATH", before("LD_LIBRARY_PATH", folder))];
        if self.preload {
            all.push(("LD_PRELOAD", before("LD_PRELOAD", self.shim.display().to_string())));
        }
        all
    }
}

/// Kills the process and all that it has started.
fn kill(child: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        // There may be nobody left.
        kill_process_group(Pid::from_child(child), Signal::KILL).unwrap_or_default();
    }
    child.kill().unwrap_or_default();
    child.wait().map(drop).unwrap_or_default();
}

fn ending(status: ExitStatus) -> Ending {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return Ending::Signal(signal);
    }
    Ending::Status(status.code().unwrap_or(-1))
}
