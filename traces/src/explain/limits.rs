//! Limits of explaining.

use std::sync::atomic::AtomicBool;

/// How far the search may go, and who watches it.
#[derive(Clone, Copy)]
pub struct ExplainLimits<'a> {
    /// Most faults of a run; absent: as the scenario has it.
    pub faults: Option<u32>,
    /// Most states of a search from one event to the next.
    pub states: usize,
    /// Most steps of all searches together.
    pub steps: u64,
    /// Says whether the memory for the search is used up.
    pub full: Option<&'a dyn Fn() -> bool>,
    /// Set on interrupt.
    pub stop: Option<&'a AtomicBool>,
    /// Called from time to time with the number of events followed, and of all events.
    pub watch: Option<&'a dyn Fn(usize, usize)>,
    /// Say which faults struck, and what the model allows where it cannot follow.
    pub details: bool,
}

impl Default for ExplainLimits<'_> {
    fn default() -> Self {
        Self {
            faults: None,
            states: 200_000,
            steps: 60_000_000,
            full: None,
            stop: None,
            watch: None,
            details: true,
        }
    }
}
