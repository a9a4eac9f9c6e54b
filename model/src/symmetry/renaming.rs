//! Renamings, applied to worlds, memories and actions.

use crate::ids::{
    CLIENTS, ClientId, LOGONS, PROFILES, PROVIDERS, ProfileId, ProfileSet, ProviderId, ProviderSet,
    SERVICES, ServiceId, ServiceSet, SessionId, SessionSet, SlotId,
};
use crate::observe::{Common, Memory, Progress, Remembered, Trial};
use crate::policy::RetryUnit;
use crate::protocol::{Action, Answer, Call, Choice, Logon, Method, NameParameter, Phase};
use crate::scenario::Profile;
use crate::world::{Attachment, ClientState, Session, Shared, Spent, State, World};

/// New names for the things of a scenario, each given once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Renaming {
    clients: [ClientId; CLIENTS],
    slots: [SlotId; LOGONS],
    profiles: [ProfileId; PROFILES],
    services: [ServiceId; SERVICES],
    providers: [ProviderId; PROVIDERS],
    /// Is any profile renamed, and with it its services and providers?
    moves_profiles: bool,
    /// Are further tries counted by the call, and not by services (`RETRY_UNIT = "logon"`)?
    calls_count: bool,
}

impl Renaming {
    /// Every name stays.
    #[must_use]
    pub fn identity() -> Self {
        Self {
            clients: std::array::from_fn(ClientId::from),
            slots: std::array::from_fn(SlotId::from),
            profiles: std::array::from_fn(ProfileId::from),
            services: std::array::from_fn(ServiceId::from),
            providers: std::array::from_fn(ProviderId::from),
            moves_profiles: false,
            calls_count: false,
        }
    }

