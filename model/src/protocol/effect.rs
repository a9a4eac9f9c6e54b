//! The effects of a step: what somebody outside can see of it, in order.

use serde::Serialize;

use crate::ids::{ClientId, ProfileId, ProviderId, ServiceId, SessionId};
use crate::mapi::{Code, Fault, ProviderKind};
use crate::protocol::action::Answer;
use crate::protocol::call::Call;
use crate::protocol::phases::{Dialog, Origin, Task};
use crate::protocol::status::{Status, StatusRow};

/// The role of an effect for a test that compares an implementation with a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The tester makes it happen.
    Stimulus,
    /// The implementation must show it.
    Observable,
    /// It happens inside; no caller or provider sees it.
    Internal,
}

/// Hands the table of effects to a macro: role, name, fields and words of each, in one place.
///
/// Other alphabets of effects are generated from this table. A field has the name of what it holds;
/// `result` is a code. In the words a field stands for its name, a flag for one of two texts, the
/// first where it is not set.
#[macro_export]
macro_rules! effects {
    ($mirror:ident) => { $mirror! {
        /// A client's initialisation count has changed (INI-2).
        Internal Initialized { client: ClientId, count: u8 }
            "the MAPIInitialize count of {client} is {count}"
        /// A client makes a call.
        Stimulus Called { client: ClientId, call: Call }
            "{client} calls {call}"
        /// The logon mutex is taken (T-6).
        Internal MutexTaken { client: ClientId }
            "{client} takes the mutex"
        /// The logon mutex is released.
        Internal MutexReleased { client: ClientId }
            "{client} releases the mutex"
        /// A logon joins the current shared session (T-9).
        Internal Joined { client: ClientId, session: SessionId }
            "{client} joins {session}"
        /// A logon starts to establish a session (T-10).
        Internal Establishing { session: SessionId }
            "{session} is begun"
        /// A logon has found its profile name (T-11, T-12, T-15); absent for a name that no profile
        /// has.
        Internal Resolved { client: ClientId, profile: Option<ProfileId>, origin: Origin }
            "{client} is to use {profile} ({origin})"
        /// A profile is opened for a session (T-17).
        Internal ProfileOpened { session: SessionId, profile: ProfileId }
            "{session} opens profile {profile}"
        /// A dialog appears in a client's call; that of a failure with the code it reports.
        Observable Displayed { client: ClientId, dialog: Dialog }
            "dialog {dialog} opens for {client}"
        /// The user answers the dialog.
        Stimulus Answered { client: ClientId, answer: Answer }
            "the dialog of {client} is answered {answer}"
        /// Configuration data of a service is sought in the profile (SVC-2).
        Internal Sought { session: SessionId, service: ServiceId, found: bool }
            "configuration of {service} is sought: {found}"
            [found("missing", "complete")]
        /// Configuration data of a service is written to the profile.
        Internal ServiceConfigured { service: ServiceId }
            "configuration of {service} is stored"
        /// A provider's own data is written to the profile.
        Internal ProviderConfigured { provider: ProviderId }
            "data of {provider} is stored"
        /// A provider's password is stored.
        Internal PasswordStored { provider: ProviderId }
            "password of {provider} is stored"
        /// A fault strikes a provider.
        Stimulus Struck { provider: ProviderId, fault: Fault }
            "{fault} strikes {provider}"
        /// A provider's fault is gone.
        Stimulus Repaired { provider: ProviderId }
            "fault of {provider} is gone"
        /// A fault strikes the configuration of a service (FLT-11).
        Stimulus ServiceStruck { service: ServiceId, fault: Fault }
            "{fault} strikes the configuration of {service}"
        /// That fault is gone.
        Stimulus ServiceRepaired { service: ServiceId }
            "fault of the configuration of {service} is gone"
        /// Data corruption strikes a profile, for good (FLT-11).
        Stimulus ProfileDamaged { profile: ProfileId }
            "data-corruption strikes profile {profile}"
        /// The library of a provider is loaded (PRV-11).
        Internal LibraryLoaded { provider: ProviderId }
            "library of {provider} is loaded"
        /// The library of a provider is freed (PRV-11).
        Internal LibraryFreed { provider: ProviderId }
            "library of {provider} is freed"
        /// MAPI calls a provider, which answers the result: the call is MAPI's, the result the
        /// tester's.
        Observable Provider {
            session: SessionId, provider: ProviderId, call: ProviderCall, result: Code
        }
            "{provider} {call} answers {result}"
        /// MAPI calls the entry point of a service with `MSG_SERVICE_CONFIGURE` (SVC-12), in the
        /// forced round (SVC-25) or for a second try.
        Observable EntryPoint {
            session: SessionId, service: ServiceId, forced: bool, result: Code
        }
            "entry point of {service}{forced} answers {result}"
            [forced("", " (forced round)")]
        /// Try `k` of a task has failed.
        Internal Failed { session: SessionId, task: Task, k: u8, result: Code }
            "try {k} of {task} fails: {result}"
        /// A service is disabled (T-54).
        Internal ServiceDisabled { session: SessionId, service: ServiceId }
            "{service} is disabled in {session}"
        /// MAPIUID and status row of a provider are registered (T-40, STA-11) or removed (OFF-13).
        Internal Registered { session: SessionId, provider: ProviderId, registered: bool }
            "MAPIUID and status row of {provider} are {registered} {session}"
            [registered("removed from", "registered in")]
        /// The spooler learns of a session, or does not (T-57, T-58); a download is attempted
        /// before the call returns, or is not (FLG-10).
        Internal Spooler { session: SessionId, told: bool, download: bool }
            "the spooler is {told} of {session}{download}"
            [told("not notified", "notified"), download("", "; all mail is fetched if possible")]
        /// A session is open (T-59).
        Internal SessionOpened { session: SessionId }
            "{session} is open"
        /// A session is closed (T-81) or given up (T-60).
        Internal SessionClosed { session: SessionId }
            "{session} is closed"
        /// A profile is marked for deletion (PRF-12).
        Internal ProfileMarked { profile: ProfileId }
            "profile {profile} is marked for deletion"
        /// A marked profile is removed.
        Internal ProfileRemoved { profile: ProfileId }
            "profile {profile} is removed"
        /// A service is taken out of its profile (T-74).
        Internal ServiceRemoved { service: ServiceId }
            "{service} is taken out of its profile"
        /// `GetStatusTable` shows its caller a row (STA-20).
        Observable StatusRow {
            client: ClientId, session: SessionId, row: StatusRow, status: Status
        }
            "{client} sees status row {row}: {status}"
        /// `GetMsgStoresTable` shows its caller a store (OPN-12).
        Observable StoreRow { client: ClientId, session: SessionId, provider: ProviderId }
            "{client} sees store {provider}"
        /// `QueryIdentity` finds the provider that supplies the identity, or none (OPN-13).
        Internal Identity { session: SessionId, provider: Option<ProviderId> }
            "{provider} supplies the identity of {session}"
        /// A member of a session is notified.
        Observable Notified { client: ClientId, session: SessionId, event: Event }
            "{client} gets {event} on {session}"
        /// A client's call returns; with the session made, joined or acted on, if it got at one.
        Observable Returned {
            client: ClientId, call: Call, result: Code, session: Option<SessionId>
        }
            "{call} returns {result} to {client}"
    } };
}

