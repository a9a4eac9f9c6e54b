//! How is a state written in as few bits as its scenario needs? One bijection, word by word.

use crate::bits::{BitEditor, BitReader, BitWriter};
use crate::ids::{
    CLIENTS, LOGONS, LogonId, ProfileId, ProfileSet, ProviderId, ProviderSet, ServiceId, ServiceSet,
};
use crate::mapi::Fault;
use crate::model::Model;
use crate::state::{Changes, ClientState, Session, State};

mod layout;
mod phase;

use layout::ClientLayout;
pub(crate) use layout::Layout;

/// At which bits the parts of a written state begin, and the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Seams {
    clients: [u16; CLIENTS],
    slots: [u16; LOGONS],
    world: u16,
    end: u16,
}

impl Seams {
    /// Where the state ends.
    #[must_use]
    pub const fn end(&self) -> usize {
        self.end as usize
    }
}

impl Model {
    /// The most bits a state of this scenario needs.
    #[must_use]
    pub fn state_bits(&self) -> u32 {
        self.layout().most_bits()
    }

    /// Writes a reachable state.
    pub fn encode(&self, state: &State, out: &mut BitWriter<'_>) {
        let layout = self.layout();
        for (client, widths) in state.clients.iter().zip(&layout.clients) {
            layout.put_client(client, *widths, out);
        }
        for slot in 0..layout.logons {
            layout.put_slot(state, slot, out);
        }
        layout.put_world(state, out);
    }

    /// Writes a reachable state that differs from one read before by these changes: what has not
    /// changed is copied.
    pub fn encode_changes(
        &self,
        state: &State,
        changes: &Changes,
        seams: &Seams,
        out: &mut BitEditor<'_>,
    ) {
        let layout = self.layout();
        let after_clients = usize::from(seams.slots[0]);
        for client in changes.clients {
            let next = seams.clients[..layout.clients.len()].get(client.index() + 1);
            let end = next.map_or(after_clients, |next| usize::from(*next));
            let out = out.replace(usize::from(seams.clients[client.index()]), end);
            let widths = layout.clients[client.index()];
            layout.put_client(&state.clients[client.index()], widths, out);
        }
        for slot in changes.attached.or(changes.sessions) {
            let next = seams.slots[..layout.logons].get(slot.index() + 1);
            let end = usize::from(*next.unwrap_or(&seams.world));
            let out = out.replace(usize::from(seams.slots[slot.index()]), end);
            layout.put_slot(state, slot.index(), out);
        }
        if changes.world {
            layout.put_world(state, out.replace(usize::from(seams.world), seams.end()));
        }
    }

    /// Reads a state that [`Model::encode`] wrote.
    #[must_use]
    pub fn decode(&self, from: &mut BitReader<'_>) -> State {
        let mut state = self.initial();
        self.decode_into(from, &mut state);
        state
    }

    /// As [`Model::decode`], over an earlier state of the same model: what never varies stays.
    pub fn decode_into(&self, from: &mut BitReader<'_>, state: &mut State) {
        self.decode_parts(from, state, &mut Seams::default());
    }

    /// As [`Model::decode_into`], and notes where each part begins.
    pub fn decode_parts(&self, from: &mut BitReader<'_>, state: &mut State, seams: &mut Seams) {
        let layout = self.layout();
        for (index, widths) in layout.clients.iter().enumerate() {
            seams.clients[index] = at(from);
            state.clients[index] = layout.take_client(*widths, from);
        }
        // Without any slot, the first would begin where the world does.
        seams.slots[0] = at(from);
        for slot in 0..layout.logons {
            seams.slots[slot] = at(from);
            state.attached[slot] = some(from.take(layout.session_width)).map(LogonId::from);
            state.sessions[slot] = self.take_session(from);
        }
        seams.world = at(from);
        layout.take_world(state, from);
        seams.end = at(from);
    }

    fn take_session(&self, from: &mut BitReader<'_>) -> Session {
        let layout = self.layout();
        let Some(profile) = some(from.take(layout.profile_width)).map(ProfileId::from) else {
            return Session::NONE;
        };
        let Some(span) = layout.spans.get(profile.index()).copied() else {
            return Session::NONE;
        };
        let services = if layout.tracks_removed {
            ServiceSet(low16(from.take(span.services) << span.service))
        } else {
            self.scenario().profiles[profile.index()].services
        };
        let disabled = ServiceSet(low16(from.take(span.services) << span.service));
        let running = ProviderSet(low32(from.take(span.providers) << span.provider));
        let deferred = ProviderSet(low32(from.take(span.providers) << span.provider));
        let promised = if layout.tracks_promised { from.take(span.providers) } else { 0 };
        let promised = ProviderSet(low32(promised << span.provider));
        Session { profile: Some(profile), services, disabled, running, deferred, promised }
    }
}

impl Layout {
    fn put_slot(&self, state: &State, slot: usize, out: &mut BitWriter<'_>) {
        let attached = state.attached[slot].map(|session| session.0);
        out.put(option(attached), self.session_width);
        self.put_session(&state.sessions[slot], out);
    }

