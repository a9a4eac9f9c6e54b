//! Memory of a run, and its outcome as seen from outside.

mod memory;
mod outcome;
mod pack;
mod passed;
mod recall;
mod tracks;
mod trial;

pub use memory::{Cancelled, Memory, Observer, Progress};
pub(crate) use memory::{Common, Remembered};
pub use outcome::Record;
pub(crate) use passed::Passed;
pub use recall::Recall;
pub use trial::Trial;
pub(crate) use trial::{is_strict, service_of, succeeds};
