//! A memory packed into as few bits as its scenario needs.

use crate::machine::Model;
use crate::protocol::Task;
use std::ops::Range;

use crate::ids::{ClientId, ProviderId, ProviderSet, ServiceId, ServiceSet, SessionId, SessionSet};
use crate::observe::memory::{Cancelled, Memory, Observer, Progress};
use crate::observe::passed::Passed;
use crate::observe::tracks::Tracks;
use crate::observe::trial::Trial;
use crate::policy::Mutex;
use crate::world::Codes;
use crate::world::asked::{Bit, Field};
use crate::world::bits::{
    BitEditor, BitReader, BitWriter, low8, low16, low32, option, some, width_of,
};

/// How wide things are in one scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Widths {
    clients: u32,
    /// Logons that may be under way at a time.
    logons: u32,
    client: u32,
    session: u32,
    service_count: usize,
    services: u32,
    providers: u32,
    forced: u32,
    task: u32,
    codes: Codes,
    cancels: u32,
    spurned: u32,
    validated: u32,
    crippled: u32,
    leaving: u32,
    late: u32,
    lost: u32,
}

/// The counts and marks of a trial.
const TRIAL: u32 = 12;

/// Obligations that can never be met any more (LIV-4, LIV-5).
const OWED: u32 = 2;

impl Widths {
    pub(crate) fn of(model: &Model, tracks: Tracks) -> Self {
        let scenario = model.scenario();
        let count = |items: usize| u32::try_from(items).unwrap_or(u32::MAX);
        let services = count(scenario.services.len());
        let sessions = count(model.slots().len());
        let wide = |tracked: bool, width: u32| if tracked { width } else { 0 };
        let policy = &scenario.policy;
        let forces = |flags| Passed(flags).forces(policy);
        let mutated = !model.is_faithful();
        let forces = mutated || scenario.clients.iter().any(|client| client.may_pass(forces));
        Self {
            clients: count(scenario.clients.len()),
            logons: match scenario.policy.mutex {
                Mutex::On if !mutated => 1,
                Mutex::On | Mutex::Off => count(scenario.clients.len()),
            },
            client: width_of(scenario.clients.len() + 1),
            session: width_of(model.slots().len() + 1),
            service_count: scenario.services.len(),
            services,
            providers: count(scenario.providers.len()),
            forced: wide(forces, services),
            task: width_of(scenario.services.len() + scenario.providers.len() + 1),
            codes: Codes::of(scenario, mutated),
            cancels: wide(tracks.spurned, 2),
            spurned: wide(tracks.spurned, 1),
            validated: wide(tracks.validated, 1),
            crippled: wide(tracks.crippled, 1),
            leaving: wide(tracks.leaving, sessions),
            late: wide(tracks.late, sessions),
            lost: wide(!tracks.lost.is_empty(), services),
        }
    }

    pub(super) const fn clients(&self) -> usize {
        self.clients as usize
    }

    const fn bits(&self) -> u32 {
        self.trials() + self.trial() * self.clients
    }

    /// At which bit the logons begin, after what is remembered of nobody in particular.
    const fn common(&self) -> u32 {
        self.client + self.session + self.leaving + self.late + self.lost + OWED
    }

    const fn logon(&self) -> u32 {
        let marks = self.spurned + self.validated + self.crippled;
        self.session + 2 + self.forced + self.services + self.providers + marks
    }

    const fn trial(&self) -> u32 {
        self.task + TRIAL + self.codes.width + self.cancels
    }

    /// At which bit the trials begin.
    const fn trials(&self) -> u32 {
        self.common() + self.logon() * self.logons
    }
}

impl Observer {
    /// Bits a memory takes in this scenario.
    #[must_use]
    pub const fn bits(&self) -> u32 {
        self.widths.bits()
    }
}

impl Memory {
    /// Writes it, in [`Observer::bits`] bits.
    pub fn encode(&self, observer: &Observer, out: &mut BitWriter<'_>) {
        let widths = &observer.widths;
        self.each_field(observer, &mut |_, value, width| out.put(value, width));
        for call in &self.calls[self.kept_logons(widths)] {
            call.logon.encode(widths, out);
        }
        for call in &self.calls {
            call.trial.encode(widths, out);
        }
    }

