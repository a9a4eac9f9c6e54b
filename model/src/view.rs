//! What does a member of a session see? The rows of the status table, the identity.

use crate::ids::{ClientId, ProfileId, ProviderId, SessionId};
use crate::mapi::ProviderKind;
use crate::model::Model;
use crate::policy::StatusRows;
use crate::state::{RunState, State};

/// A row of the status table (STA-1, STA-2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Row {
    /// The subsystem, `MAPI_SUBSYSTEM`; its display name is that of the profile (STA-3).
    Subsystem(ProfileId),
    /// The spooler, `MAPI_SPOOLER`.
    Spooler,
    /// The integrated address book, `MAPI_AB`.
    AddressBook,
    /// A service provider.
    Provider(ProviderId),
}

/// `PR_STATUS_CODE` of a row, as far as the model tells (STA-4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Status {
    /// `STATUS_AVAILABLE`: operational.
    Available,
    /// `STATUS_OFFLINE`: not logged on; only with `STATUS_ROWS = "all"`.
    Offline,
    /// `STATUS_FAILURE`: trouble, or the spooler without mail (STA-18, STA-21).
    Failure,
}

/// `PR_RESOURCE_TYPE` of a row (STA-1, STA-2), with the numbers of the public headers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum ResourceType {
    /// `MAPI_STORE_PROVIDER`
    StoreProvider = 33,
    /// `MAPI_AB`
    AddressBook = 34,
    /// `MAPI_AB_PROVIDER`
    AddressBookProvider = 35,
    /// `MAPI_TRANSPORT_PROVIDER`
    TransportProvider = 36,
    /// `MAPI_SPOOLER`
    Spooler = 37,
    /// `MAPI_SUBSYSTEM`
    Subsystem = 39,
}

impl ResourceType {
    /// The name as MAPI spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::StoreProvider => "MAPI_STORE_PROVIDER",
            Self::AddressBook => "MAPI_AB",
            Self::AddressBookProvider => "MAPI_AB_PROVIDER",
            Self::TransportProvider => "MAPI_TRANSPORT_PROVIDER",
            Self::Spooler => "MAPI_SPOOLER",
            Self::Subsystem => "MAPI_SUBSYSTEM",
        }
    }
}

impl Status {
    /// The name as MAPI spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Available => "STATUS_AVAILABLE",
            Self::Offline => "STATUS_OFFLINE",
            Self::Failure => "STATUS_FAILURE",
        }
    }
}

impl Model {
    /// The status table of a session as the client sees it: a view per attachment (STA-20).
    ///
    /// Rows of providers stand for their logons: made by the logon, gone with the logoff (STA-11,
    /// OFF-13); a quarantined provider's says so (STA-12).
    pub fn status_rows<'a>(
        &'a self,
        state: &'a State,
        session: SessionId,
        client: ClientId,
    ) -> impl Iterator<Item = (Row, Status)> + 'a {
        let mail = !self.permissions(client).no_mail;
        let spooler = if mail { Status::Available } else { Status::Failure };
        let slot = state.session(session);
        // STA-1: MAPI supplies three rows itself.
        let subsystem = slot.profile.map(Row::Subsystem);
        let fixed = subsystem.map(|row| (row, Status::Available)).into_iter();
        let fixed = fixed.chain([(Row::Spooler, spooler), (Row::AddressBook, Status::Available)]);
        let all = self.providers_of(slot.services);
        let theirs = all.filter_map(move |provider| {
            let definition = &self.scenario().providers[provider.index()];
            let shown = mail || definition.kind != ProviderKind::Transport;
            let status = self.status_of(slot.run_state(provider, definition.service));
            status.filter(|_| shown).map(|status| (Row::Provider(provider), status))
        });
        fixed.chain(theirs)
    }

    /// What a row stands for, as MAPI numbers it.
    #[must_use]
    pub fn resource_type(&self, row: Row) -> ResourceType {
        match row {
            Row::Subsystem(_) => ResourceType::Subsystem,
            Row::Spooler => ResourceType::Spooler,
            Row::AddressBook => ResourceType::AddressBook,
            Row::Provider(provider) => match self.scenario().providers[provider.index()].kind {
                ProviderKind::AddressBook => ResourceType::AddressBookProvider,
                ProviderKind::MessageStore => ResourceType::StoreProvider,
                ProviderKind::Transport => ResourceType::TransportProvider,
            },
        }
    }

    fn status_of(&self, state: RunState) -> Option<Status> {
        match (state, self.scenario().policy.status_rows) {
            (RunState::LoggedOn, _) => Some(Status::Available),
            (RunState::Quarantined, _) => Some(Status::Failure),
            (RunState::NotStarted | RunState::Deferred, StatusRows::All) => Some(Status::Offline),
            (RunState::NotStarted | RunState::Deferred, StatusRows::LoggedOn) => None,
        }
    }

    /// The provider that supplies the identity: the first one logged on of an enabled service with
    /// `identity`, in profile order (OPN-13, IDN-1, OPN-23).
    #[must_use]
    pub fn identity(&self, state: &State, session: SessionId) -> Option<ProviderId> {
        let slot = state.session(session);
        let services = &self.scenario().services;
        let mut enabled = slot.services.without(slot.disabled);
        enabled.find_map(|service| {
            let definition = &services[service.index()];
            slot.running.and(definition.providers).first().filter(|_| definition.identity)
        })
    }
}
