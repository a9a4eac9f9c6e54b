//! Calls on a live session: T-70 to T-74 and T-82, and profile administration.

use crate::ids::{ProfileId, ProviderId, ProviderSet, ServiceId};
use crate::machine::View;
use crate::machine::step::{Next, Stage, Turn};
use crate::machine::variant::Variant;
use crate::mapi::{Code, ProviderKind};
use crate::protocol::Place::{Q13, W0, W1};
use crate::protocol::Transition::{T70, T71, T72, T73, T74};
use crate::protocol::{Attempt, Effect, Method, Phase, Task};
use crate::scenario::ProfileState;
use crate::world::Store;

use crate::policy::ReuseOpenStore;

impl<S: Store, V: Variant> Turn<'_, S, V> {
    /// W0: a call on a session the client holds; without one nothing is reached (SES-1, HDL-1). Of
    /// the operations of HDL-4 and the facets of HDL-5 these are modelled; forms, other tables and
    /// properties of transports are not.
    pub(crate) fn call_on_session(&mut self, method: Method) -> Next {
        match method {
            Method::OpenMsgStore(provider) => self.open_store(provider),
            Method::OpenAddressBook | Method::GetStatusTable => Next::Go(Stage::StartWanted(None)),
            Method::GetMsgStoresTable => self.show_stores(),
            Method::QueryIdentity => self.query_identity(),
            Method::RemoveService(service) => self.remove_service(service),
            Method::Logoff(flags) => self.log_off(flags),
            Method::Release => self.release(),
        }
    }

    /// The call returns with the session it acted on.
    pub(crate) const fn answer(&self, code: Code) -> Next {
        Next::Return(code, Some(self.session))
    }

    /// `OpenMsgStore` (OPN-5, OPN-6, OPN-20); a foreign store is reached from every session
    /// (PRV-60).
    fn open_store(&mut self, provider: ProviderId) -> Next {
        let slot = self.slot();
        let definition = &self.model.scenario().providers[provider.index()];
        let reached = slot.services.or(self.model.scenario().foreign());
        let known =
            reached.contains(definition.service) && definition.kind == ProviderKind::MessageStore;
        let running = slot.running.without(slot.promised).contains(provider);
        match (known, slot.disabled.contains(definition.service), running) {
            (false, _, _) => self.answer(Code::NotFound),
            // T-73: the service is disabled; no provider call (DIS-6, OPN-20).
            (true, true, _) => {
                self.takes(T73);
                self.answer(Code::LogonFailed)
            }
            (true, false, true) if self.reuses() => self.answer(Code::Ok),
            (true, false, true | false) => Next::Go(Stage::StartLate(provider)),
        }
    }

    /// `OpenAddressBook`, `GetStatusTable`: the next provider after `done` that is to be started.
    pub(crate) fn start_wanted(&mut self, done: Option<ProviderId>) -> Next {
        let wanted = self.wanted();
        match done.map_or(wanted, |done| wanted.after(done)).first() {
            Some(provider) => Next::Go(Stage::StartLate(provider)),
            None => self.opened(),
        }
    }

    /// Providers of enabled services that the call needs and that are not logged on.
    fn wanted(&self) -> ProviderSet {
        let slot = self.slot();
        let enabled = self.model.providers_of(slot.services.without(slot.disabled));
        let missing = enabled.without(slot.running.without(slot.promised));
        match self.call.method() {
            Some(Method::OpenAddressBook) => {
                let wanted = if self.reuses() { missing } else { enabled };
                wanted.and(self.model.kind(ProviderKind::AddressBook))
            }
            // STA-17: without mail the transports are of no concern (PRV-9).
            Some(Method::GetStatusTable) if !self.permits(self.flags).no_mail => {
                missing.and(self.model.kind(ProviderKind::Transport))
            }
            Some(_) | None => ProviderSet::EMPTY,
        }
    }

    /// T-70 for a transport, T-72 for the others: fresh tries, without the mutex (MTX-7).
    pub(crate) fn start_late(&mut self, provider: ProviderId) -> Next {
        let transport = self.model.kind(ProviderKind::Transport).contains(provider);
        self.takes(if transport { T70 } else { T72 });
        if self.slot().running.contains(provider) {
            // A success reported early (AMB-47), or what is open is not reused: the logon there is
            // ends before the next begins.
            self.log_off_providers(self.session, ProviderSet::only(provider));
        }
        self.at = Q13;
        Next::Rest(Phase::Trying(provider, Attempt::FIRST))
    }

    /// Does opening what is open call no provider (OPN-6)?
    fn reuses(&self) -> bool {
        self.model.scenario().policy.reuse_open_store == ReuseOpenStore::On
    }

    /// A task has ended: the logon or the session call goes on.
    pub(crate) fn finish(&mut self, task: Task, code: Code) -> Next {
        let provider = match (self.logon(), task) {
            (_, Task::Configure(service)) => {
                return Next::Go(Stage::ConfigureAfter(Some(service)));
            }
            (Some(_), Task::Run(provider)) => return Next::Go(Stage::StartAfter(Some(provider))),
            (None, Task::Run(provider)) => provider,
        };
        self.at = W0;
        if self.model.kind(ProviderKind::Transport).contains(provider) {
            self.at = W1;
            self.takes(T71);
        }
        match self.call.method() {
            Some(Method::OpenMsgStore(_)) => self.answer(code),
            Some(_) | None => Next::Go(Stage::StartWanted(Some(provider))),
        }
    }

    /// `OpenAddressBook` and `GetStatusTable` return (OPN-1, OPN-2, OPN-11, OPN-22).
    fn opened(&mut self) -> Next {
        let slot = self.slot();
        let books = self.model.providers_of(slot.services);
        let books = books.and(self.model.kind(ProviderKind::AddressBook));
        let disabled = self.model.providers_of(slot.disabled);
        let open = slot.running.without(disabled);
        let is_book = self.call.method() == Some(Method::OpenAddressBook);
        if !is_book {
            self.show_status_table();
        }
        let lost = is_book && !books.without(open).is_empty();
        let concerned = if is_book { books } else { disabled };
        if !concerned.and(disabled).is_empty() {
            // T-73: containers of a disabled service are absent (OPN-22), its rows per STA-12
            // (OPN-24).
            self.takes(T73);
        }
        self.answer(if lost { Code::ErrorsReturned } else { Code::Ok })
    }

    /// STA-1 to STA-3, STA-12, STA-17, STA-18.
    fn show_status_table(&mut self) {
        let slot = self.slot();
        let view = View::of(self.model, slot, self.permits(self.flags).no_mail);
        let (client, session) = (self.client, self.session);
        for (row, status) in view.status_rows() {
            self.shows(Effect::StatusRow { client, session, row, status });
        }
    }

    /// `GetMsgStoresTable`: the stores of the session but those of disabled services, logged on or
    /// not; nothing is started (OPN-12, OPN-25).
    fn show_stores(&mut self) -> Next {
        let slot = self.slot();
        let (client, session) = (self.client, self.session);
        let stores = self.model.kind(ProviderKind::MessageStore);
        let enabled = slot.services.without(slot.disabled);
        for provider in self.model.providers_of(enabled).and(stores) {
            self.shows(Effect::StoreRow { client, session, provider });
        }
        if !self.model.providers_of(slot.disabled).and(stores).is_empty() {
            // T-73: what cannot be opened is not shown.
            self.takes(T73);
        }
        self.answer(Code::Ok)
    }

    /// `QueryIdentity` (OPN-13, OPN-23).
    fn query_identity(&mut self) -> Next {
        let slot = self.slot();
        let provider = View::of(self.model, slot, false).identity();
        let session = self.session;
        self.shows(Effect::Identity { session, provider });
        let services = &self.model.scenario().services;
        let mut disabled = slot.disabled;
        if disabled.any(|service| services[service.index()].identity) {
            // T-73: the row of a disabled service is skipped (OPN-23).
            self.takes(T73);
        }
        self.answer(if provider.is_some() { Code::Ok } else { Code::NoService })
    }

    /// T-74: the profile changes, the session does not (OPN-14).
    fn remove_service(&mut self, service: ServiceId) -> Next {
        let profile = self.model.scenario().services[service.index()].profile;
        let gone = self.world.shared().removed().contains(service);
        if self.slot().profile != profile || gone {
            return self.answer(Code::NotFound);
        }
        self.takes(T74);
        self.world.shared_mut().remove(service);
        self.shows(Effect::ServiceRemoved { service });
        self.answer(Code::Ok)
    }

    /// `DeleteProfile`: marked at once, gone when unused (PRF-12).
    pub(crate) fn delete_profile(&mut self, profile: ProfileId) -> Next {
        let state = self.model.scenario().profiles[profile.index()].state;
        if state == ProfileState::Deleted || self.world.shared().marked().contains(profile) {
            // [DER] a marked profile is treated as absent (PRF-13).
            return Next::Return(Code::NotFound, None);
        }
        self.world.shared_mut().mark(profile);
        self.shows(Effect::ProfileMarked { profile });
        if self.world.uses(profile) == 0 {
            self.shows(Effect::ProfileRemoved { profile });
        }
        Next::Return(Code::Ok, None)
    }
}
