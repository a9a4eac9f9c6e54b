//! The end of a session: T-75 to T-81, T-83 and T-84.

use crate::ids::{ProviderSet, SessionId};
use crate::machine::step::{Disabled, Entered, Next, Turn};
use crate::machine::variant::{Guard, Variant};
use crate::mapi::{Code, LogoffFlags, ProviderKind};
use crate::policy::{Dialogs, Logoff, LogoffOrder, LogoffShared, SharedEnd};
use crate::protocol::Place::{W0, W3, W4};
use crate::protocol::Transition::{T75, T76, T77, T78, T79, T80, T81, T83, T84};
use crate::protocol::{Answer, Choice, Dialog, Effect, Event, Method, Phase};
use crate::world::{Attachment, Store};

/// How a client leaves a session.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaving {
    /// By `Logoff` with these flags.
    Logoff(LogoffFlags),
    /// By the last `Release`, which is a Logoff without flags (AMB-41).
    Release,
}

impl<S: Store, V: Variant> Turn<'_, S, V> {
    /// W0: `Logoff`; with `MAPI_LOGOFF_UI` the user is asked first (OFF-7).
    pub(crate) fn log_off(&mut self, flags: LogoffFlags) -> Next {
        let policy = &self.model.scenario().policy;
        if policy.logoff == Logoff::Off {
            return self.answer(Code::Ok);
        }
        if flags.contains(LogoffFlags::MAPI_LOGOFF_UI) && policy.dialogs == Dialogs::On {
            self.takes(T75);
            self.displays(Dialog::Logoff);
            return Next::Rest(Phase::Confirming);
        }
        self.leave_held(Leaving::Logoff(flags))
    }

    /// W2.
    pub(crate) fn confirming(&mut self, choice: Choice) -> Entered {
        let (Choice::Answer(answer), Some(Method::Logoff(flags))) = (choice, self.call.method())
        else {
            return Err(Disabled);
        };
        match answer {
            Answer::Confirm => {
                self.answers(answer)?;
                Ok(self.leave_held(Leaving::Logoff(flags)))
            }
            // T-76: the attachment stays (AMB-52).
            Answer::Refuse => {
                self.answers(answer)?;
                self.takes(T76);
                Ok(self.answer(Code::UserCancel))
            }
            Answer::Pick(_)
            | Answer::Supply
            | Answer::SupplyIncomplete
            | Answer::Cancel
            | Answer::Retry
            | Answer::Correct { .. }
            | Answer::Decline => Err(Disabled),
        }
    }

    /// T-83: the last Release is a Logoff without flags (AMB-41).
    pub(crate) fn release(&mut self) -> Next {
        self.leave_held(Leaving::Release)
    }

    /// The client leaves the session its call acts on.
    fn leave_held(&mut self, how: Leaving) -> Next {
        let number = self.call.on().flatten();
        if let Some(own) = self.world.attachment(self.client, number) {
            self.leave(&own, how);
        }
        self.answer(Code::Ok)
    }

    /// T-77 to T-81: an attachment of the client ends, and perhaps the session.
    fn leave(&mut self, own: &Attachment, how: Leaving) {
        let policy = self.model.scenario().policy;
        let session = own.session;
        let asked = match how {
            Leaving::Logoff(flags) => flags.contains(LogoffFlags::MAPI_LOGOFF_SHARED),
            Leaving::Release => false,
        };
        let flags = self.flags_of(session);
        let shared = asked && self.holds(Guard::Shareable, self.permits(flags).shareable);
        if shared {
            // T-77: nobody joins any more; the others are notified (OFF-5, OFF-8).
            self.takes(T77);
            self.end_current(session);
            self.notify(own, Event::CriticalError);
        }
        self.world.detach(own);
        let creator = self.world.creator(session) == self.client;
        let for_all = shared && policy.logoff_shared == LogoffShared::Force
            || creator && policy.shared_end == SharedEnd::Creator;
        let last = !self.world.is_open(session) || for_all;
        if !self.holds(Guard::LastAttachment, last) {
            // T-78: other attachments remain (SHR-13, OFF-9).
            match how {
                Leaving::Logoff(_) => self.takes(T78),
                Leaving::Release => self.takes_to(T83, W4),
            }
            self.notify(own, Event::Extended);
            return;
        }
        // T-79: the last attachment has gone.
        match how {
            Leaving::Logoff(_) => self.takes(T79),
            Leaving::Release => self.takes_to(T83, W3),
        }
        self.end_all(session);
        // T-80, T-81: providers down, then the session closed (OFF-11 to OFF-13).
        self.takes(T80);
        self.end_current(session);
        self.empty_session(session);
        self.takes(T81);
    }

    /// The attachments of others end with the session.
    fn end_all(&mut self, session: SessionId) {
        let effects = &mut *self.effects;
        let notify = &mut |one: &Attachment| effects.push(notified(one, Event::Extended));
        self.world.each_listener(session, notify);
        self.world.detach_all(session);
    }

    fn end_current(&mut self, session: SessionId) {
        if self.world.shared().current() == Some(session) {
            self.world.shared_mut().set_current(None);
        }
    }

    /// Notifies every listener of the session but `own`.
    fn notify(&mut self, own: &Attachment, event: Event) {
        let effects = &mut *self.effects;
        self.world.each_listener(own.session, &mut |one| {
            if one.slot != own.slot {
                effects.push(notified(one, event));
            }
        });
    }

    /// Shuts providers of the session down, quarantined ones included (T-80, AMB-49).
    pub(crate) fn log_off_providers(&mut self, session: SessionId, providers: ProviderSet) {
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
            let fault = self.world.shared().shown_fault(provider);
            let answer = fault.map_or(Code::Ok, |fault| fault.code());
            self.shuts_down(session, provider, answer);
            let slot = self.world.session_mut(session);
            slot.running.remove(provider);
            slot.promised.remove(provider);
        }
    }

    /// `MAPIUninitialize`: at zero whatever the client still holds is released (T-84, INI-12).
    pub(crate) fn uninitialize(&mut self) -> Next {
        let client = self.client;
        let me = self.world.client_mut(client);
        me.initialized = me.initialized.saturating_sub(1);
        let count = me.initialized;
        if count == 0 {
            // [DER] as T-83; the call is no call on a session, but waits its turn on each it holds.
            while let Some(own) = self.world.attachment(client, None) {
                self.at = W0;
                self.leave(&own, Leaving::Release);
            }
            self.at = W4;
            self.takes(T84);
            if !self.world.is_anybody_initialized() {
                // OFF-14: no client is left that still has to uninitialise.
                for provider in self.world.shared_mut().free_libraries() {
                    self.shows(Effect::LibraryFreed { provider });
                }
            }
        }
        self.shows(Effect::Initialized { client, count });
        Next::Return(Code::Ok, None)
    }
}

const fn notified(attachment: &Attachment, event: Event) -> Effect {
    Effect::Notified { client: attachment.client, session: attachment.session, event }
}
