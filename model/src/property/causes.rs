//! Results and their causes: the code that the scenario, the flags, the answers and the readings in
//! force ask a call to return, derived anew from SPEC 7.2 and 7.3 and SCENARIO.
//!
//! The invariants of SPEC 8.1 say of most codes when they may not be returned. These say when they
//! must be, so that a machine that fails without a cause, or not in spite of one, is seen.

use crate::ids::ProfileId;
use crate::mapi::{Class, Code, LogoffFlags, LogonFlags};
use crate::observe::Passed;
use crate::policy::{
    AllDisabled, BadNameUi, CancelEffect, DeclineEffect, DefaultProfile, Dialogs, Disable,
    EntryError, FailureCodes, LimitEffect, Logoff, MissingCfgNoUi, NameVsDefault, NoDefault,
    ParamError, ParameterChecks, Policy, ServiceNoMail, SharedClash, SharedSessions, TimeoutMode,
};
use crate::property::calls::calls_uninitialized;
use crate::property::seen::Seen;
use crate::property::shown::{ENDED, ENTRY_PASSED, RETURNED, RETURNED_TWICE};
use crate::protocol::{
    Answer, Call, Choice, Dialog, Effect, Logon, Method, NameParameter, Origin, Phase,
    ProviderCall, Task,
};
use crate::scenario::{Named, ProfileState};

/// Whether a logon fails in a step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Due {
    /// It goes on, or succeeds.
    Nothing,
    /// It fails with this code.
    Failure(Code),
    /// It fails with one of these codes or goes on; which depends on whether a failure is final,
    /// what INV-17 and INV-50 judge.
    Perhaps([Code; 2]),
}

impl Due {
    fn fits(self, failure: Option<Code>) -> bool {
        match self {
            Self::Nothing => failure.is_none(),
            Self::Failure(code) => failure == Some(code),
            Self::Perhaps(codes) => failure.is_none_or(|failure| codes.contains(&failure)),
        }
    }

    const fn of(cause: bool, code: Code) -> Self {
        if cause { Self::Failure(code) } else { Self::Nothing }
    }
}

fn policy<'a>(seen: &Seen<'a>) -> &'a Policy {
    &seen.scenario().policy
}

fn phase_before(seen: &Seen<'_>) -> Phase {
    seen.before().client(seen.client).phase()
}

/// INV-101: a logon fails if and only if a cause has come up, with the code of that cause.
pub(super) fn fails_without_cause(seen: &Seen<'_>) -> bool {
    let Some(logon) = seen.logon() else {
        return false;
    };
    let returned = seen.returned.map(|(code, _)| code);
    let failure = if let Phase::Undoing(code) = seen.after().client(seen.client).phase() {
        Some(code)
    } else {
        returned.filter(|code| !code.is_success())
    };
    if let Phase::Undoing(code) = phase_before(seen) {
        return returned != Some(code);
    }
    !due(seen, &logon).fits(failure)
}

/// What the logon comes to in this step.
fn due(seen: &Seen<'_>, logon: &Logon) -> Due {
    let policy = policy(seen);
    match phase_before(seen) {
        Phase::Ready => due_at_call(seen, logon),
        Phase::Waiting => Due::of(seen.moment.action.choice == Choice::TimeOut, Code::Timeout),
        Phase::Choosing => Due::of(is_refused(seen, logon), Code::LogonFailed),
        Phase::PickingProfile => Due::of(answers(seen, Answer::Cancel), Code::UserCancel),
        Phase::Opening { profile, origin } => due_at_opening(seen, profile, origin),
        Phase::GivingPassword if answers(seen, Answer::Cancel) => Due::Failure(Code::UserCancel),
        Phase::GivingPassword if answers(seen, Answer::SupplyIncomplete) => {
            Due::Failure(Code::LogonFailed)
        }
        Phase::Disabling(task, _) if seen.is_critical(task) => Due::Failure(Code::LogonFailed),
        Phase::Finishing => {
            let lost = seen.session.is_some_and(|session| {
                let slot = seen.before().session(session);
                !slot.services().is_empty() && slot.services() == slot.disabled()
            });
            Due::of(lost && policy.all_disabled == AllDisabled::Fail, Code::LogonFailed)
        }
        Phase::GivingPassword
        | Phase::Forced(_)
        | Phase::Checking(..)
        | Phase::Prompting(..)
        | Phase::Trying(..)
        | Phase::Asking(..)
        | Phase::Informing(..)
        | Phase::Reconfiguring(..)
        | Phase::Disabling(..) => due_to_tries(seen),
        Phase::Undoing(_) | Phase::Confirming => Due::Nothing,
    }
}

