//! Verdicts on traces: what stands in a file, what the model has there, and whether that is what
//! the trace is kept for.

use mapi_logon_traces::replay::Replay;
use mapi_logon_traces::trace::{Header, TraceVerdict};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::arguments::CommandLine;
use crate::render::text::{Paint, Tone, count, paragraph};
use crate::reports::{Case, CaseVerdict};

/// The verdict on one file: `mapi-logon replay` writes a list of these.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Replayed {
    /// The file as it was named.
    pub(crate) file: String,
    /// Does the model follow it?
    pub(crate) verdict: ReplayVerdict,
    /// Is that what the header of the trace says, up to the line?
    pub(crate) as_expected: bool,
    /// The wrong variant of the machine that made the trace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mutant: Option<String>,
    /// The property that the trace breaks or shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) property: Option<String>,
    /// The number of steps that were followed.
    pub(crate) steps: u64,
    /// The first line that was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u64>,
    /// The part of it that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) part: Option<&'static str>,
    /// The first member of that part that differs, as `effects[2].result`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) member: Option<String>,
    /// What the part says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) found: Option<Value>,
    /// What the model has there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expected: Option<Value>,
    /// The transitions that the model takes there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) taken: Vec<String>,
}

/// Does the model follow a trace?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ReplayVerdict {
    /// To the end.
    Conforms,
    /// Up to a line.
    Diverges,
    /// Ctrl-C came first.
    Interrupted,
}

impl Replayed {
    /// The verdict on a file.
    pub(crate) fn new(file: &str, replay: &Replay) -> Self {
        let divergence = replay.divergence.as_ref();
        let Header { expect, .. } = &replay.header;
        let as_expected = match divergence {
            None => expect.verdict == TraceVerdict::Conforms,
            Some(one) => {
                let line = expect.line.is_none_or(|line| line == one.line);
                expect.verdict == TraceVerdict::Diverges && line
            }
        };
        let named = matches!(divergence, Some(one) if one.part != "action");
        let member = divergence.filter(|_| named).map(|one| {
            let (path, ..) = difference(one.part.to_owned(), &one.found, &one.expected);
            path
        });
        let conforms = divergence.is_none();
        Self {
            file: file.to_owned(),
            verdict: if conforms { ReplayVerdict::Conforms } else { ReplayVerdict::Diverges },
            as_expected,
            mutant: expect.mutant.clone(),
            property: expect.property.clone(),
            steps: replay.steps,
            line: divergence.map(|one| one.line),
            part: divergence.map(|one| one.part),
            member,
            found: divergence.map(|one| one.found.clone()),
            expected: divergence.map(|one| one.expected.clone()),
            taken: divergence.map(|one| one.taken.clone()).unwrap_or_default(),
        }
    }

    /// A file that was not read to its end.
    pub(crate) fn cut_short(file: &str, steps: u64) -> Self {
        Self {
            file: file.to_owned(),
            verdict: ReplayVerdict::Interrupted,
            as_expected: true,
            mutant: None,
            property: None,
            steps,
            line: None,
            part: None,
            member: None,
            found: None,
            expected: None,
            taken: Vec::new(),
        }
    }

    /// The verdict as a test case.
    pub(crate) fn case(&self) -> Case {
        let verdict = match (self.as_expected, self.verdict) {
            (_, ReplayVerdict::Interrupted) => CaseVerdict::Undecided("Interrupted.".to_owned()),
            (true, _) => CaseVerdict::Passed,
            (false, ReplayVerdict::Conforms) => CaseVerdict::Failed(self.headline(), String::new()),
            (false, ReplayVerdict::Diverges) => match self.taken.last() {
                Some(taken) => CaseVerdict::Against(taken.clone(), self.headline(), self.sides()),
                None => CaseVerdict::Failed(self.headline(), self.sides()),
            },
        };
        Case {
            name: self.file.clone(),
            about: "The model follows the trace as its header says.".to_owned(),
            verdict,
            place: Some((self.file.clone(), self.line.unwrap_or(1))),
        }
    }

    /// The line at which the verdict was reached.
    pub(crate) fn place(&self) -> String {
        self.line.map_or_else(|| self.file.clone(), |line| format!("{}:{line}", self.file))
    }

    /// What differs, in a sentence.
    pub(crate) fn headline(&self) -> String {
        let Some((found, expected)) = self.found.as_ref().zip(self.expected.as_ref()) else {
            return "The trace conforms, although it is kept to diverge.".to_owned();
        };
        if let ("action", Value::Array(_)) = (self.part.unwrap_or_default(), expected) {
            return format!("the model does not allow {found}");
        }
        let (member, found, expected) = self.difference(found, expected);
        let taken = self.taken.join(", ");
        let taken = if taken.is_empty() { taken } else { format!(" ({taken})") };
        format!("`{member}` is {} and should be {}{taken}", side(found), side(expected))
    }

    /// The verdict on the file for people.
    fn text(&self, paint: Paint) -> String {
        let steps = count(self.steps, "step");
        let tone = if self.as_expected { Tone::Good } else { Tone::Bad };
        let mut text = match (self.verdict, self.line) {
            (ReplayVerdict::Interrupted, _) => {
                format!("{}: {} ({steps})\n", self.file, paint.paint(Tone::Bad, "interrupted"))
            }
            (ReplayVerdict::Conforms, _) | (ReplayVerdict::Diverges, None) => {
                let but = if self.as_expected { "" } else { ", although it is kept to diverge" };
                format!("{}: {} ({steps}){but}\n", self.file, paint.paint(tone, "conforms"))
            }
            (ReplayVerdict::Diverges, Some(line)) => {
                let said = paint.paint(tone, "diverges");
                let place = format!("{}:{line}:1: {said} after {steps}", self.file);
                let member = self.member.as_deref().or(self.part).unwrap_or_default();
                if self.as_expected {
                    return format!("{place}, as expected{}\n", self.because());
                }
                format!("{place}: `{member}` differs\n")
            }
        };
        if !self.as_expected {
            text += &self.sides();
        }
        text
    }

