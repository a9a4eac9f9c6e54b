//! The verdict of a check, for people and for programs.

use mapi_logon_checker::{End, Reduction, Report, SweepLine};
use mapi_logon_model::policy::Policy;

use crate::arguments::CommandLine;
use crate::render::classes::Classes;
use crate::render::text::{Paint, Table, Tone, count, paragraph};
use crate::reports::{Case, CaseVerdict};
use crate::run::Told;
use crate::verdict::{Overall, Row, ToldRun, Verdict};

mod result;

pub(crate) use result::CheckResult;

/// A check that has ended.
#[derive(Debug)]
pub struct Checked<'a> {
    /// The scenario's name.
    pub name: &'a str,
    /// What may be a mistake in it.
    pub warnings: &'a [String],
    /// The command that was given.
    pub repeat: CommandLine,
    /// The readings in force.
    pub policy: &'a Policy,
    /// What explored the states.
    pub engine: &'static str,
    /// What is interchangeable, if symmetry reduction was used.
    pub symmetry: Option<Classes>,
    /// The properties asked for.
    pub rows: Vec<Row>,
    /// The verdict on them.
    pub verdict: Overall,
    /// What the checker found.
    pub report: &'a Report,
    /// The properties asked for by id, whose runs are shown; empty for all.
    pub asked: Vec<&'static str>,
    /// Are all rows listed?
    pub all: bool,
}

