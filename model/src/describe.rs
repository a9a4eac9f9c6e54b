//! How is what happens put in words? With the names of the scenario instead of its numbers.

use crate::action::{Action, Answer, Choice, Fate, Scripted};
use crate::clause::STATES;
use crate::effect::Dialog;
use crate::ids::{ClientId, LogonId, ProfileId, ProviderId, ServiceId, SessionId};
use crate::mapi::Fault;
use crate::model::Model;
use crate::scenario::Scenario;
use crate::state::{Asked, Attempt, Origin, Phase, State, Task};
use crate::transition::Place;

mod changes;
mod effects;

pub use changes::Change;

/// Speaks of a model in the names of its scenario.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    model: &'a Model,
}

impl Model {
    /// Words for what happens in this model.
    #[must_use]
    pub const fn words(&self) -> Words<'_> {
        Words { model: self }
    }
}

impl<'a> Words<'a> {
    fn scenario(self) -> &'a Scenario {
        self.model.scenario()
    }

    /// The client's name.
    #[must_use]
    pub fn client(self, client: ClientId) -> &'a str {
        &self.scenario().clients[client.index()].name
    }

    /// The profile's name.
    #[must_use]
    pub fn profile(self, profile: ProfileId) -> &'a str {
        &self.scenario().profiles[profile.index()].name
    }

    /// The service's name.
    #[must_use]
    pub fn service(self, service: ServiceId) -> &'a str {
        &self.scenario().services[service.index()].name
    }

    /// The provider's name.
    #[must_use]
    pub fn provider(self, provider: ProviderId) -> &'a str {
        &self.scenario().providers[provider.index()].name
    }

    /// The session, named by the client that established it and by which of its logons did.
    #[must_use]
    pub fn session(self, session: SessionId) -> String {
        format!("{} session", self.logon(session))
    }

    /// The call as the file writes it.
    #[must_use]
    pub fn call(self, client: ClientId, call: u8) -> &'a str {
        let written = &self.scenario().clients[client.index()].written;
        written.get(usize::from(call)).map_or("no call", String::as_str)
    }

    /// `outlook's`, or `outlook's second` where the client logs on more than once.
    fn logon(self, logon: LogonId) -> String {
        const ORDINALS: [&str; 4] = ["first", "second", "third", "fourth"];
        let logons = &self.scenario().logons;
        let client = logons[logon.index()].client;
        let own = |logons: &[crate::scenario::Logon]| {
            logons.iter().filter(|logon| logon.client == client).count()
        };
        let name = self.client(client);
        match (own(logons), own(&logons[..logon.index()])) {
            (0 | 1, _) => format!("{name}'s"),
            (_, before) => match ORDINALS.get(before) {
                Some(ordinal) => format!("{name}'s {ordinal}"),
                None => format!("{name}'s {}th", before + 1),
            },
        }
    }

    /// Who makes the choice in this state: a client, the user, a provider, a service or MAPI.
    #[must_use]
    pub fn actor(self, state: &State, action: Action) -> String {
        let phase = state.client(action.client).phase();
        match (action.choice, phase) {
            (Choice::Begin, _) => self.client(action.client).to_owned(),
            (Choice::Proceed | Choice::Refuse(_), _) => "MAPI".to_owned(),
            (Choice::TimeOut, _) => "clock".to_owned(),
            (Choice::Answer(_), _) => "user".to_owned(),
            (Choice::Try(_) | Choice::Postpone, Phase::Trying(provider, _)) => {
                self.provider(provider).to_owned()
            }
            (Choice::Configure { .. }, Phase::Reconfiguring { provider, .. }) => {
                self.scenario().service_of(provider).name.clone()
            }
            (Choice::Try(_) | Choice::Postpone | Choice::Configure { .. }, _) => {
                "environment".to_owned()
            }
        }
    }

    /// What is chosen in this state, to be read after [`Self::actor`].
    #[must_use]
    pub fn action(self, state: &State, action: Action) -> String {
        let client = self.client(action.client);
        match action.choice {
            Choice::Begin => {
                let call = self.call(action.client, state.client(action.client).call());
                format!("calls {call}")
            }
            Choice::Proceed => format!("goes on with the call of {client}"),
            Choice::TimeOut => format!("runs out for {client}"),
            Choice::Try(fate) => format!("is tried for {client}{}", fate_text(fate)),
            Choice::Refuse(code) => format!("refuses {client} with {}", code.name()),
            Choice::Postpone => format!("reports success early to {client}"),
            Choice::Configure { completed: true } => format!("configures itself for {client}"),
            Choice::Configure { completed: false } => {
                format!("does not configure itself for {client}")
            }
            Choice::Answer(answer) => {
                let dialog = self.open_dialog(state.client(action.client).phase());
                let dialog = dialog.map_or_else(String::new, |dialog| {
                    format!(" to {} of {client}", self.dialog(dialog))
                });
                format!("answers {}{dialog}", self.answer(answer))
            }
        }
    }

    /// The answer as scenario files name it, with what else it decides.
    #[must_use]
    pub fn answer(self, answer: Answer) -> String {
        let name = crate::scenario::ANSWERS[answer.bit()];
        match answer {
            Answer::Pick(profile) => format!("{name} {}", self.profile(profile)),
            Answer::Correct { completed: true } => format!("{name}, data complete"),
            Answer::Correct { completed: false }
            | Answer::Supply
            | Answer::SupplyIncomplete
            | Answer::Cancel
            | Answer::Retry
            | Answer::Decline
            | Answer::Confirm
            | Answer::Refuse => name.to_owned(),
        }
    }

    /// The dialog as outcomes name it, such as `failure:EXMS`.
    #[must_use]
    pub fn dialog(self, dialog: Dialog) -> String {
        match dialog {
            Dialog::Profile => "profile".to_owned(),
            Dialog::Password => "password".to_owned(),
            Dialog::Configure(service) => format!("configure:{}", self.service(service)),
            Dialog::Provider(provider) => format!("provider:{}", self.provider(provider)),
            Dialog::Failure(Task::Configure(service)) => {
                format!("failure:{}", self.service(service))
            }
            Dialog::Failure(Task::Run(provider)) => format!("failure:{}", self.provider(provider)),
            Dialog::Logoff => "logoff".to_owned(),
        }
    }

    /// The task as the specification writes it: `cfg(s)` or `run(p)`.
    #[must_use]
    pub fn task(self, task: Task) -> String {
        match task {
            Task::Configure(service) => format!("cfg({})", self.service(service)),
            Task::Run(provider) => format!("run({})", self.provider(provider)),
        }
    }

    /// The dialog that is open in a phase, if one is.
    #[must_use]
    pub fn open_dialog(self, phase: Phase) -> Option<Dialog> {
        match phase {
            Phase::PickingProfile => Some(Dialog::Profile),
            Phase::GivingPassword => Some(Dialog::Password),
            Phase::Forced(service) | Phase::Prompting(service, _) => {
                Some(Dialog::Configure(service))
            }
            Phase::Asking(provider, ..) => Some(Dialog::Provider(provider)),
            Phase::Informing(task, _) => Some(Dialog::Failure(task)),
            Phase::Reconfiguring { provider, .. } => {
                let service = self.scenario().providers[provider.index()].service;
                Some(Dialog::Configure(service))
            }
            Phase::Confirming => Some(Dialog::Logoff),
            Phase::Ready
            | Phase::Waiting
            | Phase::Choosing
            | Phase::Opening { .. }
            | Phase::Trying(..)
            | Phase::Disabling(..)
            | Phase::Finishing
            | Phase::Undoing(_) => None,
        }
    }

    /// Where the client's call stands: `Q14 Logon: EXMS, second try`.
    #[must_use]
    pub fn standing(self, state: &State, client: ClientId) -> String {
        let place = place(self.model.place(state, client));
        let detail = match state.client(client).phase() {
            Phase::Ready
            | Phase::Waiting
            | Phase::Choosing
            | Phase::PickingProfile
            | Phase::GivingPassword
            | Phase::Finishing
            | Phase::Confirming => return place,
            Phase::Opening { profile, origin } => {
                let name = profile.map_or("a name no profile has", |id| self.profile(id));
                format!("{name}, {}", origin_text(origin))
            }
            Phase::Forced(service) => self.service(service).to_owned(),
            Phase::Prompting(service, attempt) => {
                format!("{}, {}", self.service(service), attempt_text(attempt))
            }
            Phase::Trying(provider, attempt) => {
                format!("{}, {}", self.provider(provider), attempt_text(attempt))
            }
            Phase::Asking(provider, attempt, asked) => {
                let what = match asked {
                    Asked::Data => "data",
                    Asked::Password => "password",
                };
                let provider = self.provider(provider);
                format!("{provider} asks for its {what}, {}", attempt_text(attempt))
            }
            Phase::Informing(task, code) => format!("{}, {}", self.task(task), code.name()),
            Phase::Reconfiguring { provider, corrected: true } => {
                format!("for {}, corrected", self.provider(provider))
            }
            Phase::Reconfiguring { provider, corrected: false } => {
                format!("for {}", self.provider(provider))
            }
            Phase::Disabling(task, _) => self.task(task),
            Phase::Undoing(code) => code.name().to_owned(),
        };
        format!("{place}: {detail}")
    }
}

