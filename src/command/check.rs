//! `mapi-logon check`: every state of a scenario is visited, every property decided.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::Result;
use mapi_logon_checker::{End, Error, Paths};
use mapi_logon_model::clause;
use mapi_logon_model::machine::Model;
use mapi_logon_model::property::{PROPERTIES, PropertySet};
use mapi_logon_model::suggest;
use mapi_logon_traces::trace::Expect;
use mapi_logon_traces::write::Trace;

use crate::arguments::{CommandLine, OutputFormat, Subject};
use crate::builtin;
use crate::exit::Exit;
use crate::explorable::{Counts, Explorable};
use crate::interrupt;
use crate::output;
use crate::outputs::Outputs;
use crate::page::{self, Story};
use crate::path::text_of;
use crate::progress::ProgressLine;
use crate::render::checked::Checked;
use crate::render::classes::Classes;
use crate::reports::Reports;
use crate::search::Search;
use crate::verdict::{Defaults, Overall, Row, ToldRun, Verdict};

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Decide only this property, and show its run; may be repeated
    #[arg(long = "property", value_name = "ID", value_parser = property)]
    properties: Vec<&'static str>,
    #[command(flatten)]
    search: Search,
    /// Save the run that breaks a property, or shows the witness of --witness, as a trace
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Save the shortest run that shows this witness
    #[arg(long, value_name = "RCH-n", value_parser = witness, requires = "trace")]
    witness: Option<&'static str>,
    /// Write the verdict as a page for a browser, with the runs that show it
    #[arg(long, value_name = "FILE.html")]
    html: Option<PathBuf>,
    #[command(flatten)]
    reports: Reports,
    /// List every property with its verdict, not only those that need attention
    #[arg(long)]
    all: bool,
    /// Write the verdict as text or as JSON
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

/// Checks.
///
/// # Errors
/// When the scenario is not usable or cannot be explored, or the verdict cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    Outputs::check(args.html.iter().chain(&args.trace).chain(args.reports.paths()))?;
    let loaded = builtin::read_active(&args.subject)?;
    builtin::advise(&args.subject, &loaded.scenario, |_| true);
    let asked = args.asked_ids();
    let world = Explorable::new(Model::new(loaded.scenario).forgetting(), args.asked());
    let world = Arc::new(world.counting(args.counts()));
    let paths = if asked.is_empty() { Paths::Violations } else { Paths::All };
    let interrupted = interrupt::listen()?;
    let progress = ProgressLine::begin();
    let report = args.search.run(&world, paths, interrupted, progress);
    progress.end();
    let (report, cluster) = match report {
        Err(error) if matches!(error.downcast_ref(), Some(Error::Interrupted)) => {
            output::complain(&error.to_string());
            return Ok(Exit::Interrupted);
        }
        report => report?,
    };
    let defaults = Defaults::of(world.model().scenario(), interrupted);
    let rows = Row::all(&world, &report, &asked, args.search.decides_progress(), &defaults);
    let checked = Checked {
        name: &loaded.name,
        warnings: &loaded.warnings,
        repeat: args.repeat(),
        policy: &world.model().scenario().policy,
        engine: args.search.engine.name(),
        symmetry: args.search.symmetry.then(|| Classes::of(world.model().scenario())),
        verdict: Overall::of(&rows, args.subject.strict),
        rows,
        report: &report,
        asked,
        all: args.all,
    };
    let process = args.search.together.process.unwrap_or_default();
    if process == 0 {
        args.tell(&checked, world.model())?;
    }
    cluster.map_or(Ok(()), |cluster| cluster.part())?;
    if process > 0 {
        let verdict = checked.verdict.name();
        output::complain(&format!("process {process}: {verdict}; process 0 wrote the report"));
    }
    Ok(match (report.end, checked.verdict) {
        (End::Interrupted, _) => Exit::Interrupted,
        (_, Overall::Holds) => Exit::Good,
        (_, Overall::Violated) => Exit::Finding,
        (_, Overall::Inconclusive) if interrupted.load(Ordering::Relaxed) => Exit::Interrupted,
        (_, Overall::Inconclusive) => Exit::Inconclusive,
    })
}

