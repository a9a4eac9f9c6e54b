//! The moves of a driven run: what the tool did, to be saved and made again.

use mapi_logon_model::protocol::Answer;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::protocol::{Hr, UserAnswer};

/// What the tool did.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "move", rename_all = "kebab-case")]
pub enum Move {
    /// A client makes a call.
    Call(Calling),
    /// A question or dialog in the client's call is answered.
    Answer(Answering),
}

/// A call, with its parameters.
#[derive(
    Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize, JsonSchema,
)]
pub struct Calling {
    /// Who.
    pub client: String,
    /// What, as scenarios write it: `OpenMsgStore:EXMS`.
    pub call: String,
    /// The profile name parameter of a logon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// A password is passed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub password: bool,
    /// The flags of a logon.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub flags: u32,
    /// The label of the session pointer that a logon obtains, or on which the call acts.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub on: u32,
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Answering {
    /// In whose call.
    pub client: String,
    /// What is answered: `EXMS Logon`, `configure:Exchange`, `failure:EXMS:MAPI_E_NETWORK_ERROR`.
    pub to: String,
    /// What the user has answered in dialogs of the provider, before it returned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dialogs: Vec<UserAnswer>,
    /// The answer.
    #[serde(flatten)]
    pub reply: Reply,
}

/// What is answered.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Reply {
    /// The result of a provider or entry point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Hr>,
    /// What the user answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserAnswer>,
    /// The profile picked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Whether data is complete from here on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed: Option<bool>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Calling {
    /// The same, whoever makes it on whatever session.
    #[must_use]
    pub fn kind(&self) -> Self {
        Self { client: String::new(), on: 0, ..self.clone() }
    }
}

impl Move {
    /// The call that is made.
    #[must_use]
    pub const fn as_call(&self) -> Option<&Calling> {
        match self {
            Self::Call(calling) => Some(calling),
            Self::Answer(_) => None,
        }
    }

    /// Whose call it begins or carries on.
    #[must_use]
    pub fn client(&self) -> &str {
        match self {
            Self::Call(calling) => &calling.client,
            Self::Answer(answering) => &answering.client,
        }
    }
}

/// An answer of the protocol as the model has it; a pick and a correction need more.
#[must_use]
pub const fn plain_answer(answer: UserAnswer) -> Option<Answer> {
    Some(match answer {
        UserAnswer::Supply => Answer::Supply,
        UserAnswer::SupplyIncomplete => Answer::SupplyIncomplete,
        UserAnswer::Cancel => Answer::Cancel,
        UserAnswer::Retry => Answer::Retry,
        UserAnswer::Decline => Answer::Decline,
        UserAnswer::Confirm => Answer::Confirm,
        UserAnswer::Refuse => Answer::Refuse,
        UserAnswer::Pick | UserAnswer::Correct => return None,
    })
}
