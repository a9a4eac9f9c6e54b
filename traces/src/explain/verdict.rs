//! The result for programs: the verdict on a recording, and everything it says.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::recording::ProviderEvent;

/// Is the recording explained?
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExplainVerdict {
    /// Some run shows exactly this recording.
    Explained,
    /// No run does.
    Unexplained,
    /// A limit stopped the search.
    Inconclusive,
}

/// The result of `mapi-logon validate`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// Is the recording explained?
    pub verdict: ExplainVerdict,
    /// How many events it has.
    pub events: usize,
    /// How many of them, from the first on, some run shows.
    pub explained: usize,
    /// How many faults that run needs.
    pub faults: u32,
    /// Is it certain that no run needs fewer?
    pub fewest: bool,
    /// The faults of that run, in order; others may do as well: see `causes`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub struck: Vec<Struck>,
    /// The cause: for every hidden fault all that it can have been.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
    /// What MAPI did in every call, as far as all minimal explanations agree.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub story: Vec<ToldEvent>,
    /// What follows for the user.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follows: Vec<Sentence>,
    /// The event that no run shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unexplained: Option<Unexplained>,
    /// The limit that stopped the search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// The world that is assumed, where no scenario was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assumed: Option<Assumed>,
    /// Changes that would explain the recording, cheapest first.
    pub hypotheses: Vec<Hypothesis>,
    /// What follows for the rest if the event that no run shows was recorded wrongly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub otherwise: Vec<Misread>,
}

/// The event that no run shows, taken otherwise, and what follows for the rest.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Misread {
    /// What of the event is taken otherwise.
    pub text: String,
    /// How many events are explained then.
    pub explained: usize,
    /// With how many faults.
    pub faults: u32,
    /// Is it the whole recording?
    pub all: bool,
    /// The cause.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Sentence>,
    /// What MAPI did after the event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub story: Vec<ToldEvent>,
    /// The next event that no run shows, with its first difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Sentence>,
}

/// A fault that struck, hidden from the recording.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Struck {
    /// During the call of which event, from 1.
    pub event: usize,
    /// The line of that event.
    pub line: u64,
    /// Whom: a provider, a service whose configuration failed, or a profile.
    pub provider: String,
    /// What.
    pub fault: String,
}

/// An event that no run shows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unexplained {
    /// Which, from 1.
    pub event: usize,
    /// Its line.
    pub line: u64,
    /// Its place in the original log where that is known, else in the recording.
    pub place: String,
    /// Who called.
    pub client: String,
    /// What.
    pub call: String,
    /// With what result.
    pub result: serde_json::Value,
    /// The first thing in which it differs from what the model allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Sentence>,
    /// Why what was recorded could not happen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub why_not: Vec<Sentence>,
    /// How the call could have returned instead: at most three ways, the nearest first.
    pub nearest: Vec<Alternative>,
    /// How many ways there are; counting ends at 64.
    pub ways: usize,
}

/// A way in which a call could have returned, as far as the event says how it did.
#[derive(
    Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Possible {
    /// The result.
    pub result: String,
    /// Was an existing session joined?
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<bool>,
    /// The profile of the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The provider calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_events: Option<Vec<ProviderEvent>>,
    /// The dialogs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialogs: Option<Vec<String>>,
    /// The session obtained, where it is not that of the event's label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

/// Changes under which the recording is explained, or more of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hypothesis {
    /// The preset with exactly these readings, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// The switches to set.
    pub set: BTreeMap<String, String>,
    /// The facts to add to the scenario.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub world: Vec<WorldFact>,
    /// How many events are explained then.
    pub explained: usize,
    /// With how many faults.
    pub faults: u32,
    /// What all of it asks a reader to believe: 1 for a fault or a fact, up to 3 for a reading.
    pub price: u32,
}

/// One recorded call, told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToldEvent {
    /// Which event, from 1.
    pub event: usize,
    /// Its place in the original log where that is known, else in the recording.
    pub place: String,
    /// Who called.
    pub client: String,
    /// What.
    pub call: String,
    /// What it returned; absent for a call that never returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// What MAPI did, in order.
    pub sentences: Vec<Sentence>,
}

/// One thing that happened, and the clauses that say so.
#[derive(
    Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Sentence {
    /// What happened.
    pub text: String,
    /// Ids of the specification.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<String>,
    /// Nothing in the recording shows it: it is assumed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub assumed: bool,
}

impl Sentence {
    pub(super) fn new(text: impl Into<String>, clauses: &[&str]) -> Self {
        let clauses = clauses.iter().map(|id| (*id).to_owned()).collect();
        Self { text: text.into(), clauses, assumed: false }
    }

    pub(super) fn assumed(text: impl Into<String>, clauses: &[&str]) -> Self {
        Self { assumed: true, ..Self::new(text, clauses) }
    }
}

/// One hidden fault of every minimal explanation, and all that it can have been.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// All of them in a sentence.
    pub sentence: Sentence,
    /// Each of them: one of these struck.
    pub one_of: Vec<Struck>,
    /// Are these all?
    pub complete: bool,
}

/// A way in which the call could have returned, compared with what was recorded.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alternative {
    /// The way.
    pub possible: Possible,
    /// What differs from the recording, as fields of it.
    pub differs: Vec<String>,
    /// Why the model takes this way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Sentence>,
}

/// A fact about the world of a recording.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorldFact {
    /// The fact in words.
    pub text: String,
    /// The clause it rests on.
    pub clause: String,
    /// The section of the scenario file to which the line belongs.
    pub section: String,
    /// The line to add.
    pub line: String,
}

/// What is assumed about the world.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assumed {
    /// The world in short.
    pub world: Vec<String>,
    /// The facts assumed beyond the plainest world, if any are needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Hypothesis>,
    /// Others that explain the recording at the same price.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub or: Vec<Hypothesis>,
}
