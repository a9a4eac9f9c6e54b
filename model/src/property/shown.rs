//! What a step can show: one bit for each thing that some property waits for.

use crate::protocol::{Effect, ProviderCall};

macro_rules! bits {
    ($($(#[$doc:meta])* $name:ident)*) => { bits!(0; $($(#[$doc])* $name)*); };
    ($at:expr; $(#[$doc:meta])* $name:ident $($rest:tt)*) => {
        $(#[$doc])*
        pub(super) const $name: u64 = 1 << $at;
        bits!($at + 1; $($rest)*);
    };
    ($at:expr;) => {};
}

bits! {
    /// Every step.
    EVERY
    INITIALIZED
    /// The client makes a call.
    CALLED
    /// A client's initialisation count changes.
    COUNTED
    MUTEX_TAKEN
    MUTEX_RELEASED
    JOINED
    ESTABLISHING
    RESOLVED
    PROFILE_OPENED
    DISPLAYED
    SOUGHT
    REPAIRED
    LIBRARY
    /// A provider is loaded, initialised or logged on.
    PROVIDER_CALLED
    /// The logon method of a provider has answered.
    LOGON_METHOD
    /// It has succeeded.
    LOGGED_ON
    /// It has answered `MAPI_W_ERRORS_RETURNED`.
    WARNED
    /// A provider has answered `MAPI_E_FAILONEPROVIDER`.
    SKIPPED
    /// A provider has answered `MAPI_E_SESSION_LIMIT`.
    LIMIT
    /// A provider is logged off, shut down or released.
    PROVIDER_STOPPED
    ENTRY_POINT
    FAILED
    SESSION_OPENED
    SESSION_CLOSED
    PROFILE_MARKED
    PROFILE_REMOVED
    NOTIFIED
    STATUS_ROW
    RETURNED
    LOGON_OK
    LOGON_FAILED
    /// A service is out of use that was not before.
    LOST
    /// The call leaves Q4.
    CHOSEN
    /// A task is tried a third time, or again after its end.
    THIRD_TRY
    SECOND_FAILURE
    /// A first failure is made good.
    SECOND_SUCCESS
    /// A further try begins, or a try fails after another, and the user could have been told.
    FURTHER
    /// The user has not been told.
    UNINFORMED
    /// A second failure, or an offer is declined.
    FINAL
    /// A task with a failed try is left.
    LEFT_FAILED
    /// It is left without a further try, a declined offer, or a consequence.
    PASSED_OVER
    /// It is left after a second failure or a declined offer, without a consequence.
    UNSETTLED
    /// A logon leaves a task of a critical service without success.
    CRIPPLED
    /// An entry point is called that no first failure asks for.
    ENTRY_UNASKED
    /// A library is loaded or a logon method called twice in one try, a forced dialog is shown
    /// twice in one round, or a configuration prompt twice in one try: more than LIV-7 grants.
    OVER_BOUND
    /// A success counts as a failure.
    FAILED_SUCCESS
    /// Attachments change.
    ATTACHED
    /// The current session changes.
    CURRENT
    /// A session begins to use a profile, or ceases to, or its services change.
    PROFILES
    /// The disabled services of a session change.
    DISABLED
    /// What runs in a session changes.
    RUNNING
    /// A transport is called.
    TRANSPORT
    /// The call waits for the mutex.
    WAITS
    /// What profiles hold changes.
    STORE
    /// It is a step of a `MAPILogonEx`.
    LOGON
    /// The call is over.
    ENDED
    /// It returns more than once.
    RETURNED_TWICE
    /// An effect says that what a profile holds has changed.
    NOTED
    /// A provider is registered, or no longer.
    REGISTERED
    /// A further try begins without the entry point that its failure asks for.
    ENTRY_PASSED
    /// A task is left while a try of it is under way.
    LEFT_OPEN
    /// The call waits for an answer, or is about to open a profile.
    ASKS
    SPOOLER
}

/// The bit of an effect that some property waits for.
#[expect(clippy::wildcard_enum_match_arm, reason = "no property waits for the others by name")]
pub(super) const fn bit_of(effect: &Effect) -> u64 {
    match effect {
        Effect::Initialized { .. } => INITIALIZED,
        Effect::Called { .. } => CALLED,
        Effect::MutexTaken { .. } => MUTEX_TAKEN,
        Effect::MutexReleased { .. } => MUTEX_RELEASED,
        Effect::Joined { .. } => JOINED,
        Effect::Establishing { .. } => ESTABLISHING,
        Effect::Resolved { .. } => RESOLVED,
        Effect::ProfileOpened { .. } => PROFILE_OPENED,
        Effect::Displayed { .. } => DISPLAYED,
        Effect::Sought { .. } => SOUGHT,
        Effect::Repaired { .. } | Effect::ServiceRepaired { .. } => REPAIRED,
        Effect::LibraryLoaded { .. } | Effect::LibraryFreed { .. } => LIBRARY,
        Effect::Provider { call, .. } => match call {
            ProviderCall::Load
            | ProviderCall::Init
            | ProviderCall::Logon
            | ProviderCall::AddressTypes
            | ProviderCall::Notify => PROVIDER_CALLED,
            ProviderCall::Logoff
            | ProviderCall::ReleaseLogon
            | ProviderCall::Shutdown
            | ProviderCall::Release => PROVIDER_STOPPED,
        },
        Effect::EntryPoint { .. } => ENTRY_POINT,
        Effect::Failed { .. } => FAILED,
        Effect::ServiceDisabled { .. } => LOST,
        Effect::SessionOpened { .. } => SESSION_OPENED,
        Effect::SessionClosed { .. } => SESSION_CLOSED,
        Effect::ProfileMarked { .. } => PROFILE_MARKED,
        Effect::ProfileRemoved { .. } => PROFILE_REMOVED,
        Effect::Notified { .. } => NOTIFIED,
        Effect::Returned { .. } => RETURNED,
        Effect::StatusRow { .. } => STATUS_ROW,
        Effect::Spooler { .. } => SPOOLER,
        Effect::ServiceConfigured { .. }
        | Effect::ProviderConfigured { .. }
        | Effect::PasswordStored { .. }
        | Effect::ServiceRemoved { .. } => NOTED,
        Effect::Registered { .. } => REGISTERED,
        _ => 0,
    }
}
