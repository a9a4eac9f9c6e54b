//! Counts of what runs show, in fixed tables while they go on, named at the end.

use mapi_logon_model::ids::{PROVIDERS, ProviderId, SERVICES, ServiceId};
use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::Code;
use mapi_logon_model::property::PropertySet;
use mapi_logon_model::protocol::{CALL_NAMES, Dialog, Effect, Taken, Transition};

/// The position of `MAPILogonEx` in [`CALL_NAMES`].
pub const LOGON: usize = 2;

/// Where the counters of results, of services lost and of dialogs end.
const RESULTS: usize = CALL_NAMES.len() * Code::ALL.len();
const LOST: usize = RESULTS + SERVICES;
const DIALOGS: usize = LOST + 3 + SERVICES + PROVIDERS;

/// A set of transitions, bit by bit in the order of [`Transition::ALL`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Transitions(u128);

impl Transitions {
    /// Adds one.
    #[inline]
    pub const fn insert(&mut self, transition: Transition) {
        self.0 |= 1 << transition as u8;
    }
    /// Is it a member?
    #[must_use]
    pub const fn contains(self, transition: Transition) -> bool {
        self.0 >> transition as u8 & 1 == 1
    }
    /// The members of either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// How many.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }
    /// None?
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// The members, in the order of the specification.
    pub fn iter(self) -> impl Iterator<Item = Transition> {
        let all = Transition::ALL.iter().copied();
        all.filter(move |one| self.contains(*one))
    }
}

impl FromIterator<Transition> for Transitions {
    fn from_iter<I: IntoIterator<Item = Transition>>(transitions: I) -> Self {
        let all = transitions.into_iter();
        all.fold(Self::default(), |mut set, one| {
            set.insert(one);
            set
        })
    }
}

/// Counts of what could be seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tally {
    /// Runs.
    pub runs: u64,
    /// Steps, all runs together.
    pub steps: u64,
    /// Runs that ended before a dialog to which no answer is allowed.
    pub blocked: u64,
    /// Runs that were cut off at the greatest number of steps.
    pub cut: u64,
    /// Transitions taken.
    pub taken: Transitions,
    /// Properties marked: witnesses seen.
    pub shown: PropertySet,
    /// A number that depends on every action of every run; equal runs have equal digests.
    pub digest: u64,
    counters: [u64; DIALOGS],
    /// Failure dialogs, each with the code it reported, in order.
    failures: Vec<(Dialog, u64)>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            runs: 0,
            steps: 0,
            blocked: 0,
            cut: 0,
            taken: Transitions::default(),
            shown: PropertySet::EMPTY,
            digest: 0,
            counters: [0; DIALOGS],
            failures: Vec::with_capacity(64),
        }
    }
}

/// What a step adds to a tally.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    taken: Transitions,
    counts: Box<[Counted]>,
}

/// One more of what is counted.
#[derive(Clone, Copy, Debug)]
enum Counted {
    /// The counter with this place.
    At(usize),
    /// A failure dialog.
    Failure(Dialog),
}

impl Counted {
    #[inline]
    fn of(effect: &Effect) -> Option<Self> {
        if let Effect::Returned { call, result, .. } = *effect {
            Some(Self::At(call.number() * Code::ALL.len() + result as usize))
        } else if let Effect::Displayed { dialog, .. } = *effect {
            Some(counter(dialog).map_or(Self::Failure(dialog), Self::At))
        } else if let Effect::ServiceDisabled { service, .. } = *effect {
            Some(Self::At(RESULTS + service.index()))
        } else {
            None
        }
    }
}

impl Shown {
    /// What a step with these effects adds.
    pub(crate) fn by(effects: &[Effect], taken: &[Taken]) -> Self {
        Self {
            taken: taken.iter().map(|taken| taken.transition).collect(),
            counts: effects.iter().filter_map(Counted::of).collect(),
        }
    }
}

impl Tally {
    /// Counts what a step showed.
    #[inline]
    pub fn count(&mut self, effects: &[Effect], taken: &[Taken]) {
        for taken in taken {
            self.taken.insert(taken.transition);
        }
        effects.iter().filter_map(Counted::of).for_each(|one| self.count_one(one));
    }

    /// Counts the same again.
    #[inline]
    pub(crate) fn repeat(&mut self, shown: &Shown) {
        self.taken = self.taken.or(shown.taken);
        shown.counts.iter().for_each(|one| self.count_one(*one));
    }

    #[inline]
    fn count_one(&mut self, one: Counted) {
        match one {
            Counted::At(at) => self.counters[at] += 1,
            Counted::Failure(dialog) => self.fail(dialog, 1),
        }
    }

    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.runs += other.runs;
        self.steps += other.steps;
        self.blocked += other.blocked;
        self.cut += other.cut;
        self.taken = self.taken.or(other.taken);
        self.shown = self.shown.or(other.shown);
        self.digest = self.digest.wrapping_add(other.digest);
        for (mine, theirs) in self.counters.iter_mut().zip(&other.counters) {
            *mine += theirs;
        }
        for (dialog, count) in &other.failures {
            self.fail(*dialog, *count);
        }
    }

    fn fail(&mut self, dialog: Dialog, count: u64) {
        match self.failures.binary_search_by_key(&dialog, |(known, _)| *known) {
            Ok(at) => self.failures[at].1 += count,
            Err(at) => self.failures.insert(at, (dialog, count)),
        }
    }

    /// How often a call, by its position in [`CALL_NAMES`], returned each code that it did.
    pub fn results(&self, call: usize) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let counts = self.counters[..RESULTS].chunks(Code::ALL.len()).nth(call);
        let counts = Code::ALL.iter().zip(counts.into_iter().flatten());
        counts.filter(|(_, count)| **count > 0).map(|(code, count)| (code.name(), *count))
    }

    /// How often each service was disabled, for those that were.
    pub fn services_lost<'a>(&'a self, model: &'a Model) -> impl Iterator<Item = (&'a str, u64)> {
        let services = model.scenario().services.iter();
        let counts = services.zip(&self.counters[RESULTS..LOST]);
        counts
            .filter(|(_, count)| **count > 0)
            .map(|(service, count)| (service.name.as_str(), *count))
    }

    /// How often each dialog was displayed, for those that were, as outcomes name them.
    pub fn dialogs(&self, model: &Model) -> Vec<(String, u64)> {
        let scenario = model.scenario();
        let services = || (0..scenario.services.len()).map(ServiceId::from);
        let providers = || (0..scenario.providers.len()).map(ProviderId::from);
        let all = [Dialog::Profile, Dialog::Password]
            .into_iter()
            .chain(services().map(Dialog::Configure))
            .chain(providers().map(Dialog::Provider))
            .filter_map(|dialog| Some((dialog, self.counters[counter(dialog)?])));
        let logoff = counter(Dialog::Logoff).map(|at| (Dialog::Logoff, self.counters[at]));
        all.chain(self.failures.iter().copied())
            .chain(logoff)
            .filter(|(_, count)| *count > 0)
            .map(|(dialog, count)| (model.words().dialog(dialog), count))
            .collect()
    }
}

/// The counter of a dialog; a failure dialog is counted by its code, too.
const fn counter(dialog: Dialog) -> Option<usize> {
    let services = LOST + 3;
    Some(match dialog {
        Dialog::Profile => LOST,
        Dialog::Password => LOST + 1,
        Dialog::Logoff => LOST + 2,
        Dialog::Configure(service) => services + service.index(),
        Dialog::Provider(one) => services + SERVICES + one.index(),
        Dialog::Failure(..) => return None,
    })
}
