//! How are effects written? Each as an object with the names of the scenario.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One visible thing; the fields are those of the machine's effect of the same name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "effect", rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are named in the machine's effects")]
pub enum Seen {
    /// A client's initialisation count has changed.
    Initialized { client: String, count: u8 },
    /// A client makes a call.
    Called { client: String, call: String },
    /// The logon mutex is taken.
    MutexTaken { client: String },
    /// The logon mutex is released.
    MutexReleased { client: String },
    /// A logon joins the current shared session.
    Joined { client: String, session: String },
    /// A logon starts to establish a session.
    Establishing { session: String },
    /// A logon has found its profile name: `given`, `default` or `picked`.
    Resolved { client: String, profile: Option<String>, origin: String },
    /// A profile is opened for a session.
    ProfileOpened { session: String, profile: String },
    /// A dialog appears.
    Displayed { client: String, dialog: String },
    /// The user answers the dialog.
    Answered { client: String, answer: String },
    /// Configuration data of a service is sought in the profile.
    Sought { session: String, service: String, found: bool },
    /// Configuration data of a service is written to the profile.
    ServiceConfigured { service: String },
    /// A provider's own data is written to the profile.
    ProviderConfigured { provider: String },
    /// A provider's password is stored.
    PasswordStored { provider: String },
    /// A fault strikes a provider.
    Struck { provider: String, fault: String },
    /// A provider's fault is gone.
    Repaired { provider: String },
    /// The library of a provider is loaded.
    LibraryLoaded { provider: String },
    /// The library of a provider is freed.
    LibraryFreed { provider: String },
    /// MAPI calls a provider.
    Provider { session: String, provider: String, call: String, result: String },
    /// MAPI calls the entry point of a service.
    EntryPoint { session: String, service: String, forced: bool, result: String },
    /// A task has failed its first or second try.
    Failed { session: String, task: String, k: u8, result: String },
    /// A service is disabled.
    ServiceDisabled { session: String, service: String },
    /// The spooler is told of a session, or not.
    Spooler {
        session: String,
        told: bool,
        /// A download is attempted before the call returns.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        download: bool,
    },
    /// MAPIUID and status row of a provider are registered or removed.
    Registered { session: String, provider: String, registered: bool },
    /// A session is open.
    SessionOpened { session: String },
    /// A session is closed or given up.
    SessionClosed { session: String },
    /// A profile is marked for deletion.
    ProfileMarked { profile: String },
    /// A marked profile is removed.
    ProfileRemoved { profile: String },
    /// A service is taken out of its profile.
    ServiceRemoved { service: String },
    /// A row of the status table: its display name, resource type and status.
    StatusRow {
        client: String,
        session: String,
        row: String,
        #[serde(rename = "type")]
        resource_type: String,
        status: String,
    },
    /// The identity of a session.
    Identity { session: String, provider: Option<String> },
    /// A member of a session is notified.
    Notified { client: String, session: String, event: String },
    /// A call returns.
    Returned { client: String, call: String, result: String, session: Option<String> },
}
