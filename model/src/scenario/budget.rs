//! The budget of faults of one run.

/// How many faults may strike.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Budget {
    /// At most this number.
    Limited(u8),
    /// Any number: a driver counts for itself.
    Unlimited,
}

impl Budget {
    /// May no further fault strike?
    #[inline]
    #[must_use]
    pub const fn is_spent(self) -> bool {
        matches!(self, Self::Limited(0))
    }
    /// A fault strikes.
    #[inline]
    pub const fn spend(&mut self) {
        if let Self::Limited(left) = self {
            *left -= 1;
        }
    }
    /// The number, if there is one.
    #[must_use]
    pub const fn limit(self) -> Option<u8> {
        match self {
            Self::Limited(left) => Some(left),
            Self::Unlimited => None,
        }
    }
}
