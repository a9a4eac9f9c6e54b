//! A progress measure that every step increases.
//!
//! Calls come one after the other, a logon goes through its stages in order, tasks follow each
//! other, and none is tried a third time: no run of the machine visits a state twice.
//! This need not be true of every policy: users of the measure check every step.

use crate::machine::Model;
use crate::mapi::ProviderKind;
use crate::policy::XpStart;
use crate::protocol::{Phase, Rank, Task};
use crate::world::{Changes, Cursor, Sight, State, World};

/// Stages of a logon after those that come once, each with room for what it goes through.
const FORCED: u32 = 1 << 8;
const CONFIGURING: u32 = 1 << 9;
const RUNNING: u32 = 1 << 12;
const LATE: u32 = 1 << 15;

/// Room for the stages of one task, and for the providers of one kind.
const TASK: u32 = 1 << 5;
const KIND: u32 = 1 << 11;

/// Room for the stages of one call.
const CALL: u32 = 1 << 16;

impl Model {
    /// Does a step that makes these changes take some client further, and none back?
    #[inline]
    #[must_use]
    pub fn ascends(
        &self,
        before: &World,
        (after, cursor): (&State, &Cursor),
        changes: &Changes,
    ) -> bool {
        let (old, new) = (self.sight(&before.state), self.sight(after));
        let mut moved = false;
        changes.clients.into_iter().all(|client| {
            let place = |cursor: &Cursor, sight: Sight<'_>| {
                (cursor.position(client), sight.client(client).phase())
            };
            let (was, is) = (place(&before.cursor, old), place(cursor, new));
            if was == is {
                return old.client(client) == new.client(client);
            }
            moved = true;
            self.rank(was.0, was.1) < self.rank(is.0, is.1)
        }) && moved
    }

    /// How far a client has come that has made `calls` calls and rests in `phase`.
    fn rank(&self, calls: u8, phase: Phase) -> u32 {
        let stage = match phase.row().rank {
            Rank::Early(stage) => stage,
            Rank::Forced(service) => FORCED + u32::from(service.0),
            Rank::Task(task, stage) => self.turn(task) + stage,
            Rank::Late(stage) => LATE + stage,
        };
        u32::from(calls) * CALL + stage
    }

    /// When a task has its turn: services first, then providers kind by kind (PRV-2 to PRV-5).
    fn turn(&self, task: Task) -> u32 {
        let provider = match task {
            Task::Configure(service) => return CONFIGURING + u32::from(service.0) * TASK,
            Task::Run(provider) => provider,
        };
        let early = self.scenario().policy.xp_start == XpStart::AfterLogon;
        let kind = match self.scenario().providers[provider.index()].kind {
            ProviderKind::AddressBook => 0,
            ProviderKind::Transport if early => 1,
            ProviderKind::MessageStore => 2,
            ProviderKind::Transport => 3,
        };
        RUNNING + kind * KIND + u32::from(provider.0) * TASK
    }
}
