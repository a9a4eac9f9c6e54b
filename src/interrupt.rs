//! Ctrl-C, and signals that ask to end (SIGTERM, SIGHUP): once ends the work with what is known,
//! twice ends it at once.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

use crate::exit::Exit;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Listens for Ctrl-C from now on, if nobody does yet; the flag becomes true with the first.
///
/// # Errors
/// When the signal cannot be listened for.
pub fn listen() -> Result<&'static AtomicBool> {
    let listening = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            process::exit(Exit::Interrupted as i32);
        }
    });
    match listening {
        Ok(()) | Err(ctrlc::Error::MultipleHandlers) => Ok(&INTERRUPTED),
        Err(error) => Err(error).context("cannot listen for Ctrl-C"),
    }
}

/// Runs `words` at the first Ctrl-C, wherever the work stands, and ends the process.
///
/// # Errors
/// When the signal cannot be listened for.
pub fn last_words(words: impl Fn() + Send + 'static) -> Result<()> {
    ctrlc::set_handler(move || {
        words();
        process::exit(Exit::Interrupted as i32);
    })
    .context("cannot listen for Ctrl-C")
}
