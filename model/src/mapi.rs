//! Names and numbers that MAPI fixes: logon flags, result codes, kinds of provider and fault.

use bitflags::bitflags;
use serde::{Deserialize, Serialize};

bitflags! {
    /// Flags of `MAPILogonEx` (SPEC 2.2), with their numbers from the public headers.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
    pub struct LogonFlags: u32 {
        /// FLG-2, FLG-3: a logon dialog may be shown.
        const MAPI_LOGON_UI = 0x0000_0001;
        /// FLG-1, FLG-4: a new session in place of the shared one.
        const MAPI_NEW_SESSION = 0x0000_0002;
        /// FLG-5: the dialog lists "app" profiles.
        const MAPI_APP_PROFILE = 0x0000_0004;
        /// FLG-6: the session is to be shared.
        const MAPI_ALLOW_OTHERS = 0x0000_0008;
        /// FLG-7: the default profile is not to be used.
        const MAPI_EXPLICIT_PROFILE = 0x0000_0010;
        /// FLG-8: extended logon.
        const MAPI_EXTENDED = 0x0000_0020;
        /// FLG-9: the default profile takes the place of the name.
        const MAPI_USE_DEFAULT = 0x0000_0040;
        /// FLG-10: fetch all messages before the call returns.
        const MAPI_FORCE_DOWNLOAD = 0x0000_1000;
        /// FLG-12: a configuration dialog for each service.
        const MAPI_SERVICE_UI_ALWAYS = 0x0000_2000;
        /// FLG-11: the spooler is not notified of the session.
        const MAPI_NO_MAIL = 0x0000_8000;
        /// FLG-13: the caller is a Windows service.
        const MAPI_NT_SERVICE = 0x0001_0000;
        /// FLG-14: prompt for the password only.
        const MAPI_PASSWORD_UI = 0x0002_0000;
        /// FLG-15: fail instead of blocking for long.
        const MAPI_TIMEOUT_SHORT = 0x0010_0000;
        /// FLG-16: operations run in the background.
        const MAPI_BG_SESSION = 0x0020_0000;
        /// FLG-17: strings are Unicode.
        const MAPI_UNICODE = 0x8000_0000;
    }
}

bitflags! {
    /// Flags of `IMAPISession::Logoff` (OFF-5, OFF-7).
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
    pub struct LogoffFlags: u32 {
        /// OFF-5: the other members are asked to log off too.
        const MAPI_LOGOFF_SHARED = 0x0000_0001;
        /// OFF-7: a dialog may ask for confirmation.
        const MAPI_LOGOFF_UI = 0x0000_0002;
    }
}

/// A class of results, as the logon machine distinguishes them (SPEC 0.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// Success, warnings included.
    Succ,
    /// `MAPI_E_FAILONEPROVIDER`.
    Skip,
    /// `MAPI_E_UNCONFIGURED`.
    Conf,
    /// `MAPI_E_USER_CANCEL`.
    Canc,
    /// Every other failure.
    Fail,
}

macro_rules! codes {
    ($($variant:ident = $name:literal, $value:literal, $id:literal, $role:literal;)*) => {
        /// A result code of SPEC 6.1.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum Code {
            $(#[doc = concat!("`", $name, "` (", $id, ")")] $variant,)*
        }

        impl Code {
            /// Every code, in the order of SPEC 6.1.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The symbolic name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
            /// The HRESULT.
            #[must_use]
            pub const fn value(self) -> u32 {
                match self { $(Self::$variant => $value,)* }
            }
            /// The id of SPEC 6.1.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }
            /// What the code says in a logon.
            #[must_use]
            pub const fn role(self) -> &'static str {
                match self { $(Self::$variant => $role,)* }
            }
        }
    };
}

/// Other names of codes (ERR-40 to ERR-44).
const ALIASES: [(&str, Code); 5] = [
    ("E_INVALIDARG", Code::InvalidParameter),
    ("E_ACCESSDENIED", Code::NoAccess),
    ("E_OUTOFMEMORY", Code::NotEnoughMemory),
    ("E_NOINTERFACE", Code::InterfaceNotSupported),
    ("E_FAIL", Code::CallFailed),
];

