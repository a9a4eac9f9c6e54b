//! The messages between the tool and an adapter, protocol version 1: one JSON object a line.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod dialogs;
mod hr;
mod world;

pub use dialogs::{DialogKind, UserAnswer};
pub use hr::Hr;
pub use world::{ClientSpec, ProfileSpec, ProviderSpec, ServiceSpec, World};

/// The version that this tool speaks.
pub const VERSION: u32 = 1;

/// Most bytes of a line, its end included.
pub const LONGEST: usize = 1 << 20;

/// A line of either side.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Line {
    /// From the tool to the adapter.
    Tool(FromTool),
    /// From the adapter to the tool.
    Adapter(FromAdapter),
}

/// A line from the tool to the adapter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum FromTool {
    /// The first line.
    Hello {
        /// The number of this message; those of the tool are unique, and rise.
        id: u64,
        /// The versions that the tool speaks.
        protocol: Vec<u32>,
        /// Name and version of the tool.
        tool: String,
    },
    /// The world from here on; what was there before is gone.
    World {
        /// The number of this message.
        id: u64,
        /// What is in it.
        #[serde(flatten)]
        world: World,
    },
    /// A client makes a call.
    Call {
        /// The number of the call.
        id: u64,
        /// Who, by name.
        client: String,
        /// The name of the call, one of those that the adapter's `hello` lists.
        call: String,
        /// Its arguments.
        args: Args,
        /// The answers of providers, by `PROVIDER/Init` and `PROVIDER/Logon`, if the adapter is to
        /// give them itself: it asks nothing, answers S_OK where nothing is listed, and reports
        /// `provider_events`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        preset: Option<BTreeMap<String, Hr>>,
        /// How long the tool waits for the next line at most, in milliseconds.
        deadline_ms: u64,
    },
    /// What a provider or a message service answers.
    Answer {
        /// The number of the question.
        ask: u64,
        /// What it returns.
        result: Hr,
        /// For CONFIGURE: is the data complete now?
        #[serde(default, skip_serializing_if = "Option::is_none")]
        completed: Option<bool>,
        /// What the user said in its own dialog, where it has shown one; for information.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<UserAnswer>,
    },
    /// What the user answers in a dialog of MAPI itself.
    User {
        /// The number of the dialog.
        dialog: u64,
        /// The answer.
        answer: UserAnswer,
        /// For `pick`: the profile.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        profile: Option<String>,
        /// For `correct` after a failed configuration: is the data complete now?
        #[serde(default, skip_serializing_if = "Option::is_none")]
        completed: Option<bool>,
    },
    /// The last line: the adapter ends with status 0.
    Bye {
        /// The number of this message.
        id: u64,
    },
}

/// A line from the adapter to the tool.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum FromAdapter {
    /// The answer to `hello`.
    Hello {
        /// The number of the tool's `hello`.
        id: u64,
        /// Who answers.
        #[serde(flatten)]
        hello: Hello,
    },
    /// The world is made.
    Ready {
        /// The number of the `world`.
        id: u64,
    },
    /// The adapter cannot do this.
    Unsupported {
        /// The number of the `world` or `call`.
        id: u64,
        /// What it cannot do, such as `profile.password`.
        what: String,
    },
    /// MAPI asks a provider or a message service; the call stays inside until the answer.
    Ask {
        /// The number of the question; unique in the adapter's life.
        ask: u64,
        /// The call in which it is asked.
        id: u64,
        /// The client of that call.
        client: String,
        /// What is called.
        call: Question,
        /// Which provider, for `Init` and `Logon`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        provider: Option<String>,
        /// Which message service, for `CREATE`, `CONFIGURE` and `DELETE`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service: Option<String>,
        /// The arguments.
        #[serde(default)]
        args: AskArgs,
    },
    /// MAPI called a provider without a choice of answers; no answer is sent.
    Saw {
        /// The call in which that happened.
        id: u64,
        /// The client of that call.
        client: String,
        /// Which provider.
        provider: String,
        /// What was called.
        call: Saw,
    },
    /// MAPI itself shows a dialog; the call stays inside until `user`.
    Dialog {
        /// The number of the dialog; unique in the adapter's life.
        dialog: u64,
        /// The call in which it is shown.
        id: u64,
        /// The client of that call.
        client: String,
        /// Which dialog.
        kind: DialogKind,
        /// For `failure`: the provider or message service that failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<String>,
        /// For `failure`: the code it reports.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<Hr>,
    },
    /// A call has returned.
    Returned {
        /// The number of the call.
        id: u64,
        /// Who made it.
        client: String,
        /// What it returned.
        result: Hr,
        /// The handle of the session obtained, by a successful MAPILogonEx.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session: Option<NonZeroU64>,
        /// A number of the session behind the handle: equal for handles of one session, where
        /// `observes.session_identity` says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        identity: Option<NonZeroU64>,
        /// The rows of a table, in order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rows: Option<Vec<Row>>,
        /// The provider calls of a call with `preset`, in order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        provider_events: Option<Vec<ProviderAnswer>>,
    },
    /// A remark for people.
    Note {
        /// The remark.
        text: String,
    },
    /// The adapter cannot go on.
    Error {
        /// Why.
        text: String,
    },
}

