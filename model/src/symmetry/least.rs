//! The representative of each class: the renamed world with the least encoding. Clients are sorted
//! by what is known of each before encodings are compared.

use std::hash::{Hash, Hasher};

use super::Symmetry;
use super::renaming::Renaming;
use crate::ids::{CLIENTS, ClientId, ClientSet, SessionId};
use crate::observe::{Memory, Progress, Remembered};
use crate::world::{State, World};

/// Working memory, and the encoding found last.
#[derive(Clone, Debug, Default)]
pub struct LeastScratch {
    /// The least encoding.
    pub words: Vec<u64>,
    other: Vec<u64>,
}

impl LeastScratch {
    /// For encodings of `words` words.
    #[must_use]
    pub fn of_words(words: usize) -> Self {
        Self { words: vec![0; words], other: vec![0; words] }
    }
}

impl Symmetry {
    /// The renaming that leads to the world that stands for this one; its encoding, made by
    /// `pack`, is left in `scratch`.
    pub fn least(
        &self,
        world: &World,
        memory: &Memory,
        scratch: &mut LeastScratch,
        pack: impl Fn(&World, &Memory, &mut [u64]),
    ) -> Renaming {
        let mut sorter = Sorter { symmetry: self, pack, scratch, best: None };
        for base in &self.arrangements {
            let world = (base.world(world), base.memory(memory));
            let keys = self.keys(&world.0, &world.1);
            let order = Renaming::identity().clients();
            let sorting = Sorting { base, world, keys };
            sorter.fill(&sorting, 0, ClientSet::EMPTY, order);
        }
        sorter.best.unwrap_or_else(Renaming::identity)
    }

    /// The differences of clients that could be exchanged, and those that can be without effect.
    fn keys(&self, world: &World, memory: &Memory) -> [Key; CLIENTS] {
        let mut keys = [Key::default(); CLIENTS];
        for class in &self.clients {
            for client in *class {
                let sum = self.sum(client, world, memory);
                let twin = class.into_iter().take_while(|other| *other < client).find(|other| {
                    let twin = keys[other.index()];
                    twin.sum == sum
                        && twin.twin == *other
                        && self.twins(*other, client, world, memory)
                });
                let twin = twin.unwrap_or(client);
                keys[client.index()] = Key { sum, twin };
            }
        }
        keys
    }

    /// Does exchanging the two change nothing?
    fn twins(&self, one: ClientId, other: ClientId, world: &World, memory: &Memory) -> bool {
        let mut clients = Renaming::identity().clients();
        clients.swap(one.index(), other.index());
        let exchange = self.of_clients(&clients);
        exchange.world(world) == *world && exchange.memory(memory) == *memory
    }

    /// A number for all that is known of a client; a renaming of clients takes it along.
    fn sum(&self, client: ClientId, world: &World, memory: &Memory) -> u64 {
        let common = self.sum_of_common(client, &world.state, memory);
        self.sum_of_part(client, world, memory).wrapping_add(common)
    }

    /// The share of the client's own part in the number that orders clients.
    #[must_use]
    pub fn sum_of_part(&self, client: ClientId, world: &World, memory: &Memory) -> u64 {
        let mut sum = Sum(0);
        let (clients, attachments, sessions, _) = world.state.parts();
        world.cursor.position(client).hash(&mut sum);
        clients[client.index()].hash(&mut sum);
        let (_, calls) = memory.parts();
        let Remembered { logon: progress, trial } = calls[client.index()];
        trial.hash(&mut sum);
        progress.making.map(|session| self.role(client, session)).hash(&mut sum);
        Progress { making: None, ..progress }.hash(&mut sum);
        for session in self.own(client) {
            sessions[session.index()].hash(&mut sum);
        }
        let (first, _) = self.slots[client.index()];
        for held in attachments.iter().filter(|one| one.client == client) {
            (held.slot.0 - first, self.role(client, held.session), held.flags).hash(&mut sum);
        }
        sum.0
    }

    /// The share of what belongs to no client.
    #[must_use]
    pub fn sum_of_common(&self, client: ClientId, state: &State, memory: &Memory) -> u64 {
        let mut sum = Sum(0);
        let (.., shared) = state.parts();
        let (common, _) = memory.parts();
        (common.mutex == Some(client)).hash(&mut sum);
        for session in self.own(client) {
            let named = [shared.current, common.joinable].map(|one| one == Some(session));
            (named, common.leaving.contains(session), common.late.contains(session)).hash(&mut sum);
        }
        sum.0
    }

