//! Which states can a finite model reach, and which of its properties hold in all of them?
//!
//! A [`Model`] says which encoded states it begins in and which steps are possible from each, and
//! marks the steps that break an invariant or show a witness. [`check()`] visits every state, level
//! by level, and returns a [`Report`]: a verdict for every property, with a shortest run as
//! counterexample. Obligations that must be met in the end are decided under fairness on the
//! finished graph. The report is the same for any number of threads and processes.
//!
//! ```
//! use mapi_logon_checker::{Marks, Model, Options, Property, Verdict, check};
//!
//! /// A counter that goes up by 2 or 3 and stops at 10 or above.
//! struct Counter;
//!
//! impl Model for Counter {
//!     type Scratch = ();
//!
//!     fn identity(&self) -> String {
//!         "counter 1".into()
//!     }
//!
//!     fn scratch(&self) {}
//!
//!     fn words(&self) -> usize {
//!         1
//!     }
//!
//!     fn properties(&self) -> Vec<Property> {
//!         vec![Property::invariant("never 7"), Property::witness("passes 10")]
//!     }
//!
//!     fn initial(&self, each: &mut dyn FnMut(&[u64], Marks)) {
//!         each(&[0], 0);
//!     }
//!
//!     fn successors(&self, _: &mut (), state: &[u64], each: &mut impl FnMut(u32, &[u64], Marks)) {
//!         if state[0] < 10 {
//!             for by in [2, 3] {
//!                 let next = state[0] + by;
//!                 let marks = Marks::from(next == 7) | Marks::from(next > 10) << 1;
//!                 each(by as u32, &[next], marks);
//!             }
//!         }
//!     }
//! }
//!
//! let report = check(&Counter, &Options::default()).unwrap();
//! assert_eq!(report.states, 12);
//! let Verdict::Violated(example) = &report.findings[0].verdict else { panic!() };
//! let path = example.path.as_ref().unwrap();
//! let run: Vec<u64> = path.steps.iter().map(|step| step.state[0]).collect();
//! assert_eq!(run, [2, 4, 7]);
//! assert!(matches!(report.findings[1].verdict, Verdict::Found(_)));
//! ```
//!
//! # Where to look
//!
//! - [`Model`]: what is explored. [`Guest`] makes one of any stateright model, and
//!   [`check_with_stateright`] has stateright explore one of ours, as an independent check.
//! - [`Options`]: [`Storage`], [`Limits`], [`Checkpoints`], a [`Cluster`] of processes, somebody
//!   who watches.
//! - [`Report`]: what was found, and what it took.
//!
//! Inside, a `Worker` expands the states it owns and keeps them in a `Shard`; a `Fabric`, a timely
//! dataflow, carries states between workers, be they threads or processes. What follows from a
//! finished search (runs, progress, the report) is worked out by all workers together.

mod batch;
mod check;
mod checkpoint;
mod cluster;
mod conclude;
mod control;
mod dataflow;
mod engine;
mod error;
mod fabric;
mod fair;
mod front;
mod guest;
mod hash;
mod hello;
mod index;
mod keys;
mod letter;
mod link;
mod lost;
mod manifest;
mod model;
mod options;
mod patience;
mod progress;
mod recent;
mod relation;
mod report;
mod resume;
mod rows;
mod scc;
mod shard;
mod sieve;
mod tally;
mod totals;
mod trace;
mod wire;
mod worker;

pub use check::check;
pub use checkpoint::Checkpoints;
pub use cluster::Cluster;
pub use engine::{check_with_stateright, check_with_stateright_until};
pub use error::Error;
pub use guest::Guest;
pub use model::{DESCENT, Kind, MAX_PROPERTIES, Marks, Model, Property};
pub use options::{Limits, MAX_WORKERS, Options, Paths, Pulse, Storage};
pub use report::{Cost, End, Example, Finding, Lasso, Path, Report, Step, Verdict};
