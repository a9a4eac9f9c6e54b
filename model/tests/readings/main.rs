//! Each reading does what it says, and each session what SPEC 7.3 says of it.

mod initialisation;
mod permissions;
mod policies;
mod runs;
mod session;
mod sharing;
