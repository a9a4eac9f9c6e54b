//! The report on random runs, for people and for programs.

use std::collections::BTreeMap;

use anyhow::Result;
use mapi_logon_model::clause;
use mapi_logon_model::machine::Model;
use mapi_logon_model::property::{Decided, PROPERTIES};
use mapi_logon_model::protocol::CALL_NAMES;
use mapi_logon_sim::shrink::Shrunk;
use mapi_logon_sim::simulate::{Failure, Simulation};
use schemars::JsonSchema;
use serde::Serialize;

use crate::coverage::RunCoverage;
use crate::output;
use crate::render::json::{Counts, counts, pretty};
use crate::render::text::{Paint, Table, Tone, count, grouped, paragraph};
use crate::run::{Told, tell};

/// Random runs that have been made.
#[derive(Debug)]
pub struct Simulated<'a> {
    /// The scenario's name.
    pub name: &'a str,
    /// The scenario.
    pub model: &'a Model,
    /// What the runs showed.
    pub simulation: &'a Simulation,
    /// How much of the machine they went through.
    pub coverage: RunCoverage,
    /// The report on the first failing run.
    pub finding: Option<FailingRun>,
    /// The seed of all random choices.
    pub seed: u64,
    /// The command that gives the same report.
    pub repeat: String,
}

/// A broken property and the shrunk run that breaks it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FailingRun {
    /// The property.
    id: &'static str,
    /// The number of the run.
    run: u64,
    /// Its steps before it was shrunk.
    #[serde(skip)]
    made: usize,
    /// Is no run of the shrunk scenario shorter?
    shortest: bool,
    /// The shrunk run.
    #[serde(rename = "trace")]
    steps: Vec<Told>,
    /// The shrunk scenario, as a file.
    scenario: String,
    /// The command that makes the run.
    repeat: String,
}

impl FailingRun {
    /// The report on a failing run.
    #[must_use]
    pub fn new(failure: &Failure, shrunk: &Shrunk, repeat: String) -> Self {
        let model = Model::new(shrunk.scenario.clone());
        let broken = PROPERTIES.iter().enumerate().find(|(bit, property)| {
            shrunk.broken.contains(*bit) && matches!(property.decided, Decided::Never(_))
        });
        Self {
            id: broken.map_or("", |(_, property)| property.id),
            run: failure.run,
            made: failure.actions.len(),
            steps: tell(&model, &model.start(), &shrunk.actions, 1),
            shortest: shrunk.shortest,
            scenario: shrunk.scenario.to_toml(),
            repeat,
        }
    }

    /// The shrunk scenario as a file, its run and what it breaks in comments.
    #[must_use]
    pub fn file(&self) -> String {
        let text = clause::find(self.id).map_or("", |clause| clause.text);
        let mut told = format!("{} is broken: {text}\n\n", self.id);
        for step in &self.steps {
            told += &step.text(Paint::none());
        }
        told += &format!("\nShrunk from: {}\n", self.repeat);
        let comment = |line: &str| format!("# {line}").trim_end().to_owned() + "\n";
        told.lines().map(comment).collect::<String>() + "\n" + &self.scenario
    }

    fn text(&self, paint: Paint) -> String {
        let id = paint.paint(Tone::Bad, &format!("{} is broken", self.id));
        let length = count(self.steps.len() as u64, "step");
        let shortest = if self.shortest {
            "no run of this scenario that breaks it is shorter"
        } else {
            "a shorter run may exist"
        };
        let from = count(self.made as u64, "step");
        let mut text = format!("{id} by run {}, shrunk from {from} to {length}:\n\n", self.run);
        for step in &self.steps {
            text += &step.text(paint);
        }
        let clause = clause::find(self.id).map_or("", |clause| clause.text);
        text += "\n";
        text += &paragraph(&format!("{}: {clause}", self.id), 0);
        text += &paragraph(&format!("The shrunk scenario follows; {shortest}."), 0);
        text += "\n";
        for line in self.scenario.lines() {
            text += &output::whole(format!("    {line}").trim_end());
            text += "\n";
        }
        text
    }
}

/// The result of `mapi-logon simulate`.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct SimulationResult<'a> {
    /// `holds` where no run broke an invariant, otherwise `violated` or `interrupted`.
    verdict: &'static str,
    /// The scenario.
    scenario: &'a str,
    /// The seed of all random choices.
    seed: u64,
    /// The number of runs.
    runs: u64,
    /// The steps of all runs together.
    steps: u64,
    /// Runs that ended before a dialog nobody may answer.
    blocked: u64,
    /// Runs that were cut off.
    cut_off: u64,
    /// Was the simulation interrupted?
    interrupted: bool,
    /// How often each method answered what.
    results: BTreeMap<&'static str, Counts>,
    /// How often each service was disabled.
    services_disabled: Counts,
    /// How often each dialog was displayed.
    dialogs: Counts,
    /// How much of what the scenario can do was done.
    coverage: CoverageResult,
    /// The digest of all runs; equal runs have equal digests.
    digest: String,
    /// The property that a run broke.
    #[serde(skip_serializing_if = "Option::is_none")]
    broken: Option<&'a FailingRun>,
    /// The command that gives the same.
    repeat: &'a str,
}

