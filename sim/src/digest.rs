//! The digest of a run: equal runs have equal digests.

use mapi_logon_model::protocol::{Action, Answer, Choice, Scripted};

/// A number that depends on every action of a run, in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Digest(u64);

impl Digest {
    /// The digest of the run with this number, before its first action.
    #[must_use]
    pub const fn of_run(number: u64) -> Self {
        Self(stir(number ^ 0x6d61_7069_6c6f_676f))
    }

    /// One more action.
    #[inline]
    pub const fn add(&mut self, action: Action) {
        self.0 = stir(self.0 ^ number(action));
    }

    /// The number.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }
}

/// Spreads every bit over all others (the finalizer of SplitMix64).
#[inline]
const fn stir(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ value >> 31
}

/// The number of an action in its scenario, which lists the calls. Digests are pinned, so it must
/// not change.
#[inline]
const fn number(action: Action) -> u64 {
    let (kind, detail) = match action.choice {
        Choice::Begin(_) => (0, 0),
        Choice::Proceed => (1, 0),
        Choice::TimeOut => (2, 0),
        Choice::Postpone => (3, 0),
        Choice::Refuse(code) => (9, code as u64),
        Choice::Configure { completed } => (4, completed as u64),
        Choice::Answer(Answer::Pick(profile)) => (5, profile.0 as u64),
        Choice::Answer(Answer::Correct { completed }) => (6, completed as u64),
        Choice::Answer(answer) => (7, answer.bit() as u64),
        Choice::Try(fate) => {
            let struck = match fate.struck {
                None => 0,
                Some(fault) => fault as u64 + 1,
            };
            let scripted = match fate.scripted {
                None => 0,
                Some(Scripted::Init(code)) => 1 + 2 * code as u64,
                Some(Scripted::Logon(code)) => 2 + 2 * code as u64,
            };
            let found = fate.repaired as u64 | (fate.password_found as u64) << 1;
            (8, found | struck << 2 | scripted << 8)
        }
    };
    action.client.0 as u64 | kind << 8 | detail << 16
}
