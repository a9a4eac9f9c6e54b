//! Partial-order reduction: the clients whose steps can matter to a call that is being followed.
//!
//! Two calls are independent if their footprints have no conflict: whatever the one does can as
//! well be done after the other has returned. A step without a conflict is an ample set of its own:
//! it is taken alone.

use mapi_logon_model::ids::{ClientId, ClientSet, ProviderId, ProviderSet, SessionId};
use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::{Code, LogonFlags, ProviderKind};
use mapi_logon_model::policy::{Dialogs, Mutex, SharedClash, SharedSessions, TimeoutMode};
use mapi_logon_model::protocol::{Logon, Method, NameParameter, Phase, Task};
use mapi_logon_model::scenario::{Named, Password, Scenario};
use mapi_logon_model::world::Sight;

use super::belief::{Belief, Candidate, Open, Progress};
use super::expected::{Expected, Snapshot};
use super::pointers::Begun;
use crate::recording::Returned;

/// A set of things that calls of different clients may have in common.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Cells(u128);

impl Cells {
    const NONE: Self = Self(0);
    /// Faults and data of providers, one cell each.
    const PROVIDERS: Self = Self(0xffff_ffff);
    /// Sessions, one cell each.
    const SESSIONS: Self = Self((u64::MAX as u128) << 32);
    /// Which session is shared, and who is in it.
    const SHARED: Self = Self(1 << 96);
    /// How many sessions are open.
    const COUNT: Self = Self(1 << 97);
    /// How many logons providers carry.
    const CAPS: Self = Self(1 << 98);
    /// Profiles and their services, and who has initialised MAPI.
    const ADMINISTRATION: Self = Self(1 << 99);
    /// The mutex: whoever may hold it reads, a call that times out writes, as it needs a holder.
    const MUTEX: Self = Self(1 << 100);

    const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
    const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
    const fn is_empty(self) -> bool {
        self.0 == 0
    }
    const fn when(self, condition: bool) -> Self {
        if condition { self } else { Self::NONE }
    }
    const fn providers(set: ProviderSet) -> Self {
        Self(set.0 as u128)
    }
    const fn provider(provider: ProviderId) -> Self {
        Self::providers(ProviderSet::only(provider))
    }
    const fn session(session: SessionId) -> Self {
        Self(1 << (32 + session.0))
    }
}

/// What a call may read and change of what is not its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Footprint {
    reads: Cells,
    writes: Cells,
}

impl Footprint {
    /// What one of two calls changes and the other reads or changes.
    const fn conflict(self, other: Self) -> Cells {
        let own = self.writes.and(other.reads.or(other.writes));
        own.or(other.writes.and(self.reads))
    }

    const fn or(self, other: Self) -> Self {
        Self { reads: self.reads.or(other.reads), writes: self.writes.or(other.writes) }
    }
}

/// The calls in progress, as far as footprints depend on them.
#[derive(Clone, Copy, Debug)]
struct Surroundings<'a> {
    model: &'a Model,
    /// Faults may strike or be gone, so that what a try meets depends on other tries.
    fickle: bool,
    /// How the session stands that some call obtains is known.
    snapshots: bool,
}

/// What a call that a candidate makes or will make may read and change: judged by its kind
/// and parameters alone, and rather too much than too little.
fn footprint(around: Surroundings<'_>, client: ClientId, open: &Open, at: &Candidate) -> Footprint {
    match open.begun {
        Begun::Logon(logon) => {
            let waits = times_out(&open.expected);
            let mut footprint = around.of_logon(&logon);
            footprint.writes = footprint.writes.or(Cells::MUTEX.when(waits));
            footprint
        }
        Begun::OnSession(label, method) => around.of_method(client, label, method, at),
        Begun::Other(_) => Footprint {
            reads: Cells::PROVIDERS,
            writes: Cells(u128::MAX).without(Cells::PROVIDERS).without(Cells::MUTEX),
        },
    }
}

fn times_out(expected: &Expected) -> bool {
    expected.result == Some(Returned::With(Code::Timeout))
}

