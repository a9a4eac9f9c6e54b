//! Calls of the client as the model has them: sessions by their slots, services by their
//! identifiers.

use mapi_logon_model::ids::ClientId;
use mapi_logon_model::mapi::{Code, LogoffFlags, LogonFlags};
use mapi_logon_model::protocol::{Call, Logon, Method};
use mapi_logon_model::world::Session;
use mapi_logon_traces::calls;
use mapi_logon_traces::tracer::DEAD;

use super::{OWN, Stage};
use crate::wire::{Asked, Said};

impl Stage {
    fn held(&self, asked: &Asked) -> Option<&(u32, u8)> {
        let at = asked.session.map_or(0, |number| number as usize);
        self.sessions.get(at.wrapping_sub(1))
    }

    /// Whether the process obtained the session that is called.
    fn owns(&self, process: u32, asked: &Asked) -> bool {
        self.held(asked).is_some_and(|held| held.0 == process)
    }

    /// The slot of the session that is called.
    pub(super) fn slot(&self, asked: &Asked) -> u8 {
        self.held(asked).map_or(DEAD, |held| held.1)
    }

    /// The call as the model has it; where it has none, the answer.
    pub(super) fn call(&mut self, process: u32, asked: &Asked, usable: bool) -> Result<Call, Code> {
        let model = self.oracle.model();
        let scenario = model.scenario();
        let client = ClientId::from(process as usize - 1);
        if client.index() >= scenario.clients.len() {
            let what = format!("more than {} processes", scenario.clients.len());
            self.hear(process, Said::Unmodelled(what));
            return Err(Code::CallFailed);
        }
        let ready = self.conduct.is_initialized(process);
        let missing = match (ready, usable) {
            (false, _) => Code::NotInitialized,
            (true, false) => Code::InvalidObject,
            (true, true) => Code::NotFound,
        };
        let call = match asked.name.as_str() {
            name if OWN.contains(&name) => {
                // Profile administration opens profiles as a logon does (PRF-14).
                let known =
                    asked.profile.as_ref().is_none_or(|_| self.profile(process, asked).is_some());
                let opened = if known { Code::Ok } else { Code::LogonFailed };
                return Err(if missing == Code::NotFound { opened } else { missing });
            }
            "Logoff" => {
                let flags = LogoffFlags::from_bits_truncate(asked.flags);
                Call::OnSession(None, Method::Logoff(flags))
            }
            "MAPILogonEx" => {
                let Some(slot) = self.free_slot(client) else {
                    self.hear(process, Said::Unmodelled("more sessions at once".to_owned()));
                    return Err(Code::LogonFailed);
                };
                return Ok(Call::LogonEx(Logon {
                    slot,
                    name: calls::name_parameter(scenario, asked.profile.as_deref()),
                    password: asked.password,
                    flags: LogonFlags::from_bits_retain(asked.flags),
                }));
            }
            _ => calls::call(scenario, &self.written(asked)).map_err(|_unknown| missing)?,
        };
        Ok(match call {
            Call::OnSession(_, method) => {
                if !self.owns(process, asked) {
                    return Err(if ready { Code::InvalidObject } else { Code::NotInitialized });
                }
                Call::OnSession(Some(self.slot(asked)), method)
            }
            call @ (Call::LogonEx(_)
            | Call::Initialize
            | Call::Uninitialize
            | Call::DeleteProfile(_)) => call,
        })
    }

    /// The call with its target; a service is known by the 16 bytes of its MAPIUID.
    fn written(&self, asked: &Asked) -> String {
        let target = asked.profile.as_ref().or(asked.target.as_ref());
        let services = &self.oracle.model().scenario().services;
        let by_name = |uid: &&String| asked.name == "RemoveService" && uid.len() == 16;
        let service = target
            .filter(by_name)
            .and_then(|uid| services.iter().find(|service| service.name.starts_with(uid.as_str())));
        match service.map(|service| &service.name).or(target) {
            Some(target) => format!("{}:{target}", asked.name),
            None => asked.name.clone(),
        }
    }

    /// A slot of the client that is free, whatever state the run is in.
    fn free_slot(&self, client: ClientId) -> Option<u8> {
        let (model, slots) = (self.oracle.model(), self.oracle.model().slots());
        (0..slots.count(client)).find(|number| {
            let Some(slot) = slots.of_client(client, *number) else { return false };
            self.oracle.states(self.belief).all(|state| {
                let sight = model.sight(state);
                *sight.session(slot.session()) == Session::NONE
                    && sight.attachments().iter().all(|held| held.slot != slot)
            })
        })
    }
}
