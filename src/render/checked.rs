//! The verdict of a check, for people and for programs.

use mapi_logon_checker::{End, Report, Storage};
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
    /// The command that was given.
    pub repeat: CommandLine,
    /// The readings in force.
    pub policy: &'a Policy,
    /// What explored the states.
    pub engine: &'static str,
    /// What is interchangeable, if one of each class was explored.
    pub symmetry: Option<Classes>,
    /// The properties asked for.
    pub rows: Vec<Row>,
    /// What they come to.
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
        let mut text = self.table(paint) + "\n" + &self.explored(paint) + "\n";
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
            Storage::Exact => "exact states".to_owned(),
            Storage::Compact => {
                let missed = report.missed;
                format!("fingerprints of 64 bits; a state was missed with probability {missed:.1e}")
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

    /// What the verdict means.
    fn meaning(&self, paint: Paint) -> String {
        let ids = |wanted: fn(&Row) -> bool| {
            let ids: Vec<_> =
                self.rows.iter().filter(|row| wanted(row)).map(|row| row.id).collect();
            ids.join(", ")
        };
        let mut sentences = Vec::new();
        match self.verdict {
            Overall::Holds => {
                sentences.push(self.what_holds());
                sentences.extend(self.given_up());
            }
            Overall::Violated => {
                let broken = ids(|row| row.verdict == Verdict::Violated);
                if !broken.is_empty() {
                    sentences.push(format!("some run of this scenario breaks {broken}"));
                }
                let missing = ids(|row| row.is_bad() && row.verdict != Verdict::Violated);
                if !missing.is_empty() {
                    sentences.push(format!("no run shows {missing}, which the scenario expects"));
                }
                sentences.extend(self.given_up());
            }
            Overall::Inconclusive if self.report.end == End::Complete => {
                sentences.push("nothing was asked that can be decided here".to_owned());
            }
            Overall::Inconclusive => {}
        }
        if self.report.end != End::Complete {
            let (_, why) = ended(self.report.end);
            sentences.push(match self.report.checked {
                0 => format!("{why}; nothing is known of all runs up to any length"),
                checked => {
                    let steps = count(u64::from(checked), "step");
                    format!("{why}; only runs of at most {steps} were checked")
                }
            });
        }
        if self.report.stuck > 0 {
            let stuck = count(self.report.stuck, "state");
            sentences.push(format!(
                "in {stuck} nothing more can happen although calls are not made or not ended, as \
                 behind a dialog to which the scenario allows no answer"
            ));
        }
        let text = paragraph(&format!("{}: {}.", self.verdict.name(), sentences.join("; ")), 0);
        text.replacen(self.verdict.name(), &paint.paint(tone(self.verdict), self.verdict.name()), 1)
    }

    /// What the readings in force give up, and which of them do.
    fn given_up(&self) -> Option<String> {
        let rows = self.rows.iter().filter(|row| row.verdict == Verdict::GivenUp);
        let rows: Vec<_> = rows.map(|row| format!("{} ({})", row.id, row.reason)).collect();
        (!rows.is_empty()).then(|| format!("given up: {}", rows.join(", ")))
    }

    fn what_holds(&self) -> String {
        let total =
            |verdict: Verdict| self.rows.iter().filter(|row| row.verdict == verdict).count() as u64;
        let mut parts = Vec::new();
        let several = |count: u64, one: &str, many: &str| {
            if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
        };
        let holds = total(Verdict::Holds);
        if holds > 0 {
            let properties = several(holds, "property", "properties");
            let untested = match self.rows.iter().filter(|row| row.is_vacuous()).count() {
                0 => String::new(),
                count => format!(" ({count} of them vacuously)"),
            };
            parts.push(format!(
                "every run of this scenario, however long, keeps {properties}{untested}"
            ));
        }
        let found = total(Verdict::Found);
        if found > 0 {
            parts.push(several(found, "witness was found", "witnesses were found"));
        }
        let missing = total(Verdict::NotFound);
        if missing > 0 {
            let missing = several(missing, "witness was not found", "witnesses were not found");
            parts.push(format!("{missing}, nor expected"));
        }
        let left = total(Verdict::NotApplicable) + total(Verdict::NotModelled);
        if left > 0 {
            parts.push(format!("{left} not decided, for the reason given"));
        }
        parts.join("; ")
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
            Some([]) => text += "\nthere it rests for ever.\n",
            Some(cycle) => text += &format!("\nthen for ever again:\n\n{}", steps(cycle)),
        }
        text + "\n" + &paragraph(&format!("{}: {}", row.id, row.text()), 0)
    }

    /// The command that comes to the same finding.
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
        End::Complete => ("complete", "everything was visited"),
        End::States => ("max-states", "the limit on states was reached"),
        End::Memory => ("max-memory", "the limit on memory was reached"),
        End::Time => ("max-time", "the limit on time was reached"),
        End::Interrupted => ("interrupted", "the search was interrupted"),
    }
}
