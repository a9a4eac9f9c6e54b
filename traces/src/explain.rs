//! Explaining recordings: the search for a run that shows exactly what a recording shows.
//!
//! Everything that is not recorded is searched for. The search keeps a belief state, every
//! candidate the machine may be in, and carries all of them from event to event, hidden steps
//! included, fewest faults first. Dominated candidates, independent calls and steps that can come
//! later as well are left out (`belief`, `reduction`, `search`); where too much is left, the search
//! becomes a beam with backtracking (`beam`). A recording is *explained* if some candidate is left
//! at its end, *unexplained at event n* if none is left there, *inconclusive* if a limit stopped
//! the search.
//!
//! The same core follows a running system event by event: [`Follower`].

mod assume;
mod beam;
mod belief;
mod cause;
mod change;
mod decide;
mod derive;
mod difference;
mod expand;
mod expected;
mod follower;
mod history;
mod hypotheses;
mod initialization;
mod limits;
mod nearest;
mod plan;
mod pointers;
mod postpone;
mod reduction;
mod report;
mod search;
mod story;
mod suspects;
mod sweep;
mod threads;
mod trials;
mod verdict;
mod ways;
mod why_not;
mod witness;
mod world;

pub use assume::assume;
pub use decide::explain;
pub use derive::derive;
pub use expected::{DialogName, Mismatch};
pub use follower::{Came, Deviation, Follower, Impossible, Known};
pub use hypotheses::hypotheses;
pub use limits::ExplainLimits;
pub use pointers::Begun;
pub use report::Explained;
pub use sweep::{Waiting, calls_of};
pub use threads::{Program, one_program};
pub use verdict::{
    Alternative, Assumed, Cause, ExplainVerdict, Explanation, Hypothesis, Possible, Sentence,
    Struck, ToldEvent, Unexplained, WorldFact,
};
