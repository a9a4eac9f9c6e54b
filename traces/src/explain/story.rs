//! The story of a recording: for every recorded call what MAPI did, and why.

use std::collections::BTreeMap;

use mapi_logon_model::ids::{ClientId, SessionId};
use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::protocol::{Action, Effect};
use mapi_logon_model::world::State;

use super::plan::{Plan, Point};
use super::verdict::{Sentence, ToldEvent};
use super::witness;
use crate::recording::{RecordedEvent, Recording, Returned};

mod follows;
mod losses;
mod words;

use losses::Losses;
pub(super) use words::{Moment, clause_of, listed};

/// Runs that explain a recording, told: what all of them have in common.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Told {
    pub(super) story: Vec<ToldEvent>,
    /// What follows for the user.
    pub(super) follows: Vec<Sentence>,
}

/// The place of an event for people.
pub(super) fn place(event: &RecordedEvent) -> String {
    match &event.seen.origin {
        Some(origin) => format!("{}:{}", origin.file, origin.line),
        None => format!("line {}", event.line),
    }
}

/// The result of an event by its name, or as a number; nothing where it never returned.
pub(super) fn result(event: &RecordedEvent) -> Option<String> {
    match event.result {
        Returned::With(code) => Some(code.name().to_owned()),
        Returned::Unknown(number) => Some(format!("0x{number:08X}")),
        Returned::Never => None,
    }
}

/// Tells a run, event by event, in the order in which the calls began.
pub(super) fn tell(recording: &Recording, plan: &Plan, model: &Model, run: &[Action]) -> Told {
    let mut teller = Teller {
        recording,
        model,
        events: BTreeMap::new(),
        sessions: BTreeMap::new(),
        callers: BTreeMap::new(),
        follows: Vec::new(),
        losses: Losses::default(),
    };
    let mut last = None;
    witness::walk(plan, model, run, |event, before, action, step| {
        teller.step(event, before, action, step);
        last = Some(step.state.clone());
    });
    if let Some(state) = last {
        let losses = teller.losses.told(model, &state);
        teller.follows.splice(0..0, losses);
    }
    teller.told(plan)
}

/// A story that is being told.
struct Teller<'a> {
    recording: &'a Recording,
    model: &'a Model,
    events: BTreeMap<u32, Vec<Sentence>>,
    /// The event whose logon made each session.
    sessions: BTreeMap<SessionId, u32>,
    /// The event of each client's call.
    callers: BTreeMap<ClientId, u32>,
    follows: Vec<Sentence>,
    losses: Losses,
}

impl Teller<'_> {
    fn step(&mut self, number: u32, before: &State, action: Action, step: &Step) {
        self.callers.insert(action.client, number);
        for effect in &step.effects {
            if let Effect::Establishing { session } = *effect {
                self.sessions.insert(session, number);
            }
        }
        let (recording, sessions, callers) = (self.recording, &self.sessions, &self.callers);
        let place_of = |event: &u32| {
            recording.events.get(*event as usize).map_or_else(|| "earlier".to_owned(), place)
        };
        let session = |session: SessionId| sessions.get(&session).map(place_of);
        let caller = |client: ClientId| callers.get(&client).map(place_of);
        let moment =
            Moment { model: self.model, before, action, step, session: &session, caller: &caller };
        let sentences = moment.sentences();
        follows::note(&moment, &mut self.follows);
        self.losses.note(&moment);
        let told = self.events.entry(number).or_default();
        for sentence in sentences {
            if told.last() != Some(&sentence) {
                told.push(sentence);
            }
        }
    }

    /// What a call may be doing that never returned.
    fn unfinished(&self, event: &RecordedEvent) -> Sentence {
        let is_open_logon = |one: &&RecordedEvent| {
            one.method == "MAPILogonEx" && one.result == Returned::Never && one.line != event.line
        };
        let holder = self.recording.events.iter().find(is_open_logon).map(place);
        let holder = holder.filter(|_| event.method == "MAPILogonEx");
        let (waits, clauses): (_, &[&str]) = match holder {
            Some(holder) => {
                let mutex = format!("the logon mutex, if the logon of {holder} holds it, ");
                (mutex, &["MTX-2", "MTX-5"])
            }
            None => (String::new(), &["MTX-5", "PRV-2"]),
        };
        let text = format!(
            "had not returned when the log ended: it waits for {waits}the user's answer to a \
             dialog or a provider; lines of dialogs and provider calls would tell which"
        );
        Sentence::new(text, clauses)
    }

    /// The events in the order in which their calls may have begun.
    fn told(mut self, plan: &Plan) -> Told {
        let mut story = Vec::with_capacity(self.events.len());
        for point in &plan.points {
            let Point::Begin(number) = *point else {
                continue;
            };
            let event = &self.recording.events[number as usize];
            let hangs = event.result == Returned::Never;
            let Some(mut sentences) = self.events.remove(&number).or(hangs.then(Vec::new)) else {
                continue;
            };
            if hangs {
                sentences.push(self.unfinished(event));
            } else if sentences.is_empty() {
                sentences.extend(words::plain(event));
            }
            story.push(ToldEvent {
                event: number as usize + 1,
                place: place(event),
                client: event.client.clone(),
                call: event.written(),
                result: result(event),
                sentences,
            });
        }
        Told { story, follows: self.follows }
    }
}

/// What several runs of one recording have in common. Where they differ, the cause is told instead.
pub(super) fn common(mut all: impl Iterator<Item = Told>) -> Told {
    let mut common = all.next().unwrap_or_default();
    for other in all {
        let others: BTreeMap<_, _> =
            other.story.iter().map(|one| (one.event, &one.sentences)).collect();
        for told in &mut common.story {
            let also = others.get(&told.event);
            told.sentences.retain(|one| also.is_some_and(|also| also.contains(one)));
        }
        common.follows.retain(|one| other.follows.contains(one));
    }
    common
}
