//! Parts of a step, and the effects that mutants leave out of them.

use crate::protocol::{EffectKind, Place, Transition};

use EffectKind::*;
use Part::{After, In};
use Place::*;
use Transition::*;

/// A part of a step: what follows a transition, or what comes before any, from the place where the
/// step begins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Part {
    /// Before any transition.
    In(Place),
    /// After this one, and before the next.
    After(Transition),
}

impl Part {
    /// The clause or state of SPEC.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::In(place) => place.id(),
            Self::After(transition) => transition.id(),
        }
    }
}

/// The effects that mutants leave out, by the part of a step that shows them; stimuli are not
/// the machine's to show.
pub(super) const SHOWN: &[(Part, &[EffectKind])] = &[
    (In(Q1), &[Initialized, ProfileMarked, ProfileRemoved, Returned]),
    (In(Q10), &[ServiceConfigured, EntryPoint]),
    (In(Q11), &[Sought, Failed]),
    (In(Q12), &[ServiceConfigured, Failed]),
    (In(Q13), &[PasswordStored, LibraryLoaded, Provider]),
    (In(Q14), &[Displayed, ProviderConfigured, PasswordStored, Provider]),
    (In(Q15), &[ServiceConfigured, Provider]),
    (In(Q16), &[ProviderConfigured, Provider, EntryPoint, Failed]),
    (In(W0), &[StatusRow, StoreRow, Identity, Returned]),
    (After(T1), &[Initialized, Returned]),
    (After(T2), &[Returned]),
    (After(T4), &[Returned]),
    (After(T6), &[MutexTaken]),
    (After(T7), &[Returned]),
    (After(T9), &[MutexReleased, Joined]),
    (After(T10), &[Establishing]),
    (After(T11), &[Resolved]),
    (After(T12), &[Resolved]),
    (After(T13), &[Displayed]),
    (After(T15), &[Resolved]),
    (After(T17), &[ProfileOpened]),
    (After(T21), &[Displayed]),
    (After(T25), &[Displayed]),
    (After(T27), &[Sought, Failed]),
    (After(T29), &[Displayed]),
    (After(T37), &[Displayed, Provider]),
    (After(T38), &[Failed]),
    (After(T39), &[Failed]),
    (After(T40), &[Provider, Registered, Returned]),
    (After(T41), &[Returned]),
    (After(T42), &[Provider, Failed]),
    (After(T45), &[Displayed]),
    (After(T46), &[Sought]),
    (After(T50), &[Sought, Failed]),
    (After(T51), &[Displayed]),
    (After(T54), &[ServiceDisabled, Returned]),
    (After(T57), &[Spooler]),
    (After(T58), &[Spooler]),
    (After(T59), &[MutexReleased, SessionOpened]),
    (After(T60), &[MutexReleased, Provider, Registered, SessionClosed, Returned]),
    (After(T61), &[Returned]),
    (After(T71), &[StatusRow, Returned]),
    (After(T73), &[Returned]),
    (After(T74), &[ServiceRemoved, Returned]),
    (After(T75), &[Displayed]),
    (After(T76), &[Returned]),
    (After(T78), &[Returned]),
    (After(T80), &[Provider, Registered, SessionClosed, ProfileRemoved]),
    (After(T81), &[Returned]),
    (After(T82), &[Returned]),
    (After(T84), &[Initialized, LibraryFreed, Returned]),
];
