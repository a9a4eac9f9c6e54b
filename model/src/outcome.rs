//! What did a run look like from outside? One record for every call that returned (SCENARIO.md).

use crate::effect::Effect;
use crate::ids::{ClientId, ProviderSet, ServiceSet, SessionId};
use crate::mapi::Code;
use crate::model::Model;
use crate::scenario::Call;
use crate::state::{RunState, Session};
use crate::step::Step;

/// What one call came to.
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
    /// The session as the call left it; `Logoff` shows none.
    pub snapshot: Option<Session>,
}

impl Record {
    /// The record of the call that returns in this step, if one does.
    #[must_use]
    pub fn of(model: &Model, step: &Step) -> Option<Self> {
        let mut joined = false;
        for effect in &step.effects {
            if matches!(effect, Effect::Joined { .. }) {
                joined = true;
            }
            if let Effect::Returned { client, call, code, session } = *effect {
                let made = model.scenario().clients[client.index()].calls[usize::from(call)];
                let shows = !matches!(made, Call::Logoff(_) | Call::Release);
                let snapshot = session.filter(|_| shows).map(|id| *step.state.session(id));
                return Some(Self { client, call, code, session, joined, snapshot });
            }
        }
        None
    }

    /// Every service of the session with whether it is disabled, in profile order.
    pub fn services(&self) -> impl Iterator<Item = (crate::ids::ServiceId, bool)> {
        let (all, disabled) = self
            .snapshot
            .map_or((ServiceSet::EMPTY, ServiceSet::EMPTY), |s| (s.services(), s.disabled()));
        all.map(move |service| (service, disabled.contains(service)))
    }

    /// Every provider of the session with its run-state, in profile order.
    pub fn providers<'a>(
        &self,
        model: &'a Model,
    ) -> impl Iterator<Item = (crate::ids::ProviderId, RunState)> + use<'a> {
        let session = self.snapshot.unwrap_or(Session::NONE);
        let all: ProviderSet = model.providers_of(session.services());
        all.map(move |provider| {
            let service = model.scenario().providers[provider.index()].service;
            (provider, session.run_state(provider, service))
        })
    }
}