/// How much of what the scenario can do was done.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct CoverageResult {
    /// Transitions taken.
    transitions: u32,
    /// Transitions that can be taken, at most.
    of: usize,
    /// Is that number exact?
    exact: bool,
    /// Transitions not taken.
    missed: Vec<&'static str>,
    /// Witnesses shown.
    witnesses: Vec<&'static str>,
    /// Witnesses not shown.
    witnesses_missed: Vec<&'static str>,
}

impl Simulated<'_> {
    /// The report for programs.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn json(&self) -> Result<String> {
        let tally = &self.simulation.tally;
        let results = self.results().into_iter();
        pretty(&SimulationResult {
            verdict: self.verdict(),
            scenario: self.name,
            seed: self.seed,
            runs: tally.runs,
            steps: tally.steps,
            blocked: tally.blocked,
            cut_off: tally.cut,
            interrupted: self.simulation.interrupted,
            results: results.map(|(method, results)| (method, counts(results))).collect(),
            services_disabled: counts(tally.services_lost(self.model)),
            dialogs: counts(tally.dialogs(self.model)),
            coverage: CoverageResult {
                transitions: self.coverage.taken.len(),
                of: self.coverage.of_how_many(),
                exact: self.coverage.possible.is_some(),
                missed: self.coverage.missed(),
                witnesses: self.coverage.witnesses.clone(),
                witnesses_missed: self.coverage.unseen.clone(),
            },
            digest: format!("{:016x}", tally.digest),
            broken: self.finding.as_ref(),
            repeat: &self.repeat,
        })
    }

    fn verdict(&self) -> &'static str {
        match (&self.finding, self.simulation.interrupted) {
            (Some(_), _) => "violated",
            (None, true) => "interrupted",
            (None, false) => "holds",
        }
    }

    /// Every method that was called, with how often it answered what.
    fn results(&self) -> Vec<(&'static str, Vec<(&'static str, u64)>)> {
        let results = |method| self.simulation.tally.results(method).collect::<Vec<_>>();
        let methods = CALL_NAMES.into_iter().enumerate();
        let all = methods.map(|(method, name)| (name, results(method)));
        all.filter(|(_, results)| !results.is_empty()).collect()
    }

    /// The report for people.
    #[must_use]
    pub fn text(&self, paint: Paint) -> String {
        let (verdict, repeat) = match &self.finding {
            Some(finding) => (finding.text(paint), finding.repeat.as_str()),
            None => (self.unbroken(paint) + "\n", self.repeat.as_str()),
        };
        let (summary, counts) = (self.summary(paint), self.counts(paint));
        format!("{verdict}\n{summary}\n{counts}\n{repeat}\n")
    }

    /// What it means that no run broke anything, and what it does not mean.
    fn unbroken(&self, paint: Paint) -> String {
        let (tone, said) = if self.simulation.interrupted {
            (Tone::Strong, "Interrupted; no run so far broke an invariant.")
        } else {
            (Tone::Good, "No run broke an invariant.")
        };
        let mut text = paint.paint(tone, said);
        let tally = &self.simulation.tally;
        for (number, how) in [
            (tally.blocked, "blocked: a dialog stays open to which the scenario allows no answer"),
            (tally.cut, "cut off: --steps allows no more"),
        ] {
            if number > 0 {
                let (runs, of) = (count(number, "run"), grouped(tally.runs));
                let said = format!("{runs} of {of} {how}.");
                text += &format!("\n{}", paint.paint(Tone::Bad, &said));
            }
        }
        if tally.blocked + tally.cut > 0 {
            text += "\nUse `check` to decide whether such runs violate progress (LIV-*).";
        }
        text
    }

    /// What calls returned, what was lost, what users saw.
    fn counts(&self, paint: Paint) -> String {
        let mut table = Table::new(paint, 0);
        for (method, results) in self.results() {
            table.counted(method, results);
        }
        let tally = &self.simulation.tally;
        table.counted("services lost", tally.services_lost(self.model));
        table.counted("dialogs", tally.dialogs(self.model));
        table.render()
    }

    fn summary(&self, paint: Paint) -> String {
        let tally = &self.simulation.tally;
        let mut table = Table::new(paint, 0);
        let mut row = |name: &str, said: &str| {
            table.toned([(Tone::Faint, name), (Tone::Plain, said)]);
        };
        row("scenario", self.name);
        row("seed", &self.seed.to_string());
        let (runs, steps) = (count(tally.runs, "run"), count(tally.steps, "step"));
        row("made", &format!("{runs}, {steps}"));
        row("transitions", &self.coverage.transitions());
        row("witnesses", &self.coverage.witnesses());
        row("digest", &format!("{:016x}", tally.digest));
        table.render()
    }
}
