//! How is an effect put in words?

use super::{Words, fault_text, origin_text};
use crate::effect::{Effect, Event, ProviderCall};
use crate::ids::ProviderId;
use crate::mapi::ProviderKind;
use crate::view::Row;

impl<'a> Words<'a> {
    /// The effect as one short clause.
    #[must_use]
    pub fn effect(self, effect: Effect) -> String {
        match effect {
            Effect::Initialized { client, count } => {
                format!("the MAPIInitialize count of {} is {count}", self.client(client))
            }
            Effect::Called { client, call } => {
                format!("{} calls {}", self.client(client), self.call(client, call))
            }
            Effect::MutexTaken(client) => format!("{} takes the mutex", self.client(client)),
            Effect::MutexReleased(client) => format!("{} releases the mutex", self.client(client)),
            Effect::Joined { client, session } => {
                format!("{} joins {}", self.client(client), self.session(session))
            }
            Effect::Establishing(session) => format!("{} is begun", self.session(session)),
            Effect::Resolved { client, profile, origin } => {
                let name = profile.map_or("a name no profile has", |id| self.profile(id));
                format!("{} is to use {name} ({})", self.client(client), origin_text(origin))
            }
            Effect::ProfileOpened { session, profile } => {
                format!("{} opens profile {}", self.session(session), self.profile(profile))
            }
            Effect::Displayed { client, dialog } => {
                format!("dialog {} opens for {}", self.dialog(dialog), self.client(client))
            }
            Effect::Answered { client, answer } => {
                format!("the dialog of {} is answered {}", self.client(client), self.answer(answer))
            }
            Effect::Sought { service, found, .. } => {
                let what = if found { "complete" } else { "missing" };
                format!("configuration of {} is sought: {what}", self.service(service))
            }
            Effect::ServiceConfigured(service) => {
                format!("configuration of {} is stored", self.service(service))
            }
            Effect::ProviderConfigured(provider) => {
                format!("data of {} is stored", self.provider(provider))
            }
            Effect::PasswordStored(provider) => {
                format!("password of {} is stored", self.provider(provider))
            }
            Effect::Struck(provider, fault) => {
                format!("{} strikes {}", fault_text(fault), self.provider(provider))
            }
            Effect::Repaired(provider) => format!("fault of {} is gone", self.provider(provider)),
            Effect::LibraryLoaded(provider) => {
                format!("library of {} is loaded", self.provider(provider))
            }
            Effect::LibraryFreed(provider) => {
                format!("library of {} is freed", self.provider(provider))
            }
            Effect::Provider { provider, call, code, .. } => {
                let method = self.method(provider, call);
                format!("{} {method} answers {}", self.provider(provider), code.name())
            }
            Effect::EntryPoint { service, forced, code, .. } => {
                let round = if forced { " (forced round)" } else { "" };
                let service = self.service(service);
                format!("entry point of {service}{round} answers {}", code.name())
            }
            Effect::Failed { task, k, code, .. } => {
                let which = if k == 1 { "first" } else { "second" };
                format!("{which} try of {} fails: {}", self.task(task), code.name())
            }
            Effect::ServiceDisabled { session, service } => {
                format!("{} is disabled in {}", self.service(service), self.session(session))
            }
            Effect::Registered { session, provider, registered } => {
                let change = if registered { "registered in" } else { "removed from" };
                let provider = self.provider(provider);
                let session = self.session(session);
                format!("MAPIUID and status row of {provider} are {change} {session}")
            }
            Effect::Spooler { session, told, download } => {
                let told = if told { "told" } else { "not told" };
                let then = if download { ", and all messages are fetched if possible" } else { "" };
                format!("the spooler is {told} of {}{then}", self.session(session))
            }
            Effect::SessionOpened(session) => format!("{} is open", self.session(session)),
            Effect::SessionClosed(session) => format!("{} is closed", self.session(session)),
            Effect::ProfileMarked(profile) => {
                format!("profile {} is marked for deletion", self.profile(profile))
            }
            Effect::ProfileRemoved(profile) => {
                format!("profile {} is removed", self.profile(profile))
            }
            Effect::ServiceRemoved(service) => {
                format!("{} is taken out of its profile", self.service(service))
            }
            Effect::StatusRow { client, row, status, .. } => {
                let (name, what) = (self.row(row), self.model.resource_type(row).name());
                let (client, status) = (self.client(client), status.name());
                format!("{client} sees status row {name}, {what}: {status}")
            }
            Effect::Identity { session, provider } => {
                let who = provider.map_or("no provider", |provider| self.provider(provider));
                format!("{who} supplies the identity of {}", self.session(session))
            }
            Effect::Notified { client, session, event } => {
                let event = match event {
                    Event::CriticalError => "fnevCriticalError",
                    Event::Extended => "fnevExtended",
                };
                format!("{} gets {event} on {}", self.client(client), self.session(session))
            }
            Effect::Returned { client, call, code, .. } => {
                let call = self.call(client, call);
                format!("{call} returns {} to {}", code.name(), self.client(client))
            }
        }
    }

    /// The display name of a status row: the profile's for the subsystem (STA-3). `[DER]` the other
    /// two that MAPI supplies have no documented name.
    #[must_use]
    pub fn row(self, row: Row) -> &'a str {
        match row {
            Row::Subsystem(profile) => self.profile(profile),
            Row::Spooler => "spooler",
            Row::AddressBook => "integrated address book",
            Row::Provider(provider) => self.provider(provider),
        }
    }

    /// The function or method that MAPI calls, by its name in the kind's interface.
    #[must_use]
    pub fn method(self, provider: ProviderId, call: ProviderCall) -> &'static str {
        let kind = self.scenario().providers[provider.index()].kind;
        match (call, kind) {
            (ProviderCall::Load, _) => "LoadLibrary",
            (ProviderCall::Init, ProviderKind::AddressBook) => "ABProviderInit",
            (ProviderCall::Init, ProviderKind::MessageStore) => "MSProviderInit",
            (ProviderCall::Init, ProviderKind::Transport) => "XPProviderInit",
            (ProviderCall::Logon, ProviderKind::Transport) => {
                "TransportLogon (LOGON_NO_INBOUND, LOGON_NO_OUTBOUND)"
            }
            (ProviderCall::AddressTypes, _) => "AddressTypes",
            (ProviderCall::Notify, _) => "TransportNotify",
            (ProviderCall::Logon, ProviderKind::AddressBook | ProviderKind::MessageStore) => {
                "Logon"
            }
            (ProviderCall::Logoff, ProviderKind::Transport) => "TransportLogoff",
            (ProviderCall::Logoff, ProviderKind::AddressBook | ProviderKind::MessageStore) => {
                "Logoff"
            }
            (ProviderCall::ReleaseLogon, _) => "Release of the logon object",
            (ProviderCall::Shutdown, _) => "Shutdown",
            (ProviderCall::Release, _) => "Release of the provider object",
        }
    }
}
