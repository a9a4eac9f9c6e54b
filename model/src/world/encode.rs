//! A moment of a scenario packed into as few bits as the scenario needs: one bijection, word by
//! word.

use crate::ids::{
    CLIENTS, ClientId, LOGONS, ProfileId, ProviderId, ProviderSet, ServiceId, ServiceSet,
    SessionId, SlotId,
};
use crate::mapi::LogonFlags;
use crate::protocol::{Call, Phase};
use crate::world::bits::{BitEditor, BitReader, BitWriter, low8, low16, low32, option, some};
use crate::world::changes::Changes;
use crate::world::cursor::{Cursor, World};
use crate::world::session::Session;
use crate::world::state::{Attachment, ClientState, Spent, State};

mod codes;
mod common;
mod layout;
mod phase;

pub(crate) use codes::Codes;
use layout::ClientLayout;
pub use layout::Layout;

/// At which bits the parts of a written state begin, and the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seams {
    clients: [u16; CLIENTS],
    slots: [u16; LOGONS],
    world: u16,
    end: u16,
}

impl Default for Seams {
    fn default() -> Self {
        Self { clients: [0; CLIENTS], slots: [0; LOGONS], world: 0, end: 0 }
    }
}

impl Seams {
    /// Where the state ends.
    #[must_use]
    pub const fn end(&self) -> usize {
        self.end as usize
    }
}

impl Layout {
    /// The most bits a moment of this scenario needs.
    #[must_use]
    pub fn bits(&self) -> u32 {
        self.most_bits()
    }

    /// Writes a reachable moment of the scenario.
    pub fn encode(&self, world: &World, out: &mut BitWriter<'_>) {
        self.encode_parts((&world.state, &world.cursor), out);
    }

    /// As [`Layout::encode`], of a state and the clients' places in their lists.
    pub fn encode_parts(&self, (state, cursor): (&State, &Cursor), out: &mut BitWriter<'_>) {
        for (index, widths) in self.clients.iter().enumerate() {
            self.put_client(state, cursor, index, widths, out);
        }
        for slot in 0..self.passed.len() {
            self.put_slot(state, slot, out);
        }
        self.put_world(state, out);
    }

    /// Writes a reachable moment that differs from one read before by these changes: what has not
    /// changed is copied.
    pub fn encode_changes(
        &self,
        (state, cursor): (&State, &Cursor),
        changes: &Changes,
        seams: &Seams,
        out: &mut BitEditor<'_>,
    ) {
        let after_clients = usize::from(seams.slots[0]);
        for client in changes.clients {
            let next = seams.clients[..self.clients.len()].get(client.index() + 1);
            let end = next.map_or(after_clients, |next| usize::from(*next));
            let out = out.replace(usize::from(seams.clients[client.index()]), end);
            let widths = &self.clients[client.index()];
            self.put_client(state, cursor, client.index(), widths, out);
        }
        for slot in changes.attachments.or(crate::ids::SlotSet(changes.sessions.0)) {
            let next = seams.slots[..self.passed.len()].get(slot.index() + 1);
            let end = usize::from(*next.unwrap_or(&seams.world));
            let out = out.replace(usize::from(seams.slots[slot.index()]), end);
            self.put_slot(state, slot.index(), out);
        }
        if changes.shared {
            self.put_world(state, out.replace(usize::from(seams.world), seams.end()));
        }
    }

    /// Reads what [`Layout::encode`] wrote, over an earlier moment of the same model: what never
    /// varies stays. The seams tell where each part begins.
    pub fn decode_into(&self, from: &mut BitReader<'_>, world: &mut World, seams: &mut Seams) {
        let World { state, cursor } = world;
        for index in 0..self.clients.len() {
            seams.clients[index] = at(from);
            (cursor.next[index], state.clients[index]) = self.take_client(index, from);
        }
        // Without any slot, the first would begin where the world does.
        seams.slots[0] = at(from);
        state.attachments.clear();
        for slot in 0..self.passed.len() {
            seams.slots[slot] = at(from);
            let attachment = self.take_slot(from, state, SlotId::from(slot));
            state.attachments.extend(attachment);
        }
        seams.world = at(from);
        self.decode_fields(from, &mut state.shared);
        seams.end = at(from);
    }

    /// Reads the session of a slot, and returns the attachment in it.
    fn take_slot(
        &self,
        from: &mut BitReader<'_>,
        state: &mut State,
        slot: SlotId,
    ) -> Option<Attachment> {
        let passed = &self.passed[slot.index()];
        let session = some(from.take(self.session_width)).map(SessionId);
        let attachment = session.map(|session| Attachment {
            client: self.slots.owner(slot.session()),
            slot,
            session,
            flags: passed.take_flags(from),
        });
        let into = &mut state.sessions[slot.index()];
        *into = self.take_session(from);
        if *into != Session::NONE {
            into.flags = passed.take_flags(from);
        }
        attachment
    }

