//! What was seen in many runs? Counts, kept in fixed tables while runs go on, named at the end.

use mapi_logon_model::effect::{Dialog, Effect};
use mapi_logon_model::ids::{PROVIDERS, ProviderId, SERVICES, ServiceId};
use mapi_logon_model::mapi::Code;
use mapi_logon_model::model::Model;
use mapi_logon_model::scenario::Call;
use mapi_logon_model::state::Task;
use mapi_logon_model::step::Step;
use mapi_logon_model::transition::Transition;

/// The methods clients call, as scenarios write them, in the order of [`Call`].
pub const METHODS: [&str; 11] = [
    "MAPIInitialize",
    "MAPIUninitialize",
    "MAPILogonEx",
    "Logoff",
    "Release",
    "OpenMsgStore",
    "OpenAddressBook",
    "GetStatusTable",
    "QueryIdentity",
    "DeleteProfile",
    "RemoveService",
];

/// The place of `MAPILogonEx` in [`METHODS`].
pub const LOGON: usize = 2;

const DIALOGS: usize = 3 + 2 * SERVICES + 2 * PROVIDERS;

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
    /// The members of both.
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
        Transition::ALL.iter().copied().filter(move |one| self.contains(*one))
    }
}

impl FromIterator<Transition> for Transitions {
    fn from_iter<I: IntoIterator<Item = Transition>>(transitions: I) -> Self {
        let mut set = Self::default();
        transitions.into_iter().for_each(|transition| set.insert(transition));
        set
    }
}

/// Counts of what could be seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tally {
    /// Runs.
    pub runs: u64,
    /// Steps, all runs together.
    pub steps: u64,
    /// Runs that did not end: before a dialog that nobody may answer.
    pub blocked: u64,
    /// Runs that were cut off at the greatest number of steps.
    pub cut: u64,
    /// Transitions taken.
    pub taken: Transitions,
    /// Properties marked, bit `i` for entry `i` of the list of properties: witnesses seen.
    pub shown: u128,
    /// A number that depends on every action of every run; equal runs have equal digests.
    pub digest: u64,
    results: [[u64; Code::ALL.len()]; METHODS.len()],
    lost: [u64; SERVICES],
    dialogs: [u64; DIALOGS],
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            runs: 0,
            steps: 0,
            blocked: 0,
            cut: 0,
            taken: Transitions::default(),
            shown: 0,
            digest: 0,
            results: [[0; Code::ALL.len()]; METHODS.len()],
            lost: [0; SERVICES],
            dialogs: [0; DIALOGS],
        }
    }
}

impl Tally {
    /// Counts what a step showed; `call` is the call it belongs to.
    #[inline]
    pub fn count(&mut self, step: &Step, call: Option<Call>) {
        for taken in &step.taken {
            self.taken.insert(taken.transition);
        }
        for effect in &step.effects {
            if let Effect::Returned { code, .. } = *effect {
                if let Some(call) = call {
                    self.results[method(call)][code as usize] += 1;
                }
            } else if let Effect::Displayed { dialog, .. } = *effect {
                self.dialogs[slot(dialog)] += 1;
            } else if let Effect::ServiceDisabled { service, .. } = *effect {
                self.lost[service.index()] += 1;
            }
        }
    }

    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.runs += other.runs;
        self.steps += other.steps;
        self.blocked += other.blocked;
        self.cut += other.cut;
        self.taken = self.taken.or(other.taken);
        self.shown |= other.shown;
        self.digest = self.digest.wrapping_add(other.digest);
        let mine = self.results.iter_mut().flatten().chain(&mut self.lost).chain(&mut self.dialogs);
        let theirs = other.results.iter().flatten().chain(&other.lost).chain(&other.dialogs);
        for (mine, theirs) in mine.zip(theirs) {
            *mine += theirs;
        }
    }

    /// How often a method, by its place in [`METHODS`], answered with each code that it gave.
    pub fn results(&self, method: usize) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let counts = Code::ALL.iter().zip(&self.results[method]);
        counts.filter(|(_, count)| **count > 0).map(|(code, count)| (code.name(), *count))
    }

    /// How often each service was disabled, for those that were.
    pub fn services_lost<'a>(&'a self, model: &'a Model) -> impl Iterator<Item = (&'a str, u64)> {
        let services = model.scenario().services.iter().map(|service| service.name.as_str());
        services.zip(self.lost).filter(|(_, count)| *count > 0)
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
            .chain(services().map(|service| Dialog::Failure(Task::Configure(service))))
            .chain(providers().map(|provider| Dialog::Failure(Task::Run(provider))))
            .chain([Dialog::Logoff]);
        let counts = all.map(|dialog| (model.words().dialog(dialog), self.dialogs[slot(dialog)]));
        counts.filter(|(_, count)| *count > 0).collect()
    }
}

/// The place of a call's method in [`METHODS`].
#[inline]
#[must_use]
pub const fn method(call: Call) -> usize {
    match call {
        Call::Initialize => 0,
        Call::Uninitialize => 1,
        Call::LogonEx(_) => LOGON,
        Call::Logoff(_) => 3,
        Call::Release => 4,
        Call::OpenMsgStore(_) => 5,
        Call::OpenAddressBook => 6,
        Call::GetStatusTable => 7,
        Call::QueryIdentity => 8,
        Call::DeleteProfile(_) => 9,
        Call::RemoveService(_) => 10,
    }
}

/// The counter of a dialog.
const fn slot(dialog: Dialog) -> usize {
    let configure = 3;
    let provider = configure + SERVICES;
    let failed_service = provider + PROVIDERS;
    let failed_provider = failed_service + SERVICES;
    match dialog {
        Dialog::Profile => 0,
        Dialog::Password => 1,
        Dialog::Logoff => 2,
        Dialog::Configure(service) => configure + service.index(),
        Dialog::Provider(one) => provider + one.index(),
        Dialog::Failure(Task::Configure(service)) => failed_service + service.index(),
        Dialog::Failure(Task::Run(one)) => failed_provider + one.index(),
    }
}
