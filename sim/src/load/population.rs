//! The population of a load: any number of clients in one world that is stepped in place.
//!
//! Every client has `width` slots for session pointers; as in a [`State`], a session has the number
//! of the slot whose logon made it. What a step asks about all clients together is kept as indices:
//! who holds the mutex, how many sessions are open, how many members each has, how many use a
//! profile, how many logons a provider carries. The id of a client that has gone is used again as
//! soon as nothing refers to its sessions.
//!
//! [`State`]: mapi_logon_model::world::State

use std::collections::VecDeque;
use std::ops::Range;

use mapi_logon_model::ids::{
    ClientId, PROFILES, PROVIDERS, ProfileId, ProviderId, SessionId, SlotId,
};
use mapi_logon_model::machine::{Disabled, Model};
use mapi_logon_model::mapi::LogonFlags;
use mapi_logon_model::policy::Mutex;
use mapi_logon_model::protocol::{Action, Call, Effect, Phase, Taken};
use mapi_logon_model::scenario::Client;
use mapi_logon_model::world::next_position;
use mapi_logon_model::world::{Attachment, ClientState, Facts, FactsMut, Session, Shared, Store};

/// Any number of clients in one world.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Population {
    clients: Vec<Member>,
    free: Vec<ClientId>,
    /// Those of one client stand together.
    slots: Vec<Slot>,
    width: usize,
    shared: Shared,
    has_mutex: bool,
    mutex: Option<ClientId>,
    /// How many sessions are open.
    open: u32,
    /// How many clients have initialised MAPI.
    initialized: u32,
    /// How many sessions use each profile.
    uses: [u32; PROFILES],
    /// How many logons each provider carries.
    logons: [u32; PROVIDERS],
    /// Whose step is made, and the sessions it may change: left out of these counts until it is
    /// over.
    acting: Option<ClientId>,
    changing: Vec<SessionId>,
}

/// One client, or a free place.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Member {
    /// The client of the scenario that it behaves as.
    kind: ClientId,
    standing: Standing,
    state: ClientState,
    /// The position of its call in progress, or of its next one, in the scenario's list.
    position: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Standing {
    Present,
    /// It has gone; its id is in use.
    Gone,
    Free,
}

/// A place in which a client keeps a session pointer, and the session that its logon makes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Slot {
    /// The pointer; dead once the session has no members.
    attachment: Option<Attachment>,
    session: Session,
    /// Attachments to the session that live.
    members: u32,
    /// Attachments to the session, dead ones included.
    references: u32,
    /// Who is inside a call on the session, or may make the next one.
    turn: Option<ClientId>,
    /// Who waits for a turn, in the order in which they asked.
    waiting: VecDeque<ClientId>,
}

impl Population {
    /// Nobody, in the world of a scenario.
    pub(super) fn new(model: &Model) -> Self {
        let scenario = model.scenario();
        Self {
            clients: Vec::new(),
            free: Vec::new(),
            slots: Vec::new(),
            width: scenario.clients.iter().map(Client::logons).max().unwrap_or(0),
            shared: Shared::before_all(scenario),
            has_mutex: scenario.policy.mutex == Mutex::On,
            mutex: None,
            open: 0,
            initialized: 0,
            uses: [0; PROFILES],
            logons: [0; PROVIDERS],
            acting: None,
            changing: Vec::new(),
        }
    }

    /// A client of that kind arrives.
    pub(super) fn arrive(&mut self, model: &Model, kind: ClientId) -> ClientId {
        let calls = &model.scenario().clients[kind.index()].calls;
        let newcomer = Member {
            kind,
            standing: Standing::Present,
            state: ClientState::IDLE,
            position: next_position(calls, 0, false),
        };
        if let Some(id) = self.free.pop() {
            self.clients[id.index()] = newcomer;
            return id;
        }
        self.clients.push(newcomer);
        let slots = self.clients.len() * self.width;
        self.slots.resize(slots, Slot::default());
        ClientId::from(self.clients.len() - 1)
    }

    /// A client that holds no session goes.
    pub(super) fn depart(&mut self, who: ClientId) {
        self.initialized -= u32::from(self.is_initialized(who));
        self.clients[who.index()].standing = Standing::Gone;
        for slot in self.own(who) {
            if let Some(dead) = self.slots[slot].attachment.take() {
                self.slots[dead.session.index()].references -= 1;
                self.reclaim(self.creator(dead.session));
            }
        }
        self.reclaim(who);
    }

