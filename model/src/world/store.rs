//! The interface through which the machine reads and writes a world.
//!
//! A step asks for its client's own part, for sessions by name, for what everybody shares, and a
//! few questions about all others together; it reads nothing else. So a world of any size can be
//! stepped: a [`State`] for checking, a population of thousands for a load.

use crate::ids::{ClientId, ProfileId, ProviderId, SessionId, SlotId};
use crate::mapi::LogonFlags;
use crate::world::session::Session;
use crate::world::slots::Slots;
use crate::world::state::{Attachment, ClientState, Shared, State};

/// A world that can be stepped.
pub trait Store {
    /// The client of the scenario that this one behaves as.
    fn kind(&self, client: ClientId) -> ClientId;
    /// One client's own state.
    fn client(&self, client: ClientId) -> &ClientState;
    /// One client's own state, to be changed.
    fn client_mut(&mut self, client: ClientId) -> &mut ClientState;

    /// The session that a logon of the client establishes when it keeps its pointer in its
    /// `number`th slot, if there is such a slot.
    fn establishes(&self, client: ClientId, number: u8) -> Option<SessionId>;
    /// The client's attachment that a call through that slot acts on; without a number, the one it
    /// obtained last and still holds.
    fn attachment(&self, client: ClientId, number: Option<u8>) -> Option<Attachment>;
    /// Calls `each` with every attachment of the client, oldest first.
    fn each_attachment(&self, client: ClientId, each: &mut dyn FnMut(&Attachment));
    /// Calls `each` with every attachment to the session whose holder listens to notifications,
    /// clients in order.
    fn each_listener(&self, session: SessionId, each: &mut dyn FnMut(&Attachment));
    /// Gives the client a hold on the session.
    fn attach(&mut self, client: ClientId, number: u8, session: SessionId, flags: LogonFlags);
    /// Ends one attachment.
    fn detach(&mut self, attachment: &Attachment);
    /// Ends every attachment to the session.
    fn detach_all(&mut self, session: SessionId);

    /// A session in the making or open; [`Session::NONE`] where there is none.
    fn session(&self, session: SessionId) -> &Session;
    /// A session, to be changed.
    fn session_mut(&mut self, session: SessionId) -> &mut Session;
    /// Who established the session.
    fn creator(&self, session: SessionId) -> ClientId;

    /// What belongs to no client and to no session.
    fn shared(&self) -> &Shared;
    /// The same, to be changed.
    fn shared_mut(&mut self) -> &mut Shared;

    /// Does a logon of another client hold the mutex?
    fn is_locked(&self, but: ClientId) -> bool;
    /// Is another client inside a call on the session?
    fn is_busy(&self, session: SessionId, but: ClientId) -> bool;
    /// Does any client hold the session?
    fn is_open(&self, session: SessionId) -> bool;
    /// How many sessions are open.
    fn open_sessions(&self) -> u32;
    /// How many sessions use the profile, those in the making included.
    fn uses(&self, profile: ProfileId) -> u32;
    /// How many logons the provider carries, all sessions together (LIM-5).
    fn live_logons(&self, provider: ProviderId) -> u32;
    /// Has any client initialised MAPI?
    fn is_anybody_initialized(&self) -> bool;
}

/// A state being changed by a step.
pub(crate) struct Edit<'a> {
    state: &'a mut State,
    slots: &'a Slots,
}

impl<'a> Edit<'a> {
    /// The state, its clients keeping session pointers in these slots.
    #[inline]
    pub(crate) const fn of(state: &'a mut State, slots: &'a Slots) -> Self {
        Self { state, slots }
    }
}

