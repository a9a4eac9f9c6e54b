//! Which names stand for the machine's numbers? Those of the scenario, both ways.

use mapi_logon_model::action::{Action, Answer, Choice, Fate, Scripted};
use mapi_logon_model::effect::{Dialog, Effect, Event, ProviderCall};
use mapi_logon_model::ids::{ClientId, LogonId, ProfileId, ProviderId, ServiceId, SessionId};
use mapi_logon_model::mapi::{Code, Fault};
use mapi_logon_model::model::Model;
use mapi_logon_model::scenario::ANSWERS;
use mapi_logon_model::state::{Origin, State, Task};
use mapi_logon_model::window::Window;

use crate::seen::Seen;
use crate::trace::{Act, Deed};

/// Speaks of a machine in the names of its scenario.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    model: &'a Model,
    window: Option<&'a Window>,
}

impl<'a> Names<'a> {
    /// Names for a machine whose calls are listed.
    #[must_use]
    pub const fn of(model: &'a Model) -> Self {
        Self { model, window: None }
    }

    /// Names for a machine whose calls are given.
    #[must_use]
    pub const fn within(window: &'a Window) -> Self {
        Self { model: window.model(), window: Some(window) }
    }

    /// The client's name.
    #[must_use]
    pub fn client(self, client: ClientId) -> String {
        self.model.scenario().clients[client.index()].name.clone()
    }

    /// The profile's name.
    #[must_use]
    pub fn profile(self, profile: ProfileId) -> String {
        self.model.scenario().profiles[profile.index()].name.clone()
    }

    /// The service's name.
    #[must_use]
    pub fn service(self, service: ServiceId) -> String {
        self.model.scenario().services[service.index()].name.clone()
    }

    /// The provider's name.
    #[must_use]
    pub fn provider(self, provider: ProviderId) -> String {
        self.model.scenario().providers[provider.index()].name.clone()
    }

    /// The session: the client whose logon established it, and which of its logons.
    #[must_use]
    pub fn session(self, session: SessionId) -> String {
        let logons = &self.model.scenario().logons;
        let Some(own) = logons.get(session.index()) else {
            return "none".to_owned();
        };
        let number = match self.window {
            Some(window) => window.ordinal(session),
            None => {
                let before = &logons[..=session.index()];
                before.iter().filter(|logon| logon.client == own.client).count() as u64
            }
        };
        format!("{}/{number}", self.client(own.client))
    }

    /// The logon whose session has this name.
    #[must_use]
    pub fn logon_named(self, name: &str) -> Option<LogonId> {
        let slots = (0..self.model.scenario().logons.len()).map(LogonId::from);
        slots.into_iter().find(|slot| self.session(*slot) == name)
    }

    /// The client's call, as scenarios write it.
    #[must_use]
    pub fn call(self, client: ClientId, call: u8) -> String {
        let written = &self.model.scenario().clients[client.index()].written;
        written.get(usize::from(call)).cloned().unwrap_or_default()
    }

    /// The dialog, as outcomes name it.
    #[must_use]
    pub fn dialog(self, dialog: Dialog) -> String {
        self.model.words().dialog(dialog)
    }

    /// An action in words of the trace format.
    #[must_use]
    pub fn act(self, state: &State, action: Action) -> Act {
        let mut act = Act { client: self.client(action.client), ..Act::default() };
        match action.choice {
            Choice::Begin => {
                act.deed = Deed::Begin;
                act.call = Some(self.call(action.client, state.client(action.client).call()));
            }
            Choice::Proceed => act.deed = Deed::Proceed,
            Choice::TimeOut => act.deed = Deed::TimeOut,
            Choice::Postpone => act.deed = Deed::Postpone,
            Choice::Refuse(code) => {
                act.deed = Deed::Refuse;
                act.result = Some(code.name().to_owned());
            }
            Choice::Configure { completed } => {
                act.deed = Deed::Configure;
                act.completed = Some(completed);
            }
            Choice::Try(fate) => try_act(fate, &mut act),
            Choice::Answer(answer) => {
                act.deed = Deed::Answer;
                act.answer = Some(ANSWERS[answer.bit()].to_owned());
                match answer {
                    Answer::Pick(profile) => act.profile = Some(self.profile(profile)),
                    Answer::Correct { completed: true } => act.completed = Some(true),
                    Answer::Correct { completed: false }
                    | Answer::Supply
                    | Answer::SupplyIncomplete
                    | Answer::Cancel
                    | Answer::Retry
                    | Answer::Decline
                    | Answer::Confirm
                    | Answer::Refuse => {}
                }
            }
        }
        act
    }

