//! The stored part of a session: its profile, its flags, lost services, providers logged on.

use crate::ids::{ProfileId, ProviderId, ProviderSet, ServiceId, ServiceSet};
use crate::mapi::LogonFlags;

/// A session slot: what links clients to the subsystem (SES-2, HDL-2), an individual session one
/// client (SES-10); it has one profile, which all who share it share (SHR-1). The slot of a session
/// neither in the making nor open is [`Session::NONE`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Session {
    /// The profile in use; absent until the profile is opened (T-17).
    pub(crate) profile: Option<ProfileId>,
    /// The flags of the logon that established it: its kind, and the dialogs of calls on it.
    pub(crate) flags: LogonFlags,
    /// The services of the profile when it was opened (INV-43).
    pub(crate) services: ServiceSet,
    /// Services out of use until the session ends (DIS-2).
    pub(crate) disabled: ServiceSet,
    /// Providers logged on; those of a disabled service are quarantined (DIS-8).
    pub(crate) running: ProviderSet,
    /// Providers that answered `MAPI_E_FAILONEPROVIDER` (PRV-52).
    pub(crate) deferred: ProviderSet,
    /// Providers that reported success early and are tried at their first use (AMB-47).
    pub(crate) promised: ProviderSet,
}

impl Default for Session {
    fn default() -> Self {
        Self::NONE
    }
}

impl Session {
    /// The content of an unused slot.
    pub const NONE: Self = Self {
        profile: None,
        flags: LogonFlags::empty(),
        services: ServiceSet::EMPTY,
        disabled: ServiceSet::EMPTY,
        running: ProviderSet::EMPTY,
        deferred: ProviderSet::EMPTY,
        promised: ProviderSet::EMPTY,
    };
}

/// The run-state of a provider in a session, as outcomes name it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RunState {
    /// Neither tried with success nor put off.
    NotStarted,
    /// Logged on, its service enabled.
    LoggedOn,
    /// It answered `MAPI_E_FAILONEPROVIDER`.
    Deferred,
    /// Logged on when its service was disabled.
    Quarantined,
}

impl RunState {
    /// As outcomes write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotStarted => "not-started",
            Self::LoggedOn => "logged-on",
            Self::Deferred => "deferred",
            Self::Quarantined => "quarantined",
        }
    }
}

impl Session {
    /// The profile in use.
    #[must_use]
    pub const fn profile(&self) -> Option<ProfileId> {
        self.profile
    }
    /// The flags of the logon that established it.
    #[must_use]
    pub const fn flags(&self) -> LogonFlags {
        self.flags
    }
    /// Its services.
    #[must_use]
    pub const fn services(&self) -> ServiceSet {
        self.services
    }
    /// Services out of use.
    #[must_use]
    pub const fn disabled(&self) -> ServiceSet {
        self.disabled
    }
    /// Providers that carry a logon, quarantined ones included.
    #[must_use]
    pub const fn running(&self) -> ProviderSet {
        self.running
    }
    /// Providers that answered `MAPI_E_FAILONEPROVIDER`.
    #[must_use]
    pub const fn deferred(&self) -> ProviderSet {
        self.deferred
    }
    /// Providers that reported success early.
    #[must_use]
    pub const fn promised(&self) -> ProviderSet {
        self.promised
    }
    /// The run-state of a provider of `service`.
    #[must_use]
    pub const fn run_state(&self, provider: ProviderId, service: ServiceId) -> RunState {
        match (self.running.contains(provider), self.disabled.contains(service)) {
            (true, false) => RunState::LoggedOn,
            (true, true) => RunState::Quarantined,
            (false, _) if self.deferred.contains(provider) => RunState::Deferred,
            (false, _) => RunState::NotStarted,
        }
    }
}
