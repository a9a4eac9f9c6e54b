//! Hooks for wrong variants of the machine: its guards, by name, and its inputs.
//!
//! The machine is compiled twice: [`Faithful`] returns every input unchanged, so that the right
//! machine pays nothing for its mutants.

use crate::mapi::{Code, LogonFlags};
use crate::protocol::{Call, Effect, Place, Taken, Transition};
use crate::scenario::Permissions;

macro_rules! guards {
    ($($guard:ident $at:literal $text:literal)*) => {
        /// A condition on which the machine decides, by name.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Guard { $(#[doc = concat!($text, " (", $at, ")")] $guard,)* }

        impl Guard {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$guard),*];

            /// The transitions or clauses it decides between.
            #[must_use]
            pub const fn decides(self) -> &'static str {
                match self { $(Self::$guard => $at,)* }
            }
            /// The condition in words.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$guard => $text,)* }
            }
        }
    };
}

guards! {
    Initialized "T-2, INI-1" "the client has initialised MAPI, or that is implied"
    SessionFree "SCENARIO, Calls" "no other client is inside a call on the session"
    ParametersValid "T-4, T-5" "name, password and flags are valid"
    MutexFree "T-6, T-7, T-8" "no other logon holds the mutex"
    ShortTimeout "T-7, MTX-4" "the call has MAPI_TIMEOUT_SHORT"
    WantsNewSession "T-9, T-10" "the call has MAPI_NEW_SESSION"
    SessionsLeft "T-10, T-10a" "another session may be opened"
    NameGiven "T-11" "a profile name is given"
    DefaultWanted "T-12, T-13" "the call has MAPI_USE_DEFAULT"
    ProfileDialogAllowed "T-13, T-14" "the profile dialog may appear"
    ProfileUsable "T-17, T-18" "the profile exists, is not marked and not damaged"
    CredentialsNeeded "T-19, T-20, T-21" "the credentials of the profile do not validate"
    PasswordDialogAllowed "T-20, T-21" "the password dialog may appear"
    ForcedRound "T-25, FLG-12" "a forced configuration round is asked for"
    Configured "T-28, T-29, T-30" "the configuration of the service is complete in the profile"
    MoreToConfigure "T-27, SES-6" "a service after the first is still to be configured"
    ConfigurationDialogAllowed "T-29, T-45, T-50" "configuration and failure dialogs may appear"
    ServiceDisabled "T-35, T-36" "the service of the next provider is disabled"
    AddressBooksFirst "PRV-2" "address books start before stores"
    VersionRefused "T-39, PRV-14" "MAPI refuses a provider that is too old"
    PlaceLeft "LIM-5, PRV-56" "the provider has a place left"
    DataComplete "PRV-25, PRV-26" "the provider's own data is complete"
    PasswordRight "PRV-28, PRV-30" "the provider's password is stored and right"
    PutOff "T-41, PRV-52" "the provider is put off, and no try has failed"
    Correctable "FLT-10" "the user's Correct can repair the fault"
    Final "T-43, T-44, RTY-13" "no further try is left to the unit"
    ObjectReleased "RES-8, T-72" "an object without a logon ends with its task"
    Critical "T-54, T-55" "the service is critical"
    Shareable "T-77, SHR-6" "the session can be shared"
    LastAttachment "T-78, T-79" "no other attachment to the session remains"
}

/// How the machine reads its guards, calls and flags.
pub(crate) trait Variant {
    /// Is it the machine as it should be?
    const FAITHFUL: bool;
    /// Whether a condition holds for this machine.
    fn guard(&self, guard: Guard, holds: bool) -> bool;
    /// The call as this machine reads it.
    fn call(&self, call: Call) -> Call;
    /// The flags of a logon as this machine reads them.
    fn flags(&self, flags: LogonFlags) -> LogonFlags;
    /// What flags permit in this machine.
    fn permits(&self, flags: LogonFlags, right: Permissions) -> Permissions;
    /// Whether an effect is shown after these transitions, at this place.
    fn shows(&self, _taken: &[Taken], _at: Place, _effect: &Effect) -> bool {
        true
    }
    /// Where this machine goes after a transition instead.
    fn sends(&self, _transition: Transition) -> Option<Place> {
        None
    }
    /// The code of a transition in this machine.
    fn code(&self, _transition: Transition, code: Code) -> Code {
        code
    }
    /// Something wrong was done.
    fn applies(&self) {}
}

/// The machine as it should be.
pub(crate) struct Faithful;

impl Variant for Faithful {
    const FAITHFUL: bool = true;

    #[inline]
    fn guard(&self, _: Guard, holds: bool) -> bool {
        holds
    }
    #[inline]
    fn call(&self, call: Call) -> Call {
        call
    }
    #[inline]
    fn flags(&self, flags: LogonFlags) -> LogonFlags {
        flags
    }
    #[inline]
    fn permits(&self, _: LogonFlags, right: Permissions) -> Permissions {
        right
    }
}
