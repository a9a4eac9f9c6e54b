//! Choices as traces write them, and back.

use mapi_logon_model::ids::{ClientId, ProfileId};
use mapi_logon_model::mapi::{Code, Fault};
use mapi_logon_model::protocol::{
    Action, Answer, Call, Choice, Fate, Logon, NameParameter, Scripted,
};
use mapi_logon_model::scenario::{ANSWERS, Named, PARAMETER_LENGTH};
use mapi_logon_model::world::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calls::flag_words;
use crate::names::Names;

/// One choice about one client's call, in the names of the scenario.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Act {
    /// Whose call goes on.
    pub client: String,
    /// How.
    #[serde(flatten)]
    pub deed: Deed,
}

/// How a call goes on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Deed {
    /// The client makes a call.
    Begin {
        /// The call, as scenarios write it.
        call: String,
        /// With `MAPILogonEx`: its parameters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parameters: Option<Parameters>,
        /// The logon that obtained the session the call acts on, if not the one obtained last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<String>,
    },
    /// MAPI does what comes next.
    Proceed,
    /// The short bound of `MAPI_TIMEOUT_SHORT` has passed.
    TimeOut,
    /// A provider is tried.
    Try {
        /// The fault the provider suffered from is gone.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        repaired: bool,
        /// The missing password is found stored.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        password_found: bool,
        /// The fault that strikes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        struck: Option<String>,
        /// What the entry point answers without a reason in its data.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        init_answers: Option<String>,
        /// What the logon method answers without a reason in its data.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        logon_answers: Option<String>,
    },
    /// A provider reports success early.
    Postpone,
    /// `MAPIInitialize` fails.
    Refuse {
        /// What it answers.
        result: String,
    },
    /// An entry point without UI ends.
    Configure {
        /// Is the data complete?
        completed: bool,
    },
    /// The user answers the open dialog.
    Answer {
        /// What, as scenarios name it.
        answer: String,
        /// With `pick`: the profile.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        profile: Option<String>,
        /// With `correct` after a failed configuration: is the data complete?
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        completed: bool,
    },
}

/// Parameters of a `MAPILogonEx` call.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// The profile name; `null` for NULL.
    pub profile: Option<String>,
    /// Is a password passed?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub password: bool,
    /// The flags by name; undefined bits as a hexadecimal number.
    pub flags: Vec<String>,
}

/// Answers that need nothing beside their name.
const PLAIN: [Answer; 7] = [
    Answer::Supply,
    Answer::SupplyIncomplete,
    Answer::Cancel,
    Answer::Retry,
    Answer::Decline,
    Answer::Confirm,
    Answer::Refuse,
];

