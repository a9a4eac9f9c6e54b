//! Dialogs, and what users answer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A dialog of MAPI itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DialogKind {
    /// The choice of a profile.
    Profile,
    /// The profile's password.
    Password,
    /// A first failure, with the offer of a second try.
    Failure,
    /// The confirmation of a logoff.
    Logoff,
}

/// What a user answers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UserAnswer {
    /// Picks a profile.
    Pick,
    /// Supplies what is asked for.
    Supply,
    /// Leaves the dialog with OK, but data is missing or wrong.
    SupplyIncomplete,
    /// Cancels.
    Cancel,
    /// Tries again unchanged.
    Retry,
    /// Corrects the cause, and tries again.
    Correct,
    /// Declines the second try.
    Decline,
    /// Confirms the logoff.
    Confirm,
    /// Refuses the logoff.
    Refuse,
}
