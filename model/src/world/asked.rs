//! What has been asked of a state: a log kept by the doors through which it is read.
//!
//! A step, its judges and its observer read a state through [`Store`](super::Store),
//! [`Sight`](super::Sight) and the like, and nowhere else. Where a log is kept, each of those notes
//! the question that it answers. A pure function that is given the same answers does the same
//! again, so the questions say which other states the step can be used for. Whoever writes a part
//! asks for it, too: what is left of it afterwards depends on what it was.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

use crate::ids::{ClientId, ProviderId, SessionId};
use crate::protocol::Task;

/// A question about one client, its sessions and what is remembered of its call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fact {
    /// All of it.
    Whole,
    /// All of it, if it waits for the mutex with a short time-out.
    Impatience,
    /// Does it hold the mutex by where its logon stands?
    Locks,
    /// Has it initialised MAPI?
    Initialized,
    /// Is a logon of its list in progress, or still to come?
    LogsOnAgain,
    /// Its attachments.
    Attachments,
    /// Whether it holds any session.
    Holds,
    /// The profiles that its sessions use.
    Uses,
    /// The providers that run in its sessions.
    Running,
    /// Which services its sessions have lost.
    Lost,
    /// The providers logged on in its open sessions, their services enabled.
    AtWork,
    /// Does its logon stand at a dialog?
    AtPrompt,
    /// Is it inside a logon?
    LogsOn,
    /// Does it wait for the mutex?
    Waits,
    /// Does it so with a short time-out?
    WaitsShortly,
    /// Is its call one that leaves a session?
    Leaves,
    /// What its call offers the user or the environment.
    Offer,
    /// The session that its call makes.
    Makes,
    /// The session that it is about to end for all, and holds.
    Tells,
    /// The flags by which its call shows dialogs, if they are its own.
    CallFlags,
    /// Is a first failure of its task unanswered?
    Unanswered,
    /// Has its task failed for good?
    TaskLost,
    /// Is there a task at hand?
    AtTask,
    /// Has its task failed once?
    FailedOnce,
    /// Has its logon providers to start in spite of a loss?
    TurnDue,
    /// Which of its sessions are open or in the making.
    InUse,
    /// The flags by which its sessions were made.
    MadeBy,
}

impl Fact {
    /// All of them, in the order of their bits.
    pub(crate) const ALL: [Self; 27] = [
        Self::Whole,
        Self::Impatience,
        Self::Locks,
        Self::Initialized,
        Self::LogsOnAgain,
        Self::Attachments,
        Self::Holds,
        Self::Uses,
        Self::Running,
        Self::Lost,
        Self::AtWork,
        Self::AtPrompt,
        Self::LogsOn,
        Self::Waits,
        Self::WaitsShortly,
        Self::Leaves,
        Self::Offer,
        Self::Makes,
        Self::Tells,
        Self::CallFlags,
        Self::Unanswered,
        Self::TaskLost,
        Self::AtTask,
        Self::FailedOnce,
        Self::TurnDue,
        Self::InUse,
        Self::MadeBy,
    ];
}

/// From this bit on: is it inside a call on that session?
const BUSY: u32 = 32;

/// A field of what belongs to no client and to no session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Field {
    Current,
    Marked,
    Removed,
    Configured,
    Supplied,
    Passwords,
    Refused,
    Damaged,
    Budget,
    Libraries,
    Mutex,
    Joinable,
    Leaving,
    Late,
    LostServices,
    Owed,
}

/// The bits of the faults of services, and of providers, after those of the fields.
const SERVICE_FAULTS: u32 = 16;
const FAULTS: u32 = 32;

/// Questions about one client: those of `Fact` and whether it is busy on a session, which
/// sessions it holds, and the content of which of its sessions.
pub type Questions = [u64; 3];

/// A field or a fault, as a bit among questions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Bit(u32);

impl Bit {
    pub(crate) const fn field(field: Field) -> Self {
        Self(field as u32)
    }
    pub(crate) const fn fault(task: Task) -> Self {
        Self(fault_bit(task))
    }
    /// Is it among these?
    pub(crate) const fn is_in(self, fields: u64) -> bool {
        fields >> self.0 & 1 == 1
    }
}

const fn fault_bit(task: Task) -> u32 {
    match task {
        Task::Configure(service) => SERVICE_FAULTS + service.0 as u32,
        Task::Run(provider) => FAULTS + provider.0 as u32,
    }
}

