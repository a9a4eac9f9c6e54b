//! The course of one world: calls are made, questions answered, and everything is judged at once.

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::time::Duration;

use mapi_logon_model::ids::ClientId;
use mapi_logon_traces::explain::{Begun, Known, Waiting};
use mapi_logon_traces::recording::EventLine;

use crate::broken::Broken;
use crate::choose::{Chooser, Next};
use crate::clock::Moment;
use crate::expected::{Deviations, Excused};
use crate::finding::Finding;
use crate::judge::{Feed, Judge, Offered};
use crate::moves::{Answering, Calling, Move};
use crate::port::{Heard, Port};
use crate::protocol::{Dialogs, FromTool, Hello, Providers};
use crate::repertoire::Repertoire;
use crate::seats::{InCall, Number, Seat, running};
use crate::table::Table;

mod begin;
mod excuse;
pub(crate) mod gone;
mod heard;

/// After how long a call that says nothing is named.
const NAMED: Duration = Duration::from_secs(1);

/// The call of a world that is watched for a while where it must wait: systems give up waiting.
const WATCHED: usize = 3;

/// For how long it is watched: longer than a logon that may give up is to wait.
const OVERTIME: Duration = Duration::from_millis(20);

/// How long things may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// Until a call goes on that must go on.
    pub deadline: Duration,
    /// Until a call that may wait is taken to wait.
    pub quiet: Duration,
    /// Until an adapter answers `hello` and `world`.
    pub start: Duration,
}

/// How a world ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// There was nothing more to do.
    Complete,
    /// The system did what the model does not allow.
    Deviated(Finding),
    /// This limit of the judge was reached before it was decided whether the model allows what the
    /// system did.
    Undecided(&'static str),
    /// The adapter cannot make this call, for want of this.
    Unsupported(Calling, String),
    /// The calls that are open wait for each other, as the model has it.
    Stuck,
    /// The user interrupted the tool.
    Interrupted,
}

