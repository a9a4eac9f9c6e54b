//! Which mutants are a machine in the wrong world? The properties do not see that scenario.

use crate::ids::ClientId;
use crate::mapi::{LogoffFlags, LogonFlags};
use crate::model::{Model, Permissions};
use crate::mutant::Mutant;
use crate::policy::{
    BadNameUi, CancelEffect, EntryPointRetry, FailureCodes, Mutex, ParameterChecks, RetryCodes,
    SharedEnd, XpStart,
};
use crate::scenario::{Call, Client, Named, ProfileState, Scenario};

/// What is wrong with a machine.
#[derive(Clone, Debug)]
pub(crate) struct Wrong {
    mutant: Mutant,
    twisted: Option<Box<Model>>,
}

impl Wrong {
    pub(crate) fn of(model: &Model, mutant: Mutant) -> Self {
        Self { mutant, twisted: twist(model, mutant).map(Box::new) }
    }
}

impl Model {
    /// The wrong variant in force.
    #[inline]
    pub(crate) fn mutant(&self) -> Option<Mutant> {
        self.wrong().map(|wrong| wrong.mutant)
    }

    /// Is this wrong variant in force?
    #[inline]
    pub(crate) fn is(&self, mutant: Mutant) -> bool {
        self.mutant() == Some(mutant)
    }

    /// The world as the machine takes it to be.
    #[inline]
    pub(crate) fn machine(&self) -> &Self {
        self.wrong().and_then(|wrong| wrong.twisted.as_deref()).unwrap_or(self)
    }
}

/// The world as the mutant takes it to be, if that is what is wrong with it.
fn twist(model: &Model, mutant: Mutant) -> Option<Model> {
    let mut scenario = model.scenario().clone();
    if twist_policy(&mut scenario, mutant)
        || twist_clients(&mut scenario, mutant)
        || twist_things(&mut scenario, mutant)
    {
        return Some(Model::new(scenario));
    }
    let flags: Vec<_> = scenario.clients.iter().map(|client| client.flags).collect();
    let mut twisted = Model::new(scenario);
    let mut permit = |change: fn(&mut Permissions, LogonFlags)| {
        for (client, flags) in flags.iter().enumerate() {
            let client = ClientId::from(client);
            let mut permissions = twisted.permissions(client);
            change(&mut permissions, *flags);
            twisted.permit(client, permissions);
        }
    };
    if mutant == Mutant::Trn17 {
        permit(|may, flags| may.ui_profile |= flags.contains(LogonFlags::MAPI_NEW_SESSION));
    } else if mutant == Mutant::DialogsForAll {
        permit(|may, _| may.ui_cfg = true);
    } else if mutant == Mutant::Trn2 {
        permit(|may, _| (may.ui_cfg, may.forced) = (false, false));
    } else {
        return None;
    }
    Some(twisted)
}

fn twist_policy(scenario: &mut Scenario, mutant: Mutant) -> bool {
    let policy = &mut scenario.policy;
    if mutant == Mutant::MutexIgnored {
        policy.mutex = Mutex::Off;
    } else if mutant == Mutant::FirstFailureFinal {
        policy.retry_codes = RetryCodes::UnconfiguredOnly;
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

fn twist_clients(scenario: &mut Scenario, mutant: Mutant) -> bool {
    let change: fn(&mut Client) = if mutant == Mutant::TimeoutForAll {
        |client| client.flags |= LogonFlags::MAPI_TIMEOUT_SHORT
    } else if mutant == Mutant::NewSessionIgnored {
        |client| client.flags -= LogonFlags::MAPI_NEW_SESSION
    } else if mutant == Mutant::NamePreferred {
        |client| {
            if client.named != Named::Nothing {
                client.flags |= LogonFlags::MAPI_NEW_SESSION;
            }
        }
    } else if mutant == Mutant::Trn12 {
        |client| client.flags |= LogonFlags::MAPI_ALLOW_OTHERS
    } else if mutant == Mutant::DialogFirst {
        |client| {
            if client.flags.contains(LogonFlags::MAPI_LOGON_UI) {
                client.named = Named::Nothing;
            }
        }
    } else if mutant == Mutant::DefaultUnasked {
        |client| client.flags |= LogonFlags::MAPI_USE_DEFAULT
    } else if mutant == Mutant::SharedLogoffIgnored {
        |client| {
            for call in &mut client.calls {
                if let Call::Logoff(flags) = call {
                    *flags -= LogoffFlags::MAPI_LOGOFF_SHARED;
                }
            }
        }
    } else {
        return false;
    };
    scenario.clients.iter_mut().for_each(change);
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
