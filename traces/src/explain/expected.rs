//! The part of a call that is known, and whether a step of it shows that and nothing else.

use mapi_logon_model::ids::{ClientId, ProfileId, ProviderId, ServiceId, SessionId, SlotId};
use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::mapi::{Code, LogonFlags};
use mapi_logon_model::observe::Record;
use mapi_logon_model::protocol::{Action, Answer, Dialog, Effect, ProviderCall, Task};
use mapi_logon_model::world::RunState;
use mapi_logon_model::world::World;

use super::belief::{Progress, Unseen};
use crate::recording::Returned;

/// What is known of a call.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Expected {
    /// How it came back; absent while it is in progress and may show more than is listed here.
    pub(super) result: Option<Returned>,
    /// The session obtained, by its label.
    pub(super) label: Option<u32>,
    /// What is known of the session when the call returned.
    pub(super) snapshot: Snapshot,
    /// The calls of entry points and logon methods, where they are known.
    pub(super) calls: Option<Vec<(ProviderId, ProviderCall, Option<Code>)>>,
    /// Logon methods alone were recorded.
    pub(super) without_init: bool,
    /// The last of them is not answered yet.
    pub(super) asked: bool,
    /// How many of them the next step of the call shows, if it has not shown them yet.
    pub(super) due: usize,
    /// The dialogs with their answers, where they are known.
    pub(super) dialogs: Option<Vec<(DialogName, Option<usize>)>>,
}

/// What is known of a session when a call on it returned.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Snapshot {
    pub(super) profile: Option<ProfileId>,
    pub(super) joined: Option<bool>,
    pub(super) shared: Option<bool>,
    pub(super) disabled: Vec<(ServiceId, bool)>,
    pub(super) providers: Vec<(ProviderId, RunState)>,
}

/// A dialog as a recording names it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DialogName {
    /// This one.
    Dialog(Dialog),
    /// That of the failure of one of these tasks of one name, with this code if one is given.
    Failure([Task; 2], Option<Code>),
}

impl DialogName {
    /// Is it the name of this dialog?
    fn names(self, dialog: Dialog) -> bool {
        match (self, dialog) {
            (Self::Failure(wanted, code), Dialog::Failure(task, shown)) => {
                wanted.contains(&task) && code.is_none_or(|code| code == shown)
            }
            (Self::Failure(..), _) => false,
            (Self::Dialog(wanted), dialog) => wanted == dialog,
        }
    }
}

/// Why a step is not one of the call: the first thing it shows that is not as known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mismatch {
    /// It goes further than what has been seen of a call in progress.
    Ahead,
    /// A provider would answer this code, and has not answered yet.
    Question(Code),
    /// The user has not answered yet.
    Dialogue,
    /// This call of a provider.
    ProviderCall(ProviderId, ProviderCall, Code),
    /// This dialog.
    Dialog(Dialog),
    /// This answer to a dialog.
    Answer(Answer),
    /// This result.
    Result(Code),
    /// It ends before everything is shown.
    Short,
    /// Another session.
    Session,
    /// Another state of the session.
    Snapshot,
}

/// A step of a call, to be compared with what is known.
#[derive(Clone, Copy)]
pub(super) struct Taken<'a> {
    pub(super) model: &'a Model,
    pub(super) before: &'a World,
    pub(super) action: Action,
    pub(super) step: &'a Step,
}

impl Expected {
    /// Counts what the step shows, which must be as known.
    pub(super) fn fits(&self, taken: Taken<'_>, progress: &mut Progress) -> Result<(), Mismatch> {
        let client = taken.action.client;
        let is_due = |progress: &Progress| usize::from(progress.calls[client.index()]) < self.due;
        let was_due = is_due(progress);
        match self.fits_effects(taken, progress) {
            // MAPI has asked a provider already.
            Ok(()) | Err(Mismatch::Ahead) if was_due && is_due(progress) => Err(Mismatch::Short),
            // What a call that never returned did last must have been seen.
            Err(Mismatch::Ahead) if !self.is_shown(client, progress) => Err(Mismatch::Short),
            fits => fits,
        }
    }

