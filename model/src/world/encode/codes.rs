//! The result codes that a call can carry from step to step, packed by their places among those
//! that a scenario can come to.

use crate::mapi::{Code, CodeSet, Fault};
use crate::scenario::Scenario;
use crate::world::bits::{option, some, width_of};

/// Codes that a try or a logon can fail with in any scenario, beside those of faults.
const USUAL: [Code; 5] = [
    Code::Unconfigured,
    Code::UserCancel,
    Code::LogonFailed,
    Code::FailOneProvider,
    Code::SessionLimit,
];

/// Which codes there can be, and how wide their numbers are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Codes {
    among: CodeSet,
    pub(crate) width: u32,
}

impl Codes {
    /// Of a scenario; all codes of a machine that is `mutated`.
    pub(crate) fn of(scenario: &Scenario, mutated: bool) -> Self {
        let mut among = CodeSet::default();
        for code in Fault::ALL.iter().map(|fault| fault.code()).chain(USUAL) {
            among.insert(code);
        }
        for provider in &scenario.providers {
            for code in provider.init_codes.iter().chain(provider.logon_codes.iter()) {
                among.insert(code);
            }
            among.insert(provider.cap_code);
        }
        if mutated {
            Code::ALL.iter().for_each(|code| among.insert(*code));
        }
        Self { among, width: width_of(among.0.count_ones() as usize + 1) }
    }

    /// The number of a code: how many come before it.
    ///
    /// # Panics
    /// For a code that is not among them: two states would be one.
    #[inline]
    pub(crate) fn number(self, code: Code) -> u64 {
        assert!(self.among.contains(code), "{code:?} cannot come up here");
        u64::from((self.among.0 & ((1 << code as u8) - 1)).count_ones())
    }

    /// The code of a number.
    #[inline]
    pub(crate) fn code(self, number: u64) -> Code {
        let mut left = self.among.0;
        for _ in 0..number {
            left &= left.wrapping_sub(1);
        }
        Code::ALL.get(left.trailing_zeros() as usize).copied().unwrap_or(Code::Ok)
    }

    /// The number of a code or of none.
    #[inline]
    pub(crate) fn optional(self, code: Option<Code>) -> u64 {
        option(code.map(|code| self.number(code)))
    }

    /// The code of such a number.
    #[inline]
    pub(crate) fn maybe(self, number: u64) -> Option<Code> {
        some(number).map(|number| self.code(u64::from(number)))
    }
}
