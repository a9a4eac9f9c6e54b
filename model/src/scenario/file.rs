//! The scenario file: one set of types that reads, writes and describes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use schemars::JsonSchema;

#[cfg(feature = "schema")]
use crate::ids::BUDGET;
use crate::mapi::ProviderKind;
#[cfg(feature = "schema")]
use crate::scenario::load::MAX_WEIGHT;
use crate::scenario::load::{FaultRate, Timing};
#[cfg(feature = "schema")]
use crate::scenario::load::{LEAST, LONGEST};
use crate::scenario::parts::{EntryPoint, Password, ProfileState};

mod parameter;
mod read;
#[cfg(feature = "schema")]
mod schema;

pub use parameter::{AnyFlags, AnyName, FlagsParameter, ProfileParameter};
pub use read::MAX_BYTES;
use read::{optional, section, sections};

/// Greatest rate of arrivals per second.
pub(super) const FASTEST: f64 = 1e9;

/// Most clients of one load.
pub(super) const MOST_ARRIVALS: i64 = 1_000_000_000_000;

/// A scenario file: its sections under their keys, names not yet resolved.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ScenarioFile {
    /// A title.
    pub name: Option<String>,
    /// The subsystem as a whole.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "section")]
    pub subsystem: SubsystemSection,
    /// Profiles.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "sections")]
    pub profile: Vec<ProfileSection>,
    /// Foreign stores: message store providers that belong to no service (PRV-60).
    #[cfg_attr(feature = "schema", schemars(with = "Vec<schema::ForeignStore>"))]
    #[serde(skip_serializing_if = "is_default", deserialize_with = "sections")]
    pub provider: Vec<ProviderSection>,
    /// Clients.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "sections")]
    pub client: Vec<ClientSection>,
    /// The person at the screen.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "section")]
    pub user: UserSection,
    /// What may go wrong.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "section")]
    pub faults: FaultsSection,
    /// Readings of the ambiguity register.
    #[cfg_attr(feature = "schema", schemars(with = "schema::Switches"))]
    #[serde(skip_serializing_if = "is_default")]
    pub policy: BTreeMap<String, toml::Value>,
    /// Witnesses the scenario must reach.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "section")]
    pub expect: ExpectSection,
    /// How long things take.
    #[serde(deserialize_with = "optional")]
    pub timing: Option<Timing>,
    /// The work that arrives.
    #[serde(deserialize_with = "optional")]
    pub load: Option<LoadSection>,
    /// What random runs lean to.
    #[serde(skip_serializing_if = "is_default")]
    pub weights: BTreeMap<String, i64>,
}

/// The subsystem as a whole.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct SubsystemSection {
    /// The default profile (PRF-8); it need not exist.
    pub default_profile: Option<String>,
    /// Most open sessions (AMB-12).
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = u32::MAX)))]
    pub max_sessions: Option<i64>,
    /// Codes that `MAPIInitialize` may answer in place of S_OK (INI-4).
    #[cfg_attr(feature = "schema", schemars(with = "Vec<schema::InitializeCode>"))]
    #[serde(skip_serializing_if = "is_default")]
    pub init_codes: Vec<String>,
}

/// A profile (PRF-1).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProfileSection {
    /// Its name.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub name: String,
    /// Whether it can be opened (T-18).
    #[serde(default, skip_serializing_if = "is_default")]
    pub state: ProfileState,
    /// Data corruption, if it may strike when the profile is opened (FLT-11).
    #[cfg_attr(feature = "schema", schemars(with = "Vec<schema::DataCorruption>"))]
    #[serde(default, skip_serializing_if = "is_default")]
    pub faults: Vec<FaultKind>,
    /// Credentials need the password dialog (AMB-23).
    #[serde(default, skip_serializing_if = "is_default")]
    pub password: bool,
    /// Its services, in profile order.
    #[serde(default, skip_serializing_if = "is_default", deserialize_with = "sections")]
    pub service: Vec<ServiceSection>,
}

/// A message service (SVC-10).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ServiceSection {
    /// Its name.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub name: String,
    /// Its configuration in the profile (T-28, T-29).
    #[serde(default, skip_serializing_if = "is_default")]
    pub data: Data,
    /// Its entry point (SVC-17, SVC-20).
    #[serde(default, skip_serializing_if = "is_default")]
    pub entry_point: EntryPoint,
    /// Losing it fails the logon (AMB-9).
    #[serde(default, skip_serializing_if = "is_default")]
    pub critical: bool,
    /// Its providers can supply the primary identity (IDN-1).
    #[serde(default, skip_serializing_if = "is_default")]
    pub identity: bool,
    /// The faults that may strike a try of its configuration (FLT-11).
    #[serde(default, skip_serializing_if = "is_default")]
    pub faults: Vec<FaultKind>,
    /// Its providers, in service order.
    #[serde(default, deserialize_with = "sections")]
    #[cfg_attr(feature = "schema", schemars(required, length(min = 1)))]
    pub provider: Vec<ProviderSection>,
}

