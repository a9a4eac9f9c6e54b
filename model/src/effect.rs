//! What can somebody outside see? The effects of a step, in order.

use crate::action::Answer;
use crate::ids::{ClientId, ProfileId, ProviderId, ServiceId, SessionId};
use crate::mapi::{Code, Fault};
use crate::state::{Origin, Task};
use crate::view::{Row, Status};

/// One visible thing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Effect {
    /// A client's initialisation count has changed (INI-2).
    Initialized {
        /// Who.
        client: ClientId,
        /// The count now.
        count: u8,
    },
    /// A client makes a call.
    Called {
        /// Who.
        client: ClientId,
        /// Which of its calls, from 0.
        call: u8,
    },
    /// The logon mutex is taken (T-6).
    MutexTaken(ClientId),
    /// The logon mutex is released.
    MutexReleased(ClientId),
    /// A logon joins the current shared session (T-9).
    Joined {
        /// Who.
        client: ClientId,
        /// Which session.
        session: SessionId,
    },
    /// A logon starts to establish a session (T-10).
    Establishing(SessionId),
    /// A logon has found its profile name (T-11, T-12, T-15).
    Resolved {
        /// Who.
        client: ClientId,
        /// The profile; absent for a name that no profile has.
        profile: Option<ProfileId>,
        /// How.
        origin: Origin,
    },
    /// A profile is opened for a session (T-17).
    ProfileOpened {
        /// The session.
        session: SessionId,
        /// The profile.
        profile: ProfileId,
    },
    /// A dialog appears.
    Displayed {
        /// In whose call.
        client: ClientId,
        /// Which.
        dialog: Dialog,
    },
    /// The user answers the dialog.
    Answered {
        /// In whose call.
        client: ClientId,
        /// How.
        answer: Answer,
    },
    /// Configuration data of a service is sought in the profile (SVC-2).
    Sought {
        /// The session.
        session: SessionId,
        /// The service.
        service: ServiceId,
        /// Was all of it there?
        found: bool,
    },
    /// Configuration data of a service is written to the profile.
    ServiceConfigured(ServiceId),
    /// A provider's own data is written to the profile.
    ProviderConfigured(ProviderId),
    /// A provider's password is stored.
    PasswordStored(ProviderId),
    /// A fault strikes a provider.
    Struck(ProviderId, Fault),
    /// A provider's fault is gone.
    Repaired(ProviderId),
    /// The library of a provider is loaded (PRV-11).
    LibraryLoaded(ProviderId),
    /// The library of a provider is freed (PRV-11).
    LibraryFreed(ProviderId),
    /// MAPI calls a provider.
    Provider {
        /// The session.
        session: SessionId,
        /// The provider.
        provider: ProviderId,
        /// What is called.
        call: ProviderCall,
        /// The answer.
        code: Code,
    },
    /// MAPI calls the entry point of a service with `MSG_SERVICE_CONFIGURE` (SVC-12).
    EntryPoint {
        /// The session.
        session: SessionId,
        /// The service.
        service: ServiceId,
        /// The forced round (SVC-25).
        forced: bool,
        /// The answer.
        code: Code,
    },
    /// A task has failed its first or second try.
    Failed {
        /// The session.
        session: SessionId,
        /// The task.
        task: Task,
        /// Which try, 1 or 2.
        k: u8,
        /// With what code.
        code: Code,
    },
    /// A service is disabled (T-54).
    ServiceDisabled {
        /// The session.
        session: SessionId,
        /// The service.
        service: ServiceId,
    },
    /// MAPIUID and status row of a provider are registered (T-40, STA-11) or removed (OFF-13).
    Registered {
        /// The session.
        session: SessionId,
        /// The provider.
        provider: ProviderId,
        /// Are they there now?
        registered: bool,
    },
    /// The spooler is told of a session, or not (T-57, T-58).
    Spooler {
        /// The session.
        session: SessionId,
        /// Is it?
        told: bool,
        /// Is a download attempted before the call returns (FLG-10)?
        download: bool,
    },
    /// A session is open (T-59).
    SessionOpened(SessionId),
    /// A session is closed (T-81) or given up (T-60).
    SessionClosed(SessionId),
    /// A profile marked for deletion (PRF-12).
    ProfileMarked(ProfileId),
    /// A marked profile is removed.
    ProfileRemoved(ProfileId),
    /// A service is taken out of its profile (T-74).
    ServiceRemoved(ServiceId),
    /// `GetStatusTable` shows its caller a row (STA-20).
    StatusRow {
        /// Whose view.
        client: ClientId,
        /// The session.
        session: SessionId,
        /// The row.
        row: Row,
        /// Its status.
        status: Status,
    },
    /// `QueryIdentity` finds the provider that supplies the identity, or none (OPN-13).
    Identity {
        /// The session.
        session: SessionId,
        /// The provider.
        provider: Option<ProviderId>,
    },
    /// A member of a session is notified.
    Notified {
        /// Who.
        client: ClientId,
        /// Of which session.
        session: SessionId,
        /// By what event.
        event: Event,
    },
    /// A call returns.
    Returned {
        /// To whom.
        client: ClientId,
        /// Which of its calls, from 0.
        call: u8,
        /// With what.
        code: Code,
        /// The session it concerns: made, joined or acted on; none where it never got at one.
        session: Option<SessionId>,
    },
}

/// A dialog, as outcomes name it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Dialog {
    /// Which profile?
    Profile,
    /// The profile's password.
    Password,
    /// Configuration of a service: prompt, forced round and entry point alike.
    Configure(ServiceId),
    /// A provider's own data or password.
    Provider(ProviderId),
    /// A first failure, with the offer of a second try.
    Failure(Task),
    /// Really log off?
    Logoff,
}

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

/// A notification on the session (OFF-8, OFF-9).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Event {
    /// `fnevCriticalError`: a shared logoff is under way.
    CriticalError,
    /// `fnevExtended`: somebody has logged off.
    Extended,
}
