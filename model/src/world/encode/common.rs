//! The parts of a moment, each packed by itself: one for every client with its sessions, and what
//! belongs to none, whose fields have fixed places.

use crate::ids::{ClientId, ProfileSet, ProviderSet, ServiceSet, SessionId, SlotId};
use crate::mapi::Fault;
use crate::protocol::Task;
use crate::scenario::Budget;
use crate::world::asked::{Bit, Field};
use crate::world::bits::{BitReader, BitWriter, low8, low16, low32, option, some};
use crate::world::cursor::World;
use crate::world::encode::layout::{FAULT, Layout};
use crate::world::state::{Shared, State};

impl Layout {
    /// The most bits of a client and its sessions.
    pub(crate) fn client_bits(&self, client: ClientId) -> u32 {
        let widths = &self.clients[client.index()];
        let own = widths.call + widths.initialized + 1 + widths.passed.bits();
        let widest = self.spans.iter().map(|span| self.session_bits(*span)).max().unwrap_or(0);
        let slots = u32::from(self.slots.count(client));
        let flags = 2 * widths.passed.any.bits().count_ones();
        let slot = self.session_width + self.profile_width + widest + flags;
        own + self.phases.most() + self.spent_bits() + slots * slot
    }

    /// Writes a client, its place in its list, and its sessions.
    pub(crate) fn encode_client(&self, world: &World, client: ClientId, out: &mut BitWriter<'_>) {
        let widths = &self.clients[client.index()];
        self.put_client(&world.state, &world.cursor, client.index(), widths, out);
        for slot in self.slots_of(client) {
            self.put_slot(&world.state, slot.index(), out);
        }
    }

    /// Reads what [`Layout::encode_client`] wrote.
    pub(crate) fn decode_client(
        &self,
        from: &mut BitReader<'_>,
        world: &mut World,
        client: ClientId,
    ) {
        let World { state, cursor } = world;
        let at = client.index();
        (cursor.next[at], state.clients[at]) = self.take_client(at, from);
        state.attachments.retain(|one| one.client != client);
        for slot in self.slots_of(client) {
            if let Some(attachment) = self.take_slot(from, state, slot) {
                let at = state.end_of(client);
                state.attachments.insert(at, attachment);
            }
        }
    }

    fn slots_of(&self, client: ClientId) -> impl Iterator<Item = SlotId> + use<'_> {
        let numbers = 0..self.slots.count(client);
        numbers.filter_map(move |number| self.slots.of_client(client, number))
    }

    /// Calls `each` with every field of what belongs to nobody: its bit among questions, its value,
    /// and how wide it is; the same places for all states.
    pub(crate) fn each_field(&self, state: &State, each: &mut impl FnMut(Bit, u64, u32)) {
        let shared = &state.shared;
        let field = Bit::field;
        each(field(Field::Current), option(shared.current.map(|s| s.0)), self.session_width);
        if self.tracks_marked {
            each(field(Field::Marked), u64::from(shared.marked.0), self.profiles);
        }
        if self.tracks_removed {
            each(field(Field::Removed), u64::from(shared.removed.0), self.services);
        }
        for service in self.unconfigured {
            each(field(Field::Configured), u64::from(shared.configured.contains(service)), 1);
        }
        for (at, set, varying) in [
            (Field::Supplied, shared.supplied, self.unsupplied),
            (Field::Passwords, shared.passwords, self.without_password),
            (Field::Refused, shared.refused, self.without_password),
        ] {
            for provider in varying {
                each(field(at), u64::from(set.contains(provider)), 1);
            }
        }
        for task in self.fallible_tasks() {
            let fault = shared.fault_slot(task).map_or(0, |fault| fault as u64 + 1);
            each(Bit::fault(task), fault, FAULT);
        }
        for profile in self.corruptible {
            each(field(Field::Damaged), u64::from(shared.damaged.contains(profile)), 1);
        }
        let left = shared.budget.limit().unwrap_or_default();
        each(field(Field::Budget), u64::from(left), self.budget_width);
        if self.tracks_libraries {
            each(field(Field::Libraries), u64::from(shared.libraries.0), self.providers);
        }
    }

    fn fallible_tasks(&self) -> impl Iterator<Item = Task> + use<> {
        self.fallible.map(Task::Run).chain(self.fallible_services.map(Task::Configure))
    }

    /// Reads the fields that [`Layout::each_field`] lists.
    pub(crate) fn decode_fields(&self, from: &mut BitReader<'_>, shared: &mut Shared) {
        shared.current = some(from.take(self.session_width)).map(SessionId);
        if self.tracks_marked {
            shared.marked = ProfileSet(low8(from.take(self.profiles)));
        }
        if self.tracks_removed {
            shared.removed = ServiceSet(low16(from.take(self.services)));
        }
        for service in self.unconfigured {
            shared.configured.remove(service);
            if from.take(1) == 1 {
                shared.configured.insert(service);
            }
        }
        take_members(&mut shared.supplied, self.unsupplied, from);
        take_members(&mut shared.passwords, self.without_password, from);
        take_members(&mut shared.refused, self.without_password, from);
        for task in self.fallible_tasks() {
            let number = usize::from(low8(from.take(FAULT)));
            let fault = number.checked_sub(1).and_then(|at| Fault::ALL.get(at));
            *shared.fault_slot_mut(task) = fault.copied();
        }
        for profile in self.corruptible {
            shared.damaged.remove(profile);
            if from.take(1) == 1 {
                shared.damaged.insert(profile);
            }
        }
        let left = low8(from.take(self.budget_width));
        if let Budget::Limited(budget) = &mut shared.budget {
            *budget = left;
        }
        if self.tracks_libraries {
            shared.libraries = ProviderSet(low32(from.take(self.providers)));
        }
    }
}

fn take_members(set: &mut ProviderSet, varying: ProviderSet, from: &mut BitReader<'_>) {
    for provider in varying {
        set.remove(provider);
        if from.take(1) == 1 {
            set.insert(provider);
        }
    }
}
