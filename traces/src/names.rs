//! The names that stand for the machine's numbers: those of the scenario.

use mapi_logon_model::ids::{ClientId, ProfileId, ProviderId, ServiceId, SessionId};
use mapi_logon_model::machine::Model;
use mapi_logon_model::protocol::{Event, Origin, ProviderCall};

/// Names for what happens in a model.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    pub(crate) model: &'a Model,
    /// Which of its client's logons keeps its pointer in each slot, from 1; absent where every
    /// logon has a slot of its own.
    logons: Option<&'a [u32]>,
}

impl<'a> Names<'a> {
    /// Names for a model whose calls are listed.
    #[must_use]
    pub const fn of(model: &'a Model) -> Self {
        let logons = None;
        Self { model, logons }
    }

    /// Names for a model whose clients make any calls: `logons` says for each slot which of its
    /// client's logons used it last.
    #[must_use]
    pub const fn with_logons(model: &'a Model, logons: &'a [u32]) -> Self {
        let logons = Some(logons);
        Self { model, logons }
    }

    /// The client's name.
    #[must_use]
    pub fn client(self, client: ClientId) -> String {
        self.model.words().client(client).to_owned()
    }

    /// The profile's name.
    #[must_use]
    pub fn profile(self, profile: ProfileId) -> String {
        self.model.words().profile(profile).to_owned()
    }

    /// The service's name.
    #[must_use]
    pub fn service(self, service: ServiceId) -> String {
        self.model.words().service(service).to_owned()
    }

    /// The provider's name.
    #[must_use]
    pub fn provider(self, provider: ProviderId) -> String {
        self.model.words().provider(provider).to_owned()
    }

    /// The session: the client whose logon established it, and which of its logons, from 1.
    #[must_use]
    pub fn session(self, session: SessionId) -> String {
        let slots = self.model.slots();
        if session.index() >= slots.len() {
            return "none".to_owned();
        }
        let client = slots.owner(session);
        let first = slots.of_client(client, 0).map_or(0, |slot| slot.0);
        let number = match self.logons {
            Some(logons) => logons[session.index()],
            None => session.0 - first + 1,
        };
        format!("{}/{number}", self.client(client))
    }
}

/// How a profile name was found.
#[must_use]
pub const fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Given => "given",
        Origin::Default => "default",
        Origin::Picked => "picked",
    }
}

/// The event's name in the public headers.
#[must_use]
pub const fn event_name(event: Event) -> &'static str {
    match event {
        Event::CriticalError => "fnevCriticalError",
        Event::Extended => "fnevExtended",
    }
}

/// The name of a call into a provider.
#[must_use]
pub const fn provider_call_name(call: ProviderCall) -> &'static str {
    match call {
        ProviderCall::Load => "Load",
        ProviderCall::Init => "Init",
        ProviderCall::Logon => "Logon",
        ProviderCall::AddressTypes => "AddressTypes",
        ProviderCall::Notify => "TransportNotify",
        ProviderCall::Logoff => "Logoff",
        ProviderCall::ReleaseLogon => "ReleaseLogon",
        ProviderCall::Shutdown => "Shutdown",
        ProviderCall::Release => "Release",
    }
}
