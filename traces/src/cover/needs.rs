//! What does it take for a transition to be taken? One clause for each, to be read after "takes".

use mapi_logon_model::model::Model;
use mapi_logon_model::policy::Mutex;
use mapi_logon_model::transition::{Place, Transition};

/// What a transition takes.
pub(super) const fn of(transition: Transition) -> &'static str {
    use Transition as T;
    match transition {
        T::T1 => "a call of any client",
        T::T2 => "a client that lists MAPIInitialize or MAPIUninitialize and calls outside both",
        T::T3 | T::T5 => "a MAPILogonEx call without a parameter error",
        T::T4 => "a parameter error: a name over 64 characters, a password, both UI flags",
        T::T6 => "a logon that waits for the mutex",
        T::T7 => "MAPI_TIMEOUT_SHORT, and another client that logs on",
        T::T8 => "a step for waiting, which is the absence of steps",
        T::T9 => "MAPI_ALLOW_OTHERS, and a later logon without MAPI_NEW_SESSION",
        T::T10 | T::T61 | T::T59 | T::T56 => "a logon that establishes a session",
        T::T10a => "`max_sessions` that are open, or SHARED_CLASH = \"refuse\"",
        T::T11 => "a client with a profile name",
        T::T12 => "MAPI_USE_DEFAULT without a name, and a default profile",
        T::T13 | T::T15 | T::T16 => "MAPI_LOGON_UI without a name, and a user who answers so",
        T::T14 => "a logon without a name and without MAPI_LOGON_UI",
        T::T17 | T::T19 => "a profile that can be opened",
        T::T18 => "a profile that is missing, damaged or deleted",
        T::T20 => "a profile with a password, and no MAPI_PASSWORD_UI",
        T::T21 | T::T22 | T::T23 | T::T24 => {
            "a profile with a password, MAPI_PASSWORD_UI, and a user who answers so"
        }
        T::T25 | T::T26 => "MAPI_SERVICE_UI_ALWAYS, and a service with an entry point",
        T::T27 | T::T28 => "a service whose configuration is complete",
        T::T29 | T::T32 | T::T33 | T::T34 => {
            "a service with missing data, configuration UI, and a user who answers so"
        }
        T::T30 | T::T31 => "a service with missing data, and no configuration UI",
        T::T35 | T::T37 | T::T40 => "a provider that is started in a logon or a session call",
        T::T36 => "a service that is disabled before the turn of its next provider",
        T::T38 => "the fault invalid-path, which strikes a provider before it is loaded",
        T::T39 => "the fault incompatible-version, which strikes a provider before it is loaded",
        T::T41 => "a provider whose password is missing, and no configuration UI",
        T::T42 | T::T43 => "a provider whose logon method fails",
        T::T44 => "a provider that fails twice",
        T::T45 => "a failure of which configuration UI lets the user be told",
        T::T46 => "a failed configuration, UI, and the answer retry or correct",
        T::T47 => "MAPI_E_UNCONFIGURED of a provider, UI, and the answer retry or correct",
        T::T48 => "another failure of a provider, UI, and the answer retry or correct",
        T::T49 => "a failure, UI, and the answer decline",
        T::T50 => "a failure without configuration UI",
        T::T51 => "MAPI_E_UNCONFIGURED of a provider whose service has an entry point",
        T::T52 => "MAPI_E_UNCONFIGURED of a provider",
        T::T53 => "an entry point dialog that is cancelled, or ENTRY_ERROR = \"fail\"",
        T::T54 => "a service that is lost and not critical",
        T::T55 => "a critical service that is lost",
        T::T57 => "a logon without MAPI_NO_MAIL",
        T::T58 => "a logon with MAPI_NO_MAIL",
        T::T60 => "a logon that fails after it has taken the mutex",
        T::T70 | T::T71 => "a transport, GetStatusTable, and no MAPI_NO_MAIL",
        T::T72 => "OpenMsgStore or OpenAddressBook on a provider that is not logged on",
        T::T73 => "a call that concerns a disabled service",
        T::T74 => "RemoveService of a service of the session's profile",
        T::T75 | T::T76 => "Logoff with MAPI_LOGOFF_UI, and a user who answers so",
        T::T77 => "Logoff with MAPI_LOGOFF_SHARED on a shared session",
        T::T78 => "Logoff from a session that has another member",
        T::T79 | T::T80 | T::T81 => "Logoff of the last member of a session",
        T::T82 => "a call on a session after the client's last Logoff",
        T::T83 => "Release without Logoff",
        T::T84 => "MAPIUninitialize that balances the client's MAPIInitialize",
    }
}

/// What it takes to come to a state of SPEC 7.1: what a transition to it takes.
pub(super) fn of_place(place: Place, model: &Model) -> &'static str {
    match place {
        Place::Q0 | Place::Q1 => of(Transition::T1),
        Place::Q2 => of(Transition::T3),
        Place::Q3 | Place::Q4 if model.scenario().policy.mutex == Mutex::Off => of(Transition::T3),
        Place::Q3 | Place::Q4 => of(Transition::T6),
        Place::Q5 => of(Transition::T10),
        Place::Q6 => of(Transition::T13),
        Place::Q7 => "a profile name, given, by default or picked",
        Place::Q8 => of(Transition::T17),
        Place::Q9 => of(Transition::T21),
        Place::Q10 => of(Transition::T25),
        Place::Q11 => of(Transition::T27),
        Place::Q12 => of(Transition::T29),
        Place::Q13 | Place::Q14 => of(Transition::T35),
        Place::Q15 => of(Transition::T43),
        Place::Q16 => of(Transition::T51),
        Place::Q17 => of(Transition::T44),
        Place::Q18 => of(Transition::T19),
        Place::Q19 | Place::Q20 | Place::W0 => of(Transition::T59),
        Place::Q21 => of(Transition::T60),
        Place::Q22 => "a logon that fails",
        Place::W1 => of(Transition::T70),
        Place::W2 => of(Transition::T75),
        Place::W3 => of(Transition::T79),
        Place::W4 => "Logoff",
    }
}
