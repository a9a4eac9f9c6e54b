//! Descriptions of actions, effects and states in words, with the names of the scenario.

use crate::clause::STATES;
use crate::ids::{ClientId, ProfileId, ProviderId, ServiceId, SessionId, SlotId};
use crate::machine::Model;
use crate::mapi::Fault;
use crate::protocol::{
    Action, Answer, Asked, Attempt, Call, Choice, Dialog, Fate, Method, OpenDialog, Origin, Phase,
    Place, Scripted, Task,
};
use crate::scenario::Scenario;
use crate::world::State;

mod changes;
mod effects;

pub use changes::Change;

/// Describes a model with the names of its scenario.
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
        format!("{} session", self.owner(session))
    }

    /// The call as scenarios write it.
    #[must_use]
    pub fn call(self, call: Call) -> String {
        let target = match call {
            Call::DeleteProfile(profile) => self.profile(profile).to_owned(),
            Call::OnSession(_, Method::Logoff(flags)) => {
                let names: Vec<_> = flags.iter_names().map(|(name, _)| name).collect();
                names.join("|")
            }
            Call::OnSession(_, Method::OpenMsgStore(store)) => self.provider(store).to_owned(),
            Call::OnSession(_, Method::RemoveService(service)) => self.service(service).to_owned(),
            Call::Initialize
            | Call::Uninitialize
            | Call::LogonEx(_)
            | Call::OnSession(
                _,
                Method::Release
                | Method::OpenAddressBook
                | Method::GetStatusTable
                | Method::GetMsgStoresTable
                | Method::QueryIdentity,
            ) => String::new(),
        };
        let colon = if target.is_empty() { "" } else { ":" };
        format!("{}{colon}{target}", call.name())
    }

    /// What a logon passes, where its client chooses that; else nothing.
    fn passed(self, client: ClientId, call: Call) -> String {
        let client = self.scenario().clients.get(client.index());
        let client = client.filter(|client| client.is_any_caller());
        let (Some(client), Some(logon)) = (client, call.logon()) else {
            return String::new();
        };
        let name = client.passed(logon.name).next().flatten().unwrap_or("no name");
        let flags: Vec<_> = logon.flags.iter_names().map(|(name, _)| name).collect();
        let flags = if flags.is_empty() { "no flags".to_owned() } else { flags.join("|") };
        format!(" ({name}, {flags})")
    }

    /// `outlook's`, or `outlook's second` where the client logs on more than once.
    fn owner(self, session: SessionId) -> String {
        const ORDINALS: [&str; 4] = ["first", "second", "third", "fourth"];
        let slots = self.model.slots();
        let client = slots.owner(session);
        let name = self.client(client);
        let number = slots.number(SlotId(session.0));
        match (slots.count(client), ORDINALS.get(usize::from(number))) {
            (0 | 1, _) => format!("{name}'s"),
            (_, Some(ordinal)) => format!("{name}'s {ordinal}"),
            (_, None) => format!("{name}'s {}th", number + 1),
        }
    }

    /// Who makes the choice in this state: a client, the user, a provider, a service or MAPI.
    #[must_use]
    pub fn actor(self, state: &State, action: Action) -> String {
        let phase = self.model.sight(state).client(action.client).phase();
        match (action.choice, phase) {
            (Choice::Begin(_), _) => self.client(action.client).to_owned(),
            (Choice::Proceed | Choice::Refuse(_), _) => "MAPI".to_owned(),
            (Choice::TimeOut, _) => "clock".to_owned(),
            (Choice::Answer(_), _) => "user".to_owned(),
            (Choice::Try(_) | Choice::Postpone, Phase::Trying(provider, _)) => {
                self.provider(provider).to_owned()
            }
            (Choice::Configure { .. }, Phase::Reconfiguring(provider, _)) => {
                self.scenario().service_of(provider).name.clone()
            }
            (Choice::Try(_), Phase::Checking(..) | Phase::Opening { .. }) => "MAPI".to_owned(),
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
            Choice::Begin(call) => {
                format!("calls {}{}", self.call(call), self.passed(action.client, call))
            }
            Choice::Proceed => format!("goes on with the call of {client}"),
            Choice::TimeOut => format!("runs out for {client}"),
            Choice::Try(fate) => {
                let fate = fate_text(fate);
                let phase = self.model.sight(state).client(action.client).phase();
                if let Phase::Checking(service, _) = phase {
                    let service = self.service(service);
                    format!("tries the configuration of {service} for {client}{fate}")
                } else if matches!(phase, Phase::Opening { .. }) {
                    format!("opens the profile for {client}{fate}")
                } else {
                    format!("is tried for {client}{fate}")
                }
            }
            Choice::Refuse(code) => format!("refuses {client} with {}", code.name()),
            Choice::Postpone => format!("reports success early to {client}"),
            Choice::Configure { completed: true } => format!("configures itself for {client}"),
            Choice::Configure { completed: false } => {
                format!("does not configure itself for {client}")
            }
            Choice::Answer(answer) => {
                let dialog =
                    self.open_dialog(self.model.sight(state).client(action.client).phase());
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

    /// The dialog as outcomes name it, such as `failure:EXMS:MAPI_E_NETWORK_ERROR`.
    #[must_use]
    pub fn dialog(self, dialog: Dialog) -> String {
        match dialog {
            Dialog::Profile => "profile".to_owned(),
            Dialog::Password => "password".to_owned(),
            Dialog::Configure(service) => format!("configure:{}", self.service(service)),
            Dialog::Provider(provider) => format!("provider:{}", self.provider(provider)),
            Dialog::Failure(task, code) => format!("{}:{}", self.failure(task), code.name()),
            Dialog::Logoff => "logoff".to_owned(),
        }
    }

    /// The dialog of a task's failure as recordings may name it, whatever the code.
    #[must_use]
    pub fn failure(self, task: Task) -> String {
        match task {
            Task::Configure(service) => format!("failure:{}", self.service(service)),
            Task::Run(provider) => format!("failure:{}", self.provider(provider)),
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
        phase.row().dialog.map(|open| match open {
            OpenDialog::Dialog(dialog) => dialog,
            OpenDialog::EntryPointOf(provider) => {
                Dialog::Configure(self.scenario().providers[provider.index()].service)
            }
        })
    }

    /// The state of the client's call: `Q14 Logon: EXMS, second try`.
    #[must_use]
    pub fn standing(self, state: &State, client: ClientId) -> String {
        let sight = self.model.sight(state);
        let place = place(sight.place(client));
        let detail = match sight.client(client).phase() {
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
            Phase::Checking(service, attempt) => {
                format!("{}, {}", self.service(service), attempt_text(attempt))
            }
            Phase::Informing(task, _, code) => format!("{}, {}", self.task(task), code.name()),
            Phase::Reconfiguring(provider, attempt) => {
                let after = if attempt.corrected { ", corrected" } else { "" };
                format!("for {}{after}", self.provider(provider))
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

/// `second try after a correction`.
fn attempt_text(attempt: Attempt) -> String {
    let after = if attempt.corrected { " after a correction" } else { "" };
    format!("{} try{after}", ordinal(attempt.k))
}

/// The number of a try in words.
const fn ordinal(k: u8) -> &'static str {
    match k {
        1 => "first",
        2 => "second",
        3 => "third",
        _ => "fourth",
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
fn fault_text(fault: Fault) -> &'static str {
    if fault == Fault::ProviderTooNew {
        "incompatible-version (provider too new)"
    } else if fault == Fault::ProviderTooOld {
        "incompatible-version (provider too old)"
    } else {
        fault.kind()
    }
}
