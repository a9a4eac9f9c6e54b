//! What a tool does and what can be seen of a system, as letters.

use mapi_logon_model::ids::{ClientId, ProviderId, SessionId};
use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::{
    Answer, Call, Dialog, Effect, EffectKind, ProviderCall, Status, StatusRow,
};
use mapi_logon_model::world::World;

/// One thing that the tool or the system does.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Letter {
    Begins(Call),
    Answers(Answer),
    Code(Code),
    Displays(Dialog),
    Asks(ProviderId, ProviderCall),
    /// The rows of a table, where no other call can have changed it meanwhile.
    Rows(Vec<(Option<StatusRow>, Option<ProviderId>, Option<Status>)>),
    /// A result, and the slots whose pointers lead to the session obtained.
    Returns(Code, Option<u64>),
    /// What no adapter reports.
    Inside(Effect),
}

impl Letter {
    /// Does the tool decide on it?
    pub(crate) const fn is_input(&self) -> bool {
        matches!(self, Self::Begins(_) | Self::Answers(_) | Self::Code(_))
    }

    /// What it is, in a word or two.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Begins(call) => format!("the call {}", call.name()),
            Self::Answers(_) => "the answer of a user".to_owned(),
            Self::Code(code) => format!("the answer {}", code.name()),
            Self::Displays(_) => "a dialog".to_owned(),
            Self::Asks(_, call) => format!("`{call:?}` of a provider"),
            Self::Rows(_) => "the rows of a table".to_owned(),
            Self::Returns(..) => "the return".to_owned(),
            Self::Inside(Effect::Provider { call, .. }) => format!("`{call:?}` of a provider"),
            Self::Inside(effect) => format!("`{}`", EffectKind::of(effect).name()),
        }
    }
}

/// What is seen of a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Eyes {
    /// What an adapter reports.
    Adapter,
    /// Every effect.
    All,
}

/// The letters of a step of the client's call, in order.
#[expect(clippy::wildcard_enum_match_arm, reason = "an adapter sees no more than these")]
pub(crate) fn word(
    model: &Model,
    (world, client, step): (&World, ClientId, &Step),
    eyes: Eyes,
) -> Vec<Letter> {
    let before = model.sight(&world.state);
    let others = before.clients().filter(|one| *one != client);
    let alone = others.into_iter().all(|one| before.client(one).call().is_none());
    let (mut word, mut rows) = (Vec::new(), Vec::new());
    for effect in &step.effects {
        match *effect {
            Effect::Called { call, .. } => word.push(Letter::Begins(call)),
            // Dialogs of providers are the tool's own.
            Effect::Displayed { dialog: Dialog::Provider(_), .. } => {}
            Effect::Displayed { dialog, .. } => word.push(Letter::Displays(dialog)),
            Effect::Answered { answer, .. } => {
                let own = model.words().open_dialog(before.client(client).phase());
                if !matches!(own, Some(Dialog::Provider(_))) {
                    word.push(Letter::Answers(answer));
                }
            }
            Effect::Provider {
                provider,
                call: call @ (ProviderCall::Init | ProviderCall::Logon),
                result,
                ..
            } => word.extend([Letter::Asks(provider, call), Letter::Code(result)]),
            Effect::StatusRow { row, status, .. } => rows.push((Some(row), None, Some(status))),
            Effect::StoreRow { provider, .. } => rows.push((None, Some(provider), None)),
            // A function returns once.
            Effect::Returned { .. }
                if eyes == Eyes::Adapter
                    && word.iter().any(|one| matches!(one, Letter::Returns(..))) => {}
            Effect::Returned { call, result, session, .. } => {
                let table = matches!(call.name(), "GetStatusTable" | "GetMsgStoresTable");
                if table && result.is_success() && alone {
                    rows.sort_by_key(|(row, ..)| format!("{row:?}"));
                    word.push(Letter::Rows(std::mem::take(&mut rows)));
                }
                let obtains = call.logon().is_some() && result.is_success();
                let members = obtains.then(|| members(model, step, session));
                word.push(Letter::Returns(result, members));
            }
            other if eyes == Eyes::All => word.push(Letter::Inside(other)),
            _ => {}
        }
    }
    word
}

/// The slots whose pointers lead to a session, each a bit.
fn members(model: &Model, step: &Step, session: Option<SessionId>) -> u64 {
    let after = model.sight(&step.state);
    let held = after.attachments().iter().filter(|held| Some(held.session) == session);
    held.fold(0, |all, held| all | 1 << held.slot.index())
}
