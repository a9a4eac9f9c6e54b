//! Joining the shared session or establishing one: D1 and D2 of the figure, T-9 and T-10.

use crate::ids::{ProfileId, SessionId};
use crate::machine::step::{Disabled, Entered, Next, Stage, Turn};
use crate::machine::variant::{Guard, Variant};
use crate::mapi::{Code, LogonFlags};
use crate::policy::{SharedClash, SharedSessions};
use crate::protocol::Transition::{T9, T10, T10a, T61};
use crate::protocol::{Choice, Effect, Phase};
use crate::world::Store;

impl<S: Store, V: Variant> Turn<'_, S, V> {
    /// Q4. Evaluation begins with `MAPI_NEW_SESSION` (FLW-1 to FLW-3); without it, and with nothing
    /// to join, a session is made all the same (FLW-5).
    pub(crate) fn choosing(&mut self, choice: Choice) -> Entered {
        if choice != Choice::Proceed {
            return Err(Disabled);
        }
        let new = self.has(LogonFlags::MAPI_NEW_SESSION);
        match self.world.shared().current() {
            Some(session) if !self.holds(Guard::WantsNewSession, new) => Ok(self.join(session)),
            Some(_) | None => Ok(self.establish()),
        }
    }

    /// T-9: the shared session as it is, whatever else was passed (FLW-4, SHR-10, SHR-11): it was
    /// established once, any client may use it, and what a joiner supplies has no effect (SHR-2 to
    /// SHR-4).
    fn join(&mut self, session: SessionId) -> Next {
        self.takes(T9);
        self.session = session;
        let client = self.client;
        self.shows(Effect::Joined { client, session });
        self.attach()
    }

    /// Joins the session that is open on the profile, where sessions are shared so. The call gives
    /// up the one it has begun to make. \[DER\] Without a mutex another logon may have opened one
    /// in the meantime, so that this is asked when the profile is known and once more at the end: a
    /// profile has one open session.
    pub(crate) fn join_on(&mut self, profile: ProfileId) -> Option<Next> {
        let shared = self.model.scenario().policy.shared_sessions == SharedSessions::ByProfile;
        let session = shared.then(|| self.world.open_on(profile)).flatten()?;
        self.empty_session(self.session);
        Some(self.join(session))
    }

    /// The call gives its client a hold on the session, a pointer of its own (HDL-3), and returns:
    /// the end of T-9 and T-59.
    pub(crate) fn attach(&mut self) -> Next {
        let (client, session) = (self.client, self.session);
        // What a wrong machine reads into the flags is not what the client passed.
        let passed = self.world.client(client).call.and_then(|call| call.logon());
        let logon = passed.unwrap_or_default();
        self.world.attach(client, logon.slot, session, logon.flags);
        self.world.client_mut(client).obtained = true;
        self.release_mutex();
        self.takes(T61);
        Next::Return(Code::Ok, Some(session))
    }

    /// T-10: the one way in which a session comes to be (SES-3), individual or shared (SES-9),
    /// unless a limit forbids a further one (AMB-12, AMB-17); that a client has others is none
    /// (LIM-1, LIM-2).
    fn establish(&mut self) -> Next {
        let scenario = self.model.scenario();
        let full = scenario.max_sessions.is_some_and(|most| self.world.open_sessions() >= most);
        let clash = scenario.policy.shared_clash == SharedClash::Refuse
            && self.world.shared().current().is_some()
            && self.may().shareable;
        if !self.holds(Guard::SessionsLeft, !full && !clash) {
            self.takes(T10a);
            return Next::Rest(Phase::Undoing(Code::LogonFailed));
        }
        self.takes(T10);
        self.shows(Effect::Establishing { session: self.session });
        Next::Go(Stage::Resolve)
    }
}