/// T-2, T-4, T-7: what fails before the mutex is taken.
fn due_at_call(seen: &Seen<'_>, logon: &Logon) -> Due {
    if calls_uninitialized(seen) {
        return Due::Failure(Code::NotInitialized);
    }
    let held = seen.memory().mutex().is_some_and(|holder| holder != seen.client);
    let short = logon.flags.contains(LogonFlags::MAPI_TIMEOUT_SHORT);
    let at_once = short && policy(seen).timeout_mode == TimeoutMode::TryLock;
    parameter_error(policy(seen), logon)
        .map_or(Due::of(held && at_once, Code::Timeout), Due::Failure)
}

/// T-4, with the code of AMB-28.
fn parameter_error(policy: &Policy, logon: &Logon) -> Option<Code> {
    let (name, flags) = (logon.name, logon.flags);
    if policy.failure_codes == FailureCodes::Mapi4linux && name == NameParameter::Null {
        return Some(Code::InvalidParameter);
    }
    if policy.parameter_checks == ParameterChecks::Off {
        return None;
    }
    let both = LogonFlags::MAPI_LOGON_UI | LogonFlags::MAPI_PASSWORD_UI;
    let is_service = flags.contains(LogonFlags::MAPI_NT_SERVICE);
    let lacks_no_mail = policy.service_no_mail == ServiceNoMail::Error
        && is_service
        && !flags.contains(LogonFlags::MAPI_NO_MAIL);
    let errors = [
        (matches!(name, NameParameter::Name { too_long: true, .. }), Code::StringTooLong),
        (logon.password, Code::InvalidParameter),
        (flags.contains(both) || !LogonFlags::all().contains(flags), Code::UnknownFlags),
        (lacks_no_mail, Code::InvalidParameter),
    ];
    let (_, specific) = errors.into_iter().find(|(wrong, _)| *wrong)?;
    Some(if policy.param_error == ParamError::Specific { specific } else { Code::LogonFailed })
}

/// T-10a, T-14: no place for another session, or no name for it.
fn is_refused(seen: &Seen<'_>, logon: &Logon) -> bool {
    let joinable = seen.memory().joinable();
    if joinable.is_some() && !logon.flags.contains(LogonFlags::MAPI_NEW_SESSION) {
        return false;
    }
    let open = || u32::try_from(seen.before().open_sessions().count()).unwrap_or(u32::MAX);
    let full = seen.scenario().max_sessions.is_some_and(|most| open() >= most);
    let clash = policy(seen).shared_clash == SharedClash::Refuse
        && joinable.is_some()
        && Passed(logon.flags).becomes_current(policy(seen));
    full || clash || is_nameless(seen, logon)
}

/// PAR-12d, PAR-12f, under the readings of AMB-24 and AMB-26.
fn is_nameless(seen: &Seen<'_>, logon: &Logon) -> bool {
    let policy = policy(seen);
    let wanted = logon.flags.contains(LogonFlags::MAPI_USE_DEFAULT)
        && policy.default_profile == DefaultProfile::On;
    let default = wanted && seen.scenario().default_profile != Named::Nothing;
    let empty_is_name = policy.failure_codes == FailureCodes::Mapi4linux;
    let given = !logon.name.is_absent() || empty_is_name && logon.name == NameParameter::Empty;
    let given = given && !(default && policy.name_vs_default == NameVsDefault::Default);
    let fails = wanted && policy.no_default == NoDefault::Fail;
    !given && !default && (fails || !may_pick(seen))
}

fn may_pick(seen: &Seen<'_>) -> bool {
    seen.passed().ui_profile() && policy(seen).dialogs == Dialogs::On
}