    /// Writes a memory that differs from one read before, from bit `start` on, in what a step of
    /// this client can change: the rest is copied.
    pub fn encode_changes(
        &self,
        observer: &Observer,
        (before, start): (&Self, usize),
        client: ClientId,
        out: &mut BitEditor<'_>,
    ) {
        let widths = &observer.widths;
        let place = |bit: u32| start + bit as usize;
        if self.common != before.common {
            let out = out.replace(start, place(widths.common()));
            self.each_field(observer, &mut |_, value, width| out.put(value, width));
        }
        let (old, new) = (before.kept_logons(widths), self.kept_logons(widths));
        for (at, (old, new)) in (0..).zip(old.zip(new)) {
            if before.calls[old].logon != self.calls[new].logon {
                let bit = widths.common() + at * widths.logon();
                let out = out.replace(place(bit), place(bit + widths.logon()));
                self.calls[new].logon.encode(widths, out);
            }
        }
        let trial = &self.calls[client.index()].trial;
        if *trial != before.calls[client.index()].trial {
            let bit = widths.trials() + client.0 * widths.trial();
            trial.encode(widths, out.replace(place(bit), place(bit + widths.trial())));
        }
        out.replace(place(widths.bits()), place(widths.bits()));
    }

    /// The logons that can be under way: with a mutex that of its holder.
    fn kept_logons(&self, widths: &Widths) -> Range<usize> {
        let holder = self.common.mutex.unwrap_or_default().index();
        if widths.logons == 1 { holder..holder + 1 } else { 0..widths.logons as usize }
    }

    /// Reads over an earlier memory of the same model what [`Memory::encode`] wrote.
    pub fn decode(&mut self, observer: &Observer, from: &mut BitReader<'_>) {
        let widths = &observer.widths;
        self.decode_fields(observer, from);
        let logons = self.kept_logons(widths);
        for (at, call) in self.calls.iter_mut().enumerate() {
            call.logon = if logons.contains(&at) {
                Progress::decode(widths, from)
            } else {
                Progress::default()
            };
        }
        for call in &mut self.calls {
            call.trial = Trial::decode(widths, from);
        }
    }
}

/// The parts of a memory, each packed by itself.
impl Memory {
    /// The bits of what is remembered of a client's call.
    pub(crate) const fn call_bits(observer: &Observer) -> u32 {
        observer.widths.logon() + observer.widths.trial()
    }

    /// Writes what is remembered of a client's call.
    pub(crate) fn encode_call(
        &self,
        observer: &Observer,
        client: ClientId,
        out: &mut BitWriter<'_>,
    ) {
        let call = &self.calls[client.index()];
        call.logon.encode(&observer.widths, out);
        call.trial.encode(&observer.widths, out);
    }

    /// Reads what [`Memory::encode_call`] wrote.
    pub(crate) fn decode_call(
        &mut self,
        observer: &Observer,
        client: ClientId,
        from: &mut BitReader<'_>,
    ) {
        let call = &mut self.calls[client.index()];
        call.logon = Progress::decode(&observer.widths, from);
        call.trial = Trial::decode(&observer.widths, from);
    }

    /// Calls `each` with every field of what is remembered of nobody in particular.
    pub(crate) fn each_field(&self, observer: &Observer, each: &mut impl FnMut(Bit, u64, u32)) {
        let (common, widths) = (&self.common, &observer.widths);
        let mutex = option(common.mutex.map(|client| client.0));
        let joinable = option(common.joinable.map(|session| session.0));
        let owed = u64::from(common.owes_try) | u64::from(common.owes_loss) << 1;
        each(Bit::field(Field::Mutex), mutex, widths.client);
        each(Bit::field(Field::Joinable), joinable, widths.session);
        each(Bit::field(Field::Leaving), common.leaving.0, widths.leaving);
        each(Bit::field(Field::Late), common.late.0, widths.late);
        each(Bit::field(Field::LostServices), u64::from(common.lost.0), widths.lost);
        each(Bit::field(Field::Owed), owed, OWED);
    }