    /// The clients that are present.
    pub(super) fn present(&self) -> impl Iterator<Item = ClientId> {
        let all = self.clients.iter().enumerate();
        all.filter(|(_, client)| client.standing == Standing::Present)
            .map(|(index, _)| index.into())
    }
    /// Where the client's call rests.
    pub(super) fn phase(&self, who: ClientId) -> Phase {
        self.clients[who.index()].state.phase()
    }
    /// The next call that the scenario lists for the client.
    pub(super) fn listed_call(&self, model: &Model, who: ClientId) -> Option<Call> {
        let member = &self.clients[who.index()];
        let calls = &model.scenario().clients[member.kind.index()].calls;
        calls.get(usize::from(member.position)).copied()
    }
    /// The client's attachments, oldest first.
    pub(super) fn held(&self, who: ClientId) -> impl DoubleEndedIterator<Item = &Attachment> {
        let own = self.slots[self.own(who)].iter();
        own.filter_map(|slot| slot.attachment.as_ref()).filter(|held| self.is_open(held.session))
    }
    /// Who holds the mutex, where the policy has one.
    pub(super) const fn mutex(&self) -> Option<ClientId> {
        self.mutex
    }

    /// The client waits for its turn on a session.
    pub(super) fn await_turn(&mut self, session: SessionId, who: ClientId) {
        self.slots[session.index()].waiting.push_back(who);
    }
    /// The client is inside a call on a session on which nobody else is.
    pub(super) fn take_turn(&mut self, session: SessionId, who: ClientId) {
        self.slots[session.index()].turn = Some(who);
    }
    /// Gives the turn on a session to the client that has waited longest.
    pub(super) fn pass_turn(&mut self, session: SessionId) -> Option<ClientId> {
        let slot = &mut self.slots[session.index()];
        slot.turn = slot.waiting.pop_front();
        let next = slot.turn;
        self.reclaim(self.creator(session));
        next
    }

    /// Makes a step of one client, and adds what it shows.
    ///
    /// # Errors
    /// [`Disabled`] where the client cannot make that choice; the world is as it was.
    pub(super) fn step(
        &mut self,
        model: &Model,
        action: Action,
        effects: &mut Vec<Effect>,
        taken: &mut Vec<Taken>,
    ) -> Result<(), Disabled> {
        let who = action.client;
        self.acting = Some(who);
        self.initialized -= u32::from(self.is_initialized(who));
        let done = model.apply(self, action, effects, taken);
        self.acting = None;
        self.initialized += u32::from(self.is_initialized(who));
        while let Some(session) = self.changing.pop() {
            self.count(session, u32::wrapping_add);
            self.reclaim(self.creator(session));
        }
        done?;
        let me = &mut self.clients[who.index()];
        if self.has_mutex && me.state.is_past_q3() {
            self.mutex = Some(who);
        } else if self.mutex == Some(who) {
            self.mutex = None;
        }
        if effects.last().is_some_and(Effect::is_return) {
            let calls = &model.scenario().clients[me.kind.index()].calls;
            me.position = next_position(calls, me.position + 1, me.state.obtained());
        }
        Ok(())
    }

    /// Adds a session to what is counted of all, or takes it out.
    fn count(&mut self, session: SessionId, change: fn(u32, u32) -> u32) {
        let session = self.slots[session.index()].session;
        if let Some(profile) = session.profile() {
            self.uses[profile.index()] = change(self.uses[profile.index()], 1);
        }
        for provider in session.running() {
            self.logons[provider.index()] = change(self.logons[provider.index()], 1);
        }
    }

    /// Sessions that the step in the making may have changed.
    fn changed(&self) -> impl Iterator<Item = &Session> {
        let changing = self.changing.iter();
        changing.map(|session| &self.slots[session.index()].session)
    }

    fn is_initialized(&self, who: ClientId) -> bool {
        self.clients[who.index()].state.initialized() > 0
    }

    /// The client's slots.
    const fn own(&self, who: ClientId) -> Range<usize> {
        let first = who.index() * self.width;
        first..first + self.width
    }

    /// Frees the id of a client that has gone, unless a session of its is still referred to.
    fn reclaim(&mut self, who: ClientId) {
        let own = self.own(who);
        let client = &mut self.clients[who.index()];
        let is_over = |slot: &Slot| {
            slot.session == Session::NONE && slot.references == 0 && slot.turn.is_none()
        };
        if client.standing == Standing::Gone && self.slots[own].iter().all(is_over) {
            client.standing = Standing::Free;
            self.free.push(who);
        }
    }
}

