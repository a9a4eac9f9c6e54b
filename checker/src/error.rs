//! Errors that keep the checker from a report.

use std::fmt::Display;
use std::path::Path;

/// The reason why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The transition system, or the way it is to be explored, makes no sense.
    #[error("the model cannot be explored: {0}")]
    Model(String),
    /// A worker of this process panicked.
    #[error("a worker stopped without an answer")]
    Worker,
    /// A process of the cluster is missing, has left, or explores something else.
    #[error("cluster: {0}")]
    Cluster(String),
    /// The interrupt was set before the processes of the cluster were connected.
    #[error("interrupted before all processes had met")]
    Interrupted,
    /// A checkpoint cannot be written, or cannot be trusted.
    #[error("checkpoint: {0}")]
    Checkpoint(String),
}

impl Error {
    /// The error for a file of a checkpoint that cannot be read or written.
    pub(crate) fn file(path: &Path, error: &impl Display) -> Self {
        Self::Checkpoint(format!("{}: {error}", path.display()))
    }

    /// The error for a file of a checkpoint whose content is not what was written.
    pub(crate) fn damaged(path: &Path) -> Self {
        let path = path.display();
        let way_out = "its checkpoint cannot be trusted: begin again in another directory";
        Self::Checkpoint(format!("{path} is damaged, {way_out}"))
    }
}

/// The first lines that only one of two texts has.
pub(crate) fn first_difference(ours: &str, theirs: &str) -> String {
    let only = |one: &str, other: &str| {
        let new = |line: &&str| !other.lines().any(|known| known == *line);
        let lines = one.lines().filter(new).take(2);
        let lines: Vec<_> = lines.map(|line| format!("`{line}`")).collect();
        if lines.is_empty() { "nothing more".to_owned() } else { lines.join(", ") }
    };
    format!("here {}, there {}", only(ours, theirs), only(theirs, ours))
}
