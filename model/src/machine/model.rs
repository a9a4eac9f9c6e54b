//! The model: a scenario with everything derived from it, ready to be stepped.

use crate::ids::{ClientId, ProviderSet, ServiceSet};
use crate::machine::liveness::Liveness;
use crate::machine::reach::Stages;
use crate::mapi::{LogonFlags, ProviderKind};
use crate::mutant::{Mutation, Wrong};
use crate::policy::SharedSessions;
use crate::protocol::{Call, Logon, Phase};
use crate::scenario::{Client, Permissions, Scenario};
use crate::world::asked::{Log, Notes};
use crate::world::{Cursor, Edit, Layout, Sight, Slots, State};
use std::sync::Arc;

/// A scenario under its policy. It never changes.
#[derive(Clone, Debug)]
pub struct Model {
    scenario: Scenario,
    slots: Slots,
    kinds: [ProviderSet; 3],
    frees_libraries: bool,
    liveness: Option<Liveness>,
    layout: Layout,
    stages: Vec<Vec<Stages>>,
    first: State,
    beginning: Cursor,
    wrong: Option<Box<Wrong>>,
    log: Option<Arc<Log>>,
}

impl Model {
    /// Prepares a scenario whose clients make the calls it lists: each `MAPILogonEx` of a client
    /// has a slot of its own.
    #[must_use]
    pub fn new(scenario: Scenario) -> Self {
        let logons = |calls: &[Call]| calls.iter().filter(|c| c.logon().is_some()).count();
        let slots = Slots::of(scenario.clients.iter().map(|client| logons(&client.calls)));
        Self::with_slots(scenario, slots)
    }

    /// Prepares a scenario whose clients make any calls; each client can hold one session per
    /// slot at the same time.
    #[must_use]
    pub fn with_slots(scenario: Scenario, slots: Slots) -> Self {
        let kinds = ProviderKind::ALL.map(|kind| scenario.of_kind(kind));
        let frees_libraries = scenario.clients.iter().any(|client| client.initializes);
        let first = State::before_all(&scenario, slots.len());
        Self {
            layout: Layout::of(&scenario, &slots, false),
            stages: Stages::of(&scenario, false),
            beginning: Cursor::start(&scenario),
            scenario,
            slots,
            kinds,
            frees_libraries,
            liveness: None,
            first,
            wrong: None,
            log: None,
        }
    }

    /// The moment before anything has happened.
    #[inline]
    #[must_use]
    pub fn initial(&self) -> State {
        self.first.clone()
    }

    /// As [`Model::initial`], to be copied.
    #[inline]
    pub(crate) const fn first(&self) -> &State {
        &self.first
    }

    /// Where the clients' lists of calls begin.
    #[inline]
    #[must_use]
    pub const fn beginning(&self) -> Cursor {
        self.beginning
    }

    /// The same world under a wrong transition function.
    #[must_use]
    pub fn mutated(mut self, mutation: impl Into<Mutation>) -> Self {
        let wrong = Wrong::of(&self, mutation.into());
        // Another reading may count what the right one need not.
        self.layout = Layout::of(wrong.machine(&self).scenario(), &self.slots, true);
        self.stages = Stages::of(&self.scenario, true);
        self.wrong = Some(Box::new(wrong));
        self
    }

    /// Whether the changed rule of a mutated machine was applied in any step so far: a policy that
    /// is read otherwise never counts, nor does a mutant written by hand.
    #[must_use]
    pub fn was_mutation_applied(&self) -> bool {
        self.wrong().is_some_and(Wrong::was_applied)
    }

    /// The same world, its states without the parameters of logons that nothing will read again,
    /// and without choices of parameters that differ in nothing else (dead-variable elimination).
    #[must_use]
    pub fn forgetting(mut self) -> Self {
        self.liveness = Liveness::of(&self.scenario);
        self
    }

    /// Takes from a state what a model that is [`Self::forgetting`] would not have in it.
    pub fn forget(&self, state: &mut State) {
        if let Some(liveness) = self.liveness() {
            for client in (0..self.scenario.clients.len()).map(ClientId::from) {
                liveness.forget((&self.scenario.clients, &self.slots), client, state);
            }
        }
    }