/// T-17, T-18, T-20.
fn due_at_opening(seen: &Seen<'_>, profile: Option<ProfileId>, origin: Origin) -> Due {
    let policy = policy(seen);
    let profiles = &seen.scenario().profiles;
    let usable = profile.filter(|profile| {
        profiles[profile.index()].state == ProfileState::Valid
            && !seen.before().marked().contains(*profile)
            && !seen.after().damaged().contains(*profile)
    });
    let Some(profile) = usable else {
        let asks = origin == Origin::Given && policy.bad_name_ui == BadNameUi::Reprompt;
        let code = match policy.failure_codes {
            FailureCodes::Documented => Code::LogonFailed,
            FailureCodes::Mapi4linux | FailureCodes::Openchange => Code::NotFound,
        };
        return Due::of(!(asks && may_pick(seen)), code);
    };
    if policy.shared_sessions == SharedSessions::ByProfile
        && seen.before().open_on(profile).is_some()
    {
        // It is joined as it is (SHR-10).
        return Due::Nothing;
    }
    let may_ask = seen.passed().ui_pwd() && policy.dialogs == Dialogs::On;
    if profiles[profile.index()].password && !may_ask {
        return Due::Failure(Code::LogonFailed);
    }
    due_to_tries(seen)
}

/// A failed try or a declined offer that ends the logon, by one of the readings that say so.
fn due_to_tries(seen: &Seen<'_>) -> Due {
    let policy = policy(seen);
    let silent = !seen.passed().may_configure(policy);
    for effect in seen.effects() {
        let Effect::Failed { task, result, .. } = effect else {
            continue;
        };
        let missing = matches!(task, Task::Configure(_)) && result.class() == Class::Conf && silent;
        if result.class() == Class::Canc && policy.cancel_effect == CancelEffect::AbortLogon {
            return Due::Failure(Code::UserCancel);
        } else if missing && policy.missing_cfg_noui == MissingCfgNoUi::FailLogon {
            return Due::Failure(Code::LogonFailed);
        } else if result == Code::SessionLimit && policy.limit_effect == LimitEffect::Propagate {
            return Due::Perhaps([Code::SessionLimit; 2]);
        } else if result == Code::SessionLimit && policy.limit_effect == LimitEffect::LogonFailed {
            let lost = policy.disable == Disable::Off;
            let other = if lost { result } else { Code::LogonFailed };
            return Due::Perhaps([Code::LogonFailed, other]);
        } else if policy.disable == Disable::Off {
            return Due::Perhaps([result; 2]);
        }
    }
    let Phase::Informing(_, _, code) = phase_before(seen) else {
        return Due::Nothing;
    };
    let declined = answers(seen, Answer::Decline);
    if declined && policy.decline_effect == DeclineEffect::AbortLogon {
        Due::Failure(Code::UserCancel)
    } else {
        Due::of(declined && policy.disable == Disable::Off, code)
    }
}

fn answers(seen: &Seen<'_>, answer: Answer) -> bool {
    seen.moment.action.choice == Choice::Answer(answer)
}

/// INV-102: a call that is no logon answers what its cause asks for; those that open or list
/// something are the business of INV-51 to INV-54.
pub(super) fn answers_without_cause(seen: &Seen<'_>) -> bool {
    let (Some(call), Some((code, _))) = (seen.call, seen.returned) else {
        return false;
    };
    answer_due(seen, call).is_some_and(|due| due != code) || is_unconfirmed(seen, call)
}

/// The antecedent of INV-102.
pub(super) fn answer_is_due(seen: &Seen<'_>) -> bool {
    seen.call.is_some_and(|call| answer_due(seen, call).is_some())
}

/// What a call that is no logon answers, where INV-51 to INV-54 do not say it.
fn answer_due(seen: &Seen<'_>, call: Call) -> Option<Code> {
    if call.logon().is_some() {
        return None;
    }
    if calls_uninitialized(seen) && call != Call::Initialize {
        return Some(Code::NotInitialized);
    }
    let found = |found: bool| Some(if found { Code::Ok } else { Code::NotFound });
    match call {
        Call::Initialize => match seen.moment.action.choice {
            Choice::Refuse(code) => Some(code),
            Choice::Begin(_)
            | Choice::Proceed
            | Choice::TimeOut
            | Choice::Try(_)
            | Choice::Postpone
            | Choice::Configure { .. }
            | Choice::Answer(_) => Some(Code::Ok),
        },
        Call::DeleteProfile(profile) => {
            let state = seen.scenario().profiles[profile.index()].state;
            found(state != ProfileState::Deleted && !seen.before().marked().contains(profile))
        }
        Call::Uninitialize | Call::OnSession(_, Method::Release) => Some(Code::Ok),
        Call::OnSession(..) if seen.session.is_none() => Some(Code::InvalidObject),
        Call::OnSession(_, Method::RemoveService(service)) => {
            let own = seen.scenario().services[service.index()].profile;
            let used = seen.session.and_then(|at| seen.before().session(at).profile());
            found(used == own && !seen.before().removed().contains(service))
        }
        Call::OnSession(_, Method::Logoff(_)) => {
            Some(if answers(seen, Answer::Refuse) { Code::UserCancel } else { Code::Ok })
        }
        Call::LogonEx(_) | Call::OnSession(..) => None,
    }
}

