//! A run as messages between lanes: clients, MAPI, service providers and the user.

use crate::act::{Deed, Parameters};
use crate::effect::Seen;
use crate::trace::Line;

/// Who takes part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lane {
    /// A client by name.
    Client(String),
    /// MAPI itself.
    Mapi,
    /// A service provider by name.
    Provider(String),
    /// The person at the dialogs.
    User,
}

/// What is drawn of an effect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Where it begins, and for a note where it stands.
    pub from: Lane,
    /// Where it leads.
    pub to: Lane,
    /// What it says.
    pub text: String,
    /// How it is drawn.
    pub kind: MessageKind,
}

/// How a message is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MessageKind {
    /// A call, or a question to the user.
    Call,
    /// A result that is a success, or an answer of the user.
    Answer,
    /// A result that is a failure.
    Failure,
    /// A notification, to which nobody answers.
    Notification,
    /// Something inside MAPI.
    Note,
    /// Something inside MAPI that is lost.
    Loss,
    /// A fault that strikes or goes; no client sees it, so that it is assumed.
    Fault,
}

/// The messages of a step, in order.
#[must_use]
pub fn messages(line: &Line) -> Vec<Message> {
    let parameters = match &line.action.deed {
        Deed::Begin { parameters, .. } => parameters.as_ref(),
        Deed::Proceed
        | Deed::TimeOut
        | Deed::Try { .. }
        | Deed::Postpone
        | Deed::Refuse { .. }
        | Deed::Configure { .. }
        | Deed::Answer { .. } => None,
    };
    line.effects.iter().flat_map(|shown| of_effect(&shown.effect, parameters)).collect()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "a diagram shows what passes between lanes")]
fn of_effect(effect: &Seen, parameters: Option<&Parameters>) -> Vec<Message> {
    use MessageKind::{Answer, Call, Failure, Fault, Notification};
    let message = |from: Lane, to: Lane, text: String, kind| Message { from, to, text, kind };
    let client = |name: &String| Lane::Client(name.clone());
    let provider = |name: &String| Lane::Provider(name.clone());
    let outcome = |result: &str| if is_success(result) { Answer } else { Failure };
    match effect {
        Seen::Called { client: from, call } => {
            let passed = parameters.map(passed).unwrap_or_default();
            vec![message(client(from), Lane::Mapi, format!("{call}{passed}"), Call)]
        }
        Seen::Returned { client: to, call, result, .. } => {
            vec![message(Lane::Mapi, client(to), format!("{call}: {result}"), outcome(result))]
        }
        Seen::Provider { provider: to, call, result, .. } => vec![
            message(Lane::Mapi, provider(to), called(call).to_owned(), Call),
            message(provider(to), Lane::Mapi, (*result).to_owned(), outcome(result)),
        ],
        Seen::Displayed { dialog, .. } => {
            vec![message(Lane::Mapi, Lane::User, format!("dialog {dialog}"), Call)]
        }
        Seen::Answered { answer, .. } => {
            vec![message(Lane::User, Lane::Mapi, (*answer).to_owned(), Answer)]
        }
        Seen::Notified { client: to, event, .. } => {
            vec![message(Lane::Mapi, client(to), (*event).to_owned(), Notification)]
        }
        Seen::Struck { provider: at, fault } => {
            vec![message(provider(at), provider(at), format!("{fault} strikes"), Fault)]
        }
        Seen::Repaired { provider: at } => {
            vec![message(provider(at), provider(at), "its fault is gone".to_owned(), Fault)]
        }
        _ => note(effect)
            .map(|(text, kind)| message(Lane::Mapi, Lane::Mapi, text, kind))
            .into_iter()
            .collect(),
    }
}

/// What happens inside MAPI, where it is worth a note.
#[expect(clippy::wildcard_enum_match_arm, reason = "a note is for what matters")]
fn note(effect: &Seen) -> Option<(String, MessageKind)> {
    use MessageKind::{Fault, Loss, Note};
    Some(match effect {
        Seen::MutexTaken { client } => (format!("{client} takes the mutex"), Note),
        Seen::MutexReleased { client } => (format!("{client} releases the mutex"), Note),
        Seen::Joined { client, session } => (format!("{client} joins session {session}"), Note),
        Seen::ServiceDisabled { service, .. } => (format!("{service} is disabled"), Loss),
        Seen::EntryPoint { service, result, .. } => {
            let kind = if is_success(result) { Note } else { Loss };
            (format!("entry point of {service}: {result}"), kind)
        }
        Seen::SessionOpened { session } => (format!("session {session} is open"), Note),
        Seen::SessionClosed { session } => (format!("session {session} is closed"), Note),
        Seen::ServiceStruck { service, fault } => {
            (format!("{fault} strikes the configuration of {service}"), Fault)
        }
        Seen::ProfileDamaged { profile } => {
            (format!("data-corruption strikes profile {profile}"), Fault)
        }
        _ => return None,
    })
}

/// The parameters of a logon as they are drawn: ` (Work, MAPI_LOGON_UI)`.
fn passed(parameters: &Parameters) -> String {
    let profile = parameters.profile.as_deref().unwrap_or("NULL");
    let password = parameters.password.then_some("password");
    let flags = parameters.flags.join("|");
    let parts = [Some(profile), password, Some(&*flags)];
    let parts: Vec<_> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    format!(" ({})", parts.join(", "))
}

/// A call into a provider as the documentation calls it.
fn called(call: &str) -> &str {
    match call {
        "Load" => "LoadLibrary",
        "Init" => "ProviderInit",
        call => call,
    }
}

/// Results that are no failures: `S_OK` and warnings.
fn is_success(result: &str) -> bool {
    result == "S_OK" || result.starts_with("MAPI_W_")
}
