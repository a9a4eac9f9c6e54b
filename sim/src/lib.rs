//! What happens in a run drawn at random? Seeded runs: scheduler, users, faults, virtual time.
//!
//! Where the checker tries everything in a small world, a simulation lives one run at a time, and
//! many of them. All of it goes through the transition function of the model, and all chance comes
//! from a seed: equal seeds give equal runs, on every machine and with any number of threads.
//!
//! - [`run`] makes one random run; [`simulate`] many of them, [`swarm`] each in another variation.
//! - [`judge`] asks after every step whether it broke a property; [`shrink`] makes the run that did
//!   small.
//! - [`load`] lets thousands of clients come in virtual time and measures what logons cost.
//! - [`random`], [`duration`], [`weight`] and [`digest`] say where chance comes from, what it is
//!   turned into, and how runs are compared; [`tally`] counts what they show.
//!
//! ```
//! use std::num::NonZeroUsize;
//! use std::sync::atomic::AtomicBool;
//!
//! use mapi_logon_model::model::Model;
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
pub mod judge;
pub mod load;
pub mod random;
pub mod run;
pub mod shrink;
pub mod simulate;
pub mod swarm;
pub mod tally;
pub mod weight;
