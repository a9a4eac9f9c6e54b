//! The parts of a scenario, with ids for names.

use crate::ids::{ProfileId, ProfileSet, ProviderId, ProviderSet, ServiceId, ServiceSet};
use crate::mapi::{Code, CodeSet, Fault, FaultSet, ProviderKind};
use crate::policy::Policy;
use crate::protocol::Answer;
use crate::scenario::budget::Budget;
use crate::scenario::caller::{Client, Name};
use crate::scenario::load::{Load, Timing, Weights};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A scenario, read and checked: references are ids, limits are kept.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Scenario {
    /// The title.
    pub name: Option<String>,
    /// Profiles, in file order.
    pub profiles: Vec<Profile>,
    /// Services of all profiles, in file order; those of one profile stand together. Behind them
    /// one for each provider that belongs to no service.
    pub services: Vec<Service>,
    /// Providers of all services, in file order; those of one service stand together.
    pub providers: Vec<Provider>,
    /// Clients, in file order.
    pub clients: Vec<Client>,
    /// The default profile.
    pub default_profile: Named,
    /// The name of the default profile as written.
    pub default_name: Option<String>,
    /// Most open sessions (AMB-12); absent: unlimited.
    pub max_sessions: Option<u32>,
    /// Codes that `MAPIInitialize` may answer in place of S_OK (INI-4).
    pub init_codes: CodeSet,
    /// What the user may answer.
    pub answers: Answers,
    /// What may go wrong.
    pub faults: Faults,
    /// Readings in force.
    pub policy: Policy,
    /// Witnesses the scenario must reach, by id.
    pub expect: Vec<String>,
    /// How long things take in virtual time.
    pub timing: Option<Timing>,
    /// The work that arrives in virtual time; given only with `timing`.
    pub load: Option<Load>,
    /// What random runs lean to.
    pub weights: Weights,
}

/// How many witnesses there are: RCH-1 to this (SPEC 8.2).
pub const WITNESSES: usize = 24;

/// Most characters of a profile name parameter (PAR-5).
pub const PARAMETER_LENGTH: usize = 64;

/// The name under which a scenario has a profile of this name.
///
/// The documentation knows no name of more than 64 characters, with outer spaces or with control
/// characters (PAR-5, PRF-6), and neither do scenarios; real systems may. Of such a name the
/// beginning stands in the scenario, and eight digits that tell it from others \[DER\].
#[must_use]
pub fn stand_in(name: &str) -> Cow<'_, str> {
    let regular = name.chars().count() <= PARAMETER_LENGTH
        && name.trim() == name
        && !name.contains(char::is_control);
    if regular {
        return Cow::Borrowed(name);
    }
    let letters = name.trim().chars().filter(|letter| !letter.is_control());
    let head: String = letters.take(PARAMETER_LENGTH - 9).collect();
    let fold = |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let digits = name.bytes().fold(0x811c_9dc5, fold);
    Cow::Owned(format!("{head}~{digits:08x}"))
}

/// A profile name as the machine resolves it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Named {
    /// No name: NULL or empty.
    #[default]
    Nothing,
    /// The name of no profile of the scenario.
    Unknown,
    /// A profile of the scenario.
    Profile(ProfileId),
}

/// A profile (PRF-1).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Whether it can be opened.
    pub state: ProfileState,
    /// Data corruption may strike it when it is opened (FLT-11).
    pub corruptible: bool,
    /// Credentials do not validate without the password dialog (AMB-23).
    pub password: bool,
    /// Its services.
    pub services: ServiceSet,
    /// All their providers.
    pub providers: ProviderSet,
}

/// Whether a profile can be opened (T-17, T-18).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ProfileState {
    /// It can.
    #[default]
    Valid,
    /// It is listed, but opening it fails.
    Damaged,
    /// It is marked for deletion: as good as absent.
    Deleted,
}

/// A message service (SVC-10).
///
/// A foreign store, a provider that belongs to no service, is the only one of a service of its own
/// name that is in no profile \[DER\]: what disables that service disables the store alone
/// (PRV-60).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// The profile it stands in; absent for that of a foreign store.
    pub profile: Option<ProfileId>,
    /// Is its profile-resident configuration complete at the start?
    pub complete: bool,
    /// Its entry point.
    pub entry_point: EntryPoint,
    /// Losing it fails the logon (AMB-9).
    pub critical: bool,
    /// Its providers can supply the primary identity (IDN-1).
    pub identity: bool,
    /// The faults that may strike its configuration (FLT-11).
    pub faults: FaultSet,
    /// Its providers.
    pub providers: ProviderSet,
}

/// A service's entry point function (SVC-11, SVC-17, SVC-20).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum EntryPoint {
    /// Configures with a dialog.
    #[default]
    Dialog,
    /// May also configure without UI.
    Programmatic,
    /// There is none.
    None,
}

