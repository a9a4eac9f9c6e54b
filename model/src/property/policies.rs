//! Readings that make a property another property, and scenarios that cannot ask for it.

use crate::mapi::Code;
use crate::policy::{
    AllDisabled, CancelEffect, DeclineEffect, DefaultProfile, Dialogs, Disable, EntryPointRetry,
    FailureCodes, Logoff, LogoffShared, MissingCfgNoUi, Mutex, NameVsDefault, NoDefault,
    NoUiSecondTry, ParameterChecks, RetryCodes, RetryUnit, SharedClash, SharedEnd, SharedSessions,
    Siblings, Start, UnconfiguredTwice, XpStart,
};
use crate::protocol::Call;
use crate::scenario::{Permissions, Scenario};

/// Whether a property can be asked of a scenario.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Applies {
    /// It can.
    Yes,
    /// A reading in force makes it another property: the switch with its value.
    ChangedBy(&'static str),
    /// It cannot, and this is why.
    Never(&'static str),
}

/// Something that keeps a property from being asked of a scenario.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unless {
    holds: fn(&Scenario) -> bool,
    then: Applies,
}

impl Unless {
    pub(super) fn of(list: &[Self], scenario: &Scenario) -> Applies {
        let first = list.iter().find(|unless| (unless.holds)(scenario));
        first.map_or(Applies::Yes, |unless| unless.then)
    }
}

const fn changed(by: &'static str, holds: fn(&Scenario) -> bool) -> Unless {
    Unless { holds, then: Applies::ChangedBy(by) }
}

const fn never(reason: &'static str, holds: fn(&Scenario) -> bool) -> Unless {
    Unless { holds, then: Applies::Never(reason) }
}

macro_rules! readings {
    ($($name:ident: $field:ident = $type:ident::$variant:ident, $text:literal;)*) => {$(
        pub(super) const $name: Unless = changed($text, |s| s.policy.$field == $type::$variant);
    )*};
}

readings! {
    UNIT: retry_unit = RetryUnit::Service, "RETRY_UNIT = service (AMB-1)";
    CODES: retry_codes = RetryCodes::UnconfiguredOnly, "RETRY_CODES = unconfigured_only (AMB-2)";
    NO_UI: noui_second_try = NoUiSecondTry::No, "NOUI_SECOND_TRY = no (AMB-3)";
    KEEP: unconfigured_twice = UnconfiguredTwice::Keep, "UNCONFIGURED_TWICE = keep (AMB-4)";
    CANCEL_DISABLES: cancel_effect = CancelEffect::Disable, "CANCEL_EFFECT = disable (AMB-6)";
    CANCEL_ABORTS: cancel_effect = CancelEffect::AbortLogon, "CANCEL_EFFECT = abort_logon (AMB-6)";
    DECLINE: decline_effect = DeclineEffect::AbortLogon, "DECLINE_EFFECT = abort_logon (AMB-7)";
    MISSING: missing_cfg_noui = MissingCfgNoUi::FailLogon,
        "MISSING_CFG_NOUI = fail_logon (AMB-8)";
    EMPTY: all_disabled = AllDisabled::Fail, "ALL_DISABLED = fail (AMB-10)";
    ON_OPEN: start = Start::OnOpen, "START = on_open (AMB-13)";
    XP_EARLY: xp_start = XpStart::AfterLogon, "XP_START = after_logon (AMB-15)";
    CLASH: shared_clash = SharedClash::Refuse, "SHARED_CLASH = refuse (AMB-17)";
    CREATOR: shared_end = SharedEnd::Creator, "SHARED_END = creator (AMB-18)";
    FORCED_OUT: logoff_shared = LogoffShared::Force, "LOGOFF_SHARED = force (AMB-19)";
    DEFAULT_WINS: name_vs_default = NameVsDefault::Default, "NAME_VS_DEFAULT = default (AMB-24)";
    DEFAULT_FAILS: no_default = NoDefault::Fail, "NO_DEFAULT = fail (AMB-26)";
    SIBLINGS: siblings = Siblings::LogoffNow, "SIBLINGS = logoff_now (AMB-36)";
    UNSHARED: shared_sessions = SharedSessions::Off, "SHARED_SESSIONS = off";
    NO_DEFAULTS: default_profile = DefaultProfile::Off, "DEFAULT_PROFILE = off";
    CONF_FINAL: entry_point_retry = EntryPointRetry::Off, "ENTRY_POINT_RETRY = off";
    DISABLE: disable = Disable::Off, "DISABLE = off";
    DIALOGS: dialogs = Dialogs::Off, "DIALOGS = off";
    MUTEX: mutex = Mutex::Off, "MUTEX = off";
    UNCHECKED: parameter_checks = ParameterChecks::Off, "PARAMETER_CHECKS = off";
    LOGOFF: logoff = Logoff::Off, "LOGOFF = off";
    STRICT: failure_codes = FailureCodes::Mapi4linux, "FAILURE_CODES = mapi4linux";
}

pub(super) const MAX_SESSIONS: Unless =
    changed("max_sessions (AMB-12)", |s| s.max_sessions.is_some());
/// LIV-11: who never sees a dialog cannot help.
pub(super) const NOBODY_HELPS: Unless =
    never("no client allows configuration dialogs, so that no user can help", |s| {
        !s.clients.iter().any(|client| Permissions::of(client.flags, &s.policy).ui_cfg)
    });
/// RCH-22.
pub(super) const NO_PASSWORD: Unless =
    never("no profile has a password (the option of AMB-23)", |s| {
        !s.profiles.iter().any(|profile| profile.password)
    });
/// INV-35: the cap is the provider's own to keep (LIM-5).
pub(super) const CAP_SCRIPTED: Unless =
    never("a provider with a session_cap may answer a success of its own accord", |s| {
        s.providers.iter().any(|provider| {
            provider.session_cap.is_some() && provider.logon_codes.iter().any(Code::is_success)
        })
    });
/// INV-38.
pub(super) const LIBRARIES_STAY: Unless =
    never("no client calls MAPIUninitialize, so that no library is freed", |s| {
        !s.clients.iter().any(|client| client.calls.contains(&Call::Uninitialize))
    });
