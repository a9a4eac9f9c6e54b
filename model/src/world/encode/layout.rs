//! What a scenario lets vary, and in how many bits.

use super::phase;
use crate::ids::{ProviderSet, ServiceSet};
use crate::mapi::LogonFlags;
use crate::policy::{Deferred, RetryUnit};
use crate::protocol::{Call, Method};
use crate::scenario::{Client, Scenario};
use crate::world::bits::width_of;
use crate::world::slots::Slots;

/// What the scenario lets vary, and how wide it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    pub(super) slots: Slots,
    /// The calls of every client, in order.
    pub(super) calls: Vec<Vec<Call>>,
    /// The services of every profile.
    pub(super) services_of: Vec<ServiceSet>,
    pub(super) clients: Vec<ClientLayout>,
    /// The flags of the logon that keeps its pointer in each slot.
    pub(super) flags: Vec<LogonFlags>,
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

impl ClientLayout {
    fn of(client: &Client) -> Self {
        let call = width_of(client.calls.len() + 1);
        let initialized = if client.initializes { call } else { 1 };
        Self { call, initialized }
    }
}

impl Layout {
    pub(crate) fn of(scenario: &Scenario, slots: &Slots) -> Self {
        let calls: Vec<Vec<Call>> = scenario.clients.iter().map(|c| c.calls.clone()).collect();
        let listed = || calls.iter().flatten();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let removes = |call: &Call| matches!(call, Call::OnSession(_, Method::RemoveService(_)));
        let marks = |call: &Call| matches!(call, Call::DeleteProfile(_));
        let budget = scenario.faults.budget;
        Self {
            slots: slots.clone(),
            services_of: scenario.profiles.iter().map(|p| p.services).collect(),
            clients: scenario.clients.iter().map(ClientLayout::of).collect(),
            flags: listed().filter_map(|call| call.logon()).map(|l| l.flags).collect(),
            session_width: width_of(slots.len() + 1),
            profile_width: width_of(scenario.profiles.len() + 1),
            spans: scenario.profiles.iter().map(Span::of).collect(),
            tracks_removed: listed().any(removes),
            tracks_marked: listed().any(marks),
            tracks_retried: scenario.policy.retry_unit == RetryUnit::Service,
            tracks_promised: scenario.policy.deferred == Deferred::On,
            tracks_libraries: scenario.clients.iter().any(|client| client.initializes),
            services: number(scenario.services.len()),
            providers: number(scenario.providers.len()),
            profiles: number(scenario.profiles.len()),
            unconfigured: ServiceSet::of(&scenario.services, |s| !s.complete),
            unsupplied: ProviderSet::of(&scenario.providers, |p| !p.complete),
            without_password: ProviderSet::of(&scenario.providers, |p| !p.password_stored),
            fallible: ProviderSet::of(&scenario.providers, |p| {
                !budget.is_spent() && p.faults.0 != 0
            }),
            budget_width: budget.limit().map_or(0, |most| width_of(usize::from(most) + 1)),
            phases: phase::Widths::of(scenario),
            calls,
        }
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
        let logons = u32::try_from(self.flags.len()).unwrap_or(u32::MAX);
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
