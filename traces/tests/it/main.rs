//! Traces and recordings keep their promises: one binary, a module for each topic.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;
mod differences;
mod explained;
mod exports;
mod followed;
mod foreign;
mod guessed;
mod hostile;
mod imported;
mod impossible;
mod naive;
mod otherwise;
mod presets;
mod real;
mod support;
mod tampered;
mod told;
#[path = "../../../model/tests/properties/worlds.rs"]
mod worlds;
