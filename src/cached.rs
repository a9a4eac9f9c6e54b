//! A search through the cache where it can serve, and without it elsewhere.

use mapi_logon_checker::{Cached, Error, Modular as _, Options, Report, Tally, check};

use crate::explorable::{Counts, Parted, Whole};
use crate::path::text_of;

/// How the steps of a search are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Steps {
    /// Once, and used again.
    #[default]
    Remembered,
    /// Anew in every state.
    Anew,
}

impl Steps {
    /// Explores a system.
    ///
    /// # Errors
    /// As [`check_cached`].
    pub fn explore(self, system: &impl Whole, options: &Options<'_>) -> Result<Report, Error> {
        match self {
            Self::Remembered => check_cached(system, options),
            Self::Anew => check(system, options),
        }
    }
}

/// Explores the model, or its classes, through the cache: steps are made once and used again (see
/// `docs/engine.md`).
///
/// Scenarios whose parts are too many or too wide are explored without.
///
/// # Errors
/// As [`check`]; also when what a search has saved is no use as there are too many parts.
pub fn check_cached(system: &impl Whole, options: &Options<'_>) -> Result<Report, Error> {
    let together = options.cluster.is_some();
    // Processes number parts each in its own way, and would not agree on who stands for a class.
    let agreed = |parted: &Parted<_>| !together || parted.exchange().is_none();
    if let Some(parted) = Parted::of(system.clone()).filter(agreed) {
        // What is saved or sent must not be outgrown: two words have room for millions of parts.
        if options.checkpoints.is_none()
            && !together
            && let Some(report) = in_words::<_, 1>(&parted, options)?
        {
            return Ok(report);
        }
        if let Some(report) = in_words::<_, 2>(&parted, options)? {
            return Ok(report);
        }
    }
    check(system, options)
}

/// The report of a search with states of `W` words; none if the parts are too many for that.
fn in_words<S: Whole, const W: usize>(
    parted: &Parted<S>,
    options: &Options<'_>,
) -> Result<Option<Report>, Error> {
    let tally = tally(parted.system().explorable().counts());
    let Some(cached) = Cached::<_, W>::new(parted.clone(), tally) else {
        return Ok(None);
    };
    let cached = if options.cluster.is_some() { cached.shared() } else { cached };
    let report = check(&cached, options);
    match &options.checkpoints {
        _ if !cached.has_outgrown() || options.cluster.is_some() => {
            let mut report = report?;
            cached.translate(&mut report);
            Ok(Some(report))
        }
        None => Ok(None),
        Some(saved) => {
            let dir = text_of(&saved.dir);
            let message = "its states have too many parts to be numbered: add --no-cache and name";
            Err(Error::Model(format!("{message} another directory than {dir}")))
        }
    }
}

/// How much the cache has to count.
pub(crate) const fn tally(counts: Counts) -> Tally {
    match counts {
        Counts::Every => Tally::All,
        Counts::First => Tally::Steps,
        Counts::Nothing => Tally::None,
    }
}
