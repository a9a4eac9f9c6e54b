//! What stands in a trace file? A header, then one line for every step of a run.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::seen::Seen;

/// The version that is written, and the only one that is read.
pub const VERSION: u32 = 1;

/// The first line of a trace.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// What kind of file this is.
    pub format: Format,
    /// The version of the format.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// The scenario file, its `[policy]` left out.
    pub scenario: String,
    /// Every switch that is not at its documented value.
    pub policy: BTreeMap<String, String>,
    /// Whether the clients' calls are those the scenario lists.
    #[serde(default, skip_serializing_if = "Calls::are_listed")]
    pub calls: Calls,
    /// How many faults may strike in all, where these are more than a scenario may allow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub faults: Option<u32>,
    /// The seed of the run, where it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// What replaying the trace is expected to come to.
    pub expect: Expect,
    /// The step to which the run returns after its last, for a run that goes on for ever.
    #[serde(default, rename = "loop", skip_serializing_if = "Option::is_none")]
    pub repeats: Option<u64>,
}

/// The name of the format.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub enum Format {
    /// A trace of `mapi-logon`.
    #[default]
    #[serde(rename = "mapi-logon trace")]
    Trace,
}

/// Whose calls a run makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Calls {
    /// Those that the scenario lists for each client, in order.
    #[default]
    Listed,
    /// Any calls; each step that begins one says with which parameters.
    Given,
}

impl Calls {
    /// Are they those of the scenario?
    #[must_use]
    pub const fn are_listed(&self) -> bool {
        matches!(self, Self::Listed)
    }
}

/// What a trace is kept for.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Does the machine follow the whole trace?
    pub verdict: Verdict,
    /// The line at which the machine no longer follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The property the run violates, or the witness it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// The wrong variant of the machine that made the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mutant: Option<String>,
    /// What the trace covers that no earlier one of its suite does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<String>,
}

impl Expect {
    /// A run of the machine.
    #[must_use]
    pub fn conforms() -> Self {
        Self::default()
    }

    /// A run of the machine that violates or witnesses a property.
    #[must_use]
    pub fn of_property(id: &str) -> Self {
        Self { property: Some(id.to_owned()), ..Self::default() }
    }
}

/// Whether the machine follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// To the end.
    #[default]
    Conforms,
    /// Up to a line.
    Diverges,
}

/// A step: what was chosen, what could be seen, which transitions were taken, where it led.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The number of the step, from 1.
    pub step: u64,
    /// What was chosen.
    pub action: Act,
    /// What could be seen, in order.
    pub effects: Vec<Seen>,
    /// The ids of the transitions taken, in order.
    pub taken: Vec<String>,
    /// A fingerprint of the state after the step: 16 hexadecimal digits.
    #[schemars(regex(pattern = "^[0-9a-f]{16}$"))]
    pub state: String,
}

/// One choice, in the names of the scenario.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// Whose call goes on.
    pub client: String,
    /// How.
    #[serde(rename = "do")]
    pub deed: Deed,
    /// With `begin`: the call, as scenarios write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// With `begin` of a given `MAPILogonEx`: its parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Given>,
    /// With `begin` of a given call: the session it acts on, if not the one obtained last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// With `answer`: what the user answers, as scenarios name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// With `answer` `pick`: the profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// With `configure`, and `answer` `correct` after a failed configuration: is the data complete?
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed: Option<bool>,
    /// With `refuse`: what `MAPIInitialize` answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// With `try`: the fault the provider suffered from is gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repaired: bool,
    /// With `try`: the missing password is found stored.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub password_found: bool,
    /// With `try`: the fault that strikes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub struck: Option<String>,
    /// With `try`: what the entry point answers of its own accord.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init_answers: Option<String>,
    /// With `try`: what the logon method answers of its own accord.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logon_answers: Option<String>,
}

/// How a call goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// The client makes its next call.
    #[default]
    Begin,
    /// MAPI does what comes next.
    Proceed,
    /// The short bound of `MAPI_TIMEOUT_SHORT` has passed.
    TimeOut,
    /// A provider is tried.
    Try,
    /// A provider reports success early.
    Postpone,
    /// `MAPIInitialize` fails.
    Refuse,
    /// An entry point without UI ends.
    Configure,
    /// The user answers the open dialog.
    Answer,
}

/// Parameters of a `MAPILogonEx` call.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// The profile name; `null` for NULL.
    pub profile: Option<String>,
    /// Is a password passed?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub password: bool,
    /// The flags by name; undefined bits as hexadecimal numbers.
    pub flags: Vec<String>,
}
