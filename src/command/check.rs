//! Which properties does a scenario have? `mapi-logon check`: visits every state and tells.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use mapi_logon_checker::{
    End, Limits, Options, Paths, Pulse, Report, Storage, check, check_with_stateright,
};
use mapi_logon_model::clause;
use mapi_logon_model::model::Model;
use mapi_logon_model::property::PROPERTIES;
use mapi_logon_model::suggest;
use mapi_logon_traces::trace::Expect;
use mapi_logon_traces::write::Trace;

use crate::args::{Format, Subject};
use crate::builtin;
use crate::exit::Exit;
use crate::explorable::Explorable;
use crate::interrupt;
use crate::memory::most_bytes;
use crate::output;
use crate::progress::Progress;
use crate::render::checked::Checked;
use crate::render::classes::Classes;
use crate::render::text::Paint;
use crate::symmetric::check_symmetric;
use crate::verdict::{Overall, Row, Verdict};

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Decides this property alone and shows its run; may be repeated
    #[arg(long = "property", value_name = "ID", value_parser = property)]
    properties: Vec<&'static str>,
    /// What explores the states
    #[arg(long, value_enum, default_value_t)]
    engine: Engine,
    /// Keeps a fingerprint of each state in place of the state; decides no progress
    #[arg(long)]
    compact: bool,
    /// Explores one of each class of worlds that differ in names of equal things only
    #[arg(long)]
    symmetry: bool,
    /// Gives up after so many states
    #[arg(long, value_name = "N")]
    max_states: Option<u64>,
    /// Gives up when states take so much memory; half of what is available if not given
    #[arg(long, value_name = "MB")]
    max_memory: Option<u64>,
    /// Gives up after so many seconds
    #[arg(long, value_name = "N")]
    max_seconds: Option<u64>,
    /// Threads that explore, never more than there are cores; one for each if not given
    #[arg(long, value_name = "N")]
    workers: Option<NonZeroUsize>,
    /// Saves the run that breaks a property, or with --witness the shortest that shows it
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// The witness whose run --trace saves
    #[arg(long, value_name = "RCH-n", value_parser = witness, requires = "trace")]
    witness: Option<&'static str>,
    /// How the verdict is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What explores the states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// The checker of this repository
    #[default]
    Direct,
    /// The checker `stateright`, as a second opinion on invariants and witnesses
    Stateright,
}

/// Checks.
///
/// # Errors
/// When the scenario is not usable, it cannot be explored, or the verdict not be written.
pub fn run(args: &Args) -> Result<Exit> {
    if args.engine == Engine::Stateright && args.limits() != Limits::default() {
        bail!("the engine stateright knows no limits; leave them out or use --engine direct");
    }
    if args.engine == Engine::Stateright && args.symmetry {
        bail!("the engine stateright knows no symmetry; leave it out or use --engine direct");
    }
    let loaded = builtin::load(&args.subject)?;
    builtin::advise(&args.subject, &loaded.scenario, |_| true);
    let asked = args.asked_ids();
    let world = Arc::new(Explorable::new(Model::new(loaded.scenario), args.asked()));
    let interrupted = interrupt::listen()?;
    let progress = Progress::begin();
    let report = explore(args, &world, interrupted, progress);
    progress.end();
    let report = report?;
    let decides_progress = args.engine == Engine::Direct && !args.compact;
    let rows = Row::all(&world, &report, &asked, decides_progress);
    let checked = Checked {
        name: &loaded.name,
        repeat: args.repeat(),
        policy: &world.model().scenario().policy,
        engine: args.engine.name(),
        symmetry: args.symmetry.then(|| Classes::of(world.model().scenario())),
        verdict: Overall::of(&rows),
        rows,
        report: &report,
        asked: !asked.is_empty(),
    };
    if let Some(path) = &args.trace {
        save_trace(path, world.model(), &checked.rows, args.witness)?;
    }
    output::print(&match args.format {
        Format::Human => checked.text(Paint::for_output()),
        Format::Json => checked.json()?,
    })?;
    Ok(match (report.end, checked.verdict) {
        (End::Interrupted, _) => Exit::Interrupted,
        (_, Overall::Holds) => Exit::Good,
        (_, Overall::Violated) => Exit::Finding,
        (_, Overall::Inconclusive) => Exit::Inconclusive,
    })
}