    /// The action that is written so; nothing where a name is not known.
    #[must_use]
    pub fn action(self, act: &Act) -> Option<Action> {
        let clients = &self.model.scenario().clients;
        let client = clients.iter().position(|client| client.name == act.client)?.into();
        let completed = act.completed.unwrap_or(false);
        let choice = match act.deed {
            Deed::Begin => Choice::Begin,
            Deed::Proceed => Choice::Proceed,
            Deed::TimeOut => Choice::TimeOut,
            Deed::Postpone => Choice::Postpone,
            Deed::Refuse => Choice::Refuse(Code::named(act.result.as_deref()?)?),
            Deed::Configure => Choice::Configure { completed },
            Deed::Try => Choice::Try(fate(act)?),
            Deed::Answer => Choice::Answer(match act.answer.as_deref()? {
                "pick" => {
                    let profiles = &self.model.scenario().profiles;
                    let wanted = act.profile.as_deref()?;
                    Answer::Pick(profiles.iter().position(|one| one.name == wanted)?.into())
                }
                "supply" => Answer::Supply,
                "supply-incomplete" => Answer::SupplyIncomplete,
                "cancel" => Answer::Cancel,
                "retry" => Answer::Retry,
                "correct" => Answer::Correct { completed },
                "decline" => Answer::Decline,
                "confirm" => Answer::Confirm,
                "refuse" => Answer::Refuse,
                _ => return None,
            }),
        };
        Some(Action { client, choice })
    }

    /// An effect in words of the trace format.
    #[must_use]
    pub fn effect(self, effect: Effect) -> Seen {
        match effect {
            Effect::Initialized { client, count } => {
                Seen::Initialized { client: self.client(client), count }
            }
            Effect::Called { client, call } => {
                Seen::Called { client: self.client(client), call: self.call(client, call) }
            }
            Effect::MutexTaken(client) => Seen::MutexTaken { client: self.client(client) },
            Effect::MutexReleased(client) => Seen::MutexReleased { client: self.client(client) },
            Effect::Resolved { client, profile, origin } => Seen::Resolved {
                client: self.client(client),
                profile: profile.map(|profile| self.profile(profile)),
                origin: origin_name(origin).to_owned(),
            },
            Effect::Displayed { client, dialog } => {
                Seen::Displayed { client: self.client(client), dialog: self.dialog(dialog) }
            }
            Effect::Answered { client, answer } => Seen::Answered {
                client: self.client(client),
                answer: ANSWERS[answer.bit()].to_owned(),
            },
            Effect::Notified { client, session, event } => Seen::Notified {
                client: self.client(client),
                session: self.session(session),
                event: event_name(event).to_owned(),
            },
            Effect::Returned { client, call, code, session } => Seen::Returned {
                client: self.client(client),
                call: self.call(client, call),
                result: code.name().to_owned(),
                session: session.map(|session| self.session(session)),
            },
            Effect::Joined { .. }
            | Effect::Establishing(_)
            | Effect::ProfileOpened { .. }
            | Effect::Sought { .. }
            | Effect::ServiceConfigured(_)
            | Effect::ProviderConfigured(_)
            | Effect::PasswordStored(_)
            | Effect::Struck(..)
            | Effect::Repaired(_)
            | Effect::LibraryLoaded(_)
            | Effect::LibraryFreed(_)
            | Effect::Provider { .. }
            | Effect::EntryPoint { .. }
            | Effect::Failed { .. }
            | Effect::ServiceDisabled { .. }
            | Effect::Registered { .. }
            | Effect::Spooler { .. }
            | Effect::SessionOpened(_)
            | Effect::SessionClosed(_)
            | Effect::ProfileMarked(_)
            | Effect::ProfileRemoved(_)
            | Effect::ServiceRemoved(_)
            | Effect::StatusRow { .. }
            | Effect::Identity { .. } => self.effect_on_session(effect),
        }
    }
}

fn try_act(fate: Fate, act: &mut Act) {
    act.deed = Deed::Try;
    act.repaired = fate.repaired;
    act.password_found = fate.password_found;
    act.struck = fate.struck.map(|fault| fault_name(fault).to_owned());
    match fate.scripted {
        None => {}
        Some(Scripted::Init(code)) => act.init_answers = Some(code.name().to_owned()),
        Some(Scripted::Logon(code)) => act.logon_answers = Some(code.name().to_owned()),
    }
}

fn fate(act: &Act) -> Option<Fate> {
    let struck = match &act.struck {
        None => None,
        Some(name) => Some(Fault::ALL.into_iter().find(|fault| fault_name(*fault) == name)?),
    };
    let scripted = match (&act.init_answers, &act.logon_answers) {
        (None, None) => None,
        (Some(code), None) => Some(Scripted::Init(Code::named(code)?)),
        (None, Some(code)) => Some(Scripted::Logon(Code::named(code)?)),
        (Some(_), Some(_)) => return None,
    };
    let (repaired, password_found) = (act.repaired, act.password_found);
    Some(Fate { repaired, password_found, struck, scripted })
}

/// The fault's name: its kind, or which side of a version mismatch it is.
#[must_use]
pub const fn fault_name(fault: Fault) -> &'static str {
    match fault {
        Fault::ProviderTooNew => "provider-too-new",
        Fault::ProviderTooOld => "provider-too-old",
        Fault::InvalidPath | Fault::ServerUnavailable | Fault::DataCorruption => fault.kind(),
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

/// What is called of a provider.
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

mod session;
