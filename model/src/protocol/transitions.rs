//! The table of transitions: SPEC 7.2 and 7.3, row by row.

/// One transition taken, from where to where.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Taken {
    /// Which.
    pub transition: Transition,
    /// The call or session state before.
    pub from: Place,
    /// The call or session state after.
    pub to: Place,
}

/// What takes time in a transition, by the keys of `[timing]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Work {
    /// Nothing.
    None,
    /// `profile_load`.
    ProfileLoad,
    /// `configure`.
    Configure,
    /// `provider_load`.
    ProviderLoad,
    /// `provider_logon`, or `server_timeout` where the server does not answer.
    ProviderLogon,
}

macro_rules! places {
    ($($place:ident: $needs:literal)*) => {
        /// A state of SPEC 7.1: of a call (Q) or of an attachment (W).
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum Place { $(#[doc = concat!("`", stringify!($place), "`")] $place,)* }

        impl Place {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$place),*];

            /// The id in SPEC.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$place => stringify!($place),)* }
            }
            /// What a run needs to come there, to be read after "needs".
            #[must_use]
            pub const fn needs(self) -> &'static str {
                match self { $(Self::$place => $needs,)* }
            }
        }
    };
}

macro_rules! transitions {
    ($(
        $variant:ident $id:literal [$($from:ident)*] => [$($to:ident)*] $work:ident, $needs:literal
    )*) => {
        /// A transition of SPEC 7.2 or 7.3.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum Transition { $(#[doc = concat!("`", $id, "`")] $variant,)* }

        impl Transition {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The id in SPEC.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }
            /// The states it leaves.
            #[must_use]
            pub const fn from(self) -> &'static [Place] {
                match self { $(Self::$variant => &[$(Place::$from),*],)* }
            }
            /// The states it leads to, that of the documented reading first.
            #[must_use]
            pub const fn to(self) -> &'static [Place] {
                match self { $(Self::$variant => &[$(Place::$to),*],)* }
            }
            /// What takes time in it.
            #[must_use]
            pub const fn work(self) -> Work {
                match self { $(Self::$variant => Work::$work,)* }
            }
            /// What a run needs to take it, to be read after "needs".
            #[must_use]
            pub const fn needs(self) -> &'static str {
                match self { $(Self::$variant => $needs,)* }
            }
        }
    };
}

places! {
    Q0: "a call of any client"
    Q1: "a call of any client"
    Q2: "a MAPILogonEx call without a parameter error"
    Q3: "a logon that waits for the mutex"
    Q4: "a logon that waits for the mutex"
    Q5: "a logon that establishes a session"
    Q6: "MAPI_LOGON_UI without a name, and a user who answers so"
    Q7: "a profile name, given, by default or picked"
    Q8: "a profile that can be opened"
    Q9: "a profile with a password, MAPI_PASSWORD_UI, and a user who answers so"
    Q10: "MAPI_SERVICE_UI_ALWAYS, and a service with an entry point"
    Q11: "a service whose configuration is complete"
    Q12: "a service with missing data, configuration UI, and a user who answers so"
    Q13: "a provider that is started in a logon or a session call"
    Q14: "a provider that is started in a logon or a session call"
    Q15: "a provider whose logon method fails"
    Q16: "MAPI_E_UNCONFIGURED of a provider whose service has an entry point"
    Q17: "a provider that fails twice"
    Q18: "a profile that can be opened"
    Q19: "a logon that establishes a session"
    Q20: "a logon that establishes a session"
    Q21: "a logon that fails after it has taken the mutex"
    Q22: "a logon that fails"
    W0: "a logon that establishes a session"
    W1: "a transport, GetStatusTable, and no MAPI_NO_MAIL"
    W2: "Logoff with MAPI_LOGOFF_UI, and a user who answers so"
    W3: "Logoff of the last member of a session"
    W4: "Logoff"
}

