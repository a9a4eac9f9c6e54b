//! What the readings in force may give up: the tables of SPEC 8.0, row by row.
//!
//! A property that breaks under a reading declared to give it up tells how that reading differs;
//! one that breaks otherwise is a mistake.

use crate::mapi::Code;
use crate::policy::{
    AllDisabled, BadNameUi, CancelEffect, DeclineEffect, DefaultProfile, Deferred, Dialogs,
    Disable, EntryPointRetry, FailureCodes, LimitEffect, Logoff, LogoffShared, MissingCfgNoUi,
    Mutex, NameVsDefault, NewAndAllow, NoDefault, NoUiSecondTry, ParamError, ParameterChecks,
    RetryCodes, RetryUnit, SharedClash, SharedEnd, SharedSessions, Siblings, Start, SvcUiAlone,
    Tries, UnconfiguredTwice, XpStart,
};
use crate::scenario::Scenario;

type Ids = &'static [&'static str];

/// A reading, or part of one, with what it may give up.
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    /// The first cell of its row in SPEC 8.0.
    pub row: &'static str,
    /// The switch; or what else is chosen so.
    pub switch: &'static str,
    in_force: fn(&Scenario) -> bool,
    /// Invariants and progress that some run may break.
    pub broken: Ids,
    /// Witnesses that it may make impossible.
    pub lost: Ids,
}

impl Declared {
    /// Is it in force?
    #[must_use]
    pub fn is_in_force(&self, scenario: &Scenario) -> bool {
        (self.in_force)(scenario)
    }
    /// The switch with its value, as a verdict names the reading.
    #[must_use]
    pub fn name(&self, scenario: &Scenario) -> String {
        let mut settings = scenario.policy.settings();
        let set = settings.find(|(name, _)| *name == self.switch);
        set.map_or_else(|| self.switch.to_owned(), |(name, value)| format!("{name} = {value}"))
    }
}

/// The readings in force that may give the property up, by name; none if it must be kept.
#[must_use]
pub fn given_up_by(id: &str, scenario: &Scenario) -> Vec<String> {
    let gives = |one: &&Declared| {
        (one.broken.contains(&id) || one.lost.contains(&id)) && one.is_in_force(scenario)
    };
    let all = DECLARED.iter().chain(ADDED);
    let mut names: Vec<_> = all.filter(gives).map(|one| one.name(scenario)).collect();
    names.dedup();
    names
}

