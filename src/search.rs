//! How is a scenario searched? The engine, its limits, other processes and checkpoints, as the
//! command line asks for them.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use mapi_logon_checker::{
    Checkpoints, Cluster, Limits, MAX_WORKERS, Options, Paths, Pulse, Report, Storage, check,
    check_with_stateright_until,
};

use crate::explorable::Explorable;
use crate::memory::most_bytes;
use crate::output;
use crate::progress::Progress;
use crate::quantity::{Memory, Time};
use crate::symmetric::check_symmetric;

/// How long processes wait for each other if nothing else is said.
const WAIT: Time = Time { ms: 60_000 };

/// How long is searched from one checkpoint to the next if nothing else is said.
const EVERY: Time = Time { ms: 60_000 };

/// How to search.
#[derive(Debug, clap::Args)]
pub struct Search {
    /// What explores the states
    #[arg(long, value_enum, default_value_t)]
    pub engine: Engine,
    /// Keeps a fingerprint of each state in place of the state; decides no progress
    #[arg(long)]
    pub compact: bool,
    /// Explores one of each class of worlds that differ in names of equal things only
    #[arg(long)]
    pub symmetry: bool,
    /// Threads that explore; as many as there are cores if not given
    #[arg(long, value_name = "N", value_parser = workers)]
    workers: Option<NonZeroUsize>,
    /// Gives up after so many states
    #[arg(long, value_name = "N")]
    max_states: Option<u64>,
    /// Gives up when states take so much memory: megabytes, or with a unit as in 2GB; half of what
    /// is available if not given
    #[arg(long, value_name = "SIZE")]
    max_memory: Option<Memory>,
    /// Gives up after so long: seconds, or with a unit as in 90min
    #[arg(long, value_name = "TIME")]
    max_time: Option<Time>,
    /// Explores together with the processes listed in this file, HOST:PORT on each line
    #[arg(long, value_name = "FILE", requires = "process")]
    hosts: Option<PathBuf>,
    /// Which line of the hosts file this process is, from 0; process 0 tells the result
    #[arg(long, value_name = "K", requires = "hosts")]
    pub process: Option<usize>,
    /// How long to wait for the other processes to appear; a minute if not given
    #[arg(long, value_name = "TIME", requires = "hosts")]
    wait: Option<Time>,
    /// Saves the search in this directory now and then, so that it can be resumed
    #[arg(long, value_name = "DIR", group = "saved")]
    checkpoint: Option<PathBuf>,
    /// How long to search from one checkpoint to the next; a minute if not given
    #[arg(long, value_name = "TIME", requires = "saved")]
    every: Option<Time>,
    /// Goes on with the search saved in this directory, and saves it there
    #[arg(long, value_name = "DIR", group = "saved")]
    resume: Option<PathBuf>,
}

/// What explores the states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// The checker of this repository, a dataflow of threads and processes
    #[default]
    Timely,
    /// The checker `stateright`, as a second opinion on invariants and witnesses
    Stateright,
}

impl Engine {
    /// As results name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Timely => "timely",
            Self::Stateright => "stateright",
        }
    }
}

impl Search {
    /// Searches.
    ///
    /// # Errors
    /// When the options do not go together, the search cannot begin, or another process is lost.
    pub fn run(
        &self,
        world: &Arc<Explorable>,
        paths: Paths,
        interrupted: &'static AtomicBool,
        progress: Progress,
    ) -> Result<Report> {
        if self.engine == Engine::Stateright {
            self.refuse_what_stateright_cannot()?;
            let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
            let workers = self.workers.unwrap_or(cores);
            let world = Arc::clone(world);
            return Ok(check_with_stateright_until(world, workers, interrupted));
        }
        let watch = |pulse: &Pulse| progress.search(pulse);
        let options = Options {
            workers: self.workers,
            storage: if self.compact { Storage::Compact } else { Storage::Exact },
            paths,
            limits: self.limits(),
            interrupt: Some(interrupted),
            cluster: self.cluster()?,
            checkpoints: self.checkpoints(),
            watch: Some(&watch),
            ..Options::default()
        };
        Ok(if self.symmetry {
            check_symmetric(world, &options)?
        } else {
            check(&**world, &options)?
        })
    }

    /// Does it decide progress properties?
    #[must_use]
    pub fn decides_progress(&self) -> bool {
        self.engine == Engine::Timely && !self.compact
    }

    /// The options that lead to the same verdict again.
    #[must_use]
    pub fn repeat(&self) -> String {
        let mut options = String::new();
        if self.engine != Engine::default() {
            options += &format!(" --engine {}", self.engine.name());
        }
        if self.compact {
            options += " --compact";
        }
        if self.symmetry {
            options += " --symmetry";
        }
        if let Some(states) = self.max_states {
            options += &format!(" --max-states {states}");
        }
        if let Some(memory) = self.max_memory {
            options += &format!(" --max-memory {memory}");
        }
        if let Some(time) = self.max_time {
            options += &format!(" --max-time {time}");
        }
        options
    }

    fn limits(&self) -> Limits {
        Limits {
            states: self.max_states,
            bytes: most_bytes(self.max_memory),
            time: self.max_time.map(Into::into),
        }
    }

    fn cluster(&self) -> Result<Option<Cluster>> {
        let (Some(path), Some(process)) = (&self.hosts, self.process) else {
            return Ok(None);
        };
        let shown = path.display();
        let hosts = std::fs::read_to_string(path);
        let hosts = hosts.with_context(|| format!("{shown}: cannot be read"))?;
        let cluster = Cluster::from_hosts(&hosts, process).with_context(|| shown.to_string())?;
        let patience = self.wait.unwrap_or(WAIT).into();
        Ok(Some(Cluster { patience, ..cluster }))
    }

    fn checkpoints(&self) -> Option<Checkpoints> {
        let every = self.every.unwrap_or(EVERY).into();
        let (dir, resume) = match (&self.checkpoint, &self.resume) {
            (_, Some(dir)) => (dir, true),
            (Some(dir), None) => (dir, false),
            (None, None) => return None,
        };
        if resume && !is_saved(dir) {
            let dir = dir.display();
            output::complain(&format!("note: {dir} holds no checkpoint; the search begins anew"));
        }
        Some(Checkpoints { dir: dir.clone(), every, resume })
    }

    fn refuse_what_stateright_cannot(&self) -> Result<()> {
        let given = [
            (self.compact, "--compact"),
            (self.symmetry, "--symmetry"),
            (self.max_states.is_some(), "--max-states"),
            (self.max_memory.is_some(), "--max-memory"),
            (self.max_time.is_some(), "--max-time"),
            (self.hosts.is_some(), "--hosts"),
            (self.checkpoint.is_some(), "--checkpoint"),
            (self.resume.is_some(), "--resume"),
        ];
        match given.iter().find(|(given, _)| *given) {
            Some((_, option)) => bail!(
                "the engine stateright knows no {option}; leave it out or use --engine timely"
            ),
            None => Ok(()),
        }
    }
}

/// Is there anything in this directory to go on with?
fn is_saved(dir: &Path) -> bool {
    std::fs::read_dir(dir).is_ok_and(|mut files| files.next().is_some())
}

/// Reads a number of workers.
fn workers(written: &str) -> Result<NonZeroUsize, String> {
    let number = written.parse().ok();
    number
        .filter(|number: &NonZeroUsize| number.get() <= MAX_WORKERS)
        .ok_or_else(|| format!("expected a number from 1 to {MAX_WORKERS}"))
}
