//! Does a step show what its event says, and nothing else?

use mapi_logon_model::effect::{Effect, ProviderCall};
use mapi_logon_model::ids::ClientId;
use mapi_logon_model::model::Model;
use mapi_logon_model::outcome::Record;
use mapi_logon_model::step::Step;
use mapi_logon_model::window::Window;

use super::plan::{Planned, Snapshot};
use super::states::Shown;
use crate::recording::Returned;

/// Sessions that are known by a label: the stamp of the logon that obtained one, and the label.
pub(super) type Labels = [(u64, u32)];

/// What a step of a call came to, as its event has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fit {
    /// It shows something else.
    No,
    /// The call goes on.
    GoesOn,
    /// The call has returned as it should.
    Returned,
}

/// Compares a step of the client's call with the event, and counts what it shows.
pub(super) fn fits(
    window: &Window,
    step: &Step,
    client: ClientId,
    event: &Planned,
    labels: &Labels,
    shown: &mut Shown,
) -> Fit {
    let mut returned = false;
    for effect in &step.effects {
        let fine = match *effect {
            Effect::Provider { provider, call, code, .. } => match (&event.calls, call) {
                (Some(calls), ProviderCall::Init | ProviderCall::Logon) => {
                    let wanted = calls.get(shown.calls(client));
                    shown.count_call(client);
                    wanted.is_some_and(|(one, kind, result)| {
                        *one == provider && *kind == call && result.is_none_or(|r| r == code)
                    })
                }
                (Some(_) | None, _) => true,
            },
            Effect::Displayed { dialog, .. } => match &event.dialogs {
                Some(dialogs) => {
                    let wanted = dialogs.get(shown.dialogs(client));
                    shown.count_dialog(client);
                    wanted.is_some_and(|(one, _)| *one == dialog)
                }
                None => true,
            },
            Effect::Answered { answer, .. } => match &event.dialogs {
                Some(dialogs) => {
                    let open = shown.dialogs(client).checked_sub(1);
                    let wanted = open.and_then(|open| dialogs.get(open));
                    wanted.is_some_and(|(_, wanted)| wanted.is_none_or(|bit| bit == answer.bit()))
                }
                None => true,
            },
            Effect::Returned { code, .. } => {
                returned = true;
                event.result == Returned::With(code)
                    && event.calls.as_ref().is_none_or(|c| c.len() == shown.calls(client))
                    && event.dialogs.as_ref().is_none_or(|d| d.len() == shown.dialogs(client))
                    && obtains(window, step, client, event, labels)
            }
            Effect::Initialized { .. }
            | Effect::Called { .. }
            | Effect::MutexTaken(_)
            | Effect::MutexReleased(_)
            | Effect::Joined { .. }
            | Effect::Establishing(_)
            | Effect::Resolved { .. }
            | Effect::ProfileOpened { .. }
            | Effect::Sought { .. }
            | Effect::ServiceConfigured(_)
            | Effect::ProviderConfigured(_)
            | Effect::PasswordStored(_)
            | Effect::Struck(..)
            | Effect::Repaired(_)
            | Effect::LibraryLoaded(_)
            | Effect::LibraryFreed(_)
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
            | Effect::Identity { .. }
            | Effect::Notified { .. } => true,
        };
        if !fine {
            return Fit::No;
        }
    }
    if returned {
        shown.clear(client);
        Fit::Returned
    } else {
        Fit::GoesOn
    }
}

/// Is the session that was obtained or acted on the one that was seen?
fn obtains(
    window: &Window,
    step: &Step,
    client: ClientId,
    event: &Planned,
    labels: &Labels,
) -> bool {
    if let Some(label) = event.label
        && let Some(own) = window.current_logon(client)
        && let Some(session) = step.state.attachment(own)
    {
        // The same label is the same session, another label another.
        let others = labels.iter().filter_map(|(stamp, label)| Some((window.slot(*stamp)?, label)));
        let clash = others.filter(|(slot, _)| *slot != own).any(|(slot, other)| {
            let theirs = step.state.attachment(slot);
            theirs.is_some() && (theirs == Some(session)) != (*other == label)
        });
        if clash {
            return false;
        }
    }
    event.snapshot == Snapshot::default()
        || Record::of(window.model(), step)
            .is_some_and(|record| agrees(window.model(), &record, &event.snapshot))
}

fn agrees(model: &Model, record: &Record, seen: &Snapshot) -> bool {
    let Some(session) = record.session else {
        return false;
    };
    let slot = record.snapshot;
    let profile = slot.and_then(|slot| slot.profile());
    let disabled: Vec<_> = record.services().collect();
    let providers: Vec<_> = record.providers(model).collect();
    seen.profile.is_none_or(|wanted| profile == Some(wanted))
        && seen.joined.is_none_or(|wanted| record.joined == wanted)
        && seen.shared.is_none_or(|wanted| model.establishing(session).shareable == wanted)
        && seen.disabled.iter().all(|one| disabled.contains(one))
        && seen.providers.iter().all(|one| providers.contains(one))
}