macro_rules! declared {
    ($(#[$doc:meta])* $list:ident: $($row:literal: $switch:literal if $in_force:expr =>
        [$($broken:literal)*] [$($lost:literal)*];)*) => {
        $(#[$doc])*
        pub const $list: &[Declared] = &[$(Declared {
            row: $row,
            switch: $switch,
            in_force: $in_force,
            broken: &[$($broken),*],
            lost: &[$($lost),*],
        },)*];
    };
}

declared! {
    /// Additions to SPEC 8.0 \[DER\]: witnesses that need a try, dialog, name or logoff that the
    /// reading removes; INV-2, because a logon may then return a provider's code; INV-58, because a
    /// profile that cannot be used has a code of its own.
    ADDED:
    "other failure codes, warnings as failures": "FAILURE_CODES"
        if |s| s.policy.failure_codes == FailureCodes::Openchange => ["INV-58"] [];
    "no disabling": "DISABLE" if |s| s.policy.disable == Disable::Off => ["INV-2"] [];
    "RETRY_UNIT = service, logon (AMB-1)": "RETRY_UNIT"
        if |s| s.policy.retry_unit == RetryUnit::Logon => [] ["RCH-2"];
    "TRIES ≠ 2 (AMB-1)": "TRIES" if |s| s.policy.tries == Tries::One => [] ["RCH-2"];
    "no retry through the entry point": "ENTRY_POINT_RETRY"
        if |s| s.policy.entry_point_retry == EntryPointRetry::Off => [] ["RCH-2"];
    "no dialogs": "DIALOGS" if |s| s.policy.dialogs == Dialogs::Off =>
        [] ["RCH-1" "RCH-3" "RCH-15"];
    "Logoff ends nothing": "LOGOFF" if |s| s.policy.logoff == Logoff::Off =>
        [] ["RCH-3" "RCH-19"];
    "other failure codes, warnings as failures": "FAILURE_CODES"
        if |s| s.policy.failure_codes == FailureCodes::Mapi4linux =>
        [] ["RCH-1" "RCH-2" "RCH-11" "RCH-12" "RCH-13" "RCH-15" "RCH-18"];
}

declared! {
    /// Every row; one that gives up different things for different values stands here in parts.
    DECLARED:
    "RETRY_UNIT = service, logon (AMB-1)": "RETRY_UNIT"
        if |s| s.policy.retry_unit != RetryUnit::Step =>
        ["INV-17" "INV-26" "LIV-4" "LIV-11"] [];
    "TRIES ≠ 2 (AMB-1)": "TRIES" if |s| s.policy.tries != Tries::Two =>
        ["INV-17" "INV-18" "INV-26" "INV-50" "LIV-4" "LIV-5" "LIV-7" "LIV-11"] [];
    "TRIES ≠ 2 (AMB-1)": "TRIES" if |s| s.policy.tries == Tries::One =>
        [] ["RCH-3" "RCH-4" "RCH-6" "RCH-7" "RCH-8" "RCH-12" "RCH-21"];
    "RETRY_CODES = unconfigured_only (AMB-2)": "RETRY_CODES"
        if |s| s.policy.retry_codes == RetryCodes::UnconfiguredOnly =>
        ["INV-17" "LIV-4" "LIV-11"]
        ["RCH-3" "RCH-4" "RCH-6" "RCH-7" "RCH-8" "RCH-12" "RCH-21"];
    "NOUI_SECOND_TRY = no (AMB-3)": "NOUI_SECOND_TRY"
        if |s| s.policy.noui_second_try == NoUiSecondTry::No =>
        ["INV-17" "INV-26" "LIV-4"] ["RCH-2" "RCH-3" "RCH-4" "RCH-8" "RCH-21"];
    "UNCONFIGURED_TWICE = keep (AMB-4)": "UNCONFIGURED_TWICE"
        if |s| s.policy.unconfigured_twice == UnconfiguredTwice::Keep =>
        ["INV-50" "INV-61" "LIV-5"]
        ["RCH-2" "RCH-5" "RCH-8" "RCH-11" "RCH-16" "RCH-17" "RCH-21" "RCH-23"];
    "UNCONFIGURED_TWICE = keep (AMB-4)": "UNCONFIGURED_TWICE"
        if |s| s.policy.unconfigured_twice == UnconfiguredTwice::Keep
            && (s.policy.tries != Tries::Two || s.policy.retry_unit != RetryUnit::Step) =>
        ["INV-49"] [];
    "CANCEL_EFFECT = disable (AMB-6)": "CANCEL_EFFECT"
        if |s| s.policy.cancel_effect == CancelEffect::Disable =>
        ["INV-17" "LIV-4" "LIV-11"] ["RCH-3" "RCH-6"];
    "CANCEL_EFFECT = abort_logon (AMB-6)": "CANCEL_EFFECT"
        if |s| s.policy.cancel_effect == CancelEffect::AbortLogon =>
        ["INV-32" "LIV-4"] ["RCH-2" "RCH-3" "RCH-6"];
    "DECLINE_EFFECT = abort_logon (AMB-7)": "DECLINE_EFFECT"
        if |s| s.policy.decline_effect == DeclineEffect::AbortLogon => ["INV-32"] ["RCH-7"];
    "MISSING_CFG_NOUI = fail_logon (AMB-8)": "MISSING_CFG_NOUI"
        if |s| s.policy.missing_cfg_noui == MissingCfgNoUi::FailLogon =>
        ["LIV-4"] ["RCH-2" "RCH-5" "RCH-16"];
    "ALL_DISABLED = fail (AMB-10)": "ALL_DISABLED"
        if |s| s.policy.all_disabled == AllDisabled::Fail => [] ["RCH-11" "RCH-16"];
    "LIMIT_EFFECT = propagate; logon_failed (AMB-11)": "LIMIT_EFFECT"
        if |s| s.policy.limit_effect == LimitEffect::Propagate => ["INV-58"] ["RCH-14"];
    "LIMIT_EFFECT = propagate; logon_failed (AMB-11)": "LIMIT_EFFECT"
        if |s| s.policy.limit_effect == LimitEffect::LogonFailed => [] ["RCH-14"];
    "max_sessions finite (AMB-12)": "max_sessions" if |s| s.max_sessions.is_some() =>
        ["INV-34"] ["RCH-15"];
    "START = on_open (AMB-13)": "START" if |s| s.policy.start == Start::OnOpen =>
        ["LIV-6"]
        ["RCH-2" "RCH-3" "RCH-4" "RCH-7" "RCH-8" "RCH-11" "RCH-12" "RCH-14" "RCH-16" "RCH-17"
         "RCH-20" "RCH-21"];
    "XP_START = after_logon (AMB-15)": "XP_START"
        if |s| s.policy.xp_start == XpStart::AfterLogon => ["INV-28"] ["RCH-21"];
    "NEW_AND_ALLOW = individual (AMB-16)": "NEW_AND_ALLOW"
        if |s| s.policy.new_and_allow == NewAndAllow::Individual =>
        [] ["RCH-10" "RCH-11" "RCH-18"];
    "SHARED_CLASH = refuse (AMB-17)": "SHARED_CLASH"
        if |s| s.policy.shared_clash == SharedClash::Refuse => ["INV-34"] [];
    "SHARED_END = creator (AMB-18)": "SHARED_END"
        if |s| s.policy.shared_end == SharedEnd::Creator => ["INV-41" "INV-56"] ["RCH-18"];
    "LOGOFF_SHARED = force (AMB-19)": "LOGOFF_SHARED"
        if |s| s.policy.logoff_shared == LogoffShared::Force => ["INV-56"] ["RCH-18"];
    "SVC_UI_ALONE = none (AMB-22)": "SVC_UI_ALONE"
        if |s| s.policy.svc_ui_alone == SvcUiAlone::None =>
        ["INV-20" "LIV-11"] ["RCH-6" "RCH-7"];
    "NAME_VS_DEFAULT = default (AMB-24)": "NAME_VS_DEFAULT"
        if |s| s.policy.name_vs_default == NameVsDefault::Default => ["INV-12"] [];
    "NO_DEFAULT = fail (AMB-26)": "NO_DEFAULT"
        if |s| s.policy.no_default == NoDefault::Fail =>
        ["INV-12"] ["RCH-1" "RCH-13" "RCH-24"];
    "BAD_NAME_UI = reprompt (AMB-27)": "BAD_NAME_UI"
        if |s| s.policy.bad_name_ui == BadNameUi::Reprompt => ["INV-12"] [];
    "PARAM_ERROR = specific (AMB-28)": "PARAM_ERROR"
        if |s| s.policy.param_error == ParamError::Specific => ["INV-58"] [];
    "SIBLINGS = logoff_now (AMB-36)": "SIBLINGS"
        if |s| s.policy.siblings == Siblings::LogoffNow => ["INV-22"] ["RCH-8"];
    "DEFERRED = on (AMB-47)": "DEFERRED"
        if |s| s.policy.deferred == Deferred::On => ["INV-60"] [];
    "scripted provider answers (AMB-35), of a success": "scripted provider answers"
        if scripts_success => ["INV-35" "INV-60"] [];
    "no sharing": "SHARED_SESSIONS" if |s| s.policy.shared_sessions == SharedSessions::Off =>
        [] ["RCH-10" "RCH-11" "RCH-18"];
    "sharing by profile": "SHARED_SESSIONS"
        if |s| s.policy.shared_sessions == SharedSessions::ByProfile =>
        ["INV-4" "INV-6" "INV-7" "INV-40" "INV-66" "LIV-8"]
        ["RCH-2" "RCH-3" "RCH-10" "RCH-11" "RCH-14" "RCH-18"];
    "no default profile": "DEFAULT_PROFILE"
        if |s| s.policy.default_profile == DefaultProfile::Off => ["INV-12"] [];
    "no retry through the entry point": "ENTRY_POINT_RETRY"
        if |s| s.policy.entry_point_retry == EntryPointRetry::Off =>
        ["INV-17" "INV-26" "LIV-4" "LIV-11"] ["RCH-3"];
    "no disabling": "DISABLE" if |s| s.policy.disable == Disable::Off =>
        ["INV-32" "INV-49" "INV-50" "INV-58" "LIV-5"]
        ["RCH-2" "RCH-5" "RCH-6" "RCH-7" "RCH-8" "RCH-11" "RCH-14" "RCH-16" "RCH-17" "RCH-21"
         "RCH-23"];
    "no dialogs": "DIALOGS" if |s| s.policy.dialogs == Dialogs::Off =>
        ["INV-12" "INV-20" "LIV-11"]
        ["RCH-6" "RCH-7" "RCH-12" "RCH-13" "RCH-22" "RCH-24"];
    "no mutex": "MUTEX" if |s| s.policy.mutex == Mutex::Off =>
        ["INV-1" "INV-62" "LIV-3"] ["RCH-12"];
    "no parameter checks": "PARAMETER_CHECKS"
        if |s| s.policy.parameter_checks == ParameterChecks::Off => ["INV-46"] [];
    "Logoff ends nothing": "LOGOFF" if |s| s.policy.logoff == Logoff::Off =>
        ["INV-39" "INV-56" "LIV-8"] ["RCH-18"];
    "other failure codes, warnings as failures": "FAILURE_CODES"
        if |s| s.policy.failure_codes == FailureCodes::Mapi4linux =>
        ["INV-12" "INV-25" "INV-58"] ["RCH-24"];
}

/// May a provider answer a success whatever its data?
fn scripts_success(scenario: &Scenario) -> bool {
    let mut providers = scenario.providers.iter();
    providers.any(|one| one.logon_codes.iter().chain(one.init_codes.iter()).any(Code::is_success))
}