/// The questions asked since the log was cleared.
#[derive(Debug, Default)]
pub(crate) struct Log {
    clients: Vec<[AtomicU64; 3]>,
    fields: AtomicU64,
    everything: AtomicBool,
    /// One more than the client of whom only its impatience is asked for now.
    guest: AtomicU32,
}

impl Log {
    pub(crate) fn of(clients: usize) -> Self {
        let clients = (0..clients).map(|_| Default::default()).collect();
        Self { clients, ..Self::default() }
    }

    pub(crate) fn clear(&self) {
        self.clients.iter().flatten().for_each(|word| word.store(0, Relaxed));
        self.fields.store(0, Relaxed);
        self.everything.store(false, Relaxed);
    }

    /// The questions about a client.
    pub(crate) fn about(&self, client: ClientId) -> Questions {
        if self.everything.load(Relaxed) {
            return [1 << Fact::Whole as u32, 0, 0];
        }
        let words = &self.clients[client.index()];
        [0, 1, 2].map(|at| words[at].load(Relaxed))
    }

    /// The fields and faults.
    pub(crate) fn fields(&self) -> u64 {
        if self.everything.load(Relaxed) { u64::MAX } else { self.fields.load(Relaxed) }
    }

    fn add(&self, client: ClientId, word: usize, bit: u32) {
        if let Some(words) = self.clients.get(client.index()) {
            let old = words[word].load(Relaxed);
            words[word].store(old | 1 << bit, Relaxed);
        }
    }

    /// During `look`, reading a client that waits with a short time-out asks for its impatience.
    pub(crate) fn as_guest<T>(&self, client: ClientId, look: impl FnOnce() -> T) -> T {
        self.guest.store(client.0 + 1, Relaxed);
        let seen = look();
        self.guest.store(0, Relaxed);
        seen
    }
}

/// A place where questions are noted, if anywhere.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Notes<'a>(pub(crate) Option<&'a Log>);

impl Notes<'_> {
    #[inline]
    pub(crate) fn fact(self, client: ClientId, fact: Fact) {
        if let Some(log) = self.0 {
            let guest = log.guest.load(Relaxed) == client.0 + 1;
            let fact = if guest { Fact::Impatience } else { fact };
            log.add(client, 0, fact as u32);
        }
    }
    #[inline]
    pub(crate) fn busy(self, client: ClientId, session: SessionId) {
        if let Some(log) = self.0 {
            match BUSY.checked_add(session.0).filter(|bit| *bit < 64) {
                Some(bit) => log.add(client, 0, bit),
                None => self.fact(client, Fact::Whole),
            }
        }
    }
    #[inline]
    pub(crate) fn holds(self, client: ClientId, session: SessionId) {
        if let Some(log) = self.0
            && session.0 < 64
        {
            log.add(client, 1, session.0);
        }
    }
    #[inline]
    pub(crate) fn session(self, owner: ClientId, session: SessionId) {
        if let Some(log) = self.0
            && session.0 < 64
        {
            log.add(owner, 2, session.0);
        }
    }
    #[inline]
    pub(crate) fn field(self, field: Field) {
        self.bit(field as u32);
    }
    #[inline]
    pub(crate) fn fault(self, task: Task) {
        self.bit(fault_bit(task));
    }
    #[inline]
    pub(crate) fn provider(self, provider: ProviderId) {
        self.fault(Task::Run(provider));
    }
    #[inline]
    fn bit(self, bit: u32) {
        if let Some(log) = self.0 {
            log.fields.store(log.fields.load(Relaxed) | 1 << bit, Relaxed);
        }
    }
    /// Something reads or writes the state past the doors.
    pub(crate) fn everything(self) {
        if let Some(log) = self.0 {
            log.everything.store(true, Relaxed);
        }
    }
}

/// Is there a question of that number among these?
pub(crate) const fn asks(questions: &Questions, fact: Fact) -> bool {
    questions[0] >> fact as u32 & 1 == 1
}

/// The sessions on which it is asked whether the client is busy.
pub(crate) fn asks_busy(questions: &Questions) -> impl Iterator<Item = SessionId> + use<> {
    let bits = questions[0] >> BUSY;
    (0..64 - BUSY).filter(move |at| bits >> at & 1 == 1).map(SessionId)
}
