//! The verdict on a system that was driven.

use mapi_logon_drive::campaign::{Deviating, Logons};
use mapi_logon_drive::expected::{Expectation, Met};
use mapi_logon_drive::finding::Status;
use mapi_logon_drive::goals::Played;
use mapi_logon_drive::moves::{Answering, Calling, Move};
use mapi_logon_drive::shrink::Shrunk;
use mapi_logon_model::clause;
use mapi_logon_model::mapi::{Code, LogonFlags};
use mapi_logon_traces::calls::flag_words;
use mapi_logon_traces::explain::{Explanation, Unexplained};
use schemars::JsonSchema;
use serde::Serialize;

use crate::exit::Exit;
use crate::render::text::{Paint, Tone, count, grouped, paragraph};

mod aims;
mod curve;
mod rates;
mod remarks;
mod rows;

pub use aims::Coverage;
use aims::{coverage, suite};
pub use curve::curve;
use rates::latency;
pub use rates::{Measured, Rates};
pub use remarks::Reading;
use remarks::{UNORDERED, learnt, remarks};
use rows::rows;

/// The result of `mapi-logon drive`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DriveResult {
    /// The verdict.
    pub verdict: Verdict,
    /// The scenario.
    pub scenario: String,
    /// The preset, if one is given.
    pub policy: Option<String>,
    /// The system under test.
    pub system: String,
    /// Its version.
    pub version: String,
    /// The seed of all choices.
    pub seed: u64,
    /// How many worlds were made.
    pub worlds: u64,
    /// How many calls were made.
    pub calls: u64,
    /// How many questions were answered.
    pub answers: u64,
    /// Calls of MAPILogonEx, and how many of them succeeded.
    pub logons: Logons,
    /// The new deviations.
    pub deviations: Vec<Deviation>,
    /// Where the two judges disagree: faults of this tool.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disagreements: Vec<String>,
    /// Readings under which the recordings of new deviations are explained.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Reading>,
    /// What became of the expected ones.
    pub expected: Vec<Outcome>,
    /// What the adapter does not support: out of reach, never passed.
    pub unsupported: Vec<String>,
    /// Why the run ended before a limit was reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// In how many worlds the model may be in too many states to be followed: what came then was
    /// not judged.
    pub undecided: u64,
    /// What is covered of the goals that were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
    /// The traces of the suite that was played.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suite: Vec<Played>,
    /// Switches of the reading, each with the recordings that need it, of all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub learnt: Vec<(String, usize, usize)>,
    /// Calls a second, and how long calls took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<Rates>,
    /// The user interrupted the tool.
    pub interrupted: bool,
    /// The command that gives the same.
    pub repeat: String,
}

/// The verdict on a system.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything that was seen is possible, or expected to deviate.
    Conforms,
    /// There is a new deviation, or an expected one is out of date or without a reason.
    Deviates,
    /// No call was made, a limit left goals open, or some worlds could not be judged to their end.
    Undecided,
}

/// A new deviation, made small.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Deviation {
    /// What kind of thing it is.
    pub status: Status,
    /// In whose call.
    pub client: String,
    /// In which call.
    pub call: String,
    /// What was seen.
    pub observed: String,
    /// What the model allows there.
    pub allowed: Vec<String>,
    /// The clause that it breaks, as far as that is known.
    pub clause: String,
    /// Why what was seen cannot be, each with its clauses.
    pub why_not: Vec<String>,
    /// What was done.
    pub moves: Vec<Move>,
    /// In how many of `repeated` repetitions it showed again.
    pub shown: usize,
    /// How often it was repeated.
    pub repeated: usize,
    /// In how many worlds it was seen.
    pub worlds: u64,
    /// What was left open meanwhile, and why the call had to go on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Calls overlap, and a recording does not say when in a call providers are asked: it does not
    /// show the deviation by itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unordered: bool,
}

/// What became of an expected deviation.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Outcome {
    /// What it is called.
    pub id: String,
    /// In which call.
    pub call: String,
    /// The clause that it breaks.
    pub clause: String,
    /// Why it is so.
    pub reason: String,
    /// How often it happened, and did not.
    pub met: Met,
    /// It did not happen where it could.
    pub stale: bool,
}

