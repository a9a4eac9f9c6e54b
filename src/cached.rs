//! A search through the cache where it can serve, and without it elsewhere.

use mapi_logon_checker::{Cached, Error, Options, Report, Storage, check};

use crate::explorable::{Explorable, Parted};

/// Explores the model through the cache: steps are made once and used again (see `docs/cache.md`).
///
/// Processes and checkpoints exchange states as the model writes them, so searches that have those
/// do without, as do scenarios whose parts are too many or too wide.
///
/// # Errors
/// As [`check`].
pub fn check_cached(world: &Explorable, options: &Options<'_>) -> Result<Report, Error> {
    let alone = options.cluster.is_none() && options.checkpoints.is_none();
    let exact = options.storage == Storage::Exact;
    let parted = Parted::of(world.clone()).filter(|_| alone && exact);
    for words in [1, 2] {
        let cached = parted.clone().and_then(|parted| Cached::new(parted, words));
        let Some(cached) = cached else { continue };
        let mut report = check(&cached, options)?;
        if !cached.has_outgrown() {
            cached.translate(&mut report);
            return Ok(report);
        }
    }
    check(world, options)
}
