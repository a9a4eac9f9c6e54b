//! The verdict of a check, for people and for programs.

use mapi_logon_checker::{End, Fallback, Report, Storage};
use mapi_logon_model::policy::Policy;

use crate::arguments::CommandLine;
use crate::render::classes::Classes;
use crate::render::text::{Paint, Table, Tone, clip, count, paragraph};
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
    /// Were properties asked for by id, so that their runs are shown?
    pub asked: bool,
}

impl Checked<'_> {
    /// The verdict for people.
    #[must_use]
    pub fn text(&self, paint: Paint) -> String {
        let warnings =
            self.warnings.iter().map(|warning| paragraph(&format!("warning: {warning}"), 0));
        let mut text: String = warnings.collect();
        text += &(self.table(paint) + "\n" + &self.explored(paint) + "\n");
        text += &self.meaning(paint);
        for row in self.rows.iter().filter(|row| self.is_shown(row)) {
            if let Some(run) = &row.run {
                text += &format!("\n{}", self.run(row, run, paint));
            }
        }
        if self.verdict == Overall::Violated {
            text += &format!("\n{}\n", self.repeat());
        }
        text
    }

    fn table(&self, paint: Paint) -> String {
        let mut table = Table::new(paint, 0);
        for row in &self.rows {
            let tone = match row.verdict {
                _ if row.is_bad() => Tone::Bad,
                Verdict::Holds | Verdict::Found => Tone::Good,
                Verdict::GivenUp => Tone::Strong,
                Verdict::Violated | Verdict::NotFound | Verdict::Undecided => Tone::Plain,
                Verdict::NotApplicable | Verdict::NotModelled => Tone::Faint,
            };
            let verdict = row.verdict.name().replace('-', " ");
            let reason = if row.is_vacuous() { "vacuous" } else { &row.reason };
            let said = if reason.is_empty() {
                row.text().to_owned()
            } else {
                format!("({reason}) {}", row.text())
            };
            let text_tone = if tone == Tone::Faint { Tone::Faint } else { Tone::Plain };
            let said = clip(&said, ID + VERDICT);
            table.toned([
                (Tone::Strong, &*format!("{:width$}", row.id, width = ID - 2)),
                (tone, &*format!("{verdict:width$}", width = VERDICT - 2)),
                (text_tone, &*said),
            ]);
        }
        table.render()
    }

    fn explored(&self, paint: Paint) -> String {
        let report = self.report;
        let mut table = Table::new(paint, 0);
        let changed = self.policy.deviations().map(|(name, value)| format!("{name} = {value}"));
        let changed: Vec<_> = changed.collect();
        let policy = if changed.is_empty() {
            "as documented".to_owned()
        } else {
            format!("{}; otherwise as documented", changed.join(", "))
        };
        let states = match report.storage {
            Storage::Exact => match report.fallback {
                None => "exact states".to_owned(),
                Some(Fallback::Unmeasured) => {
                    "exact states; no sweep line, as the ranks of states are not known".to_owned()
                }
                Some(Fallback::Descended) => {
                    "exact states; no sweep line, as a step does not ascend".to_owned()
                }
            },
            Storage::Sweep => "exact states, forgotten behind a sweep line".to_owned(),
            Storage::Compact => {
                let missed = report.missed;
                format!("64-bit hashes; a state was missed with probability {missed:.1e}")
            }
        };
        let explored = [
            count(report.states, "state"),
            count(report.transitions, "transition"),
            format!("depth {}", report.depth),
        ];
        table.toned([(Tone::Faint, "scenario"), (Tone::Plain, self.name)]);
        table.toned([(Tone::Faint, "policy"), (Tone::Plain, &*policy)]);
        table.toned([
            (Tone::Faint, "engine"),
            (Tone::Plain, &*format!("{}, {states}", self.engine)),
        ]);
        if let Some(classes) = &self.symmetry {
            table.toned([(Tone::Faint, "symmetry"), (Tone::Plain, &*classes.text())]);
        }
        table.toned([(Tone::Faint, "explored"), (Tone::Plain, &*explored.join(", "))]);
        table.render()
    }

    /// The verdict in sentences.
    fn meaning(&self, paint: Paint) -> String {
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
        sentences.insert(0, verdict.clone());
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
    fn is_shown(&self, row: &Row) -> bool {
        matches!(row.verdict, Verdict::Violated | Verdict::GivenUp)
            || self.asked && row.verdict == Verdict::Found
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
        let given_up = |row: &Row| row.verdict == Verdict::GivenUp;
        let bad = self.rows.iter().filter(|row| row.is_bad() || given_up(row));
        let line = self.repeat.clone();
        line.option("--property", bad.map(|row| row.id))
    }
}

/// The tone of a verdict.
pub(crate) const fn tone(verdict: Overall) -> Tone {
    match verdict {
        Overall::Holds => Tone::Good,
        Overall::Violated => Tone::Bad,
        Overall::Inconclusive => Tone::Strong,
    }
}

/// Columns of the first column, its gap included.
const ID: usize = 8;

/// Columns of the second.
const VERDICT: usize = 16;

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
