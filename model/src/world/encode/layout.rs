//! The layout of an encoded state: the parts that a scenario lets vary, and their widths in bits.

use super::phase;
use crate::ids::{ProfileSet, ProviderSet, ServiceSet};
use crate::mapi::LogonFlags;
use crate::policy::{Deferred, RetryUnit};
use crate::protocol::{Call, Logon, Method, NameParameter};
use crate::scenario::{Client, Name, Password, Profile, Provider, Scenario};
use crate::world::bits::{BitReader, BitWriter, low16, width_of};
use crate::world::slots::Slots;

/// The bits of a fault, none included.
pub(super) const FAULT: u32 = 3;

/// What the scenario lets vary, and how wide it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    pub(super) slots: Slots,
    /// The calls of every client, in order.
    pub(super) calls: Vec<Vec<Call>>,
    /// The services of every profile.
    pub(super) services_of: Vec<ServiceSet>,
    pub(super) clients: Vec<ClientLayout>,
    /// What the client of each slot may pass to its logons.
    pub(super) passed: Vec<LogonLayout>,
    pub(super) session_width: u32,
    pub(super) profile_width: u32,
    pub(super) spans: Vec<Span>,
    pub(super) tracks_removed: bool,
    pub(super) tracks_marked: bool,
    /// The units that count further tries, and how wide a count is.
    pub(super) units: u32,
    pub(super) spent_width: u32,
    pub(super) tracks_deferred: bool,
    pub(super) tracks_promised: bool,
    pub(super) tracks_libraries: bool,
    pub(super) services: u32,
    pub(super) providers: u32,
    pub(super) profiles: u32,
    pub(super) unconfigured: ServiceSet,
    pub(super) unsupplied: ProviderSet,
    pub(super) without_password: ProviderSet,
    pub(super) fallible: ProviderSet,
    pub(super) fallible_services: ServiceSet,
    pub(super) corruptible: ProfileSet,
    pub(super) budget_width: u32,
    pub(super) phases: phase::Widths,
}

/// How wide a client's own numbers are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct ClientLayout {
    pub(super) call: u32,
    pub(super) initialized: u32,
    pub(super) passed: LogonLayout,
    /// The names between which it chooses, the first of those that mean the same; empty where it
    /// does not choose.
    pub(super) names: Vec<NameParameter>,
}

/// What a client may pass to its logons: how the choice is packed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct LogonLayout {
    /// The flags of all of them.
    pub(super) always: LogonFlags,
    /// The flags that each has or has not.
    pub(super) any: LogonFlags,
    /// The bits of the number of a name.
    pub(super) name: u32,
}

impl LogonLayout {
    fn of(client: &Client) -> Self {
        Self {
            always: client.flags,
            any: client.choice_of_flags(),
            // One more: a name was given, no longer known which.
            name: if client.any_name { width_of(client.names.len() + 1) } else { 0 },
        }
    }

    /// The bits of the parameters of a call in progress.
    pub(super) const fn bits(self) -> u32 {
        self.any.bits().count_ones() + self.name
    }

    pub(super) fn put_flags(self, flags: LogonFlags, out: &mut BitWriter<'_>) {
        for flag in self.any.iter() {
            out.put(u64::from(flags.contains(flag)), 1);
        }
    }

    pub(super) fn take_flags(self, from: &mut BitReader<'_>) -> LogonFlags {
        let mut flags = self.always;
        for flag in self.any.iter() {
            flags.set(flag, from.take(1) == 1);
        }
        flags
    }
}

/// The services and providers that a session of one profile can have lost, or running.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    pub(super) services: Ids,
    pub(super) providers: Ids,
}

/// Ids of a profile, which stand together, and those of foreign stores, which stand last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Ids {
    first: u32,
    /// How many the profile has.
    pub(super) own: u32,
    first_foreign: u32,
    foreign: u32,
}

impl Ids {
    pub(super) const fn width(self) -> u32 {
        self.own + self.foreign
    }

    pub(super) const fn pack(self, set: u64) -> u64 {
        set >> self.first & self.mask() | set >> self.first_foreign << self.own
    }

    pub(super) const fn unpack(self, bits: u64) -> u64 {
        (bits & self.mask()) << self.first | bits >> self.own << self.first_foreign
    }

    const fn mask(self) -> u64 {
        !(u64::MAX << self.own)
    }
}

impl ClientLayout {
    fn of(client: &Client) -> Self {
        let call = width_of(client.calls.len() + 1);
        let initialized = if client.initializes { call } else { 1 };
        let names = client.names.iter().map(Name::parameter).filter(|_| client.any_name);
        Self { call, initialized, passed: LogonLayout::of(client), names: names.collect() }
    }

    /// The parameters of a logon in progress.
    pub(super) fn put_logon(&self, logon: Logon, out: &mut BitWriter<'_>) {
        self.passed.put_flags(logon.flags, out);
        let at = self.names.iter().position(|name| *name == logon.name);
        out.put(at.unwrap_or(self.names.len()) as u64, self.passed.name);
    }

    /// As [`Self::put_logon`] wrote them; the rest is as the scenario lists it.
    pub(super) fn take_logon(&self, listed: Logon, from: &mut BitReader<'_>) -> Logon {
        let flags = self.passed.take_flags(from);
        let at = usize::from(low16(from.take(self.passed.name)));
        let name = self.names.get(at).copied();
        let forgotten = if self.names.is_empty() { listed.name } else { NameParameter::GIVEN };
        Logon { flags, name: name.unwrap_or(forgotten), ..listed }
    }
}

