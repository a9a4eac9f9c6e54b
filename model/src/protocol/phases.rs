//! The table of phases: where a call can rest, what is open there, and what may come next.

use crate::ids::{ProfileId, ProviderId, ServiceId};
use crate::mapi::Code;
use crate::protocol::action::Answer;
use crate::protocol::transitions::Place::{
    self, Q1, Q3, Q4, Q6, Q7, Q9, Q10, Q11, Q12, Q13, Q14, Q15, Q16, Q17, Q19, Q21, W2,
};

/// A unit that can be tried again (SPEC 0.2, there called step).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Task {
    /// `cfg(s)`: the configuration of a service.
    Configure(ServiceId),
    /// `run(p)`: load, entry point and logon method of a provider.
    Run(ProviderId),
}

/// Which try of a task (SPEC 0.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Attempt {
    /// k, from 1.
    pub k: u8,
    /// The user answered `correct` before it (RTY-7).
    pub corrected: bool,
    /// The provider object exists: the try resumes in the logon method (T-48, T-52).
    pub loaded: bool,
}

/// What a provider's own dialog asks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Asked {
    /// Configuration data of the provider (PRV-24).
    Data,
    /// Its password (PRV-28).
    Password,
}

/// The origin of a logon's profile name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Origin {
    /// The name parameter (T-11).
    Given,
    /// The default profile (T-12).
    Default,
    /// The profile dialog (T-15).
    Picked,
}

/// Where a client's call rests between two steps.
///
/// Only points at which something else may happen are phases; the states of SPEC 7.1 that a step
/// passes through are in [`Taken`](super::Taken).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Phase {
    /// Between two calls.
    Ready,
    /// Waiting for the mutex.
    Waiting,
    /// The choice to join or to establish a session.
    Choosing,
    /// Profile dialog open.
    PickingProfile,
    /// A profile is about to be opened; `None` names no profile of the scenario.
    Opening {
        /// Which.
        profile: Option<ProfileId>,
        /// How the name was found.
        origin: Origin,
    },
    /// Password dialog of the profile open.
    GivingPassword,
    /// Forced configuration dialog open.
    Forced(ServiceId),
    /// The configuration of a service that faults can strike is about to be checked.
    Checking(ServiceId, Attempt),
    /// Configuration prompt open.
    Prompting(ServiceId, Attempt),
    /// A provider is about to be tried.
    Trying(ProviderId, Attempt),
    /// The provider's own dialog open.
    Asking(ProviderId, Attempt, Asked),
    /// Failure of a try shown, answer awaited; `loaded` where the provider object is kept for the
    /// next one.
    Informing(Task, Attempt, Code),
    /// Entry point called after `MAPI_E_UNCONFIGURED`, with a dialog iff configuration UI is
    /// allowed.
    Reconfiguring(ProviderId, Attempt),
    /// The service of a task that failed for good is about to be disabled; the code is kept where
    /// the call will return it.
    Disabling(Task, Option<Code>),
    /// Every task done.
    Finishing,
    /// The logon has failed and is undone.
    Undoing(Code),
    /// Logoff dialog open.
    Confirming,
}

/// A dialog, as outcomes name it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Dialog {
    /// The choice of a profile.
    Profile,
    /// The profile's password.
    Password,
    /// Configuration of a service: prompt, forced round and entry point alike.
    Configure(ServiceId),
    /// A provider's own data or password.
    Provider(ProviderId),
    /// A first failure and its result (PRV-34), with the offer of a second try.
    Failure(Task, Code),
    /// The confirmation of a logoff.
    Logoff,
}

/// The choices that a phase leaves open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Offer {
    /// The client's next call, or the refusal of its first `MAPIInitialize`.
    Call,
    /// MAPI goes on when the mutex is free; a short time-out may pass.
    Turn,
    /// MAPI goes on.
    Step,
    /// A profile is picked, or the dialog cancelled.
    Profile,
    /// Data is supplied, supplied in part, or the dialog cancelled.
    Data,
    /// A profile is opened: a fault strikes it or not.
    Open(Option<ProfileId>),
    /// A task is tried.
    Try(Task),
    /// A failed task is retried, corrected or given up.
    Recovery(Task),
    /// An entry point ends: with a dialog as [`Offer::Data`], else by itself.
    EntryPoint,
    /// The logoff is confirmed or refused.
    Logoff,
}