/// A service provider.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProviderSection {
    /// Its name.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub name: String,
    /// What it provides.
    pub kind: ProviderKind,
    /// Most simultaneous logons, all sessions together (LIM-5).
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = u32::MAX)))]
    pub session_cap: Option<i64>,
    /// What it answers beyond that; `MAPI_E_SESSION_LIMIT` where not given.
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::CapCode>"))]
    pub cap_code: Option<String>,
    /// The data it asks for itself (PRV-24).
    #[serde(default, skip_serializing_if = "is_default")]
    pub data: Data,
    /// Its password (PRV-28).
    #[serde(default, skip_serializing_if = "is_default")]
    pub password: Password,
    /// The faults that may strike it; those of `[faults]` where not given.
    pub faults: Option<Vec<FaultKind>>,
    /// Codes its entry point may answer by itself (AMB-35).
    #[cfg_attr(feature = "schema", schemars(with = "Vec<schema::ResultCode>"))]
    #[serde(default, skip_serializing_if = "is_default")]
    pub init_codes: Vec<String>,
    /// Codes its logon method may answer by itself (AMB-35).
    #[cfg_attr(feature = "schema", schemars(with = "Vec<schema::ResultCode>"))]
    #[serde(default, skip_serializing_if = "is_default")]
    pub logon_codes: Vec<String>,
}

/// A client.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClientSection {
    /// Its name.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 64)))]
    pub name: String,
    /// The profile name parameter (AMB-30), or those between which each logon chooses.
    pub profile: Option<ProfileParameter>,
    /// The password parameter (PAR-6).
    #[serde(default, skip_serializing_if = "is_default")]
    pub password: String,
    /// The flags of its logon calls, or those between which each logon chooses.
    #[serde(default, skip_serializing_if = "is_default")]
    pub flags: FlagsParameter,
    /// Its calls, in order; one `MAPILogonEx` where not given.
    pub calls: Option<Vec<String>>,
    /// How likely an arrival of a load is this client, relative to the others; 1 where not given.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = MAX_WEIGHT)))]
    pub weight: Option<i64>,
}

/// The person at the screen.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UserSection {
    /// What that person may answer; everything where not given.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<schema::Answer>>"))]
    pub answers: Option<Vec<String>>,
}

/// What may go wrong.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct FaultsSection {
    /// How many faults may strike in one run.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = BUDGET)))]
    pub budget: i64,
    /// Which; every kind where not given.
    pub kinds: Option<Vec<FaultKind>>,
    /// Who may repair them.
    #[serde(skip_serializing_if = "is_default")]
    pub repair: Repair,
}

/// Witnesses the scenario must reach.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ExpectSection {
    /// Their ids.
    #[serde(skip_serializing_if = "is_default")]
    pub witnesses: Vec<String>,
}

/// The work that arrives.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LoadSection {
    /// Rate of the Poisson process.
    #[cfg_attr(feature = "schema", schemars(range(min = LEAST, max = FASTEST)))]
    pub arrivals_per_second: f64,
    /// How many clients arrive in all; 100 000 where not given.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MOST_ARRIVALS)))]
    pub logons: Option<i64>,
    /// Scripted faults.
    #[serde(default, skip_serializing_if = "is_default", deserialize_with = "sections")]
    pub outage: Vec<OutageSection>,
    /// Random faults.
    #[serde(default, deserialize_with = "optional")]
    pub fault_rate: Option<FaultRate>,
}

/// A scripted fault.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OutageSection {
    /// The provider it strikes.
    pub provider: String,
    /// What strikes.
    pub kind: FaultKind,
    /// When it begins, in virtual seconds.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = LONGEST)))]
    pub from: f64,
    /// When it ends, in virtual seconds.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = LONGEST)))]
    pub to: f64,
}

/// Whether data are there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Data {
    /// All of it.
    #[default]
    Complete,
    /// Not all.
    Missing,
}

/// A kind of fault; both directions of a version mismatch are one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
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

/// Who may repair faults (FLT-10).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Repair {
    /// The user.
    User,
    /// The environment.
    Environment,
    /// Either.
    #[default]
    Both,
    /// Nobody.
    Never,
}

impl FaultKind {
    /// All kinds, in the order of [`fault_kinds`](super::fault_kinds).
    pub const ALL: [Self; 4] = [
        Self::InvalidPath,
        Self::IncompatibleVersion,
        Self::ServerUnavailable,
        Self::DataCorruption,
    ];
}

impl ScenarioFile {
    /// The file as text.
    #[must_use]
    pub fn to_toml(&self) -> String {
        // Only keys that are no strings and values that TOML has no type for cannot be written.
        toml::to_string(self).unwrap_or_default()
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
