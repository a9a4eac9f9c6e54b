//! The options of a search: engine, limits, processes and checkpoints, as the command line gives
//! them.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Result, bail};
use clap::ValueEnum;
use mapi_logon_checker::{
    Checkpoints, Cluster, Limits, MAX_WORKERS, Options, Paths, Pulse, Report,
};

use crate::arguments::CommandLine;
use crate::cached::Steps;
use crate::explorable::Explorable;
use crate::memory::most_bytes;
use crate::output;
use crate::path::text_of;
use crate::progress::ProgressLine;
use crate::quantity::{MemorySize, Time, number, positive};
use crate::reduced::{Explored, check_with_reduction};
use crate::symmetric::check_symmetric;
use crate::together::Together;

/// How long to search from one checkpoint to the next by default.
const EVERY: Time = Time { ms: 60_000 };

/// How to search.
#[derive(Debug, clap::Args)]
pub struct Search {
    /// Choose what explores the states
    #[arg(long, value_enum, default_value_t)]
    pub engine: Engine,
    /// Sweep-line method: forget states to which no run returns; the same result with far less
    /// memory
    #[arg(long)]
    pub sweep_line: bool,
    /// Write states that --sweep-line cannot keep in memory to this directory, so that it can be
    /// resumed
    #[arg(long, value_name = "DIR", group = "saved", requires = "sweep_line")]
    spill: Option<PathBuf>,
    /// Symmetry reduction: explore states that differ only in the names of identical clients or
    /// profiles once
    #[arg(long)]
    pub symmetry: bool,
    /// Partial-order reduction: leave out orders of independent steps, which lead to no other
    /// verdict
    #[arg(long)]
    pub reduce: bool,
    /// Make every step anew instead of using again what was made before: slower, to be compared
    #[arg(long)]
    no_cache: bool,
    /// Explore with N threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = workers)]
    workers: Option<NonZeroUsize>,
    /// Stop after N states
    #[arg(long, value_name = "N", value_parser = number::<u64>)]
    max_states: Option<u64>,
    /// Stop when states take this much memory: megabytes, or with a unit as in 2GB [default: half
    /// of what is available]
    #[arg(long, value_name = "SIZE")]
    max_memory: Option<MemorySize>,
    /// Stop after this time: seconds, or with a unit as in 90min
    #[arg(long, value_name = "TIME")]
    max_time: Option<Time>,
    #[command(flatten)]
    pub(crate) together: Together,
    /// Save the search in this directory now and then, so that it can be resumed
    #[arg(long, value_name = "DIR", group = "saved")]
    checkpoint: Option<PathBuf>,
    /// Search this long from one checkpoint to the next [default: 1min]
    #[arg(long, value_name = "TIME", requires = "saved")]
    every: Option<Time>,
    /// Resume the search saved in this directory, and save it there
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
    /// Whether other processes take part, or the search may be resumed by another command.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        let saved = [&self.checkpoint, &self.spill, &self.resume];
        self.together.is_asked() || saved.iter().any(|dir| dir.is_some())
    }

    /// Searches. Returns the report and the processes that have it, too, and wait for process 0 to
    /// tell it.
    ///
    /// # Errors
    /// When the options do not go together, the search cannot begin, or another process is lost.
    pub fn run(
        &self,
        world: &Arc<Explorable>,
        paths: Paths,
        interrupted: &'static AtomicBool,
        progress: ProgressLine,
    ) -> Result<(Report, Option<Cluster>)> {
        if self.engine == Engine::Stateright {
            self.refuse_what_stateright_cannot()?;
            let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
            let report = with_stateright(world, self.workers.unwrap_or(cores), interrupted)?;
            return Ok((report, None));
        }
        self.refuse_what_a_sweep_line_cannot()?;
        self.refuse_what_reduction_cannot()?;
        let watch = |pulse: &Pulse| progress.search(pulse);
        let options = Options {
            workers: self.workers,
            sweep_line: self.sweep_line,
            paths,
            limits: self.limits(),
            until: None,
            interrupt: Some(interrupted),
            cluster: self.together.cluster()?,
            checkpoints: self.checkpoints(),
            watch: Some(&watch),
            warn: Some(&|warning| output::complain(&format!("warning: {warning}"))),
        };
        let steps = if self.no_cache { Steps::Anew } else { Steps::Remembered };
        let report = if self.reduce {
            let classes = Explored::OneOfEachClass;
            let explored = if self.symmetry { classes } else { Explored::Every };
            check_with_reduction(world, &options, explored)?
        } else if self.symmetry {
            check_symmetric(world, &options, steps)?
        } else {
            steps.explore(&**world, &options)?
        };
        if let Some(reason) = &report.unsaved {
            output::complain(&format!("warning: no checkpoint since it failed: {reason}"));
        }
        Ok((report, options.cluster))
    }

    /// Does it decide progress properties?
    #[must_use]
    pub fn decides_progress(&self) -> bool {
        self.engine == Engine::Timely
    }

    /// Adds the options that lead to the same verdict.
    #[must_use]
    pub fn repeat(&self, line: CommandLine) -> CommandLine {
        let engine = (self.engine != Engine::default()).then(|| self.engine.name());
        line.option("--engine", engine)
            .flag("--sweep-line", self.sweep_line)
            .flag("--symmetry", self.symmetry)
            .flag("--reduce", self.reduce)
            .flag("--no-cache", self.no_cache)
            .option("--max-states", self.max_states)
            .option("--max-memory", self.max_memory)
            .option("--max-time", self.max_time)
    }

    fn limits(&self) -> Limits {
        Limits {
            states: self.max_states,
            bytes: most_bytes(self.max_memory),
            time: self.max_time.map(Into::into),
        }
    }

    fn checkpoints(&self) -> Option<Checkpoints> {
        let every = self.every.unwrap_or(EVERY).into();
        let (dir, resume) = match (self.checkpoint.as_ref().or(self.spill.as_ref()), &self.resume) {
            (_, Some(dir)) => (dir, true),
            (Some(dir), None) => (dir, false),
            (None, None) => return None,
        };
        if resume && !is_saved(dir) {
            let dir = text_of(&dir);
            output::note(&format!(
                "note: {dir} holds no checkpoint; the search starts from the beginning"
            ));
        }
        Some(Checkpoints { dir: dir.clone(), every, resume })
    }

    /// Reduction needs the cache, which notes what every step reads.
    fn refuse_what_reduction_cannot(&self) -> Result<()> {
        let given = [
            (self.no_cache, "--no-cache", "the cache notes what steps read"),
            (self.sweep_line, "--sweep-line", "reduction looks at states again"),
            (self.together.is_asked(), "--hosts", "what steps read is not exchanged"),
            (self.checkpoint.is_some(), "--checkpoint", "what steps read is not saved"),
            (self.resume.is_some(), "--resume", "what steps read is not saved"),
        ];
        match given.iter().find(|(given, ..)| self.reduce && *given) {
            Some((_, option, reason)) => {
                bail!("--reduce does not go with {option}: {reason}; leave one of them out")
            }
            None => Ok(()),
        }
    }

    fn refuse_what_stateright_cannot(&self) -> Result<()> {
        let given = [
            (self.sweep_line, "--sweep-line"),
            (self.symmetry, "--symmetry"),
            (self.reduce, "--reduce"),
            (self.max_states.is_some(), "--max-states"),
            (self.max_memory.is_some(), "--max-memory"),
            (self.max_time.is_some(), "--max-time"),
            (self.together.is_asked(), "--hosts"),
            (self.checkpoint.is_some(), "--checkpoint"),
            (self.resume.is_some(), "--resume"),
        ];
        match given.iter().find(|(given, _)| *given) {
            Some((_, option)) => {
                let way_out = "leave it out, or use --engine timely";
                bail!("the engine stateright does not support {option}: {way_out}")
            }
            None => Ok(()),
        }
    }

    fn refuse_what_a_sweep_line_cannot(&self) -> Result<()> {
        match self {
            Self { sweep_line: false, .. } => Ok(()),
            _ if self.together.is_asked() => bail!(
                "--sweep-line needs all states in one process: leave out --hosts and --process"
            ),
            Self { checkpoint: Some(_), .. } => bail!(
                "--sweep-line saves itself where it spills: write --spill in place of --checkpoint"
            ),
            Self { .. } => Ok(()),
        }
    }
}

/// Is there anything in this directory to resume?
fn is_saved(dir: &Path) -> bool {
    std::fs::read_dir(dir).is_ok_and(|mut files| files.next().is_some())
}

/// The opinion of the second engine.
///
/// # Errors
/// In a build without it.
fn with_stateright(
    world: &Arc<Explorable>,
    workers: NonZeroUsize,
    interrupted: &'static AtomicBool,
) -> Result<Report> {
    #[cfg(feature = "stateright")]
    return Ok(mapi_logon_checker::check_with_stateright(
        Arc::clone(world),
        workers,
        Some(interrupted),
    ));
    #[cfg(not(feature = "stateright"))]
    {
        let _ = (world, workers, interrupted);
        bail!("this build is without stateright; build it with `--features stateright`")
    }
}

/// Reads a number of workers.
fn workers(written: &str) -> Result<NonZeroUsize, String> {
    positive(written)
        .ok()
        .filter(|number: &NonZeroUsize| number.get() <= MAX_WORKERS)
        .ok_or_else(|| format!("expected a number from 1 to {MAX_WORKERS}"))
}