    /// May the call show more than is known of it?
    const fn is_open(&self) -> bool {
        matches!(self.result, None | Some(Returned::Never))
    }

    /// Has a call that never returned shown all that is known of it?
    fn is_shown(&self, client: ClientId, progress: &Progress) -> bool {
        let calls = usize::from(progress.calls[client.index()]);
        let dialogs = usize::from(progress.dialogs[client.index()]);
        self.result.is_none()
            || self.calls.as_ref().is_none_or(|list| list.len() <= calls)
                && self.dialogs.as_ref().is_none_or(|list| list.len() <= dialogs)
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "a recording shows no more than these")]
    fn fits_effects(&self, taken: Taken<'_>, progress: &mut Progress) -> Result<(), Mismatch> {
        let client = taken.action.client;
        for effect in &taken.step.effects {
            match *effect {
                Effect::Provider {
                    provider,
                    call: call @ (ProviderCall::Init | ProviderCall::Logon),
                    result,
                    ..
                } => self.fits_call((provider, call, result), client, progress)?,
                Effect::Displayed { dialog, .. } => self.fits_dialog(dialog, client, progress)?,
                Effect::Answered { answer, .. } => self.fits_answer(answer, client, progress)?,
                Effect::Returned { result, .. } => {
                    self.fits_return(result, taken, progress)?;
                    progress.returned.insert(client);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Would such a call of a provider be listed?
    pub(super) fn records(&self, call: ProviderCall) -> bool {
        !(self.without_init && call == ProviderCall::Init)
    }

    fn fits_call(
        &self,
        (provider, call, result): (ProviderId, ProviderCall, Code),
        client: ClientId,
        progress: &mut Progress,
    ) -> Result<(), Mismatch> {
        let Some(calls) = &self.calls else {
            return Ok(());
        };
        if !self.records(call) {
            return Ok(());
        }
        let shown = &mut progress.calls[client.index()];
        let at = usize::from(*shown);
        *shown = shown.saturating_add(1);
        match calls.get(at) {
            Some((one, kind, _)) if (*one, *kind) != (provider, call) => {
                Err(Mismatch::ProviderCall(provider, call, result))
            }
            Some(_) if self.asked && at + 1 == calls.len() => Err(Mismatch::Question(result)),
            Some((.., code)) if code.is_none_or(|code| code == result) => Ok(()),
            None if self.is_open() => Err(Mismatch::Ahead),
            Some(_) | None => Err(Mismatch::ProviderCall(provider, call, result)),
        }
    }

    fn fits_dialog(
        &self,
        dialog: Dialog,
        client: ClientId,
        progress: &mut Progress,
    ) -> Result<(), Mismatch> {
        let Some(dialogs) = &self.dialogs else {
            return Ok(());
        };
        let shown = &mut progress.dialogs[client.index()];
        let wanted = dialogs.get(usize::from(*shown));
        *shown = shown.saturating_add(1);
        match wanted {
            Some((one, _)) if one.names(dialog) => Ok(()),
            None if self.is_open() => Err(Mismatch::Ahead),
            Some(_) | None => Err(Mismatch::Dialog(dialog)),
        }
    }

    fn fits_answer(
        &self,
        answer: Answer,
        client: ClientId,
        progress: &Progress,
    ) -> Result<(), Mismatch> {
        let Some(dialogs) = &self.dialogs else {
            return Ok(());
        };
        let open = progress.dialogs[client.index()].checked_sub(1);
        match open.and_then(|open| dialogs.get(usize::from(open))) {
            // While the call is in progress an answer is known as soon as it is given.
            Some((_, None)) if self.result.is_none() => Err(Mismatch::Dialogue),
            Some((_, wanted)) if wanted.is_none_or(|bit| bit == answer.bit()) => Ok(()),
            Some(_) | None => Err(Mismatch::Answer(answer)),
        }
    }

    fn fits_return(
        &self,
        result: Code,
        taken: Taken<'_>,
        progress: &mut Progress,
    ) -> Result<(), Mismatch> {
        let client = taken.action.client;
        let record = || Record::of(taken.model, taken.before, taken.action, taken.step);
        let slot = taken.obtained();
        if let Some(slot) = slot {
            progress.labels.obtained(slot, self.label);
        }
        let Some(wanted) = self.result else {
            let unseen = record().map(|record| Unseen { record, slot });
            progress.unseen.extend(unseen);
            return self.fits_counts(client, progress);
        };
        if wanted == Returned::Never {
            return Err(Mismatch::Ahead);
        }
        if wanted != Returned::With(result) {
            return Err(Mismatch::Result(result));
        }
        self.fits_counts(client, progress)?;
        let (labels, after) = (&progress.labels, &taken.step.state);
        let clash = |own| labels.clashes(taken.model, after, own);
        if slot.zip(self.label).is_some_and(clash) {
            return Err(Mismatch::Session);
        }
        if self.snapshot == Snapshot::default() {
            return Ok(());
        }
        let agrees = record().is_some_and(|record| {
            let session = record.session.unwrap_or(SessionId::NONE);
            let flags = taken.model.sight(&taken.before.state).session(session).flags();
            self.snapshot.agrees(taken.model, &record, flags)
        });
        agrees.then_some(()).ok_or(Mismatch::Snapshot)
    }

    /// Has everything been shown?
    fn fits_counts(&self, client: ClientId, progress: &Progress) -> Result<(), Mismatch> {
        let calls = usize::from(progress.calls[client.index()]);
        let dialogs = usize::from(progress.dialogs[client.index()]);
        let all = self.calls.as_ref().is_none_or(|list| list.len() == calls)
            && self.dialogs.as_ref().is_none_or(|l| l.len() == dialogs);
        all.then_some(()).ok_or(Mismatch::Short)
    }

    /// Is this how a call came back whose return has not been seen so far?
    pub(super) fn fits_unseen(
        &self,
        model: &Model,
        record: &Record,
        progress: &Progress,
    ) -> Result<(), Mismatch> {
        if self.result.is_some_and(|wanted| wanted != Returned::With(record.code)) {
            return Err(Mismatch::Result(record.code));
        }
        self.fits_counts(record.client, progress)?;
        let flags = record.snapshot.map_or(LogonFlags::empty(), |session| session.flags());
        let agrees =
            self.snapshot == Snapshot::default() || self.snapshot.agrees(model, record, flags);
        agrees.then_some(()).ok_or(Mismatch::Snapshot)
    }
}

impl Taken<'_> {
    /// The slot with the session pointer that the call has obtained, if it has.
    fn obtained(&self) -> Option<SlotId> {
        let (client, sight) = (self.action.client, self.model.sight(&self.before.state));
        let logon = sight.call_of(self.action)?.logon()?;
        let slot = self.model.slots().of_client(client, logon.slot)?;
        let held = self.model.sight(&self.step.state).attachments();
        held.iter().any(|held| held.slot == slot).then_some(slot)
    }
}

impl Snapshot {
    /// `flags` are those of the logon that established the session.
    fn agrees(&self, model: &Model, record: &Record, flags: LogonFlags) -> bool {
        if record.session.is_none() {
            return false;
        }
        let session = record.snapshot;
        let profile = session.and_then(|session| session.profile());
        let shared = model.is_shared(flags);
        let disabled: Vec<_> = record.services().collect();
        let providers: Vec<_> = record.providers(model).collect();
        self.profile.is_none_or(|wanted| profile == Some(wanted))
            && self.joined.is_none_or(|wanted| record.joined == wanted)
            && self.shared.is_none_or(|wanted| shared == wanted)
            && self.disabled.iter().all(|one| disabled.contains(one))
            && self.providers.iter().all(|one| providers.contains(one))
    }
}
