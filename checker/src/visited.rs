//! The visited set: every state met, its index, and the frontier.
//!
//! A look-up costs one cache miss, and a batch of look-ups waits for memory once.

pub(crate) mod batch;
mod frontier;
mod index;
mod keys;
mod rows;
pub(crate) mod shard;
