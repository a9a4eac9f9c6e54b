//! How far has a client come? A measure that every step of its calls makes larger.
//!
//! Calls come one after the other, a logon goes through its stages in order, tasks follow each
//! other, and none is tried a third time: no run of the machine ever comes back to where it was.
//! Nothing rests on that being true of every policy: who uses the measure looks at every step
//! whether it holds.

use crate::ids::ClientId;
use crate::mapi::ProviderKind;
use crate::model::Model;
use crate::policy::XpStart;
use crate::state::{Asked, Attempt, Changes, Origin, Phase, State, Task};

/// Stages of a logon after those that come once, each with room for what it goes through.
const FORCED: u32 = 1 << 8;
const CONFIGURING: u32 = 1 << 9;
const RUNNING: u32 = 1 << 12;
const FINISHING: u32 = 1 << 15;
const UNDOING: u32 = FINISHING + 1;

/// Room for the stages of one task, and for the providers of one kind.
const TASK: u32 = 1 << 4;
const KIND: u32 = 1 << 10;

/// Room for the stages of one call.
const CALL: u32 = 1 << 16;

impl Model {
    /// Does a step with these changes take a client further, and none back?
    #[inline]
    #[must_use]
    pub fn ascends(&self, before: &State, changes: &Changes, after: &State) -> bool {
        let mut clients = changes.clients;
        !clients.is_empty()
            && clients.all(|client| self.rank(before, client) < self.rank(after, client))
    }

    /// How far the client has come.
    fn rank(&self, state: &State, client: ClientId) -> u32 {
        let me = state.client(client);
        u32::from(me.call) * CALL + self.stage(me.phase)
    }

    /// How far a call has come.
    fn stage(&self, phase: Phase) -> u32 {
        match phase {
            Phase::Ready => 0,
            Phase::Waiting | Phase::Confirming => 1,
            Phase::Choosing => 2,
            Phase::Opening { origin: Origin::Given | Origin::Default, .. } => 3,
            Phase::PickingProfile => 4,
            Phase::Opening { origin: Origin::Picked, .. } => 5,
            Phase::GivingPassword => 6,
            Phase::Forced(service) => FORCED + u32::from(service.0),
            Phase::Prompting(service, attempt) => {
                self.turn(Task::Configure(service)) + tried(attempt, None)
            }
            Phase::Trying(provider, attempt) => {
                self.turn(Task::Run(provider)) + tried(attempt, None)
            }
            Phase::Asking(provider, attempt, asked) => {
                self.turn(Task::Run(provider)) + tried(attempt, Some(asked))
            }
            Phase::Informing(task, _) => self.turn(task) + 3,
            Phase::Reconfiguring { provider, .. } => self.turn(Task::Run(provider)) + 4,
            Phase::Disabling(task, _) => self.turn(task) + 8,
            Phase::Finishing => FINISHING,
            Phase::Undoing(_) => UNDOING,
        }
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

/// How far a task has come when it is tried, or asks for something.
const fn tried(attempt: Attempt, asked: Option<Asked>) -> u32 {
    let first = match asked {
        None => 0,
        Some(Asked::Data) => 1,
        Some(Asked::Password) => 2,
    };
    match attempt {
        Attempt::First => first,
        Attempt::Second { .. } => first + 5,
    }
}
