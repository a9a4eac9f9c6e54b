//! The world of an adapter: profiles, services, providers, clients.

use mapi_logon_model::mapi::ProviderKind;
use mapi_logon_model::scenario::{EntryPoint, Password, ProfileState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The world in which clients make their calls.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct World {
    /// The profiles.
    pub profiles: Vec<ProfileSpec>,
    /// Foreign stores: providers that belong to no service and are opened on any session.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<ProviderSpec>,
    /// The name of the default profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_profile: Option<String>,
    /// The clients.
    pub clients: Vec<ClientSpec>,
    /// The limit of the subsystem itself on open sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_sessions: Option<u32>,
    /// After how long a logon with MAPI_TIMEOUT_SHORT is to give up, in milliseconds.
    pub short_timeout_ms: u64,
}

/// A client of the world.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ClientSpec {
    /// Its name.
    pub name: String,
    /// The adapter calls MAPIInitialize for it before `ready`; else the tool makes that call.
    pub initialized: bool,
}

/// A profile of the world.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProfileSpec {
    /// Its name.
    pub name: String,
    /// Whether it can be opened.
    pub state: ProfileState,
    /// Its credentials do not validate without the password dialog.
    pub password: bool,
    /// Its message services, in order.
    pub services: Vec<ServiceSpec>,
}

/// A message service of a profile.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ServiceSpec {
    /// Its name, unique in the world.
    pub name: String,
    /// Is its configuration complete?
    pub complete: bool,
    /// Its entry point.
    pub entry_point: EntryPoint,
    /// Losing it fails the logon.
    pub critical: bool,
    /// Its providers can supply the identity.
    pub identity: bool,
    /// Its providers, in order.
    pub providers: Vec<ProviderSpec>,
}

/// A provider of a message service, or a foreign store. Its answers are those of the tool.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProviderSpec {
    /// Its name, unique in the world.
    pub name: String,
    /// Its kind.
    pub kind: ProviderKind,
    /// Is its own data complete? For information: the tool answers for it.
    pub complete: bool,
    /// Its password. For information: the tool answers for it.
    pub password: Password,
}
