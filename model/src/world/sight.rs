//! The read-only view through which observers, properties and drivers read a state.

use crate::ids::{ClientId, ProfileId, ProfileSet, ProviderId, ProviderSet, ServiceSet, SessionId};
use crate::mapi::Fault;
use crate::protocol::{Action, Call, Choice, Phase, Place, Task};
use crate::scenario::Budget;
use crate::world::session::Session;
use crate::world::slots::Slots;
use crate::world::state::{Attachment, ClientState, Shared, State};

/// A state, to be read.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'a> {
    slots: &'a Slots,
    state: &'a State,
}

impl<'a> Sight<'a> {
    /// The state, its clients keeping session pointers in these slots.
    #[inline]
    pub(crate) const fn of(state: &'a State, slots: &'a Slots) -> Self {
        Self { slots, state }
    }
    /// One client's own state.
    #[inline]
    #[must_use]
    pub fn client(self, client: ClientId) -> &'a ClientState {
        &self.state.clients[client.index()]
    }
    /// Is there such a client?
    #[inline]
    #[must_use]
    pub fn has(self, client: ClientId) -> bool {
        client.index() < self.state.clients.len()
    }
    /// All clients.
    pub fn clients(self) -> impl Iterator<Item = ClientId> + use<> {
        (0..self.state.clients.len()).map(ClientId::from)
    }
    /// A session in the making or open; [`Session::NONE`] where there is none.
    #[inline]
    #[must_use]
    pub fn session(self, session: SessionId) -> &'a Session {
        self.state.sessions.get(session.index()).unwrap_or(&Session::NONE)
    }
    /// All sessions there is room for.
    pub fn sessions(self) -> impl Iterator<Item = SessionId> + use<> {
        (0..self.state.sessions.len()).map(SessionId::from)
    }
    /// Who established, or would establish, the session.
    #[must_use]
    pub fn creator(self, session: SessionId) -> ClientId {
        self.slots.owner(session)
    }
    /// Every attachment, clients in order, oldest first.
    #[inline]
    #[must_use]
    pub fn attachments(self) -> &'a [Attachment] {
        &self.state.attachments
    }
    /// The attachments to a session.
    pub fn members(self, session: SessionId) -> impl Iterator<Item = &'a Attachment> {
        let all = self.state.attachments.iter();
        all.filter(move |one| one.session == session)
    }
    /// The client's attachment kept in its `number`th slot; without a number, the one it obtained
    /// last and still holds.
    #[must_use]
    pub fn attachment(self, client: ClientId, number: Option<u8>) -> Option<Attachment> {
        self.state.attachment(self.slots, client, number)
    }
    /// The session the client obtained last and still holds.
    #[must_use]
    pub fn session_held(self, client: ClientId) -> Option<SessionId> {
        self.attachment(client, None).map(|held| held.session)
    }
    /// The call that an action begins or carries on.
    #[inline]
    #[must_use]
    pub fn call_of(self, action: Action) -> Option<Call> {
        match action.choice {
            Choice::Begin(call) => Some(call),
            Choice::Refuse(_) => Some(Call::Initialize),
            Choice::Proceed
            | Choice::TimeOut
            | Choice::Try(_)
            | Choice::Postpone
            | Choice::Configure { .. }
            | Choice::Answer(_) => self.client(action.client).call,
        }
    }
    /// The session a call makes or acts on.
    #[must_use]
    pub fn session_of(self, client: ClientId, call: Call) -> Option<SessionId> {
        match call {
            Call::LogonEx(logon) => {
                let slot = self.slots.of_client(client, logon.slot);
                slot.map(crate::ids::SlotId::session)
            }
            Call::OnSession(number, _) => self.attachment(client, number).map(|held| held.session),
            Call::Initialize | Call::Uninitialize | Call::DeleteProfile(_) => None,
        }
    }
    /// What belongs to no client and to no session.
    #[inline]
    #[must_use]
    pub const fn shared(self) -> &'a Shared {
        &self.state.shared
    }
    /// The session that calls without `MAPI_NEW_SESSION` join.
    #[must_use]
    pub const fn current(self) -> Option<SessionId> {
        self.state.shared.current
    }
    /// Does any client hold the session?
    #[inline]
    #[must_use]
    pub fn is_open(self, session: SessionId) -> bool {
        self.members(session).next().is_some()
    }
    /// The sessions that are open.
    pub fn open_sessions(self) -> impl Iterator<Item = SessionId> + 'a {
        self.sessions().filter(move |session| self.is_open(*session))
    }
    /// Whose logon is past Q3 and so holds the mutex, where there is one.
    #[must_use]
    pub fn mutex_holder(self) -> Option<ClientId> {
        self.state.holder(|_| true)
    }
    /// How many sessions use the profile, those in the making included.
    #[must_use]
    pub fn uses(self, profile: ProfileId) -> u32 {
        self.state.uses(profile)
    }
    /// How many logons the provider carries, all sessions together (LIM-5).
    #[must_use]
    pub fn live_logons(self, provider: ProviderId) -> u32 {
        self.state.live_logons(provider)
    }
    /// The fault the provider suffers from.
    #[must_use]
    pub const fn fault(self, provider: ProviderId) -> Option<Fault> {
        self.state.shared.fault(provider)
    }
    /// The fault the task suffers from.
    #[must_use]
    pub const fn fault_of(self, task: Task) -> Option<Fault> {
        self.state.shared.fault_of(task)
    }
    /// Profiles that data corruption has struck.
    #[must_use]
    pub const fn damaged(self) -> ProfileSet {
        self.state.shared.damaged
    }
    /// How many faults may still strike.
    #[must_use]
    pub const fn budget(self) -> Budget {
        self.state.shared.budget
    }
    /// Profiles marked for deletion.
    #[must_use]
    pub const fn marked(self) -> ProfileSet {
        self.state.shared.marked
    }
    /// Services removed from their profiles.
    #[must_use]
    pub const fn removed(self) -> ServiceSet {
        self.state.shared.removed
    }
    /// Services whose configuration is complete in the profile.
    #[must_use]
    pub const fn configured(self) -> ServiceSet {
        self.state.shared.configured
    }
    /// Providers whose own data is complete.
    #[must_use]
    pub const fn supplied(self) -> ProviderSet {
        self.state.shared.supplied
    }
    /// Providers whose password is stored and right.
    #[must_use]
    pub const fn passwords(self) -> ProviderSet {
        self.state.shared.passwords
    }
    /// Providers that have refused a logon since because of their password.
    #[must_use]
    pub const fn refused(self) -> ProviderSet {
        self.state.shared.refused
    }
    /// Providers whose library is loaded.
    #[must_use]
    pub const fn libraries(self) -> ProviderSet {
        self.state.shared.libraries
    }
    /// The state of SPEC 7.1 in which a client's call or attachment rests.
    #[must_use]
    pub fn place(self, client: ClientId) -> Place {
        let me = self.client(client);
        if me.phase != Phase::Ready {
            return me.phase.row().place;
        }
        if me.initialized == 0 {
            Place::Q0
        } else if self.session_held(client).is_some() {
            Place::W0
        } else if me.obtained {
            Place::W4
        } else {
            Place::Q1
        }
    }
}
