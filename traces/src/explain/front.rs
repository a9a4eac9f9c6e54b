//! Which states need not be followed, as another one can do whatever they can with no more faults?
//!
//! States that differ in faults alone are compared. Where a healthy provider would have to fail as
//! the ailing one does, a fault can strike it then, and not before; where faults may be gone at any
//! try, an ailing provider can do what a healthy one does.

use mapi_logon_model::ids::PROVIDERS;
use mapi_logon_model::mapi::Fault;
use mapi_logon_model::model::Model;
use mapi_logon_model::policy::Deferred;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::state::State;

use super::states::Entry;
use crate::fold::Table;

/// The fault every provider suffers from, four bits each.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Ills(u128);

impl Ills {
    /// What the providers of a state suffer from.
    pub(super) fn of(model: &Model, state: &State) -> Self {
        let providers = model.scenario().providers.len();
        let ill = (0..providers).filter_map(|index| {
            let fault = state.fault(index.into())?;
            Some((fault as u128 + 1) << (4 * index))
        });
        Self(ill.fold(0, |all, one| all | one))
    }

    /// The same, one by one.
    pub(super) fn faults(self) -> [Option<Fault>; PROVIDERS] {
        let mut faults = [None; PROVIDERS];
        let mut left = self.0;
        while left != 0 {
            let index = left.trailing_zeros() / 4;
            let number = (left >> (4 * index) & 15) as usize;
            faults[index as usize] = Fault::ALL.get(number - 1).copied();
            left &= !(15 << (4 * index));
        }
        faults
    }
}

/// When does an ailing provider do what a healthy one does?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Healing {
    /// At any try, without cost.
    at_any_try: bool,
}

impl Healing {
    pub(super) fn of(scenario: &Scenario) -> Self {
        // AMB-47: what cannot be loaded reports no early success, and what is healthy may.
        let early = scenario.policy.deferred == Deferred::On;
        Self { at_any_try: scenario.faults.repair_by_environment && !early }
    }

    /// How many faults have to strike for one to do what the other does; nothing where none help.
    fn lacks(self, one: Ills, other: Ills) -> Option<u32> {
        let mut differ = one.0 ^ other.0;
        let mut lacks = 0;
        while differ != 0 {
            let shift = differ.trailing_zeros() / 4 * 4;
            let (has, wants) = (one.0 >> shift & 15, other.0 >> shift & 15);
            if has != 0 && !self.at_any_try {
                return None;
            }
            lacks += u32::from(wants != 0);
            differ &= !(15 << shift);
        }
        Some(lacks)
    }

    /// Can one do whatever the other can, with no more faults?
    pub(super) fn outdoes(self, (one, cost): (Ills, u32), (other, most): (Ills, u32)) -> bool {
        cost <= most
            && self.lacks(one, other).is_some_and(|lacks| cost.saturating_add(lacks) <= most)
    }
}

/// The states met in a search, but for those that others outdo.
pub(super) struct Front {
    met: Table<Box<[u64]>, Vec<(Ills, u32)>>,
    healing: Healing,
    len: usize,
}

impl Front {
    pub(super) fn new(healing: Healing) -> Self {
        Self { met: Table::default(), healing, len: 0 }
    }

    /// How many states it has.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Takes a state in, unless one that was met does as well; forgets those that it outdoes.
    pub(super) fn admits(&mut self, words: &[u64], ills: Ills, cost: u32) -> bool {
        let (healing, new) = (self.healing, (ills, cost));
        let Some(alike) = self.met.get_mut(words) else {
            self.met.insert(words.into(), vec![new]);
            self.len += 1;
            return true;
        };
        if alike.iter().any(|known| healing.outdoes(*known, new)) {
            return false;
        }
        let before = alike.len();
        alike.retain(|known| !healing.outdoes(new, *known));
        self.len = self.len + alike.len() + 1 - before;
        alike.push(new);
        true
    }

    /// Has nothing been met that outdoes this state?
    pub(super) fn keeps(&self, entry: &Entry) -> bool {
        let alike = self.met.get(&entry.words);
        alike.is_some_and(|alike| alike.contains(&entry.rank()))
    }
}
