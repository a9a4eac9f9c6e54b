//! Scenarios in which each mutant shows what is wrong with it.

use mapi_logon_model::mutant::Mutant::{self, *};
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

/// The scenarios, each with its mutants.
const ARENAS: &[(&str, &[Mutant])] = &[
    ("two-libraries", &[InitializeUncounted, UninitializeRefused, CountedTwice]),
    (
        "warning-store",
        &[RefusedAtOnce, FailsForNothing, SuccessWithoutHold, SkippedTurn, ReopensStore],
    ),
    ("no-default", &[PickConfused, PickCancelled]),
    (
        "profile-password",
        &[
            PasswordRefused,
            PasswordTaken,
            PasswordCancelled,
            CredentialsIgnored,
            HalfUndone,
            SessionsCounted,
        ],
    ),
    ("new-machine", &[ForcedAborts]),
    (
        "cancelled-prompt",
        &[
            LossPassedOver,
            SuppliedInVain,
            PromptPassedOver,
            CancelUncoded,
            CancelAborts,
            UnconfiguredFinal,
            EntryPointTwice,
            OfferIgnored,
            PromptsUnsought,
            DialogFirst,
            DisabledStarted,
            TurnDenied,
            LossPostponed,
            ConfigurationSkipped,
            Trn2,
        ],
    ),
    (
        "missing-configuration",
        &[SilentFinal, EntryPointSkipped, EntryPointFinal, StoreOpens, DialogsForAll],
    ),
    ("wrong-password", &[DialogUnseen, PasswordUnnoted]),
    (
        "service-account",
        &[IdentityUnnamed, SpoolerAlwaysTold, SpoolerSilent, ReturnsTwice, IdentityKept],
    ),
    (
        "shared-logoff",
        &[NeverCurrent, CallsOverlap, SharedLogoffIgnored, ConfirmationIgnored, RefusedDetached],
    ),
    (
        "transport-down",
        &[
            TransportUnheard,
            QuarantinedAvailable,
            LastFirst,
            CreatorEndsAll,
            JoinEnables,
            TransportsAtOnce,
            SpoolerFine,
        ],
    ),
    ("corrected-by-user", &[CorrectsAll]),
    ("foreign-store", &[ForeignUnknown, ForeignSpreads]),
    (
        "untidy-clients",
        &[ReleaseEndsNothing, ServedUninitialized, LibrariesKept, ServedAfterLogoff],
    ),
    ("late-start", &[PassedOver, NeverDisabled]),
    ("service-with-dialogs", &[DisabledListed, ServiceAsks]),
    ("joined-twice", &[LogoffEndsBoth]),
    ("deferred-password", &[PasswordIgnored, SkipFails]),
    ("silent", &[DataIgnored]),
    ("critical-store", &[CriticalIgnored]),
    ("full", &[OneTooMany]),
    ("four-faults", &[FaultsConfused, VersionIgnored]),
    ("nameless", &[PasswordPicks, Trn17]),
    ("twice", &[PointerReused]),
    ("gone", &[DeletedOpened, BadNameAsks]),
    ("crowded", &[LoadedTwice, ForcedTwice, PromptedTwice]),
    ("scripted", &[WarningFails]),
    ("beside", &[IndividualLogoffFelt]),
    ("wait-behind-dialog", &[NewSessionIgnored, Trn12, TimeoutForAll, TimeoutNever]),
    ("wrong-name-join", &[NamePreferred, JoinPrompts, JoinRebinds]),
    ("home-and-work", &[DefaultUnasked]),
    ("session-limit", &[Trn15, LimitReturned]),
    ("two-users", &[Trn16]),
    ("delete-in-use", &[RemovedAtOnce, MarkedKept, SessionKept]),
    ("removed-service", &[RemovalFelt]),
    ("refused-calls", &[BothHonoured]),
    (
        "lost-store",
        &[
            MutexIgnored,
            FirstFailureFinal,
            ThirdTry,
            Trn1,
            SilentOffer,
            DisablingKept,
            StoresFirst,
            QuarantinedForgotten,
            ObjectKept,
            ShutdownFirst,
            WarningHidden,
            NoBookNoPointer,
        ],
    ),
];

fn arena_of(mutant: Mutant) -> &'static str {
    let mut arenas = ARENAS.iter().filter(|(_, mutants)| mutants.contains(&mutant));
    let (Some((name, _)), None) = (arenas.next(), arenas.next()) else {
        panic!("{} needs one arena", mutant.name());
    };
    name
}
