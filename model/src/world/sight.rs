//! The read-only view through which observers, properties and drivers read a state.

use crate::ids::{ClientId, ProfileId, ProfileSet, ProviderId, ProviderSet, ServiceSet, SessionId};
use crate::mapi::{Fault, LogoffFlags, LogonFlags};
use crate::protocol::{Action, Call, Choice, Method, Offer, Phase, Place, Task};
use crate::scenario::Budget;
use crate::world::asked::{Fact, Notes};
use crate::world::facts::Facts;
use crate::world::session::Session;
use crate::world::slots::Slots;
use crate::world::state::{Attachment, ClientState, State};

/// A state, to be read.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'a> {
    slots: &'a Slots,
    state: &'a State,
    notes: Notes<'a>,
}

impl<'a> Sight<'a> {
    /// The state, its clients keeping session pointers in these slots.
    #[inline]
    pub(crate) const fn of(state: &'a State, slots: &'a Slots, notes: Notes<'a>) -> Self {
        Self { slots, state, notes }
    }
    /// One client's own state.
    #[inline]
    #[must_use]
    pub fn client(self, client: ClientId) -> &'a ClientState {
        self.notes.fact(client, Fact::Whole);
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
        self.notes.session(self.slots.owner(session), session);
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
        self.clients().for_each(|client| self.notes.fact(client, Fact::Attachments));
        &self.state.attachments
    }
    /// The attachments of one client, oldest first.
    pub fn attachments_of(self, client: ClientId) -> impl Iterator<Item = &'a Attachment> {
        self.notes.fact(client, Fact::Attachments);
        self.state.attachments.iter().filter(move |one| one.client == client)
    }
    /// The attachments to a session.
    pub fn members(self, session: SessionId) -> impl Iterator<Item = &'a Attachment> {
        self.clients().filter(move |client| self.holds(*client, session)).flat_map(move |client| {
            self.attachments_of(client).filter(move |one| one.session == session)
        })
    }
    /// Does the client hold the session?
    #[must_use]
    pub fn holds(self, client: ClientId, session: SessionId) -> bool {
        self.notes.holds(client, session);
        self.state.attachments.iter().any(|one| one.client == client && one.session == session)
    }
    /// Does the client hold any session?
    #[must_use]
    pub fn holds_any(self, client: ClientId) -> bool {
        self.notes.fact(client, Fact::Holds);
        self.state.attachments.iter().any(|one| one.client == client)
    }
    /// The client's attachment kept in its `number`th slot; without a number, the one it obtained
    /// last and still holds.
    #[must_use]
    pub fn attachment(self, client: ClientId, number: Option<u8>) -> Option<Attachment> {
        self.notes.fact(client, Fact::Attachments);
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
    pub const fn shared(self) -> Facts<'a> {
        Facts::noted(&self.state.shared, self.notes)
    }
    /// The session that calls without `MAPI_NEW_SESSION` join.
    #[must_use]
    pub fn current(self) -> Option<SessionId> {
        self.shared().current()
    }
    /// Does any client hold the session?
    #[inline]
    #[must_use]
    pub fn is_open(self, session: SessionId) -> bool {
        self.clients().any(|client| self.holds(client, session))
    }
    /// The sessions that are open.
    pub fn open_sessions(self) -> impl Iterator<Item = SessionId> + 'a {
        self.sessions().filter(move |session| self.is_open(*session))
    }
    /// Whose logon is past Q3 and so holds the mutex, where there is one.
    #[must_use]
    pub fn mutex_holder(self) -> Option<ClientId> {
        self.clients().find(|client| self.is_past_q3(*client))
    }
    /// How many sessions use the profile, those in the making included.
    #[must_use]
    pub fn uses(self, profile: ProfileId) -> u32 {
        self.clients().for_each(|client| self.notes.fact(client, Fact::Uses));
        self.state.uses(profile)
    }
    /// The session that is open on the profile, where there is no more than one.
    #[must_use]
    pub fn open_on(self, profile: ProfileId) -> Option<SessionId> {
        let own = |client| {
            self.notes.fact(client, Fact::Uses);
            self.own_sessions(client)
        };
        let used = |(_, session): &(SessionId, &Session)| session.profile == Some(profile);
        let mut used = self.clients().flat_map(own).filter(used);
        used.find(|(session, _)| self.is_open(*session)).map(|(session, _)| session)
    }
    /// How many logons the provider carries, all sessions together (LIM-5).
    #[must_use]
    pub fn live_logons(self, provider: ProviderId) -> u32 {
        self.clients().for_each(|client| self.notes.fact(client, Fact::Running));
        self.state.live_logons(provider)
    }
    /// The fault the provider suffers from.
    #[must_use]
    pub fn fault(self, provider: ProviderId) -> Option<Fault> {
        self.shared().fault(provider)
    }
    /// The fault the task suffers from.
    #[must_use]
    pub fn fault_of(self, task: Task) -> Option<Fault> {
        self.shared().fault_of(task)
    }
    /// Profiles that data corruption has struck.
    #[must_use]
    pub fn damaged(self) -> ProfileSet {
        self.shared().damaged()
    }
    /// How many faults may still strike.
    #[must_use]
    pub fn budget(self) -> Budget {
        self.shared().budget()
    }
    /// Profiles marked for deletion.
    #[must_use]
    pub fn marked(self) -> ProfileSet {
        self.shared().marked()
    }
    /// Services removed from their profiles.
    #[must_use]
    pub fn removed(self) -> ServiceSet {
        self.shared().removed()
    }
    /// Services whose configuration is complete in the profile.
    #[must_use]
    pub fn configured(self) -> ServiceSet {
        self.shared().configured()
    }
    /// Providers whose own data is complete.
    #[must_use]
    pub fn supplied(self) -> ProviderSet {
        self.shared().supplied()
    }
    /// Providers whose password is stored and right.
    #[must_use]
    pub fn passwords(self) -> ProviderSet {
        self.shared().passwords()
    }
    /// Providers that have refused a logon since because of their password.
    #[must_use]
    pub fn refused(self) -> ProviderSet {
        self.shared().refused()
    }
    /// Providers whose library is loaded.
    #[must_use]
    pub fn libraries(self) -> ProviderSet {
        self.shared().libraries()
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
    /// Does the client's logon hold the mutex, where there is one?
    #[must_use]
    pub fn is_past_q3(self, client: ClientId) -> bool {
        self.notes.fact(client, Fact::Locks);
        self.own(client).is_past_q3()
    }
    /// Is the client inside a logon?
    #[must_use]
    pub fn is_logging_on(self, client: ClientId) -> bool {
        self.notes.fact(client, Fact::LogsOn);
        self.own(client).is_logging_on()
    }
    /// Does the client wait for the mutex?
    #[must_use]
    pub fn waits(self, client: ClientId) -> bool {
        self.notes.fact(client, Fact::Waits);
        self.own(client).phase == Phase::Waiting
    }
    /// Does the client wait for the mutex with a short time-out?
    #[must_use]
    pub fn waits_shortly(self, client: ClientId) -> bool {
        self.notes.fact(client, Fact::WaitsShortly);
        self.own(client).waits_shortly()
    }
    /// Is the client inside a call that leaves a session?
    #[must_use]
    pub fn is_leaving(self, client: ClientId) -> bool {
        self.notes.fact(client, Fact::Leaves);
        self.own(client).call.is_some_and(Call::is_leaving)
    }
    /// What the client's call offers the user or the environment.
    #[must_use]
    pub fn offer(self, client: ClientId) -> Offer {
        self.notes.fact(client, Fact::Offer);
        self.own(client).phase.row().offer
    }
    /// The session that the client's logon makes.
    #[must_use]
    pub fn makes(self, client: ClientId) -> Option<SessionId> {
        self.notes.fact(client, Fact::Makes);
        let call = self.own(client).call.filter(|call| call.logon().is_some())?;
        self.session_of(client, call)
    }
    /// How often the client has initialised MAPI, if at all.
    #[must_use]
    pub fn is_initialized(self, client: ClientId) -> bool {
        self.notes.fact(client, Fact::Initialized);
        self.own(client).initialized > 0
    }
    /// Is the client inside a call on the session?
    #[must_use]
    pub fn is_busy_on(self, client: ClientId, session: SessionId) -> bool {
        self.notes.busy(client, session);
        let call = self.own(client).call.filter(|call| call.method().is_some());
        call.and_then(Call::on).is_some_and(|number| {
            let held = self.state.attachment(self.slots, client, number);
            held.is_some_and(|held| held.session == session)
        })
    }
    /// Which services the client's sessions have lost, each of them.
    pub fn lost_in(self, client: ClientId) -> impl Iterator<Item = (SessionId, ServiceSet)> + 'a {
        self.notes.fact(client, Fact::Lost);
        self.own_sessions(client).map(|(id, session)| (id, session.disabled))
    }
    /// What runs in the client's sessions, and which services they have lost, each of them.
    pub fn at_work(
        self,
        client: ClientId,
    ) -> impl Iterator<Item = (SessionId, ProviderSet, ServiceSet)> + 'a {
        self.notes.fact(client, Fact::AtWork);
        self.own_sessions(client).map(|(id, session)| (id, session.running, session.disabled))
    }
    /// Where the client's call stands at a dialog of a logon, by which flags if that depends on
    /// them.
    #[must_use]
    pub fn prompt(self, client: ClientId) -> Option<Option<LogonFlags>> {
        self.notes.fact(client, Fact::AtPrompt);
        self.own(client).prompt()
    }
    /// The attachment that the client is about to give up by a shared logoff.
    #[must_use]
    pub fn tells(self, client: ClientId) -> Option<Attachment> {
        self.notes.fact(client, Fact::Tells);
        let Some(Call::OnSession(number, Method::Logoff(flags))) = self.own(client).call else {
            return None;
        };
        let shared = flags.contains(LogoffFlags::MAPI_LOGOFF_SHARED);
        self.state.attachment(self.slots, client, number).filter(|_| shared)
    }
    /// The flags by which the client's call shows dialogs: those of its logon, or of the logon that
    /// made the session it acts on.
    #[must_use]
    pub fn flags_of_call(self, client: ClientId) -> Option<LogonFlags> {
        self.notes.fact(client, Fact::CallFlags);
        let call = self.own(client).call?;
        if let Some(logon) = call.logon() {
            return Some(logon.flags);
        }
        let held = self.state.attachment(self.slots, client, call.on()?)?;
        self.notes.fact(self.slots.owner(held.session), Fact::MadeBy);
        self.state.sessions.get(held.session.index()).map(|session| session.flags)
    }
    /// The sessions of the client that are open or in the making.
    pub fn in_use(self, client: ClientId) -> impl Iterator<Item = SessionId> + 'a {
        self.notes.fact(client, Fact::InUse);
        let used = self.own_sessions(client).filter(|(_, session)| **session != Session::NONE);
        used.map(|(id, _)| id)
    }
    /// The same state for somebody who has already asked for what he will read.
    pub(crate) const fn unnoted(self) -> Self {
        Self { notes: Notes(None), ..self }
    }
    /// The sessions that the client has made.
    pub(crate) fn own_sessions(
        self,
        client: ClientId,
    ) -> impl Iterator<Item = (SessionId, &'a Session)> {
        let slots = (0..self.slots.count(client))
            .filter_map(move |number| self.slots.of_client(client, number));
        slots.map(move |slot| (slot.session(), &self.state.sessions[slot.index()]))
    }
    fn own(self, client: ClientId) -> &'a ClientState {
        &self.state.clients[client.index()]
    }
}