    /// Reads the fields that [`Memory::each_field`] lists.
    pub(crate) fn decode_fields(&mut self, observer: &Observer, from: &mut BitReader<'_>) {
        let widths = &observer.widths;
        let common = &mut self.common;
        common.mutex = some(from.take(widths.client)).map(ClientId);
        common.joinable = some(from.take(widths.session)).map(SessionId);
        common.leaving = SessionSet(from.take(widths.leaving));
        common.late = SessionSet(from.take(widths.late));
        common.lost = ServiceSet(low16(from.take(widths.lost)));
        let owed = from.take(OWED);
        (common.owes_try, common.owes_loss) = (owed & 1 == 1, owed >> 1 == 1);
    }
}

impl Progress {
    fn encode(&self, widths: &Widths, out: &mut BitWriter<'_>) {
        out.put(option(self.making.map(|session| session.0)), widths.session);
        out.put(self.cancelled as u64, 2);
        out.put(u64::from(self.forced.0), widths.forced);
        out.put(u64::from(self.settled.0), widths.services);
        out.put(u64::from(self.turned.0), widths.providers);
        out.put(u64::from(self.spurned), widths.spurned);
        out.put(u64::from(self.validated), widths.validated);
        out.put(u64::from(self.crippled), widths.crippled);
    }

    fn decode(widths: &Widths, from: &mut BitReader<'_>) -> Self {
        Self {
            making: some(from.take(widths.session)).map(SessionId),
            cancelled: match from.take(2) {
                1 => Cancelled::Profile,
                2 => Cancelled::Password,
                _ => Cancelled::Nothing,
            },
            forced: ServiceSet(low16(from.take(widths.forced))),
            settled: ServiceSet(low16(from.take(widths.services))),
            turned: ProviderSet(low32(from.take(widths.providers))),
            spurned: from.take(widths.spurned) == 1,
            validated: from.take(widths.validated) == 1,
            crippled: from.take(widths.crippled) == 1,
        }
    }
}

impl Trial {
    fn encode(&self, widths: &Widths, out: &mut BitWriter<'_>) {
        let task = match self.task {
            None => 0,
            Some(Task::Configure(service)) => 1 + service.index(),
            Some(Task::Run(provider)) => 1 + widths.service_count + provider.index(),
        };
        out.put(task as u64, widths.task);
        let flags = [
            self.open,
            self.conf,
            self.informed,
            self.declined,
            self.limit,
            self.won,
            self.skipped,
            self.object,
        ];
        let flags = flags.into_iter().rev().fold(0, |bits, flag| bits << 1 | u64::from(flag));
        out.put(u64::from(self.tries) | u64::from(self.failures) << 2 | flags << 4, TRIAL);
        out.put(widths.codes.optional(self.code), widths.codes.width);
        out.put(u64::from(self.cancels), widths.cancels);
    }

    fn decode(widths: &Widths, from: &mut BitReader<'_>) -> Self {
        let task = usize::from(low16(from.take(widths.task)));
        let task = match task.checked_sub(1) {
            None => None,
            Some(at) if at < widths.service_count => Some(Task::Configure(ServiceId::from(at))),
            Some(at) => Some(Task::Run(ProviderId::from(at - widths.service_count))),
        };
        let bits = from.take(TRIAL);
        let flag = |at: u32| bits >> at & 1 == 1;
        let code = widths.codes.maybe(from.take(widths.codes.width));
        Self {
            task,
            tries: low8(bits & 3),
            failures: low8(bits >> 2 & 3),
            cancels: low8(from.take(widths.cancels)),
            open: flag(4),
            conf: flag(5),
            informed: flag(6),
            declined: flag(7),
            limit: flag(8),
            won: flag(9),
            skipped: flag(10),
            object: flag(11),
            code,
            disabled: false,
        }
    }
}