impl Surroundings<'_> {
    fn of_logon(self, logon: &Logon) -> Footprint {
        let scenario = self.model.scenario();
        let new = logon.flags.contains(LogonFlags::MAPI_NEW_SESSION);
        let shares = logon.flags.contains(LogonFlags::MAPI_ALLOW_OTHERS);
        let looks = !new || shares && scenario.policy.shared_clash != SharedClash::Newest;
        let any = by_profile(scenario);
        let mut footprint = self.of_tries(profile_providers(scenario, logon.flags, logon.name));
        footprint.reads = footprint.reads.or(Cells::SHARED.when(looks || any)).or(Cells::MUTEX);
        footprint.writes = footprint.writes.or(Cells::SHARED.when(!new || shares || any));
        footprint
    }

    fn of_method(
        self,
        client: ClientId,
        label: Option<u32>,
        method: Method,
        at: &Candidate,
    ) -> Footprint {
        let (model, sight) = (self.model, self.model.sight(&at.state));
        let started = match method {
            Method::Logoff(_) | Method::Release => Some(ProviderSet::EMPTY),
            Method::OpenMsgStore(store) => Some(ProviderSet::only(store)),
            Method::OpenAddressBook => Some(model.kind(ProviderKind::AddressBook)),
            Method::GetStatusTable => Some(model.kind(ProviderKind::Transport)),
            Method::GetMsgStoresTable | Method::QueryIdentity | Method::RemoveService(_) => None,
        };
        let leaves = matches!(method, Method::Logoff(_) | Method::Release);
        let mut sessions = Cells::NONE;
        let mut footprint = Footprint::default();
        for held in sight.attachments() {
            if held.client != client || label.is_some() && at.progress.labels.of(held.slot) != label
            {
                continue;
            }
            let session = sight.session(held.session);
            sessions = sessions.or(Cells::session(held.session));
            if let Some(started) = started {
                let reached = session.services().or(model.scenario().foreign());
                let own = model.providers_of(reached);
                let shared =
                    model.permissions(session.flags()).shareable || by_profile(model.scenario());
                let tries = self.of_tries(own.and(started));
                footprint = footprint.or(tries);
                let shows = Cells::SHARED.when(shared && (leaves || self.snapshots));
                footprint.writes = footprint.writes.or(shows);
            }
        }
        if let Method::RemoveService(_) = method {
            footprint.writes = Cells::ADMINISTRATION;
        }
        footprint.writes = footprint.writes.or(sessions);
        footprint
    }

    /// Of tries of these providers; limits make every call that comes under them matter to others.
    fn of_tries(self, providers: ProviderSet) -> Footprint {
        let scenario = self.model.scenario();
        let caps = scenario.providers.iter().any(|one| one.session_cap.is_some());
        let limits = Cells::COUNT.when(scenario.max_sessions.is_some());
        let providers = Cells::providers(providers);
        Footprint {
            reads: providers.or(Cells::ADMINISTRATION),
            writes: providers.when(self.fickle).or(limits).or(Cells::CAPS.when(caps)),
        }
    }
}

/// Can every logon join what any other has made?
fn by_profile(scenario: &Scenario) -> bool {
    scenario.policy.shared_sessions == SharedSessions::ByProfile
}

/// The providers that a logon may start.
fn profile_providers(scenario: &Scenario, flags: LogonFlags, name: NameParameter) -> ProviderSet {
    let asks = flags.contains(LogonFlags::MAPI_LOGON_UI) && scenario.policy.dialogs == Dialogs::On;
    let asks = asks || flags.contains(LogonFlags::MAPI_USE_DEFAULT);
    let default = match scenario.default_profile {
        Named::Profile(profile) if name.is_absent() => Some(profile),
        Named::Profile(_) | Named::Unknown | Named::Nothing => None,
    };
    match name.profile().or(default) {
        Some(profile) if !asks => scenario.profiles[profile.index()].providers,
        Some(_) | None => ProviderSet::first_n(scenario.providers.len()),
    }
}

/// The footprints of the calls in progress.
#[derive(Clone, Debug)]
pub(super) struct Reduction<'a> {
    model: &'a Model,
    pub(super) belief: &'a Belief,
    footprints: Vec<Footprint>,
}

impl<'a> Reduction<'a> {
    /// Of the calls in progress in these candidates; `faults` says whether faults are reckoned
    /// with.
    pub(super) fn of(
        model: &'a Model,
        belief: &'a Belief,
        faults: bool,
        candidates: &[Candidate],
    ) -> Self {
        let scenario = model.scenario();
        let providers = &scenario.providers;
        let complete = scenario.services.iter().all(|service| service.complete)
            && providers.iter().all(|one| one.complete && one.password == Password::Stored);
        let open = || belief.open.iter().enumerate();
        let calls = || open().filter_map(|(index, open)| Some((index, open.as_ref()?)));
        let around = Surroundings {
            model,
            fickle: faults || !complete,
            snapshots: calls().any(|(_, open)| open.expected.snapshot != Snapshot::default()),
        };
        let mut footprints = vec![Footprint::default(); belief.open.len()];
        if calls().count() > 1 {
            for candidate in candidates {
                for (index, open) in calls() {
                    let here = footprint(around, index.into(), open, candidate);
                    footprints[index] = footprints[index].or(here);
                }
            }
        }
        Self { model, belief, footprints }
    }

