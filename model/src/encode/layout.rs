//! What does a scenario let vary, and in how many bits?

use super::phase;
use crate::bits::width_of;
use crate::ids::{LOGONS, ProviderId, ProviderSet, ServiceSet};
use crate::policy::{Deferred, RetryUnit};
use crate::scenario::{Call, Scenario};

/// What the scenario lets vary, and how wide it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Layout {
    pub(super) clients: Vec<ClientLayout>,
    pub(super) logons: usize,
    pub(super) session_width: u32,
    pub(super) profile_width: u32,
    pub(super) spans: Vec<Span>,
    pub(super) tracks_removed: bool,
    pub(super) tracks_marked: bool,
    pub(super) tracks_retried: bool,
    pub(super) tracks_promised: bool,
    pub(super) tracks_libraries: bool,
    pub(super) services: u32,
    pub(super) providers: u32,
    pub(super) profiles: u32,
    pub(super) unconfigured: ServiceSet,
    pub(super) unsupplied: ProviderSet,
    pub(super) without_password: ProviderSet,
    pub(super) fallible: ProviderSet,
    pub(super) budget_width: u32,
    pub(super) phases: phase::Widths,
}

/// How wide a client's own numbers are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct ClientLayout {
    pub(super) call: u32,
    pub(super) initialized: u32,
}

/// The services and providers of a profile stand together: where, and how many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    pub(super) service: u32,
    pub(super) services: u32,
    pub(super) provider: u32,
    pub(super) providers: u32,
}

impl Layout {
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let lists = |wanted: fn(&Call) -> bool| {
            scenario.clients.iter().any(|client| client.calls.iter().any(wanted))
        };
        let clients = scenario.clients.iter().map(|client| ClientLayout {
            call: width_of(client.calls.len() + 1),
            initialized: if client.initializes { width_of(client.calls.len() + 1) } else { 1 },
        });
        let providers = scenario.providers.iter().enumerate();
        let with = |wanted: fn(&crate::scenario::Provider) -> bool| {
            providers.clone().filter(|(_, p)| wanted(p)).fold(
                ProviderSet::EMPTY,
                |mut set, (i, _)| {
                    set.insert(ProviderId::from(i));
                    set
                },
            )
        };
        let unconfigured = (0..scenario.services.len())
            .filter(|index| !scenario.services[*index].complete)
            .fold(ServiceSet::EMPTY, |set, index| set.or(ServiceSet::only(index.into())));
        let may_fail = scenario.faults.budget > 0;
        Self {
            clients: clients.collect(),
            logons: scenario.logons.len(),
            session_width: width_of(scenario.logons.len() + 1),
            profile_width: width_of(scenario.profiles.len() + 1),
            spans: scenario.profiles.iter().map(Span::of).collect(),
            tracks_removed: lists(|call| matches!(call, Call::RemoveService(_))),
            tracks_marked: lists(|call| matches!(call, Call::DeleteProfile(_))),
            tracks_retried: scenario.policy.retry_unit == RetryUnit::Service,
            tracks_promised: scenario.policy.deferred == Deferred::On,
            tracks_libraries: scenario.clients.iter().any(|client| client.initializes),
            services: u32::try_from(scenario.services.len()).unwrap_or(u32::MAX),
            providers: u32::try_from(scenario.providers.len()).unwrap_or(u32::MAX),
            profiles: u32::try_from(scenario.profiles.len()).unwrap_or(u32::MAX),
            unconfigured,
            unsupplied: with(|provider| !provider.complete),
            without_password: with(|provider| !provider.password_stored),
            fallible: if may_fail { with(|p| p.faults.0 != 0) } else { ProviderSet::EMPTY },
            budget_width: width_of(usize::from(scenario.faults.budget) + 1),
            phases: phase::Widths::of(scenario),
        }
    }

    /// As [`Self::of`], for clients that may make any calls, one after the other.
    pub(crate) fn of_any_calls(scenario: &Scenario) -> Self {
        let mut layout = Self::of(scenario);
        for (widths, client) in layout.clients.iter_mut().zip(&scenario.clients) {
            widths.call = width_of(LOGONS + 2);
            widths.initialized = if client.initializes { u8::BITS } else { 1 };
        }
        layout.logons = LOGONS;
        layout.session_width = width_of(LOGONS + 1);
        (layout.tracks_marked, layout.tracks_removed) = (true, true);
        layout
    }

    /// The most bits a state can need.
    pub(super) fn most_bits(&self) -> u32 {
        let count = |set: ProviderSet| set.len();
        let clients: u32 = self
            .clients
            .iter()
            .map(|c| c.call + c.initialized + 1 + self.phases.most() + self.retried_width())
            .sum();
        let widest = self.spans.iter().map(|span| self.session_bits(*span)).max().unwrap_or(0);
        let logons = u32::try_from(self.logons).unwrap_or(u32::MAX);
        let sessions = logons * (self.session_width + self.profile_width + widest);
        let world = self.session_width
            + if self.tracks_marked { self.profiles } else { 0 }
            + if self.tracks_removed { self.services } else { 0 }
            + self.unconfigured.len()
            + count(self.unsupplied)
            + 2 * count(self.without_password)
            + 4 * count(self.fallible)
            + self.budget_width
            + if self.tracks_libraries { self.providers } else { 0 };
        clients + sessions + world
    }

    fn session_bits(&self, span: Span) -> u32 {
        let removed = if self.tracks_removed { span.services } else { 0 };
        let promised = if self.tracks_promised { span.providers } else { 0 };
        span.services + removed + 2 * span.providers + promised
    }

    pub(super) const fn retried_width(&self) -> u32 {
        if self.tracks_retried { self.services } else { 0 }
    }
}

impl Span {
    fn of(profile: &crate::scenario::Profile) -> Self {
        Self {
            service: profile.services.first().map_or(0, |first| u32::from(first.0)),
            services: profile.services.len(),
            provider: profile.providers.first().map_or(0, |first| u32::from(first.0)),
            providers: profile.providers.len(),
        }
    }
}
