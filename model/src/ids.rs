//! Small numbers that name the things of a scenario, and sets of them.

use std::fmt;

/// Most clients of one scenario.
pub const CLIENTS: usize = 32;
/// Most `MAPILogonEx` calls of one scenario, all clients together; each has a slot for its session.
pub const LOGONS: usize = 64;
/// Most profiles of one scenario.
pub const PROFILES: usize = 8;
/// Most message services of one scenario, all profiles together.
pub const SERVICES: usize = 16;
/// Most service providers of one scenario, all services together.
pub const PROVIDERS: usize = 32;
/// Most names between which the logons of one client choose.
pub const CHOICES: usize = 16;
/// Most calls of one client.
pub const CALLS: usize = 32;
/// Most faults that may strike in one run of a scenario.
pub const BUDGET: usize = 15;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($number:ty))*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
        pub struct $name(pub $number);

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
            #[expect(clippy::cast_possible_truncation, reason = "limits are far below")]
            fn from(index: usize) -> Self {
                Self(index as $number)
            }
        }
    )*};
}

ids! {
    /// A client, in file order.
    ClientId(u32)
    /// A place in which a client keeps one session pointer; numbered over all clients in file
    /// order.
    SlotId(u32)
    /// A session, by the slot of the logon that established it.
    SessionId(u32)
    /// A profile, in file order.
    ProfileId(u8)
    /// A message service, in file order over all profiles.
    ServiceId(u8)
    /// A service provider, in file order over all services.
    ProviderId(u8)
}

impl SessionId {
    /// No session: of a call that neither makes nor uses one.
    pub const NONE: Self = Self(u32::MAX);
}

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
            /// The ids of those `items` that are `wanted`.
            pub fn of<T>(items: &[T], wanted: impl Fn(&T) -> bool) -> Self {
                let ids = items.iter().enumerate().filter(|(_, item)| wanted(item));
                ids.fold(Self::EMPTY, |set, (at, _)| set.or(Self::only(at.into())))
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
            pub fn first(self) -> Option<$id> {
                (self.0 != 0).then(|| $id::from(self.0.trailing_zeros() as usize))
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
    ClientSet(u32) of ClientId
    /// A set of slots.
    SlotSet(u64) of SlotId
    /// A set of sessions.
    SessionSet(u64) of SessionId
}