/// T-75: a Logoff with `MAPI_LOGOFF_UI` returns before its user has answered.
fn is_unconfirmed(seen: &Seen<'_>, call: Call) -> bool {
    let asks = matches!(call, Call::OnSession(_, Method::Logoff(flags))
        if flags.contains(LogoffFlags::MAPI_LOGOFF_UI));
    let policy = policy(seen);
    let may = policy.dialogs == Dialogs::On && policy.logoff == Logoff::On;
    asks && may && seen.begins() && seen.session.is_some() && !calls_uninitialized(seen)
}

/// INV-103: a call returns once, and its client can then make the next.
pub(super) fn returns_other_than_once(seen: &Seen<'_>) -> bool {
    seen.shown(ENDED) != seen.shown(RETURNED) || seen.shown(RETURNED_TWICE)
}

/// INV-107: a failed try has the code of its cause; that of a fault is the business of INV-63.
#[expect(clippy::wildcard_enum_match_arm, reason = "a failure comes of some effects")]
pub(super) fn fails_with_another_code(seen: &Seen<'_>) -> bool {
    let cancelled = answers(seen, Answer::Cancel);
    let mut prompted = matches!(phase_before(seen), Phase::Prompting(..));
    let (mut answered, mut sought, mut reported) = (None, false, None);
    for effect in seen.effects() {
        match effect {
            Effect::Sought { .. } => sought = true,
            Effect::Provider { call, result, .. }
                if call != ProviderCall::Logoff && result != Code::Ok =>
            {
                answered = Some(result);
            }
            Effect::EntryPoint { result, forced: false, .. } => answered = Some(result),
            Effect::Failed { task, result, .. } => {
                reported = Some(Dialog::Failure(task, result));
                let asked = prompted && cancelled;
                let right = match task {
                    Task::Run(_) => answered.take() == Some(result) || is_too_old(result),
                    Task::Configure(_) if !sought && !prompted => {
                        seen.after().fault_of(task).is_some()
                    }
                    Task::Configure(_) if asked => result == Code::UserCancel,
                    Task::Configure(_) => result == Code::Unconfigured,
                };
                (prompted, sought) = (false, false);
                if !right {
                    return true;
                }
            }
            // PRV-34: the user reads what has failed, and its code.
            Effect::Displayed { dialog: dialog @ Dialog::Failure(..), .. }
                if reported != Some(dialog) =>
            {
                return true;
            }
            _ => {}
        }
    }
    false
}

/// MAPI itself refuses a provider that is too old, whatever that answers (PRV-14).
fn is_too_old(result: Code) -> bool {
    result == Code::Version
}

/// INV-108: when an entry point called for a further try has ended, the provider is tried again; by
/// a cancel, under `ENTRY_ERROR` = fail by any error, that try has failed.
pub(super) fn entry_point_without_try(seen: &Seen<'_>) -> bool {
    let errs = policy(seen).entry_error == EntryError::Fail;
    let mut ended = None;
    for effect in seen.effects() {
        if let Effect::EntryPoint { forced: false, result, .. } = effect {
            ended = Some(result);
        } else if let (Effect::Failed { result, .. }, Some(code)) = (effect, ended) {
            let fails = code.class() == Class::Canc || errs && code.class() == Class::Conf;
            return !fails || result != code;
        }
    }
    seen.shown(ENTRY_PASSED)
        || ended.is_some() && !matches!(seen.after().client(seen.client).phase(), Phase::Trying(..))
}
