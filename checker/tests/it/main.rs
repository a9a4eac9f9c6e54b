//! Tests of the checker, a module per topic.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::cast_possible_truncation, reason = "test models are small")]

mod adapter;
mod checkpoints;
mod clusters;
mod graphs;
mod increment;
mod limits;
mod mortal;
mod naive;
mod paxos;
mod progress;
mod random;
mod sweeping;
mod two_phase_commit;
