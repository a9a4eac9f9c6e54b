//! The breadth-first search: level by level, by workers that each own a share of the states.

pub(crate) mod conclude;
pub(crate) mod control;
pub(crate) mod foreign;
pub(crate) mod level_stats;
mod outbox;
pub(crate) mod paths;
pub(crate) mod quiescence;
mod recent;
pub(crate) mod search_stats;
pub(crate) mod worker;
