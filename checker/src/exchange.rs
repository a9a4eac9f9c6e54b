//! The exchange: connections between workers, be they threads or processes.

pub(crate) mod cluster;
pub(crate) mod dataflow;
pub(crate) mod failure;
mod handshake;
mod heartbeat;
mod message;
