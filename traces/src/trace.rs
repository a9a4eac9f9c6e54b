//! The trace file: a header, then one line for every step of a run.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::act::Act;
use crate::effect::Shown;

/// The version that is written, and the only one that is read.
pub const VERSION: u32 = 2;

/// The first line of a trace.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// What kind of file this is.
    pub format: Format,
    /// The version of the format.
    #[schemars(range(min = 2, max = 2))]
    pub version: u32,
    /// The scenario file, its `[policy]` left out.
    pub scenario: String,
    /// Every switch that is not at its documented value.
    pub policy: BTreeMap<String, String>,
    /// Whether the clients' calls are those the scenario lists.
    #[serde(default, skip_serializing_if = "Calls::are_listed")]
    pub calls: Calls,
    /// Every client by name.
    pub clients: BTreeMap<String, Caller>,
    /// How many faults may strike in all, where that is not what the scenario says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub faults: Option<u32>,
    /// The seed of the run, where it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The expected result of replaying the trace.
    pub expect: Expect,
    /// The step to which an infinite run returns after its last.
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

/// What a run needs to know of a client beside the scenario.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Caller {
    /// How the client is initialised (INI-1).
    pub initialised: Initialised,
    /// Where calls are given: how many sessions it can hold at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<u8>,
}

/// How a client is initialised.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Initialised {
    /// By its own calls of `MAPIInitialize`.
    ByItsCalls,
    /// Before its first call, without a call that is seen.
    Implied,
    /// Once before the trace begins, then by its own calls.
    Before,
}

/// What a trace is kept for.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Does the machine follow the whole trace?
    pub verdict: TraceVerdict,
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
pub enum TraceVerdict {
    /// To the end.
    #[default]
    Conforms,
    /// Up to a line.
    Diverges,
}

/// A step: what was chosen, what could be seen, which transitions were taken, where it led.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Line {
    /// The number of the step, from 1.
    pub step: u64,
    /// What was chosen.
    pub action: Act,
    /// What could be seen, in order.
    pub effects: Vec<Shown>,
    /// The ids of the transitions taken, in order.
    pub taken: Vec<String>,
    /// A digest of every named part of the state after the step: 16 hexadecimal digits.
    #[schemars(regex(pattern = "^[0-9a-f]{16}$"))]
    pub state: String,
}
