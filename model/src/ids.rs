//! How does the model name the things of a scenario? By small numbers and sets of them.

use std::fmt;

/// Most clients of one scenario.
pub const CLIENTS: usize = 8;
/// Most `MAPILogonEx` calls of one scenario, all clients together; each can make one session.
pub const LOGONS: usize = 12;
/// Most profiles of one scenario.
pub const PROFILES: usize = 8;
/// Most message services of one scenario, all profiles together.
pub const SERVICES: usize = 16;
/// Most service providers of one scenario, all services together.
pub const PROVIDERS: usize = 32;
/// Most calls of one client.
pub const CALLS: usize = 32;
/// Most faults that may strike in one run of a scenario.
pub const BUDGET: usize = 15;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
        pub struct $name(pub u8);

        impl $name {
            /// The position in the scenario's list.
            #[inline]
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl From<usize> for $name {
            /// Positions are checked against the limits when the scenario is read.
            #[inline]
            #[expect(clippy::cast_possible_truncation, reason = "limits are far below 256")]
            fn from(index: usize) -> Self {
                Self(index as u8)
            }
        }
    )*};
}

ids! {
    /// A client, in file order.
    ClientId
    /// A `MAPILogonEx` call of the scenario, numbered over all clients in file order.
    LogonId
    /// A profile, in file order.
    ProfileId
    /// A message service, in file order over all profiles.
    ServiceId
    /// A service provider, in file order over all services.
    ProviderId
}

/// A session is named by the `MAPILogonEx` call that established it: every such call makes at most
/// one.
pub type SessionId = LogonId;

macro_rules! sets {
    ($($(#[$doc:meta])* $name:ident($bits:ty) of $id:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub $bits);

        impl $name {
            /// The set without members.
            pub const EMPTY: Self = Self(0);

            /// The set of one member.
            #[inline]
            #[must_use]
            pub const fn only(id: $id) -> Self {
                Self(1 << id.0)
            }
            /// The first `count` ids.
            #[inline]
            #[must_use]
            pub const fn first_n(count: usize) -> Self {
                let unused = <$bits>::BITS as usize - count;
                if count == 0 { Self(0) } else { Self(<$bits>::MAX >> unused) }
            }
            /// Is `id` a member?
            #[inline]
            #[must_use]
            pub const fn contains(self, id: $id) -> bool {
                self.0 >> id.0 & 1 == 1
            }
            /// Adds a member.
            #[inline]
            pub const fn insert(&mut self, id: $id) {
                self.0 |= 1 << id.0;
            }
            /// Takes a member out.
            #[inline]
            pub const fn remove(&mut self, id: $id) {
                self.0 &= !(1 << id.0);
            }
            /// Members of both.
            #[inline]
            #[must_use]
            pub const fn and(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }
            /// Members of either.
            #[inline]
            #[must_use]
            pub const fn or(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
            /// Members of this and not of the other.
            #[inline]
            #[must_use]
            pub const fn without(self, other: Self) -> Self {
                Self(self.0 & !other.0)
            }
            /// Members that come after `id`.
            #[inline]
            #[must_use]
            pub const fn after(self, id: $id) -> Self {
                Self(self.0 & !(<$bits>::MAX >> (<$bits>::BITS - 1 - id.0 as u32)))
            }
            /// Has it no members?
            #[inline]
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }
            /// How many members.
            #[inline]
            #[must_use]
            pub const fn len(self) -> u32 {
                self.0.count_ones()
            }
            /// The least member.
            #[inline]
            #[must_use]
            #[expect(clippy::cast_possible_truncation, reason = "a set has at most 32 members")]
            pub const fn first(self) -> Option<$id> {
                if self.0 == 0 { None } else { Some($id(self.0.trailing_zeros() as u8)) }
            }
        }

        impl Iterator for $name {
            type Item = $id;

            /// Takes the least member out and hands it over.
            #[inline]
            fn next(&mut self) -> Option<$id> {
                let id = self.first()?;
                self.0 &= self.0 - 1;
                Some(id)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_set().entries(self.map(|id| id.0)).finish()
            }
        }
    )*};
}

sets! {
    /// A set of profiles.
    ProfileSet(u8) of ProfileId
    /// A set of message services.
    ServiceSet(u16) of ServiceId
    /// A set of service providers.
    ProviderSet(u32) of ProviderId
    /// A set of clients.
    ClientSet(u8) of ClientId
    /// A set of sessions, or of logon calls.
    SessionSet(u16) of LogonId
}