    /// This renaming followed by another.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        Self {
            clients: self.clients.map(|id| next.client(id)),
            slots: self.slots.map(|id| next.slot(id)),
            profiles: self.profiles.map(|id| next.profile(id)),
            services: self.services.map(|id| next.service(id)),
            providers: self.providers.map(|id| next.provider(id)),
            moves_profiles: self.moves_profiles || next.moves_profiles,
            calls_count: self.calls_count || next.calls_count,
        }
    }

    /// The renaming that takes this one back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let mut inverse = Self::identity();
        for (from, to) in self.clients.iter().enumerate() {
            inverse.clients[to.index()] = from.into();
        }
        for (from, to) in self.slots.iter().enumerate() {
            inverse.slots[to.index()] = from.into();
        }
        for (from, to) in self.profiles.iter().enumerate() {
            inverse.profiles[to.index()] = from.into();
        }
        for (from, to) in self.services.iter().enumerate() {
            inverse.services[to.index()] = from.into();
        }
        for (from, to) in self.providers.iter().enumerate() {
            inverse.providers[to.index()] = from.into();
        }
        inverse.moves_profiles = self.moves_profiles;
        inverse.calls_count = self.calls_count;
        inverse
    }

    /// Renames a client; its logon calls, given by the first and their number, take the places of
    /// the other's in their order.
    pub(super) fn move_client(
        &mut self,
        from: ClientId,
        to: ClientId,
        (old, count): (u32, u32),
        (new, _): (u32, u32),
    ) {
        self.clients[from.index()] = to;
        for rank in 0..count {
            self.slots[(old + rank) as usize] = SlotId(new + rank);
        }
    }

    /// Says what counts further tries.
    pub(super) fn count_by(&mut self, unit: RetryUnit) {
        self.calls_count = unit == RetryUnit::Logon;
    }

    /// Renames a profile; its services and providers take the places of the other's in their
    /// order.
    pub(super) fn move_profile(
        &mut self,
        from: ProfileId,
        to: ProfileId,
        old: &Profile,
        new: &Profile,
    ) {
        self.moves_profiles |= from != to;
        self.profiles[from.index()] = to;
        for (old, new) in old.services.zip(new.services) {
            self.services[old.index()] = new;
        }
        for (old, new) in old.providers.zip(new.providers) {
            self.providers[old.index()] = new;
        }
    }

    /// The new names of all clients.
    #[must_use]
    pub const fn clients(&self) -> [ClientId; CLIENTS] {
        self.clients
    }
    /// A client's new name.
    #[must_use]
    pub fn client(&self, client: ClientId) -> ClientId {
        self.clients[client.index()]
    }
    /// A slot's new name.
    #[must_use]
    pub fn slot(&self, slot: SlotId) -> SlotId {
        self.slots[slot.index()]
    }
    /// A session's new name.
    #[must_use]
    pub fn session(&self, session: SessionId) -> SessionId {
        self.slots[session.index()].session()
    }
    /// A profile's new name.
    #[must_use]
    pub fn profile(&self, profile: ProfileId) -> ProfileId {
        self.profiles[profile.index()]
    }
    /// A service's new name.
    #[must_use]
    pub fn service(&self, service: ServiceId) -> ServiceId {
        self.services[service.index()]
    }
    /// A provider's new name.
    #[must_use]
    pub fn provider(&self, provider: ProviderId) -> ProviderId {
        self.providers[provider.index()]
    }

    /// The renamed action.
    #[must_use]
    pub fn action(&self, action: Action) -> Action {
        let choice = match action.choice {
            Choice::Begin(call) => Choice::Begin(self.call(call)),
            Choice::Answer(Answer::Pick(profile)) => {
                Choice::Answer(Answer::Pick(self.profile(profile)))
            }
            choice @ (Choice::Proceed
            | Choice::TimeOut
            | Choice::Try(_)
            | Choice::Postpone
            | Choice::Refuse(_)
            | Choice::Configure { .. }
            | Choice::Answer(_)) => choice,
        };
        Action { client: self.client(action.client), choice }
    }

    /// The renamed call; slots are numbered client by client and stay.
    #[must_use]
    pub fn call(&self, call: Call) -> Call {
        match call {
            Call::LogonEx(logon) => Call::LogonEx(Logon { name: self.name(logon.name), ..logon }),
            Call::DeleteProfile(profile) => Call::DeleteProfile(self.profile(profile)),
            Call::OnSession(slot, method) => Call::OnSession(slot, self.method(method)),
            Call::Initialize | Call::Uninitialize => call,
        }
    }

    fn method(&self, method: Method) -> Method {
        match method {
            Method::OpenMsgStore(provider) => Method::OpenMsgStore(self.provider(provider)),
            Method::RemoveService(service) => Method::RemoveService(self.service(service)),
            Method::Logoff(_)
            | Method::Release
            | Method::OpenAddressBook
            | Method::GetStatusTable
            | Method::GetMsgStoresTable
            | Method::QueryIdentity => method,
        }
    }

    /// The renamed profile name parameter.
    #[must_use]
    pub fn name(&self, name: NameParameter) -> NameParameter {
        match name {
            NameParameter::Name { profile, too_long } => {
                NameParameter::Name { profile: profile.map(|id| self.profile(id)), too_long }
            }
            NameParameter::Null | NameParameter::Empty => name,
        }
    }

    /// The renamed world.
    #[must_use]
    pub fn world(&self, world: &World) -> World {
        let mut renamed = world.clone();
        self.state_into(&world.state, &mut renamed.state);
        for (old, new) in world.cursor.next.iter().zip(self.clients) {
            renamed.cursor.next[new.index()] = *old;
        }
        renamed
    }

    /// The renamed state, over a copy of it.
    fn state_into(&self, state: &State, renamed: &mut State) {
        let (clients, attachments, sessions, shared) = state.parts();
        let renamed = renamed.parts_mut();
        for (old, new) in clients.iter().zip(self.clients) {
            renamed.clients[new.index()] = self.client_state(old);
        }
        for (old, new) in sessions.iter().zip(self.slots) {
            renamed.sessions[new.index()] = self.session_state(old);
        }
        for (old, new) in attachments.iter().zip(&mut *renamed.attachments) {
            *new = Attachment {
                client: self.client(old.client),
                slot: self.slot(old.slot),
                session: self.session(old.session),
                flags: old.flags,
            };
        }
        // Those of one client keep their order.
        renamed.attachments.sort_by_key(|one| one.client);
        self.shared_into(shared, renamed.shared);
    }

    fn shared_into(&self, shared: &Shared, renamed: &mut Shared) {
        *renamed = Shared {
            current: shared.current.map(|id| self.session(id)),
            marked: self.profile_set(shared.marked),
            removed: self.service_set(shared.removed),
            configured: self.service_set(shared.configured),
            supplied: self.provider_set(shared.supplied),
            passwords: self.provider_set(shared.passwords),
            refused: self.provider_set(shared.refused),
            libraries: self.provider_set(shared.libraries),
            damaged: self.profile_set(shared.damaged),
            ..*shared
        };
        if self.moves_profiles {
            for (old, new) in shared.faults.iter().zip(self.providers) {
                renamed.faults[new.index()] = *old;
            }
            for (old, new) in shared.service_faults.iter().zip(self.services) {
                renamed.service_faults[new.index()] = *old;
            }
        }
    }

    /// The renamed memory.
    #[must_use]
    pub fn memory(&self, memory: &Memory) -> Memory {
        let (common, calls) = memory.parts();
        let mut renamed = memory.clone();
        let (into, renamed_calls) = renamed.parts_mut();
        *into = Common {
            mutex: common.mutex.map(|id| self.client(id)),
            joinable: common.joinable.map(|id| self.session(id)),
            leaving: self.session_set(common.leaving),
            late: self.session_set(common.late),
            lost: self.service_set(common.lost),
            ..*common
        };
        for (old, new) in calls.iter().zip(self.clients) {
            renamed_calls[new.index()] = Remembered {
                logon: self.progress(&old.logon),
                trial: Trial {
                    task: old
                        .trial
                        .task
                        .map(|task| task.renamed(|id| self.service(id), |id| self.provider(id))),
                    ..old.trial
                },
            };
        }
        renamed
    }

    fn client_state(&self, client: &ClientState) -> ClientState {
        if !self.moves_profiles {
            return *client;
        }
        ClientState {
            call: client.call.map(|call| self.call(call)),
            phase: self.phase(client.phase),
            spent: self.spent(client.spent),
            obtained: client.obtained,
            initialized: client.initialized,
        }
    }

    fn session_state(&self, session: &Session) -> Session {
        Session {
            profile: session.profile.map(|id| self.profile(id)),
            flags: session.flags,
            services: self.service_set(session.services),
            disabled: self.service_set(session.disabled),
            running: self.provider_set(session.running),
            deferred: self.provider_set(session.deferred),
            promised: self.provider_set(session.promised),
        }
    }

    fn progress(&self, logon: &Progress) -> Progress {
        Progress {
            making: logon.making.map(|id| self.session(id)),
            forced: self.service_set(logon.forced),
            settled: self.service_set(logon.settled),
            turned: self.provider_set(logon.turned),
            ..*logon
        }
    }

    fn phase(&self, phase: Phase) -> Phase {
        phase.renamed(|id| self.profile(id), |id| self.service(id), |id| self.provider(id))
    }

    /// Units are services where services count; the one unit of a call is no service.
    fn spent(&self, spent: Spent) -> Spent {
        if self.calls_count {
            return spent;
        }
        let units = (0..SERVICES).map(ServiceId::from);
        units.fold(Spent::NONE, |renamed, unit| {
            Spent(renamed.0 | u32::from(spent.by(unit)) << (2 * self.service(unit).0))
        })
    }

    fn session_set(&self, set: SessionSet) -> SessionSet {
        set.fold(SessionSet::EMPTY, |renamed, id| renamed.or(SessionSet::only(self.session(id))))
    }

    fn profile_set(&self, set: ProfileSet) -> ProfileSet {
        if !self.moves_profiles {
            return set;
        }
        set.fold(ProfileSet::EMPTY, |renamed, id| renamed.or(ProfileSet::only(self.profile(id))))
    }

    fn service_set(&self, set: ServiceSet) -> ServiceSet {
        if !self.moves_profiles {
            return set;
        }
        set.fold(ServiceSet::EMPTY, |renamed, id| renamed.or(ServiceSet::only(self.service(id))))
    }

    fn provider_set(&self, set: ProviderSet) -> ProviderSet {
        if !self.moves_profiles {
            return set;
        }
        set.fold(ProviderSet::EMPTY, |renamed, id| renamed.or(ProviderSet::only(self.provider(id))))
    }
}
