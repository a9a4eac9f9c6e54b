//! What becomes of a state, a memory and an action when things are renamed?

use crate::action::{Action, Answer, Choice};
use crate::ids::{
    CLIENTS, ClientId, LOGONS, LogonId, PROFILES, PROVIDERS, ProfileId, ProfileSet, ProviderId,
    ProviderSet, SERVICES, ServiceId, ServiceSet, SessionId, SessionSet,
};
use crate::observer::{Memory, Progress, Trial};
use crate::scenario::Profile;
use crate::state::{ClientState, Phase, Session, State, Task};

/// New names for the things of a scenario, each given once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Renaming {
    clients: [ClientId; CLIENTS],
    logons: [LogonId; LOGONS],
    profiles: [ProfileId; PROFILES],
    services: [ServiceId; SERVICES],
    providers: [ProviderId; PROVIDERS],
    /// Is any profile renamed, and with it its services and providers?
    moves_profiles: bool,
}

impl Renaming {
    /// Every name stays.
    #[must_use]
    pub fn identity() -> Self {
        Self {
            clients: std::array::from_fn(ClientId::from),
            logons: std::array::from_fn(LogonId::from),
            profiles: std::array::from_fn(ProfileId::from),
            services: std::array::from_fn(ServiceId::from),
            providers: std::array::from_fn(ProviderId::from),
            moves_profiles: false,
        }
    }

    /// This renaming followed by another.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        Self {
            clients: self.clients.map(|id| next.client(id)),
            logons: self.logons.map(|id| next.session(id)),
            profiles: self.profiles.map(|id| next.profile(id)),
            services: self.services.map(|id| next.service(id)),
            providers: self.providers.map(|id| next.provider(id)),
            moves_profiles: self.moves_profiles || next.moves_profiles,
        }
    }

    /// The renaming that takes this one back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let mut inverse = Self::identity();
        for (from, to) in self.clients.iter().enumerate() {
            inverse.clients[to.index()] = from.into();
        }
        for (from, to) in self.logons.iter().enumerate() {
            inverse.logons[to.index()] = from.into();
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
        inverse
    }

    /// Renames a client; its logon calls, given by the first and their number, take the places of
    /// the other's in their order.
    pub(super) fn move_client(
        &mut self,
        from: ClientId,
        to: ClientId,
        (old, count): (u8, u8),
        (new, _): (u8, u8),
    ) {
        self.clients[from.index()] = to;
        for rank in 0..count {
            self.logons[usize::from(old + rank)] = LogonId(new + rank);
        }
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
    /// A session's, or logon call's, new name.
    #[must_use]
    pub fn session(&self, session: SessionId) -> SessionId {
        self.logons[session.index()]
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
            Choice::Answer(Answer::Pick(profile)) => {
                Choice::Answer(Answer::Pick(self.profile(profile)))
            }
            choice @ (Choice::Begin
            | Choice::Proceed
            | Choice::TimeOut
            | Choice::Try(_)
            | Choice::Postpone
            | Choice::Refuse(_)
            | Choice::Configure { .. }
            | Choice::Answer(_)) => choice,
        };
        Action { client: self.client(action.client), choice }
    }

    /// The renamed state.
    #[must_use]
    pub fn state(&self, state: &State) -> State {
        let mut renamed = State {
            clients: state.clients,
            attached: state.attached,
            sessions: state.sessions,
            current: state.current.map(|id| self.session(id)),
            marked: self.profile_set(state.marked),
            removed: self.service_set(state.removed),
            configured: self.service_set(state.configured),
            supplied: self.provider_set(state.supplied),
            passwords: self.provider_set(state.passwords),
            refused: self.provider_set(state.refused),
            faults: state.faults,
            budget: state.budget,
            libraries: self.provider_set(state.libraries),
        };
        for (old, new) in state.clients.iter().zip(self.clients) {
            renamed.clients[new.index()] = self.client_state(old);
        }
        for (old, new) in state.attached.iter().zip(self.logons) {
            renamed.attached[new.index()] = old.map(|id| self.session(id));
        }
        for (old, new) in state.sessions.iter().zip(self.logons) {
            renamed.sessions[new.index()] = self.slot(old);
        }
        if self.moves_profiles {
            for (old, new) in state.faults.iter().zip(self.providers) {
                renamed.faults[new.index()] = *old;
            }
        }
        renamed
    }

    /// The renamed memory.
    #[must_use]
    pub fn memory(&self, memory: &Memory) -> Memory {
        let mut renamed = Memory {
            mutex: memory.mutex.map(|id| self.client(id)),
            logons: memory.logons,
            joinable: memory.joinable.map(|id| self.session(id)),
            trials: memory.trials,
            leaving: self.session_set(memory.leaving),
            late: self.session_set(memory.late),
            lost: self.service_set(memory.lost),
        };
        for (old, new) in memory.logons.iter().zip(self.clients) {
            renamed.logons[new.index()] = self.progress(old);
        }
        for (old, new) in memory.trials.iter().zip(self.clients) {
            renamed.trials[new.index()] =
                Trial { task: old.task.map(|task| self.task(task)), ..*old };
        }
        renamed
    }

    fn client_state(&self, client: &ClientState) -> ClientState {
        if !self.moves_profiles {
            return *client;
        }
        ClientState {
            call: client.call,
            phase: self.phase(client.phase),
            retried: self.service_set(client.retried),
            obtained: client.obtained,
            initialized: client.initialized,
        }
    }

    fn slot(&self, session: &Session) -> Session {
        Session {
            profile: session.profile.map(|id| self.profile(id)),
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
            cancelled: logon.cancelled,
            forced: self.service_set(logon.forced),
            settled: self.service_set(logon.settled),
            turned: self.provider_set(logon.turned),
            spurned: logon.spurned,
        }
    }

    fn phase(&self, phase: Phase) -> Phase {
        match phase {
            Phase::Opening { profile, origin } => {
                Phase::Opening { profile: profile.map(|id| self.profile(id)), origin }
            }
            Phase::Forced(service) => Phase::Forced(self.service(service)),
            Phase::Prompting(service, attempt) => Phase::Prompting(self.service(service), attempt),
            Phase::Trying(provider, attempt) => Phase::Trying(self.provider(provider), attempt),
            Phase::Asking(provider, attempt, asked) => {
                Phase::Asking(self.provider(provider), attempt, asked)
            }
            Phase::Informing(task, code) => Phase::Informing(self.task(task), code),
            Phase::Reconfiguring { provider, corrected } => {
                Phase::Reconfiguring { provider: self.provider(provider), corrected }
            }
            Phase::Disabling(task, code) => Phase::Disabling(self.task(task), code),
            phase @ (Phase::Ready
            | Phase::Waiting
            | Phase::Choosing
            | Phase::PickingProfile
            | Phase::GivingPassword
            | Phase::Finishing
            | Phase::Undoing(_)
            | Phase::Confirming) => phase,
        }
    }

    fn task(&self, task: Task) -> Task {
        match task {
            Task::Configure(service) => Task::Configure(self.service(service)),
            Task::Run(provider) => Task::Run(self.provider(provider)),
        }
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
