//! What a system did that the model does not allow.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::judge::Allowed;

/// What the system did that the model does not allow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What kind of thing it is.
    pub status: Status,
    /// In whose call.
    pub client: String,
    /// In which call, as scenarios write it.
    pub call: String,
    /// What was seen.
    pub observed: String,
    /// What the model allows here.
    pub allowed: Vec<String>,
    /// In which event of the recording, from 0.
    pub event: usize,
    /// What the tool had left open, and why the call had to go on all the same.
    pub notes: Vec<String>,
}

/// What kind of thing a deviation is.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// A call returned what it cannot return.
    Result,
    /// A table that a call returned has rows that it cannot have.
    Rows,
    /// A provider, a service or the user was asked what cannot be asked.
    Question,
    /// The system ended inside a call, or after it.
    Dies,
    /// A call that must go on does not.
    Hangs,
}

impl Status {
    /// Its name, as deviations files write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Result => "result",
            Self::Rows => "rows",
            Self::Question => "question",
            Self::Dies => "dies",
            Self::Hangs => "hangs",
        }
    }
}

impl Finding {
    /// Whether the same thing goes wrong.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let what = |one: &Self| {
            let (call, _) = mapi_logon_model::scenario::split_call(&one.call);
            (one.status, call.to_owned(), one.observed.clone())
        };
        what(self) == what(other)
    }
}

/// What a call did that the model does not allow, and what it allows.
pub(crate) type Wrong = (Status, String, Allowed);
