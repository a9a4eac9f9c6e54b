//! Is anybody missing?

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::error::Error;

/// Why the workers of this process cannot go on, once one of them, or another process, is gone.
#[derive(Default)]
pub(crate) struct Lost {
    flag: AtomicBool,
    why: Mutex<Option<String>>,
}

impl Lost {
    /// Says that nobody can go on. The first to say so is heard.
    pub(crate) fn set(&self, error: Error) {
        let mut why = self.why.lock().unwrap_or_else(PoisonError::into_inner);
        if let Error::Cluster(message) = error
            && !self.flag.load(Ordering::Relaxed)
        {
            why.get_or_insert(message);
        }
        self.flag.store(true, Ordering::Release);
    }

    /// Fails if somebody is missing.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if !self.flag.load(Ordering::Acquire) {
            return Ok(());
        }
        let why = self.why.lock().unwrap_or_else(PoisonError::into_inner);
        Err(why.clone().map_or(Error::Worker, Error::Cluster))
    }
}