impl DriveResult {
    /// Decides on the verdict.
    pub fn decide(&mut self) {
        let wrong = |one: &Outcome| one.stale || one.reason.trim().is_empty();
        let open = self.coverage.as_ref().is_some_and(Coverage::is_open)
            || self.suite.iter().any(|one| !one.is_reached());
        let open = open || self.interrupted || self.calls == 0 || self.undecided > 0;
        self.verdict = match (self.deviations.is_empty(), self.expected.iter().any(wrong)) {
            (true, false) if open => Verdict::Undecided,
            (true, false) => Verdict::Conforms,
            (_, _) => Verdict::Deviates,
        };
    }

    /// The exit code.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        match self.verdict {
            _ if self.interrupted => Exit::Interrupted,
            _ if !self.disagreements.is_empty() => Exit::BadInput,
            Verdict::Conforms => Exit::Good,
            Verdict::Deviates => Exit::Finding,
            Verdict::Undecided => Exit::Inconclusive,
        }
    }
}

impl Outcome {
    /// What became of this one.
    #[must_use]
    pub fn of(one: &Expectation, met: Met) -> Self {
        Self {
            id: one.id.clone(),
            call: one.call.clone(),
            clause: one.clause.clone(),
            reason: one.reason.clone(),
            met,
            stale: met.is_stale(),
        }
    }
}

impl Deviation {
    /// A deviation with what the second judge says of it.
    #[must_use]
    pub fn of(found: &Deviating, small: &Shrunk, explanation: Explanation) -> Self {
        let (mut clauses, mut why_not) = (Vec::new(), Vec::new());
        let own = |event: &Unexplained| event.event == small.finding.event + 1;
        if let Some(event) = explanation.unexplained.filter(own) {
            let nearest = event.nearest.into_iter().take(1).flat_map(|one| one.because);
            let said = event.difference.into_iter().chain(event.why_not).chain(nearest);
            for sentence in said {
                why_not.push(match sentence.clauses.as_slice() {
                    [] => sentence.text,
                    ids => format!("{} ({})", sentence.text, ids.join(", ")),
                });
                clauses.extend(sentence.clauses);
            }
        }
        clauses.retain(|id| clause::find(id).is_some());
        let finding = &small.finding;
        if finding.status == Status::Rows {
            let (text, id) = rows(&finding.call, &finding.observed, &finding.allowed);
            why_not.insert(0, format!("{text} ({id})"));
            clauses.insert(0, id.to_owned());
        }
        Self {
            status: finding.status,
            client: finding.client.clone(),
            call: finding.call.clone(),
            observed: finding.observed.clone(),
            allowed: finding.allowed.clone(),
            clause: clauses
                .into_iter()
                .next()
                .unwrap_or_else(|| usual(finding.status, &finding.call).to_owned()),
            why_not,
            moves: small.moves.clone(),
            shown: small.shown,
            repeated: small.of,
            worlds: found.worlds,
            notes: finding.notes.clone(),
            unordered: false,
        }
    }

    /// The deviation in a sentence.
    #[must_use]
    pub fn head(&self) -> String {
        let Self { client, call, observed, .. } = self;
        match self.status {
            Status::Result => format!("{call} of {client} returned {observed}"),
            Status::Rows => format!("{call} of {client} returned these rows: {observed}"),
            Status::Question => format!("{call} of {client} {observed}"),
            Status::Dies => format!("{call} of {client}: the system {observed}"),
            Status::Hangs => format!("{call} of {client} hangs: {observed}"),
        }
    }
}

/// The clause that a deviation breaks where nothing more is known.
fn usual(status: Status, call: &str) -> &'static str {
    match (status, mapi_logon_model::scenario::split_call(call).0) {
        (Status::Question, _) => "PRV-1",
        (_, "GetStatusTable") => "OPN-11",
        (_, "GetMsgStoresTable") => "OPN-12",
        (_, "QueryIdentity") => "OPN-13",
        (_, "OpenMsgStore") => "OPN-5",
        (_, "OpenAddressBook") => "OPN-1",
        (_, _) => "RES-1",
    }
}

