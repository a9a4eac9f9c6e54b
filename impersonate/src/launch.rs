//! A client that is a process: started in a group of its own with the shim in its way, waited for,
//! and ended for certain.

use std::io::stderr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::answers::Plan;
use crate::clock::Moment;
use crate::conduct::Ending;
use crate::server::{Server, Variables};
use crate::stage::Report;
use crate::wine::Wine;

/// How a client is run.
#[derive(Debug)]
pub struct Launch {
    /// The program and its arguments.
    pub words: Vec<String>,
    /// How the shim gets into its way.
    pub way: Way,
    /// How long the client may take.
    pub deadline: Duration,
    /// The statuses with which it may end; empty for any.
    pub expected: Vec<i32>,
    /// Where what it prints goes.
    pub output: ClientOutput,
}

/// Where what a client prints goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClientOutput {
    /// Nowhere.
    Hidden,
    /// To standard error.
    Shown,
    /// To standard output; it reads standard input, too.
    PassedThrough,
}

/// How a client comes to load the shim.
#[derive(Debug)]
pub enum Way {
    /// It finds this library by its name.
    Found(PathBuf),
    /// This library is loaded before every other one.
    Preloaded(PathBuf),
    /// It is a Windows program.
    Wine(Wine),
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
        let known = server.begin(plan);
        let mut child = self.start(known).map_err(Trouble::Start)?;
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

    fn start(&self, known: Variables) -> Result<Child, String> {
        let loader = matches!(self.way, Way::Wine(_)).then(|| "wine".to_owned());
        let mut words = loader.iter().chain(&self.words);
        let program = words.next().ok_or("no client is named")?;
        let mut command = Command::new(program);
        command.args(words).stdin(Stdio::null());
        match self.output {
            ClientOutput::Hidden => command.stdout(Stdio::null()).stderr(Stdio::null()),
            ClientOutput::Shown => command.stdout(stderr()).stderr(Stdio::inherit()),
            ClientOutput::PassedThrough => command.stdin(Stdio::inherit()),
        };
        command.envs(known).envs(self.variables());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let started = command.spawn();
        started.map_err(|error| format!("client {program:?} cannot be started: {error}"))
    }

    /// The variables by which programs find the shim.
    #[must_use]
    pub fn variables(&self) -> Variables {
        let before = |name: &'static str, own: &Path| {
            let own = own.display();
            match std::env::var(name) {
                Ok(others) if !others.is_empty() => (name, format!("{own}:{others}")),
                Ok(_) | Err(_) => (name, own.to_string()),
            }
        };
        match &self.way {
            Way::Found(shim) => {
                vec![before("LD_LIBRARY_PATH", shim.parent().unwrap_or(shim))]
            }
            Way::Preloaded(shim) => vec![before("LD_PRELOAD", shim)],
            Way::Wine(wine) => wine.variables(),
        }
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
