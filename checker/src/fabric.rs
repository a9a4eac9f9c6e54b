//! How do workers hand states to each other?
//!
//! The search alternates rounds, in which every worker posts messages to others and takes what
//! arrives, with gatherings, in which all learn what each has to say. A fabric is whatever carries
//! both.

use crate::error::Error;

/// What connects one worker to its peers.
pub(crate) trait Fabric {
    /// The number of this worker.
    fn me(&self) -> usize;

    /// How many workers there are.
    fn peers(&self) -> usize;

    /// Sends words to another worker in this round.
    ///
    /// # Errors
    /// When a peer is lost.
    fn post(&mut self, to: usize, words: Vec<u64>) -> Result<(), Error>;

    /// A message that has arrived in this round; does not wait.
    ///
    /// # Errors
    /// When a peer is lost.
    fn poll(&mut self) -> Result<Option<Vec<u64>>, Error>;

    /// Says that this worker posts no more in this round.
    ///
    /// # Errors
    /// When a peer is lost.
    fn close(&mut self) -> Result<(), Error>;

    /// The next message of a closed round; waits for it; none when the round is over.
    ///
    /// # Errors
    /// When a peer is lost.
    fn drain(&mut self) -> Result<Option<Vec<u64>>, Error>;

    /// What every worker has to say, in the order of workers.
    ///
    /// # Errors
    /// When a peer is lost.
    fn gather(&mut self, words: Vec<u64>) -> Result<Vec<Vec<u64>>, Error>;
}
