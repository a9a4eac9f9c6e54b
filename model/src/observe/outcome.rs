//! The outcome of a run as seen from outside: one record for every call that returned
//! (docs/scenario-format.md).

use crate::ids::{ClientId, ProviderId, ProviderSet, ServiceId, ServiceSet, SessionId};
use crate::machine::{Model, Step};
use crate::mapi::{Code, ProviderKind};
use crate::protocol::{Action, Call, Effect, Logon, Method};
use crate::world::{RunState, Session, World};

/// The record of one call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Record {
    /// Who called.
    pub client: ClientId,
    /// Which of the client's calls, from 0.
    pub call: u8,
    /// The result.
    pub code: Code,
    /// The session concerned.
    pub session: Option<SessionId>,
    /// The call ended by T-9.
    pub joined: bool,
    /// The parameters of a logon, if its client chose them.
    pub passed: Option<Logon>,
    /// The session as the call left it; `Logoff` shows none.
    pub snapshot: Option<Session>,
}

impl Record {
    /// The record of the call that returns in this step, if one does.
    #[must_use]
    pub fn of(model: &Model, before: &World, action: Action, step: &Step) -> Option<Self> {
        let client = action.client;
        let call = model.sight(&before.state).call_of(action);
        let method = call.and_then(|call| call.method());
        let chooses = model.scenario().clients[client.index()].is_any_caller();
        let shows = !matches!(method, Some(Method::Logoff(_) | Method::Release));
        step.effects.iter().find_map(|effect| {
            let Effect::Returned { result, session, .. } = *effect else {
                return None;
            };
            let joined = |effect: &Effect| matches!(effect, Effect::Joined { .. });
            let after = model.sight(&step.state);
            Some(Self {
                client,
                call: before.cursor.position(client),
                code: result,
                session,
                passed: call.and_then(Call::logon).filter(|_| chooses),
                joined: step.effects.iter().any(joined),
                snapshot: session.filter(|_| shows).map(|id| *after.session(id)),
            })
        })
    }

    /// Every service of the session with whether it is disabled, in profile order.
    pub fn services(&self) -> impl Iterator<Item = (ServiceId, bool)> {
        let (all, disabled) = self
            .snapshot
            .map_or((ServiceSet::EMPTY, ServiceSet::EMPTY), |s| (s.services(), s.disabled()));
        all.map(move |service| (service, disabled.contains(service)))
    }

    /// The rows of the message store table: the stores of services that are not disabled, in
    /// profile order (OPN-12, OPN-25).
    pub fn stores(&self, model: &Model) -> impl Iterator<Item = ProviderId> + use<> {
        let session = self.snapshot.unwrap_or(Session::NONE);
        let enabled = session.services().without(session.disabled());
        model.providers_of(enabled).and(model.kind(ProviderKind::MessageStore))
    }

    /// Every provider of the session with its run-state, in profile order; foreign stores that are
    /// logged on or put off follow (PRV-60).
    pub fn providers<'a>(
        &self,
        model: &'a Model,
    ) -> impl Iterator<Item = (ProviderId, RunState)> + use<'a> {
        let session = self.snapshot.unwrap_or(Session::NONE);
        let all: ProviderSet = model.providers_of(session.services());
        let all = all.or(session.running()).or(session.deferred());
        all.map(move |provider| {
            let service = model.scenario().providers[provider.index()].service;
            (provider, session.run_state(provider, service))
        })
    }
}
