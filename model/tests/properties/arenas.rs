//! Scenarios in which each mutant shows what is wrong with it.

use mapi_logon_model::mutant::Mutant;
use mapi_logon_model::scenario::Scenario;

use crate::explore::{named_scenarios, scenario};
use crate::worlds::WORLDS;

/// The scenario in which the mutant's killers find it out.
pub(crate) fn arena(mutant: Mutant) -> Scenario {
    let name = arena_of(mutant);
    if let Some((_, text)) = WORLDS.iter().find(|(world, _)| *world == name) {
        return scenario(text);
    }
    let named = named_scenarios().into_iter().find(|(scenario, _)| scenario == name);
    named.unwrap_or_else(|| panic!("there is no scenario {name}")).1
}

fn arena_of(mutant: Mutant) -> &'static str {
    match mutant {
        Mutant::InitializeUncounted | Mutant::UninitializeRefused => "two-libraries",
        Mutant::RefusedAtOnce | Mutant::FailsForNothing => "warning-store",
        Mutant::PickConfused | Mutant::PickCancelled => "no-default",
        Mutant::PasswordRefused | Mutant::PasswordTaken | Mutant::PasswordCancelled => {
            "profile-password"
        }
        Mutant::ForcedAborts => "new-machine",
        Mutant::LossPassedOver | Mutant::SuppliedInVain | Mutant::PromptPassedOver => {
            "cancelled-prompt"
        }
        Mutant::CancelUncoded => "cancelled-prompt",
        Mutant::SilentFinal | Mutant::EntryPointSkipped | Mutant::EntryPointFinal => {
            "missing-configuration"
        }
        Mutant::DialogUnseen | Mutant::PasswordUnnoted => "wrong-password",
        Mutant::SpoolerAlwaysTold | Mutant::SpoolerSilent | Mutant::ReturnsTwice => {
            "service-account"
        }
        Mutant::NeverCurrent | Mutant::CallsOverlap => "shared-logoff",
        Mutant::SuccessWithoutHold | Mutant::SkippedTurn | Mutant::ReopensStore => "warning-store",
        Mutant::QuarantinedAvailable => "transport-down",
        Mutant::LastFirst => "transport-down",
        Mutant::ReleaseEndsNothing => "untidy-clients",
        Mutant::PassedOver | Mutant::NeverDisabled => "late-start",
        Mutant::StoreOpens => "missing-configuration",
        Mutant::IdentityKept => "service-account",
        Mutant::DisabledListed | Mutant::ServiceAsks => "service-with-dialogs",
        Mutant::LogoffEndsBoth => "joined-twice",
        Mutant::CountedTwice => "two-libraries",
        Mutant::CredentialsIgnored => "profile-password",
        Mutant::PasswordIgnored => "deferred-password",
        Mutant::DataIgnored => "silent",
        Mutant::CriticalIgnored => "critical-store",
        Mutant::OneTooMany => "full",
        Mutant::FaultsConfused => "four-faults",
        Mutant::PasswordPicks => "nameless",
        Mutant::PointerReused => "twice",
        Mutant::DeletedOpened => "gone",
        Mutant::Trn17 => "nameless",
        Mutant::BadNameAsks => "gone",
        Mutant::LoadedTwice | Mutant::ForcedTwice | Mutant::PromptedTwice => "crowded",
        Mutant::WarningFails => "scripted",
        Mutant::IndividualLogoffFelt => "beside",
        Mutant::ServedUninitialized | Mutant::LibrariesKept | Mutant::ServedAfterLogoff => {
            "untidy-clients"
        }
        Mutant::NewSessionIgnored
        | Mutant::Trn12
        | Mutant::TimeoutForAll
        | Mutant::TimeoutNever => "wait-behind-dialog",
        Mutant::NamePreferred | Mutant::JoinPrompts | Mutant::JoinRebinds => "wrong-name-join",
        Mutant::SharedLogoffIgnored | Mutant::ConfirmationIgnored | Mutant::RefusedDetached => {
            "shared-logoff"
        }
        Mutant::DefaultUnasked => "home-and-work",
        Mutant::DialogsForAll => "missing-configuration",
        Mutant::CancelAborts
        | Mutant::UnconfiguredFinal
        | Mutant::EntryPointTwice
        | Mutant::OfferIgnored
        | Mutant::PromptsUnsought
        | Mutant::DialogFirst
        | Mutant::DisabledStarted
        | Mutant::TurnDenied
        | Mutant::LossPostponed
        | Mutant::ConfigurationSkipped
        | Mutant::Trn2 => "cancelled-prompt",
        Mutant::SkipFails => "deferred-password",
        Mutant::Trn15 | Mutant::LimitReturned => "session-limit",
        Mutant::VersionIgnored => "four-faults",
        Mutant::HalfUndone | Mutant::SessionsCounted => "profile-password",
        Mutant::Trn16 => "two-users",
        Mutant::CreatorEndsAll
        | Mutant::JoinEnables
        | Mutant::TransportsAtOnce
        | Mutant::SpoolerFine => "transport-down",
        Mutant::RemovedAtOnce | Mutant::MarkedKept | Mutant::SessionKept => "delete-in-use",
        Mutant::RemovalFelt => "removed-service",
        Mutant::BothHonoured => "refused-calls",
        Mutant::MutexIgnored
        | Mutant::FirstFailureFinal
        | Mutant::ThirdTry
        | Mutant::Trn1
        | Mutant::SilentOffer
        | Mutant::DisablingKept
        | Mutant::StoresFirst
        | Mutant::QuarantinedForgotten
        | Mutant::ObjectKept
        | Mutant::ShutdownFirst
        | Mutant::WarningHidden
        | Mutant::NoBookNoPointer => "lost-store",
    }
}