impl Layout {
    /// Of a scenario; what the machine that follows the documentation never does in it is left
    /// out, unless the machine is `mutated`.
    pub(crate) fn of(scenario: &Scenario, slots: &Slots, mutated: bool) -> Self {
        let calls: Vec<Vec<Call>> = scenario.clients.iter().map(|c| c.calls.clone()).collect();
        let listed = || calls.iter().flatten();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let removes = |call: &Call| matches!(call, Call::OnSession(_, Method::RemoveService(_)));
        let marks = |call: &Call| matches!(call, Call::DeleteProfile(_));
        let budget = scenario.faults.budget;
        let may_fail = !budget.is_spent();
        Self {
            slots: slots.clone(),
            services_of: scenario.profiles.iter().map(|p| p.services).collect(),
            clients: scenario.clients.iter().map(ClientLayout::of).collect(),
            passed: scenario
                .clients
                .iter()
                .flat_map(|client| (0..client.logons()).map(|_| LogonLayout::of(client)))
                .collect(),
            session_width: width_of(slots.len() + 1),
            profile_width: width_of(scenario.profiles.len() + 1),
            spans: scenario.profiles.iter().map(|profile| Span::of(scenario, profile)).collect(),
            tracks_removed: listed().any(removes),
            tracks_marked: listed().any(marks),
            units: match scenario.policy.retry_unit {
                RetryUnit::Step => 0,
                RetryUnit::Service => number(scenario.services.len()),
                RetryUnit::Logon => 1,
            },
            // Zero to all further tries; a mutated machine spends one more.
            spent_width: width_of(usize::from(scenario.policy.tries.count()) + 1).min(2),
            tracks_deferred: mutated || scenario.providers.iter().any(Provider::may_be_put_off),
            tracks_promised: scenario.policy.deferred == Deferred::On,
            tracks_libraries: scenario.clients.iter().any(|client| client.initializes),
            services: number(scenario.services.len()),
            providers: number(scenario.providers.len()),
            profiles: number(scenario.profiles.len()),
            unconfigured: ServiceSet::of(&scenario.services, |s| !s.complete),
            unsupplied: ProviderSet::of(&scenario.providers, |p| !p.complete),
            without_password: ProviderSet::of(&scenario.providers, |p| {
                p.password != Password::Stored
            }),
            fallible: ProviderSet::of(&scenario.providers, |p| may_fail && !p.faults.is_empty()),
            fallible_services: ServiceSet::of(&scenario.services, |s| {
                may_fail && !s.faults.is_empty()
            }),
            corruptible: ProfileSet::of(&scenario.profiles, |p| may_fail && p.corruptible),
            budget_width: budget.limit().map_or(0, |most| width_of(usize::from(most) + 1)),
            phases: phase::Widths::of(scenario, mutated),
            calls,
        }
    }

    /// The most bits a state can need.
    pub(super) fn most_bits(&self) -> u32 {
        let count = |set: ProviderSet| set.len();
        let own = |c: &ClientLayout| c.call + c.initialized + 1 + c.passed.bits();
        let call = self.phases.most() + self.spent_bits();
        let clients: u32 = self.clients.iter().map(|client| own(client) + call).sum();
        let widest = self.spans.iter().map(|span| self.session_bits(*span)).max().unwrap_or(0);
        let logons = u32::try_from(self.passed.len()).unwrap_or(u32::MAX);
        let flags: u32 = self.passed.iter().map(|passed| 2 * passed.any.bits().count_ones()).sum();
        let sessions = logons * (self.session_width + self.profile_width + widest) + flags;
        let faults = count(self.fallible) + self.fallible_services.len();
        let world = self.session_width
            + if self.tracks_marked { self.profiles } else { 0 }
            + if self.tracks_removed { self.services } else { 0 }
            + self.unconfigured.len()
            + count(self.unsupplied)
            + 2 * count(self.without_password)
            + FAULT * faults
            + self.corruptible.len()
            + self.budget_width
            + if self.tracks_libraries { self.providers } else { 0 };
        clients + sessions + world
    }

    pub(super) fn session_bits(&self, span: Span) -> u32 {
        let (services, providers) = (span.services.width(), span.providers.width());
        let removed = if self.tracks_removed { span.services.own } else { 0 };
        let promised = if self.tracks_promised { providers } else { 0 };
        let deferred = if self.tracks_deferred { providers } else { 0 };
        services + removed + providers + deferred + promised
    }

    /// The bits of what a call has spent.
    pub(super) const fn spent_bits(&self) -> u32 {
        self.units * self.spent_width
    }
}

impl Span {
    fn of(scenario: &Scenario, profile: &Profile) -> Self {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        // A foreign store is the only provider of its service.
        let foreign = scenario.foreign().len();
        let ids = |first: Option<u8>, own, all: usize| Ids {
            first: first.map_or(0, u32::from),
            own,
            first_foreign: number(all) - foreign,
            foreign,
        };
        let (services, providers) = (profile.services, profile.providers);
        Self {
            services: ids(
                services.first().map(|first| first.0),
                services.len(),
                scenario.services.len(),
            ),
            providers: ids(
                providers.first().map(|first| first.0),
                providers.len(),
                scenario.providers.len(),
            ),
        }
    }
}
