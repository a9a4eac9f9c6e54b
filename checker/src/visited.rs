//! The visited set, and the states that wait to be expanded.
//!
//! A look-up costs one cache miss, and a batch of look-ups waits for memory once.

pub(crate) mod batch;
mod coding;
mod frontier;
mod layout;
mod part;
pub(crate) mod ranks;
pub(crate) mod shard;
mod table;
