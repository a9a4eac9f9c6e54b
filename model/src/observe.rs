//! Memory of a run, and its outcome as seen from outside.

mod memory;
mod outcome;
mod pack;
mod passed;
mod tracks;
mod trial;

pub(crate) use memory::Remembered;
pub use memory::{Cancelled, Memory, Observer, Progress};
pub use outcome::Record;
pub(crate) use passed::Passed;
pub use trial::Trial;
pub(crate) use trial::{is_strict, service_of, succeeds};
