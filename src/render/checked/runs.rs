//! The runs that a verdict shows.

use super::Checked;
use crate::render::text::{Paint, Tone, count, paragraph};
use crate::run::Told;
use crate::verdict::{Row, ToldRun, Verdict};

impl Checked<'_> {
    /// The run that breaks or shows a row.
    pub(super) fn run(&self, row: &Row, run: &ToldRun, paint: Paint) -> String {
        let steps = count(run.steps.len() as u64, "step");
        let what = if row.verdict == Verdict::Found { "shows" } else { "breaks" };
        let id = paint.paint(Tone::Strong, row.id);
        let mut text = format!("The shortest run that {what} {id}, {steps}:\n\n");
        let steps = |steps: &[Told]| steps.iter().map(|told| told.text(paint)).collect::<String>();
        text += &steps(&run.steps);
        match run.cycle.as_deref() {
            None => text += &breaking(row, paint),
            Some([]) => text += "\nNothing more can happen after this step.\n",
            Some(cycle) => {
                text += &format!("\nThe run repeats these steps forever:\n\n{}", steps(cycle))
            }
        }
        text + "\n" + &paragraph(&format!("{}: {}", row.id, row.text()), 0)
    }

    /// The first of the rows above that shows the same run.
    pub(crate) fn same_run(&self, row: &Row) -> Option<&'static str> {
        let run = row.run.as_ref()?;
        let before = self.rows.iter().take_while(|one| one.id != row.id);
        let mut shown = before.filter(|one| self.is_shown(one));
        let same = |one: &&Row| {
            let other = one.run.as_ref();
            other.is_some_and(|other| {
                other.actions == run.actions && other.steps.len() == run.steps.len()
            })
        };
        shown.find(same).map(|one| one.id)
    }

    /// A row whose run another row has shown.
    pub(super) fn run_again(&self, row: &Row, run: &ToldRun, first: &str, paint: Paint) -> String {
        let steps = count(run.steps.len() as u64, "step");
        let what = if row.verdict == Verdict::Found { "shows" } else { "breaks" };
        let id = paint.paint(Tone::Strong, row.id);
        let text =
            format!("The shortest run that {what} {id} is that of {first} above, {steps}.\n");
        text + &breaking(row, paint) + "\n" + &paragraph(&format!("{}: {}", row.id, row.text()), 0)
    }
}

/// The last step of a run that breaks a property, marked.
fn breaking(row: &Row, paint: Paint) -> String {
    let said = row.breaks().map(|said| paragraph(&format!("==> {said}"), 2));
    said.map_or_else(String::new, |said| paint.paint(Tone::Strong, &said))
}