/// One world, from its first call to its last.
#[derive(Debug)]
pub struct Course<'a, 'm, P: Port + ?Sized> {
    port: &'a mut P,
    hello: &'a Hello,
    judge: Judge<'m>,
    patience: Patience,
    ids: &'a mut u64,
    seats: Vec<Seat>,
    repertoires: &'a [Repertoire],
    /// Calls that the adapter does not support.
    refused: &'a BTreeSet<Calling>,
    expected: &'a Deviations,
    /// The sessions that the adapter has named.
    identities: Vec<NonZeroU64>,
    /// Every logon has a label of its own.
    labels: u32,
    moment: u32,
    /// What was done.
    pub moves: Vec<Move>,
    /// What was seen.
    pub recording: Vec<EventLine>,
    /// Expected deviations after which it went on.
    pub excused: Vec<Excused>,
    /// How many questions were answered.
    pub answers: u64,
    /// How long each call took, in order of its return.
    pub times: Vec<(String, Duration)>,
    began: Vec<Moment>,
    /// Providers answer S_OK without being asked.
    preset: bool,
    /// How many remarks have come since the last message that says something.
    remarks: u32,
    /// The numbers that the adapter has given, by their keys.
    numbers: BTreeSet<(&'static str, u64)>,
}

impl<'a, 'm, P: Port + ?Sized> Course<'a, 'm, P> {
    /// A world that the adapter has made; its clients make calls of these repertoires.
    pub(crate) fn new(
        (port, hello): (&'a mut P, &'a Hello),
        judge: Judge<'m>,
        (repertoires, refused, expected): (&'a [Repertoire], &'a BTreeSet<Calling>, &'a Deviations),
        (patience, preset): (Patience, bool),
        ids: &'a mut u64,
    ) -> Self {
        Self {
            port,
            hello,
            patience,
            ids,
            seats: vec![Seat::default(); repertoires.len()],
            repertoires,
            refused,
            expected,
            identities: Vec::new(),
            labels: 0,
            moment: 0,
            moves: Vec::new(),
            recording: Vec::new(),
            excused: Vec::new(),
            answers: 0,
            times: Vec::new(),
            began: Vec::new(),
            preset: preset || hello.controls.providers == Providers::Preset,
            judge,
            remarks: 0,
            numbers: BTreeSet::new(),
        }
    }

    /// Drives the world as the chooser says, to its end.
    ///
    /// # Errors
    /// [`Broken`] where the adapter breaks the protocol.
    pub fn drive(&mut self, chooser: &mut dyn Chooser) -> Result<End, Broken> {
        loop {
            if let Some(end) = self.settle(chooser)? {
                return Ok(end);
            }
            self.refresh();
            let table = Table {
                judge: &self.judge,
                seats: &self.seats,
                repertoires: self.repertoires,
                hello: self.hello,
                recording: &self.recording,
                refused: self.refused,
            };
            match chooser.next(&table) {
                Some(Next::Call(calling)) => self.begin(calling),
                Some(Next::Answer(client, at)) => self.answer(client, at),
                None if !self.is_busy() => return Ok(End::Complete),
                None => return Ok(End::Stuck),
            }
        }
    }

    /// Is any call in progress?
    pub(crate) fn is_busy(&self) -> bool {
        self.seats.iter().any(|seat| seat.open.is_some())
    }

    /// Hears the adapter until every call has returned or waits for the tool or for another call.
    fn settle(&mut self, chooser: &mut dyn Chooser) -> Result<Option<End>, Broken> {
        loop {
            let Some(wait) = self.wait() else { return Ok(None) };
            let heard = self.hear(wait);
            match self.understand(heard, wait.1, chooser) {
                Ok(None) => {}
                Ok(end) => return Ok(end),
                Err(mut broken) => {
                    broken.complaints = self.port.complaints();
                    return Err(broken);
                }
            }
        }
    }

    /// Waits for a message; a call that must go on and does not for a while is named.
    fn hear(&mut self, (most, must): (Duration, bool)) -> Heard {
        if !must || most <= NAMED {
            return self.port.hear(most);
        }
        let heard = self.port.hear(NAMED);
        if heard != Heard::Nothing {
            return heard;
        }
        let calls = running(&self.seats).filter_map(|one| self.seats[one.index()].open.as_ref());
        let name = |call: &InCall| format!("{} of {}", call.calling.call, call.calling.client);
        let calls: Vec<_> = calls.map(name).collect();
        let seconds = most.as_secs_f64();
        self.port.waits(&format!("no sign of {}; hangs after {seconds} s", calls.join(", ")));
        self.port.hear(most - NAMED)
    }

    /// How long to wait for the next message, and whether it must come; nothing where there is
    /// nothing to wait for.
    fn wait(&mut self) -> Option<(Duration, bool)> {
        let open = self.seats.iter().filter(|seat| seat.open.is_some()).count();
        let mut patience = None;
        for client in running(&self.seats).collect::<Vec<_>>() {
            // A call that is alone waits for nobody.
            if open == 1 {
                return Some((self.patience.deadline, true));
            }
            let known = self.seats[client.index()].open.as_ref()?.waits;
            let waits = match known {
                Some(waits) => waits,
                None => self.judge.waiting(client),
            };
            let call = self.seats[client.index()].open.as_mut()?;
            call.waits = Some(waits);
            match (waits, call.silent) {
                (Waiting::MustReturn, _) => return Some((self.patience.deadline, true)),
                (Waiting::May, false) => patience = Some((self.patience.quiet, false)),
                (Waiting::MustWait, false) if call.event == WATCHED => {
                    patience = patience.or(Some((OVERTIME, false)));
                }
                (Waiting::May, true) | (Waiting::MustWait, _) => {}
            }
        }
        patience
    }

    /// Something has happened: what waits may have changed.
    fn stir(&mut self) {
        for call in self.seats.iter_mut().filter_map(|seat| seat.open.as_mut()) {
            (call.waits, call.silent) = (None, false);
            call.held.iter_mut().for_each(|held| held.stale = true);
        }
    }

    /// What a provider can answer may depend on what others have done since it was asked.
    fn refresh(&mut self) {
        for (at, seat) in self.seats.iter_mut().enumerate() {
            let held = seat.open.as_mut().and_then(|call| call.held.as_mut());
            let Some(held) = held.filter(|held| held.stale) else { continue };
            held.stale = false;
            let provider = held.offered.iter().any(|one| matches!(one.feed, Feed::Code(_)));
            if provider {
                held.offered = self.judge.answers_now(at.into());
            }
        }
    }

    fn answer(&mut self, client: ClientId, at: usize) {
        let seat = &mut self.seats[client.index()];
        let Some(call) = seat.open.as_mut() else { return };
        let Some(held) = call.held.take() else { return };
        let Some(Offered { reply, feed }) = held.offered.into_iter().nth(at) else { return };
        let event = &mut self.recording[call.event];
        match feed {
            Feed::Code(code) => {
                let asked = event.provider_events.iter_mut().flatten().last();
                asked.into_iter().for_each(|one| one.result = Some(code.name().to_owned()));
            }
            Feed::Answer(answer) => heard::note_answer(event, answer),
            Feed::Unseen => {}
        }
        self.judge.answered(client, feed);
        let line = match held.number {
            Number::Ask(ask) => FromTool::Answer {
                ask,
                result: reply.result.unwrap_or(crate::protocol::Hr(0)),
                completed: reply.completed,
                user: reply.user,
            },
            Number::Dialog(dialog) => FromTool::User {
                dialog,
                answer: reply.user.unwrap_or(crate::protocol::UserAnswer::Cancel),
                profile: reply.profile.clone(),
                completed: reply.completed,
            },
        };
        let client = call.calling.client.clone();
        let dialogs = held.dialogs;
        self.moves.push(Move::Answer(Answering { client, to: held.to, dialogs, reply }));
        self.answers += 1;
        self.port.say(&line);
        self.stir();
    }
}

/// What is seen of every call.
#[must_use]
pub const fn known(hello: &Hello) -> Known {
    Known {
        provider_calls: hello.observes.provider_calls,
        dialogs: matches!(hello.controls.dialogs, Dialogs::Scripted),
    }
}

/// A call in progress without anything that holds it.
pub(crate) const fn in_call(id: u64, event: usize, calling: Calling, call: Begun) -> InCall {
    InCall { id, event, calling, call, held: None, waits: None, silent: false, last: None }
}
