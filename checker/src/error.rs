//! What can keep the checker from answering?

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The model cannot be explored at all.
    #[error("the model cannot be explored: {0}")]
    Model(String),
    /// A worker of this process ended before its time.
    #[error("a worker stopped without an answer")]
    Worker,
    /// A process of the cluster is missing, has left, or belongs to another run.
    #[error("cluster: {0}")]
    Cluster(String),
    /// Somebody interrupted it before the processes of the cluster had met.
    #[error("interrupted before all processes had met")]
    Interrupted,
    /// A checkpoint cannot be written, or what was found there is not to be believed.
    #[error("checkpoint: {0}")]
    Checkpoint(String),
}

impl Error {
    /// Does it say more than that somebody is missing?
    pub(crate) fn is_cause(&self) -> bool {
        !matches!(self, Self::Worker)
    }
}