/// A service provider.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Provider {
    /// Its name.
    pub name: String,
    /// The service it belongs to.
    pub service: ServiceId,
    /// What it provides.
    pub kind: ProviderKind,
    /// Most simultaneous logons, all sessions together (LIM-5); absent: unlimited.
    pub session_cap: Option<u32>,
    /// What it answers beyond them.
    pub cap_code: Code,
    /// Is the data it asks for itself complete at the start (PRV-24)?
    pub complete: bool,
    /// Its password at the start (PRV-28, PRV-30).
    pub password: Password,
    /// The faults that may strike it.
    pub faults: FaultSet,
    /// Codes its entry point may answer without a reason in its data (AMB-35).
    pub init_codes: CodeSet,
    /// Codes its logon method may answer without a reason in its data (AMB-35).
    pub logon_codes: CodeSet,
}

/// The password of a provider at the start.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Password {
    /// Stored, and right.
    #[default]
    Stored,
    /// Not stored.
    Missing,
    /// Stored, but the server refuses it.
    Wrong,
}

/// The fault kinds a file can name, with the faults of each.
#[must_use]
pub fn fault_kinds() -> [(&'static str, FaultSet); 4] {
    let kind = |name: &'static str| {
        let mut set = FaultSet::default();
        Fault::ALL.into_iter().filter(|fault| fault.kind() == name).for_each(|f| set.insert(f));
        (name, set)
    };
    Fault::KINDS.map(kind)
}

/// What the user may answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Answers(pub u16);

/// The names of [`Answers`], bit by bit.
pub const ANSWERS: [&str; 9] = [
    "pick",
    "supply",
    "supply-incomplete",
    "cancel",
    "retry",
    "correct",
    "decline",
    "confirm",
    "refuse",
];

impl Answers {
    /// Whether the user may answer so.
    #[must_use]
    pub const fn allow(self, answer: Answer) -> bool {
        self.0 >> answer.bit() & 1 == 1
    }
}

impl Default for Answers {
    fn default() -> Self {
        Self(0x1ff)
    }
}

/// The faults that may strike, and who may repair them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Faults {
    /// How many faults may strike in one run.
    pub budget: Budget,
    /// Which.
    pub kinds: FaultSet,
    /// The user can repair: a fault may be gone at a second try after `correct`.
    pub repair_by_user: bool,
    /// The environment can: a fault may be gone at any later try.
    pub repair_by_environment: bool,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            budget: Budget::Limited(0),
            kinds: FaultSet::ALL,
            repair_by_user: true,
            repair_by_environment: true,
        }
    }
}

impl Provider {
    /// Can it answer `MAPI_E_FAILONEPROVIDER`?
    #[must_use]
    pub fn may_be_put_off(&self) -> bool {
        let skip = Code::FailOneProvider;
        self.password != Password::Stored
            || self.session_cap.is_some() && self.cap_code == skip
            || self.init_codes.contains(skip)
            || self.logon_codes.contains(skip)
    }
}

impl Scenario {
    /// How many `MAPILogonEx` calls all clients list.
    #[must_use]
    pub fn logons(&self) -> usize {
        self.clients.iter().map(Client::logons).sum()
    }
    /// Takes kinds of faults out, wherever they may strike.
    pub fn leave_out(&mut self, kinds: FaultSet) {
        let without = |set: FaultSet| FaultSet(set.0 & !kinds.0);
        self.faults.kinds = without(self.faults.kinds);
        let services = self.services.iter_mut().map(|service| &mut service.faults);
        let providers = self.providers.iter_mut().map(|provider| &mut provider.faults);
        services.chain(providers).for_each(|faults| *faults = without(*faults));
        for profile in &mut self.profiles {
            profile.corruptible &= !kinds.contains(Fault::DataCorruption);
        }
    }
    /// A profile name parameter.
    #[must_use]
    pub fn name(&self, written: Option<&str>) -> Name {
        Name {
            written: written.map(str::to_owned),
            named: written.map_or(Named::Nothing, |name| self.resolve(name)),
            too_long: written.is_some_and(|name| name.chars().count() > PARAMETER_LENGTH),
        }
    }
    /// What a profile name stands for.
    #[must_use]
    pub fn resolve(&self, name: &str) -> Named {
        if name.is_empty() {
            return Named::Nothing;
        }
        let name = stand_in(name);
        let position = self.profiles.iter().position(|profile| profile.name == name);
        position.map_or(Named::Unknown, |index| Named::Profile(index.into()))
    }
    /// The provider's service.
    #[must_use]
    pub fn service_of(&self, provider: ProviderId) -> &Service {
        &self.services[self.providers[provider.index()].service.index()]
    }
    /// The services of foreign stores (PRV-60).
    #[must_use]
    pub fn foreign(&self) -> ServiceSet {
        ServiceSet::of(&self.services, |service| service.profile.is_none())
    }
    /// Providers of one kind.
    #[must_use]
    pub fn of_kind(&self, kind: ProviderKind) -> ProviderSet {
        let mut set = ProviderSet::EMPTY;
        for (index, provider) in self.providers.iter().enumerate() {
            if provider.kind == kind {
                set.insert(index.into());
            }
        }
        set
    }
    /// The profiles a user may pick at the start: all that are not deleted.
    #[must_use]
    pub fn listed(&self) -> ProfileSet {
        let mut set = ProfileSet::EMPTY;
        for (index, profile) in self.profiles.iter().enumerate() {
            if profile.state != ProfileState::Deleted {
                set.insert(index.into());
            }
        }
        set
    }
}
