//! How are effects written that concern a session, a provider or a profile?

use mapi_logon_model::effect::Effect;

use super::{Names, Task, fault_name, provider_call_name};
use crate::seen::Seen;

impl Names<'_> {
    /// The task as the specification writes it: `cfg(s)` or `run(p)`.
    #[must_use]
    pub fn task(self, task: Task) -> String {
        self.model.words().task(task)
    }

    pub(super) fn effect_on_session(self, effect: Effect) -> Seen {
        match effect {
            Effect::Joined { client, session } => {
                Seen::Joined { client: self.client(client), session: self.session(session) }
            }
            Effect::Establishing(session) => Seen::Establishing { session: self.session(session) },
            Effect::ProfileOpened { session, profile } => Seen::ProfileOpened {
                session: self.session(session),
                profile: self.profile(profile),
            },
            Effect::Sought { session, service, found } => Seen::Sought {
                session: self.session(session),
                service: self.service(service),
                found,
            },
            Effect::EntryPoint { session, service, forced, code } => Seen::EntryPoint {
                session: self.session(session),
                service: self.service(service),
                forced,
                result: code.name().to_owned(),
            },
            Effect::Failed { session, task, k, code } => Seen::Failed {
                session: self.session(session),
                task: self.task(task),
                k,
                result: code.name().to_owned(),
            },
            Effect::ServiceDisabled { session, service } => Seen::ServiceDisabled {
                session: self.session(session),
                service: self.service(service),
            },
            Effect::Registered { session, provider, registered } => Seen::Registered {
                session: self.session(session),
                provider: self.provider(provider),
                registered,
            },
            Effect::Spooler { session, told, download } => {
                Seen::Spooler { session: self.session(session), told, download }
            }
            Effect::SessionOpened(session) => {
                Seen::SessionOpened { session: self.session(session) }
            }
            Effect::SessionClosed(session) => {
                Seen::SessionClosed { session: self.session(session) }
            }
            Effect::StatusRow { client, session, row, status } => Seen::StatusRow {
                client: self.client(client),
                session: self.session(session),
                row: self.model.words().row(row).to_owned(),
                resource_type: self.model.resource_type(row).name().to_owned(),
                status: status.name().to_owned(),
            },
            Effect::Identity { session, provider } => Seen::Identity {
                session: self.session(session),
                provider: provider.map(|provider| self.provider(provider)),
            },
            Effect::Initialized { .. }
            | Effect::Called { .. }
            | Effect::MutexTaken(_)
            | Effect::MutexReleased(_)
            | Effect::Resolved { .. }
            | Effect::Displayed { .. }
            | Effect::Answered { .. }
            | Effect::Notified { .. }
            | Effect::Returned { .. } => self.effect(effect),
            Effect::ServiceConfigured(_)
            | Effect::ProviderConfigured(_)
            | Effect::PasswordStored(_)
            | Effect::Struck(..)
            | Effect::Repaired(_)
            | Effect::LibraryLoaded(_)
            | Effect::LibraryFreed(_)
            | Effect::Provider { .. }
            | Effect::ProfileMarked(_)
            | Effect::ProfileRemoved(_)
            | Effect::ServiceRemoved(_) => self.effect_on_profile(effect),
        }
    }

    fn effect_on_profile(self, effect: Effect) -> Seen {
        match effect {
            Effect::ServiceConfigured(service) => {
                Seen::ServiceConfigured { service: self.service(service) }
            }
            Effect::ProviderConfigured(provider) => {
                Seen::ProviderConfigured { provider: self.provider(provider) }
            }
            Effect::PasswordStored(provider) => {
                Seen::PasswordStored { provider: self.provider(provider) }
            }
            Effect::Struck(provider, fault) => Seen::Struck {
                provider: self.provider(provider),
                fault: fault_name(fault).to_owned(),
            },
            Effect::Repaired(provider) => Seen::Repaired { provider: self.provider(provider) },
            Effect::LibraryLoaded(provider) => {
                Seen::LibraryLoaded { provider: self.provider(provider) }
            }
            Effect::LibraryFreed(provider) => {
                Seen::LibraryFreed { provider: self.provider(provider) }
            }
            Effect::Provider { session, provider, call, code } => Seen::Provider {
                session: self.session(session),
                provider: self.provider(provider),
                call: provider_call_name(call).to_owned(),
                result: code.name().to_owned(),
            },
            Effect::ProfileMarked(profile) => {
                Seen::ProfileMarked { profile: self.profile(profile) }
            }
            Effect::ProfileRemoved(profile) => {
                Seen::ProfileRemoved { profile: self.profile(profile) }
            }
            Effect::ServiceRemoved(service) => {
                Seen::ServiceRemoved { service: self.service(service) }
            }
            Effect::Initialized { .. }
            | Effect::Called { .. }
            | Effect::MutexTaken(_)
            | Effect::MutexReleased(_)
            | Effect::Joined { .. }
            | Effect::Establishing(_)
            | Effect::Resolved { .. }
            | Effect::ProfileOpened { .. }
            | Effect::Displayed { .. }
            | Effect::Answered { .. }
            | Effect::Sought { .. }
            | Effect::EntryPoint { .. }
            | Effect::Failed { .. }
            | Effect::ServiceDisabled { .. }
            | Effect::Registered { .. }
            | Effect::Spooler { .. }
            | Effect::SessionOpened(_)
            | Effect::SessionClosed(_)
            | Effect::StatusRow { .. }
            | Effect::Identity { .. }
            | Effect::Notified { .. }
            | Effect::Returned { .. } => self.effect(effect),
        }
    }
}