impl Store for Population {
    fn kind(&self, client: ClientId) -> ClientId {
        self.clients[client.index()].kind
    }
    fn client(&self, client: ClientId) -> &ClientState {
        &self.clients[client.index()].state
    }
    fn client_mut(&mut self, client: ClientId) -> &mut ClientState {
        &mut self.clients[client.index()].state
    }

    fn establishes(&self, client: ClientId, number: u8) -> Option<SessionId> {
        let number = usize::from(number);
        (number < self.width).then(|| SessionId::from(self.own(client).start + number))
    }
    fn attachment(&self, client: ClientId, number: Option<u8>) -> Option<Attachment> {
        let slot = number.map(|number| self.own(client).start + usize::from(number));
        let wanted = |held: &&Attachment| slot.is_none_or(|slot| held.slot.index() == slot);
        self.held(client).rev().find(wanted).copied()
    }
    fn each_attachment(&self, client: ClientId, each: &mut dyn FnMut(&Attachment)) {
        self.held(client).for_each(each);
    }
    /// No client of a load listens.
    fn each_listener(&self, _: SessionId, _: &mut dyn FnMut(&Attachment)) {}
    fn attach(&mut self, client: ClientId, number: u8, session: SessionId, flags: LogonFlags) {
        let slot = SlotId::from(self.own(client).start + usize::from(number));
        self.slots[slot.index()].attachment = Some(Attachment { client, slot, session, flags });
        let joined = &mut self.slots[session.index()];
        self.open += u32::from(joined.members == 0);
        joined.members += 1;
        joined.references += 1;
    }
    fn detach(&mut self, attachment: &Attachment) {
        self.slots[attachment.slot.index()].attachment = None;
        let left = &mut self.slots[attachment.session.index()];
        left.members -= 1;
        left.references -= 1;
        self.open -= u32::from(left.members == 0);
    }
    fn detach_all(&mut self, session: SessionId) {
        let left = &mut self.slots[session.index()];
        self.open -= u32::from(left.members > 0);
        left.members = 0;
    }

    fn session(&self, session: SessionId) -> &Session {
        let slot = self.slots.get(session.index());
        slot.map_or(&Session::NONE, |slot| &slot.session)
    }
    fn session_mut(&mut self, session: SessionId) -> &mut Session {
        if !self.changing.contains(&session) {
            self.count(session, u32::wrapping_sub);
            self.changing.push(session);
        }
        &mut self.slots[session.index()].session
    }
    fn creator(&self, session: SessionId) -> ClientId {
        ClientId::from(session.index() / self.width)
    }

    fn shared(&self) -> Facts<'_> {
        Facts::of(&self.shared)
    }
    fn shared_mut(&mut self) -> FactsMut<'_> {
        FactsMut::of(&mut self.shared)
    }

    fn is_locked(&self, but: ClientId) -> bool {
        self.mutex.is_some_and(|holder| holder != but)
    }
    fn is_busy(&self, session: SessionId, but: ClientId) -> bool {
        let turn = self.slots[session.index()].turn;
        turn.is_some_and(|client| client != but)
    }
    fn is_open(&self, session: SessionId) -> bool {
        self.slots[session.index()].members > 0
    }
    fn open_sessions(&self) -> u32 {
        self.open
    }
    fn open_on(&self, profile: ProfileId) -> Option<SessionId> {
        let open = |slot: &Slot| slot.members > 0 && slot.session.profile() == Some(profile);
        self.slots.iter().position(open).map(SessionId::from)
    }
    fn uses(&self, profile: ProfileId) -> u32 {
        let used = |session: &&Session| session.profile() == Some(profile);
        let changed = self.changed().filter(used);
        changed.fold(self.uses[profile.index()], |count, _| count + 1)
    }
    fn live_logons(&self, provider: ProviderId) -> u32 {
        let carries = |session: &&Session| session.running().contains(provider);
        let changed = self.changed().filter(carries);
        changed.fold(self.logons[provider.index()], |count, _| count + 1)
    }
    fn is_anybody_initialized(&self) -> bool {
        let acting = self.acting.is_some_and(|who| self.is_initialized(who));
        self.initialized > 0 || acting
    }
}