codes! {
    Ok = "S_OK", 0x0000_0000, "ERR-1", "success";
    ErrorsReturned = "MAPI_W_ERRORS_RETURNED", 0x0004_0380, "ERR-2",
        "success with details: store logon, OpenMsgStore, OpenAddressBook";
    NoService = "MAPI_W_NO_SERVICE", 0x0004_0203, "ERR-3",
        "QueryIdentity without an identity; a success";
    PartialCompletion = "MAPI_W_PARTIAL_COMPLETION", 0x0004_0680, "ERR-4", "not used in logon";
    LogonFailed = "MAPI_E_LOGON_FAILED", 0x8004_0111, "ERR-5",
        "bad parameter, no usable profile, too many sessions; a store of a disabled service";
    SessionLimit = "MAPI_E_SESSION_LIMIT", 0x8004_0112, "ERR-6",
        "a provider allows no further logon";
    UserCancel = "MAPI_E_USER_CANCEL", 0x8004_0113, "ERR-7", "the user cancelled a dialog";
    Version = "MAPI_E_VERSION", 0x8004_0110, "ERR-8", "incompatible versions of MAPI and provider";
    Unconfigured = "MAPI_E_UNCONFIGURED", 0x8004_011C, "ERR-9", "configuration is missing";
    FailOneProvider = "MAPI_E_FAILONEPROVIDER", 0x8004_011D, "ERR-10",
        "this provider only, and only now";
    UnknownCpid = "MAPI_E_UNKNOWN_CPID", 0x8004_011E, "ERR-11",
        "the server does not support the code page";
    UnknownLcid = "MAPI_E_UNKNOWN_LCID", 0x8004_011F, "ERR-12",
        "the server does not support the locale";
    Timeout = "MAPI_E_TIMEOUT", 0x8004_0401, "ERR-13", "another logon held the mutex for too long";
    NotInitialized = "MAPI_E_NOT_INITIALIZED", 0x8004_0605, "ERR-14",
        "a call outside MAPIInitialize and MAPIUninitialize";
    NotFound = "MAPI_E_NOT_FOUND", 0x8004_010F, "ERR-15",
        "a resource, profile, section or store is missing";
    NetworkError = "MAPI_E_NETWORK_ERROR", 0x8004_0115, "ERR-16", "the server cannot be reached";
    CorruptData = "MAPI_E_CORRUPT_DATA", 0x8004_011B, "ERR-17", "damaged data";
    CorruptStore = "MAPI_E_CORRUPT_STORE", 0x8004_0600, "ERR-18", "damaged store";
    DiskError = "MAPI_E_DISK_ERROR", 0x8004_0116, "ERR-19", "disk read or write";
    EndOfSession = "MAPI_E_END_OF_SESSION", 0x8004_0200, "ERR-20", "connection lost after logon";
    Reconnected = "MAPI_E_RECONNECTED", 0x8004_0125, "ERR-21", "stale connection token";
    Offline = "MAPI_E_OFFLINE", 0x8004_0126, "ERR-22",
        "server failure or lost network in cached mode";
    UnknownEntryId = "MAPI_E_UNKNOWN_ENTRYID", 0x8004_0201, "ERR-23",
        "the provider of the object is not open";
    InvalidEntryId = "MAPI_E_INVALID_ENTRYID", 0x8004_0107, "ERR-24", "malformed identifier";
    InvalidObject = "MAPI_E_INVALID_OBJECT", 0x8004_0108, "ERR-25",
        "a session used after its logoff";
    UnknownFlags = "MAPI_E_UNKNOWN_FLAGS", 0x8004_0106, "ERR-26",
        "undefined or contradictory flags";
    StringTooLong = "MAPI_E_STRING_TOO_LONG", 0x8004_0105, "ERR-27", "a name over its limit";
    NoSupport = "MAPI_E_NO_SUPPORT", 0x8004_0102, "ERR-28", "unsupported";
    BadCharwidth = "MAPI_E_BAD_CHARWIDTH", 0x8004_0103, "ERR-29", "Unicode mismatch";
    Busy = "MAPI_E_BUSY", 0x8004_010B, "ERR-30", "busy";
    NotEnoughDisk = "MAPI_E_NOT_ENOUGH_DISK", 0x8004_010D, "ERR-31", "disk full";
    NotEnoughResources = "MAPI_E_NOT_ENOUGH_RESOURCES", 0x8004_010E, "ERR-32",
        "cross-process globals at initialisation";
    TooComplex = "MAPI_E_TOO_COMPLEX", 0x8004_0117, "ERR-33",
        "registry set-up of a Windows service";
    ExtendedError = "MAPI_E_EXTENDED_ERROR", 0x8004_0119, "ERR-34", "details through GetLastError";
    PasswordChangeRequired = "MAPI_E_PASSWORD_CHANGE_REQUIRED", 0x8004_0120, "ERR-35",
        "access denied: the password must be changed";
    PasswordExpired = "MAPI_E_PASSWORD_EXPIRED", 0x8004_0121, "ERR-36",
        "access denied: the password has expired";
    InvalidWorkstationAccount = "MAPI_E_INVALID_WORKSTATION_ACCOUNT", 0x8004_0122, "ERR-37",
        "access denied: wrong workstation";
    InvalidAccessTime = "MAPI_E_INVALID_ACCESS_TIME", 0x8004_0123, "ERR-38",
        "access denied: wrong time of day";
    AccountDisabled = "MAPI_E_ACCOUNT_DISABLED", 0x8004_0124, "ERR-39",
        "access denied: the user is barred";
    InvalidParameter = "MAPI_E_INVALID_PARAMETER", 0x8007_0057, "ERR-40", "bad parameter";
    NoAccess = "MAPI_E_NO_ACCESS", 0x8007_0005, "ERR-41", "permissions; name already used";
    NotEnoughMemory = "MAPI_E_NOT_ENOUGH_MEMORY", 0x8007_000E, "ERR-42", "memory";
    InterfaceNotSupported = "MAPI_E_INTERFACE_NOT_SUPPORTED", 0x8000_4002, "ERR-43",
        "a store already open refuses the interface";
    CallFailed = "MAPI_E_CALL_FAILED", 0x8000_4005, "ERR-44", "unspecified failure";
}

