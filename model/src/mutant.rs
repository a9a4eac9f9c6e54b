//! Wrong variants of the machine that the properties must find out: one for every invariant, and
//! the mistakes of machine translation (SPEC section 9).
//!
//! A mutant is wrong in one of three ways: it reads a guard, a call, flags or the scenario wrongly
//! (`twist`), or a finished step is distorted (`distort`). A machine without a mutant does not pay
//! for them. Besides those written by hand there are systematic ones, made from the tables of the
//! machine (`rule`).

mod distort;
mod rule;
mod shown;
mod twist;

pub use rule::{Part, Rule, Sort};
pub(crate) use twist::Wrong;

macro_rules! mutants {
    ($($variant:ident = $name:literal, $wrong:literal, [$($killer:literal),*];)*) => {
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
            /// The properties that find it out: those it breaks, and the witnesses it hides.
            #[must_use]
            pub const fn killers(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($killer),*],)* }
            }
        }
    };
}

mutants! {
    MutexIgnored = "mutex-ignored", "A logon does not wait for others.", ["INV-1"];
    TimeoutForAll = "timeout-for-all",
        "A call without MAPI_TIMEOUT_SHORT times out, too.", ["INV-2"];
    ServedUninitialized = "served-uninitialized",
        "A call is served although MAPI is not initialised.", ["INV-3"];
    NewSessionIgnored = "new-session-ignored",
        "MAPI_NEW_SESSION does not keep a call from joining.", ["INV-4"];
    NamePreferred = "name-preferred",
        "A call that names a profile does not join a shared session.", ["INV-5"];
    JoinPrompts = "join-prompts", "A join asks for a password.", ["INV-6"];
    Trn12 = "TRN-12",
        "Client and individual session are in a relation, not one to one: others may join.",
        ["INV-7", "INV-66"];
    JoinRebinds = "join-rebinds",
        "The name given to a join becomes the profile of the session.", ["INV-8"];
    SharedLogoffIgnored = "shared-logoff-ignored",
        "After MAPI_LOGOFF_SHARED the session can be joined, and nobody is told.",
        ["INV-9", "LIV-8"];
    PointerReused = "pointer-reused",
        "A client that joins again gets the pointer it has.", ["INV-10"];
    DeletedOpened = "deleted-opened", "A deleted or damaged profile can be opened.", ["INV-11"];
    DialogFirst = "dialog-first", "With MAPI_LOGON_UI the name given is ignored.", ["INV-12"];
    BadNameAsks = "bad-name-asks", "A name that cannot be used opens the dialog.", ["INV-12"];
    DefaultUnasked = "default-unasked",
        "Without a name the default profile is used, MAPI_USE_DEFAULT or not.", ["INV-13"];
    Trn17 = "TRN-17", "MAPI_NEW_SESSION requests the MAPI_LOGON_UI flag as well.", ["INV-14"];
    DialogsForAll = "dialogs-for-all", "Configuration dialogs need no flag.", ["INV-15"];
    PromptsUnsought = "prompts-unsought",
        "The user is asked for what the profile has.", ["INV-16"];
    FirstFailureFinal = "first-failure-final",
        "Only MAPI_E_UNCONFIGURED earns a second try.", ["INV-17"];
    ThirdTry = "third-try",
        "A second failure of a provider is offered another try.", ["INV-18", "LIV-7"];
    LoadedTwice = "loaded-twice", "A try loads the library twice.", ["LIV-7"];
    ForcedTwice = "forced-twice", "The forced round comes to a service twice.", ["LIV-7"];
    PromptedTwice = "prompted-twice",
        "A configuration prompt appears twice in one try.", ["LIV-7"];
    Trn1 = "TRN-1",
        "If the second try is carried out successfully, the service is disabled.",
        ["INV-19", "LIV-11"];
    SilentOffer = "silent-offer", "The second try comes without word of the first.", ["INV-20"];
    JoinEnables = "join-enables", "A join enables what was disabled.", ["INV-21"];
    DisabledStarted = "disabled-started",
        "Providers of a disabled service are started all the same.", ["INV-22"];
    DisablingKept = "disabling-kept",
        "A disabled service is taken out of its profile.", ["INV-23"];
    SkipFails = "skip-fails", "MAPI_E_FAILONEPROVIDER is a failure like others.", ["INV-24"];
    WarningFails = "warning-fails", "MAPI_W_ERRORS_RETURNED is a failure.", ["INV-25"];
    UnconfiguredFinal = "unconfigured-final",
        "MAPI_E_UNCONFIGURED disables at once.", ["INV-26"];
    EntryPointTwice = "entry-point-twice",
        "The entry point is called a second time.", ["INV-26"];
    StoresFirst = "stores-first", "Stores start before address books.", ["INV-27"];
    TransportsAtOnce = "transports-at-once", "Transports start in every logon.", ["INV-28"];
    ConfigurationSkipped = "configuration-skipped",
        "Only the first service is configured before providers start.", ["INV-29", "INV-47"];
    VersionIgnored = "version-ignored",
        "MAPI takes a provider that is too old.", ["INV-30"];
    HalfUndone = "half-undone", "A failed logon leaves its session behind.", ["INV-31"];
    CancelAborts = "cancel-aborts",
        "A cancel in any dialog ends the logon with MAPI_E_USER_CANCEL.", ["INV-32"];
    Trn16 = "TRN-16",
        "MAPI itself answers the later logons of a client with MAPI_E_SESSION_LIMIT.",
        ["INV-33"];
    SessionsCounted = "sessions-counted", "One session is enough for MAPI.", ["INV-34"];
    Trn15 = "TRN-15",
        "A session limit needs a provider with limited hardware; no provider of the model has any.",
        ["RCH-14", "INV-35"];
    QuarantinedForgotten = "quarantined-forgotten",
        "Quarantined providers are not logged off at the end.", ["INV-36"];
    ObjectKept = "object-kept",
        "A provider object whose logon is put off or fails for good is never released.", ["INV-37"];
    ShutdownFirst = "shutdown-first",
        "A provider is shut down before its logon object is released.", ["INV-37"];
    LibrariesKept = "libraries-kept", "Libraries stay loaded for ever.", ["INV-38"];
    ServedAfterLogoff = "served-after-logoff",
        "A method called after Logoff succeeds.", ["INV-39"];
    IndividualLogoffFelt = "individual-logoff-felt",
        "MAPI_LOGOFF_SHARED on an individual session ends the joining of the shared one.",
        ["INV-40"];
    CreatorEndsAll = "creator-ends-all",
        "The creator's logoff ends the session for all.", ["INV-41"];
    RemovedAtOnce = "removed-at-once", "DeleteProfile removes what is in use.", ["INV-42"];
    RemovalFelt = "removal-felt",
        "A service taken out of a profile leaves the open sessions, too.", ["INV-43"];
    NoBookNoPointer = "no-book-no-pointer",
        "OpenAddressBook fails where it should warn.", ["INV-44"];
    SpoolerFine = "spooler-fine",
        "The spooler's row shows no failure to a client without mail.", ["INV-45"];
    BothHonoured = "both-honoured",
        "MAPI_LOGON_UI and MAPI_PASSWORD_UI go together.", ["INV-46"];
    PassedOver = "passed-over",
        "A call on a session returns at the first failure.", ["INV-49", "LIV-4"];
    NeverDisabled = "never-disabled",
        "A service whose step failed for good stays enabled.", ["INV-50", "LIV-5"];
    LimitReturned = "limit-returned",
        "A provider's MAPI_E_SESSION_LIMIT becomes the result of the logon.", ["INV-58"];
    StoreOpens = "store-opens", "OpenMsgStore succeeds whatever the store does.", ["INV-51"];
    WarningHidden = "warning-hidden",
        "OpenAddressBook does not warn of what is missing.", ["INV-52"];
    IdentityKept = "identity-kept", "The identity of a disabled service counts.", ["INV-53"];
    DisabledListed = "disabled-listed",
        "GetMsgStoresTable lists the stores of disabled services.", ["INV-54"];
    RefusedDetached = "refused-detached",
        "The attachment goes although the user refuses the logoff.", ["INV-55"];
    LogoffEndsBoth = "logoff-ends-both",
        "One Logoff ends every attachment of its client.", ["INV-56"];
    CountedTwice = "counted-twice", "MAPIUninitialize counts twice.", ["INV-57"];
    CredentialsIgnored = "credentials-ignored",
        "The credentials of a profile are not checked.", ["INV-59"];
    PasswordIgnored = "password-ignored",
        "A provider logs on without its password, or with a wrong one.", ["INV-60"];
    DataIgnored = "data-ignored", "A provider logs on without its data.", ["INV-60"];
    CriticalIgnored = "critical-ignored",
        "A critical service is lost and the logon succeeds.", ["INV-61"];
    OneTooMany = "one-too-many", "MAPI opens more sessions than it may.", ["INV-62"];
    FaultsConfused = "faults-confused",
        "An invalid path and corrupt data exchange their codes.", ["INV-63"];
    PasswordPicks = "password-picks",
        "MAPI_PASSWORD_UI lets the profile be chosen.", ["INV-64", "INV-12"];
    ServiceAsks = "service-asks", "MAPI_NT_SERVICE suppresses no dialog.", ["INV-65", "INV-15"];
    Trn2 = "TRN-2", "The profile is the only source of configuration.", ["RCH-3"];
    OfferIgnored = "offer-ignored",
        "The answer to the offer of a second try is never heard.", ["LIV-1", "LIV-3", "LIV-4"];
    TimeoutNever = "timeout-never", "No call ever times out.", ["LIV-2"];
    LossPostponed = "loss-postponed", "A second failure has no consequence.", ["LIV-5"];
    TurnDenied = "turn-denied", "When one service is lost, no more providers start.", ["LIV-6"];
    SessionKept = "session-kept", "The last logoff does not close the session.", ["LIV-9"];
    MarkedKept = "marked-kept", "A marked profile is never removed.", ["LIV-9"];
    ConfirmationIgnored = "confirmation-ignored",
        "The answer to the logoff dialog is never heard.", ["LIV-10"];
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
            Self::Written(mutant) => mutant.killers().first().copied().unwrap_or_default(),
            Self::Systematic(rule) => rule.clause(),
        }
    }

    /// The one with this id.
    #[must_use]
    pub fn named(id: &str) -> Option<Self> {
        Self::all().find(|mutation| mutation.id() == id)
    }
}
