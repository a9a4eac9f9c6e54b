//! Wrong variants of the machine that the properties must kill: one for every invariant, and
//! the mistakes of machine translation (SPEC section 9).
//!
//! A mutant is wrong in one of three ways: it reads a guard, a call, flags or the scenario wrongly
//! (`twist`), or a finished step is distorted (`distort`). A machine without a mutant does not pay
//! for them. Besides those written by hand there are systematic ones, made from the tables of
//! transitions, guards and policies, and from the lists of effects and codes (`rule`, `shown`).

mod causeless;
mod distort;
mod rule;
mod shown;
mod twist;

pub use rule::Rule;
pub use shown::Part;
pub(crate) use twist::Wrong;

macro_rules! mutants {
    (
        $($variant:ident = $name:literal, $wrong:literal, [$($clause:literal),+],
        [$($killer:literal),*];)*
    ) => {
        /// A wrong variant of the transition function.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Mutant { $(#[doc = $wrong] $variant,)* }

        impl Mutant {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// What it is called.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
            /// What it does wrong.
            #[must_use]
            pub const fn wrong(self) -> &'static str {
                match self { $(Self::$variant => $wrong,)* }
            }
            /// The transitions of SPEC 7 that it makes wrong.
            #[must_use]
            pub const fn clauses(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($clause),+],)* }
            }
            /// The properties that kill it: those it breaks, and the witnesses it hides.
            #[must_use]
            pub const fn killers(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($killer),*],)* }
            }
        }
    };
}