/// The answers between which each sort of dialog lets the user choose; a pick stands for those of
/// all profiles.
pub const DIALOG_ANSWERS: [&[Answer]; 4] = [PICKING, SUPPLYING, RECOVERING, CONFIRMING];

const PICKING: &[Answer] = &[Answer::Pick(ProfileId(0)), Answer::Cancel];
const SUPPLYING: &[Answer] = &[Answer::Supply, Answer::SupplyIncomplete, Answer::Cancel];
const RECOVERING: &[Answer] =
    &[Answer::Retry, Answer::Correct { completed: false }, Answer::Decline];
const CONFIRMING: &[Answer] = &[Answer::Confirm, Answer::Refuse];

impl Offer {
    /// The answers that it leaves open, as [`DIALOG_ANSWERS`] has them.
    #[inline]
    #[must_use]
    pub const fn answers(self) -> &'static [Answer] {
        match self {
            Self::Call | Self::Turn | Self::Step | Self::Try(_) | Self::Open(_) => &[],
            Self::Profile => PICKING,
            Self::Data | Self::EntryPoint => SUPPLYING,
            Self::Recovery(_) => RECOVERING,
            Self::Logoff => CONFIRMING,
        }
    }
}

/// How far a call has come, in the order that every step ascends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rank {
    /// A stage that comes once, before the services have their turn.
    Early(u32),
    /// The forced dialog of a service.
    Forced(ServiceId),
    /// A task, and how far it has come.
    Task(Task, u32),
    /// A stage that comes once, after the providers have had their turn.
    Late(u32),
}

/// A row of the table of phases.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PhaseRow {
    /// The number under which the phase is packed.
    pub number: u8,
    /// The state of SPEC 7.1. A call that has not begun rests at Q0, Q1, W0 or W4.
    pub place: Place,
    /// What may come next.
    pub offer: Offer,
    /// The dialog that is open; the entry point of a provider's service names the provider.
    pub dialog: Option<OpenDialog>,
    /// How far the call has come.
    pub rank: Rank,
}

/// The dialog that is open in a phase.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OpenDialog {
    /// This one.
    Dialog(Dialog),
    /// That of the entry point of the provider's service, where configuration UI is allowed.
    EntryPointOf(ProviderId),
}

/// How many phases there are.
pub const PHASES: usize = 17;

impl Phase {
    /// The row of the phase in the table.
    #[inline]
    #[must_use]
    pub const fn row(self) -> PhaseRow {
        use Dialog as D;
        use Offer as O;
        use Rank as R;
        use Task::{Configure, Run};
        match self {
            Self::Ready => row(0, Q1, O::Call, None, R::Early(0)),
            Self::Waiting => row(1, Q3, O::Turn, None, R::Early(1)),
            Self::Choosing => row(2, Q4, O::Step, None, R::Early(2)),
            Self::PickingProfile => row(3, Q6, O::Profile, Some(D::Profile), R::Early(4)),
            Self::Opening { profile, origin } => {
                row(4, Q7, O::Open(profile), None, R::Early(opened(origin)))
            }
            Self::GivingPassword => row(5, Q9, O::Data, Some(D::Password), R::Early(6)),
            Self::Forced(s) => row(6, Q10, O::Data, Some(D::Configure(s)), R::Forced(s)),
            Self::Prompting(s, a) => {
                row(7, Q12, O::Data, Some(D::Configure(s)), R::Task(Configure(s), tried(a.k) + 1))
            }
            Self::Trying(p, a) => row(8, Q13, O::Try(Run(p)), None, R::Task(Run(p), tried(a.k))),
            Self::Asking(p, a, asked) => {
                let step = tried(a.k) + 1 + asked as u32;
                row(9, Q14, O::Data, Some(D::Provider(p)), R::Task(Run(p), step))
            }
            Self::Informing(task, a, code) => {
                let dialog = Some(D::Failure(task, code));
                row(10, Q15, O::Recovery(task), dialog, R::Task(task, tried(a.k) + 3))
            }
            Self::Reconfiguring(p, a) => PhaseRow {
                dialog: Some(OpenDialog::EntryPointOf(p)),
                ..row(11, Q16, O::EntryPoint, None, R::Task(Run(p), tried(a.k) - 1))
            },
            Self::Disabling(task, _) => row(12, Q17, O::Step, None, R::Task(task, LOST)),
            Self::Finishing => row(13, Q19, O::Step, None, R::Late(0)),
            Self::Undoing(_) => row(14, Q21, O::Step, None, R::Late(1)),
            Self::Confirming => row(15, W2, O::Logoff, Some(D::Logoff), R::Early(1)),
            Self::Checking(s, a) => {
                row(16, Q11, O::Try(Configure(s)), None, R::Task(Configure(s), tried(a.k)))
            }
        }
    }
}

