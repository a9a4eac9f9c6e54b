//! Readings of the documentation: every ambiguity with a switch, as data.

mod elsewhere;
mod error;
mod preset;

pub use elsewhere::{ELSEWHERE, Elsewhere, elsewhere};
pub use error::PolicyError;
pub use preset::{PRESETS, Preset};

macro_rules! switches {
    ($($field:ident: $type:ident = $name:literal, $amb:literal, $effect:literal {
        $(#[doc = $means:literal])+ $default:ident = $first:literal,
        $($(#[doc = $about:literal])+ $variant:ident = $value:literal,)*
    })*) => {
        $(
            #[doc = concat!("Readings of `", $name, "` (", $amb, ").")]
            #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
            pub enum $type {
                $(#[doc = $means])+ #[default] $default,
                $($(#[doc = $about])+ $variant,)*
            }
        )*

        /// One reading for every switch; the default is the documented one.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
        pub struct Policy {
            $(#[doc = concat!("`", $name, "` (", $amb, ").")] pub $field: $type,)*
        }

        /// Every switch, in the order of the ambiguity register.
        pub const SWITCHES: &[Switch] = &[
            $(Switch {
                name: $name,
                ambiguity: $amb,
                effect: $effect,
                values: &[$first, $($value),*],
                meanings: &[concat!($($means),+), $(concat!($($about),+)),*],
            },)*
        ];

        impl Policy {
            /// Sets the switch called `name` to `value`.
            ///
            /// # Errors
            /// [`PolicyError`] where there is no such switch or no such value.
            pub fn set(&mut self, name: &str, value: &str) -> Result<(), PolicyError> {
                match name {
                    $($name => {
                        self.$field = match value {
                            $first => $type::$default,
                            $($value => $type::$variant,)*
                            _ => {
                                let values = &[$first, $($value),*];
                                return Err(PolicyError::value(name, value, values));
                            }
                        };
                        Ok(())
                    })*
                    _ => Err(PolicyError::UnknownSwitch {
                        name: name.to_owned(),
                        hint: elsewhere::unknown_switch(name),
                    }),
                }
            }
            /// Every switch with its value, in the order of [`SWITCHES`].
            pub fn settings(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
                [$(($name, match self.$field {
                    $type::$default => $first,
                    $($type::$variant => $value,)*
                })),*].into_iter()
            }
        }
    };
}

/// A switch as `mapi-logon list policies` shows it.
#[derive(Clone, Copy, Debug)]
pub struct Switch {
    /// The name in `[policy]` and `--set`.
    pub name: &'static str,
    /// The entry of the ambiguity register, or what else it comes from.
    pub ambiguity: &'static str,
    /// What the switch decides.
    pub effect: &'static str,
    /// Admissible values, the default first.
    pub values: &'static [&'static str],
    /// What each of them means, in Markdown that begins with a space.
    pub meanings: &'static [&'static str],
}

impl Switch {
    /// The switch called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        SWITCHES.iter().find(|switch| switch.name == name)
    }

    /// What a value is if it is no reading of the sources; nothing for the readings.
    #[must_use]
    pub fn no_reading(&self, value: &str) -> Option<&'static str> {
        match (self.name, self.ambiguity) {
            _ if self.values.first() == Some(&value) => None,
            ("TRIES", _) => Some("not a reading of the sources: for experiments"),
            (_, "real systems") => Some("not a reading of the sources: what some real systems do"),
            _ => None,
        }
    }
}

impl Tries {
    /// The number.
    #[must_use]
    pub const fn count(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
            Self::Four => 4,
        }
    }
}

switches! {
    retry_unit: RetryUnit = "RETRY_UNIT", "AMB-1",
        "what has the further tries: a step, a service in one call, or a call" {
        /// Each step.
        Step = "step",
        /// All steps of one service within one call together.
        Service = "service",
        /// All steps of one call together.
        Logon = "logon",
    }
    tries: Tries = "TRIES", "AMB-1", "how often a step can be tried" {
        /// Twice, as documented.
        Two = "2",
        /// Once: every failure is final.
        One = "1",
        /// Three times.
        Three = "3",
        /// Four times.
        Four = "4",
    }
    retry_codes: RetryCodes = "RETRY_CODES", "AMB-2", "which first failures earn a second try" {
        /// Every failure but `MAPI_E_FAILONEPROVIDER`.
        All = "all",
        /// Only `MAPI_E_UNCONFIGURED`.
        UnconfiguredOnly = "unconfigured_only",
    }
    noui_second_try: NoUiSecondTry = "NOUI_SECOND_TRY", "AMB-3",
        "whether the second try takes place silently without UI" {
        /// It does.
        Yes = "yes",
        /// The first failure disables.
        No = "no",
    }
    unconfigured_twice: UnconfiguredTwice = "UNCONFIGURED_TWICE", "AMB-4",
        "what a second MAPI_E_UNCONFIGURED of a provider does" {
        /// Disables the service.
        Disable = "disable",
        /// Leaves the provider not started.
        Keep = "keep",
    }
    cancel_effect: CancelEffect = "CANCEL_EFFECT", "AMB-6",
        "what a cancel in a service or provider dialog does" {
        /// Counts as a failed try.
        FailedTry = "failed_try",
        /// Ends the logon.
        AbortLogon = "abort_logon",
        /// Disables the service at once.
        Disable = "disable",
    }
    decline_effect: DeclineEffect = "DECLINE_EFFECT", "AMB-7",
        "what declining the offer of a second try does" {
        /// Counts as an unsuccessful second try.
        Disable = "disable",
        /// Ends the logon.
        AbortLogon = "abort_logon",
    }
    missing_cfg_noui: MissingCfgNoUi = "MISSING_CFG_NOUI", "AMB-8",
        "what missing service configuration without UI does" {
        /// Only the service suffers.
        DisableService = "disable_service",
        /// The logon fails.
        FailLogon = "fail_logon",
    }
    all_disabled: AllDisabled = "ALL_DISABLED", "AMB-10",
        "how a logon ends that lost every service" {
        /// With S_OK.
        Ok = "ok",
        /// With `MAPI_E_LOGON_FAILED`.
        Fail = "fail",
    }
    limit_effect: LimitEffect = "LIMIT_EFFECT", "AMB-11",
        "what a second MAPI_E_SESSION_LIMIT of a provider does" {
        /// Disables the service.
        Disable = "disable",
        /// Ends the logon with that code.
        Propagate = "propagate",
        /// Ends the logon with `MAPI_E_LOGON_FAILED`.
        LogonFailed = "logon_failed",
    }
    start: Start = "START", "AMB-13", "when address book and store providers start" {
        /// Inside `MAPILogonEx`.
        Eager = "eager",
        /// At `OpenAddressBook` and `OpenMsgStore`.
        OnOpen = "on_open",
    }
    xp_start: XpStart = "XP_START", "AMB-15", "when transports start" {
        /// When they are first needed.
        OnNeed = "on_need",
        /// Inside the logon, before the stores.
        AfterLogon = "after_logon",
    }
    new_and_allow: NewAndAllow = "NEW_AND_ALLOW", "AMB-16",
        "what MAPI_NEW_SESSION with MAPI_ALLOW_OTHERS makes" {
        /// A shareable session.
        Shareable = "shareable",
        /// An individual session.
        Individual = "individual",
    }
    shared_clash: SharedClash = "SHARED_CLASH", "AMB-17",
        "which of two shareable sessions is current" {
        /// The newest.
        Newest = "newest",
        /// The oldest.
        Oldest = "oldest",
        /// The second is refused.
        Refuse = "refuse",
    }
    shared_end: SharedEnd = "SHARED_END", "AMB-18", "whose logoff ends a shared session" {
        /// The last member's.
        Last = "last",
        /// The creator's.
        Creator = "creator",
    }
    logoff_shared: LogoffShared = "LOGOFF_SHARED", "AMB-19",
        "what MAPI_LOGOFF_SHARED does to the other members" {
        /// They are notified.
        Notify = "notify",
        /// They are logged off.
        Force = "force",
    }
    svc_ui_alone: SvcUiAlone = "SVC_UI_ALONE", "AMB-22",
        "whether MAPI_SERVICE_UI_ALWAYS alone allows configuration dialogs" {
        /// Configuration dialogs only.
        CfgOnly = "cfg_only",
        /// No dialogs.
        None = "none",
    }
    name_vs_default: NameVsDefault = "NAME_VS_DEFAULT", "AMB-24",
        "a name together with MAPI_USE_DEFAULT" {
        /// The name wins.
        Name = "name",
        /// The default wins.
        Default = "default",
    }
    no_default: NoDefault = "NO_DEFAULT", "AMB-26", "MAPI_USE_DEFAULT where no default is defined" {
        /// As if the flag were clear.
        Continue = "continue",
        /// The logon fails.
        Fail = "fail",
    }
    bad_name_ui: BadNameUi = "BAD_NAME_UI", "AMB-27",
        "a name that names no usable profile, with UI" {
        /// The logon fails.
        Fail = "fail",
        /// The profile dialog opens.
        Reprompt = "reprompt",
    }
    param_error: ParamError = "PARAM_ERROR", "AMB-28", "the code of a parameter error" {
        /// `MAPI_E_LOGON_FAILED`.
        LogonFailed = "logon_failed",
        /// The code that names the parameter.
        Specific = "specific",
    }
    timeout_mode: TimeoutMode = "TIMEOUT_MODE", "AMB-31",
        "how long MAPI_TIMEOUT_SHORT waits for a held mutex" {
        /// A short while.
        Bounded = "bounded",
        /// Not at all.
        TryLock = "try_lock",
    }
    entry_error: EntryError = "ENTRY_ERROR", "AMB-34", "an entry point that ends unconfigured" {
        /// The provider logon is retried.
        Retry = "retry",
        /// It is the failed second try.
        Fail = "fail",
    }
    siblings: Siblings = "SIBLINGS", "AMB-36", "running siblings of a disabled service" {
        /// Are quarantined until logoff.
        Quarantine = "quarantine",
        /// Are logged off at once.
        LogoffNow = "logoff_now",
    }
    status_rows: StatusRows = "STATUS_ROWS", "AMB-38", "which providers have a status row" {
        /// Those logged on.
        LoggedOn = "logged_on",
        /// All of the profile.
        All = "all",
    }
    service_no_mail: ServiceNoMail = "SERVICE_NO_MAIL", "AMB-43",
        "a Windows service without MAPI_NO_MAIL" {
        /// Is advised against.
        Lint = "lint",
        /// Has it set by MAPI.
        Force = "force",
        /// Makes a parameter error.
        Error = "error",
    }
    deferred: Deferred = "DEFERRED", "AMB-47",
        "whether a provider may postpone a failure past the logon" {
        /// It may not.
        Off = "off",
        /// It may; the first use starts the cycle.
        On = "on",
    }
    logoff_order: LogoffOrder = "LOGOFF_ORDER", "AMB-49", "the order of provider kinds at logoff" {
        /// Transports, address books, stores.
        XpAbMs = "xp_ab_ms",
        /// Profile order.
        Profile = "profile",
    }
    shared_sessions: SharedSessions = "SHARED_SESSIONS", "real systems",
        "which sessions are shared" {
        /// MAPI_ALLOW_OTHERS makes a session that others join.
        On = "on",
        /// Every session is individual and nothing is ever joined.
        Off = "off",
        /// A logon joins the session that is open on its profile, whatever the flags of both.
        ByProfile = "by_profile",
    }
    default_profile: DefaultProfile = "DEFAULT_PROFILE", "real systems",
        "whether there is a default profile" {
        /// `MAPI_USE_DEFAULT` asks for it.
        On = "on",
        /// `MAPI_USE_DEFAULT` has no effect.
        Off = "off",
    }
    entry_point_retry: EntryPointRetry = "ENTRY_POINT_RETRY", "real systems",
        "whether MAPI_E_UNCONFIGURED earns a second try, after the entry point was called again" {
        /// It does.
        On = "on",
        /// The first such failure is final.
        Off = "off",
    }
    disable: Disable = "DISABLE", "real systems",
        "what becomes of a service whose step failed for good" {
        /// It is disabled until the session ends.
        On = "on",
        /// It stays enabled: a logon ends with the code, any other call goes on.
        Off = "off",
    }
    dialogs: Dialogs = "DIALOGS", "real systems", "whether there are dialogs at all" {
        /// Where the flags allow them.
        On = "on",
        /// Never, whatever the flags.
        Off = "off",
    }
    mutex: Mutex = "MUTEX", "real systems", "whether logons wait for one another" {
        /// One at a time.
        On = "on",
        /// They run side by side, and none times out.
        Off = "off",
    }
    parameter_checks: ParameterChecks = "PARAMETER_CHECKS", "real systems",
        "whether name length, password and flags are checked" {
        /// They are.
        On = "on",
        /// They are not, and the password is ignored.
        Off = "off",
    }
    logoff: Logoff = "LOGOFF", "real systems", "whether Logoff ends anything" {
        /// The attachment, and with the last one the session.
        On = "on",
        /// Nothing: it answers S_OK, and only the last Release ends the attachment.
        Off = "off",
    }
    reuse_open_store: ReuseOpenStore = "REUSE_OPEN_STORE", "real systems",
        "whether opening what is open reuses its provider" {
        /// No provider is called.
        On = "on",
        /// The provider is logged off and started anew.
        Off = "off",
    }
    failure_codes: FailureCodes = "FAILURE_CODES", "real systems",
        "the codes of a bad profile name, and what of a provider counts as failure" {
        /// `MAPI_E_LOGON_FAILED` for the name; an empty name is none; warnings are successes.
        Documented = "documented",
        /// `MAPI_E_INVALID_PARAMETER` for NULL, at once; `MAPI_E_NOT_FOUND` for any other name that
        /// cannot be used, the empty one included; a provider succeeds with S_OK alone.
        Mapi4linux = "mapi4linux",
        /// `MAPI_E_NOT_FOUND` for the name of a profile that cannot be used; an empty name is none;
        /// warnings are successes.
        Openchange = "openchange",
    }
}
