//! The report on a load, and the errors that prevent it.

use super::measure::Logons;
use super::outages::Downtime;
use super::series::Series;
use super::utilisation::Utilisation;
use crate::duration::Nanos;
use crate::tally::Tally;

/// The result of a load.
#[derive(Debug, Default)]
pub struct LoadReport {
    /// Clients that arrived.
    pub arrivals: u64,
    /// The `MAPILogonEx` calls.
    pub logons: Logons,
    /// Results, dialogs and services lost, transitions taken.
    pub tally: Tally,
    /// All of it over time.
    pub series: Series,
    /// Most sessions open at the same time.
    pub peak_sessions: u32,
    /// When the last client left.
    pub end: Nanos,
    /// Sessions that are still open at the end.
    pub open_sessions: u32,
    /// The utilisation of the mutex.
    pub utilisation: Utilisation,
    /// Outages that have begun.
    pub outages: Vec<Downtime>,
    /// Clients that still wait at the end: no answer to the open dialog is allowed.
    pub stuck: u64,
    /// It was stopped before its end.
    pub interrupted: bool,
}

/// Why a scenario cannot be loaded.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LoadError {
    /// There is no `[load]`, or no `[timing]`.
    #[error("the scenario has no section [{0}], which --load needs")]
    Missing(&'static str),
    /// Something is due later than the clock can represent.
    #[error("after {arrivals} arrivals something is due after year 584, where virtual time ends")]
    ClockRanOut {
        /// Clients that had arrived.
        arrivals: u64,
    },
}

impl LoadError {
    /// The key of the scenario that causes it, and which of several sections of that name.
    #[must_use]
    pub const fn section(&self) -> Option<(&'static str, usize)> {
        match self {
            Self::Missing(_) => None,
            Self::ClockRanOut { .. } => Some(("timing", 0)),
        }
    }
}
