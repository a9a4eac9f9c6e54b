//! How does the report on random runs look?

use anyhow::Result;
use mapi_logon_model::clause;
use mapi_logon_model::model::Model;
use mapi_logon_model::property::{Decided, PROPERTIES};
use mapi_logon_sim::shrink::Shrunk;
use mapi_logon_sim::simulate::{Failure, Simulation};
use mapi_logon_sim::tally::METHODS;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::coverage::Coverage;
use crate::render::json::pretty;
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
    pub coverage: Coverage,
    /// What the first failing run comes to.
    pub finding: Option<Finding>,
    /// Where all chance came from.
    pub seed: u64,
    /// The command that gives the same report.
    pub repeat: String,
}

/// A broken property and the shrunk run that breaks it.
#[derive(Debug)]
pub struct Finding {
    id: &'static str,
    run: u64,
    made: usize,
    shrunk: Shrunk,
    steps: Vec<Told>,
    repeat: String,
}

impl Finding {
    /// Tells what a failing run comes to.
    #[must_use]
    pub fn new(failure: &Failure, shrunk: &Shrunk, repeat: String) -> Self {
        let model = Model::new(shrunk.scenario.clone());
        let broken = PROPERTIES.iter().enumerate().find(|(bit, property)| {
            shrunk.broken >> bit & 1 == 1 && matches!(property.decided, Decided::Never(_))
        });
        Self {
            id: broken.map_or("", |(_, property)| property.id),
            run: failure.run,
            made: failure.actions.len(),
            steps: tell(&model, &model.initial(), &shrunk.actions, 1),
            shrunk: shrunk.clone(),
            repeat,
        }
    }

    /// The shrunk scenario as a file, its run and what it breaks in comments.
    #[must_use]
    pub fn scenario(&self) -> String {
        let text = clause::find(self.id).map_or("", |clause| clause.text);
        let mut told = format!("{} is broken: {text}\n\n", self.id);
        for step in &self.steps {
            told += &step.text(Paint::none());
        }
        told += &format!("\nShrunk from: {}\n", self.repeat);
        let comment = |line: &str| format!("# {line}").trim_end().to_owned() + "\n";
        told.lines().map(comment).collect::<String>() + "\n" + &self.shrunk.scenario.to_toml()
    }

    fn text(&self, paint: Paint) -> String {
        let id = paint.paint(Tone::Bad, &format!("{} is broken", self.id));
        let length = count(self.steps.len() as u64, "step");
        let shortest = if self.shrunk.shortest {
            "no run of what is left of the scenario is shorter"
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
        text += &paragraph(&format!("What is left of the scenario follows; {shortest}."), 0);
        text += "\n";
        for line in self.shrunk.scenario.to_toml().lines() {
            text += format!("    {line}").trim_end();
            text += "\n";
        }
        text
    }
}

/// As programs read it.
#[derive(Serialize)]
struct Json<'a> {
    verdict: &'static str,
    scenario: &'a str,
    seed: u64,
    runs: u64,
    steps: u64,
    blocked: u64,
    cut_off: u64,
    interrupted: bool,
    results: Map<String, Value>,
    services_disabled: Map<String, Value>,
    dialogs: Map<String, Value>,
    coverage: JsonCoverage,
    digest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    broken: Option<JsonFinding<'a>>,
    repeat: &'a str,
}

#[derive(Serialize)]
struct JsonCoverage {
    transitions: u32,
    of: usize,
    exact: bool,
    missed: Vec<&'static str>,
    witnesses: Vec<&'static str>,
    witnesses_missed: Vec<&'static str>,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    id: &'static str,
    run: u64,
    shortest: bool,
    trace: &'a [Told],
    scenario: String,
    repeat: &'a str,
}

impl Simulated<'_> {
    /// The report for programs.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn json(&self) -> Result<String> {
        let tally = &self.simulation.tally;
        let object = |pairs: Vec<(String, u64)>| {
            pairs.into_iter().map(|(name, count)| (name, Value::from(count))).collect::<Map<_, _>>()
        };
        let results = self.results().into_iter();
        let results = results.map(|(method, results)| (method.to_owned(), object(results).into()));
        let lost = tally.services_lost(self.model).map(|(name, count)| (name.to_owned(), count));
        pretty(&Json {
            verdict: self.verdict(),
            scenario: self.name,
            seed: self.seed,
            runs: tally.runs,
            steps: tally.steps,
            blocked: tally.blocked,
            cut_off: tally.cut,
            interrupted: self.simulation.interrupted,
            results: results.collect(),
            services_disabled: object(lost.collect()),
            dialogs: object(tally.dialogs(self.model)),
            coverage: JsonCoverage {
                transitions: self.coverage.taken.len(),
                of: self.coverage.of_how_many(),
                exact: self.coverage.possible.is_some(),
                missed: self.coverage.missed(),
                witnesses: self.coverage.witnesses.clone(),
                witnesses_missed: self.coverage.unseen.clone(),
            },
            digest: format!("{:016x}", tally.digest),
            broken: self.finding.as_ref().map(|finding| JsonFinding {
                id: finding.id,
                run: finding.run,
                shortest: finding.shrunk.shortest,
                trace: &finding.steps,
                scenario: finding.shrunk.scenario.to_toml(),
                repeat: &finding.repeat,
            }),
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
    fn results(&self) -> Vec<(&'static str, Vec<(String, u64)>)> {
        let results = |method| self.simulation.tally.results(method);
        let named = |method| results(method).map(|(code, count)| (code.to_owned(), count));
        let methods = METHODS.iter().enumerate();
        let all = methods.map(|(method, name)| (*name, named(method).collect::<Vec<_>>()));
        all.filter(|(_, results)| !results.is_empty()).collect()
    }

    /// The report for people.
    #[must_use]
    pub fn text(&self, paint: Paint) -> String {
        let mut text = self.counts(paint) + "\n" + &self.summary(paint) + "\n";
        match &self.finding {
            Some(finding) => {
                text += &format!("{}\n{}\n", finding.text(paint), finding.repeat);
            }
            None => {
                text += &format!("{}\n\n{}\n", self.unbroken(paint), self.repeat);
            }
        }
        text
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
            (tally.blocked, "blocked: a dialog stays open that nobody may answer"),
            (tally.cut, "cut off: --steps allows no more"),
        ] {
            if number > 0 {
                let (runs, of) = (count(number, "run"), grouped(tally.runs));
                let said = format!("{runs} of {of} {how}.");
                text += &format!("\n{}", paint.paint(Tone::Bad, &said));
            }
        }
        if tally.blocked + tally.cut > 0 {
            text +=
                "\nWhether such a run breaks a promise of progress (LIV-*) is for `check` to say.";
        }
        text
    }

    /// What calls returned, what was lost, what users saw.
    fn counts(&self, paint: Paint) -> String {
        let mut table = Table::new(paint, 0);
        let mut section = |title: &str, pairs: &[(String, u64)]| {
            for (at, (name, number)) in pairs.iter().enumerate() {
                let title = if at == 0 { title } else { "" };
                let tone = if name == "S_OK" { Tone::Good } else { Tone::Plain };
                let number = format!("{:>12}", grouped(*number));
                table.toned([(Tone::Strong, title), (tone, name), (Tone::Plain, &number)]);
            }
        };
        for (method, results) in self.results() {
            section(method, &results);
        }
        let tally = &self.simulation.tally;
        let lost = tally.services_lost(self.model).map(|(name, count)| (name.to_owned(), count));
        section("services lost", &lost.collect::<Vec<_>>());
        section("dialogs", &tally.dialogs(self.model));
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
