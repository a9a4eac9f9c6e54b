//! Liveness: progress under weak fairness, decided on the finished graph.

pub(crate) mod decide;
mod fairness;
mod pending_graph;
mod scc;
