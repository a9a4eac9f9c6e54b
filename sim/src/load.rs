//! How does MAPI logon hold up when thousands of clients come? A load, in virtual time.
//!
//! Clients arrive at random moments; each makes its calls one after the other and stays logged on
//! for a while. Work, users and servers take virtual time, drawn from the distributions of
//! `[timing]`; one logon at a time holds the mutex, and the others queue for it. What each step
//! does is decided by the same transition function as everywhere else, through windows that show
//! one client at a time (`crowd`, `seating`, `window`); `drive` and `act` decide when, `pace` and
//! `weather` how long and whether well, `measure`, `demand`, `series` and `plot` tell what came of
//! it.
//!
//! Nothing is judged here: properties speak of a whole world, and a window shows a part of one.
//! Tests make small loads again with all clients in one scenario, compare every step and judge it.

use std::sync::atomic::AtomicBool;

use mapi_logon_model::scenario::{Load, Scenario, Timing};

mod act;
mod agenda;
mod crowd;
mod demand;
mod drive;
mod measure;
mod pace;
mod plot;
mod seating;
mod series;
mod weather;
mod window;

#[cfg(test)]
mod tests;

pub use demand::{Overload, Utilisation};
pub use measure::{Figures, Latency, Logons};
pub use plot::{PlotError, plot};
pub use series::{Row, Series};
pub use weather::Spell;

use crate::tally::Tally;
use drive::Drive;
use window::{MOST_LOGONS, logons};

/// Why a scenario cannot be loaded.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LoadError {
    /// There is no `[load]`, or no `[timing]`.
    #[error("the scenario has no section [{0}], which --load needs")]
    Missing(&'static str),
    /// A client logs on too often.
    #[error(
        "client {client:?} makes {count} MAPILogonEx calls; in a load a client makes at most \
         {MOST_LOGONS} (limit MOST_LOGONS)"
    )]
    TooManyLogons {
        /// Which.
        client: String,
        /// Its place among the clients of the scenario.
        place: usize,
        /// How often.
        count: usize,
    },
    /// Something is due later than the clock can tell.
    #[error("after {arrivals} arrivals something is due after year 584, where virtual time ends")]
    ClockRanOut {
        /// Clients that had arrived.
        arrivals: u64,
    },
}

impl LoadError {
    /// The key of the scenario that is to blame, and which of several sections of that name.
    #[must_use]
    pub const fn section(&self) -> Option<(&'static str, usize)> {
        match self {
            Self::Missing(_) => None,
            Self::TooManyLogons { place, .. } => Some(("client", *place)),
            Self::ClockRanOut { .. } => Some(("timing", 0)),
        }
    }
}

/// What came of a load.
#[derive(Debug)]
pub struct LoadReport {
    /// Clients that arrived.
    pub arrivals: u64,
    /// The `MAPILogonEx` calls.
    pub logons: Logons,
    /// Results, dialogs and services lost, transitions taken.
    pub tally: Tally,
    /// All of it over time.
    pub series: Series,
    /// Most sessions open at a time.
    pub peak_sessions: u32,
    /// When the last client went, in virtual nanoseconds.
    pub end: u64,
    /// Sessions that are still open at the end.
    pub open_sessions: u32,
    /// How busy logons keep the mutex.
    pub utilisation: Utilisation,
    /// Outages, as far as they began.
    pub outages: Vec<Spell>,
    /// Clients that still wait at the end, because a dialog is open that nobody may answer.
    pub stuck: u64,
    /// Was it stopped before its end?
    pub interrupted: bool,
}

/// Runs the load of a scenario to its end, or until `stop` is set.
///
/// # Errors
/// [`LoadError`] where the scenario has no load, a client does more than a window can show, or
/// virtual time comes to its end before the load does.
pub fn load(scenario: &Scenario, seed: u64, stop: &AtomicBool) -> Result<LoadReport, LoadError> {
    let (timing, load) = check(scenario)?;
    let mut drive = Drive::new(scenario, timing, load, seed);
    let interrupted = drive.run(stop)?;
    let stuck = if interrupted { 0 } else { drive.crowd.len() as u64 };
    let utilisation = drive.utilisation();
    let mut tally = drive.tally;
    tally.runs = 1;
    Ok(LoadReport {
        arrivals: drive.arrived,
        open_sessions: drive.crowd.open_sessions(),
        utilisation,
        logons: drive.logons,
        tally,
        series: drive.series,
        peak_sessions: drive.peak_sessions,
        end: drive.now,
        outages: drive.weather.spells(drive.now),
        stuck,
        interrupted,
    })
}

fn check(scenario: &Scenario) -> Result<(&Timing, &Load), LoadError> {
    let load = scenario.load.as_ref().ok_or(LoadError::Missing("load"))?;
    let timing = scenario.timing.as_ref().ok_or(LoadError::Missing("timing"))?;
    for (place, client) in scenario.clients.iter().enumerate() {
        let count = logons(client);
        if count > MOST_LOGONS {
            return Err(LoadError::TooManyLogons { client: client.name.clone(), place, count });
        }
    }
    Ok((timing, load))
}
