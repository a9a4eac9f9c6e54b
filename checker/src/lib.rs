//! An explicit-state model checker: exact, breadth first, on any number of threads and processes.
//!
//! A [`TransitionSystem`] has states of a fixed number of words, and marks the steps that violate
//! an invariant or show a witness. [`check`] visits every state and returns a [`Report`]: a
//! [`Decision`] for every [`Claim`], with a shortest run as counterexample. Progress properties
//! are decided under weak fairness on the finished graph. The report is the same for any number of
//! threads and processes.
//!
//! ```
//! use mapi_logon_checker::{Marks, Options, Claim, TransitionSystem, Decision, check};
//!
//! /// A counter that goes up by 2 or 3 and stops at 10 or above.
//! struct Counter;
//!
//! impl TransitionSystem for Counter {
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
//!     fn properties(&self) -> Vec<Claim> {
//!         vec![Claim::invariant("never 7"), Claim::witness("passes 10")]
//!     }
//!
//!     fn initial(&self, each: &mut dyn FnMut(&[u64], Marks)) {
//!         each(&[0], Marks::NONE);
//!     }
//!
//!     fn successors(&self, _: &mut (), state: &[u64], each: &mut impl FnMut(u32, &[u64], Marks)) {
//!         if state[0] < 10 {
//!             for by in [2, 3] {
//!                 let next = state[0] + by;
//!                 let marks = Marks::NONE.with(0, next == 7).with(1, next > 10);
//!                 each(by as u32, &[next], marks);
//!             }
//!         }
//!     }
//! }
//!
//! let report = check(&Counter, &Options::default()).unwrap();
//! assert_eq!(report.states, 12);
//! let Decision::Violated(example) = &report.findings[0].verdict else { panic!() };
//! let path = example.path.as_ref().unwrap();
//! let run: Vec<u64> = path.steps.iter().map(|step| step.state[0]).collect();
//! assert_eq!(run, [2, 4, 7]);
//! assert!(matches!(report.findings[1].verdict, Decision::Found(_)));
//! ```
//!
//! # The types that matter
//!
//! - [`TransitionSystem`]: what is explored. [`check_with_stateright`] explores it with another
//!   checker, as a second opinion.
//! - [`Options`]: workers, [`Limits`], [`Checkpoints`], a [`Cluster`] of processes.
//! - [`Report`]: a [`Finding`] for each property, with its [`Decision`], counts and cost.
//!
//! # The parts
//!
//! A worker (`search`) expands the states it owns and keeps them in a shard (`visited`). A timely
//! dataflow (`exchange`) carries states between workers, be they threads or processes. Progress
//! (`liveness`) and runs are worked out by all workers together after the search. What a search
//! needs to survive its process is in `checkpoint`. A system whose steps all increase a measure can
//! be explored without a visited set (`sweep`).

mod cache;
mod check;
mod checkpoint;
mod clock;
mod error;
mod exchange;
mod hash;
mod liveness;
mod marks;
mod modular;
mod options;
mod report;
mod search;
#[cfg(feature = "stateright")]
mod stateright;
mod sweep;
mod system;
mod visited;

pub use cache::{Cached, Obstacle, Reduced, Tally, check_reduced};
pub use check::check;
pub use error::Error;
pub use exchange::cluster::Cluster;
pub use exchange::secret::Secret;
pub use marks::{MAX_PROPERTIES, Marks};
pub use modular::{Exchange, Made, Modular, Questions};
pub use options::{Checkpoints, Limits, MAX_WORKERS, Options, Paths, Pulse};
pub use report::{
    Cost, Decision, End, Example, Finding, Lasso, Path, PathStep, Reduction, Report, SweepLine,
};
#[cfg(feature = "stateright")]
pub use stateright::check_with_stateright;
pub use system::{Claim, ClaimKind, TransitionSystem};
