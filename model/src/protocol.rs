//! The protocol in its terms: calls, choices, phases, transitions, effects.

mod action;
mod call;
mod effect;
mod phases;
mod status;
mod transitions;

pub use action::{Action, Answer, Choice, Fate, Scripted};
pub use call::{CALL_NAMES, Call, Logon, Method, NameParameter};
pub use effect::{Effect, EffectKind, Event, ProviderCall, Role};
pub use phases::{
    Asked, Attempt, DIALOG_ANSWERS, Dialog, Offer, OpenDialog, Origin, PHASES, Phase, PhaseRow,
    Rank, Task,
};
pub use status::{ResourceType, Status, StatusRow};
pub use transitions::{Place, Taken, Transition, Work};
