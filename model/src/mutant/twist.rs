//! Mutants that are a machine in the wrong world, or that read guards, calls and flags wrongly. The
//! properties do not see that world.

use crate::machine::model::Model;
use crate::machine::variant::{Guard, Variant};
use crate::mapi::{LogoffFlags, LogonFlags};
use crate::mutant::Mutant;
use crate::policy::{
    BadNameUi, CancelEffect, Disable, EntryPointRetry, FailureCodes, LimitEffect, Mutex,
    ParameterChecks, RetryCodes, SharedEnd, XpStart,
};
use crate::protocol::{Call, Logon, Method, NameParameter};
use crate::scenario::{Permissions, ProfileState, Scenario};

/// What is wrong with a machine.
#[derive(Clone, Debug)]
pub(crate) struct Wrong {
    pub(super) mutant: Mutant,
    twisted: Option<Model>,
}

impl Wrong {
    pub(crate) fn of(model: &Model, mutant: Mutant) -> Self {
        let mut scenario = model.scenario().clone();
        let twisted = twist_policy(&mut scenario, mutant) || twist_things(&mut scenario, mutant);
        Self { mutant, twisted: twisted.then(|| Model::new(scenario)) }
    }

    /// The world as the machine takes it to be.
    pub(crate) fn machine<'a>(&'a self, model: &'a Model) -> &'a Model {
        self.twisted.as_ref().unwrap_or(model)
    }
}

/// The guards that a mutant takes for true or false, whatever they are.
const GUARDS: &[(Mutant, Guard, bool)] = &[
    (Mutant::ObjectKept, Guard::ObjectReleased, false),
    (Mutant::DisabledStarted, Guard::ServiceDisabled, false),
    (Mutant::StoresFirst, Guard::AddressBooksFirst, false),
    (Mutant::VersionIgnored, Guard::VersionRefused, false),
    (Mutant::SkipFails, Guard::PutOff, false),
    (Mutant::ConfigurationSkipped, Guard::MoreToConfigure, false),
    (Mutant::PromptsUnsought, Guard::Configured, false),
    (Mutant::ThirdTry, Guard::Final, false),
    (Mutant::CredentialsIgnored, Guard::CredentialsNeeded, false),
    (Mutant::PasswordIgnored, Guard::PasswordRight, true),
    (Mutant::DataIgnored, Guard::DataComplete, true),
    (Mutant::CriticalIgnored, Guard::Critical, false),
    (Mutant::OneTooMany, Guard::SessionsLeft, true),
];

/// The flags that a mutant reads into every logon, or out of it.
const FLAGS: &[(Mutant, LogonFlags, bool)] = &[
    (Mutant::TimeoutForAll, LogonFlags::MAPI_TIMEOUT_SHORT, true),
    (Mutant::NewSessionIgnored, LogonFlags::MAPI_NEW_SESSION, false),
    (Mutant::Trn12, LogonFlags::MAPI_ALLOW_OTHERS, true),
    (Mutant::DefaultUnasked, LogonFlags::MAPI_USE_DEFAULT, true),
    (Mutant::ServiceAsks, LogonFlags::MAPI_NT_SERVICE, false),
];

impl Variant for Wrong {
    const FAITHFUL: bool = false;

    fn guard(&self, guard: Guard, holds: bool) -> bool {
        let wrong =
            |(mutant, at, _): &&(Mutant, Guard, bool)| (*mutant, *at) == (self.mutant, guard);
        GUARDS.iter().find(wrong).map_or(holds, |(_, _, taken)| *taken)
    }

    fn call(&self, call: Call) -> Call {
        match call {
            Call::LogonEx(logon) => Call::LogonEx(self.logon(logon)),
            Call::OnSession(slot, Method::Logoff(mut flags)) => {
                if self.mutant == Mutant::SharedLogoffIgnored {
                    flags -= LogoffFlags::MAPI_LOGOFF_SHARED;
                }
                Call::OnSession(slot, Method::Logoff(flags))
            }
            Call::Initialize
            | Call::Uninitialize
            | Call::DeleteProfile(_)
            | Call::OnSession(..) => call,
        }
    }

    fn flags(&self, mut flags: LogonFlags) -> LogonFlags {
        for (mutant, flag, set) in FLAGS {
            if *mutant == self.mutant {
                flags.set(*flag, *set);
            }
        }
        flags
    }

    fn permits(&self, flags: LogonFlags, right: Permissions) -> Permissions {
        let mut wrong = right;
        if self.mutant == Mutant::Trn17 {
            wrong.ui_profile |= flags.contains(LogonFlags::MAPI_NEW_SESSION);
        } else if self.mutant == Mutant::DialogsForAll {
            wrong.ui_cfg = true;
        } else if self.mutant == Mutant::PasswordPicks {
            wrong.ui_profile |= right.ui_pwd;
        } else if self.mutant == Mutant::Trn2 {
            (wrong.ui_cfg, wrong.forced) = (false, false);
        }
        wrong
    }
}

impl Wrong {
    fn logon(&self, mut logon: Logon) -> Logon {
        logon.flags = self.flags(logon.flags);
        if self.mutant == Mutant::NamePreferred && !logon.name.is_absent() {
            logon.flags |= LogonFlags::MAPI_NEW_SESSION;
        }
        let asks = logon.flags.contains(LogonFlags::MAPI_LOGON_UI);
        if self.mutant == Mutant::DialogFirst && asks {
            logon.name = NameParameter::Null;
        }
        logon
    }
}

fn twist_policy(scenario: &mut Scenario, mutant: Mutant) -> bool {
    let policy = &mut scenario.policy;
    if mutant == Mutant::MutexIgnored {
        policy.mutex = Mutex::Off;
    } else if mutant == Mutant::FirstFailureFinal {
        policy.retry_codes = RetryCodes::UnconfiguredOnly;
    } else if mutant == Mutant::NeverDisabled {
        policy.disable = Disable::Off;
    } else if mutant == Mutant::LimitReturned {
        policy.limit_effect = LimitEffect::Propagate;
    } else if mutant == Mutant::WarningFails {
        policy.failure_codes = FailureCodes::Mapi4linux;
    } else if mutant == Mutant::UnconfiguredFinal {
        policy.entry_point_retry = EntryPointRetry::Off;
    } else if mutant == Mutant::TransportsAtOnce {
        policy.xp_start = XpStart::AfterLogon;
    } else if mutant == Mutant::CancelAborts {
        policy.cancel_effect = CancelEffect::AbortLogon;
    } else if mutant == Mutant::CreatorEndsAll {
        policy.shared_end = SharedEnd::Creator;
    } else if mutant == Mutant::BothHonoured {
        policy.parameter_checks = ParameterChecks::Off;
    } else if mutant == Mutant::BadNameAsks {
        policy.bad_name_ui = BadNameUi::Reprompt;
    } else if mutant == Mutant::SessionsCounted {
        scenario.max_sessions = Some(1);
    } else {
        return false;
    }
    true
}

fn twist_things(scenario: &mut Scenario, mutant: Mutant) -> bool {
    if mutant == Mutant::DeletedOpened {
        for profile in &mut scenario.profiles {
            profile.state = ProfileState::Valid;
        }
    } else if mutant == Mutant::Trn15 {
        for provider in &mut scenario.providers {
            provider.session_cap = None;
        }
    } else {
        return false;
    }
    true
}
