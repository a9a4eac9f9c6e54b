//! The interface through which the machine reads and writes a world.
//!
//! A step asks for its client's own part, for sessions by name, for what everybody shares, and a
//! few questions about all others together; it reads nothing else. So a world of any size can be
//! stepped: a [`State`] for checking, a population of thousands for a load.

use crate::ids::{ClientId, ProfileId, ProviderId, SessionId, SlotId};
use crate::mapi::LogonFlags;
use crate::world::asked::{Fact, Notes};
use crate::world::facts::{Facts, FactsMut};
use crate::world::session::Session;
use crate::world::sight::Sight;
use crate::world::slots::Slots;
use crate::world::state::{Attachment, ClientState, State};

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
    fn shared(&self) -> Facts<'_>;
    /// The same, to be changed.
    fn shared_mut(&mut self) -> FactsMut<'_>;

    /// Does a logon of another client hold the mutex?
    fn is_locked(&self, but: ClientId) -> bool;
    /// Is another client inside a call on the session?
    fn is_busy(&self, session: SessionId, but: ClientId) -> bool;
    /// Does any client hold the session?
    fn is_open(&self, session: SessionId) -> bool;
    /// How many sessions are open.
    fn open_sessions(&self) -> u32;
    /// The session that is open on the profile, where there is no more than one.
    fn open_on(&self, profile: ProfileId) -> Option<SessionId>;
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
    notes: Notes<'a>,
}

impl<'a> Edit<'a> {
    /// The state, its clients keeping session pointers in these slots.
    #[inline]
    pub(crate) const fn of(state: &'a mut State, slots: &'a Slots, notes: Notes<'a>) -> Self {
        Self { state, slots, notes }
    }

    fn sight(&self) -> Sight<'_> {
        Sight::of(self.state, self.slots, self.notes)
    }
}

impl Store for Edit<'_> {
    #[inline]
    fn kind(&self, client: ClientId) -> ClientId {
        client
    }
    #[inline]
    fn client(&self, client: ClientId) -> &ClientState {
        self.sight().client(client)
    }
    #[inline]
    fn client_mut(&mut self, client: ClientId) -> &mut ClientState {
        self.notes.fact(client, Fact::Whole);
        &mut self.state.clients[client.index()]
    }
    #[inline]
    fn establishes(&self, client: ClientId, number: u8) -> Option<SessionId> {
        self.slots.of_client(client, number).map(SlotId::session)
    }
    #[inline]
    fn attachment(&self, client: ClientId, number: Option<u8>) -> Option<Attachment> {
        self.sight().attachment(client, number)
    }
    fn each_attachment(&self, client: ClientId, each: &mut dyn FnMut(&Attachment)) {
        self.sight().attachments_of(client).for_each(each);
    }
    fn each_listener(&self, session: SessionId, each: &mut dyn FnMut(&Attachment)) {
        self.sight().members(session).for_each(each);
    }
    fn attach(&mut self, client: ClientId, number: u8, session: SessionId, flags: LogonFlags) {
        let Some(slot) = self.slots.of_client(client, number) else {
            return;
        };
        self.notes.fact(client, Fact::Attachments);
        let at = self.state.end_of(client);
        let attachment = Attachment { client, slot, session, flags };
        self.state.attachments.insert(at, attachment);
    }
    fn detach(&mut self, attachment: &Attachment) {
        self.notes.fact(attachment.client, Fact::Attachments);
        self.state.attachments.retain(|one| one.slot != attachment.slot);
    }
    fn detach_all(&mut self, session: SessionId) {
        let sight = self.sight();
        for client in sight.clients() {
            if sight.holds(client, session) {
                self.notes.fact(client, Fact::Attachments);
            }
        }
        self.state.attachments.retain(|one| one.session != session);
    }
    #[inline]
    fn session(&self, session: SessionId) -> &Session {
        self.sight().session(session)
    }
    #[inline]
    fn session_mut(&mut self, session: SessionId) -> &mut Session {
        self.notes.session(self.slots.owner(session), session);
        &mut self.state.sessions[session.index()]
    }
    fn creator(&self, session: SessionId) -> ClientId {
        self.slots.owner(session)
    }
    #[inline]
    fn shared(&self) -> Facts<'_> {
        Facts::noted(&self.state.shared, self.notes)
    }
    #[inline]
    fn shared_mut(&mut self) -> FactsMut<'_> {
        FactsMut::noted(&mut self.state.shared, self.notes)
    }
    fn is_locked(&self, but: ClientId) -> bool {
        let sight = self.sight();
        sight.clients().any(|client| client != but && sight.is_past_q3(client))
    }
    fn is_busy(&self, session: SessionId, but: ClientId) -> bool {
        self.sight().clients().filter(|client| *client != but).any(|client| {
            self.notes.busy(client, session);
            self.state.is_busy_on(self.slots, session, client)
        })
    }
    fn is_open(&self, session: SessionId) -> bool {
        self.sight().is_open(session)
    }
    fn open_sessions(&self) -> u32 {
        self.sight().open_sessions().fold(0, |count, _| count + 1)
    }
    fn open_on(&self, profile: ProfileId) -> Option<SessionId> {
        self.sight().open_on(profile)
    }
    fn uses(&self, profile: ProfileId) -> u32 {
        self.sight().uses(profile)
    }
    fn live_logons(&self, provider: ProviderId) -> u32 {
        self.sight().live_logons(provider)
    }
    fn is_anybody_initialized(&self) -> bool {
        let sight = self.sight();
        sight.clients().any(|client| sight.is_initialized(client))
    }
}

/// Questions about several parts of a state.
impl State {
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

    pub(super) fn is_busy_on(&self, slots: &Slots, session: SessionId, client: ClientId) -> bool {
        self.clients[client.index()].call.is_some_and(|call| {
            call.on().is_some_and(|number| {
                let held = self.attachment(slots, client, number);
                held.is_some_and(|held| held.session == session)
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
