//! The small world that is explored: profiles, clients, the user, faults and policy
//! (docs/scenario-format.md).
//!
//! A [`ScenarioFile`](file::ScenarioFile) is what the file says, a [`Scenario`] what it means.

mod advice;
mod budget;
mod caller;
mod calls;
mod error;
pub mod file;
mod load;
mod parse;
mod parts;
mod permissions;
mod resolve;
mod warn;
mod write;

pub use budget::Budget;
pub use caller::{Client, Name};
pub use calls::split_call;
pub use error::ScenarioError;
pub use file::MAX_BYTES;
pub use load::{Distribution, FaultRate, Load, MAX_WEIGHT, Outage, Timing, Weights};
pub use parts::{
    ANSWERS, Answers, EntryPoint, Faults, Named, PARAMETER_LENGTH, Password, Profile, ProfileState,
    Provider, Scenario, Service, WITNESSES, fault_kinds, stand_in,
};
pub use permissions::Permissions;