    fn put_world(&self, state: &State, out: &mut BitWriter<'_>) {
        out.put(option(state.current.map(|s| s.0)), self.session_width);
        if self.tracks_marked {
            out.put(u64::from(state.marked.0), self.profiles);
        }
        if self.tracks_removed {
            out.put(u64::from(state.removed.0), self.services);
        }
        for service in self.unconfigured {
            out.put(u64::from(state.configured.contains(service)), 1);
        }
        put_members(state.supplied, self.unsupplied, out);
        put_members(state.passwords, self.without_password, out);
        put_members(state.refused, self.without_password, out);
        for provider in self.fallible {
            match state.faults[provider.index()] {
                None => out.put(0, 1),
                Some(fault) => out.put(1 | (fault as u64) << 1, 4),
            }
        }
        out.put(u64::from(state.budget), self.budget_width);
        if self.tracks_libraries {
            out.put(u64::from(state.libraries.0), self.providers);
        }
    }

    fn take_world(&self, state: &mut State, from: &mut BitReader<'_>) {
        state.current = some(from.take(self.session_width)).map(LogonId::from);
        if self.tracks_marked {
            state.marked = ProfileSet(low(from.take(self.profiles)));
        }
        if self.tracks_removed {
            state.removed = ServiceSet(low16(from.take(self.services)));
        }
        for service in self.unconfigured {
            if from.take(1) == 1 {
                state.configured.insert(service);
            } else {
                state.configured.remove(service);
            }
        }
        take_members(&mut state.supplied, self.unsupplied, from);
        take_members(&mut state.passwords, self.without_password, from);
        take_members(&mut state.refused, self.without_password, from);
        for provider in self.fallible {
            state.faults[provider.index()] = match from.take(1) {
                0 => None,
                _ => Fault::ALL.get(low(from.take(3)) as usize).copied(),
            };
        }
        state.budget = low(from.take(self.budget_width));
        if self.tracks_libraries {
            state.libraries = ProviderSet(low32(from.take(self.providers)));
        }
    }

    fn put_client(&self, client: &ClientState, widths: ClientLayout, out: &mut BitWriter<'_>) {
        out.put(u64::from(client.call), widths.call);
        out.put(u64::from(client.initialized), widths.initialized);
        out.put(u64::from(client.obtained), 1);
        out.put(u64::from(client.retried.0), self.retried_width());
        self.phases.put(client.phase, out);
    }

    fn take_client(&self, widths: ClientLayout, from: &mut BitReader<'_>) -> ClientState {
        ClientState {
            call: low(from.take(widths.call)),
            initialized: low(from.take(widths.initialized)),
            obtained: from.take(1) == 1,
            retried: ServiceSet(low16(from.take(self.retried_width()))),
            phase: self.phases.take(from),
        }
    }

    fn put_session(&self, session: &Session, out: &mut BitWriter<'_>) {
        out.put(option(session.profile.map(|p| p.0)), self.profile_width);
        let Some(profile) = session.profile else {
            return;
        };
        let span = self.spans[profile.index()];
        if self.tracks_removed {
            out.put(u64::from(session.services.0 >> span.service), span.services);
        }
        out.put(u64::from(session.disabled.0 >> span.service), span.services);
        out.put(u64::from(session.running.0 >> span.provider), span.providers);
        out.put(u64::from(session.deferred.0 >> span.provider), span.providers);
        if self.tracks_promised {
            out.put(u64::from(session.promised.0 >> span.provider), span.providers);
        }
    }
}

fn put_members(set: ProviderSet, varying: ProviderSet, out: &mut BitWriter<'_>) {
    for provider in varying {
        out.put(u64::from(set.contains(provider)), 1);
    }
}

fn take_members(set: &mut ProviderSet, varying: ProviderSet, from: &mut BitReader<'_>) {
    for provider in varying {
        if from.take(1) == 1 {
            set.insert(provider);
        } else {
            set.remove(provider);
        }
    }
}

/// How many bits have been read.
fn at(from: &BitReader<'_>) -> u16 {
    low16(from.at() as u64)
}

/// 0 for none, else one more than the number.
fn option(value: Option<u8>) -> u64 {
    value.map_or(0, |value| u64::from(value) + 1)
}

fn some(value: u64) -> Option<usize> {
    usize::try_from(value).ok()?.checked_sub(1)
}

#[expect(clippy::cast_possible_truncation, reason = "the width put was at most 8")]
const fn low(value: u64) -> u8 {
    value as u8
}

#[expect(clippy::cast_possible_truncation, reason = "the width put was at most 16")]
const fn low16(value: u64) -> u16 {
    value as u16
}

#[expect(clippy::cast_possible_truncation, reason = "the width put was at most 32")]
const fn low32(value: u64) -> u32 {
    value as u32
}

/// The ids of a task's services and providers, as numbers of one width.
pub(super) const fn service(value: u64) -> ServiceId {
    ServiceId(low(value))
}

/// As [`service`].
pub(super) const fn provider(value: u64) -> ProviderId {
    ProviderId(low(value))
}
