//! Why not: the computed reasons for which what was recorded could not happen.

use std::collections::BTreeSet;

use mapi_logon_model::ids::{ClientId, ProviderId, ServiceId};
use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::{Code, Fault, LogonFlags};
use mapi_logon_model::policy::{Dialogs, SharedSessions};
use mapi_logon_model::protocol::{Logon, Method, NameParameter};
use mapi_logon_model::world::Session;

use super::belief::{Belief, Candidate};
use super::plan::Plan;
use super::pointers::Begun;
use super::story::{listed, place};
use super::verdict::Sentence;
use crate::recording::{RecordedEvent, Recording, Returned};

/// The event that no run shows, and everything before it.
pub(super) struct WhyNot<'a> {
    pub(super) model: &'a Model,
    pub(super) recording: &'a Recording,
    pub(super) plan: &'a Plan,
    /// The states before the call, or in the middle of it.
    pub(super) belief: &'a Belief,
    /// Its number, from 0.
    pub(super) number: usize,
    /// The nearest alternative differs in the session.
    pub(super) elsewhere: bool,
    /// How many faults may strike in all.
    pub(super) faults: u32,
}

impl WhyNot<'_> {
    /// The reasons, none where none can be given; `results` are those that the model allows.
    pub(super) fn reasons(&self, results: &BTreeSet<String>) -> Vec<Sentence> {
        let mut told = Vec::new();
        told.extend(self.foreign_session());
        let planned = &self.plan.events[self.number];
        match planned.call {
            Begun::Logon(logon) => self.logon(planned.client, logon, results, &mut told),
            Begun::OnSession(_, Method::OpenMsgStore(store)) => {
                self.store(planned.client, store, &mut told);
            }
            Begun::OnSession(..) | Begun::Other(_) => {}
        }
        told.extend(self.over(planned.client));
        told.extend(self.lives(planned.client));
        told
    }

    /// Does a logon with these flags join the shared session, whatever has happened before?
    pub(super) fn joins(&self, flags: LogonFlags) -> bool {
        let sharing = self.model.scenario().policy.shared_sessions;
        sharing != SharedSessions::Off
            && sharing != SharedSessions::ByProfile
            && !flags.contains(LogonFlags::MAPI_NEW_SESSION)
            && self.everywhere(|one| self.model.sight(&one.state).current().is_some())
    }

    /// The session goes on, and its pointer is good.
    fn lives(&self, client: ClientId) -> Option<Sentence> {
        let on_session = matches!(self.plan.events[self.number].call, Begun::OnSession(..));
        if !on_session || !matches!(self.code(), Some(Code::InvalidObject | Code::InvalidParameter))
        {
            return None;
        }
        let mut held = self.everywhere(|one| self.held(one, client).next().is_some());
        let others = |one: &&RecordedEvent| {
            one.client != self.event().client && matches!(one.method, "Logoff" | "Release")
        };
        let off = self.before().find(others);
        held &= !self.before().any(|one| {
            one.client == self.event().client && matches!(one.method, "Logoff" | "Release")
        });
        held.then(|| {
            let after = off.map_or_else(String::new, |off| format!(" after {}", place(off)));
            let text = format!(
                "{}'s session goes on{after}: it ends with its last member",
                self.event().client
            );
            Sentence::new(text, &["SHR-13", "OFF-4"])
        })
    }

    /// The call.
    pub(super) fn call(&self) -> Begun {
        self.plan.events[self.number].call
    }

    /// The caller.
    pub(super) fn client(&self) -> ClientId {
        self.plan.events[self.number].client
    }

    pub(super) fn event(&self) -> &RecordedEvent {
        &self.recording.events[self.number]
    }

    fn code(&self) -> Option<Code> {
        match self.event().result {
            Returned::With(code) => Some(code),
            Returned::Unknown(_) | Returned::Never => None,
        }
    }

    pub(super) fn everywhere(&self, test: impl Fn(&Candidate) -> bool) -> bool {
        self.belief.candidates.iter().all(test)
    }

    /// The events before this one, the nearest first.
    pub(super) fn before(&self) -> impl Iterator<Item = &RecordedEvent> {
        self.recording.events[..self.number].iter().rev()
    }

    /// The session of the event's label belongs to another client.
    fn foreign_session(&self) -> Option<Sentence> {
        let event = self.event();
        let label = event.label().ok().flatten()?;
        let same = |other: &&RecordedEvent| {
            other.method == "MAPILogonEx" && other.label().ok().flatten().as_ref() == Some(&label)
        };
        if event.method == "MAPILogonEx"
            || self.before().any(|one| same(&one) && one.client == event.client)
        {
            return None;
        }
        let owner = self.before().find(same)?;
        let text = format!(
            "session {label} was obtained by {} in {}, and a client uses only its own sessions; \
             if both are threads of one program, give them one name: [rename.client] {} = {:?}",
            owner.client,
            place(owner),
            event.client,
            owner.client
        );
        Some(Sentence::new(text, &["RES-9"]))
    }

    /// The session has ended.
    fn over(&self, client: ClientId) -> Option<Sentence> {
        let event = self.event();
        let on_session = matches!(self.plan.events[self.number].call, Begun::OnSession(..));
        let sight = |one: &Candidate| {
            let sight = self.model.sight(&one.state);
            sight.attachments().iter().any(|held| held.client == client)
        };
        if !on_session || self.belief.candidates.iter().any(sight) {
            return None;
        }
        let off = self
            .before()
            .find(|one| one.client == event.client && matches!(one.method, "Logoff" | "Release"));
        Some(match off {
            Some(off) => Sentence::new(
                format!("{} has no session any more since {}", event.client, place(off)),
                &["OFF-4"],
            ),
            None => Sentence::new(
                format!("{} has obtained no session before", event.client),
                &["SES-1"],
            ),
        })
    }

    fn logon(
        &self,
        client: ClientId,
        logon: Logon,
        results: &BTreeSet<String>,
        told: &mut Vec<Sentence>,
    ) {
        let event = self.event();
        let code = self.code();
        let refused =
            results.iter().all(|one| Code::named(one).is_some_and(|one| !one.is_success()));
        let wants_join = event.seen.joined == Some(true)
            || refused
                && code.is_some_and(Code::is_success)
                && !matches!(logon.name, NameParameter::Name { .. });
        // Without a word of joining, only the log's own numbers can show that a session was joined.
        let labelled = event.seen.joined.is_none() && !event.session.is_null() && self.elsewhere;
        // A logon without a name that succeeds most likely joined one.
        let unnamed = event.seen.joined.is_none()
            && matches!(logon.name, NameParameter::Null | NameParameter::Empty);
        if wants_join || (labelled || unnamed) && code.is_some_and(Code::is_success) {
            told.extend(self.no_join(logon.flags));
        }
        match code {
            Some(Code::Timeout) => told.extend(self.no_timeout(client, logon.flags)),
            Some(Code::UserCancel) => {
                let silent = self.model.scenario().policy.dialogs == Dialogs::Off
                    || !logon.flags.contains(LogonFlags::MAPI_LOGON_UI);
                told.extend(silent.then(|| {
                    let text = "no dialog can appear that a user could cancel: MAPI_LOGON_UI is \
                                not set";
                    Sentence::new(text, &["FLG-3", "RES-4"])
                }));
            }
            Some(Code::LogonFailed) => told.push(self.no_refusal(logon)),
            Some(Code::Ok | Code::NotInitialized) | None => {}
            Some(code) => {
                let text = format!(
                    "MAPILogonEx does not pass {} on: a provider that fails costs its service, \
                     not the logon",
                    code.name()
                );
                told.push(Sentence::new(text, &["DIS-11", "RES-2"]));
            }
        }
    }

    /// Why no session can be joined.
    fn no_join(&self, flags: LogonFlags) -> Option<Sentence> {
        let sharing = self.model.scenario().policy.shared_sessions;
        if sharing == SharedSessions::ByProfile {
            let text = "SHARED_SESSIONS = by_profile: a logon joins no session but one that is \
                        open on its own profile";
            return Some(Sentence::new(text, &["SHR-1"]));
        }
        if flags.contains(LogonFlags::MAPI_NEW_SESSION) {
            let text = "MAPI_NEW_SESSION makes a session of its own and joins none";
            return Some(Sentence::new(text, &["FLG-4", "SHR-6c"]));
        }
        if sharing == SharedSessions::Off {
            let text = "SHARED_SESSIONS = off: no session is ever joined";
            return Some(Sentence::new(text, &["SHR-7"]));
        }
        if !self.everywhere(|one| self.model.sight(&one.state).current().is_none()) {
            return None;
        }
        let good = |one: &&RecordedEvent| {
            one.method == "MAPILogonEx"
                && matches!(one.result, Returned::With(code) if code.is_success())
        };
        let shares = |one: &RecordedEvent| {
            one.logon_flags().unwrap_or_default().contains(LogonFlags::MAPI_ALLOW_OTHERS)
        };
        let logons: Vec<_> = self.before().filter(good).take(3).collect();
        let why: Vec<_> = logons
            .iter()
            .map(|one| match shares(one) {
                true => format!("that of {} has ended", place(one)),
                false => format!("{} lacks MAPI_ALLOW_OTHERS", place(one)),
            })
            .collect();
        let text = match why.as_slice() {
            [] => "no shared session to join: nobody has logged on before".to_owned(),
            some => format!("no shared session to join: {}", listed(some, "and")),
        };
        Some(Sentence::new(text, &["SHR-5", "SHR-7"]))
    }

    fn no_timeout(&self, client: ClientId, flags: LogonFlags) -> Option<Sentence> {
        if !flags.contains(LogonFlags::MAPI_TIMEOUT_SHORT) {
            let text = "only a logon with MAPI_TIMEOUT_SHORT can time out";
            return Some(Sentence::new(text, &["MTX-4"]));
        }
        let logs_on = |open: &super::belief::Open| matches!(open.begun, Begun::Logon(_));
        let mut others = self.belief.open.iter().enumerate();
        let others =
            others.any(|(at, open)| at != client.index() && open.as_ref().is_some_and(logs_on));
        (!others).then(|| {
            let text = "no other logon is under way that could hold the mutex";
            Sentence::new(text, &["MTX-3"])
        })
    }

    /// Why a logon is not refused.
    fn no_refusal(&self, logon: Logon) -> Sentence {
        let scenario = self.model.scenario();
        let mut holds = vec!["the parameters are right".to_owned()];
        if let NameParameter::Name { profile: Some(one), .. } = logon.name {
            holds.push(format!("profile {} can be opened", scenario.profiles[one.index()].name));
        }
        if !scenario.services.iter().any(|service| service.critical) {
            holds.push("no service is critical".to_owned());
        }
        if scenario.max_sessions.is_none() {
            holds.push("sessions are not limited".to_owned());
        }
        let text = format!("MAPI_E_LOGON_FAILED has no reason: {}", listed(&holds, "and"));
        Sentence::new(text, &["RES-2"])
    }

    fn store(&self, client: ClientId, store: ProviderId, told: &mut Vec<Sentence>) {
        let scenario = self.model.scenario();
        let provider = &scenario.providers[store.index()];
        let service = provider.service;
        let name = &scenario.services[service.index()].name;
        let disabled = |one: &Candidate| self.is_disabled(one, client, service);
        let off = self.everywhere(disabled);
        if self.everywhere(|one| self.is_unreached(one, client, service)) {
            let text = format!(
                "the profile of the session has no store {}; a store that a client reaches by an \
                 identifier of its own making is a [[provider]] of no service",
                provider.name
            );
            told.push(Sentence::new(text, &["PRV-60", "OPN-5"]));
            return;
        }
        match self.code() {
            Some(code) if code.is_success() && off => {
                let text = format!("{name} was disabled before, and stays so until Logoff");
                told.push(Sentence::new(text, &["DIS-2", "DIS-10"]));
            }
            Some(Code::LogonFailed) if !self.belief.candidates.iter().any(disabled) => {
                let why = if self.faults == 0 { ", and no fault may strike" } else { "" };
                let text = format!("{name} is not disabled in this session{why}");
                told.push(Sentence::new(text, &["DIS-4", "OPN-20"]));
            }
            Some(code)
                if !code.is_success()
                    && !self.can_answer(store, code)
                    && !self.event().seen.provider_events.as_ref().is_some_and(Vec::is_empty) =>
            {
                let text = format!(
                    "the scenario does not let {} answer {}; logon_codes = [\"{}\"] does",
                    provider.name,
                    code.name(),
                    code.name()
                );
                told.push(Sentence::new(text, &["AMB-35"]));
            }
            Some(_) | None => {}
        }
    }

    pub(super) fn is_disabled(
        &self,
        one: &Candidate,
        client: ClientId,
        service: ServiceId,
    ) -> bool {
        self.held(one, client).any(|session| session.disabled().contains(service))
    }

    /// Does the client hold sessions, and none whose profile has the service?
    fn is_unreached(&self, one: &Candidate, client: ClientId, service: ServiceId) -> bool {
        let foreign = self.model.scenario().foreign().contains(service);
        !foreign
            && self.held(one, client).next().is_some()
            && !self.held(one, client).any(|session| session.services().contains(service))
    }

    /// The sessions that the client holds.
    fn held<'a>(
        &'a self,
        one: &'a Candidate,
        client: ClientId,
    ) -> impl Iterator<Item = &'a Session> {
        let sight = self.model.sight(&one.state);
        sight.attachments_of(client).map(move |held| sight.session(held.session))
    }

    /// Does the scenario let the provider answer this code, or a fault?
    fn can_answer(&self, store: ProviderId, code: Code) -> bool {
        let provider = &self.model.scenario().providers[store.index()];
        let by_fault = |fault: Fault| provider.faults.contains(fault) && fault.code() == code;
        provider.logon_codes.contains(code)
            || provider.init_codes.contains(code)
            || (provider.session_cap.is_some() && provider.cap_code == code)
            || (code == Code::Unconfigured && !provider.complete)
            || (code == Code::FailOneProvider && provider.may_be_put_off())
            || (self.faults > 0 && Fault::ALL.into_iter().any(by_fault))
    }
}
