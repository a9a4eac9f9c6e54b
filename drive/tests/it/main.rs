//! Tests of driving: the model as a system under test.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

mod conforming;
mod covering;
mod letters;
mod mutants;
mod reach;
mod support;