mutants! {
    MutexIgnored = "mutex-ignored", "A logon does not wait for others.", ["T-6", "T-8"], ["INV-1"];
    TimeoutForAll = "timeout-for-all",
        "A call without MAPI_TIMEOUT_SHORT times out, too.", ["T-7"], ["INV-2"];
    ServedUninitialized = "served-uninitialized",
        "A call is served although MAPI is not initialised.", ["T-2"], ["INV-3"];
    NewSessionIgnored = "new-session-ignored",
        "MAPI_NEW_SESSION does not keep a call from joining.", ["T-9", "T-10"], ["INV-4"];
    NamePreferred = "name-preferred",
        "A call that names a profile does not join a shared session.", ["T-9"], ["INV-5"];
    JoinPrompts = "join-prompts", "A join asks for a password.", ["T-9"], ["INV-6"];
    Trn12 = "TRN-12",
        "Client and individual session are in a relation, not one to one: others may join.",
        ["T-9"],
        ["INV-7", "INV-66"];
    JoinRebinds = "join-rebinds",
        "The name given to a join becomes the profile of the session.", ["T-9"], ["INV-8"];
    SharedLogoffIgnored = "shared-logoff-ignored",
        "After MAPI_LOGOFF_SHARED the session can be joined, and nobody is notified.", ["T-77"],
        ["INV-9", "LIV-8"];
    PointerReused = "pointer-reused",
        "A client that joins again gets the pointer it has.", ["T-9"], ["INV-10"];
    DeletedOpened = "deleted-opened", "A deleted or damaged profile can be opened.",
        ["T-17", "T-18"], ["INV-11"];
    DialogFirst = "dialog-first", "With MAPI_LOGON_UI the name given is ignored.",
        ["T-11", "T-13"], ["INV-12"];
    BadNameAsks = "bad-name-asks", "A name that cannot be used opens the dialog.",
        ["T-18"], ["INV-12"];
    DefaultUnasked = "default-unasked",
        "Without a name the default profile is used, MAPI_USE_DEFAULT or not.",
        ["T-12", "T-14"], ["INV-13"];
    Trn17 = "TRN-17", "MAPI_NEW_SESSION requests the MAPI_LOGON_UI flag as well.",
        ["T-14"], ["INV-14"];
    DialogsForAll = "dialogs-for-all", "Configuration dialogs need no flag.",
        ["T-29", "T-45", "T-50"], ["INV-15"];
    PromptsUnsought = "prompts-unsought",
        "The user is asked for what the profile has.", ["T-28"], ["INV-16"];
    FirstFailureFinal = "first-failure-final",
        "Only MAPI_E_UNCONFIGURED earns a second try.", ["T-33", "T-43"], ["INV-17"];
    ThirdTry = "third-try",
        "A second failure of a provider is offered another try.", ["T-44"], ["INV-18", "LIV-7"];
    LoadedTwice = "loaded-twice", "A try loads the library twice.", ["T-37"], ["LIV-7"];
    ForcedTwice = "forced-twice", "The forced round comes to a service twice.", ["T-25"], ["LIV-7"];
    PromptedTwice = "prompted-twice",
        "A configuration prompt appears twice in one try.", ["T-29"], ["LIV-7"];
    Trn1 = "TRN-1",
        "If the second try is carried out successfully, the service is disabled.", ["T-40"],
        ["INV-19", "LIV-11"];
    SilentOffer = "silent-offer", "The second try comes without word of the first.",
        ["T-45"], ["INV-20"];
    JoinEnables = "join-enables", "A join enables what was disabled.", ["T-9"], ["INV-21"];
    DisabledStarted = "disabled-started",
        "Providers of a disabled service are started all the same.", ["T-36"], ["INV-22"];
    DisablingKept = "disabling-kept",
        "A disabled service is taken out of its profile.", ["T-54"], ["INV-23"];
    SkipFails = "skip-fails", "MAPI_E_FAILONEPROVIDER is a failure like others.",
        ["T-41"], ["INV-24"];
    WarningFails = "warning-fails", "MAPI_W_ERRORS_RETURNED is a failure.", ["T-40"], ["INV-25"];
    UnconfiguredFinal = "unconfigured-final",
        "MAPI_E_UNCONFIGURED disables at once.", ["T-43", "T-47"], ["INV-26"];
    EntryPointTwice = "entry-point-twice",
        "The entry point is called a second time.", ["T-52"], ["INV-26"];
    StoresFirst = "stores-first", "Stores start before address books.", ["T-35"], ["INV-27"];
    TransportsAtOnce = "transports-at-once", "Transports start in every logon.",
        ["T-35", "T-70"], ["INV-28"];
    ConfigurationSkipped = "configuration-skipped",
        "Only the first service is configured before providers start.",
        ["T-27"], ["INV-29", "INV-47"];
    VersionIgnored = "version-ignored",
        "MAPI takes a provider that is too old.", ["T-39"], ["INV-30"];
    HalfUndone = "half-undone", "A failed logon leaves its session behind.", ["T-60"], ["INV-31"];
    CancelAborts = "cancel-aborts",
        "A cancel in any dialog ends the logon with MAPI_E_USER_CANCEL.",
        ["T-33", "T-42", "T-53"], ["INV-32"];
    Trn16 = "TRN-16",
        "MAPI itself answers the later logons of a client with MAPI_E_SESSION_LIMIT.", ["T-10"],
        ["INV-33"];
    SessionsCounted = "sessions-counted", "One session is enough for MAPI.", ["T-10"], ["INV-34"];
    Trn15 = "TRN-15",
        "A session limit needs a provider with limited hardware; no provider of the model has any.",
        ["T-42"],
        ["RCH-14", "INV-35"];
    QuarantinedForgotten = "quarantined-forgotten",
        "Quarantined providers are not logged off at the end.", ["T-80"], ["INV-36"];
    ObjectKept = "object-kept",
        "A provider object whose logon is put off or fails for good is never released.",
        ["T-41", "T-44"], ["INV-37"];
    ShutdownFirst = "shutdown-first",
        "A provider is shut down before its logon object is released.", ["T-80"], ["INV-37"];
    LibrariesKept = "libraries-kept", "Libraries stay loaded forever.", ["T-84"], ["INV-38"];
    ServedAfterLogoff = "served-after-logoff",
        "A method called after Logoff succeeds.", ["T-82"], ["INV-39"];
    IndividualLogoffFelt = "individual-logoff-felt",
        "MAPI_LOGOFF_SHARED on an individual session ends the joining of the shared one.", ["T-77"],
        ["INV-40"];
    CreatorEndsAll = "creator-ends-all",
        "The creator's logoff ends the session for all.", ["T-78", "T-79"], ["INV-41"];
    RemovedAtOnce = "removed-at-once", "DeleteProfile removes what is in use.",
        ["T-81"], ["INV-42"];
    RemovalFelt = "removal-felt",
        "A service taken out of a profile leaves the open sessions, too.", ["T-74"], ["INV-43"];
    NoBookNoPointer = "no-book-no-pointer",
        "OpenAddressBook fails where it should warn.", ["T-73"], ["INV-44"];
    SpoolerFine = "spooler-fine",
        "The spooler's row shows no failure to a client without mail.", ["T-58"], ["INV-45"];
    BothHonoured = "both-honoured",
        "MAPI_LOGON_UI and MAPI_PASSWORD_UI go together.", ["T-4"], ["INV-46"];
    PassedOver = "passed-over",
        "A call on a session returns at the first failure.", ["T-43", "T-71"], ["INV-49", "LIV-4"];
    NeverDisabled = "never-disabled",
        "A service whose step failed for good stays enabled.", ["T-54"], ["INV-50", "LIV-5"];
    LimitReturned = "limit-returned",
        "A provider's MAPI_E_SESSION_LIMIT becomes the result of the logon.", ["T-44"], ["INV-58"];
    StoreOpens = "store-opens", "OpenMsgStore succeeds whatever the store does.",
        ["T-72", "T-73"], ["INV-51"];
    WarningHidden = "warning-hidden",
        "OpenAddressBook does not warn of what is missing.", ["T-73"], ["INV-52"];
    IdentityKept = "identity-kept", "The identity of a disabled service counts.",
        ["T-73"], ["INV-53"];
    DisabledListed = "disabled-listed",
        "GetMsgStoresTable lists the stores of disabled services.", ["T-73"], ["INV-54"];
    RefusedDetached = "refused-detached",
        "The attachment goes although the user refuses the logoff.", ["T-76"], ["INV-55"];
    LogoffEndsBoth = "logoff-ends-both",
        "One Logoff ends every attachment of its client.", ["T-78"], ["INV-56"];
    CountedTwice = "counted-twice", "MAPIUninitialize counts twice.", ["T-84"], ["INV-57"];
    CredentialsIgnored = "credentials-ignored",
        "The credentials of a profile are not checked.", ["T-19", "T-20", "T-21"], ["INV-59"];
    PasswordIgnored = "password-ignored",
        "A provider logs on without its password, or with a wrong one.",
        ["T-40", "T-41"], ["INV-60"];
    DataIgnored = "data-ignored", "A provider logs on without its data.", ["T-42"], ["INV-60"];
    CriticalIgnored = "critical-ignored",
        "A critical service is lost and the logon succeeds.", ["T-55"], ["INV-61"];
    OneTooMany = "one-too-many", "MAPI opens more sessions than it may.", ["T-10a"], ["INV-62"];
    FaultsConfused = "faults-confused",
        "An invalid path and corrupt data exchange their codes.", ["T-38", "T-42"], ["INV-63"];
    PasswordPicks = "password-picks",
        "MAPI_PASSWORD_UI lets the profile be chosen.", ["T-13"], ["INV-64", "INV-12"];
    ServiceAsks = "service-asks", "MAPI_NT_SERVICE suppresses no dialog.",
        ["T-13", "T-14"], ["INV-65", "INV-15"];
    Trn2 = "TRN-2", "The profile is the only source of configuration.", ["T-29", "T-30"], ["RCH-3"];
    OfferIgnored = "offer-ignored",
        "The answer to the offer of a second try is never heard.",
        ["T-46", "T-47", "T-48", "T-49"], ["LIV-1", "LIV-3", "LIV-4"];
    TimeoutNever = "timeout-never", "No call ever times out.", ["T-7"], ["LIV-2"];
    LossPostponed = "loss-postponed", "A second failure has no consequence.", ["T-54"], ["LIV-5"];
    TurnDenied = "turn-denied", "When one service is lost, no more providers start.",
        ["T-54"], ["LIV-6"];
    SessionKept = "session-kept", "The last logoff does not close the session.",
        ["T-79", "T-81"], ["LIV-9"];
    MarkedKept = "marked-kept", "A marked profile is never removed.", ["T-81"], ["LIV-9"];
    ConfirmationIgnored = "confirmation-ignored",
        "The answer to the logoff dialog is never heard.", ["T-75", "T-76"], ["LIV-10"];
    InitializeUncounted = "initialize-uncounted",
        "MAPIInitialize succeeds and counts nothing.", ["T-1"], ["INV-57", "INV-104"];
    RefusedAtOnce = "refused-at-once",
        "A logon fails as soon as it is called.", ["T-3", "T-5"], ["INV-101"];
    FailsForNothing = "fails-for-nothing",
        "A profile that can be used is taken for one that cannot.", ["T-17"], ["INV-101"];
    PickConfused = "pick-confused",
        "The profile that the user picks is taken for one that was given.", ["T-15"], ["INV-12"];
    PickCancelled = "pick-cancelled",
        "A cancel in the profile dialog fails with MAPI_E_LOGON_FAILED.", ["T-16"], ["INV-101"];
    PasswordRefused = "password-refused",
        "The right password of a profile is refused.", ["T-22"], ["INV-101"];
    PasswordTaken = "password-taken",
        "A wrong password of a profile is taken.", ["T-23"], ["INV-59", "INV-101"];
    PasswordCancelled = "password-cancelled",
        "A cancel in the password dialog fails with MAPI_E_LOGON_FAILED.", ["T-24"], ["INV-101"];
    ForcedAborts = "forced-aborts",
        "A cancel in the forced round ends the logon.", ["T-26"], ["INV-32", "INV-101"];
    LossPassedOver = "loss-passed-over",
        "A service that cannot be configured is passed over.", ["T-31", "T-34"], ["INV-50"];
    SuppliedInVain = "supplied-in-vain",
        "The logon fails although the user has supplied all data.", ["T-32"], ["INV-101"];
    PromptPassedOver = "prompt-passed-over",
        "The logon goes on before its prompt is answered.", ["T-29"], ["INV-113"];
    SilentFinal = "silent-final",
        "Without dialogs the first failure is final.", ["T-50"], ["INV-17"];
    EntryPointSkipped = "entry-point-skipped",
        "The further try begins without the entry point.", ["T-51"], ["INV-108"];
    EntryPointFinal = "entry-point-final",
        "An entry point that leaves the provider unconfigured ends its tries.", ["T-52"],
        ["INV-108"];
    CancelUncoded = "cancel-uncoded",
        "A cancelled prompt is reported as MAPI_E_UNCONFIGURED.", ["T-33"], ["INV-107"];
    DialogUnseen = "dialog-unseen",
        "A provider's dialog is answered that nobody saw.", ["T-37"], ["INV-105"];
    PasswordUnnoted = "password-unnoted",
        "A password is stored without an effect.", ["T-40"], ["INV-104"];
    SpoolerAlwaysTold = "spooler-always-told",
        "The spooler learns of sessions without mail.", ["T-57", "T-58"], ["INV-106"];
    SpoolerSilent = "spooler-silent",
        "The spooler never hears of a session.", ["T-57"], ["INV-106"];
    NeverCurrent = "never-current",
        "A session that others may join does not become current.", ["T-59"], ["INV-9"];
    SuccessWithoutHold = "success-without-hold",
        "A logon succeeds and attaches nothing.", ["T-61"], ["INV-31"];
    SkippedTurn = "skipped-turn",
        "Stores have no turn.", ["T-35", "T-56"], ["INV-114"];
    ReturnsTwice = "returns-twice",
        "QueryIdentity returns twice.", ["T-73"], ["INV-103"];
    QuarantinedAvailable = "quarantined-available",
        "A quarantined provider is shown as available.", ["T-71"], ["INV-109"];
    ReopensStore = "reopens-store",
        "OpenMsgStore ends the logon that there is.", ["T-72"], ["INV-111"];
    CallsOverlap = "calls-overlap",
        "Calls on one session do not take turns.", ["T-75"], ["INV-112"];
    LastFirst = "last-first",
        "Providers are logged off in the wrong order.", ["T-80"], ["INV-110"];
    ReleaseEndsNothing = "release-ends-nothing",
        "The last Release ends no attachment.", ["T-83"], ["INV-39"];
    IdentityUnnamed = "identity-unnamed",
        "QueryIdentity does not say whose the identity is.", ["T-73"], ["INV-115"];
    TransportUnheard = "transport-unheard",
        "A transport that has logged on is never notified.", ["T-70"], ["INV-116"];
    CorrectsAll = "corrects-all",
        "Correct repairs versions and damaged data, too.", ["T-48"], ["INV-117"];
    ForeignUnknown = "foreign-unknown",
        "A store that belongs to no service is not found.", ["T-72"], ["INV-51"];
    ForeignSpreads = "foreign-spreads",
        "A store that belongs to no service takes a service of the profile with it.", ["T-54"],
        ["INV-50"];
    UninitializeRefused = "uninitialize-refused",
        "MAPIUninitialize fails.", ["T-84"], ["INV-102"];
}

