//! The status table: its rows, their status and type.

use crate::ids::{ProfileId, ProviderId};

/// A row of the status table (STA-1, STA-2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum StatusRow {
    /// The subsystem, `MAPI_SUBSYSTEM`; its display name is that of the profile (STA-3).
    Subsystem(ProfileId),
    /// The spooler, `MAPI_SPOOLER`.
    Spooler,
    /// The integrated address book, `MAPI_AB`.
    AddressBook,
    /// A service provider.
    Provider(ProviderId),
}

/// `PR_STATUS_CODE` of a row, as far as the model has it (STA-4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Status {
    /// `STATUS_AVAILABLE`: operational.
    Available,
    /// `STATUS_OFFLINE`: not logged on; only with `STATUS_ROWS = "all"`.
    Offline,
    /// `STATUS_FAILURE`: trouble, or the spooler without mail (STA-18, STA-21).
    Failure,
}

/// `PR_RESOURCE_TYPE` of a row (STA-1, STA-2), with the numbers of the public headers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum ResourceType {
    /// `MAPI_STORE_PROVIDER`
    StoreProvider = 33,
    /// `MAPI_AB`
    AddressBook = 34,
    /// `MAPI_AB_PROVIDER`
    AddressBookProvider = 35,
    /// `MAPI_TRANSPORT_PROVIDER`
    TransportProvider = 36,
    /// `MAPI_SPOOLER`
    Spooler = 37,
    /// `MAPI_SUBSYSTEM`
    Subsystem = 39,
}

impl ResourceType {
    /// The name as MAPI spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::StoreProvider => "MAPI_STORE_PROVIDER",
            Self::AddressBook => "MAPI_AB",
            Self::AddressBookProvider => "MAPI_AB_PROVIDER",
            Self::TransportProvider => "MAPI_TRANSPORT_PROVIDER",
            Self::Spooler => "MAPI_SPOOLER",
            Self::Subsystem => "MAPI_SUBSYSTEM",
        }
    }
}

impl Status {
    /// The name as MAPI spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Available => "STATUS_AVAILABLE",
            Self::Offline => "STATUS_OFFLINE",
            Self::Failure => "STATUS_FAILURE",
        }
    }
}
