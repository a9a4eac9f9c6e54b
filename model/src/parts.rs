//! A world cut into parts: one for each client, with its sessions and what is remembered of its
//! call, and one for what belongs to none of them.
//!
//! What a client does in a world follows from its own part and from the answers to the questions
//! that the step asks about the rest ([`Parts::asked_of`]); so steps can be kept and used again.

use crate::ids::ClientId;
use crate::machine::Model;
use crate::observe::{Memory, Observer, Recall};
use crate::property::is_turn_due;
use crate::protocol::{Call, Offer, Task};
use crate::world::asked::{Bit, Fact, Field, Log, asks, asks_busy};
use crate::world::bits::{BitReader, BitWriter, option};
use crate::world::{Attachment, Cursor, Session, Sight, State, World};

pub use crate::world::asked::Questions;

/// All that can be asked about a client: its whole part.
pub const WHOLE: Questions = [1 << Fact::Whole as u32, 0, 0];

/// How the worlds of a model are cut.
#[derive(Clone, Debug)]
pub struct Parts {
    observer: Observer,
    /// Words of each client's part.
    words: Vec<usize>,
    /// For each field of the common part its bit among questions and its place.
    fields: Vec<(Bit, u128)>,
}

/// The bits of the common part, at most.
const COMMON: u32 = 128;

impl Parts {
    /// Of a model; none where what belongs to no client does not fit.
    #[must_use]
    pub fn of(model: &Model, observer: Observer) -> Option<Self> {
        let clients = (0..model.scenario().clients.len()).map(ClientId::from);
        let bits = |client| model.layout().client_bits(client) + Memory::call_bits(&observer);
        let words = clients.map(|client| bits(client).div_ceil(64) as usize).collect();
        let (mut fields, mut at) = (Vec::new(), 0);
        let mut each = |bit, _: u64, width: u32| {
            let ones = if width == 0 { 0 } else { u128::MAX >> (COMMON - width.min(COMMON)) };
            fields.push((bit, if at < COMMON { ones << at } else { 0 }));
            at += width;
        };
        model.layout().each_field(model.first(), &mut each);
        observer.start().each_field(&observer, &mut each);
        (at <= COMMON).then_some(Self { observer, words, fields })
    }

    /// The words of the client's part.
    #[must_use]
    pub fn words(&self, client: ClientId) -> usize {
        self.words[client.index()]
    }

    /// Writes the client's part into that many words.
    pub fn client(
        &self,
        model: &Model,
        (world, memory): (&World, &Memory),
        client: ClientId,
        out: &mut [u64],
    ) {
        let mut out = BitWriter::new(out);
        model.layout().encode_client(world, client, &mut out);
        memory.encode_call(&self.observer, client, &mut out);
    }

    /// What belongs to no client.
    #[must_use]
    pub fn common(&self, model: &Model, (state, memory): (&State, &Memory)) -> u128 {
        let (mut common, mut at) = (0, 0);
        let mut each = |_, value: u64, width: u32| {
            common |= u128::from(value) << at;
            at += width;
        };
        model.layout().each_field(state, &mut each);
        memory.each_field(&self.observer, &mut each);
        common
    }

    /// Puts a client's part into a world.
    pub fn restore_client(
        &self,
        model: &Model,
        (world, memory): (&mut World, &mut Memory),
        client: ClientId,
        part: &[u64],
    ) {
        let mut from = BitReader::new(part);
        model.layout().decode_client(&mut from, world, client);
        memory.decode_call(&self.observer, client, &mut from);
    }

    /// Puts what belongs to no client into a world.
    pub fn restore_common(
        &self,
        model: &Model,
        (world, memory): (&mut World, &mut Memory),
        common: u128,
    ) {
        let words = [low(common), low(common >> 64)];
        let mut from = BitReader::new(&words);
        model.layout().decode_fields(&mut from, world.state.parts_mut().shared);
        memory.decode_fields(&self.observer, &mut from);
    }

    /// Forgets what has been asked.
    pub fn begin(&self, model: &Model) {
        if let Some(log) = model.log() {
            log.clear();
        }
    }

    /// What has been asked about a client since then.
    #[must_use]
    pub fn asked_of(&self, model: &Model, client: ClientId) -> Questions {
        model.log().map_or([0; 3], |log| log.about(client))
    }

    /// The bits of the common part that have been asked for.
    #[must_use]
    pub fn asked_of_common(&self, model: &Model) -> u128 {
        let asked = model.log().map_or(0, Log::fields);
        let places = self.fields.iter().filter(|(bit, _)| bit.is_in(asked));
        places.fold(0, |mask, (_, place)| mask | place)
    }

    /// The bits of the common part that hold how many faults may still strike; none if that takes
    /// more than 8.
    #[must_use]
    pub fn budget(&self) -> u128 {
        let budget = Bit::field(Field::Budget);
        let place = self.fields.iter().find(|(bit, _)| *bit == budget);
        place.map(|(_, place)| *place).filter(|place| place.count_ones() <= 8).unwrap_or_default()
    }

