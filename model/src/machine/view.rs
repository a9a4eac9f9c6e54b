//! The view of a member of a session: the rows of the status table, the identity.

use crate::ids::ProviderId;
use crate::machine::model::Model;
use crate::mapi::ProviderKind;
use crate::policy::StatusRows;
use crate::protocol::{ResourceType, Status, StatusRow};
use crate::world::{RunState, Session};

/// A session as one of its members sees it.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    model: &'a Model,
    session: Session,
    no_mail: bool,
}

impl<'a> View<'a> {
    /// The view of a member whose attachment has mail or not (STA-20).
    #[must_use]
    pub const fn of(model: &'a Model, session: Session, no_mail: bool) -> Self {
        Self { model, session, no_mail }
    }

    /// The status table.
    ///
    /// Rows of providers stand for their logons: made by the logon, gone with the logoff (STA-11,
    /// OFF-13); a quarantined provider's says so (STA-12).
    pub fn status_rows(self) -> impl Iterator<Item = (StatusRow, Status)> + 'a {
        let spooler = if self.no_mail { Status::Failure } else { Status::Available };
        // STA-1: MAPI supplies three rows itself.
        let subsystem = self.session.profile.map(StatusRow::Subsystem);
        let fixed = subsystem.map(|row| (row, Status::Available)).into_iter();
        let fixed = fixed
            .chain([(StatusRow::Spooler, spooler), (StatusRow::AddressBook, Status::Available)]);
        // [DER] PRV-60: a foreign store has a row for its logon, and none without one.
        let all = self.model.providers_of(self.session.services).or(self.session.running);
        let theirs = all.filter_map(move |provider| {
            let definition = &self.model.scenario().providers[provider.index()];
            let shown = !self.no_mail || definition.kind != ProviderKind::Transport;
            let state = self.session.run_state(provider, definition.service);
            let status = self.model.status_of(state).filter(|_| shown);
            status.map(|status| (StatusRow::Provider(provider), status))
        });
        fixed.chain(theirs)
    }

    /// The provider that supplies the identity: the first one logged on of an enabled service with
    /// `identity`, in profile order (OPN-13, IDN-1, OPN-23).
    #[must_use]
    pub fn identity(self) -> Option<ProviderId> {
        let slot = &self.session;
        let services = &self.model.scenario().services;
        let mut enabled = slot.services.without(slot.disabled);
        enabled.find_map(|service| {
            let definition = &services[service.index()];
            let running = slot.running.and(definition.providers);
            running.first().filter(|_| definition.identity)
        })
    }
}

impl Model {
    /// What a row stands for, as MAPI numbers it.
    #[must_use]
    pub fn resource_type(&self, row: StatusRow) -> ResourceType {
        match row {
            StatusRow::Subsystem(_) => ResourceType::Subsystem,
            StatusRow::Spooler => ResourceType::Spooler,
            StatusRow::AddressBook => ResourceType::AddressBook,
            StatusRow::Provider(provider) => match self.scenario().providers[provider.index()].kind
            {
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
}
