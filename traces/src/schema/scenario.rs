//! What form does a scenario file have? The keys of `SCENARIO.md`, as a program that writes one
//! sees them; what names must refer to is checked when the file is read.

use std::collections::BTreeMap;

use mapi_logon_model::mapi::{Code, INITIALIZE_CODES, LogonFlags};
use mapi_logon_model::policy::SWITCHES;
use mapi_logon_model::scenario::ANSWERS;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A scenario file.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Scenario {
    /// A title.
    pub name: Option<String>,
    /// The subsystem as a whole.
    pub subsystem: Option<Subsystem>,
    /// Profiles.
    pub profile: Vec<Profile>,
    /// Clients.
    pub client: Vec<Client>,
    /// The person at the screen.
    pub user: Option<User>,
    /// What may go wrong.
    pub faults: Option<Faults>,
    /// Readings of the ambiguity register.
    #[schemars(with = "Option<Policy>")]
    pub policy: Option<BTreeMap<String, String>>,
    /// Witnesses the scenario must reach.
    pub expect: Option<Expect>,
    /// How long things take.
    pub timing: Option<BTreeMap<String, Duration>>,
    /// The work that arrives.
    pub load: Option<Load>,
    /// What random runs lean to.
    pub weights: Option<BTreeMap<String, u32>>,
}

/// The subsystem as a whole.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Subsystem {
    /// The default profile.
    pub default_profile: Option<String>,
    /// Most open sessions.
    pub max_sessions: Option<u32>,
    /// Codes that `MAPIInitialize` may answer in place of S_OK.
    #[schemars(with = "Vec<InitializeCodeName>")]
    pub init_codes: Vec<String>,
}

/// A profile.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name.
    #[schemars(length(min = 1, max = 64))]
    pub name: String,
    /// Whether it can be opened.
    #[serde(default)]
    pub state: ProfileState,
    /// Do credentials need the password dialog?
    #[serde(default)]
    pub password: bool,
    /// Its services.
    #[serde(default)]
    pub service: Vec<Service>,
}

/// Whether a profile can be opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProfileState {
    /// It can.
    #[default]
    Valid,
    /// It cannot.
    Damaged,
    /// It is marked for deletion.
    Deleted,
}

/// A message service.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its configuration in the profile.
    #[serde(default)]
    pub data: Data,
    /// Its entry point.
    #[serde(default)]
    pub entry_point: EntryPoint,
    /// Does losing it fail the logon?
    #[serde(default)]
    pub critical: bool,
    /// Can its providers supply the identity?
    #[serde(default)]
    pub identity: bool,
    /// Its providers.
    #[schemars(length(min = 1))]
    pub provider: Vec<Provider>,
}

/// Is it there?
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Data {
    /// All of it.
    #[default]
    Complete,
    /// Not all.
    Missing,
}

/// Is the password there?
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Password {
    /// In the profile.
    #[default]
    Stored,
    /// Nowhere.
    Missing,
}

/// A service's entry point.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EntryPoint {
    /// Configures with a dialog.
    #[default]
    Dialog,
    /// Also without.
    Programmatic,
    /// There is none.
    None,
}

/// A service provider.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Its name.
    pub name: String,
    /// What it provides.
    pub kind: ProviderKind,
    /// Most simultaneous logons.
    #[serde(default)]
    pub session_cap: Option<u32>,
    /// The data it asks for itself.
    #[serde(default)]
    pub data: Data,
    /// Its password.
    #[serde(default)]
    pub password: Password,
    /// The faults that may strike it.
    #[serde(default)]
    pub faults: Option<Vec<FaultKind>>,
    /// Codes its entry point may answer of its own accord.
    #[serde(default)]
    #[schemars(with = "Vec<CodeName>")]
    pub init_codes: Vec<String>,
    /// Codes its logon method may answer of its own accord.
    #[serde(default)]
    #[schemars(with = "Vec<CodeName>")]
    pub logon_codes: Vec<String>,
}

/// What a provider provides.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderKind {
    /// Addresses.
    AddressBook,
    /// Messages.
    MessageStore,
    /// Their way.
    Transport,
}

