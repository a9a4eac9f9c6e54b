//! Which world, under which policy? A scenario with all that follows from it and never changes.

use crate::encode::Layout;
use crate::ids::{ClientId, LogonId, ProviderSet, ServiceSet, SessionId};
use crate::mapi::{LogonFlags, ProviderKind};
use crate::policy::{NewAndAllow, ServiceNoMail, SvcUiAlone};
use crate::scenario::{Call, Client, Scenario};
use crate::state::{Phase, State};
use crate::transition::Place;

/// A scenario, ready to be stepped through.
#[derive(Clone, Debug)]
pub struct Model {
    scenario: Scenario,
    permissions: Vec<Permissions>,
    kinds: [ProviderSet; 3],
    frees_libraries: bool,
    layout: Layout,
    #[cfg(feature = "mutants")]
    mutant: Option<crate::mutant::Mutant>,
}

/// What the flags of a client's logon calls permit (SPEC 0.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Permissions {
    /// The profile dialog may appear.
    pub ui_profile: bool,
    /// The password dialog may appear.
    pub ui_pwd: bool,
    /// Configuration, provider and failure dialogs may appear.
    pub ui_cfg: bool,
    /// A forced round is asked for (FLG-12) and permitted.
    pub forced: bool,
    /// The spooler is not told (FLG-11).
    pub no_mail: bool,
    /// All messages are fetched in the call (FLG-10).
    pub force_download: bool,
    /// A session established by this client can be joined (SHR-6).
    pub shareable: bool,
}

impl Model {
    /// Prepares a scenario.
    #[must_use]
    pub fn new(scenario: Scenario) -> Self {
        let permissions = scenario.clients.iter().map(|c| Permissions::of(c, &scenario)).collect();
        let kinds = ProviderKind::ALL.map(|kind| scenario.of_kind(kind));
        let frees_libraries = scenario.clients.iter().any(|client| client.initializes);
        let layout = Layout::of(&scenario);
        Self {
            scenario,
            permissions,
            kinds,
            frees_libraries,
            layout,
            #[cfg(feature = "mutants")]
            mutant: None,
        }
    }

    /// The same world under a wrong transition function.
    #[cfg(feature = "mutants")]
    #[must_use]
    pub fn mutated(mut self, mutant: crate::mutant::Mutant) -> Self {
        self.mutant = Some(mutant);
        self
    }

    /// Is this wrong variant in force?
    #[cfg(feature = "mutants")]
    #[inline]
    pub(crate) fn is(&self, mutant: crate::mutant::Mutant) -> bool {
        self.mutant == Some(mutant)
    }

    /// How states of this scenario are written.
    #[inline]
    pub(crate) const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The scenario.
    #[inline]
    #[must_use]
    pub const fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// What the client's flags permit.
    #[inline]
    #[must_use]
    pub fn permissions(&self, client: ClientId) -> Permissions {
        self.permissions[client.index()]
    }

    /// The flags of the call that established a session decide its kind and its dialogs.
    #[inline]
    #[must_use]
    pub fn establishing(&self, session: SessionId) -> Permissions {
        self.permissions(self.scenario.logons[session.index()].client)
    }

    /// The providers of one kind, all profiles together.
    #[inline]
    #[must_use]
    pub const fn kind(&self, kind: ProviderKind) -> ProviderSet {
        self.kinds[kind as usize]
    }

    /// The providers of a set of services.
    #[must_use]
    pub fn providers_of(&self, services: ServiceSet) -> ProviderSet {
        services.fold(ProviderSet::EMPTY, |set, service| {
            set.or(self.scenario.services[service.index()].providers)
        })
    }

    /// Does any client uninitialise, so that libraries are freed (OFF-14)?
    #[inline]
    #[must_use]
    pub const fn frees_libraries(&self) -> bool {
        self.frees_libraries
    }

    /// The call the client is in or makes next.
    #[inline]
    #[must_use]
    pub fn next_call(&self, state: &State, client: ClientId) -> Option<Call> {
        let calls = &self.scenario.clients[client.index()].calls;
        calls.get(state.client(client).call as usize).copied()
    }

