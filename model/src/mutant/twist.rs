//! Mutants that are a machine in the wrong world, or that read guards, calls and flags wrongly. The
//! properties do not see that world.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::ids::ServiceId;
use crate::machine::model::Model;
use crate::machine::variant::{Guard, Variant};
use crate::mapi::{Code, LogoffFlags, LogonFlags};
use crate::mutant::rule::{Rule, exchanged};
use crate::mutant::shown::Part;
use crate::mutant::{Mutant, Mutation};
use crate::policy::{
    BadNameUi, CancelEffect, Disable, EntryPointRetry, FailureCodes, LimitEffect, Mutex,
    NoUiSecondTry, ParameterChecks, RetryCodes, SharedEnd, XpStart,
};
use crate::protocol::{
    Call, Effect, EffectKind, Logon, Method, NameParameter, Place, Taken, Transition,
};
use crate::scenario::{Permissions, ProfileState, Scenario};

/// What is wrong with a machine.
#[derive(Clone, Debug)]
pub(crate) struct Wrong {
    pub(super) mutation: Mutation,
    twisted: Option<Model>,
    applied: Arc<AtomicBool>,
}

impl Wrong {
    pub(crate) fn of(model: &Model, mutation: Mutation) -> Self {
        let mut scenario = model.scenario().clone();
        let twisted = match mutation {
            Mutation::Written(mutant) => {
                twist_policy(&mut scenario, mutant) || twist_things(&mut scenario, mutant)
            }
            Mutation::Systematic(Rule::Read(name, value)) => {
                scenario.policy.set(name, value).is_ok()
            }
            Mutation::Systematic(_) => false,
        };
        let twisted = twisted.then(|| Model::with_slots(scenario, model.slots().clone()));
        Self { mutation, twisted, applied: Arc::default() }
    }

    /// Something wrong was done.
    pub(super) fn was_done(&self) {
        self.applied.store(true, Ordering::Relaxed);
    }

    /// Whether anything wrong was done so far.
    pub(crate) fn was_applied(&self) -> bool {
        self.applied.load(Ordering::Relaxed)
    }

    /// Is it this mutant?
    fn is(&self, mutant: Mutant) -> bool {
        self.mutation == Mutation::Written(mutant)
    }

    /// The rule that is changed, if it is one.
    fn rule(&self) -> Option<Rule> {
        match self.mutation {
            Mutation::Systematic(rule) => Some(rule),
            Mutation::Written(_) => None,
        }
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
    (Mutant::CorrectsAll, Guard::Correctable, true),
    (Mutant::CallsOverlap, Guard::SessionFree, true),
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
        if self.rule() == Some(Rule::Negate(guard)) {
            self.was_done();
            return !holds;
        }
        let wrong = |(mutant, at, _): &&(Mutant, Guard, bool)| *at == guard && self.is(*mutant);
        GUARDS.iter().find(wrong).map_or(holds, |(_, _, taken)| *taken)
    }

    fn call(&self, call: Call) -> Call {
        match call {
            Call::LogonEx(logon) => Call::LogonEx(self.logon(logon)),
            Call::OnSession(slot, Method::Logoff(mut flags)) => {
                if self.is(Mutant::SharedLogoffIgnored) {
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
            if self.is(*mutant) {
                flags.set(*flag, *set);
            }
        }
        flags
    }

    fn permits(&self, flags: LogonFlags, right: Permissions) -> Permissions {
        let mut wrong = right;
        if self.is(Mutant::Trn17) {
            wrong.ui_profile |= flags.contains(LogonFlags::MAPI_NEW_SESSION);
        } else if self.is(Mutant::DialogsForAll) {
            wrong.ui_cfg = true;
        } else if self.is(Mutant::PasswordPicks) {
            wrong.ui_profile |= right.ui_pwd;
        } else if self.is(Mutant::Trn2) {
            (wrong.ui_cfg, wrong.forced) = (false, false);
        }
        wrong
    }

    fn shows(&self, taken: &[Taken], at: Place, effect: &Effect) -> bool {
        let part = taken.last().map_or(Part::In(at), |last| Part::After(last.transition));
        let silent = self.rule() == Some(Rule::Silent(EffectKind::of(effect), part));
        if silent {
            self.was_done();
        }
        !silent
    }

    fn sends(&self, transition: Transition) -> Option<Place> {
        match self.rule() {
            Some(Rule::Send(sent, goal)) if sent == transition => Some(goal),
            Some(_) | None => None,
        }
    }

    fn code(&self, transition: Transition, code: Code) -> Code {
        let other = self.rule() == Some(Rule::Exchange(transition));
        if other { exchanged(code) } else { code }
    }

    fn applies(&self) {
        self.was_done();
    }
}

impl Wrong {
    fn logon(&self, mut logon: Logon) -> Logon {
        logon.flags = self.flags(logon.flags);
        if self.is(Mutant::NamePreferred) && !logon.name.is_absent() {
            logon.flags |= LogonFlags::MAPI_NEW_SESSION;
        }
        let asks = logon.flags.contains(LogonFlags::MAPI_LOGON_UI);
        if self.is(Mutant::DialogFirst) && asks {
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
    } else if mutant == Mutant::SilentFinal {
        policy.noui_second_try = NoUiSecondTry::No;
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
    } else if mutant == Mutant::ForeignUnknown {
        // A service of the profile that its sessions do not have.
        for service in &mut scenario.services {
            service.profile.get_or_insert_default();
        }
    } else if mutant == Mutant::ForeignSpreads {
        let foreign = scenario.foreign();
        for provider in &mut scenario.providers {
            if foreign.contains(provider.service) {
                provider.service = ServiceId::default();
            }
        }
    } else {
        return false;
    }
    true
}
