//! What form do results have? What the commands write with `--format json`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cover::Coverage;

/// The result of `mapi-logon check`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// `holds`, `violated` or `inconclusive`.
    pub verdict: String,
    /// The scenario.
    pub scenario: String,
    /// Every switch with its value.
    pub policy: BTreeMap<String, String>,
    /// What explored the states: `timely` or `stateright`.
    pub engine: String,
    /// What is interchangeable, if one of each class was explored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symmetry: Option<Symmetry>,
    /// What was kept of a state: `exact`, or `compact` for a fingerprint.
    pub storage: String,
    /// The probability that a state was missed, if fingerprints were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<f64>,
    /// How many states there are.
    pub states: u64,
    /// How many steps lead from one to another.
    pub transitions: u64,
    /// How many steps the furthest state is away.
    pub depth: u32,
    /// Why the search ended: `complete`, `max-states`, `max-memory`, `max-time` or `interrupted`.
    pub ended: String,
    /// If it is not complete: all runs of at most so many steps were checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<u32>,
    /// The properties.
    pub properties: Vec<Checked>,
}

/// What is interchangeable in a scenario.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Symmetry {
    /// In how many ways names can be exchanged, the scenario staying as it is.
    pub renamings: u64,
    /// Clients with equal definitions.
    pub clients: Vec<Vec<String>>,
    /// Profiles that can be exchanged with all that is in them.
    pub profiles: Vec<Vec<String>>,
    /// Services and providers with equal definitions whose order in their profile runs show.
    pub ordered: Vec<Vec<String>>,
}

/// The result of `mapi-logon sweep`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    /// The scenario.
    pub scenario: String,
    /// Every switch with its value, where it is not varied.
    pub policy: BTreeMap<String, String>,
    /// How many combinations there are; there are fewer rows if somebody interrupted.
    pub combinations: u64,
    /// What the combinations come to.
    pub rows: Vec<Swept>,
}

/// What one combination comes to.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Swept {
    /// The switches that are varied, with their values.
    pub settings: BTreeMap<String, String>,
    /// How many clients, if that is varied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clients: Option<u32>,
    /// How many faults may strike, if that is varied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<u32>,
    /// Was one world of each class explored?
    pub symmetry: bool,
    /// `holds`, `violated` or `inconclusive`.
    pub verdict: String,
    /// How many states there are.
    pub states: u64,
    /// How many steps lead from one to another.
    pub transitions: u64,
    /// How many steps the furthest state is away.
    pub depth: u32,
    /// The ids of what is broken.
    pub broken: Vec<String>,
    /// Witnesses that the first reading shows with as many clients and faults, and this does not.
    pub lost: Vec<String>,
    /// How long it took, if times are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

/// A property that was checked.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Checked {
    /// Its id.
    pub id: String,
    /// `invariant`, `witness` or `progress`.
    pub kind: String,
    /// What is known of it: `holds`, `violated`, `found`, `not-found`, `not-applicable`,
    /// `not-modelled` or `undecided`.
    pub verdict: String,
    /// If it holds: has anything explored put it to the test, or could nothing break it here?
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tested: Option<bool>,
    /// Why there is nothing to decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The run that breaks or shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<Told>>,
    /// What is repeated for ever after `trace`, so that it is never met; empty where the run rests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cycle: Option<Vec<Told>>,
}

/// A step in words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// Its number.
    pub step: u64,
    /// Who chose.
    pub actor: String,
    /// What was chosen.
    pub action: String,
    /// The transitions taken.
    pub transitions: Vec<String>,
    /// What could be seen.
    pub effects: Vec<String>,
    /// What is not as it was.
    pub changes: Vec<Change>,
}

/// A part of the state before and after.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Which part.
    pub part: String,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
}

/// What a call came to: `mapi-logon outcomes` writes a list of lists of these.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Which of the client's calls, from 1.
    pub call: u32,
    /// Who called.
    pub client: String,
    /// What.
    pub method: String,
    /// On what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The result.
    pub result: String,
    /// The session, numbered by first appearance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<u32>,
    /// Did the call join a session?
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<bool>,
    /// `individual` or `shared`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Services, `enabled` or `disabled`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub services: Option<BTreeMap<String, String>>,
    /// Run-states of providers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub providers: Option<BTreeMap<String, String>>,
    /// Dialogs, in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialogs: Option<Vec<String>>,
}

/// The result of `mapi-logon simulate`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Simulation {
    /// `holds` where no run broke an invariant, or else `violated` or `interrupted`.
    pub verdict: String,
    /// The scenario.
    pub scenario: String,
    /// Where all chance came from.
    pub seed: u64,
    /// How many runs were made.
    pub runs: u64,
    /// Of how many steps.
    pub steps: u64,
    /// Runs that ended before a dialog nobody may answer.
    pub blocked: u64,
    /// Runs that were cut off.
    pub cut_off: u64,
    /// Was the simulation interrupted?
    pub interrupted: bool,
    /// How often each method answered what.
    pub results: BTreeMap<String, BTreeMap<String, u64>>,
    /// How often each service was disabled.
    pub services_disabled: BTreeMap<String, u64>,
    /// How often each dialog was displayed.
    pub dialogs: BTreeMap<String, u64>,
    /// How much of what the scenario can do was done.
    pub coverage: Covered,
    /// Tells sets of runs apart.
    pub digest: String,
    /// The property that a run broke.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<Broken>,
    /// The command that gives the same.
    pub repeat: String,
}

/// How much of what the scenario can do was done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Covered {
    /// Transitions taken.
    pub transitions: u32,
    /// Transitions that can be taken, at most.
    pub of: u64,
    /// Is that number exact?
    pub exact: bool,
    /// Transitions not taken.
    pub missed: Vec<String>,
    /// Witnesses shown.
    pub witnesses: Vec<String>,
    /// Witnesses not shown.
    pub witnesses_missed: Vec<String>,
}

/// A run that broke a property.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Broken {
    /// The property.
    pub id: String,
    /// The number of the run.
    pub run: u64,
    /// Is no run of the shrunk scenario shorter?
    pub shortest: bool,
    /// The shrunk run.
    pub trace: Vec<Told>,
    /// The shrunk scenario.
    pub scenario: String,
    /// The command that makes the run.
    pub repeat: String,
}

/// The result of `mapi-logon simulate --load`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LoadReport {
    /// The scenario.
    pub scenario: String,
    /// Where all chance came from.
    pub seed: u64,
    /// Clients that arrived.
    pub arrivals: u64,
    /// Logon calls.
    pub logons: u64,
    /// Everything else.
    #[serde(flatten)]
    pub figures: BTreeMap<String, Value>,
}

/// What became of one file: `mapi-logon replay` writes a list of these.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replayed {
    /// The file as it was named.
    pub file: String,
    /// `conforms` or `diverges`; `interrupted` where Ctrl-C came first.
    pub verdict: String,
    /// How many steps were followed.
    pub steps: u64,
    /// The first line that was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The part of it that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// What it says there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Value>,
    /// What the machine would have there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Value>,
}

/// The result of `mapi-logon generate`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Generated {
    /// The scenario.
    pub scenario: String,
    /// The files, with the number of steps of each.
    pub traces: Vec<GeneratedTrace>,
    /// How good they are.
    pub coverage: Coverage,
}

/// A trace that was generated.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GeneratedTrace {
    /// The name of its file.
    pub file: String,
    /// Its steps.
    pub steps: usize,
    /// What it covers that no earlier one does.
    pub covers: Vec<String>,
}
