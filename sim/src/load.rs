//! Loads: thousands of clients that log on in virtual time, and their latency.
//!
//! Clients arrive at random moments; each makes its calls one after the other and stays logged on
//! for a while. Work, users and servers take virtual time, drawn from the distributions of
//! `[timing]`; one logon at a time holds the mutex, and the others queue for it. The transition
//! function of the model steps the whole `population` in place; `drive` and `act` decide when,
//! `events` in which order, `service` how long, `outages` whether it succeeds; `measure`,
//! `utilisation`, `series` and `plot` report.
//!
//! Properties are not judged here: they speak of small worlds. Tests repeat small loads in a
//! scenario with a client for each arrival, compare every step and judge it.

use std::sync::atomic::AtomicBool;

use mapi_logon_model::scenario::{Load, Scenario, Timing};

mod act;
mod drive;
mod events;
mod measure;
mod outages;
mod plot;
mod population;
mod report;
mod series;
mod service;
#[cfg(test)]
mod tests;
mod utilisation;

pub use measure::{Figures, Latency, Logons};
pub use outages::{Downtime, Outages};
pub use plot::{PlotError, plot};
pub use report::{LoadError, LoadReport};
pub use series::{Series, SeriesRow};
pub use service::{ServiceTimes, Spending, spending};
pub use utilisation::{Overload, Utilisation};

use drive::Drive;

/// Runs the load of a scenario to its end, or until `stop` is set.
///
/// # Errors
/// [`LoadError`] where the scenario has no load, or virtual time ends before the load does.
pub fn load(scenario: &Scenario, seed: u64, stop: &AtomicBool) -> Result<LoadReport, LoadError> {
    let (timing, load) = sections(scenario)?;
    let mut drive = Drive::new(scenario, timing, load, seed);
    let interrupted = drive.run(stop)?;
    Ok(drive.report(interrupted))
}

fn sections(scenario: &Scenario) -> Result<(&Timing, &Load), LoadError> {
    let load = scenario.load.as_ref().ok_or(LoadError::Missing("load"))?;
    let timing = scenario.timing.as_ref();
    Ok((timing.ok_or(LoadError::Missing("timing"))?, load))
}