/// What a provider may answer beyond its session cap (LIM-5); the first where nothing is said.
pub const CAP_CODES: [Code; 3] = [Code::SessionLimit, Code::FailOneProvider, Code::LogonFailed];

/// The codes of `MAPIInitialize`, in the order of the steps of INI-4 that they are bound to.
pub const INITIALIZE_CODES: [Code; 9] = [
    Code::InvalidParameter,
    Code::UnknownFlags,
    Code::TooComplex,
    Code::Version,
    Code::CallFailed,
    Code::SessionLimit,
    Code::NotEnoughResources,
    Code::InvalidObject,
    Code::NotInitialized,
];

impl Code {
    /// The code with this symbolic name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
        let known = || Self::ALL.iter().copied().find(|code| code.name() == name);
        alias.map(|(_, code)| *code).or_else(known)
    }
    /// The code with this HRESULT.
    #[must_use]
    pub fn valued(value: u32) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.value() == value)
    }
    /// Success or warning: the severity bit is clear.
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.value() & 0x8000_0000 == 0
    }
    /// How the logon machine classes the code (SPEC 0.2).
    #[must_use]
    pub const fn class(self) -> Class {
        if self.is_success() {
            return Class::Succ;
        }
        if matches!(self, Self::FailOneProvider) {
            Class::Skip
        } else if matches!(self, Self::Unconfigured) {
            Class::Conf
        } else if matches!(self, Self::UserCancel) {
            Class::Canc
        } else {
            Class::Fail
        }
    }
}

/// A set of result codes, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CodeSet(pub u64);