    /// The clients whose steps can matter to this client's call, its own included.
    pub(super) fn dependent_on(&self, client: ClientId) -> ClientSet {
        let mut dependent = ClientSet::only(client);
        loop {
            let all = dependent.map(|one| self.footprints[one.index()]);
            let all = all.fold(Footprint::default(), Footprint::or);
            let others = self.belief.open.iter().zip(&self.footprints).enumerate();
            let next = others.fold(dependent, |mut set, (index, (open, own))| {
                if open.is_some() && !own.conflict(all).is_empty() {
                    set.insert(index.into());
                }
                set
            });
            if next == dependent {
                return dependent;
            }
            dependent = next;
        }
    }

    /// Whose steps are to be taken from here for this client's call to return, one that comes to
    /// nothing giving way to all of `dependent`; nobody where it cannot be said.
    ///
    /// A step without a conflict may be taken before whatever others do: alone the client's own, or
    /// alone those of the holder of the mutex that it waits for. That a logon begins to wait comes
    /// first.
    pub(super) fn ample(
        &self,
        at: &Candidate,
        client: ClientId,
        dependent: ClientSet,
    ) -> Option<ClientId> {
        let open = self.belief.open[client.index()].as_ref()?;
        let (sight, progress) = (self.model.sight(&at.state), &at.progress);
        let phase = |client| sight.client(client).phase();
        let locks = self.model.scenario().policy.mutex == Mutex::On;
        let waits = locks && phase(client) == Phase::Waiting;
        let holder = sight.mutex_holder().filter(|_| waits);
        // A call that times out may as well do so before the mutex is handed on.
        if holder.is_some() && times_out(&open.expected)
            || self.is_independent(sight, progress, client)
        {
            return Some(client);
        }
        let mut begin = dependent.filter(|one| phase(*one) == Phase::Ready);
        let alone = holder.filter(|holder| self.is_independent(sight, progress, *holder));
        alone.or_else(|| begin.find(|one| self.is_independent(sight, progress, *one)))
    }

    /// Has the next step of the client's call no conflict with any other call?
    fn is_independent(&self, sight: Sight<'_>, progress: &Progress, client: ClientId) -> bool {
        let Some(open) = &self.belief.open[client.index()] else {
            return false;
        };
        let others = self.footprints.iter().enumerate();
        let others = others.filter(|(other, _)| *other != client.index());
        let others = others.fold(Footprint::default(), |all, (_, other)| all.or(*other));
        let mut conflict = self.footprints[client.index()].conflict(others);
        if matches!(open.begun, Begun::Logon(_)) && !by_profile(self.model.scenario()) {
            // The session in the making is nobody else's yet.
            conflict = conflict.without(Cells::SHARED.or(Cells::COUNT));
        }
        // Calls on one session take turns.
        conflict = conflict.without(Cells::SESSIONS).without(Cells::MUTEX);
        let tries = conflict.and(Cells::PROVIDERS);
        conflict.without(tries).is_empty()
            && self.is_own(sight.client(client).phase(), tries, || {
                !progress.returned.contains(client) && self.begins_alone(open)
            })
    }

    /// Does what goes on in the phase concern nobody else, but for providers that others try?
    fn is_own(&self, phase: Phase, tries: Cells, begins: impl FnOnce() -> bool) -> bool {
        if let Phase::Trying(provider, _)
        | Phase::Asking(provider, ..)
        | Phase::Reconfiguring(provider, _) = phase
        {
            tries.and(Cells::provider(provider)).is_empty()
        } else if let Phase::Forced(_)
        | Phase::Prompting(..)
        | Phase::Checking(..)
        | Phase::Informing(Task::Configure(_), ..) = phase
        {
            tries.is_empty()
        } else if phase == Phase::Ready {
            begins()
        } else {
            // The mutex, or who is in the session, is everybody's.
            matches!(
                phase,
                Phase::PickingProfile
                    | Phase::Opening { .. }
                    | Phase::GivingPassword
                    | Phase::Informing(Task::Run(_), ..)
                    | Phase::Disabling(..)
            )
        }
    }

    /// Does the call begin without looking at what others do?
    fn begins_alone(&self, open: &Open) -> bool {
        let tries = self.model.scenario().policy.timeout_mode == TimeoutMode::TryLock;
        let short = LogonFlags::MAPI_TIMEOUT_SHORT;
        matches!(open.begun, Begun::Logon(logon) if !(tries && logon.flags.contains(short)))
    }
}
