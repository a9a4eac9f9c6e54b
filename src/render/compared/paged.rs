//! A comparison as a page.

use mapi_logon_model::clause;

use super::{Compared, Label, instead};
use crate::compare::{Changed, Difference, Side, follow};
use crate::page::{self, ComparedRun, Story};
use crate::render::text::Tone;

/// Most outcomes of one side on a page.
const MOST_RUNS: usize = 50;

impl Compared<'_> {
    /// The comparison as a page.
    #[must_use]
    pub fn page(&self, name: &str, left: &Side, right: &Side) -> String {
        let (new, gone) = self.news();
        let (old_label, new_label) = self.labels();
        let (old, own) = if self.reversed { (right, left) } else { (left, right) };
        let runs = |found: &[Difference], side: &Side, other: &Label| {
            let model = side.model();
            let shown = found.iter().take(MOST_RUNS);
            let run = |one: &Difference| {
                let run = model.as_ref().zip(one.outcome.run.as_ref());
                let story = run.map(|(model, run)| {
                    Story::of_run(model, &follow(model, run, &one.outcome.calls).actions)
                });
                ComparedRun {
                    calls: one.outcome.calls.clone(),
                    story: story.unwrap_or_default(),
                    parting: parting_in_words(one, other),
                }
            };
            shown.map(run).collect::<Vec<_>>()
        };
        let (new_runs, gone_runs) = (runs(new, own, old_label), runs(gone, old, new_label));
        let heads = ["id", self.left.head.as_str(), self.right.head.as_str(), "property"];
        let row = |one: &Changed| {
            let text = clause::find(&one.id).map_or("", |clause| clause.text);
            let by = self.named_readings(one);
            let text = by.map_or_else(|| text.to_owned(), |by| format!("({by}) {text}"));
            let [left, right] = [one.left, one.right].map(|one| one.name().replace('-', " "));
            vec![one.id.clone(), left, right, text]
        };
        let rows = self.comparison.properties.iter().map(row).collect();
        let [new, gone] = [("New", new), ("Gone", gone)].map(|(title, all)| match all.len() {
            number if number > MOST_RUNS => {
                format!("{title} outcomes: the first {MOST_RUNS} of {number}")
            }
            number => format!("{title} outcomes: {number}"),
        });
        let sides = [(new.as_str(), &*new_runs), (gone.as_str(), &*gone_runs)];
        let verdict = match (self.comparison.differs, &self.cut) {
            (true, _) => (Tone::Plain, "DIFFERS"),
            (false, None) => (Tone::Good, "EQUAL"),
            (false, Some(_)) => (Tone::Plain, "INCONCLUSIVE"),
        };
        let lead = [Some(self.sentence()), self.not_compared()];
        let lead = lead.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let repeat = self.repeat.to_string();
        page::compared(name, (verdict, &lead), (&heads, rows), sides, &repeat)
    }
}

/// Where another machine diverges from a run, in a sentence.
fn parting_in_words(one: &Difference, other: &Label) -> String {
    let Some((parting, run)) = one.parting.as_ref().zip(one.outcome.run.as_ref()) else {
        return format!("It is not known where {} diverges from this run.", other.machine);
    };
    let said = match run.get(parting.step - 1) {
        Some(told) => instead(&parting.instead, told),
        None => "goes on after the last step".to_owned(),
    };
    format!("The runs diverge in step {}. {} {said}.", parting.step, other.begins_machine())
}