const fn row(
    number: u8,
    place: Place,
    offer: Offer,
    dialog: Option<Dialog>,
    rank: Rank,
) -> PhaseRow {
    let dialog = match dialog {
        Some(dialog) => Some(OpenDialog::Dialog(dialog)),
        None => None,
    };
    PhaseRow { number, place, offer, dialog, rank }
}

/// A picked profile is opened after its dialog.
#[inline]
const fn opened(origin: Origin) -> u32 {
    match origin {
        Origin::Given | Origin::Default => 3,
        Origin::Picked => 5,
    }
}

/// The rank of a task that is lost, behind all its tries.
const LOST: u32 = 31;

/// A further try comes after the failure of the one before it, and after its entry point.
#[inline]
const fn tried(k: u8) -> u32 {
    (k as u32 - 1) * 6
}

impl Attempt {
    /// The first try.
    pub const FIRST: Self = Self { k: 1, corrected: false, loaded: false };
}

impl Task {
    /// The same of another service or provider.
    #[must_use]
    pub fn renamed(
        self,
        service: impl Fn(ServiceId) -> ServiceId,
        provider: impl Fn(ProviderId) -> ProviderId,
    ) -> Self {
        match self {
            Self::Configure(id) => Self::Configure(service(id)),
            Self::Run(id) => Self::Run(provider(id)),
        }
    }
}

impl Phase {
    /// The task a call is about where it rests.
    #[must_use]
    pub const fn task(self) -> Option<Task> {
        match self.row().rank {
            Rank::Task(task, _) => Some(task),
            Rank::Early(_) | Rank::Forced(_) | Rank::Late(_) => None,
        }
    }
    /// The try a call is in where it rests.
    #[must_use]
    pub const fn attempt(self) -> Option<Attempt> {
        if let Self::Checking(_, attempt)
        | Self::Prompting(_, attempt)
        | Self::Trying(_, attempt)
        | Self::Asking(_, attempt, _) = self
        {
            Some(attempt)
        } else {
            None
        }
    }
    /// The same about other things.
    #[must_use]
    pub fn renamed(
        self,
        profile: impl Fn(ProfileId) -> ProfileId,
        service: impl Fn(ServiceId) -> ServiceId,
        provider: impl Fn(ProviderId) -> ProviderId,
    ) -> Self {
        let task = |task: Task| task.renamed(&service, &provider);
        match self {
            Self::Opening { profile: id, origin } => {
                Self::Opening { profile: id.map(profile), origin }
            }
            Self::Forced(id) => Self::Forced(service(id)),
            Self::Checking(id, attempt) => Self::Checking(service(id), attempt),
            Self::Prompting(id, attempt) => Self::Prompting(service(id), attempt),
            Self::Trying(id, attempt) => Self::Trying(provider(id), attempt),
            Self::Asking(id, attempt, asked) => Self::Asking(provider(id), attempt, asked),
            Self::Informing(of, attempt, code) => Self::Informing(task(of), attempt, code),
            Self::Reconfiguring(id, attempt) => Self::Reconfiguring(provider(id), attempt),
            Self::Disabling(of, code) => Self::Disabling(task(of), code),
            Self::Ready
            | Self::Waiting
            | Self::Choosing
            | Self::PickingProfile
            | Self::GivingPassword
            | Self::Finishing
            | Self::Undoing(_)
            | Self::Confirming => self,
        }
    }
}
