//! How do runs become files that outlive them? Record, replay, explain.
//!
//! A **trace** is a run of the machine, one line a step: [`trace`] is its format,
//! [`write`](mod@write)
//! records it, [`replay`] steps the machine along. A **recording** lists what was seen of a real
//! system: [`recording`] is its format, [`import`] reads other logs, and [`explain`] looks for a
//! run
//! that shows exactly the same. [`cover`] makes regression traces, [`export`] draws runs and graphs
//! and speaks to other tools.

pub mod calls;
pub mod cover;
pub mod explain;
pub mod export;
mod fold;
pub mod import;
pub mod lines;
pub mod machine;
pub mod names;
pub mod recording;
pub mod rehearse;
pub mod replay;
pub mod schema;
pub mod seen;
pub mod trace;
pub mod write;
