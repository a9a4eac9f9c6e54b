//! How is a model to be explored, and when is it enough?

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::checkpoint::Checkpoints;
use crate::cluster::Cluster;

/// The most workers of a process. All talk to all, so many more would only be slower.
pub const MAX_WORKERS: usize = 256;

/// What the visited set keeps of a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Storage {
    /// All of it: no state is taken for another.
    #[default]
    Exact,
    /// A fingerprint of 64 bits: two states with equal fingerprints count as one, and what follows
    /// from the second is missed. The report says how likely that was. Progress is not decided.
    Compact,
}

/// Which runs are reconstructed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paths {
    /// None: verdicts and depths only.
    None,
    /// Those that break something.
    #[default]
    Violations,
    /// Those of found witnesses too.
    All,
}

/// When to give up before everything is visited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The most states to keep.
    pub states: Option<u64>,
    /// The most bytes for states, index and frontier, over all workers of this process.
    pub bytes: Option<u64>,
    /// The longest time to search.
    pub time: Option<Duration>,
}

/// How a model is explored.
#[derive(Clone, Default)]
pub struct Options<'a> {
    /// Worker threads of this process; by default as many as there are cores.
    pub workers: Option<NonZeroUsize>,
    /// What is kept of a state.
    pub storage: Storage,
    /// End after the first level with a violation, instead of giving every property a verdict.
    pub stop_at_violation: bool,
    /// Which runs are reconstructed.
    pub paths: Paths,
    /// When to give up.
    pub limits: Limits,
    /// Set by somebody else to end the search.
    pub interrupt: Option<&'a AtomicBool>,
    /// The processes to explore together with; by default this one is alone.
    pub cluster: Option<Cluster>,
    /// Whether to write checkpoints, and where.
    pub checkpoints: Option<Checkpoints>,
    /// Told now and then how far the search is.
    pub watch: Option<&'a (dyn Fn(&Pulse) + Sync)>,
}

/// How far a search is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pulse {
    /// States of this process found so far.
    pub states: u64,
    /// States found a second since the last pulse.
    pub rate: f64,
    /// The level being expanded.
    pub depth: u32,
    /// States of that level, over all processes.
    pub frontier: u64,
    /// Is that level larger than the one before?
    pub growing: bool,
    /// Bytes of this process for states, index and frontier.
    pub bytes: u64,
    /// States still to be found, should levels go on shrinking as the last did; none while they
    /// grow or have hardly begun to shrink.
    pub left: Option<u64>,
}