    /// The first member in which two values of the part differ, and what each has there.
    fn difference<'v>(
        &self,
        found: &'v Value,
        expected: &'v Value,
    ) -> (String, Option<&'v Value>, Option<&'v Value>) {
        difference(self.part.unwrap_or_default().to_owned(), found, expected)
    }

    /// What the trace is kept for.
    fn because(&self) -> String {
        let mutant = self.mutant.as_ref().map(|id| format!("mutant {id}"));
        let property = self.property.as_ref().map(|id| format!("breaks {id}"));
        let parts: Vec<_> = mutant.into_iter().chain(property).collect();
        if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
    }

    /// What the file says and what the model says, of the member that differs alone.
    pub(crate) fn sides(&self) -> String {
        let (Some(part), Some(found), Some(expected)) = (self.part, &self.found, &self.expected)
        else {
            return String::new();
        };
        if let ("action", Value::Array(actions)) = (part, expected) {
            let actions: Vec<_> = actions.iter().map(|one| format!("    {one}\n")).collect();
            return format!("  file says: {found}\n  model allows:\n{}", actions.concat());
        }
        let (_, found, expected) = self.difference(found, expected);
        let mut text = format!("  file says:  {}\n  model says: {}\n", side(found), side(expected));
        if part == "effect" && !self.taken.is_empty() {
            text += &format!("  in the step: {}\n", self.taken.join(", "));
        }
        if part == "state" {
            text += &paragraph(
                "The steps look alike; what differs is inside the machine, of which a trace keeps \
                 a digest.",
                2,
            );
        }
        text
    }
}

/// A value as a sentence has it.
fn side(value: Option<&Value>) -> String {
    let value = value.filter(|value| !value.is_null());
    value.map_or_else(|| "nothing".to_owned(), Value::to_string)
}

/// The path to the first member in which two values differ, and what each has there.
fn difference<'v>(
    path: String,
    found: &'v Value,
    expected: &'v Value,
) -> (String, Option<&'v Value>, Option<&'v Value>) {
    let pairs: Vec<(String, Option<&Value>, Option<&Value>)> = match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            let more = found.keys().filter(|key| !expected.contains_key(*key));
            let keys = expected.keys().chain(more);
            keys.map(|key| (format!("{path}.{key}"), found.get(key), expected.get(key))).collect()
        }
        (Value::Array(found), Value::Array(expected)) => {
            let most = found.len().max(expected.len());
            (0..most).map(|at| (format!("{path}[{at}]"), found.get(at), expected.get(at))).collect()
        }
        _ => Vec::new(),
    };
    match pairs.into_iter().find(|(_, found, expected)| found != expected) {
        Some((path, Some(found), Some(expected))) => difference(path, found, expected),
        Some(lone) => lone,
        None => (path, Some(found), Some(expected)),
    }
}

/// All verdicts for people: the sum first, then the exceptions, or every file.
pub(crate) fn text(all: &[Replayed], every: bool, repeat: &CommandLine, paint: Paint) -> String {
    let mut text = String::new();
    if all.len() > 1 {
        text += &(summary(all, paint) + "\n");
    }
    let shown = |one: &&Replayed| {
        every || all.len() == 1 || !one.as_expected || one.verdict == ReplayVerdict::Interrupted
    };
    let rows: Vec<_> = all.iter().filter(shown).map(|one| one.text(paint)).collect();
    text += &rows.concat();
    if !rows.is_empty() {
        text += "\n";
    }
    text + &format!("{repeat}\n")
}

/// How many traces there are of each verdict.
fn summary(all: &[Replayed], paint: Paint) -> String {
    use ReplayVerdict::{Conforms, Diverges, Interrupted};
    let total = |verdict, as_expected| {
        let is = |one: &&Replayed| one.verdict == verdict && one.as_expected == as_expected;
        all.iter().filter(is).count()
    };
    let parts = [
        (total(Diverges, false), "diverge", Tone::Bad),
        (total(Conforms, false), "conform although they are kept to diverge", Tone::Bad),
        (total(Interrupted, true), "interrupted", Tone::Bad),
        (total(Conforms, true), "conform", Tone::Good),
        (total(Diverges, true), "diverge as expected", Tone::Good),
    ];
    let parts = parts.iter().filter(|(number, ..)| *number > 0);
    let parts = parts.map(|(number, what, tone)| paint.paint(*tone, &format!("{number} {what}")));
    let parts: Vec<_> = parts.collect();
    format!("{}: {}\n", count(all.len() as u64, "trace"), parts.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn first_member_that_differs_is_found() {
        let found = json!([{"effect": "called"}, {"effect": "returned", "result": "S_OK"}]);
        let expected =
            json!([{"effect": "called"}, {"effect": "returned", "result": "MAPI_E_TIMEOUT"}]);
        let (path, found, expected) = difference("effects".to_owned(), &found, &expected);
        assert_eq!(path, "effects[1].result");
        assert_eq!((found, expected), (Some(&json!("S_OK")), Some(&json!("MAPI_E_TIMEOUT"))));
        let (longer, shorter) = (json!(["T-1", "T-3"]), json!(["T-1"]));
        let (path, found, expected) = difference("taken".to_owned(), &longer, &shorter);
        assert_eq!((path.as_str(), found, expected), ("taken[1]", Some(&json!("T-3")), None));
    }
}