impl Names<'_> {
    /// An action as traces write it, in the state in which it is chosen.
    #[must_use]
    pub fn act(self, state: &State, action: Action) -> Act {
        let client = action.client;
        let deed = match action.choice {
            Choice::Begin(call) => Deed::Begin {
                call: self.model.words().call(call),
                parameters: call.logon().map(|logon| self.parameters(client, &logon)),
                on: self.acted_on(state, client, call),
            },
            Choice::Proceed => Deed::Proceed,
            Choice::TimeOut => Deed::TimeOut,
            Choice::Postpone => Deed::Postpone,
            Choice::Refuse(code) => Deed::Refuse { result: code.name().to_owned() },
            Choice::Configure { completed } => Deed::Configure { completed },
            Choice::Try(fate) => {
                let (init, logon) = match fate.scripted {
                    None => (None, None),
                    Some(Scripted::Init(code)) => (Some(code.name().to_owned()), None),
                    Some(Scripted::Logon(code)) => (None, Some(code.name().to_owned())),
                };
                Deed::Try {
                    repaired: fate.repaired,
                    password_found: fate.password_found,
                    struck: fate.struck.map(|fault| fault.name().to_owned()),
                    init_answers: init,
                    logon_answers: logon,
                }
            }
            Choice::Answer(answer) => Deed::Answer {
                answer: ANSWERS[answer.bit()].to_owned(),
                profile: picked(answer).map(|profile| self.profile(profile)),
                completed: matches!(answer, Answer::Correct { completed: true }),
            },
        };
        let client = self.client(client);
        Act { client, deed }
    }

    /// The client of this name.
    pub(crate) fn client_named(self, name: &str) -> Option<ClientId> {
        let clients = &self.model.scenario().clients;
        let place = clients.iter().position(|client| client.name == name);
        place.map(ClientId::from)
    }

    /// The choice that is written so; nothing where a name is not known, and for the beginning of a
    /// call, which depends on where session pointers are kept.
    #[must_use]
    pub fn choice(self, deed: &Deed) -> Option<Choice> {
        Some(match deed {
            Deed::Begin { .. } => return None,
            Deed::Proceed => Choice::Proceed,
            Deed::TimeOut => Choice::TimeOut,
            Deed::Postpone => Choice::Postpone,
            Deed::Refuse { result } => Choice::Refuse(Code::named(result)?),
            Deed::Configure { completed } => Choice::Configure { completed: *completed },
            Deed::Try { repaired, password_found, struck, init_answers, logon_answers } => {
                Choice::Try(Fate {
                    repaired: *repaired,
                    password_found: *password_found,
                    struck: known(struck.as_deref(), fault_named)?,
                    scripted: match (init_answers, logon_answers) {
                        (Some(_), Some(_)) => return None,
                        (Some(code), None) => Some(Scripted::Init(Code::named(code)?)),
                        (None, Some(code)) => Some(Scripted::Logon(Code::named(code)?)),
                        (None, None) => None,
                    },
                })
            }
            Deed::Answer { answer, profile, completed } => {
                Choice::Answer(self.answer(answer, profile.as_deref(), *completed)?)
            }
        })
    }

    fn answer(self, name: &str, profile: Option<&str>, completed: bool) -> Option<Answer> {
        let profiles = &self.model.scenario().profiles;
        let named = |wanted: &str| profiles.iter().position(|one| one.name == wanted);
        Some(match (name, profile) {
            ("pick", Some(profile)) => Answer::Pick(named(profile)?.into()),
            ("correct", _) => Answer::Correct { completed },
            _ => *PLAIN.iter().find(|one| ANSWERS[one.bit()] == name)?,
        })
    }

    /// The parameters of a logon: as the scenario writes them for its client where these are meant,
    /// else by a name that means the same.
    fn parameters(self, client: ClientId, logon: &Logon) -> Parameters {
        let own = &self.model.scenario().clients[client.index()];
        let listed = own.passed(logon.name).next().map(|name| name.map(str::to_owned));
        let profile = listed.unwrap_or_else(|| self.name_for(logon.name));
        Parameters { profile, password: logon.password, flags: flag_words(logon.flags) }
    }

    fn name_for(self, name: NameParameter) -> Option<String> {
        match name {
            NameParameter::Null => None,
            NameParameter::Empty => Some(String::new()),
            NameParameter::Name { profile: Some(profile), .. } => Some(self.profile(profile)),
            NameParameter::Name { profile: None, too_long } => {
                let mut name = "unknown".repeat(1 + usize::from(too_long) * PARAMETER_LENGTH);
                while self.model.scenario().resolve(&name) != Named::Unknown {
                    name.push('?');
                }
                Some(name)
            }
        }
    }

    /// The logon by which the client got at the session the call acts on, if not the last one.
    fn acted_on(self, state: &State, client: ClientId, call: Call) -> Option<String> {
        let sight = self.model.sight(state);
        let slot = self.model.slots().of_client(client, call.on()??)?;
        let last = sight.attachment(client, None).map(|held| held.slot);
        (last != Some(slot)).then(|| self.session(slot.session()))
    }
}

/// The profile that is picked, if one is.
const fn picked(answer: Answer) -> Option<ProfileId> {
    if let Answer::Pick(profile) = answer { Some(profile) } else { None }
}

/// What a name that may be absent stands for; nothing where it is not known.
fn known<T>(name: Option<&str>, named: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
    match name {
        None => Some(None),
        Some(name) => named(name).map(Some),
    }
}

fn fault_named(name: &str) -> Option<Fault> {
    Fault::ALL.into_iter().find(|fault| fault.name() == name)
}
