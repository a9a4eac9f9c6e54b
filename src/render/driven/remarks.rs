//! What is to be known beside the deviations: what was left out, what would explain them, why the
//! run ended.

use schemars::JsonSchema;
use serde::Serialize;

use super::DriveResult;
use crate::render::text::{Paint, Tone, count, paragraph};

/// What is said of a deviation that a recording does not show by itself.
pub(super) const UNORDERED: &str = "Its recording alone is explained: calls overlap, and a \
    recording does not say when in a call MAPI asks a provider. While it happened that was known.";

/// A reading under which deviations are explained.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Reading {
    /// The options that choose it.
    pub options: String,
    /// How many of the new deviations it explains.
    pub explains: usize,
    /// How many there are.
    pub of: usize,
}

/// Most readings that are listed.
const LISTED: usize = 5;

/// All of it, for people.
pub(super) fn remarks(result: &DriveResult) -> String {
    let mut text = readings(&result.readings);
    let said = |what: &str| format!("\n{}", paragraph(what, 0));
    for what in &result.disagreements {
        let (what, recording) = what.split_once('\n').unwrap_or((what, ""));
        text += &said(&format!("The two judges disagree; this is a fault of mapi-logon: {what}"));
        text += recording;
    }
    if let Some(why) = &result.stopped {
        text += &said(&format!("stopped: {why}"));
    }
    if result.logons.made > 0 && result.logons.succeeded == 0 {
        text += &said(
            "No logon succeeded: nothing but refusals was judged; in another scenario one may",
        );
    }
    if !result.unsupported.is_empty() {
        let what = result.unsupported.join(", ");
        text += &said(&format!("out of reach, and left out: the adapter does not support {what}"));
    }
    if result.undecided > 0 {
        text += &said(&format!(
            "not judged to the end: {}, in which the model may be in too many states to be \
             followed; fewer clients or faults in the scenario leave fewer",
            count(result.undecided, "world"),
        ));
    }
    text
}

/// Readings that explain deviations, which are none then.
fn readings(readings: &[Reading]) -> String {
    let mut text = String::new();
    if !readings.is_empty() {
        text += "\nIf the system is known to read the documentation so, these are no deviations:\n";
    }
    for Reading { options, explains, of } in readings.iter().take(LISTED) {
        let of = count(*of as u64, "deviation");
        text += &paragraph(&format!("{options} explains {explains} of {of}"), 2);
    }
    text
}

/// What `--learn` has measured, for people.
pub(super) fn learnt(result: &DriveResult, paint: Paint) -> String {
    let Some((.., of)) = result.learnt.first() else { return String::new() };
    let title = paint.paint(Tone::Strong, "Switches that this system needs");
    let worlds = count(result.worlds, "world");
    let mut text = format!("\n{title}, measured in {of} of {worlds}\n");
    for (switch, needed, of) in &result.learnt {
        let needs = match (needed, of) {
            (_, 0) => "not measured, as no world was followed to its end".to_owned(),
            (0, _) => "mattered in none of those that were measured".to_owned(),
            (needed, of) => format!("without it {needed} of {of} worlds are not explained"),
        };
        text += &format!("  {switch}: {needs}\n");
    }
    text
}
