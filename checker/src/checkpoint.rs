//! Checkpoints: what a search needs to survive the end of its process.
//!
//! Now and then, at the end of a level, every worker appends the states it has met since to a file
//! of its own, and then the first worker of each process writes the
//! [manifest](crate::checkpoint::manifest) that makes them count. The rest of a file is incomplete
//! and is truncated. A search that ends early writes a last checkpoint, so that it can be resumed
//! with other limits.

pub(crate) mod manifest;
mod reader;
pub(crate) mod writer;
