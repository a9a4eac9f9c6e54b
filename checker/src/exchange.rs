//! The exchange: connections between workers, be they threads or processes.

pub(crate) mod cluster;
pub(crate) mod company;
pub(crate) mod dataflow;
pub(crate) mod failure;
mod handshake;
pub(crate) mod heartbeat;
mod message;
pub(crate) mod rendezvous;
pub(crate) mod secret;
pub(crate) mod stream;
