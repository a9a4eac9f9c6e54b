//! What a campaign covered, and which traces it played.

use mapi_logon_drive::goals::{Covered, Played};
use mapi_logon_traces::cover::Criterion;
use schemars::JsonSchema;
use serde::Serialize;

use crate::render::text::{count, paragraph};

/// Most goals of a kind that are listed for people.
const LISTED: usize = 12;

/// What is covered of the goals of a criterion.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Coverage {
    /// The criterion.
    pub criterion: Criterion,
    /// Was the whole graph of the scenario explored?
    pub complete: bool,
    /// The goals.
    #[serde(flatten)]
    pub covered: Covered,
}

impl Coverage {
    /// Did a limit leave goals untried, or unknown?
    pub(super) const fn is_open(&self) -> bool {
        !self.complete || !self.covered.open.is_empty()
    }
}

/// The coverage for people.
pub(super) fn coverage(coverage: &Coverage) -> String {
    let Coverage { criterion, complete, covered } = coverage;
    let within = covered.covered.len() + covered.refused.len() + covered.open.len();
    let mut text = format!(
        "\n{} of {within} {} within reach covered; {} refused, {} open, {} out of reach\n",
        covered.covered.len(),
        criterion.name(),
        covered.refused.len(),
        covered.open.len(),
        covered.beyond.len(),
    );
    let refused = |one: &mapi_logon_drive::goals::Refused| {
        let tries = count(one.tries.into(), "time");
        format!("refused: {} (took another branch or deviated {tries})", one.goal)
    };
    list(&mut text, covered.refused.iter().map(refused));
    list(&mut text, covered.open.iter().map(|goal| format!("open: {goal}")));
    let beyond = covered.beyond.iter().map(|one| format!("out of reach: {}: {}", one.id, one.why));
    list(&mut text, beyond);
    if !complete {
        text += "Not every state was explored; raise --max-states.\n";
    }
    text
}

/// The traces that were played, for people.
pub(super) fn suite(played: &[Played]) -> String {
    if played.is_empty() {
        return String::new();
    }
    let reached = played.iter().filter(|one| one.is_reached()).count();
    let mut text = format!("\n{reached} of {} passed\n", count(played.len() as u64, "trace"));
    let missed = played.iter().filter(|one| !one.is_reached()).map(|one| {
        let Played { name, shown, steps, .. } = one;
        let why = one.left.as_ref().map_or_else(String::new, |why| format!("; {why}"));
        let what = if one.deviated { "deviated" } else { "not reached" };
        format!("{what}: {name} (followed to step {shown} of {steps}{why})")
    });
    list(&mut text, missed);
    text
}

fn list(text: &mut String, lines: impl Iterator<Item = String>) {
    let mut more = 0;
    for (at, line) in lines.enumerate() {
        if at < LISTED {
            *text += &paragraph(&line, 2);
        } else {
            more += 1;
        }
    }
    if more > 0 {
        *text += &format!("  and {more} more\n");
    }
}
