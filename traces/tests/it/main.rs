//! Do traces and recordings keep their promises? One binary, a module for each topic.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;
mod explained;
mod exports;
mod hostile;
mod imported;
mod naive;
mod presets;
mod real;
mod schemas;
mod support;
mod tampered;
#[path = "../../../model/tests/properties/worlds.rs"]
mod worlds;