    /// The logon call the client is in, if it is in one.
    #[must_use]
    pub fn logon_in_progress(&self, state: &State, client: ClientId) -> Option<LogonId> {
        if state.client(client).phase == Phase::Ready {
            return None;
        }
        match self.next_call(state, client)? {
            Call::LogonEx(logon) => Some(logon),
            Call::Initialize
            | Call::Uninitialize
            | Call::Logoff(_)
            | Call::Release
            | Call::OpenMsgStore(_)
            | Call::OpenAddressBook
            | Call::GetStatusTable
            | Call::QueryIdentity
            | Call::DeleteProfile(_)
            | Call::RemoveService(_) => None,
        }
    }

    /// Whose call holds the logon mutex: the one logon past Q3.
    #[must_use]
    pub fn mutex_holder(&self, state: &State) -> Option<ClientId> {
        (0..self.scenario.clients.len()).map(ClientId::from).find(|client| {
            !matches!(state.client(*client).phase, Phase::Ready | Phase::Waiting)
                && self.logon_in_progress(state, *client).is_some()
        })
    }

    /// The session the client obtained last and still holds.
    #[must_use]
    pub fn session_held(&self, state: &State, client: ClientId) -> Option<SessionId> {
        self.attachment_held(state, client).and_then(|logon| state.attached[logon.index()])
    }

    /// The logon call whose attachment the client obtained last and still holds.
    #[must_use]
    pub fn attachment_held(&self, state: &State, client: ClientId) -> Option<LogonId> {
        let logons = self.scenario.logons.iter().enumerate().rev();
        logons
            .filter(|(_, logon)| logon.client == client)
            .map(|(slot, _)| LogonId::from(slot))
            .find(|logon| state.attached[logon.index()].is_some())
    }

    /// The state of SPEC 7.1 a client's call or attachment rests in.
    #[must_use]
    pub fn place(&self, state: &State, client: ClientId) -> Place {
        let me = state.client(client);
        match me.phase {
            Phase::Ready if self.session_held(state, client).is_some() => Place::W0,
            Phase::Ready if me.obtained => Place::W4,
            Phase::Ready if me.initialized == 0 => Place::Q0,
            Phase::Ready => Place::Q1,
            Phase::Waiting => Place::Q3,
            Phase::Choosing => Place::Q4,
            Phase::PickingProfile => Place::Q6,
            Phase::Opening { .. } => Place::Q7,
            Phase::GivingPassword => Place::Q9,
            Phase::Forced(_) => Place::Q10,
            Phase::Prompting(..) => Place::Q12,
            Phase::Trying(..) => Place::Q13,
            Phase::Asking(..) => Place::Q14,
            Phase::Informing(..) => Place::Q15,
            Phase::Reconfiguring { .. } => Place::Q16,
            Phase::Disabling(..) => Place::Q17,
            Phase::Finishing => Place::Q19,
            Phase::Undoing(_) => Place::Q21,
            Phase::Confirming => Place::W2,
        }
    }

    /// Has every client made all its calls?
    #[must_use]
    pub fn has_ended(&self, state: &State) -> bool {
        (0..self.scenario.clients.len())
            .map(ClientId::from)
            .all(|client| self.next_call(state, client).is_none())
    }
}

impl Permissions {
    fn of(client: &Client, scenario: &Scenario) -> Self {
        let has = |flag| client.flags.contains(flag);
        let service = has(LogonFlags::MAPI_NT_SERVICE);
        let ui_profile = has(LogonFlags::MAPI_LOGON_UI) && !service;
        let alone = match scenario.policy.svc_ui_alone {
            SvcUiAlone::CfgOnly => has(LogonFlags::MAPI_SERVICE_UI_ALWAYS) && !service,
            SvcUiAlone::None => false,
        };
        let ui_cfg = ui_profile || alone;
        let overruled = scenario.policy.new_and_allow == NewAndAllow::Individual
            && has(LogonFlags::MAPI_NEW_SESSION);
        Self {
            ui_profile,
            ui_pwd: has(LogonFlags::MAPI_PASSWORD_UI) && !service,
            ui_cfg,
            forced: ui_cfg && has(LogonFlags::MAPI_SERVICE_UI_ALWAYS),
            no_mail: has(LogonFlags::MAPI_NO_MAIL)
                || (service && scenario.policy.service_no_mail == ServiceNoMail::Force),
            force_download: has(LogonFlags::MAPI_FORCE_DOWNLOAD),
            shareable: has(LogonFlags::MAPI_ALLOW_OTHERS) && !overruled,
        }
    }
}