/// A kind of fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// FLT-1.
    InvalidPath,
    /// FLT-2.
    IncompatibleVersion,
    /// FLT-3.
    ServerUnavailable,
    /// FLT-4.
    DataCorruption,
}

/// A client.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its name.
    pub name: String,
    /// The profile name parameter.
    #[serde(default)]
    pub profile: Option<String>,
    /// The password parameter.
    #[serde(default)]
    pub password: Option<String>,
    /// The flags of its logon calls.
    #[serde(default)]
    #[schemars(with = "Vec<FlagName>")]
    pub flags: Vec<String>,
    /// What it does, in order.
    #[serde(default)]
    pub calls: Option<Vec<String>>,
    /// How likely an arrival of a load is this client.
    #[serde(default)]
    pub weight: Option<u32>,
}

/// The person at the screen.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct User {
    /// What that person may answer.
    #[schemars(with = "Option<Vec<AnswerName>>")]
    pub answers: Option<Vec<String>>,
}

/// What may go wrong.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    /// How many faults may strike in one run.
    #[schemars(range(max = 15))]
    pub budget: Option<u8>,
    /// Which.
    pub kinds: Option<Vec<FaultKind>>,
    /// Who may repair them.
    pub repair: Option<Repair>,
}

/// Who may repair faults.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Repair {
    /// The user.
    User,
    /// The environment.
    Environment,
    /// Either.
    Both,
    /// Nobody.
    Never,
}

/// Witnesses the scenario must reach.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// Their ids.
    pub witnesses: Vec<String>,
}

/// A duration in virtual milliseconds.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Duration {
    /// Always the same.
    Constant(f64),
    /// Every value of a range.
    Uniform([f64; 2]),
    /// Memoryless, by its mean.
    Exponential(f64),
    /// By median and 95th percentile.
    Lognormal([f64; 2]),
}

/// The work that arrives.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Load {
    /// Rate of arrivals.
    pub arrivals_per_second: f64,
    /// How many arrive in all.
    #[serde(default)]
    pub logons: Option<u64>,
    /// Scripted faults.
    #[serde(default)]
    pub outage: Vec<Outage>,
    /// Random faults.
    #[serde(default)]
    pub fault_rate: Option<FaultRate>,
}

/// A scripted fault.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// Whom it strikes.
    pub provider: String,
    /// What strikes.
    pub kind: FaultKind,
    /// When it begins, in virtual seconds.
    pub from: f64,
    /// When it ends.
    pub to: f64,
}

/// Random faults.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultRate {
    /// Mean time between faults, in virtual seconds.
    pub mtbf: f64,
    /// Mean time to repair, in virtual seconds.
    pub mttr: f64,
}

/// Declares a string that is one of a list known to the model.
macro_rules! names {
    ($($(#[$doc:meta])* $type:ident($title:literal) = $values:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $type {}

        impl JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $title.into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let names: Vec<&str> = $values;
                json_schema!({ "type": "string", "enum": names })
            }
        }
    )*};
}

names! {
    /// A result code of SPEC 6.1.
    CodeName("ResultCode") = Code::ALL.iter().map(|code| code.name()).collect();
    /// A result code of `MAPIInitialize` (INI-4).
    InitializeCodeName("InitializeCode") =
        INITIALIZE_CODES.iter().map(|code| code.name()).collect();
    /// A flag of `MAPILogonEx`.
    FlagName("LogonFlag") = LogonFlags::all().iter_names().map(|(name, _)| name).collect();
    /// An answer of the user.
    AnswerName("Answer") = ANSWERS.to_vec();
}

/// The switches, each with its values.
#[derive(Debug)]
pub enum Policy {}

impl JsonSchema for Policy {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Policy".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let switches: serde_json::Map<String, serde_json::Value> = SWITCHES
            .iter()
            .map(|switch| {
                let about = serde_json::json!({
                    "description": switch.effect, "type": "string", "enum": switch.values,
                });
                (switch.name.to_owned(), about)
            })
            .collect();
        json_schema!({ "type": "object", "properties": switches, "additionalProperties": false })
    }
}
