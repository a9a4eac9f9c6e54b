//! What does a call on a live session do? T-70 to T-74 and T-82, and profile administration.

use super::{Disabled, Turn, Verdict};
use crate::effect::Effect;
use crate::ids::{ProfileId, ProviderId, ProviderSet, ServiceId, SessionId};
use crate::mapi::{Code, ProviderKind};
use crate::policy::ReuseOpenStore;
use crate::scenario::{Call, ProfileState};
use crate::state::{Attempt, Phase, Task};
use crate::transition::Place::{Q13, W0, W1, W4};
use crate::transition::Transition::{T70, T71, T72, T73, T74, T82};

impl Turn<'_> {
    /// W0: a call on the session the client obtained last and still holds; without one nothing is
    /// reached (SES-1, HDL-1). Of the operations of HDL-4 and the facets of HDL-5 these are
    /// modelled; forms, other tables and properties of transports are not.
    pub(super) fn call_on_session(&mut self, call: Call, session: SessionId) -> Verdict {
        match call {
            Call::OpenMsgStore(provider) => self.open_store(provider, session),
            Call::OpenAddressBook | Call::GetStatusTable => self.start_wanted(None),
            Call::QueryIdentity => self.query_identity(session),
            Call::RemoveService(service) => self.remove_service(service, session),
            Call::Logoff(flags) => self.log_off(flags),
            Call::Release => self.release(),
            Call::Initialize | Call::Uninitialize | Call::LogonEx(_) | Call::DeleteProfile(_) => {
                Err(Disabled)
            }
        }
    }

    /// T-82: the client has logged off its last session (OFF-4, OFF-20).
    pub(super) fn call_after_logoff(&mut self) -> Verdict {
        self.stands_at(W4);
        self.takes(T82, W4);
        self.returns(Code::InvalidObject, None)
    }

    /// `OpenMsgStore` (OPN-5, OPN-6, OPN-20).
    fn open_store(&mut self, provider: ProviderId, session: SessionId) -> Verdict {
        let slot = *self.state.session(session);
        let definition = &self.model.scenario().providers[provider.index()];
        let known = slot.services.contains(definition.service)
            && definition.kind == ProviderKind::MessageStore;
        let running = slot.running.without(slot.promised).contains(provider);
        match (known, slot.disabled.contains(definition.service), running) {
            (false, _, _) => self.returns(Code::NotFound, Some(session)),
            // T-73: the service is disabled; no provider call (DIS-6, OPN-20).
            (true, true, _) => {
                self.takes(T73, W0);
                self.returns(Code::LogonFailed, Some(session))
            }
            (true, false, true) if self.reuses() => self.returns(Code::Ok, Some(session)),
            (true, false, true | false) => self.start_late(provider),
        }
    }

    /// `OpenAddressBook`, `GetStatusTable`: the next provider after `done` that is to be started.
    fn start_wanted(&mut self, done: Option<ProviderId>) -> Verdict {
        let wanted = self.wanted()?;
        match done.map_or(wanted, |done| wanted.after(done)).first() {
            Some(provider) => self.start_late(provider),
            None => self.opened(),
        }
    }

    /// Providers of enabled services that the call needs and that are not logged on.
    fn wanted(&self) -> Result<ProviderSet, Disabled> {
        let slot = self.state.session(self.session_of_call()?);
        let enabled = self.model.providers_of(slot.services.without(slot.disabled));
        let open = slot.running.without(slot.promised);
        let missing = enabled.without(open);
        Ok(match self.model.next_call(self.state, self.client) {
            Some(Call::OpenAddressBook) => {
                let wanted = if self.reuses() { missing } else { enabled };
                wanted.and(self.model.kind(ProviderKind::AddressBook))
            }
            // STA-17: without mail the transports are of no concern (PRV-9).
            Some(Call::GetStatusTable) if !self.model.permissions(self.client).no_mail => {
                missing.and(self.model.kind(ProviderKind::Transport))
            }
            Some(_) | None => ProviderSet::EMPTY,
        })
    }

    /// T-70 for a transport, T-72 for the others: fresh tries, without the mutex (MTX-7).
    fn start_late(&mut self, provider: ProviderId) -> Verdict {
        match self.model.scenario().providers[provider.index()].kind {
            ProviderKind::Transport => self.takes(T70, W1),
            ProviderKind::AddressBook | ProviderKind::MessageStore => self.takes(T72, W0),
        }
        let session = self.session_of_call()?;
        let slot = self.state.session(session);
        if slot.running.contains(provider) {
            // A success reported early (AMB-47), or what is open is not reused: the logon there is
            // ends before the next begins.
            self.log_off_providers(session, ProviderSet::only(provider));
        }
        self.stands_at(Q13);
        self.rests(Phase::Trying(provider, Attempt::First));
        Ok(())
    }

    /// Does opening what is open call no provider (OPN-6)?
    fn reuses(&self) -> bool {
        self.model.scenario().policy.reuse_open_store == ReuseOpenStore::On
    }

    /// A task has come to its end, whichever: the logon or the session call goes on.
    pub(super) fn task_over(&mut self, task: Task, code: Code) -> Verdict {
        match (self.own_logon(), task) {
            (Ok(_), Task::Configure(service)) => self.configure_next(Some(service)),
            (Ok(_), Task::Run(provider)) => self.start_next(Some(provider)),
            (Err(Disabled), Task::Run(provider)) => {
                self.stands_at(W0);
                if self.model.kind(ProviderKind::Transport).contains(provider) {
                    self.stands_at(W1);
                    self.takes(T71, W0);
                }
                match self.model.next_call(self.state, self.client) {
                    Some(Call::OpenMsgStore(_)) => {
                        let session = self.session_of_call()?;
                        self.returns(code, Some(session))
                    }
                    Some(_) | None => self.start_wanted(Some(provider)),
                }
            }
            (Err(Disabled), Task::Configure(_)) => Err(Disabled),
        }
    }

    /// `OpenAddressBook` and `GetStatusTable` return (OPN-1, OPN-2, OPN-11, OPN-22).
    fn opened(&mut self) -> Verdict {
        let session = self.session_of_call()?;
        let slot = *self.state.session(session);
        let books =
            self.model.providers_of(slot.services).and(self.model.kind(ProviderKind::AddressBook));
        let disabled = self.model.providers_of(slot.disabled);
        let open = slot.running.without(disabled);
        let is_book = self.model.next_call(self.state, self.client) == Some(Call::OpenAddressBook);
        if !is_book {
            self.show_status_table(session);
        }
        let lost = is_book && !books.without(open).is_empty();
        let concerned = if is_book { books } else { disabled };
        if !concerned.and(disabled).is_empty() {
            // T-73: containers of a disabled service are absent (OPN-22), its rows per STA-12
            // (OPN-24).
            self.takes(T73, W0);
        }
        self.returns(if lost { Code::ErrorsReturned } else { Code::Ok }, Some(session))
    }

    /// STA-1 to STA-3, STA-12, STA-17, STA-18.
    fn show_status_table(&mut self, session: SessionId) {
        let (client, effects) = (self.client, &mut *self.effects);
        for (row, status) in self.model.status_rows(self.state, session, client) {
            effects.push(Effect::StatusRow { client, session, row, status });
        }
    }

    /// `QueryIdentity` (OPN-13, OPN-23).
    fn query_identity(&mut self, session: SessionId) -> Verdict {
        let provider = self.model.identity(self.state, session);
        self.shows(Effect::Identity { session, provider });
        let services = &self.model.scenario().services;
        let mut disabled = self.state.session(session).disabled;
        if disabled.any(|service| services[service.index()].identity) {
            // T-73: the row of a disabled service is skipped (OPN-23).
            self.takes(T73, W0);
        }
        let code = if provider.is_some() { Code::Ok } else { Code::NoService };
        self.returns(code, Some(session))
    }

    /// T-74: the profile changes, the session does not (OPN-14).
    fn remove_service(&mut self, service: ServiceId, session: SessionId) -> Verdict {
        let profile = self.model.scenario().services[service.index()].profile;
        let theirs = self.state.session(session).profile == Some(profile);
        if !theirs || self.state.removed.contains(service) {
            return self.returns(Code::NotFound, Some(session));
        }
        self.takes(T74, W0);
        self.state.removed.insert(service);
        self.shows(Effect::ServiceRemoved(service));
        self.returns(Code::Ok, Some(session))
    }

    /// `DeleteProfile`: marked at once, gone when unused (PRF-12).
    pub(super) fn delete_profile(&mut self, profile: ProfileId) -> Verdict {
        let state = self.model.scenario().profiles[profile.index()].state;
        if state == ProfileState::Deleted || self.state.marked.contains(profile) {
            // [DER] a marked profile is treated as absent (PRF-13).
            return self.returns(Code::NotFound, None);
        }
        self.state.marked.insert(profile);
        self.shows(Effect::ProfileMarked(profile));
        if self.model.uses(self.state, profile) == 0 {
            self.shows(Effect::ProfileRemoved(profile));
        }
        self.returns(Code::Ok, None)
    }
}
