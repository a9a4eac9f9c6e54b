//! Options of a search: workers, limits, checkpoints and processes.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::exchange::cluster::Cluster;
use crate::marks::Marks;

/// The most workers of a process. All talk to all, so more would only be slower.
pub const MAX_WORKERS: usize = 256;

/// Which runs are reconstructed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paths {
    /// None: verdicts and depths only.
    None,
    /// Those that violate something.
    #[default]
    Violations,
    /// Those of found witnesses too.
    All,
}

/// When to stop before everything is visited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The most states to keep.
    pub states: Option<u64>,
    /// The most bytes for states and frontier, over all workers of this process. A sweep with
    /// checkpoints spills what is more.
    pub bytes: Option<u64>,
    /// The longest time to search.
    pub time: Option<Duration>,
}

/// Where and how often checkpoints are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoints {
    /// A directory for this search alone.
    pub dir: PathBuf,
    /// The least time to search from one checkpoint to the next; they are written between levels,
    /// or measures.
    pub every: Duration,
    /// Continue from the checkpoint in the directory, if there is one; if not set, there must be
    /// none.
    pub resume: bool,
}

/// How a transition system is explored.
#[derive(Clone, Default)]
pub struct Options<'a> {
    /// Worker threads of this process; by default one per core.
    pub workers: Option<NonZeroUsize>,
    /// Keep states only until they are expanded, which happens in the order of the system's
    /// [measure](crate::TransitionSystem::measure)? What waits goes to disk where there are
    /// [checkpoints](Options::checkpoints) and [memory](Limits::bytes) is used up. Where the
    /// measure does not increase, the search begins again and keeps all states.
    pub sweep_line: bool,
    /// Which runs are reconstructed.
    pub paths: Paths,
    /// When to stop early.
    pub limits: Limits,
    /// Ends the search, as complete, at the end of the level by which all of these are marked;
    /// nothing else is decided then. None of them is a progress property.
    pub until: Option<Marks>,
    /// Ends the search when it is set.
    pub interrupt: Option<&'a AtomicBool>,
    /// The processes to explore together with; by default this one is alone.
    pub cluster: Option<Cluster>,
    /// Where to write checkpoints, if anywhere.
    pub checkpoints: Option<Checkpoints>,
    /// Called now and then with the progress of the search.
    pub watch: Option<&'a (dyn Fn(&Pulse) + Sync)>,
    /// Called with what went wrong and does not end the search.
    pub warn: Option<&'a (dyn Fn(&str) + Sync)>,
}

/// The progress of a search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pulse {
    /// States found so far by this process.
    pub states: u64,
    /// States found per second since the last pulse.
    pub rate: f64,
    /// The level being expanded.
    pub depth: u32,
    /// States of that level, over all processes.
    pub frontier: u64,
    /// Is that level larger than the one before?
    pub growing: bool,
    /// Bytes of this process for states and frontier.
    pub bytes: u64,
    /// States still to be found if levels go on shrinking as the last did; none while they grow or
    /// have hardly begun to shrink.
    pub left: Option<u64>,
}
