//! Simulation of MAPI session logon: seeded random runs, and loads in virtual time.
//!
//! Where the checker explores every run of a small world, a simulation draws one run at a time, and
//! many of them. Every step goes through the transition function of the model, and every random
//! number comes from a seed: equal seeds give equal runs, on every machine and with any number of
//! threads.
//!
//! - [`run`] makes one random run; [`simulate`] many of them, [`swarm`] each in another variation.
//! - [`judge`] checks every step against the properties; [`shrink`] makes a failing run small.
//! - [`load`] simulates thousands of clients in virtual time and measures their latency.
//! - [`random`], [`duration`] and [`weight`] turn a seed into choices and times; [`tally`] and
//!   [`digest`] count and compare runs.
//!
//! ```
//! use std::num::NonZeroUsize;
//! use std::sync::atomic::AtomicBool;
//!
//! use mapi_logon_model::machine::Model;
//! use mapi_logon_model::scenario::Scenario;
//! use mapi_logon_sim::simulate::{Plan, simulate};
//!
//! let text = "[[profile]]\nname = 'Work'\n[[client]]\nname = 'outlook'\nprofile = 'Work'\n";
//! let scenario = Scenario::parse(text)?;
//! let simulation = simulate(&Plan {
//!     scenario: &scenario,
//!     build: &Model::new,
//!     seed: 7,
//!     first: 0,
//!     runs: 100,
//!     steps: 1_000,
//!     swarm: false,
//!     judging: true,
//!     threads: NonZeroUsize::MIN,
//!     stop: &AtomicBool::new(false),
//!     watch: None,
//! });
//! assert!(simulation.failure.is_none());
//! assert_eq!(simulation.tally.runs, 100);
//! # Ok::<(), mapi_logon_model::scenario::ScenarioError>(())
//! ```

pub mod digest;
pub mod duration;
mod graph;
pub mod judge;
pub mod load;
mod options;
pub mod random;
pub mod run;
pub mod shrink;
pub mod simulate;
pub mod swarm;
pub mod tally;
pub mod weight;