    /// Calls `each` with the answers to questions about a client, whose part this is, in a world in
    /// which it is restored; nothing else in that world is looked at.
    pub fn answer(
        &self,
        model: &Model,
        (world, memory): (&World, &Memory),
        (client, part): (ClientId, &[u64]),
        questions: &Questions,
        each: &mut impl FnMut(u64),
    ) {
        if asks(questions, Fact::Whole) {
            part.iter().copied().for_each(each);
            return;
        }
        let sight = model.sight(&world.state).unnoted();
        let recall = Recall::of(memory, model).unnoted();
        for fact in Fact::ALL {
            if asks(questions, fact) {
                let about = (sight, recall, &world.cursor);
                answer_fact(fact, model, about, (client, part), each);
            }
        }
        for session in asks_busy(questions) {
            each(u64::from(sight.is_busy_on(client, session)));
        }
        for session in sight.sessions() {
            if questions[1] >> (session.0 & 63) & 1 == 1 {
                each(u64::from(sight.holds(client, session)));
            }
            if questions[2] >> (session.0 & 63) & 1 == 1 {
                put_session(sight.session(session), each);
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the other bits are not needed")]
const fn low(bits: u128) -> u64 {
    bits as u64
}

/// A number for each content of a session, field by field.
fn put_session(session: &Session, each: &mut impl FnMut(u64)) {
    let Session { profile, flags, services, disabled, running, deferred, promised } = *session;
    each(option(profile.map(|profile| profile.0)));
    each(u64::from(flags.bits()));
    each(u64::from(services.0) | u64::from(disabled.0) << 16 | u64::from(running.0) << 32);
    each(u64::from(deferred.0) | u64::from(promised.0) << 32);
}

fn put_attachment(held: &Attachment, each: &mut impl FnMut(u64)) {
    each((u64::from(held.slot.0) + 1) | u64::from(held.session.0) << 32);
    each(u64::from(held.flags.bits()));
}

/// Calls `each` with the answer to one question.
fn answer_fact(
    fact: Fact,
    model: &Model,
    (sight, recall, cursor): (Sight<'_>, Recall<'_>, &Cursor),
    (client, part): (ClientId, &[u64]),
    each: &mut impl FnMut(u64),
) {
    let mut yes = |holds: bool| each(u64::from(holds));
    match fact {
        Fact::Whole => part.iter().copied().for_each(each),
        Fact::Impatience if sight.waits_shortly(client) => {
            each(1);
            part.iter().copied().for_each(each);
        }
        Fact::Impatience => each(0),
        Fact::Locks => yes(sight.is_past_q3(client)),
        Fact::Initialized => yes(sight.is_initialized(client)),
        Fact::LogsOnAgain => yes(model.client_logs_on_again(cursor, client)),
        Fact::Holds => yes(sight.holds_any(client)),
        Fact::LogsOn => yes(sight.is_logging_on(client)),
        Fact::Waits => yes(sight.waits(client)),
        Fact::WaitsShortly => yes(sight.waits_shortly(client)),
        Fact::Leaves => yes(sight.is_leaving(client)),
        Fact::Unanswered => yes(recall.is_unanswered(client)),
        Fact::TaskLost => yes(recall.is_lost(client)),
        Fact::AtTask => yes(recall.is_at_task(client)),
        Fact::FailedOnce => yes(recall.has_failed_once(client)),
        Fact::TurnDue => yes(is_turn_due(model, sight, recall, client)),
        Fact::Attachments => {
            sight.attachments_of(client).for_each(|held| put_attachment(held, each));
            each(0);
        }
        Fact::Uses => sight
            .own_sessions(client)
            .for_each(|(_, session)| each(option(session.profile().map(|profile| profile.0)))),
        Fact::Running => {
            sight.own_sessions(client).for_each(|(_, session)| each(u64::from(session.running().0)))
        }
        Fact::Lost => sight.lost_in(client).for_each(|(_, lost)| each(u64::from(lost.0))),
        Fact::AtWork => sight.at_work(client).for_each(|(_, running, disabled)| {
            each(u64::from(running.0) << 32 | u64::from(disabled.0));
        }),
        Fact::AtPrompt => each(match sight.prompt(client) {
            None => 0,
            Some(None) => 1,
            Some(Some(flags)) => 2 + u64::from(flags.bits()),
        }),
        Fact::Offer => each(offer_number(sight.offer(client))),
        Fact::Makes => each(option(sight.makes(client).map(|session| session.0))),
        Fact::Tells => match sight.tells(client) {
            Some(held) => put_attachment(&held, each),
            None => each(0),
        },
        Fact::CallFlags => each(match sight.client(client).call() {
            None => 0,
            Some(Call::LogonEx(logon)) => 1 + u64::from(logon.flags.bits()),
            Some(call) => {
                let held = sight.session_of(client, call).map(|session| session.0);
                1 << 40 | option(held)
            }
        }),
        Fact::InUse => {
            let used = sight.in_use(client);
            each(used.fold(0, |set, session| set | 1 << (session.0 & 63)));
        }
        Fact::MadeBy => sight
            .own_sessions(client)
            .for_each(|(_, session)| each(u64::from(session.flags().bits()))),
    }
}

/// A number of its own for every offer.
fn offer_number(offer: Offer) -> u64 {
    let task = |task: Task| match task {
        Task::Configure(service) => u64::from(service.0),
        Task::Run(provider) => 64 + u64::from(provider.0),
    };
    match offer {
        Offer::Call => 0,
        Offer::Turn => 1,
        Offer::Step => 2,
        Offer::Profile => 3,
        Offer::Data => 4,
        Offer::EntryPoint => 5,
        Offer::Logoff => 6,
        Offer::Open(profile) => 8 + option(profile.map(|profile| profile.0)),
        Offer::Recovery(at) => 1 << 10 | task(at),
        Offer::Try(at) => 1 << 11 | task(at),
    }
}