    /// Calls `each` with every client's position in its list and its phase, as
    /// [`Layout::encode`] wrote them.
    pub fn each_place(&self, from: &mut BitReader<'_>, mut each: impl FnMut(ClientId, u8, Phase)) {
        for index in 0..self.clients.len() {
            let (position, client) = self.take_client(index, from);
            each(ClientId::from(index), position, client.phase);
        }
    }

    fn take_session(&self, from: &mut BitReader<'_>) -> Session {
        let profile = some(from.take(self.profile_width));
        let Some(profile) = profile.map(|id| ProfileId(low8(id.into()))) else {
            return Session::NONE;
        };
        let Some(span) = self.spans.get(profile.index()).copied() else {
            return Session::NONE;
        };
        let services = if self.tracks_removed {
            ServiceSet(low16(span.services.unpack(from.take(span.services.own))))
        } else {
            self.services_of[profile.index()]
        };
        let disabled = span.services.unpack(from.take(span.services.width()));
        let disabled = ServiceSet(low16(disabled));
        let mut providers = |kept: bool| {
            let bits = if kept { from.take(span.providers.width()) } else { 0 };
            ProviderSet(low32(span.providers.unpack(bits)))
        };
        let running = providers(true);
        let deferred = providers(self.tracks_deferred);
        let promised = providers(self.tracks_promised);
        Session {
            profile: Some(profile),
            flags: LogonFlags::empty(),
            services,
            disabled,
            running,
            deferred,
            promised,
        }
    }
}

impl Layout {
    fn put_slot(&self, state: &State, slot: usize, out: &mut BitWriter<'_>) {
        let slot_id = SlotId::from(slot);
        let attached = state.attachments.iter().find(|one| one.slot == slot_id);
        out.put(option(attached.map(|one| one.session.0)), self.session_width);
        if let Some(attached) = attached {
            self.passed[slot].put_flags(attached.flags, out);
        }
        let session = &state.sessions[slot];
        self.put_session(session, out);
        if session.profile.is_some() {
            self.passed[slot].put_flags(session.flags, out);
        }
    }

    fn put_world(&self, state: &State, out: &mut BitWriter<'_>) {
        self.each_field(state, &mut |_, value, width| out.put(value, width));
    }

    fn put_client(
        &self,
        state: &State,
        cursor: &Cursor,
        index: usize,
        widths: &ClientLayout,
        out: &mut BitWriter<'_>,
    ) {
        let client = &state.clients[index];
        out.put(u64::from(cursor.next[index]), widths.call);
        out.put(u64::from(client.initialized), widths.initialized);
        out.put(u64::from(client.obtained), 1);
        for unit in (0..self.units).map(|unit| ServiceId(low8(unit.into()))) {
            out.put(u64::from(client.spent.by(unit)), self.spent_width);
        }
        self.phases.put(client.phase, out);
        if let (true, Some(Call::LogonEx(logon))) = (client.phase != Phase::Ready, client.call) {
            widths.put_logon(logon, out);
        }
    }

    fn take_client(&self, index: usize, from: &mut BitReader<'_>) -> (u8, ClientState) {
        let widths = &self.clients[index];
        let position = low8(from.take(widths.call));
        let mut client = ClientState {
            call: None,
            initialized: low8(from.take(widths.initialized)),
            obtained: from.take(1) == 1,
            spent: (0..self.units).fold(Spent::NONE, |spent, unit| {
                let count = low32(from.take(self.spent_width));
                Spent(spent.0 | count << (2 * unit))
            }),
            phase: self.phases.take(from),
        };
        if client.phase != Phase::Ready {
            client.call = match self.calls[index].get(usize::from(position)).copied() {
                Some(Call::LogonEx(logon)) => Some(Call::LogonEx(widths.take_logon(logon, from))),
                listed => listed,
            };
        }
        (position, client)
    }

    fn put_session(&self, session: &Session, out: &mut BitWriter<'_>) {
        out.put(option(session.profile.map(|p| p.0)), self.profile_width);
        let Some(profile) = session.profile else {
            return;
        };
        let span = self.spans[profile.index()];
        if self.tracks_removed {
            out.put(span.services.pack(session.services.0.into()), span.services.own);
        }
        out.put(span.services.pack(session.disabled.0.into()), span.services.width());
        let mut providers = |set: ProviderSet, kept: bool| {
            if kept {
                out.put(span.providers.pack(set.0.into()), span.providers.width());
            }
        };
        providers(session.running, true);
        providers(session.deferred, self.tracks_deferred);
        providers(session.promised, self.tracks_promised);
    }
}

/// How many bits have been read.
fn at(from: &BitReader<'_>) -> u16 {
    low16(from.at() as u64)
}

/// The ids of a task's services and providers, as numbers of one width.
pub(super) const fn service(value: u64) -> ServiceId {
    ServiceId(low8(value))
}

/// As [`service`].
pub(super) const fn provider(value: u64) -> ProviderId {
    ProviderId(low8(value))
}
