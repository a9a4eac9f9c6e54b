//! How does a logon end? With a session, or undone: T-56 to T-61.

use super::{Disabled, Turn, Verdict};
use crate::action::Choice;
use crate::effect::Effect;
use crate::ids::SessionId;
use crate::mapi::Code;
use crate::policy::{AllDisabled, SharedClash};
use crate::state::{Phase, Session};
use crate::transition::Place::{Q19, Q20, Q22};
use crate::transition::Transition::{T57, T58, T59, T60};

impl Turn<'_> {
    /// Q19.
    pub(super) fn finishing(&mut self, choice: Choice) -> Verdict {
        if choice != Choice::Proceed {
            return Err(Disabled);
        }
        let session = self.own_logon()?;
        let slot = *self.state.session(session);
        let policy = &self.model.scenario().policy;
        let nothing_left = !slot.services.is_empty() && slot.services == slot.disabled;
        if nothing_left && policy.all_disabled == AllDisabled::Fail {
            // [DER] a session without a service is none: an edge to Q21 that only this reading of
            // AMB-10 has, and no row of SPEC 7.2; T-55 is the loss of one critical service.
            return self.undo(Code::LogonFailed);
        }
        // T-57, T-58: the spooler is told, unless MAPI_NO_MAIL (FLG-11, STA-14).
        let me = self.model.permissions(self.client);
        let (told, download) = (!me.no_mail, !me.no_mail && me.force_download);
        self.takes(if told { T57 } else { T58 }, Q19);
        self.shows(Effect::Spooler { session, told, download });
        // T-59: open, and joinable if shareable (SHR-14).
        self.takes(T59, Q20);
        let stays = policy.shared_clash == SharedClash::Oldest && self.state.current.is_some();
        if self.model.establishing(session).shareable && !stays {
            self.state.current = Some(session);
        }
        self.shows(Effect::SessionOpened(session));
        self.attach(session)
    }

    /// The logon has failed; T-60 follows as a step of its own, the mutex still held.
    pub(super) fn undo(&mut self, code: Code) -> Verdict {
        self.rests(Phase::Undoing(code));
        Ok(())
    }

    /// Q21, T-60: nothing of the call survives (RES-8).
    pub(super) fn undoing(&mut self, code: Code, choice: Choice) -> Verdict {
        if choice != Choice::Proceed {
            return Err(Disabled);
        }
        self.takes(T60, Q22);
        let session = self.own_logon()?;
        self.empty_session(session);
        self.release_mutex();
        self.returns(code, None)
    }

    /// Logs off every provider of the session and gives its slot and its profile back.
    pub(super) fn empty_session(&mut self, session: SessionId) {
        let running = self.state.session(session).running;
        self.log_off_providers(session, running);
        let profile = self.state.session(session).profile;
        self.state.sessions[session.index()] = Session::NONE;
        let Some(profile) = profile else { return };
        self.shows(Effect::SessionClosed(session));
        if self.state.marked.contains(profile) && self.model.uses(self.state, profile) == 0 {
            // PRF-12: a marked profile goes with its last session.
            self.shows(Effect::ProfileRemoved(profile));
        }
    }
}
