//! Systematic mutants: one rule of the tables of transitions, guards or policies changed.

use crate::machine::variant::Guard;
use crate::mapi::Code;
use crate::mutant::shown::{Part, SHOWN};
use crate::policy::SWITCHES;
use crate::protocol::{EffectKind, Place, Transition};

/// A rule that is changed.
///
/// A machine of which a part that no step has is [`Rule::Silent`] is the right one, explored and
/// judged as mutants are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Rule {
    /// The transition is not there: what would take it does nothing, and a call that would begin
    /// with it fails with `MAPI_E_CALL_FAILED`.
    Drop(Transition),
    /// The transition leads to another place.
    Send(Transition, Place),
    /// An effect is left out of a part of a step.
    Silent(EffectKind, Part),
    /// The result code of the transition is exchanged.
    Exchange(Transition),
    /// A guard holds where it does not, and the other way round.
    Negate(Guard),
    /// A policy, by its name, is read otherwise.
    Read(&'static str, &'static str),
}

/// Transitions after which a call, a try or the undoing of a logon has a result code.
const CODED: &[Transition] = {
    use Transition::*;
    &[
        T1, T2, T3, T4, T7, T9, T10a, T14, T16, T18, T20, T23, T24, T30, T33, T37, T38, T39, T40,
        T41, T42, T43, T45, T54, T55, T57, T58, T59, T60, T61, T73, T74, T76, T77, T78, T79, T80,
        T81, T82, T83, T84,
    ]
};

impl Rule {
    /// Changes nothing: no transition leads to this part.
    pub const NOTHING: Self = Self::Silent(EffectKind::Called, Part::After(Transition::T8));

    /// All of them, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        // To keep waiting (T-8) is the absence of a step.
        let taken = || Transition::ALL.iter().copied().filter(|one| *one != Transition::T8);
        let sent = taken().flat_map(|one| goals(one).map(move |goal| Self::Send(one, goal)));
        let shown = SHOWN
            .iter()
            .flat_map(|(part, sorts)| sorts.iter().map(move |sort| Self::Silent(*sort, *part)));
        let read = SWITCHES.iter().flat_map(|switch| {
            switch.values[1..].iter().map(move |value| Self::Read(switch.name, value))
        });
        taken()
            .map(Self::Drop)
            .chain(sent)
            .chain(shown)
            .chain(CODED.iter().copied().map(Self::Exchange))
            .chain(Guard::ALL.iter().copied().map(Self::Negate))
            .chain(read)
    }

    /// What it is called.
    #[must_use]
    pub fn id(self) -> String {
        match self {
            Self::Drop(one) => format!("drop:{}", one.id()),
            Self::Send(one, goal) => format!("send:{}={}", one.id(), goal.id()),
            Self::Silent(sort, part) => format!("silent:{}@{}", sort.name(), part.id()),
            Self::Exchange(one) => format!("code:{}", one.id()),
            Self::Negate(guard) => format!("negate:{guard:?}"),
            Self::Read(name, value) => format!("read:{name}={value}"),
        }
    }

    /// The clause it breaks.
    #[must_use]
    pub fn clause(self) -> &'static str {
        match self {
            Self::Drop(one) | Self::Send(one, _) | Self::Exchange(one) => one.id(),
            Self::Silent(_, part) => part.id(),
            Self::Negate(guard) => guard.decides(),
            Self::Read(name, _) => {
                let switch = SWITCHES.iter().find(|switch| switch.name == name);
                switch.map_or(name, |switch| switch.ambiguity)
            }
        }
    }
}

/// Where a transition is sent instead of the places of its row.
fn goals(transition: Transition) -> impl Iterator<Item = Place> {
    use Place::*;
    let from = transition.from()[0];
    let goals: &'static [Place] = match from {
        Q0 | Q1 | Q2 | Q3 => &[Q4, Q22],
        Q4 | Q5 | Q6 => &[Q3, Q21, Q22],
        Q7 | Q8 | Q9 | Q10 => &[Q19, Q21, Q22],
        Q11 | Q12 | Q13 | Q14 | Q15 | Q16 | Q17 => &[Q17, Q18, Q19, Q21],
        Q18 => &[Q19, Q21, Q22],
        Q19 | Q20 => &[Q21, Q22],
        Q21 | Q22 => &[Q4],
        W0 | W1 | W2 | W3 | W4 => &[W0, W2],
    };
    // The logoff dialog stays where it was open.
    let open = move |goal: &Place| *goal != W2 || transition.from().contains(&W2);
    goals.iter().copied().filter(move |goal| !transition.to().contains(goal) && open(goal))
}

/// Another code.
pub(super) fn exchanged(code: Code) -> Code {
    if code == Code::LogonFailed { Code::CallFailed } else { Code::LogonFailed }
}