fn explore(
    args: &Args,
    world: &Arc<Explorable>,
    interrupted: &AtomicBool,
    progress: Progress,
) -> Result<Report> {
    let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    if args.engine == Engine::Stateright {
        return Ok(check_with_stateright(
            Arc::clone(world),
            args.workers.unwrap_or(cores),
        ));
    }
    let watch = |pulse: &Pulse| progress.search(pulse);
    let options = Options {
        workers: args.workers.map(|workers| workers.min(cores)),
        storage: if args.compact {
            Storage::Compact
        } else {
            Storage::Exact
        },
        paths: if args.asked_ids().is_empty() {
            Paths::Violations
        } else {
            Paths::All
        },
        limits: Limits {
            bytes: most_bytes(args.max_memory),
            ..args.limits()
        },
        interrupt: Some(interrupted),
        watch: Some(&watch),
        ..Options::default()
    };
    Ok(if args.symmetry {
        check_symmetric(world, &options)?
    } else {
        check(&**world, &options)?
    })
}

impl Args {
    fn limits(&self) -> Limits {
        Limits {
            states: self.max_states,
            bytes: self
                .max_memory
                .map(|megabytes| megabytes.saturating_mul(1_000_000)),
            time: self.max_seconds.map(Duration::from_secs),
        }
    }

    /// The properties asked for by id; none where all are meant.
    fn asked_ids(&self) -> Vec<&'static str> {
        let more = self.witness.filter(|id| !self.properties.contains(id));
        self.properties.iter().copied().chain(more).collect()
    }

    /// The bits of the properties asked for, or of all.
    fn asked(&self) -> u128 {
        let ids = self.asked_ids();
        let asked = PROPERTIES
            .iter()
            .map(|entry| ids.is_empty() || ids.contains(&entry.id));
        asked
            .enumerate()
            .fold(0, |bits, (at, asked)| bits | u128::from(asked) << at)
    }

    /// The command that comes to the same verdict, without what changes its form only.
    fn repeat(&self) -> String {
        let mut command = format!("mapi-logon check {}", self.subject.repeat());
        for (given, flag) in [
            (self.engine == Engine::Stateright, " --engine stateright"),
            (self.compact, " --compact"),
            (self.symmetry, " --symmetry"),
        ] {
            command += if given { flag } else { "" };
        }
        for (limit, flag) in [
            (self.max_states, "--max-states"),
            (self.max_memory, "--max-memory"),
            (self.max_seconds, "--max-seconds"),
        ] {
            command += &limit.map_or_else(String::new, |limit| format!(" {flag} {limit}"));
        }
        command
    }
}

impl Engine {
    const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Stateright => "stateright",
        }
    }
}

/// Saves the run of the witness, or of the first property that is broken.
fn save_trace(path: &Path, model: &Model, rows: &[Row], witness: Option<&str>) -> Result<()> {
    let wanted = |row: &&Row| match witness {
        Some(id) => row.id == id,
        None => row.verdict == Verdict::Violated,
    };
    let found = rows.iter().find(wanted);
    let Some((row, run)) = found.and_then(|row| Some((row, row.run.as_ref()?))) else {
        let what = witness.map_or_else(
            || "no property is broken".to_owned(),
            |id| format!("no run shows {id}"),
        );
        output::complain(&format!("note: {what}; {} is not written", path.display()));
        return Ok(());
    };
    let mut trace = Trace::record(
        model,
        run.actions.iter().copied(),
        Expect::of_property(row.id),
    )?;
    if !run.cycle.is_empty() {
        trace = trace.with_loop(run.steps.len() as u64);
    }
    let written = std::fs::write(path, trace.to_text());
    written.with_context(|| format!("cannot write {}", path.display()))
}

/// Reads the id of a witness.
fn witness(written: &str) -> Result<&'static str, String> {
    let id = property(written)?;
    if id.starts_with("RCH-") {
        Ok(id)
    } else {
        Err(format!("{id} is no witness; `mapi-logon list properties`"))
    }
}

/// Reads the id of a property.
fn property(written: &str) -> Result<&'static str, String> {
    let ids = || PROPERTIES.iter().map(|entry| entry.id);
    match clause::find(written) {
        Some(found) => ids().find(|id| *id == found.id).ok_or_else(|| {
            format!(
                "{} is a {}, no property; `mapi-logon list properties`",
                found.id, found.kind
            )
        }),
        None => {
            let hint = suggest::hint(written, ids());
            Err(format!("no property is called `{written}`{hint}"))
        }
    }
}