impl Checked<'_> {
    /// The verdict for people: what it is, then the exceptions, or all rows.
    #[must_use]
    pub fn text(&self, paint: Paint) -> String {
        let mut text = self.meaning(paint);
        for warning in self.warnings {
            text += &paragraph(&format!("warning: {warning}"), 0);
        }
        let shown: Vec<_> = self.rows.iter().filter(|row| self.is_listed(row)).collect();
        if !shown.is_empty() {
            text += &("\n".to_owned() + &table(&shown, paint));
        }
        if !self.all && self.asked.is_empty() {
            text += &self.vacuous();
        }
        text += &("\n".to_owned() + &self.explored(paint));
        for row in self.rows.iter().filter(|row| self.is_shown(row)) {
            if let Some(run) = &row.run {
                text += &format!("\n{}", self.run(row, run, paint));
            }
        }
        text + &format!("\n{}\n", self.repeat())
    }

    /// Listed is what was asked for, else what needs attention.
    fn is_listed(&self, row: &Row) -> bool {
        let attention = row.verdict == Verdict::GivenUp;
        self.all || !self.asked.is_empty() || attention || row.is_bad()
    }

    /// What nothing explored tested or a limit left open, and the way to all rows.
    fn vacuous(&self) -> String {
        let ids = |wanted: &dyn Fn(&&Row) -> bool| {
            let ids: Vec<_> = self.rows.iter().filter(wanted).map(|row| row.id).collect();
            ids.join(", ")
        };
        let mut text = String::new();
        for (what, ids) in [
            ("Undecided", ids(&|row| row.verdict == Verdict::Undecided)),
            ("Vacuous, since nothing here tests them", ids(&|row| row.is_vacuous())),
        ] {
            if !ids.is_empty() {
                text += &paragraph(&format!("{what}: {ids}."), 0);
            }
        }
        text += "--all lists every property with its verdict.\n";
        "\n".to_owned() + &text
    }

    /// The readings in force.
    pub(crate) fn policy(&self) -> String {
        let changed = self.policy.deviations().map(|(name, value)| format!("{name} = {value}"));
        let changed: Vec<_> = changed.collect();
        if changed.is_empty() {
            return "as documented".to_owned();
        }
        format!("{}; otherwise as documented", changed.join(", "))
    }

    /// The rows as test cases, about a scenario that stands there.
    pub(crate) fn cases(&self, place: &Option<(String, u64)>) -> Vec<Case> {
        let run = |row: &Row| {
            row.run.as_ref().map_or_else(String::new, |run| self.run(row, run, Paint::none()))
        };
        let strict = self.verdict == Overall::Violated && !self.rows.iter().any(Row::is_bad);
        let case = |row: &Row| {
            let text = row.text();
            let verdict = match row.verdict {
                Verdict::Violated => {
                    CaseVerdict::Failed(format!("Some run breaks it: {text}"), run(row))
                }
                _ if row.is_bad() => {
                    CaseVerdict::Failed(format!("No run shows it: {text}"), String::new())
                }
                Verdict::GivenUp if strict => {
                    CaseVerdict::Failed(format!("Given up by {}: {text}", row.reason), run(row))
                }
                Verdict::Holds | Verdict::Found => CaseVerdict::Passed,
                Verdict::Undecided => CaseVerdict::Undecided(ended(self.report.end).1.to_owned()),
                Verdict::GivenUp => CaseVerdict::Skipped(format!("given up by {}", row.reason)),
                Verdict::NotFound => CaseVerdict::Skipped("cannot occur here".to_owned()),
                Verdict::NotApplicable | Verdict::NotModelled => {
                    CaseVerdict::Skipped(row.reason.clone())
                }
            };
            Case { name: row.id.to_owned(), about: text.to_owned(), verdict, place: place.clone() }
        };
        self.rows.iter().map(case).collect()
    }

    /// The command that gives the same verdict.
    pub(crate) fn again(&self) -> String {
        self.repeat().to_string()
    }

    fn explored(&self, paint: Paint) -> String {
        let report = self.report;
        let mut table = Table::new(paint, 0);
        let states = match (report.missed, report.sweep_line) {
            (Some(missed), _) => {
                format!("64-bit hashes; a state was missed with probability {missed:.1e}")
            }
            (None, None) => "exact states".to_owned(),
            (None, Some(SweepLine::Used)) => {
                "exact states, forgotten behind a sweep line".to_owned()
            }
            (None, Some(SweepLine::Unmeasured)) => {
                "exact states; no sweep line, as the ranks of states are not known".to_owned()
            }
            (None, Some(SweepLine::Descended)) => {
                "exact states; no sweep line, as a step does not ascend".to_owned()
            }
        };
        let explored = [
            count(report.states, "state"),
            count(report.transitions, "transition"),
            format!("depth {}", report.depth),
        ];
        table.toned([(Tone::Faint, "scenario"), (Tone::Plain, self.name)]);
        table.toned([(Tone::Faint, "policy"), (Tone::Plain, &*self.policy())]);
        table.toned([
            (Tone::Faint, "engine"),
            (Tone::Plain, &*format!("{}, {states}", self.engine)),
        ]);
        if let Some(classes) = &self.symmetry {
            table.toned([(Tone::Faint, "symmetry"), (Tone::Plain, &*classes.text())]);
        }
        if let Some(reduction) = self.reduction() {
            table.toned([(Tone::Faint, "reduction"), (Tone::Plain, &*reduction)]);
        }
        table.toned([(Tone::Faint, "explored"), (Tone::Plain, &*explored.join(", "))]);
        table.render()
    }

    /// What partial-order reduction did, if it was asked for.
    pub(crate) fn reduction(&self) -> Option<String> {
        match self.report.reduction {
            Reduction::Unasked => None,
            Reduction::Done => Some("partial order; counts are of the states left".to_owned()),
            Reduction::Impossible(reason) => {
                Some(format!("none, every state was explored: {reason}"))
            }
        }
    }

    /// The verdict in sentences.
    pub(crate) fn meaning(&self, paint: Paint) -> String {
        let ids = |wanted: fn(&Row) -> bool| {
            let ids: Vec<_> =
                self.rows.iter().filter(|row| wanted(row)).map(|row| row.id).collect();
            ids.join(", ")
        };
        let mut sentences = Vec::new();
        match self.verdict {
            Overall::Holds => {
                sentences.extend(self.what_holds());
                sentences.extend(self.given_up());
            }
            Overall::Violated => {
                let broken = ids(|row| row.verdict == Verdict::Violated);
                if !broken.is_empty() {
                    sentences.push(format!("Some run breaks {broken}"));
                }
                let missing = ids(|row| row.is_bad() && row.verdict != Verdict::Violated);
                if !missing.is_empty() {
                    sentences.push(format!("No run shows {missing}, which the scenario expects"));
                }
                sentences.extend(self.given_up());
            }
            Overall::Inconclusive if self.report.end == End::Complete => {
                sentences.push("None of the properties asked for can be decided here".to_owned());
            }
            Overall::Inconclusive => {}
        }
        if self.report.end != End::Complete {
            let (_, why) = ended(self.report.end);
            sentences.push(match self.report.checked {
                0 => format!("{why}; not even the first steps were all checked"),
                checked => {
                    let steps = count(u64::from(checked), "step");
                    format!("{why}; only runs of at most {steps} were checked")
                }
            });
        }
        if self.report.stuck > 0 {
            let stuck = count(self.report.stuck, "state");
            sentences.push(format!(
                "In {stuck} nothing more can happen although calls are not made or not ended, for \
                 example behind a dialog to which the scenario allows no answer"
            ));
        }
        let verdict = self.verdict.name().to_uppercase();
        let given_up = self.rows.iter().filter(|row| row.verdict == Verdict::GivenUp).count();
        sentences.insert(
            0,
            match (self.verdict, given_up) {
                (Overall::Holds, 1) => format!("{verdict}, but 1 property is given up"),
                (Overall::Holds, 2..) => {
                    format!("{verdict}, but {given_up} properties are given up")
                }
                _ => verdict.clone(),
            },
        );
        let text = paragraph(&format!("{}.", sentences.join(". ")), 0);
        text.replacen(&verdict, &paint.paint(tone(self.verdict), &verdict), 1)
    }

    /// What the readings in force give up, and which of them do.
    fn given_up(&self) -> Option<String> {
        let rows = self.rows.iter().filter(|row| row.verdict == Verdict::GivenUp);
        let rows: Vec<_> = rows.map(|row| format!("{} ({})", row.id, row.reason)).collect();
        (!rows.is_empty()).then(|| format!("Given up: {}", rows.join(", ")))
    }

    /// A sentence for each kind of verdict, with its number.
    fn what_holds(&self) -> Vec<String> {
        let total =
            |verdict: Verdict| self.rows.iter().filter(|row| row.verdict == verdict).count() as u64;
        let mut sentences = Vec::new();
        let vacuous = match self.rows.iter().filter(|row| row.is_vacuous()).count() {
            0 => String::new(),
            count => format!(" ({count} vacuously)"),
        };
        match total(Verdict::Holds) {
            0 => {}
            1 => sentences.push(format!("1 property holds in every run{vacuous}")),
            count => sentences.push(format!("{count} properties hold in every run{vacuous}")),
        }
        let witnesses = match (total(Verdict::Found), total(Verdict::NotFound)) {
            (0, 0) => None,
            (found, 0) => Some(format!("{found} found")),
            (0, 1) if self.asked.len() == 1 => {
                sentences.push(format!("No run of this scenario shows {}", self.asked[0]));
                None
            }
            (0, missing) => Some(format!("{missing} cannot occur here, none required")),
            (found, missing) => {
                Some(format!("{found} found; {missing} cannot occur here, none required"))
            }
        };
        sentences.extend(witnesses.map(|witnesses| format!("Witnesses: {witnesses}")));
        for (verdict, name) in
            [(Verdict::NotApplicable, "Not applicable"), (Verdict::NotModelled, "Not modelled")]
        {
            let count = total(verdict);
            sentences.extend((count > 0).then(|| format!("{name}: {count}")));
        }
        sentences
    }

    /// Runs are shown of what is broken, and of what was asked for by id.
    pub(crate) fn is_shown(&self, row: &Row) -> bool {
        matches!(row.verdict, Verdict::Violated | Verdict::GivenUp)
            || !self.asked.is_empty() && row.verdict == Verdict::Found
    }

    fn run(&self, row: &Row, run: &ToldRun, paint: Paint) -> String {
        let steps = count(run.steps.len() as u64, "step");
        let what = if row.verdict == Verdict::Found { "shows" } else { "breaks" };
        let id = paint.paint(Tone::Strong, row.id);
        let mut text = format!("The shortest run that {what} {id}, {steps}:\n\n");
        let steps = |steps: &[Told]| steps.iter().map(|told| told.text(paint)).collect::<String>();
        text += &steps(&run.steps);
        match run.cycle.as_deref() {
            None => {}
            Some([]) => text += "\nNothing more can happen after this step.\n",
            Some(cycle) => {
                text += &format!("\nThe run repeats these steps forever:\n\n{}", steps(cycle))
            }
        }
        text + "\n" + &paragraph(&format!("{}: {}", row.id, row.text()), 0)
    }

    /// The command that gives the same finding.
    fn repeat(&self) -> CommandLine {
        let bad = |row: &&Row| row.is_bad() || row.verdict == Verdict::GivenUp;
        let bad: Vec<_> = self.rows.iter().filter(bad).map(|row| row.id).collect();
        let asked = if self.verdict == Overall::Violated { &bad } else { &self.asked };
        self.repeat.clone().option("--property", asked)
    }
}