transitions! {
    T1 "T-1" [Q0] => [Q1] None, "a call of any client"
    T2 "T-2" [Q0] => [Q22] None,
        "a client that lists MAPIInitialize or MAPIUninitialize and calls outside both"
    T3 "T-3" [Q1] => [Q2] None, "a MAPILogonEx call without a parameter error"
    T4 "T-4" [Q2] => [Q22] None,
        "a parameter error: a name over 64 characters, a password, both UI flags"
    T5 "T-5" [Q2] => [Q3] None, "a MAPILogonEx call without a parameter error"
    T6 "T-6" [Q3] => [Q4] None, "a logon that waits for the mutex"
    T7 "T-7" [Q3] => [Q22] None, "MAPI_TIMEOUT_SHORT, and another client that logs on"
    T8 "T-8" [Q3] => [Q3] None, "a step for waiting, which is the absence of steps"
    T9 "T-9" [Q4 Q7 Q19] => [Q20] None,
        "MAPI_ALLOW_OTHERS, and a later logon without MAPI_NEW_SESSION"
    T10a "T-10a" [Q4] => [Q21] None, "`max_sessions` that are open, or SHARED_CLASH = \"refuse\""
    T10 "T-10" [Q4] => [Q5] None, "a logon that establishes a session"
    T11 "T-11" [Q5] => [Q7] None, "a client with a profile name"
    T12 "T-12" [Q5] => [Q7] None, "MAPI_USE_DEFAULT without a name, and a default profile"
    T13 "T-13" [Q5 Q7] => [Q6] None, "MAPI_LOGON_UI without a name, and a user who answers so"
    T14 "T-14" [Q5] => [Q21] None, "a logon without a name and without MAPI_LOGON_UI"
    T15 "T-15" [Q6] => [Q7] None, "MAPI_LOGON_UI without a name, and a user who answers so"
    T16 "T-16" [Q6] => [Q21] None, "MAPI_LOGON_UI without a name, and a user who answers so"
    T17 "T-17" [Q7] => [Q8] ProfileLoad, "a profile that can be opened"
    T18 "T-18" [Q7] => [Q21] ProfileLoad, "a profile that is missing, damaged or deleted"
    T19 "T-19" [Q8] => [Q18] None, "a profile that can be opened"
    T20 "T-20" [Q8] => [Q21] None, "a profile with a password, and no MAPI_PASSWORD_UI"
    T21 "T-21" [Q8] => [Q9] None,
        "a profile with a password, MAPI_PASSWORD_UI, and a user who answers so"
    T22 "T-22" [Q9] => [Q18] None,
        "a profile with a password, MAPI_PASSWORD_UI, and a user who answers so"
    T23 "T-23" [Q9] => [Q21] None,
        "a profile with a password, MAPI_PASSWORD_UI, and a user who answers so"
    T24 "T-24" [Q9] => [Q21] None,
        "a profile with a password, MAPI_PASSWORD_UI, and a user who answers so"
    T25 "T-25" [Q18] => [Q10] None, "MAPI_SERVICE_UI_ALWAYS, and a service with an entry point"
    T26 "T-26" [Q10] => [Q18] None, "MAPI_SERVICE_UI_ALWAYS, and a service with an entry point"
    T27 "T-27" [Q18] => [Q11] None, "a service whose configuration is complete"
    T28 "T-28" [Q11] => [Q18] Configure, "a service whose configuration is complete"
    T29 "T-29" [Q11] => [Q12] Configure,
        "a service with missing data, configuration UI, and a user who answers so"
    T30 "T-30" [Q11] => [Q15 Q17 Q18 Q21] Configure,
        "a service with missing data, and no configuration UI"
    T31 "T-31" [Q11] => [Q17 Q18 Q21] Configure,
        "a service with missing data, and no configuration UI"
    T32 "T-32" [Q12] => [Q18] None,
        "a service with missing data, configuration UI, and a user who answers so"
    T33 "T-33" [Q12] => [Q15 Q17 Q18 Q21] None,
        "a service with missing data, configuration UI, and a user who answers so"
    T34 "T-34" [Q12] => [Q17 Q18 Q21] None,
        "a service with missing data, configuration UI, and a user who answers so"
    T35 "T-35" [Q18] => [Q13] None, "a provider that is started in a logon or a session call"
    T36 "T-36" [Q18] => [Q18] None,
        "a service that is disabled before the turn of its next provider"
    T37 "T-37" [Q13] => [Q14] ProviderLoad,
        "a provider that is started in a logon or a session call"
    T38 "T-38" [Q13] => [Q13] ProviderLoad,
        "the fault invalid-path, which strikes a provider before it is loaded"
    T39 "T-39" [Q13] => [Q13] ProviderLoad,
        "the fault incompatible-version, which strikes a provider before it is loaded"
    T40 "T-40" [Q14] => [Q18] ProviderLogon,
        "a provider that is started in a logon or a session call"
    T41 "T-41" [Q14] => [Q18] ProviderLogon,
        "a provider whose password is missing, and no configuration UI"
    T42 "T-42" [Q14] => [Q14] ProviderLogon, "a provider whose logon method fails"
    T43 "T-43" [Q13 Q14] => [Q15 Q17 Q18 Q21] None, "a provider whose logon method fails"
    T44 "T-44" [Q13 Q14] => [Q17 Q15 Q18 Q21] None, "a provider that fails twice"
    T45 "T-45" [Q15] => [Q15] None, "a failure of which configuration UI lets the user be informed"
    T46 "T-46" [Q15] => [Q11] None, "a failed configuration, UI, and the answer retry or correct"
    T47 "T-47" [Q15] => [Q16] None,
        "MAPI_E_UNCONFIGURED of a provider, UI, and the answer retry or correct"
    T48 "T-48" [Q15] => [Q13 Q14] None,
        "another failure of a provider, UI, and the answer retry or correct"
    T49 "T-49" [Q15] => [Q17 Q18 Q21] None, "a failure, UI, and the answer decline"
    T50 "T-50" [Q15] => [Q13 Q11 Q14 Q16] None, "a failure without configuration UI"
    T51 "T-51" [Q16] => [Q16] None,
        "MAPI_E_UNCONFIGURED of a provider whose service has an entry point"
    T52 "T-52" [Q16] => [Q14] None, "MAPI_E_UNCONFIGURED of a provider"
    T53 "T-53" [Q16] => [Q17 Q15 Q18 Q21] None,
        "an entry point dialog that is cancelled, or ENTRY_ERROR = \"fail\""
    T54 "T-54" [Q17] => [Q18] None, "a service that is lost and not critical"
    T55 "T-55" [Q17] => [Q21] None, "a critical service that is lost"
    T56 "T-56" [Q18] => [Q19] None, "a logon that establishes a session"
    T57 "T-57" [Q19] => [Q19] None, "a logon without MAPI_NO_MAIL"
    T58 "T-58" [Q19] => [Q19] None, "a logon with MAPI_NO_MAIL"
    T59 "T-59" [Q19] => [Q20] None, "a logon that establishes a session"
    T60 "T-60" [Q21] => [Q22] None, "a logon that fails after it has taken the mutex"
    T61 "T-61" [Q20] => [W0] None, "a logon that establishes a session"
    T70 "T-70" [W0] => [W1] None, "a transport, GetStatusTable, and no MAPI_NO_MAIL"
    T71 "T-71" [W1] => [W0] None, "a transport, GetStatusTable, and no MAPI_NO_MAIL"
    T72 "T-72" [W0] => [W0] None,
        "OpenMsgStore or OpenAddressBook on a provider that is not logged on"
    T73 "T-73" [W0] => [W0] None, "a call that concerns a disabled service"
    T74 "T-74" [W0] => [W0] None, "RemoveService of a service of the session's profile"
    T75 "T-75" [W0] => [W2] None, "Logoff with MAPI_LOGOFF_UI, and a user who answers so"
    T76 "T-76" [W2] => [W0] None, "Logoff with MAPI_LOGOFF_UI, and a user who answers so"
    T77 "T-77" [W0 W2] => [W0] None, "Logoff with MAPI_LOGOFF_SHARED on a shared session"
    T78 "T-78" [W0 W2] => [W4] None, "Logoff from a session that has another member"
    T79 "T-79" [W0 W2] => [W3] None, "Logoff of the last member of a session"
    T80 "T-80" [W3] => [W3] None, "Logoff of the last member of a session"
    T81 "T-81" [W3] => [W4] None, "Logoff of the last member of a session"
    T82 "T-82" [W4] => [W4] None, "a call on a session after the client's last Logoff"
    T83 "T-83" [W0] => [W3 W4] None, "Release without Logoff"
    T84 "T-84" [W4] => [Q0] None, "MAPIUninitialize that balances the client's MAPIInitialize"
}

impl Transition {
    /// The one with this id.
    #[must_use]
    pub fn named(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.id() == id)
    }
}