impl CodeSet {
    /// Is `code` a member?
    #[must_use]
    pub const fn contains(self, code: Code) -> bool {
        self.0 >> code as u8 & 1 == 1
    }
    /// Adds a member.
    pub const fn insert(&mut self, code: Code) {
        self.0 |= 1 << code as u8;
    }
    /// Takes a member out.
    pub const fn remove(&mut self, code: Code) {
        self.0 &= !(1 << code as u8);
    }
    /// Has it no members?
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// The members, in the order of SPEC 6.1.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = Code> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let next = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            Code::ALL.get(next).copied()
        })
    }
}

/// A kind of service provider.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ProviderKind {
    /// AB: address book.
    #[default]
    AddressBook,
    /// MS: message store.
    MessageStore,
    /// XP: transport.
    Transport,
}

impl ProviderKind {
    /// All kinds, in the order in which a logon starts them.
    pub const ALL: [Self; 3] = [Self::AddressBook, Self::MessageStore, Self::Transport];

    /// As scenario files write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AddressBook => "address-book",
            Self::MessageStore => "message-store",
            Self::Transport => "transport",
        }
    }
}

/// What strikes a provider (FLT-1 to FLT-4). A version mismatch has two directions (PRV-13,
/// PRV-14).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Fault {
    /// FLT-1: an invalid path.
    InvalidPath,
    /// FLT-2, PRV-13: the provider is newer than MAPI and refuses.
    ProviderTooNew,
    /// FLT-2, PRV-14: the provider is too old and MAPI refuses it.
    ProviderTooOld,
    /// FLT-3: the messaging server is unavailable.
    ServerUnavailable,
    /// FLT-4: data corruption.
    DataCorruption,
}

impl Fault {
    /// All faults.
    pub const ALL: [Self; 5] = [
        Self::InvalidPath,
        Self::ProviderTooNew,
        Self::ProviderTooOld,
        Self::ServerUnavailable,
        Self::DataCorruption,
    ];

    /// The kind's name in scenario files; both directions of a version mismatch are one kind.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::InvalidPath => "invalid-path",
            Self::ProviderTooNew | Self::ProviderTooOld => "incompatible-version",
            Self::ServerUnavailable => "server-unavailable",
            Self::DataCorruption => "data-corruption",
        }
    }
    /// Can the user's `correct` repair it (FLT-10)?
    #[must_use]
    pub const fn is_correctable(self) -> bool {
        matches!(self, Self::InvalidPath | Self::ServerUnavailable)
    }
    /// The names of all kinds.
    pub const KINDS: [&str; 4] =
        ["invalid-path", "incompatible-version", "server-unavailable", "data-corruption"];

    /// Its name in traces: the kind, or which side of a version mismatch it is.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProviderTooNew => "provider-too-new",
            Self::ProviderTooOld => "provider-too-old",
            Self::InvalidPath | Self::ServerUnavailable | Self::DataCorruption => self.kind(),
        }
    }
    /// Does it keep the provider from being loaded (T-38, T-39)?
    #[must_use]
    pub const fn strikes_at_load(self) -> bool {
        match self {
            Self::InvalidPath | Self::ProviderTooNew | Self::ProviderTooOld => true,
            Self::ServerUnavailable | Self::DataCorruption => false,
        }
    }
    /// The code a struck provider answers (SPEC 6.2, FLT-5 to FLT-8).
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::InvalidPath => Code::NotFound,
            Self::ProviderTooNew | Self::ProviderTooOld => Code::Version,
            Self::ServerUnavailable => Code::NetworkError,
            Self::DataCorruption => Code::CorruptData,
        }
    }
}

/// A set of faults, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FaultSet(pub u8);

impl FaultSet {
    /// Every fault.
    pub const ALL: Self = Self(0b1_1111);

    /// Is `fault` a member?
    #[must_use]
    pub const fn contains(self, fault: Fault) -> bool {
        self.0 >> fault as u8 & 1 == 1
    }
    /// Has it no member?
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// Adds a member.
    pub const fn insert(&mut self, fault: Fault) {
        self.0 |= 1 << fault as u8;
    }
    /// The members, in order.
    pub fn iter(self) -> impl Iterator<Item = Fault> {
        Fault::ALL.into_iter().filter(move |fault| self.contains(*fault))
    }
}
