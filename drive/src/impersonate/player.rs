//! A call in progress, and what it waits for.

use std::collections::BTreeMap;

use mapi_logon_model::ids::{ClientId, ProviderId};
use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::{Action, Answer, Choice, Fate, Method, ProviderCall, Scripted};
use mapi_logon_model::world::State;
use mapi_logon_traces::explain::{Begun, calls_of};

use crate::protocol::{Args, Hr, ProviderAnswer, Question, Row, UserAnswer};

/// A call in progress.
#[derive(Clone, Debug)]
pub(super) struct Open {
    /// Its number.
    pub(super) id: u64,
    pub(super) call: Begun,
    /// Whether it has begun: calls on one session take turns.
    pub(super) begun: bool,
    /// The question that is not answered yet.
    pub(super) asked: Option<Asked>,
    /// The answers of the provider that is being tried, so far.
    pub(super) answers: Vec<Code>,
    /// The answer of the user or the entry point, not yet used.
    pub(super) reply: Option<Reply>,
    pub(super) preset: Option<BTreeMap<String, Hr>>,
    pub(super) events: Vec<ProviderAnswer>,
    pub(super) rows: Vec<Row>,
}

/// A question that is not answered yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Asked {
    Provider(u64),
    Configure(u64),
    Dialog(u64),
}

/// What a user, or an entry point, has answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Reply {
    /// In a dialog of MAPI: the answer, the profile picked, whether data is complete now.
    User(UserAnswer, Option<String>, bool),
    /// The entry point of a service: its result, and whether data is complete now.
    Configured(Hr, bool),
}

impl Open {
    pub(super) const fn new(id: u64, call: Begun, preset: Option<BTreeMap<String, Hr>>) -> Self {
        Self {
            id,
            call,
            begun: false,
            asked: None,
            answers: Vec::new(),
            reply: None,
            preset,
            events: Vec::new(),
            rows: Vec::new(),
        }
    }
}

/// What a try of a provider asks next.
pub(super) enum Tried {
    /// This call of this provider has to be answered.
    Asks(ProviderId, ProviderCall),
    /// Everything is answered: the try can be made so.
    Made(Choice),
    /// No try is answered so.
    Never,
}

/// What a try asks after these answers.
pub(super) fn tried(model: &Model, state: &State, client: ClientId, answers: &[Code]) -> Tried {
    let choice = Choice::Try(fate(model, state, client, answers));
    let Ok(step) = model.step(state, Action { client, choice }) else {
        return Tried::Never;
    };
    let mut asked = calls_of(&step);
    for answer in answers {
        match asked.next() {
            Some((.., code)) if code == *answer => {}
            Some(_) | None => return Tried::Never,
        }
    }
    asked.next().map_or(Tried::Made(choice), |(provider, call, _)| Tried::Asks(provider, call))
}

/// The try in which the provider answers so: its first answer that is not S_OK decides.
fn fate(model: &Model, state: &State, client: ClientId, answers: &[Code]) -> Fate {
    let Some(at) = answers.iter().position(|code| *code != Code::Ok) else {
        return Fate::default();
    };
    let plain = Action { client, choice: Choice::Try(Fate::default()) };
    let step = model.step(state, plain).ok();
    let call = step.as_ref().and_then(|step| calls_of(step).nth(at)).map(|(_, call, _)| call);
    let scripted = match call {
        Some(ProviderCall::Init) => Scripted::Init(answers[at]),
        _ => Scripted::Logon(answers[at]),
    };
    Fate { scripted: Some(scripted), ..Fate::default() }
}

/// The choice that a reply stands for, of those that the phase leaves open.
pub(super) fn chosen(model: &Model, offered: &[Choice], reply: &Reply) -> Option<Choice> {
    let fits = |choice: &Choice| match (reply, *choice) {
        (Reply::User(said, profile, completed), Choice::Answer(answer)) => match answer {
            Answer::Pick(picked) => {
                *said == UserAnswer::Pick
                    && profile.as_deref() == Some(model.words().profile(picked))
            }
            Answer::Correct { completed: own } => {
                *said == UserAnswer::Correct && (own == *completed || offered.len() == 3)
            }
            answer @ (Answer::Supply
            | Answer::SupplyIncomplete
            | Answer::Cancel
            | Answer::Retry
            | Answer::Decline
            | Answer::Confirm
            | Answer::Refuse) => answer_of(answer) == *said,
        },
        (Reply::Configured(code, completed), Choice::Answer(answer)) => {
            answer == supplied(*code, *completed)
        }
        (Reply::Configured(_, completed), Choice::Configure { completed: own }) => {
            own == *completed
        }
        (_, _) => false,
    };
    offered.iter().copied().find(fits)
}

/// What the user has answered in the dialog of an entry point that ended so.
const fn supplied(code: Hr, completed: bool) -> Answer {
    if code.0 == Code::UserCancel.value() {
        Answer::Cancel
    } else if completed {
        Answer::Supply
    } else {
        Answer::SupplyIncomplete
    }
}

/// An answer as the protocol has it.
pub(crate) const fn answer_of(answer: Answer) -> UserAnswer {
    match answer {
        Answer::Pick(_) => UserAnswer::Pick,
        Answer::Supply => UserAnswer::Supply,
        Answer::SupplyIncomplete => UserAnswer::SupplyIncomplete,
        Answer::Cancel => UserAnswer::Cancel,
        Answer::Retry => UserAnswer::Retry,
        Answer::Correct { .. } => UserAnswer::Correct,
        Answer::Decline => UserAnswer::Decline,
        Answer::Confirm => UserAnswer::Confirm,
        Answer::Refuse => UserAnswer::Refuse,
    }
}

/// A provider's call as the protocol names it, where the tool answers it.
pub(crate) const fn question(call: ProviderCall) -> Question {
    match call {
        ProviderCall::Init => Question::Init,
        ProviderCall::Load
        | ProviderCall::Logon
        | ProviderCall::AddressTypes
        | ProviderCall::Notify
        | ProviderCall::Logoff
        | ProviderCall::ReleaseLogon
        | ProviderCall::Shutdown
        | ProviderCall::Release => Question::Logon,
    }
}

/// Whether a method ends the pointer for good.
pub(super) const fn releases(call: Begun) -> bool {
    matches!(call, Begun::OnSession(_, Method::Release))
}

/// A call as scenarios write it: `OpenMsgStore:EXMS`.
pub(crate) fn written(call: &str, args: &Args) -> String {
    let target = match call {
        "OpenMsgStore" => args.store.clone(),
        "DeleteProfile" => args.profile.clone(),
        "RemoveService" => args.service.clone(),
        "Logoff" => args.flags.filter(|flags| *flags != 0).map(|flags| format!("{flags:#x}")),
        _ => None,
    };
    target.map_or_else(|| call.to_owned(), |target| format!("{call}:{target}"))
}
