//! The answers of a run: which were given, and which are to be given next time.

use mapi_logon_model::protocol::Status;
use mapi_logon_sim::random::{Purpose, Stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::oracle::Reply;

/// Most answers of a run that are kept; what a client does after them is judged all the same.
pub const KEPT: usize = 10_000;

/// A call and its answer. A file of answers is a list of these.
#[derive(
    Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// The process that called, numbered from 1 in the order of first calls.
    pub process: u32,
    /// The call with its target, as scenarios write it.
    pub call: String,
    /// What it returned.
    pub result: String,
    /// The rows of the table that it opened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<String>,
    /// The flags of the call.
    #[serde(skip)]
    pub flags: u32,
    /// Whether a password was passed.
    #[serde(skip)]
    pub password: bool,
    /// The number of the session obtained or called, from 1; 0 for none.
    #[serde(skip)]
    pub session: u32,
    /// Which of the answers it was, and of how many; (0, 0) where only the result is known.
    #[serde(skip)]
    pub choice: (usize, usize),
}

impl Answered {
    /// An answer that is chosen.
    #[must_use]
    pub fn of(process: u32, call: String, replies: &[Reply], at: usize) -> Self {
        let result = replies[at].result.name().to_owned();
        let (rows, choice) = (rows(&replies[at]), (at, replies.len()));
        Self { process, call, result, rows, choice, ..Self::default() }
    }
}

fn rows(reply: &Reply) -> Vec<String> {
    let row = |(name, status): &(String, Option<Status>)| match status {
        None => name.clone(),
        Some(Status::Available) => format!("{name}: available"),
        Some(Status::Offline) => format!("{name}: offline"),
        Some(Status::Failure) => format!("{name}: failure"),
    };
    reply.rows.iter().map(row).collect()
}

/// Which answers are given.
#[derive(Clone, Debug)]
pub struct Plan {
    first: Vec<Answered>,
    then: Then,
    at: usize,
    departed: Option<usize>,
}

/// What is answered after the answers that are given first.
#[derive(Clone, Debug)]
enum Then {
    /// Success, with whatever else the answers so far leave possible.
    Anything,
    /// Success, and no other failure than those that were seen.
    Success,
    Drawn(Box<Stream>),
}

impl Plan {
    /// These answers, then success wherever it is possible; for a search, which wants to know what
    /// else would be.
    #[must_use]
    pub const fn of(first: Vec<Answered>) -> Self {
        Self { first, then: Then::Anything, at: 0, departed: None }
    }

    /// These answers, then success as if nothing went wrong unseen.
    #[must_use]
    pub const fn given(first: Vec<Answered>) -> Self {
        Self { first, then: Then::Success, at: 0, departed: None }
    }

    /// Which of the states that are possible after an answer is the true one, if that is decided.
    pub(crate) fn decided(&mut self) -> Option<usize> {
        if self.departed.is_none() && self.at < self.first.len() {
            return None;
        }
        match &mut self.then {
            Then::Anything => None,
            Then::Success => Some(0),
            Then::Drawn(stream) => Some(usize::try_from(stream.bits() >> 32).unwrap_or_default()),
        }
    }

    /// Answers drawn from a seed: every second time success where it is possible, else any answer.
    #[must_use]
    pub fn drawn(seed: u64, run: u64) -> Self {
        let stream = Box::new(Stream::new(seed, Purpose::Choices, run));
        Self { then: Then::Drawn(stream), ..Self::of(Vec::new()) }
    }

    /// The position of the answer to this call.
    pub(crate) fn choose(&mut self, process: u32, call: &str, replies: &[Reply]) -> usize {
        let at = self.at;
        self.at += 1;
        if self.departed.is_none()
            && let Some(given) = self.first.get(at)
        {
            let code = |reply: &Reply| reply.result.name() == given.result;
            let same = |reply: &Reply| code(reply) && rows(reply) == given.rows;
            let found = match given.choice {
                // Recordings have no rows.
                (_, 0) => replies.iter().position(same).or_else(|| replies.iter().position(code)),
                (at, of) => (of == replies.len()).then_some(at),
            };
            let called = given.process == process && given.call == call;
            match found.filter(|_| called) {
                Some(found) => return found,
                None => self.departed = Some(at),
            }
        }
        match &mut self.then {
            Then::Drawn(stream) => {
                let any = stream.below(replies.len() as u64);
                let success = stream.happens(1, 2);
                if success { 0 } else { usize::try_from(any).unwrap_or_default() }
            }
            Then::Anything | Then::Success => 0,
        }
    }

    /// The number of the first call, from 1, that was not the one the answers were planned for.
    #[must_use]
    pub fn departed(&self) -> Option<usize> {
        self.departed.map(|at| at + 1)
    }
}
