//! Join the shared session or establish one? D1 and D2 of the figure, T-9 and T-10.

use super::{Disabled, Turn, Verdict};
use crate::action::Choice;
use crate::effect::Effect;
use crate::ids::SessionId;
use crate::mapi::{Code, LogonFlags};
use crate::policy::SharedClash;
use crate::scenario::Call;
use crate::transition::Place::{Q5, Q20, Q21, W0};
use crate::transition::Transition::{T9, T10, T10a, T61};

impl Turn<'_> {
    /// Q4. Evaluation begins with `MAPI_NEW_SESSION` (FLW-1 to FLW-3); without it, and with nothing
    /// to join, a session is made all the same (FLW-5).
    pub(super) fn choosing(&mut self, choice: Choice) -> Verdict {
        match choice {
            Choice::Proceed => match (self.has(LogonFlags::MAPI_NEW_SESSION), self.state.current) {
                (false, Some(session)) => self.join(session),
                (true, _) | (false, None) => self.establish(),
            },
            Choice::Begin
            | Choice::TimeOut
            | Choice::Try(_)
            | Choice::Postpone
            | Choice::Refuse(_)
            | Choice::Configure { .. }
            | Choice::Answer(_) => Err(Disabled),
        }
    }

    /// T-9: the shared session as it is, whatever else was passed (FLW-4, SHR-10, SHR-11): it was
    /// established once, any client may use it, and what a joiner supplies has no effect (SHR-2 to
    /// SHR-4).
    fn join(&mut self, session: SessionId) -> Verdict {
        self.takes(T9, Q20);
        self.shows(Effect::Joined { client: self.client, session });
        self.attach(session)
    }

    /// The call gives its client a hold on the session, a pointer of its own (HDL-3), and returns:
    /// the end of T-9 and T-59.
    pub(super) fn attach(&mut self, session: SessionId) -> Verdict {
        let logon = self.own_logon()?;
        self.state.attached[logon.index()] = Some(session);
        self.state.clients[self.client.index()].obtained = true;
        self.release_mutex();
        self.takes(T61, W0);
        self.returns(Code::Ok, Some(session))
    }

    /// T-10: the one way in which a session comes to be (SES-3), individual or shared (SES-9),
    /// unless a limit forbids a further one (AMB-12, AMB-17); that a client has others is none
    /// (LIM-1, LIM-2).
    fn establish(&mut self) -> Verdict {
        let scenario = self.model.scenario();
        let open = self.model.open_sessions(self.state);
        let full = scenario.max_sessions.is_some_and(|most| open >= most);
        let clash = scenario.policy.shared_clash == SharedClash::Refuse
            && self.state.current.is_some()
            && self.model.permissions(self.client).shareable;
        if full || clash {
            self.takes(T10a, Q21);
            return self.undo(Code::LogonFailed);
        }
        self.takes(T10, Q5);
        let session = self.own_logon()?;
        self.shows(Effect::Establishing(session));
        self.resolve_name()
    }

    /// The logon call in progress; it names the session it establishes.
    pub(super) fn own_logon(&self) -> Result<SessionId, Disabled> {
        match self.model.next_call(self.state, self.client) {
            Some(Call::LogonEx(logon)) => Ok(logon),
            Some(_) | None => Err(Disabled),
        }
    }
}