    /// Is this choice of parameters to be tried: has no other one of the client all that is read?
    pub(crate) fn tells_apart(&self, client: &Client, logon: &Logon) -> bool {
        self.liveness().is_none_or(|live| live.of_call(client, *logon, Phase::Waiting) == *logon)
    }

    /// The same world, its states with all that was passed.
    #[must_use]
    pub fn remembering(mut self) -> Self {
        self.liveness = None;
        self
    }

    /// What the machine and its judges may still read of parameters, where the rest is forgotten.
    #[inline]
    pub(crate) const fn liveness(&self) -> Option<&Liveness> {
        self.liveness.as_ref()
    }

    /// Whether the transition function is that of the documentation, and no mutant.
    #[inline]
    pub(crate) const fn is_faithful(&self) -> bool {
        self.wrong.is_none()
    }

    /// The mutation of the transition function, if there is one.
    #[inline]
    pub(crate) fn wrong(&self) -> Option<&Wrong> {
        self.wrong.as_deref()
    }

    /// The state, to be read.
    #[inline]
    #[must_use]
    pub fn sight<'a>(&'a self, state: &'a State) -> Sight<'a> {
        Sight::of(state, &self.slots, self.notes())
    }

    /// The state, to be changed by a step.
    #[inline]
    pub(crate) fn edit<'a>(&'a self, state: &'a mut State) -> Edit<'a> {
        Edit::of(state, &self.slots, self.notes())
    }

    /// The same, keeping a log of its own of what is asked of states.
    #[must_use]
    pub fn logging(mut self) -> Self {
        self.log = Some(Arc::new(Log::of(self.scenario.clients.len())));
        self
    }

    /// What has been asked of states, if that is kept.
    #[inline]
    pub(crate) fn log(&self) -> Option<&Log> {
        self.log.as_deref()
    }

    /// Where questions are noted.
    #[inline]
    pub(crate) fn notes(&self) -> Notes<'_> {
        Notes(self.log())
    }

    /// What `look` reads of a client that waits with a short time-out is asked for as its
    /// impatience.
    pub(crate) fn as_guest<T>(&self, client: ClientId, look: impl FnOnce() -> T) -> T {
        match self.log() {
            Some(log) => log.as_guest(client, look),
            None => look(),
        }
    }

    /// The slots of all clients.
    #[inline]
    #[must_use]
    pub const fn slots(&self) -> &Slots {
        &self.slots
    }

    /// How moments of this scenario are packed.
    #[inline]
    #[must_use]
    pub const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The stages of every client's calls.
    pub(super) fn stages(&self) -> &[Vec<Stages>] {
        &self.stages
    }

    /// The scenario.
    #[inline]
    #[must_use]
    pub const fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The providers of one kind, all profiles together.
    #[inline]
    #[must_use]
    pub const fn kind(&self, kind: ProviderKind) -> ProviderSet {
        self.kinds[kind as usize]
    }

    /// The providers of a set of services.
    #[must_use]
    pub fn providers_of(&self, services: ServiceSet) -> ProviderSet {
        services.fold(ProviderSet::EMPTY, |set, service| {
            set.or(self.scenario.services[service.index()].providers)
        })
    }

    /// Does any client uninitialise, so that libraries are freed (OFF-14)?
    #[inline]
    #[must_use]
    pub const fn frees_libraries(&self) -> bool {
        self.frees_libraries
    }

    /// What the flags of a logon permit under the readings in force.
    #[inline]
    #[must_use]
    pub const fn permissions(&self, flags: LogonFlags) -> Permissions {
        Permissions::of(flags, &self.scenario.policy)
    }

    /// Can others join the session of a logon with these flags, under the readings in force?
    #[must_use]
    pub const fn is_shared(&self, flags: LogonFlags) -> bool {
        matches!(self.scenario.policy.shared_sessions, SharedSessions::ByProfile)
            || self.permissions(flags).shareable
    }
}
