//! Runs of MAPI session logon as files: record, replay, explain.

pub mod act;
pub mod calls;
pub mod cover;
pub mod effect;
pub mod explain;
pub mod export;
pub mod import;
pub mod lines;
pub mod names;
pub mod observed;
pub mod recording;
pub mod replay;
pub mod synthetic;
pub mod trace;
pub mod tracer;
pub mod write;