impl Args {
    /// Writes the verdict, then the run if it is to be saved.
    fn tell(&self, checked: &Checked<'_>, model: &Model) -> Result<()> {
        self.format.show(|paint| checked.text(paint), || checked.json())?;
        if let Some(path) = &self.trace {
            save_trace(path, model, &checked.rows, self.witness)?;
        }
        let mut outputs = Outputs::default();
        outputs.add(self.html.as_ref(), || Ok(page::checked(checked, &stories(checked, model))))?;
        let suite = format!("check {}", checked.name);
        let cases = checked.cases(&self.subject.place());
        self.reports.add_to(&mut outputs, &suite, &checked.again(), &cases)?;
        outputs.write()
    }

    /// The text only says what was never tested; a search that may go on elsewhere counts all.
    fn counts(&self) -> Counts {
        match self.format {
            OutputFormat::Human if !self.search.goes_on() && self.html.is_none() => Counts::First,
            OutputFormat::Human | OutputFormat::Json => Counts::Every,
        }
    }

    /// The properties asked for by id; empty for all.
    fn asked_ids(&self) -> Vec<&'static str> {
        let more = self.witness.filter(|id| !self.properties.contains(id));
        self.properties.iter().copied().chain(more).collect()
    }

    /// The properties asked for, or all.
    fn asked(&self) -> PropertySet {
        let ids = self.asked_ids();
        let asked = |at: &usize| ids.is_empty() || ids.contains(&PROPERTIES[*at].id);
        let all = (0..PROPERTIES.len()).filter(asked);
        all.fold(PropertySet::EMPTY, PropertySet::with)
    }

    /// The command that comes to the same verdict, in whatever form.
    fn repeat(&self) -> CommandLine {
        let line = self.search.repeat(self.subject.repeat(CommandLine::new("check")));
        line.flag("--all", self.all)
    }
}

/// The runs that a verdict shows.
fn stories(checked: &Checked<'_>, model: &Model) -> Vec<(&'static str, Story)> {
    let model = model.clone().remembering();
    let shown = checked.rows.iter().filter(|row| checked.is_shown(row));
    let runs = shown.filter_map(|row| Some((row, row.run.as_ref()?)));
    let stories = runs.map(|(row, run)| {
        let story = Story::of_run(&model, &run.actions);
        let story = match &run.cycle {
            Some(_) => story.repeating(run.steps.len()),
            None if row.verdict == Verdict::Found => story,
            None => story.failing(),
        };
        (row.id, story)
    });
    stories.collect()
}

/// Saves the run of the witness, or of the first property that is broken.
fn save_trace(path: &PathBuf, model: &Model, rows: &[Row], witness: Option<&str>) -> Result<()> {
    let mut shown = rows.iter().filter_map(|row| Some((row, row.run.as_ref()?)));
    let with = |verdict| move |(row, _): &(&Row, &ToldRun)| row.verdict == verdict;
    let found = match witness {
        Some(id) => shown.find(|(row, _)| row.id == id),
        None => shown
            .clone()
            .find(with(Verdict::Violated))
            .or_else(|| shown.find(with(Verdict::GivenUp))),
    };
    let Some((row, run)) = found else {
        let what = witness.map_or_else(
            || "no property is violated or given up by a run".to_owned(),
            |id| format!("no run shows {id}"),
        );
        output::note(&format!("note: {what}; {} is not written", text_of(path)));
        return Ok(());
    };
    let model = model.clone().remembering();
    let mut trace =
        Trace::record(&model, run.actions.iter().copied(), Expect::of_property(row.id))?;
    if run.cycle.is_some() {
        trace = trace.with_loop(run.steps.len() as u64);
    }
    let mut outputs = Outputs::default();
    outputs.add(Some(path), || Ok(trace.to_text()))?;
    outputs.write()
}

/// Reads the id of a witness.
fn witness(written: &str) -> Result<&'static str, String> {
    let id = property(written)?;
    if id.starts_with("RCH-") {
        Ok(id)
    } else {
        Err(format!("{id} is not a witness; see `mapi-logon list properties`"))
    }
}

/// Reads the id of a property.
pub(crate) fn property(written: &str) -> Result<&'static str, String> {
    let ids = || PROPERTIES.iter().map(|entry| entry.id);
    match clause::find(written) {
        Some(found) => ids().find(|id| *id == found.id).ok_or_else(|| {
            if found.kind.is_property() {
                return format!(
                    "{} is not in the model yet; see `mapi-logon explain {0}`",
                    found.id
                );
            }
            format!(
                "{} ({}) is not a property; see `mapi-logon list properties`",
                found.id, found.kind
            )
        }),
        None => {
            let hint = suggest::hint(written, ids());
            Err(format!("no property is called `{written}`{hint}"))
        }
    }
}
