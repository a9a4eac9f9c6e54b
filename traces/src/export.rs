//! Runs and graphs for other tools: ITF, Mermaid, DOT, GraphML and recordings.

pub mod graph;
pub mod itf;
pub mod lanes;
pub mod mermaid;
pub mod recording;
pub mod xml;
