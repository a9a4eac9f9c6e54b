//! The end of a logon: with a session, or undone, T-56 to T-61.

use crate::ids::SessionId;
use crate::machine::step::{Disabled, Entered, Next, Turn};
use crate::machine::variant::Variant;
use crate::mapi::Code;
use crate::policy::{AllDisabled, SharedClash};
use crate::protocol::Transition::{T57, T58, T59, T60};
use crate::protocol::{Choice, Effect, Phase};
use crate::world::{Session, Store};

impl<S: Store, V: Variant> Turn<'_, S, V> {
    /// Q19.
    pub(crate) fn finishing(&mut self, choice: Choice) -> Entered {
        if choice != Choice::Proceed {
            return Err(Disabled);
        }
        let (session, slot) = (self.session, self.slot());
        let policy = &self.model.scenario().policy;
        let nothing_left = !slot.services.is_empty() && slot.services == slot.disabled;
        if nothing_left && policy.all_disabled == AllDisabled::Fail {
            // [DER] a session without a service is none: an edge to Q21 that only this reading of
            // AMB-10 has, and no row of SPEC 7.2; T-55 is the loss of one critical service.
            return Ok(Next::Rest(Phase::Undoing(Code::LogonFailed)));
        }
        if let Some(joined) = slot.profile.and_then(|profile| self.join_on(profile)) {
            return Ok(joined);
        }
        // T-57, T-58: the spooler learns of the session, unless MAPI_NO_MAIL (FLG-11, STA-14).
        let told = !self.may().no_mail;
        self.takes(if told { T57 } else { T58 });
        self.shows(Effect::Spooler { session, told, download: told && self.may().force_download });
        // T-59: open, and joinable if shareable (SHR-14).
        self.takes(T59);
        let shared = self.world.shared();
        let stays = policy.shared_clash == SharedClash::Oldest && shared.current().is_some();
        if self.may().shareable && !stays {
            self.world.shared_mut().set_current(Some(session));
        }
        self.shows(Effect::SessionOpened { session });
        Ok(self.attach())
    }

    /// Q21, T-60: nothing of the call survives (RES-8).
    pub(crate) fn undoing(&mut self, code: Code, choice: Choice) -> Entered {
        if choice != Choice::Proceed {
            return Err(Disabled);
        }
        self.takes(T60);
        self.empty_session(self.session);
        self.release_mutex();
        Ok(Next::Return(code, None))
    }

    /// Logs off every provider of the session and gives its slot and its profile back.
    pub(crate) fn empty_session(&mut self, session: SessionId) {
        let slot = *self.world.session(session);
        self.log_off_providers(session, slot.running);
        let Some(profile) = slot.profile else { return };
        *self.world.session_mut(session) = Session::NONE;
        self.shows(Effect::SessionClosed { session });
        if self.world.shared().marked().contains(profile) && self.world.uses(profile) == 0 {
            // PRF-12: a marked profile goes with its last session.
            self.shows(Effect::ProfileRemoved { profile });
        }
    }
}