/// Rows with their verdicts.
fn table(rows: &[&Row], paint: Paint) -> String {
    let mut table = Table::new(paint, 0);
    for row in rows {
        let tone = match row.verdict {
            _ if row.is_bad() => Tone::Bad,
            Verdict::Holds | Verdict::Found => Tone::Good,
            Verdict::GivenUp => Tone::Strong,
            Verdict::Violated | Verdict::NotFound | Verdict::Undecided => Tone::Plain,
            Verdict::NotApplicable | Verdict::NotModelled => Tone::Faint,
        };
        let verdict = row.verdict.name().replace('-', " ");
        let reason = if row.is_vacuous() { "vacuous" } else { &row.reason };
        let reason = if reason.is_empty() { String::new() } else { format!("({reason}) ") };
        let text_tone = if tone == Tone::Faint { Tone::Faint } else { Tone::Plain };
        table.toned([
            (Tone::Strong, row.id),
            (tone, &*verdict),
            (text_tone, &*(reason + row.text())),
        ]);
    }
    table.render()
}

/// The tone of a verdict.
pub(crate) const fn tone(verdict: Overall) -> Tone {
    match verdict {
        Overall::Holds => Tone::Good,
        Overall::Violated => Tone::Bad,
        Overall::Inconclusive => Tone::Strong,
    }
}

/// Why a search ended, as programs and people read it.
const fn ended(end: End) -> (&'static str, &'static str) {
    match end {
        End::Complete => ("complete", "Every state was visited"),
        End::States => ("max-states", "The limit on states was reached"),
        End::Memory => ("max-memory", "The limit on memory was reached"),
        End::Time => ("max-time", "The limit on time was reached"),
        End::Interrupted => ("interrupted", "The search was interrupted"),
    }
}
