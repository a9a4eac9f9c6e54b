//! How do runs and graphs reach other tools? As ITF, Mermaid, DOT, GraphML and recordings.

pub mod graph;
pub mod itf;
pub mod mermaid;
pub mod recording;
