//! The failure flag: a process that cannot go on, because a worker or another process is gone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::error::Error;

/// Set once a worker of this process, or another process, has failed.
#[derive(Debug, Default)]
pub(crate) struct FailureFlag {
    failed: AtomicBool,
    why: Mutex<Option<String>>,
}

impl FailureFlag {
    /// Sets the flag. The first reason is kept.
    pub(crate) fn set(&self, error: Error) {
        let mut why = self.why.lock().unwrap_or_else(PoisonError::into_inner);
        if let Error::Cluster(message) = error
            && !self.failed.load(Ordering::Relaxed)
        {
            why.get_or_insert(message);
        }
        self.failed.store(true, Ordering::Release);
    }

    /// Fails if the flag is set.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if !self.failed.load(Ordering::Acquire) {
            return Ok(());
        }
        let why = self.why.lock().unwrap_or_else(PoisonError::into_inner);
        Err(why.clone().map_or(Error::Worker, Error::Cluster))
    }
}
