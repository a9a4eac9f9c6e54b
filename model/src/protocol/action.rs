//! Actions: one choice each, by a client, the user, a provider or the environment.

use crate::ids::{ClientId, ProfileId};
use crate::mapi::{Code, Fault};
use crate::protocol::call::Call;

/// One choice about one client's call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Action {
    /// Whose call goes on.
    pub client: ClientId,
    /// How.
    pub choice: Choice,
}

/// How a call goes on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Choice {
    /// The client makes this call.
    Begin(Call),
    /// MAPI does what comes next.
    Proceed,
    /// The short bound of `MAPI_TIMEOUT_SHORT` has passed (T-7).
    TimeOut,
    /// A provider is tried.
    Try(Fate),
    /// A provider reports success early and will be tried at its first use (`DEFERRED = "on"`).
    Postpone,
    /// The client calls `MAPIInitialize`, which answers this code (INI-4).
    Refuse(Code),
    /// An entry point without UI ends, the provider's data completed or not (SVC-17).
    Configure {
        /// The data is complete now.
        completed: bool,
    },
    /// The user answers the open dialog.
    Answer(Answer),
}

/// What the environment does to a try of a provider (SCENARIO rule 2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Fate {
    /// The fault it suffered from is gone.
    pub repaired: bool,
    /// The missing password is found stored.
    pub password_found: bool,
    /// A fault strikes now.
    pub struck: Option<Fault>,
    /// The answer that the scenario lets the provider give; else its data decides.
    pub scripted: Option<Scripted>,
}

/// An answer that the scenario lets a provider give without a reason (AMB-35).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scripted {
    /// The entry point answers this code.
    Init(Code),
    /// The logon method answers this code.
    Logon(Code),
}

/// What the user answers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Answer {
    /// `pick`: this profile.
    Pick(ProfileId),
    /// `supply`: what is asked for.
    Supply,
    /// `supply-incomplete`: OK, but data is missing or wrong.
    SupplyIncomplete,
    /// `cancel`.
    Cancel,
    /// `retry` unchanged.
    Retry,
    /// `correct` the cause, then retry.
    Correct {
        /// The configuration of the service is complete now; only after a failed configuration.
        completed: bool,
    },
    /// `decline` the offer.
    Decline,
    /// `confirm` the logoff.
    Confirm,
    /// `refuse` the logoff.
    Refuse,
}

impl Answer {
    /// Its bit in [`crate::scenario::Answers`], its place in [`crate::scenario::ANSWERS`].
    #[must_use]
    pub const fn bit(self) -> usize {
        match self {
            Self::Pick(_) => 0,
            Self::Supply => 1,
            Self::SupplyIncomplete => 2,
            Self::Cancel => 3,
            Self::Retry => 4,
            Self::Correct { .. } => 5,
            Self::Decline => 6,
            Self::Confirm => 7,
            Self::Refuse => 8,
        }
    }
}
