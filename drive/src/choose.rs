//! What the tool does next: at random by weights, or as a list of moves says.

use std::collections::VecDeque;

use mapi_logon_model::ids::ClientId;
use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::Answer;
use mapi_logon_sim::random::Stream;

use crate::moves::{Answering, Calling, Move};
use crate::protocol::{Hr, UserAnswer};
use crate::table::Table;

/// What comes next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Next {
    /// A client makes a call.
    Call(Calling),
    /// The question that holds the client's call gets the answer at this place.
    Answer(ClientId, usize),
}

/// Decides what the tool does.
pub trait Chooser {
    /// What comes next, where every call waits for the tool; nothing at the end of the world.
    fn next(&mut self, table: &Table<'_, '_>) -> Option<Next>;
    /// Which of the possible dialogs a provider shows before it returns.
    fn path(&mut self, client: &str, to: &str, paths: &[Vec<Answer>]) -> usize;
}

/// Random calls and answers.
#[derive(Debug)]
pub struct Random {
    stream: Stream,
    /// How many calls are left in this world.
    left: usize,
    /// Answers are withheld, so that calls overlap.
    withholds: bool,
}

impl Random {
    /// This many calls in a world; answers are withheld now and then, so that calls overlap.
    #[must_use]
    pub const fn new(stream: Stream, calls: usize) -> Self {
        Self { stream, left: calls, withholds: true }
    }

    /// The same, or with every question answered at once.
    #[must_use]
    pub const fn withholding(mut self, withholds: bool) -> Self {
        self.withholds = withholds;
        self
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.stream.below(bound as u64)).unwrap_or_default()
    }

    fn answer(&mut self, client: ClientId, table: &Table<'_, '_>) -> Next {
        let offered = table.offered(client);
        let good = offered.iter().position(|one| {
            let ok = one.reply.result == Some(Hr(0));
            ok || matches!(one.reply.user, Some(UserAnswer::Supply | UserAnswer::Retry))
        });
        let at = match good {
            Some(good) if self.stream.happens(3, 5) => good,
            Some(_) | None => self.below(offered.len().max(1)),
        };
        Next::Answer(client, at)
    }
}

impl Chooser for Random {
    fn next(&mut self, table: &Table<'_, '_>) -> Option<Next> {
        let held = table.held();
        let able = |client| Some(table.calls(client)).filter(|calls| !calls.is_empty());
        let idle = if self.left > 0 { table.idle() } else { Vec::new() };
        let idle: Vec<_> = idle.into_iter().filter_map(able).collect();
        let begins = !idle.is_empty();
        // An answer withheld keeps a call inside while others are made.
        let may = begins && !held.is_empty() && self.withholds;
        let withheld = may && self.stream.happens(1, 4);
        if !held.is_empty() && !withheld {
            let client = held[self.below(held.len())];
            return Some(self.answer(client, table));
        }
        if !begins {
            return None;
        }
        let calls = &idle[self.below(idle.len())];
        self.left -= 1;
        calls.at(self.below(calls.len())).map(Next::Call)
    }

    fn path(&mut self, _: &str, _: &str, paths: &[Vec<Answer>]) -> usize {
        self.below(paths.len())
    }
}

/// The moves of an earlier run, as far as they can be made again.
#[derive(Clone, Debug)]
pub struct Script {
    left: VecDeque<Move>,
}

impl Script {
    /// These moves.
    #[must_use]
    pub fn new(moves: impl IntoIterator<Item = Move>) -> Self {
        Self { left: moves.into_iter().collect() }
    }

    /// The first answer that keeps things going.
    pub(crate) fn plain(table: &Table<'_, '_>, client: ClientId) -> Next {
        let offered = table.offered(client);
        let good = offered.iter().position(|one| {
            let ok = one.reply.result == Some(Hr(0));
            let user = matches!(
                one.reply.user,
                Some(UserAnswer::Supply | UserAnswer::Retry | UserAnswer::Confirm)
            );
            ok || user
        });
        Next::Answer(client, good.unwrap_or_default())
    }
}

impl Chooser for Script {
    fn next(&mut self, table: &Table<'_, '_>) -> Option<Next> {
        while let Some(next) = self.left.front().cloned() {
            let Some(client) = table.client(next.client()) else {
                self.left.pop_front();
                continue;
            };
            match next {
                Move::Call(calling) if table.is_idle(client) => {
                    self.left.pop_front();
                    if table.can_make(client, &calling) {
                        return Some(Next::Call(calling));
                    }
                }
                // What holds the call, or another that it waits for, is answered first.
                Move::Call(_) => match table.held().as_slice() {
                    [] => {
                        self.left.pop_front();
                    }
                    held => {
                        let own = held.iter().find(|one| **one == client);
                        return Some(Self::plain(table, *own.unwrap_or(&held[0])));
                    }
                },
                Move::Answer(Answering { to, reply, .. }) => {
                    self.left.pop_front();
                    if table.question(client) == Some(to.as_str()) {
                        let mut offered = table.offered(client).iter();
                        let at = offered.position(|one| one.reply == reply);
                        return Some(at.map_or_else(
                            || Self::plain(table, client),
                            |at| Next::Answer(client, at),
                        ));
                    }
                }
            }
        }
        table.held().first().map(|client| Self::plain(table, *client))
    }

    fn path(&mut self, client: &str, to: &str, paths: &[Vec<Answer>]) -> usize {
        let wanted = self.left.iter().find_map(|next| match next {
            Move::Answer(one) if one.client == client && one.to == to => Some(&one.dialogs),
            Move::Answer(_) | Move::Call(_) => None,
        });
        let Some(wanted) = wanted else { return 0 };
        let same = |path: &Vec<Answer>| {
            path.iter().copied().map(crate::impersonate::answer_of).eq(wanted.iter().copied())
        };
        paths.iter().position(same).unwrap_or_default()
    }
}

/// The name of a code, or its number where the specification does not know it.
pub(crate) fn code_name(code: Hr) -> String {
    Code::valued(code.0).map_or_else(|| format!("{:#010x}", code.0), |code| code.name().to_owned())
}
