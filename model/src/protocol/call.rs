//! The calls of clients, each with its parameters.

use crate::ids::{ProfileId, ProviderId, ServiceId};
use crate::mapi::{LogoffFlags, LogonFlags};

/// A call of a client.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Call {
    /// `MAPIInitialize` (INI-2).
    Initialize,
    /// `MAPIUninitialize` (INI-2).
    Uninitialize,
    /// `MAPILogonEx`, the one entry point of extended MAPI (SES-8).
    LogonEx(Logon),
    /// `IProfAdmin::DeleteProfile` (PRF-12).
    DeleteProfile(ProfileId),
    /// A call on the session whose pointer the client keeps in that slot; without a number, on the
    /// session it obtained last and still holds.
    OnSession(Option<u8>, Method),
}

/// The names of calls, as scenarios write them; [`Call::number`] is a position here.
pub const CALL_NAMES: [&str; 12] = [
    "MAPIInitialize",
    "MAPIUninitialize",
    "MAPILogonEx",
    "Logoff",
    "Release",
    "OpenMsgStore",
    "OpenAddressBook",
    "GetStatusTable",
    "QueryIdentity",
    "DeleteProfile",
    "RemoveService",
    "GetMsgStoresTable",
];

/// The parameters of a `MAPILogonEx` call (PAR-1 to PAR-7).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Logon {
    /// In which of its slots the client will keep the session pointer.
    pub slot: u8,
    /// The profile name.
    pub name: NameParameter,
    /// A password is passed (PAR-6).
    pub password: bool,
    /// The flags, undefined bits included.
    pub flags: LogonFlags,
}

/// The profile name parameter, resolved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum NameParameter {
    /// NULL.
    #[default]
    Null,
    /// The empty string, which means the same (AMB-30).
    Empty,
    /// A name.
    Name {
        /// The profile of that name, if the scenario has one.
        profile: Option<ProfileId>,
        /// It has more than 64 characters (PAR-5).
        too_long: bool,
    },
}

/// A method of a session.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Method {
    /// `IMAPISession::Logoff`.
    Logoff(LogoffFlags),
    /// The last `Release` of the session pointer without Logoff (T-83).
    Release,
    /// `IMAPISession::OpenMsgStore`.
    OpenMsgStore(ProviderId),
    /// `IMAPISession::OpenAddressBook`.
    OpenAddressBook,
    /// `IMAPISession::GetStatusTable`.
    GetStatusTable,
    /// `IMAPISession::GetMsgStoresTable`.
    GetMsgStoresTable,
    /// `IMAPISession::QueryIdentity`.
    QueryIdentity,
    /// `IMsgServiceAdmin::DeleteMsgService` of the session's AdminServices (OPN-14).
    RemoveService(ServiceId),
}

impl Call {
    /// The position of its name in [`CALL_NAMES`].
    #[inline]
    #[must_use]
    pub const fn number(self) -> usize {
        match self {
            Self::Initialize => 0,
            Self::Uninitialize => 1,
            Self::LogonEx(_) => 2,
            Self::OnSession(_, Method::Logoff(_)) => 3,
            Self::OnSession(_, Method::Release) => 4,
            Self::OnSession(_, Method::OpenMsgStore(_)) => 5,
            Self::OnSession(_, Method::OpenAddressBook) => 6,
            Self::OnSession(_, Method::GetStatusTable) => 7,
            Self::OnSession(_, Method::QueryIdentity) => 8,
            Self::DeleteProfile(_) => 9,
            Self::OnSession(_, Method::RemoveService(_)) => 10,
            Self::OnSession(_, Method::GetMsgStoresTable) => 11,
        }
    }
    /// Its name, as scenarios write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        CALL_NAMES[self.number()]
    }
    /// The method called on a session, if it is such a call.
    #[inline]
    #[must_use]
    pub const fn method(self) -> Option<Method> {
        match self {
            Self::OnSession(_, method) => Some(method),
            Self::Initialize | Self::Uninitialize | Self::LogonEx(_) | Self::DeleteProfile(_) => {
                None
            }
        }
    }
    /// The slot through which it acts on a session, if it does.
    #[inline]
    #[must_use]
    pub const fn on(self) -> Option<Option<u8>> {
        match self {
            Self::OnSession(slot, _) => Some(slot),
            Self::Initialize | Self::Uninitialize | Self::LogonEx(_) | Self::DeleteProfile(_) => {
                None
            }
        }
    }
    /// The parameters, if it is a logon.
    #[inline]
    #[must_use]
    pub const fn logon(self) -> Option<Logon> {
        match self {
            Self::LogonEx(logon) => Some(logon),
            Self::Initialize
            | Self::Uninitialize
            | Self::DeleteProfile(_)
            | Self::OnSession(..) => None,
        }
    }
    /// Does it end the client's hold on a session, whatever the flags?
    #[must_use]
    pub const fn is_leaving(self) -> bool {
        matches!(self, Self::Uninitialize | Self::OnSession(_, Method::Logoff(_) | Method::Release))
    }
}

impl NameParameter {
    /// Some name, no longer known which.
    pub(crate) const GIVEN: Self = Self::Name { profile: None, too_long: false };

    /// Is no name given (AMB-30)?
    #[must_use]
    pub const fn is_absent(self) -> bool {
        matches!(self, Self::Null | Self::Empty)
    }
    /// The profile it names.
    #[must_use]
    pub const fn profile(self) -> Option<ProfileId> {
        match self {
            Self::Name { profile, .. } => profile,
            Self::Null | Self::Empty => None,
        }
    }
}