macro_rules! define {
    (
        $($(#[$doc:meta])* $role:ident $name:ident { $($field:ident: $type:ty),* }
        $text:literal $([$($flag:ident($no:literal, $yes:literal)),*])?)*
    ) => {
        /// One visible thing.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[expect(missing_docs, reason = "a field has the name of what it holds")]
        pub enum Effect { $($(#[$doc])* $name { $($field: $type),* },)* }

        impl Effect {
            /// The role of the effect for a test that compares an implementation with a run.
            #[must_use]
            pub const fn role(&self) -> Role {
                match self { $(Self::$name { .. } => Role::$role,)* }
            }
        }
    };
}

effects!(define);

macro_rules! kinds {
    (
        $($(#[$doc:meta])* $role:ident $name:ident { $($field:ident: $type:ty),* }
        $text:literal $([$($flag:ident($no:literal, $yes:literal)),*])?)*
    ) => {
        /// The kind of an effect, whatever it concerns.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum EffectKind { $($(#[$doc])* $name,)* }

        impl EffectKind {
            /// The kind of an effect.
            #[must_use]
            pub const fn of(effect: &Effect) -> Self {
                match effect { $(Effect::$name { .. } => Self::$name,)* }
            }
            /// The name of the effect.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

effects!(kinds);

/// What MAPI calls of a provider.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ProviderCall {
    /// Finds and loads the library: `LoadLibrary`.
    Load,
    /// The entry point: `ABProviderInit`, `MSProviderInit`, `XPProviderInit`.
    Init,
    /// The logon method; a transport's with `LOGON_NO_INBOUND` and `LOGON_NO_OUTBOUND` (PRV-8).
    Logon,
    /// `AddressTypes` of a transport that has logged on (T-70).
    AddressTypes,
    /// `TransportNotify`, which enables its traffic (T-70, PRV-8).
    Notify,
    /// `Logoff` or `TransportLogoff` of the logon object.
    Logoff,
    /// `Release` of the logon object.
    ReleaseLogon,
    /// `Shutdown` of the provider object.
    Shutdown,
    /// `Release` of the provider object.
    Release,
}

impl ProviderCall {
    /// The function or method, by its name in the interface of the kind.
    #[must_use]
    pub const fn method(self, kind: ProviderKind) -> &'static str {
        match (self, kind) {
            (Self::Load, _) => "LoadLibrary",
            (Self::Init, ProviderKind::AddressBook) => "ABProviderInit",
            (Self::Init, ProviderKind::MessageStore) => "MSProviderInit",
            (Self::Init, ProviderKind::Transport) => "XPProviderInit",
            (Self::Logon, ProviderKind::Transport) => {
                "TransportLogon (LOGON_NO_INBOUND, LOGON_NO_OUTBOUND)"
            }
            (Self::AddressTypes, _) => "AddressTypes",
            (Self::Notify, _) => "TransportNotify",
            (Self::Logon, ProviderKind::AddressBook | ProviderKind::MessageStore) => "Logon",
            (Self::Logoff, ProviderKind::Transport) => "TransportLogoff",
            (Self::Logoff, ProviderKind::AddressBook | ProviderKind::MessageStore) => "Logoff",
            (Self::ReleaseLogon, _) => "Release of the logon object",
            (Self::Shutdown, _) => "Shutdown",
            (Self::Release, _) => "Release of the provider object",
        }
    }
}

/// A notification on the session (OFF-8, OFF-9).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Event {
    /// `fnevCriticalError`: a shared logoff is under way.
    CriticalError,
    /// `fnevExtended`: somebody has logged off.
    Extended,
}

impl Effect {
    /// Does the call of the step end with it?
    #[inline]
    #[must_use]
    pub const fn is_return(&self) -> bool {
        matches!(self, Self::Returned { .. })
    }
}