/// `Q14 Logon`.
fn place(place: Place) -> String {
    let named = STATES.iter().find(|(number, _, _)| *number == place.id());
    named.map_or_else(|| place.id().to_owned(), |(number, name, _)| format!("{number} {name}"))
}

const fn attempt_text(attempt: Attempt) -> &'static str {
    match attempt {
        Attempt::First => "first try",
        Attempt::Second { corrected: false, .. } => "second try",
        Attempt::Second { corrected: true, .. } => "second try after a correction",
    }
}

const fn origin_text(origin: Origin) -> &'static str {
    match origin {
        Origin::Given => "the name parameter",
        Origin::Default => "the default profile",
        Origin::Picked => "picked by the user",
    }
}

fn fate_text(fate: Fate) -> String {
    let mut parts = Vec::new();
    if fate.repaired {
        parts.push("its fault is gone".to_owned());
    }
    if fate.password_found {
        parts.push("its password is found stored".to_owned());
    }
    if let Some(fault) = fate.struck {
        parts.push(format!("{} strikes", fault_text(fault)));
    }
    match fate.scripted {
        None => {}
        Some(Scripted::Init(code)) => {
            parts.push(format!("its entry point answers {}", code.name()));
        }
        Some(Scripted::Logon(code)) => {
            parts.push(format!("its logon method answers {}", code.name()));
        }
    }
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) }
}

/// The fault's kind, and the side of a version mismatch.
const fn fault_text(fault: Fault) -> &'static str {
    match fault {
        Fault::ProviderTooNew => "incompatible-version (provider too new)",
        Fault::ProviderTooOld => "incompatible-version (provider too old)",
        Fault::InvalidPath | Fault::ServerUnavailable | Fault::DataCorruption => fault.kind(),
    }
}
