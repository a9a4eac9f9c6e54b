//! How does a session end? T-75 to T-81, T-83 and T-84.

use super::{Disabled, Turn, Verdict};
use crate::action::{Answer, Choice};
use crate::effect::{Dialog, Effect, Event};
use crate::ids::{LogonId, ProviderSet, SessionId};
use crate::mapi::{Code, LogoffFlags, ProviderKind};
use crate::policy::{Dialogs, Logoff, LogoffOrder, LogoffShared, SharedEnd};
use crate::scenario::Call;
use crate::state::Phase;
use crate::transition::Place::{Q0, W0, W2, W3, W4};
use crate::transition::Transition::{self, T75, T76, T77, T78, T79, T80, T81, T83, T84};

impl Turn<'_> {
    /// W0: `Logoff`; with `MAPI_LOGOFF_UI` the user is asked first (OFF-7).
    pub(super) fn log_off(&mut self, flags: LogoffFlags) -> Verdict {
        let policy = &self.model.scenario().policy;
        if policy.logoff == Logoff::Off {
            return self.returns(Code::Ok, self.session_of_call().ok());
        }
        if flags.contains(LogoffFlags::MAPI_LOGOFF_UI) && policy.dialogs == Dialogs::On {
            self.takes(T75, W2);
            self.displays(Dialog::Logoff);
            self.rests(Phase::Confirming);
            return Ok(());
        }
        self.log_off_now(flags)
    }

    /// W2.
    pub(super) fn confirming(&mut self, choice: Choice) -> Verdict {
        let session = self.session_of_call()?;
        match (choice, self.model.next_call(self.state, self.client)) {
            (Choice::Answer(Answer::Confirm), Some(Call::Logoff(flags))) => {
                self.answers(Answer::Confirm)?;
                self.log_off_now(flags)
            }
            // T-76: the attachment stays (AMB-52).
            (Choice::Answer(Answer::Refuse), _) => {
                self.answers(Answer::Refuse)?;
                self.takes(T76, W0);
                self.returns(Code::UserCancel, Some(session))
            }
            (
                Choice::Answer(
                    Answer::Confirm
                    | Answer::Pick(_)
                    | Answer::Supply
                    | Answer::SupplyIncomplete
                    | Answer::Cancel
                    | Answer::Retry
                    | Answer::Correct { .. }
                    | Answer::Decline,
                )
                | Choice::Begin
                | Choice::Proceed
                | Choice::TimeOut
                | Choice::Try(_)
                | Choice::Postpone
                | Choice::Refuse(_)
                | Choice::Configure { .. },
                _,
            ) => Err(Disabled),
        }
    }

    /// T-83: the last Release is a Logoff without flags (AMB-41).
    pub(super) fn release(&mut self) -> Verdict {
        let session = self.session_of_call()?;
        self.leave(session, LogoffFlags::empty(), [T83; 2])?;
        self.returns(Code::Ok, Some(session))
    }

    fn log_off_now(&mut self, flags: LogoffFlags) -> Verdict {
        let session = self.session_of_call()?;
        self.leave(session, flags, [T78, T79])?;
        self.returns(Code::Ok, Some(session))
    }

    /// T-77 to T-81: the client's last attachment to the session ends, and perhaps the session.
    /// `by`: where other attachments remain, and where it was the last.
    fn leave(&mut self, session: SessionId, flags: LogoffFlags, by: [Transition; 2]) -> Verdict {
        let [one_of_several, last] = by;
        let policy = self.model.scenario().policy;
        let shared = flags.contains(LogoffFlags::MAPI_LOGOFF_SHARED)
            && self.model.establishing(session).shareable;
        let creator = self.model.scenario().logons[session.index()].client == self.client;
        let own = self.model.attachment_held(self.state, self.client).ok_or(Disabled)?;
        if shared {
            // T-77: nobody joins any more; the others are told (OFF-5, OFF-8).
            self.takes(T77, W0);
            self.end_current(session);
            self.notify(session, own, Event::CriticalError);
        }
        self.state.attached[own.index()] = None;
        let for_all = shared && policy.logoff_shared == LogoffShared::Force
            || creator && policy.shared_end == SharedEnd::Creator;
        if self.model.is_open(self.state, session) && !for_all {
            // T-78: other attachments remain (SHR-13, OFF-9).
            self.takes(one_of_several, W4);
            self.notify(session, own, Event::Extended);
            return Ok(());
        }
        // T-79: the last attachment has gone.
        self.takes(last, W3);
        for slot in (0..self.model.scenario().logons.len()).map(LogonId::from) {
            if self.state.attached[slot.index()] == Some(session) {
                self.notify_one(session, slot, Event::Extended);
                self.state.attached[slot.index()] = None;
            }
        }
        // T-80, T-81: providers down, then the session closed (OFF-11 to OFF-13).
        self.takes(T80, W3);
        self.end_current(session);
        self.empty_session(session);
        self.takes(T81, W4);
        Ok(())
    }

    fn end_current(&mut self, session: SessionId) {
        if self.state.current == Some(session) {
            self.state.current = None;
        }
    }

    /// Tells every attachment but `own`.
    fn notify(&mut self, session: SessionId, own: LogonId, event: Event) {
        for slot in (0..self.model.scenario().logons.len()).map(LogonId::from) {
            if slot != own && self.state.attached[slot.index()] == Some(session) {
                self.notify_one(session, slot, event);
            }
        }
    }

    fn notify_one(&mut self, session: SessionId, attachment: LogonId, event: Event) {
        let client = self.model.scenario().logons[attachment.index()].client;
        self.shows(Effect::Notified { client, session, event });
    }

    /// Shuts providers of the session down, quarantined ones included (T-80, AMB-49).
    pub(super) fn log_off_providers(&mut self, session: SessionId, providers: ProviderSet) {
        use ProviderKind::{AddressBook, MessageStore, Transport};
        match self.model.scenario().policy.logoff_order {
            LogoffOrder::XpAbMs => {
                for kind in [Transport, AddressBook, MessageStore] {
                    self.log_off_each(session, providers.and(self.model.kind(kind)));
                }
            }
            LogoffOrder::Profile => self.log_off_each(session, providers),
        }
    }

    fn log_off_each(&mut self, session: SessionId, providers: ProviderSet) {
        for provider in providers {
            // A provider in trouble may answer an error; it is logged off all the same (OFF-15).
            let answer = self.state.fault(provider).map_or(Code::Ok, |fault| fault.code());
            self.shuts_down(session, provider, answer);
            let slot = &mut self.state.sessions[session.index()];
            slot.running.remove(provider);
            slot.promised.remove(provider);
        }
    }

    /// `MAPIUninitialize`: at zero whatever the client still holds is released (T-84, INI-12).
    pub(super) fn uninitialize(&mut self) -> Verdict {
        let client = self.client;
        let me = &mut self.state.clients[client.index()];
        me.initialized = me.initialized.saturating_sub(1);
        let count = me.initialized;
        if count == 0 {
            // [DER] as T-83; the call is no call on a session, but waits its turn on each it holds.
            while let Some(session) = self.model.session_held(self.state, client) {
                if self.model.is_busy(self.state, session) {
                    return Err(Disabled);
                }
                self.stands_at(W0);
                self.leave(session, LogoffFlags::empty(), [T83; 2])?;
            }
            self.stands_at(W4);
            self.takes(T84, Q0);
            if !self.model.anybody_initialized(self.state) {
                // OFF-14: no client is left that still has to uninitialise.
                for provider in std::mem::take(&mut self.state.libraries) {
                    self.shows(Effect::LibraryFreed(provider));
                }
            }
        }
        self.shows(Effect::Initialized { client, count });
        self.returns(Code::Ok, None)
    }
}