    /// The sessions that a client's calls make.
    fn own(&self, client: ClientId) -> impl Iterator<Item = SessionId> + use<> {
        let (first, count) = self.slots[client.index()];
        (first..first + count).map(SessionId)
    }

    /// What a session is to a client: its own, or that of another one, which may be of a class.
    fn role(&self, client: ClientId, session: SessionId) -> (Option<ClientId>, u32) {
        let is_own = |(first, count): &(u32, u32)| (*first..first + count).contains(&session.0);
        let owner = self.slots.iter().position(is_own).unwrap_or_default();
        let rank = session.0 - self.slots[owner].0;
        let owner = ClientId::from(owner);
        let class = self.clients.iter().find(|class| class.contains(owner));
        let known = class.and_then(|class| class.first()).unwrap_or(owner);
        (Some(known).filter(|_| owner != client), rank)
    }
}

/// What orders clients.
#[derive(Clone, Copy, Default)]
struct Key {
    /// All that is known of the client.
    sum: u64,
    /// The first client with which it can be exchanged without effect.
    twin: ClientId,
}

/// A world whose profiles are arranged, and whose clients are to be sorted.
struct Sorting<'a> {
    base: &'a Renaming,
    world: (World, Memory),
    keys: [Key; CLIENTS],
}

struct Sorter<'a, P> {
    symmetry: &'a Symmetry,
    pack: P,
    scratch: &'a mut LeastScratch,
    best: Option<Renaming>,
}

impl<P: Fn(&World, &Memory, &mut [u64])> Sorter<'_, P> {
    /// Fills the next place of the class at `at` with one of the clients with the least number,
    /// each in turn unless its twin has had its turn; `order` says who takes which place.
    fn fill(
        &mut self,
        sorting: &Sorting<'_>,
        at: usize,
        used: ClientSet,
        order: [ClientId; CLIENTS],
    ) {
        let Some(class) = self.symmetry.clients.get(at) else {
            self.try_order(sorting, &order);
            return;
        };
        let left = class.without(used);
        let key = |client: ClientId| sorting.keys[client.index()];
        let Some(least) = left.map(|client| key(client).sum).min() else {
            self.fill(sorting, at + 1, used, order);
            return;
        };
        let place = class.into_iter().nth(class.and(used).len() as usize);
        let mut seen = ClientSet::EMPTY;
        for client in left.filter(|client| key(*client).sum == least) {
            if seen.contains(key(client).twin) {
                continue;
            }
            seen.insert(key(client).twin);
            let mut order = order;
            order[client.index()] = place.unwrap_or(client);
            self.fill(sorting, at, used.or(ClientSet::only(client)), order);
        }
    }

    /// Keeps the order if its encoding is less than all before.
    fn try_order(&mut self, sorting: &Sorting<'_>, order: &[ClientId; CLIENTS]) {
        let clients = self.symmetry.of_clients(order);
        let (world, memory) = &sorting.world;
        let (world, memory) = (clients.world(world), clients.memory(memory));
        let words =
            if self.best.is_none() { &mut self.scratch.words } else { &mut self.scratch.other };
        (self.pack)(&world, &memory, words);
        if self.best.is_some() {
            if self.scratch.other >= self.scratch.words {
                return;
            }
            std::mem::swap(&mut self.scratch.other, &mut self.scratch.words);
        }
        self.best = Some(sorting.base.then(&clients));
    }
}

/// A hash that is the same on every machine.
struct Sum(u64);

impl Sum {
    const fn add(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for Sum {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.add(u64::from(*byte)));
    }
    fn write_u8(&mut self, value: u8) {
        self.add(u64::from(value));
    }
    fn write_u16(&mut self, value: u16) {
        self.add(u64::from(value));
    }
    fn write_u32(&mut self, value: u32) {
        self.add(u64::from(value));
    }
    fn write_u64(&mut self, value: u64) {
        self.add(value);
    }
    fn write_usize(&mut self, value: usize) {
        self.add(value as u64);
    }
    fn write_isize(&mut self, value: isize) {
        self.add(value.cast_unsigned() as u64);
    }
    fn finish(&self) -> u64 {
        self.0
    }
}