impl Mutant {
    /// The one with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|mutant| mutant.name() == name)
    }
}

/// A mutant written by hand, or a systematic one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Mutation {
    /// Written by hand.
    Written(Mutant),
    /// One rule changed.
    Systematic(Rule),
}

impl From<Rule> for Mutation {
    fn from(rule: Rule) -> Self {
        Self::Systematic(rule)
    }
}

impl From<Mutant> for Mutation {
    fn from(mutant: Mutant) -> Self {
        Self::Written(mutant)
    }
}

impl Mutation {
    /// All of them: those written by hand, then the systematic ones.
    pub fn all() -> impl Iterator<Item = Self> {
        let written = Mutant::ALL.iter().copied().map(Self::Written);
        written.chain(Rule::all().map(Self::Systematic))
    }

    /// What it is called.
    #[must_use]
    pub fn id(self) -> String {
        match self {
            Self::Written(mutant) => mutant.name().to_owned(),
            Self::Systematic(rule) => rule.id(),
        }
    }

    /// The clause it breaks; of a guard, those between which it decides.
    #[must_use]
    pub fn clause(self) -> &'static str {
        match self {
            Self::Written(mutant) => mutant.clauses()[0],
            Self::Systematic(rule) => rule.clause(),
        }
    }

    /// The one with this id.
    #[must_use]
    pub fn named(id: &str) -> Option<Self> {
        Self::all().find(|mutation| mutation.id() == id)
    }
}
