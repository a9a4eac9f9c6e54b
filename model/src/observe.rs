//! Memory of a run, and its outcome as seen from outside.

mod memory;
mod outcome;
mod pack;
mod trial;

pub use memory::{Cancelled, Memory, Observer, Progress};
pub(crate) use memory::{Remembered, Tracks, is_strict};
pub use outcome::Record;
pub(crate) use pack::Widths;
pub use trial::Trial;
pub(crate) use trial::succeeds;