/// The verdict for people.
#[must_use]
pub fn text(result: &DriveResult, paint: Paint) -> String {
    let (tone, verdict) = match result.verdict {
        Verdict::Conforms => (Tone::Good, "CONFORMS"),
        Verdict::Deviates => (Tone::Bad, "DEVIATES"),
        Verdict::Undecided => (Tone::Strong, "UNDECIDED"),
    };
    let mut text = format!(
        "{}: {} {} made {} in {}, {} of {} succeeded, {}, seed {}\n",
        paint.paint(tone, verdict),
        result.system,
        result.version,
        count(result.calls, "call"),
        count(result.worlds, "world"),
        grouped(result.logons.succeeded),
        count(result.logons.made, "logon"),
        format_args!("{} answered", count(result.answers, "question")),
        result.seed,
    );
    if result.interrupted {
        text += "\ninterrupted: more was to be driven\n";
    }
    if result.worlds > 0 && result.calls == 0 && result.unsupported.is_empty() {
        text +=
            "\nno call was made: `hello` lists none that a client of this scenario makes first\n";
    }
    for (number, one) in (1..).zip(&result.deviations) {
        text += &format!("\n{number}. {}\n", paint.paint(Tone::Bad, &one.head()));
        text += &steps(one, paint);
    }
    text += &expectations(&result.expected);
    text += &remarks(result);
    text += &result.coverage.as_ref().map_or_else(String::new, coverage);
    text += &suite(&result.suite);
    text += &learnt(result, paint);
    if let Some(rates) = &result.latency {
        text += &latency(rates, paint);
    }
    text + &format!("\n{}\n", result.repeat)
}

/// A deviation step by step.
#[must_use]
pub fn steps(one: &Deviation, paint: Paint) -> String {
    let mut text = String::new();
    for (number, step) in (1..).zip(&one.moves) {
        text += &format!("   {number:>2}  {}\n", move_words(step));
    }
    text += &paragraph(&format!("Seen: {}", one.observed), 4);
    match one.allowed.as_slice() {
        [] => text += "    At this point the model allows nothing of the kind.\n",
        allowed => {
            text += "    At this point the model allows:\n";
            for way in allowed.iter().take(3) {
                text += &paragraph(way, 6);
            }
            if allowed.len() > 3 {
                text += &format!("      and {} more\n", allowed.len() - 3);
            }
        }
    }
    for sentence in one.notes.iter().chain(&one.why_not) {
        text += &paragraph(sentence, 4);
    }
    if let Some(clause) = clause::find(&one.clause) {
        text +=
            &paragraph(&format!("{}: {}", paint.paint(Tone::Strong, clause.id), clause.text), 4);
    }
    let shows = match (one.shown, one.repeated) {
        (_, 0) => "Not repeated, as the tool was interrupted".to_owned(),
        (shown, repeated) if shown == repeated => "Shows always".to_owned(),
        (shown, repeated) => format!("Shows in {shown} of {repeated} repetitions"),
    };
    text += &format!("    {shows}; seen in {}.\n", count(one.worlds, "world"));
    if one.unordered {
        text += &paragraph(UNORDERED, 4);
    }
    text
}

fn move_words(step: &Move) -> String {
    match step {
        Move::Call(Calling { client, call, profile, flags, password, .. }) => {
            let mut words = format!("{client} calls {call}");
            if call == "MAPILogonEx" {
                let name = profile.as_ref().map_or_else(|| "NULL".to_owned(), |n| format!("{n:?}"));
                let flags = flag_words(LogonFlags::from_bits_retain(*flags)).join("|");
                let flags = if flags.is_empty() { "0".to_owned() } else { flags };
                let password = if *password { ", a password" } else { "" };
                words += &format!("({name}{password}, {flags})");
            }
            words
        }
        Move::Answer(Answering { client, to, reply, dialogs }) => {
            let code = reply.result.map(|code| {
                let known = Code::valued(code.0);
                known.map_or_else(|| format!("{:#010x}", code.0), |one| one.name().to_owned())
            });
            let user = reply.user.map(|user| format!("{user:?}").to_lowercase());
            let said = code.or(user).unwrap_or_default();
            let shown = if dialogs.is_empty() { "" } else { ", after a dialog of its own" };
            format!("  {to} in the call of {client} answers {said}{shown}")
        }
    }
}

fn expectations(expected: &[Outcome]) -> String {
    if expected.is_empty() {
        return String::new();
    }
    let (stale, rest): (Vec<_>, Vec<_>) = expected.iter().partition(|one| one.stale);
    let (seen, never): (Vec<_>, Vec<_>) = rest.into_iter().partition(|one| one.met.deviated > 0);
    let mut text = format!("\nExpected deviations: {} seen", seen.len());
    text += &format!(", {} not exercised, {} stale\n", never.len(), stale.len());
    for one in never {
        text += &format!("  not exercised: {} ({})\n", one.id, one.call);
    }
    for one in stale {
        let times = grouped(one.met.conformed);
        text += &format!("  stale: {}: {} conformed {times} times\n", one.id, one.call);
    }
    for one in expected.iter().filter(|one| one.reason.trim().is_empty()) {
        text += &format!("  without a reason: {}\n", one.id);
    }
    text
}