impl FromAdapter {
    /// The number that the adapter gives once, with its key.
    pub(crate) fn number(&self) -> Option<(&'static str, u64)> {
        match self {
            Self::Ask { ask, .. } => Some(("ask", *ask)),
            Self::Dialog { dialog, .. } => Some(("dialog", *dialog)),
            Self::Returned { session, .. } => session.map(|number| ("session", number.into())),
            Self::Hello { .. }
            | Self::Ready { .. }
            | Self::Unsupported { .. }
            | Self::Saw { .. }
            | Self::Note { .. }
            | Self::Error { .. } => None,
        }
    }
}

/// What an adapter and the system behind it are, and can do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Hello {
    /// The version of the protocol that is spoken.
    pub protocol: u32,
    /// The system under test.
    pub system: String,
    /// Its version.
    pub version: String,
    /// The calls it can make, by name.
    pub calls: Vec<String>,
    /// How many clients can be in a call at once.
    pub clients: Clients,
    /// What the tool can decide.
    pub controls: Controls,
    /// What the tool can see.
    #[serde(default)]
    pub observes: Observes,
}

/// What plays the clients.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Clients {
    /// One thread: one call at a time, whoever makes it.
    One,
    /// A thread for each client.
    Threads,
    /// A process for each client.
    Processes,
}

/// What the tool can decide.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Controls {
    /// Whether the answers of providers can be chosen.
    pub providers: Providers,
    /// Whether the answers to MAPI's own dialogs can be chosen.
    pub dialogs: Dialogs,
}

/// Whether the answers of providers can be chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Providers {
    /// Each with `ask`, and by `preset`.
    Live,
    /// By `preset` only.
    Preset,
    /// Providers answer as they like, unseen.
    None,
}

/// Whether the answers to MAPI's own dialogs can be chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Dialogs {
    /// Each is reported with `dialog` and answered with `user`.
    Scripted,
    /// There are none, or nobody can see them.
    None,
}

/// What the tool can see.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Observes {
    /// Every `Init` and `Logon` of every provider.
    pub provider_calls: bool,
    /// Which handles lead to one session.
    pub session_identity: bool,
}

/// The arguments of a call; which there are depends on the call.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Args {
    /// MAPILogonEx: the profile name parameter; DeleteProfile: the profile. Absent for NULL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// MAPILogonEx: the password parameter. Absent for NULL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// MAPILogonEx, Logoff: the flags. Absent for 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<u32>,
    /// The handle of the session that is acted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<NonZeroU64>,
    /// OpenMsgStore: the provider of the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// RemoveService: the message service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}

/// The arguments with which a provider or message service is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AskArgs {
    /// The flags as MAPI passed them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flags: Option<u32>,
    /// May it show a dialog?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ui: Option<bool>,
}

/// What MAPI calls and the tool answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub enum Question {
    /// The provider's entry point: ABProviderInit, MSProviderInit, XPProviderInit.
    Init,
    /// The provider's logon method.
    Logon,
    /// The message service entry point with MSG_SERVICE_CREATE.
    #[serde(rename = "CREATE")]
    Create,
    /// The message service entry point with MSG_SERVICE_CONFIGURE.
    #[serde(rename = "CONFIGURE")]
    Configure,
    /// The message service entry point with MSG_SERVICE_DELETE.
    #[serde(rename = "DELETE")]
    Delete,
}

/// What MAPI calls of a provider without a choice of answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub enum Saw {
    /// `Logoff` of the logon object.
    Logoff,
    /// `Shutdown` of the provider object.
    Shutdown,
    /// The last `Release` of the provider object.
    Release,
}

/// A row of a table.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// Whose: a provider, or `MAPI_SUBSYSTEM`, `MAPI_SPOOLER`, `MAPI_AB`.
    pub name: String,
    /// Status table: `available`, `offline` or `failure`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// A provider call that the adapter answered from `preset`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProviderAnswer {
    /// Which provider.
    pub provider: String,
    /// `Init` or `Logon`.
    pub call: Question,
    /// What it answered.
    pub result: Hr,
}
