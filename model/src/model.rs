//! Which world, under which policy? A scenario with all that follows from it and never changes.

use crate::encode::Layout;
use crate::ids::{ClientId, LogonId, ProviderSet, ServiceSet, SessionId};
use crate::mapi::{LogonFlags, ProviderKind};
use crate::outside::Outside;
use crate::policy::{Dialogs, NewAndAllow, ServiceNoMail, SharedSessions, SvcUiAlone};
use crate::property::Watch;
use crate::scenario::{Call, Client, Logon, PARAMETER_LENGTH, Scenario};
use crate::state::{Phase, State};
use crate::transition::Place;
use crate::window::Parameters;

/// A scenario, ready to be stepped through.
#[derive(Clone, Debug)]
pub struct Model {
    scenario: Scenario,
    permissions: Vec<Permissions>,
    establishing: Vec<Permissions>,
    kinds: [ProviderSet; 3],
    frees_libraries: bool,
    layout: Layout,
    first: State,
    outside: Outside,
    watch: Watch,
    #[cfg(feature = "mutants")]
    mutant: Option<crate::mutant::Wrong>,
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
        let clients = scenario.clients.iter();
        let permissions: Vec<_> = clients.map(|c| Permissions::of(c, &scenario)).collect();
        let establisher = |logon: &Logon| permissions[logon.client.index()];
        let establishing = scenario.logons.iter().map(establisher).collect();
        let kinds = ProviderKind::ALL.map(|kind| scenario.of_kind(kind));
        let frees_libraries = scenario.clients.iter().any(|client| client.initializes);
        let layout = Layout::of(&scenario);
        let first = State::before_all(&scenario);
        let mut model = Self {
            scenario,
            permissions,
            establishing,
            kinds,
            frees_libraries,
            layout,
            first,
            outside: Outside::default(),
            watch: Watch::default(),
            #[cfg(feature = "mutants")]
            mutant: None,
        };
        for index in 0..model.scenario.clients.len() {
            let mut first = model.first;
            model.leave_out_calls(&mut first, index.into());
            model.first = first;
        }
        model.watch = Watch::of(&model);
        model
    }

    /// The moment before anything has happened.
    #[inline]
    #[must_use]
    pub const fn initial(&self) -> State {
        self.first
    }

    /// Prepares a scenario whose clients will be told their calls, for [`crate::window`].
    pub(crate) fn of_any_calls(scenario: Scenario) -> Self {
        let layout = Layout::of_any_calls(&scenario);
        Self { layout, ..Self::new(scenario) }
    }

    /// The parameters of the client's next logon, and what they permit.
    pub(crate) fn set_parameters(&mut self, client: ClientId, given: Parameters) -> Permissions {
        let Parameters { profile, password, flags } = given;
        let name = profile.as_deref().unwrap_or("");
        let named = self.scenario.resolve(name);
        let name_too_long = name.chars().count() > PARAMETER_LENGTH;
        let me = &mut self.scenario.clients[client.index()];
        (me.named, me.name_too_long) = (named, name_too_long);
        (me.profile, me.password, me.flags) = (profile, password, flags);
        let permissions = Permissions::of(&self.scenario.clients[client.index()], &self.scenario);
        self.set_permissions(client, permissions);
        permissions
    }

    /// What the client's next call permits.
    pub(crate) fn set_permissions(&mut self, client: ClientId, permissions: Permissions) {
        self.permissions[client.index()] = permissions;
    }

    /// As [`Self::set_permissions`], for the sessions the client establishes as well.
    #[cfg(feature = "mutants")]
    pub(crate) fn permit(&mut self, client: ClientId, permissions: Permissions) {
        self.set_permissions(client, permissions);
        for (logon, establishing) in self.scenario.logons.iter().zip(&mut self.establishing) {
            if logon.client == client {
                *establishing = permissions;
            }
        }
    }

    /// The calls of every client, the logons among them, and what each of these permits.
    pub(crate) fn list_calls(
        &mut self,
        calls: Vec<(Vec<Call>, Vec<String>)>,
        logons: Vec<Logon>,
        establishing: Vec<Permissions>,
    ) {
        for (client, (calls, written)) in self.scenario.clients.iter_mut().zip(calls) {
            (client.calls, client.written) = (calls, written);
        }
        (self.scenario.logons, self.establishing) = (logons, establishing);
    }

    /// The same world under a wrong transition function.
    #[cfg(feature = "mutants")]
    #[must_use]
    pub fn mutated(mut self, mutant: crate::mutant::Mutant) -> Self {
        self.mutant = Some(crate::mutant::Wrong::of(&self, mutant));
        self
    }

    /// What is wrong with the transition function.
    #[cfg(feature = "mutants")]
    #[inline]
    pub(crate) const fn wrong(&self) -> Option<&crate::mutant::Wrong> {
        self.mutant.as_ref()
    }

    /// What clients do that the scenario does not hold; nobody, unless a driver says otherwise.
    #[inline]
    #[must_use]
    pub const fn outside(&self) -> &Outside {
        &self.outside
    }

    /// As [`Self::outside`], for a driver of more clients than the scenario holds.
    #[inline]
    pub const fn outside_mut(&mut self) -> &mut Outside {
        &mut self.outside
    }

    /// How states of this scenario are written.
    #[inline]
    pub(crate) const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What the scenario makes of the properties.
    #[inline]
    pub(crate) const fn watch(&self) -> &Watch {
        &self.watch
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
        self.establishing[session.index()]
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
            Phase::Ready if me.initialized == 0 => Place::Q0,
            Phase::Ready if self.session_held(state, client).is_some() => Place::W0,
            Phase::Ready if me.obtained => Place::W4,
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
    pub(crate) fn of(client: &Client, scenario: &Scenario) -> Self {
        let has = |flag| client.flags.contains(flag);
        let service = has(LogonFlags::MAPI_NT_SERVICE);
        let dialogs = !service && scenario.policy.dialogs == Dialogs::On;
        let ui_profile = has(LogonFlags::MAPI_LOGON_UI) && dialogs;
        let alone = match scenario.policy.svc_ui_alone {
            SvcUiAlone::CfgOnly => has(LogonFlags::MAPI_SERVICE_UI_ALWAYS) && dialogs,
            SvcUiAlone::None => false,
        };
        let ui_cfg = ui_profile || alone;
        let overruled = scenario.policy.new_and_allow == NewAndAllow::Individual
            && has(LogonFlags::MAPI_NEW_SESSION);
        Self {
            ui_profile,
            ui_pwd: has(LogonFlags::MAPI_PASSWORD_UI) && dialogs,
            ui_cfg,
            forced: ui_cfg && has(LogonFlags::MAPI_SERVICE_UI_ALWAYS),
            no_mail: has(LogonFlags::MAPI_NO_MAIL)
                || (service && scenario.policy.service_no_mail == ServiceNoMail::Force),
            force_download: has(LogonFlags::MAPI_FORCE_DOWNLOAD),
            shareable: has(LogonFlags::MAPI_ALLOW_OTHERS)
                && !overruled
                && scenario.policy.shared_sessions == SharedSessions::On,
        }
    }
}