impl Store for Edit<'_> {
    #[inline]
    fn kind(&self, client: ClientId) -> ClientId {
        client
    }
    #[inline]
    fn client(&self, client: ClientId) -> &ClientState {
        &self.state.clients[client.index()]
    }
    #[inline]
    fn client_mut(&mut self, client: ClientId) -> &mut ClientState {
        &mut self.state.clients[client.index()]
    }
    #[inline]
    fn establishes(&self, client: ClientId, number: u8) -> Option<SessionId> {
        self.slots.of_client(client, number).map(SlotId::session)
    }
    #[inline]
    fn attachment(&self, client: ClientId, number: Option<u8>) -> Option<Attachment> {
        self.state.attachment(self.slots, client, number)
    }
    fn each_attachment(&self, client: ClientId, each: &mut dyn FnMut(&Attachment)) {
        let own = self.state.attachments.iter();
        own.filter(|one| one.client == client).for_each(each);
    }
    fn each_listener(&self, session: SessionId, each: &mut dyn FnMut(&Attachment)) {
        let members = self.state.attachments.iter();
        members.filter(|one| one.session == session).for_each(each);
    }
    fn attach(&mut self, client: ClientId, number: u8, session: SessionId, flags: LogonFlags) {
        let Some(slot) = self.slots.of_client(client, number) else {
            return;
        };
        let at = self.state.end_of(client);
        let attachment = Attachment { client, slot, session, flags };
        self.state.attachments.insert(at, attachment);
    }
    fn detach(&mut self, attachment: &Attachment) {
        self.state.attachments.retain(|one| one.slot != attachment.slot);
    }
    fn detach_all(&mut self, session: SessionId) {
        self.state.attachments.retain(|one| one.session != session);
    }
    #[inline]
    fn session(&self, session: SessionId) -> &Session {
        self.state.sessions.get(session.index()).unwrap_or(&Session::NONE)
    }
    #[inline]
    fn session_mut(&mut self, session: SessionId) -> &mut Session {
        &mut self.state.sessions[session.index()]
    }
    fn creator(&self, session: SessionId) -> ClientId {
        self.slots.owner(session)
    }
    #[inline]
    fn shared(&self) -> &Shared {
        &self.state.shared
    }
    #[inline]
    fn shared_mut(&mut self) -> &mut Shared {
        &mut self.state.shared
    }
    fn is_locked(&self, but: ClientId) -> bool {
        self.state.holder(|client| client != but).is_some()
    }
    fn is_busy(&self, session: SessionId, but: ClientId) -> bool {
        self.state.is_busy(self.slots, session, but)
    }
    fn is_open(&self, session: SessionId) -> bool {
        self.state.attachments.iter().any(|one| one.session == session)
    }
    fn open_sessions(&self) -> u32 {
        let slots = (0..self.state.sessions.len()).map(SessionId::from);
        slots.fold(0, |count, session| count + u32::from(self.is_open(session)))
    }
    fn uses(&self, profile: ProfileId) -> u32 {
        self.state.uses(profile)
    }
    fn live_logons(&self, provider: ProviderId) -> u32 {
        self.state.live_logons(provider)
    }
    fn is_anybody_initialized(&self) -> bool {
        self.state.clients.iter().any(|client| client.initialized > 0)
    }
}

/// Questions about several parts of a state.
impl State {
    /// The one client among those `asked` whose logon holds the mutex.
    pub(super) fn holder(&self, asked: impl Fn(ClientId) -> bool) -> Option<ClientId> {
        (0..self.clients.len())
            .map(ClientId::from)
            .find(|client| self.clients[client.index()].is_past_q3() && asked(*client))
    }

    pub(super) fn attachment(
        &self,
        slots: &Slots,
        client: ClientId,
        number: Option<u8>,
    ) -> Option<Attachment> {
        let slot = number.map(|number| slots.of_client(client, number));
        let mut own = self.attachments.iter().rev();
        own.find(|one| one.client == client && slot.is_none_or(|slot| slot == Some(one.slot)))
            .copied()
    }

    pub(super) fn is_busy(&self, slots: &Slots, session: SessionId, but: ClientId) -> bool {
        (0..self.clients.len()).map(ClientId::from).any(|client| {
            client != but
                && self.clients[client.index()].call.is_some_and(|call| {
                    call.on().is_some_and(|number| {
                        let held = self.attachment(slots, client, number);
                        held.is_some_and(|held| held.session == session)
                    })
                })
        })
    }

    pub(super) fn uses(&self, profile: ProfileId) -> u32 {
        let used = |session: &&Session| session.profile == Some(profile);
        self.sessions.iter().filter(used).fold(0, |count, _| count + 1)
    }

    pub(super) fn live_logons(&self, provider: ProviderId) -> u32 {
        let carries = |session: &&Session| session.running.contains(provider);
        self.sessions.iter().filter(carries).fold(0, |count, _| count + 1)
    }
}
