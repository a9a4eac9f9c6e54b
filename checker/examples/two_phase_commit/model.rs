//! Two-phase commit.
//!
//! A transaction manager and resource managers agree whether to commit, as in Gray and Lamport,
//! "Consensus on Transaction Commit". A state is one word: two bits for each resource manager, two
//! for the transaction manager, a bit for each manager it knows to be prepared, and a bit for each
//! message that was ever sent.

use mapi_logon_checker::{Claim, Marks, TransitionSystem};

const WORKING: u64 = 0;
const PREPARED: u64 = 1;
const COMMITTED: u64 = 2;
const ABORTED: u64 = 3;

/// Bit 0 of every pair of bits.
const PAIRS: u64 = 0x5555_5555_5555_5555;

/// Two-phase commit with a number of resource managers.
pub(crate) struct TwoPhaseCommit {
    managers: u32,
}

impl TwoPhaseCommit {
    /// With 1 to 14 managers.
    pub(crate) fn new(managers: u32) -> Self {
        assert!((1..=14).contains(&managers), "1 to 14 managers fit into a word");
        Self { managers }
    }

    /// What a state shows: all aborted, all committed, or both at once.
    pub(crate) fn marks(&self, state: u64) -> Marks {
        let all = PAIRS & ((1 << (2 * self.managers)) - 1);
        let (low, high) = (state & all, (state >> 1) & all);
        let (aborted, committed) = (high & low, high & !low);
        Marks::NONE
            .with(0, aborted == all)
            .with(1, committed == all)
            .with(2, aborted != 0 && committed != 0)
    }
}

impl TransitionSystem for TwoPhaseCommit {
    type Scratch = ();

    fn identity(&self) -> String {
        format!("two-phase commit 1, {} managers", self.managers)
    }

    fn scratch(&self) {}

    fn words(&self) -> usize {
        1
    }

    fn properties(&self) -> Vec<Claim> {
        vec![
            Claim::witness("abort agreement"),
            Claim::witness("commit agreement"),
            Claim::invariant("consistent"),
        ]
    }

    fn initial(&self, each: &mut dyn FnMut(&[u64], Marks)) {
        each(&[0], Marks::NONE);
    }

    fn successors(&self, (): &mut (), state: &[u64], each: &mut impl FnMut(u32, &[u64], Marks)) {
        let (state, managers) = (state[0], self.managers);
        let decision = 2 * managers;
        let known = decision + 2;
        let sent = known + managers;
        let (commit, abort) = (1 << (sent + managers), 2 << (sent + managers));
        let everyone = (1 << managers) - 1;
        let mut give = |action, next: u64| each(action, &[next], self.marks(next));
        let undecided = (state >> decision) & 3 == 0;
        if undecided && (state >> known) & everyone == everyone {
            give(0, state | 1 << decision | commit);
        }
        if undecided {
            give(1, state | 2 << decision | abort);
        }
        for manager in 0..managers {
            let (at, action) = (2 * manager, 2 + 5 * manager);
            let phase = |phase: u64| state & !(3 << at) | phase << at;
            if undecided && (state >> (sent + manager)) & 1 == 1 {
                give(action, state | 1 << (known + manager));
            }
            if (state >> at) & 3 == WORKING {
                give(action + 1, phase(PREPARED) | 1 << (sent + manager));
                give(action + 2, phase(ABORTED));
            }
            if state & commit != 0 {
                give(action + 3, phase(COMMITTED));
            }
            if state & abort != 0 {
                give(action + 4, phase(ABORTED));
            }
        }
    }
}
